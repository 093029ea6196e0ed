//! Lists of addresses (RFC 6857, 3.1: DISPLAY-NAME, DOMAIN, GROUP, MAILBOX).
//!
//! Rule: an address that ASCII can say stays one, with its domain in A-labels. One that it cannot becomes the name of a group
//! without members: readers see it, and nobody writes to an address that is another's.

use super::{
    comment::{comment, phrase},
    lexer::{Kind, Token},
    words::{encoded_words, has_foreign, Charset, Unit},
};

/// A list of mailboxes and groups.
pub(super) fn addresses(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let (mut units, mut begin, mut angle) = (Vec::new(), 0, false);
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        angle = (angle || token.is("<")) && !token.is(">");
        if token.is(":") && !angle {
            let end = tokens[at..].iter().position(|token| token.is(";")).map_or(tokens.len(), |end| at + end);
            units.extend(group(&tokens[begin..at], &tokens[at + 1..end], charset));
            at = end;
            begin = (end + 1).min(tokens.len());
        } else if (token.is(",") && !angle) || token.is(";") {
            units.extend(mailbox(&tokens[begin..at], charset));
            units.push(Unit::new("", token.text));
            begin = at + 1;
        }
        at += 1;
    }
    units.extend(mailbox(&tokens[begin..], charset));
    units
}

/// A group. Its members can be said, or all of them are part of its name.
fn group(name: &[Token<'_>], members: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let mut units = phrase(name, charset);
    let said = addresses_of_group(members, charset);
    let text: String = members.iter().map(|token| token.text).collect();
    match said {
        Some(members) => {
            units.push(Unit::new("", ":"));
            units.extend(members);
            units.push(Unit::new("", ";"));
        }
        None => {
            units.extend(encoded_words(text.trim(), charset).into_iter().map(|word| Unit::new(" ", word)));
            units.push(Unit::new(" ", ":;"));
        }
    }
    units
}

/// `None`: one of them has an address that ASCII cannot say.
fn addresses_of_group(members: &[Token<'_>], charset: Charset) -> Option<Vec<Unit>> {
    let mut units = Vec::new();
    for (index, member) in members.split(|token| token.is(",")).enumerate() {
        if index > 0 {
            units.push(Unit::new("", ","));
        }
        let parts = Parts::of(member);
        parts.address(charset)?;
        units.extend(mailbox(member, charset));
    }
    Some(units)
}

/// What a mailbox is made of.
struct Parts<'t, 'a> {
    name: &'t [Token<'a>],
    address: &'t [Token<'a>],
    behind: &'t [Token<'a>],
    has_brackets: bool,
}

impl<'t, 'a> Parts<'t, 'a> {
    fn of(tokens: &'t [Token<'a>]) -> Self {
        let Some(open) = tokens.iter().position(|token| token.is("<")) else {
            return Parts { name: &[], address: tokens, behind: &[], has_brackets: false };
        };
        let close = tokens.iter().position(|token| token.is(">")).filter(|close| *close > open);
        let close = close.unwrap_or(tokens.len());
        Parts {
            name: &tokens[..open],
            address: &tokens[open + 1..close],
            behind: tokens.get(close + 1..).unwrap_or_default(),
            has_brackets: true,
        }
    }

    /// The address, in ASCII; `None`: that cannot be.
    fn address(&self, charset: Charset) -> Option<String> {
        let is_said = |token: &&Token<'_>| !matches!(token.kind, Kind::Blank | Kind::Comment);
        let text: String = self.address.iter().filter(is_said).map(|token| token.text).collect();
        if !has_foreign(&text) {
            return Some(text);
        }
        let (local, domain) = text.rsplit_once('@')?;
        if has_foreign(local) || charset == Charset::Unknown {
            return None;
        }
        Some(format!("{local}@{}", in_a_labels(domain)?))
    }
}

/// The domain as the DNS has it; `None`: it is none. Letters that only look like signs become these, so what came of it is looked at:
/// the sign for `>` would end an address, and another one could begin behind it.
pub(super) fn in_a_labels(domain: &str) -> Option<String> {
    let is_of_label = |one: u8| one.is_ascii_alphanumeric() || b"-_.".contains(&one);
    idna::domain_to_ascii(domain).ok().filter(|ascii| !ascii.is_empty() && ascii.bytes().all(is_of_label))
}

/// One mailbox, with the blanks and comments around it.
fn mailbox(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    if !tokens.iter().any(|token| has_foreign(token.text)) {
        return plain(tokens);
    }
    let parts = Parts::of(tokens);
    let mut units = phrase(parts.name, charset);
    let comments = parts.address.iter().filter(|token| token.kind == Kind::Comment);
    let comments: Vec<Unit> = comments.flat_map(|token| comment(token.text, " ", charset)).collect();
    match parts.address(charset) {
        Some(address) if address.is_empty() && !parts.has_brackets => {}
        Some(address) if parts.has_brackets => units.push(Unit::new(" ", format!("<{address}>"))),
        Some(address) => units.push(Unit::new(" ", address)),
        None => {
            let is_said = |token: &&Token<'_>| token.kind != Kind::Comment;
            let text: String = parts.address.iter().filter(is_said).map(|token| token.text).collect();
            units.extend(encoded_words(text.trim(), charset).into_iter().map(|word| Unit::new(" ", word)));
            units.push(Unit::new(" ", ":;"));
        }
    }
    units.extend(comments);
    units.extend(phrase(parts.behind, charset));
    units
}

/// Tokens as they stand.
pub(super) fn plain(tokens: &[Token<'_>]) -> Vec<Unit> {
    let (mut units, mut gap) = (Vec::new(), "");
    for token in tokens {
        if token.kind == Kind::Blank {
            gap = token.text;
        } else {
            units.push(Unit::new(std::mem::take(&mut gap), token.text));
        }
    }
    units
}
