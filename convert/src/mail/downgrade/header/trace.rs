//! Trace fields and typed addresses (RFC 6857, 3.2: `Received`, `Original-Recipient`, `Final-Recipient`).
//!
//! Rule: what says through which hosts a mail came stays readable; a clause that ASCII cannot say goes.

use super::{
    address::in_a_labels,
    comment::{comment, unstructured},
    lexer::{Kind, Token},
    words::{has_foreign, is_foreign, Charset, Unit},
};

/// The clauses of `Received` (RFC 5321, 4.4).
const CLAUSES: [&str; 6] = ["from", "by", "via", "with", "id", "for"];

/// Characters of an address that stands on one line; one of 254 octets (RFC 5321, 4.5.3.1.3) takes some less.
const MAX_ADDRESS: usize = 900;

/// `Received`: domains in A-labels, comments encoded, the clauses `for` and `id` without what cannot be said.
pub(super) fn received(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let says_one_of = |token: &Token<'_>, words: &[&str]| {
        token.kind == Kind::Word && words.iter().any(|word| token.text.eq_ignore_ascii_case(word))
    };
    let ends = |token: &Token<'_>| says_one_of(token, &CLAUSES) || token.is(";");
    let is_foreign = |token: &Token<'_>| token.kind != Kind::Comment && has_foreign(token.text);
    let (mut units, mut gap, mut at) = (Vec::new(), "", 0);
    while let Some(token) = tokens.get(at) {
        let is_for_or_id = says_one_of(token, &["for", "id"]);
        // What ends a clause is looked for once only, from the clause itself.
        let end = || tokens[at + 1..].iter().position(ends).map_or(tokens.len(), |end| at + 1 + end);
        if let Some(end) = is_for_or_id.then(end).filter(|end| tokens[at..*end].iter().any(is_foreign)) {
            at = end;
            if tokens.get(at).is_some_and(|token| token.is(";")) {
                gap = "";
            }
            continue;
        }
        match token.kind {
            Kind::Blank => gap = token.text,
            Kind::Comment => units.extend(comment(token.text, std::mem::take(&mut gap), charset)),
            _ => units.extend(host(token.text, std::mem::take(&mut gap), charset)),
        }
        at += 1;
    }
    units
}

fn host(text: &str, gap: &str, charset: Charset) -> Vec<Unit> {
    let labels = || in_a_labels(text).filter(|_| charset == Charset::Utf8);
    match has_foreign(text) {
        false => vec![Unit::new(gap, text)],
        true => match labels() {
            Some(labels) => vec![Unit::new(gap, labels)],
            None => unstructured(&format!("{gap}{text}"), charset),
        },
    }
}

/// An address with its type (RFC 6533, 3): each character that is foreign by its number.
pub(super) fn typed_address(value: &str, charset: Charset) -> Vec<Unit> {
    if charset == Charset::Unknown {
        return unstructured(value, charset);
    }
    let address = value.split_once(';').map_or(value, |(_, address)| address).trim();
    let escaped = address.chars().fold(String::new(), |mut text, one| {
        match one {
            one if is_foreign(one) => text.push_str(&format!("\\x{{{:02X}}}", u32::from(one))),
            one => text.push(one),
        }
        text
    });
    // No address is so long, and it cannot be folded.
    if escaped.len() > MAX_ADDRESS {
        return unstructured(value, charset);
    }
    vec![Unit::new(" ", "utf-8;"), Unit::new(" ", escaped)]
}
