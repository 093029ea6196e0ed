//! Texts, phrases and comments (RFC 6857, 3.1: UNSTRUCTURED, WORD, DISPLAY-NAME, COMMENT).
//!
//! Rule: only words that are foreign are encoded; what stands between them stays as it is written.

use super::{
    lexer::{Kind, Token},
    words::{encode, has_foreign, split, Charset, Unit, Word},
};

/// A value without structure.
pub(super) fn unstructured(value: &str, charset: Charset) -> Vec<Unit> {
    encode(&split(value), charset)
}

/// Words, quoted strings and comments in a row.
pub(super) fn phrase(tokens: &[Token<'_>], charset: Charset) -> Vec<Unit> {
    let (mut units, mut words, mut gap): (Vec<Unit>, Vec<Word>, String) = (Vec::new(), Vec::new(), String::new());
    for token in tokens {
        match token.kind {
            Kind::Blank => gap.push_str(token.text),
            Kind::Comment => {
                units.extend(encode(&std::mem::take(&mut words), charset));
                units.extend(comment(token.text, &std::mem::take(&mut gap), charset));
            }
            _ => {
                let is_foreign = has_foreign(token.text);
                let text = if is_foreign { token.meaning() } else { token.text.to_owned() };
                // An encoded word stands by itself (RFC 2047, 5).
                let clings = gap.is_empty() && (is_foreign || words.last().is_some_and(|last| has_foreign(&last.text)));
                let gap = std::mem::take(&mut gap);
                let is_first = units.is_empty() && words.is_empty();
                words.push(Word { gap: if clings && !is_first { " ".into() } else { gap }, text });
            }
        }
    }
    units.extend(encode(&words, charset));
    units
}

/// A comment, its outer signs included. Encoded words may stand next to these (RFC 2047, 5).
pub(super) fn comment(text: &str, gap: &str, charset: Charset) -> Vec<Unit> {
    if !has_foreign(text) {
        return vec![Unit::new(gap, text)];
    }
    let (mut units, mut plain, mut depth, mut escaped) = (Vec::new(), String::new(), 0_usize, false);
    for one in text.chars() {
        match one {
            one if std::mem::take(&mut escaped) => plain.push(one),
            '\\' => escaped = true,
            '(' | ')' => {
                let gap = if units.is_empty() { gap.to_owned() } else { flush(&mut plain, &mut units, charset) };
                units.push(Unit::new(gap, one));
                depth = if one == '(' { depth + 1 } else { depth.saturating_sub(1) };
            }
            one => plain.push(one),
        }
    }
    flush(&mut plain, &mut units, charset);
    units.extend((0..depth).map(|_| Unit::new("", ")")));
    units
}

/// The text so far, with signs that stood for themselves escaped again; the blanks behind it are what is left.
fn flush(plain: &mut String, units: &mut Vec<Unit>, charset: Charset) -> String {
    let text = std::mem::take(plain);
    for unit in unstructured(&text, charset) {
        units.push(Unit::new(unit.gap, escape(&unit.text)));
    }
    text[text.trim_end_matches([' ', '\t']).len()..].to_owned()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for one in text.chars() {
        if matches!(one, '(' | ')' | '\\') {
            escaped.push('\\');
        }
        escaped.push(one);
    }
    escaped
}
