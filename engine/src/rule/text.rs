//! Patterns of text with `*` anywhere.
//!
//! Rule: a text is gone through once; no pattern makes that longer, whatever stars it has.

use std::fmt::{self, Write as _};

use memchr::memmem;

use super::part::{is_blank, Glyph};

/// Octets of a text in which parts are looked for by comparing: making a searcher would take longer.
const SHORT: usize = 64;

/// A text in lower case, or what it begins with, has in it and ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextPattern {
    first: Box<str>,
    /// What stands behind the first star; `None`: there is none.
    stars: Option<Stars>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stars {
    /// Between two stars, in this order; none is empty.
    middle: Box<[Box<str>]>,
    last: Box<str>,
}

impl TextPattern {
    pub(super) fn read(glyphs: &[Glyph]) -> TextPattern {
        let mut parts = glyphs.split(|glyph| glyph.is('*')).map(|part| lower(part.iter().map(|glyph| glyph.c)));
        let first = parts.next().unwrap_or_default();
        let mut behind: Vec<Box<str>> = parts.map(Into::into).collect();
        let stars = behind.pop().map(|last| {
            behind.retain(|part| !part.is_empty());
            Stars { middle: behind.into(), last }
        });
        TextPattern { first: first.into(), stars }
    }

    /// It is `*`.
    pub(super) fn is_any(&self) -> bool {
        let only_stars = |stars: &Stars| stars.last.is_empty() && stars.middle.is_empty();
        self.first.is_empty() && self.stars.as_ref().is_some_and(only_stars)
    }

    /// `text` is in lower case.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let Some(stars) = &self.stars else { return text == self.first.as_bytes() };
        let inner = text.strip_prefix(self.first.as_bytes());
        let Some(mut inner) = inner.and_then(|text| text.strip_suffix(stars.last.as_bytes())) else { return false };
        for part in &stars.middle {
            let Some(at) = find(inner, part.as_bytes()) else { return false };
            inner = &inner[at + part.len()..];
        }
        true
    }

    /// Writes it so that it is read as the same; `special`: what must stand in quotes.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, special: &str) -> fmt::Result {
        let mut parts: Vec<&str> = vec![&self.first];
        if let Some(stars) = &self.stars {
            parts.extend(stars.middle.iter().map(|part| &**part));
            parts.push(&stars.last);
        }
        write_parts(f, &parts, special)
    }
}

/// Where a part begins; `part` is not empty.
fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if text.len() > SHORT {
        return memmem::find(text, part);
    }
    let last = text.len().checked_sub(part.len())?;
    (0..=last).find(|at| text[*at..].starts_with(part))
}

/// Parts with stars between them, in quotes if they need them.
pub(super) fn write_parts(f: &mut fmt::Formatter<'_>, parts: &[&str], special: &str) -> fmt::Result {
    let blank = |part: &str| part.starts_with(is_blank) || part.ends_with(is_blank);
    let needs =
        |part: &str| blank(part) || part.contains(['*', '"', '\\', ';']) || part.contains(|c| special.contains(c));
    let quoted = parts == [""] || parts.iter().any(|part| needs(part));
    if !quoted {
        return f.write_str(&parts.join("*"));
    }
    f.write_char('"')?;
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index > 0 { "*" } else { "" })?;
        for c in part.chars() {
            f.write_str(if matches!(c, '*' | '"' | '\\') { "\\" } else { "" })?;
            f.write_char(c)?;
        }
    }
    f.write_char('"')
}

/// Lower case, character by character: the same in a pattern and in what it is compared with.
pub(super) fn lower(text: impl Iterator<Item = char>) -> String {
    text.flat_map(char::to_lowercase).collect()
}
