//! The fields of a header in ASCII (RFC 6857, 3), each by what its name says of its structure.
//!
//! Rule: a field that is ASCII is not touched. What ASCII cannot say in its place is said where it does no harm: as the name of a
//! group, or in a field `Downgraded-`.

mod address;
mod comment;
mod lexer;
mod parameters;
#[cfg(test)]
mod tests;
mod trace;
mod words;

use self::{
    comment::{phrase, unstructured},
    lexer::{tokens, Kind, Token},
    words::{encoded_words, fold, has_foreign, Charset, Unit},
};

/// Lists of addresses (RFC 6857, 3.2.1), and what programs write besides.
const ADDRESSES: [&str; 18] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-Reply-To",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
    "Return-Path",
    "Disposition-Notification-To",
    "Delivered-To",
    "Errors-To",
    "Mail-Followup-To",
    "Return-Receipt-To",
];
/// Ids, which nothing can stand for.
const IDS: [&str; 5] = ["Message-ID", "Resent-Message-ID", "In-Reply-To", "References", "Content-ID"];
/// Only comments of them can be foreign.
const COMMENTED: [&str; 7] = [
    "Date",
    "Resent-Date",
    "MIME-Version",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Accept-Language",
    "Auto-Submitted",
];
const PARAMETERS: [&str; 2] = ["Content-Type", "Content-Disposition"];
const TYPED: [&str; 2] = ["Original-Recipient", "Final-Recipient"];

/// What is to be written otherwise of a field about the content, besides what is foreign.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes<'c> {
    /// Another type.
    pub media_type: Option<&'c str>,
    /// Another boundary.
    pub boundary: Option<&'c str>,
}

/// The octets have what no header may have, of ASCII or not: NUL, a CR by itself.
pub(super) fn is_unfit(octets: &[u8]) -> bool {
    let is_alone = |at: usize| octets.get(at + 1) != Some(&b'\n');
    octets.contains(&0) || memchr::memchr_iter(b'\r', octets).any(is_alone)
}

/// The field, with the end of its line, in ASCII. `value` is what stands behind its colon. Its name must be ASCII.
pub(super) fn in_ascii(name: &str, value: &[u8], changes: Changes<'_>) -> String {
    let (text, charset) = Charset::read(&unfolded(value));
    let is_one_of = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
    let mut tokens = tokens(&text, !is_one_of(&PARAMETERS));
    let mut units = if is_one_of(&PARAMETERS) {
        if let Some(media_type) = changes.media_type {
            let is_type = |token: &&mut Token<'_>| token.kind == Kind::Word;
            tokens.iter_mut().find(is_type).into_iter().for_each(|token| token.text = media_type);
        }
        parameters::parameters(&tokens, charset, changes.boundary)
    } else if is_one_of(&ADDRESSES) {
        address::addresses(&tokens, charset)
    } else if is_one_of(&IDS) {
        return id(name, &text, charset);
    } else if is_one_of(&COMMENTED) {
        commented(&tokens, charset)
    } else if is_one_of(&TYPED) {
        trace::typed_address(&text, charset)
    } else if name.eq_ignore_ascii_case("Received") {
        trace::received(&tokens, charset)
    } else if name.eq_ignore_ascii_case("Keywords") {
        keywords(&tokens, charset)
    } else {
        unstructured(&text, charset)
    };
    // A structured field that broke its rules: what is foreign is text, or is of no use where only words of ASCII have a meaning.
    if units.iter().any(|unit| has_foreign(&unit.text)) {
        if is_one_of(&PARAMETERS) {
            units.iter_mut().for_each(|unit| unit.text = unit.text.replace(words::is_foreign, "?"));
        } else {
            units = unstructured(&text, charset);
        }
    }
    fold(name, &units)
}

/// A value on one line (RFC 5322, 2.2.3).
fn unfolded(value: &[u8]) -> Vec<u8> {
    let value = value.strip_suffix(b"\n").map_or(value, |line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut line = Vec::with_capacity(value.len());
    for (at, octet) in value.iter().enumerate() {
        let is_fold = match octet {
            b'\n' => true,
            b'\r' => value.get(at + 1) == Some(&b'\n'),
            _ => false,
        };
        if !is_fold {
            line.push(*octet);
        }
    }
    line
}

/// Comments in ASCII; an id that is not goes into another field (RFC 6857, 3.1.10).
fn id(name: &str, text: &str, charset: Charset) -> String {
    let all = tokens(text, true);
    if all.iter().any(|token| token.kind != Kind::Comment && has_foreign(token.text)) {
        let words = encoded_words(text.trim(), charset).into_iter().map(|word| Unit::new(" ", word));
        return fold(&format!("Downgraded-{name}"), &words.collect::<Vec<_>>());
    }
    fold(name, &commented(&all, charset))
}

fn commented(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let (mut units, mut gap) = (Vec::new(), "");
    for token in tokens {
        match token.kind {
            Kind::Blank => gap = token.text,
            Kind::Comment => units.extend(comment::comment(token.text, std::mem::take(&mut gap), charset)),
            _ => units.push(Unit::new(std::mem::take(&mut gap), token.text)),
        }
    }
    units
}

/// Phrases in a row.
fn keywords(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let mut units = Vec::new();
    for (index, part) in tokens.split(|token| token.is(",")).enumerate() {
        if index > 0 {
            units.push(Unit::new("", ","));
        }
        units.extend(phrase(part, charset));
    }
    units
}
