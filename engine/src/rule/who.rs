//! Patterns of domains and addresses.
//!
//! Rule: domains are compared in A-labels, local parts by what they mean; neither costs an allocation for ASCII.

use std::{borrow::Cow, fmt};

use super::{
    error::{RuleProblem, Wrong},
    part::{trimmed, Glyph, Part},
    text::{lower, write_parts, TextPattern},
};
use crate::{domain_key, Address, MAX_LOCAL_PART};

/// What must stand in quotes in a name or a domain.
const SPECIAL: &str = "@<>";

/// `[*][domain]`, in lower case and A-labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DomainPattern {
    Any,
    /// With a star before it.
    Ends(Box<str>),
    Is(Box<str>),
}

impl DomainPattern {
    pub(super) fn read(part: Part<'_>) -> Result<Self, Wrong> {
        Self::of(&part.glyphs(), part)
    }

    /// `part`: where the domain stands in the rule.
    fn of(glyphs: &[Glyph], part: Part<'_>) -> Result<Self, Wrong> {
        let glyphs = trimmed(glyphs);
        let stars = glyphs.iter().take_while(|glyph| glyph.is('*')).count();
        let (stars, text) = glyphs.split_at(stars);
        if let Some(star) = text.iter().find(|glyph| glyph.is('*')) {
            return Err(Wrong { at: star.at, problem: RuleProblem::StarInDomain });
        }
        let domain = normal(text.iter().map(|glyph| glyph.c).collect());
        match (stars.is_empty(), domain.is_empty()) {
            (true, true) => Err(part.wrong(RuleProblem::NoDomain)),
            (true, false) => Ok(DomainPattern::Is(domain)),
            (false, true) => Ok(DomainPattern::Any),
            (false, false) => Ok(DomainPattern::Ends(domain)),
        }
    }

    pub(super) fn matches(&self, domain: &str) -> bool {
        let key = || match domain.is_ascii() {
            true => Cow::Borrowed(domain.strip_suffix('.').unwrap_or(domain)),
            false => Cow::Owned(domain_key(domain)),
        };
        match self {
            DomainPattern::Any => true,
            DomainPattern::Is(text) => text.eq_ignore_ascii_case(&key()),
            DomainPattern::Ends(text) => {
                let key = key();
                let from = key.len().checked_sub(text.len());
                from.is_some_and(|from| key.as_bytes()[from..].eq_ignore_ascii_case(text.as_bytes()))
            }
        }
    }
}

/// What a domain is compared as. The end of one may begin with a dot.
fn normal(text: String) -> Box<str> {
    let text = text.trim_end_matches('.');
    let name = text.trim_start_matches('.');
    let dots = &text[..text.len() - name.len()];
    format!("{dots}{}", domain_key(name)).into()
}

impl fmt::Display for DomainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DomainPattern::Any => f.write_str("*"),
            DomainPattern::Ends(text) => write_parts(f, &["", text], SPECIAL),
            DomainPattern::Is(text) => write_parts(f, &[text], SPECIAL),
        }
    }
}

/// `<name>[@<domain>]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AddressPattern {
    /// `*`: whatever it is, even null.
    Anyone,
    /// `<>`
    Null,
    Of(TextPattern, DomainPattern),
}

impl AddressPattern {
    pub(super) fn read(part: Part<'_>) -> Result<Self, Wrong> {
        match part.text {
            "*" => return Ok(AddressPattern::Anyone),
            "<>" => return Ok(AddressPattern::Null),
            _ => {}
        }
        let glyphs = part.glyphs();
        let glyphs = within_brackets(&glyphs);
        let Some(at) = glyphs.iter().position(|glyph| glyph.is('@')) else {
            return Ok(AddressPattern::Of(TextPattern::read(glyphs), DomainPattern::Any));
        };
        let (name, domain) = (trimmed(&glyphs[..at]), &glyphs[at + 1..]);
        let is_quoted = part.text.starts_with(['"', '<']) && !part.text.starts_with("<@");
        if name.is_empty() && !is_quoted {
            return Err(part.wrong(RuleProblem::NoName));
        }
        let behind = part.from(glyphs[at].at + 1 - part.at);
        Ok(AddressPattern::Of(TextPattern::read(name), DomainPattern::of(domain, behind)?))
    }

    pub(super) fn matches(&self, address: Option<&Address>) -> bool {
        match (self, address) {
            (AddressPattern::Anyone, _) | (AddressPattern::Null, None) => true,
            (AddressPattern::Of(name, domain), Some(address)) => {
                domain.matches(address.domain()) && name_matches(name, address.local_part())
            }
            _ => false,
        }
    }
}

/// Addresses may stand in angle brackets.
fn within_brackets(glyphs: &[Glyph]) -> &[Glyph] {
    match glyphs {
        [first, inner @ .., last] if first.is('<') && last.is('>') => trimmed(inner),
        all => all,
    }
}

/// Compares what a local part means: without quotes and backslashes, in lower case.
fn name_matches(pattern: &TextPattern, local_part: &str) -> bool {
    if pattern.is_any() {
        return true;
    }
    let inner = local_part.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let (text, is_quoted) = (inner.unwrap_or(local_part), inner.is_some());
    if !text.is_ascii() || text.len() > MAX_LOCAL_PART {
        return pattern.matches(lower(meant(text, is_quoted)).as_bytes());
    }
    let mut buffer = [0; MAX_LOCAL_PART];
    if !is_quoted {
        let same = &mut buffer[..text.len()];
        same.copy_from_slice(text.as_bytes());
        same.make_ascii_lowercase();
        return pattern.matches(same);
    }
    let mut length = 0;
    for (place, c) in buffer.iter_mut().zip(meant(text, is_quoted)) {
        *place = u8::try_from(c).unwrap_or(b'?').to_ascii_lowercase();
        length += 1;
    }
    pattern.matches(&buffer[..length])
}

/// The characters without the backslashes that escape them.
fn meant(text: &str, is_quoted: bool) -> impl Iterator<Item = char> + '_ {
    let mut chars = text.chars();
    std::iter::from_fn(move || match chars.next() {
        Some('\\') if is_quoted => chars.next(),
        c => c,
    })
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AddressPattern::Anyone => f.write_str("*"),
            AddressPattern::Null => f.write_str("<>"),
            AddressPattern::Of(name, domain) => {
                name.write(f, SPECIAL)?;
                write!(f, "@{domain}")
            }
        }
    }
}
