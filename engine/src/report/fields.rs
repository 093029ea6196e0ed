//! Fields of a delivery status: written so that no value can end its line or begin another field.

use std::fmt::Write as _;

use crate::{Address, Enhanced, Reply};

/// Octets of a value; what is longer is cut.
const LONGEST: usize = 2000;
/// Octets of a line, if its words allow that (RFC 5322, 2.1.1).
const LINE: usize = 76;
/// Octets of a word; what is longer is broken.
const WORD: usize = 900;

/// Adds `name: value` with its CRLF, folded between words.
pub(super) fn add(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push(':');
    let mut column = name.len() + 1;
    for word in clean(value).split_ascii_whitespace().flat_map(pieces) {
        if column + 1 + word.len() > LINE && column > name.len() + 1 {
            text.push_str("\r\n");
            column = 0;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + word.len();
    }
    text.push_str("\r\n");
}

/// All of it is ASCII by now.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let cut = (0..word.len()).step_by(WORD);
    cut.filter_map(move |from| word.get(from..(from + WORD).min(word.len())))
}

/// One line of printable ASCII, cut to what a field bears.
pub(super) fn clean(value: &str) -> String {
    let octet = |c: char| match c {
        '\t' | '\r' | '\n' => ' ',
        ' '..='~' => c,
        _ => '?',
    };
    value.chars().take(LONGEST).map(octet).collect()
}

/// The text behind xtext (RFC 3461, 4). What is not well-formed stays as it is.
pub(super) fn from_xtext(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(octet) if *first == b'+' => {
                octets.push(octet);
                rest = &tail[2..];
            }
            _ => {
                octets.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// An address with its type (RFC 3464, 2.1.2; RFC 6533, 3).
pub(super) fn generic_address(address: &Address) -> String {
    let kind = if address.is_ascii() { "rfc822" } else { "utf-8" };
    format!("{kind}; {}", to_ascii(address.as_str()))
}

/// What is not ASCII in the form that ASCII can carry: `\x{HEX}`.
pub(super) fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            // A String takes all that is written to it.
            c => drop(write!(ascii, "\\x{{{:X}}}", u32::from(c))),
        }
    }
    ascii
}

/// The enhanced code of a reply, or the one that its class says (RFC 3463).
pub(super) fn status(reply: &Reply) -> String {
    match reply.enhanced {
        Some(enhanced) if matches!(enhanced.0, 4 | 5) => enhanced.to_string(),
        _ if reply.is_transient() => Enhanced(4, 0, 0).to_string(),
        _ => Enhanced(5, 0, 0).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(value: &str) -> String {
        let mut text = String::new();
        add(&mut text, "Name", value);
        text
    }

    #[test]
    fn a_value_is_folded_between_words_and_reads_the_same() {
        let value = "smtp; 550 5.1.1 ".to_owned() + &"word ".repeat(40);
        let text = field(&value);
        assert!(text.lines().all(|line| line.len() <= LINE));
        assert!(text.lines().skip(1).all(|line| line.starts_with(' ')));
        assert_eq!(text.replace("\r\n", ""), format!("Name: {}", value.trim()));
    }

    #[test]
    fn line_ends_and_controls_leave_a_value() {
        assert_eq!(field("a\r\nBcc: b\u{0}c\u{7f}ü"), "Name: a Bcc: b?c??\r\n");
    }

    #[test]
    fn xtext_is_read_and_what_is_none_stays() {
        let table =
            [("a+2Bb+3Dc", "a+b=c"), ("+", "+"), ("+4", "+4"), ("+zz", "+zz"), ("x+0D+0Ay", "x\r\ny"), ("+C3+BC", "ü")];
        for (text, read) in table {
            assert_eq!(from_xtext(text), read);
        }
    }

    #[test]
    fn an_address_that_is_not_ascii_is_written_in_ascii() {
        let address = Address::parse("jürgen@bücher.example").unwrap();
        assert_eq!(generic_address(&address), "utf-8; j\\x{FC}rgen@b\\x{FC}cher.example");
    }

    #[test]
    fn a_status_is_of_a_failure_always() {
        assert_eq!(status(&Reply::new(550, 1, 1, "")), "5.1.1");
        assert_eq!(status(&Reply::plain(550, "")), "5.0.0");
        assert_eq!(status(&Reply::plain(451, "")), "4.0.0");
        assert_eq!(status(&Reply::new(250, 0, 0, "")), "5.0.0");
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_field(value in any::<String>()) {
            let text = field(&value);
            prop_assert!(text.is_ascii() && text.ends_with("\r\n"));
            let inner = &text[..text.len() - 2];
            prop_assert!(inner.split("\r\n").skip(1).all(|line| line.starts_with(' ') && !line.trim().is_empty()));
            prop_assert!(inner.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
        }
    }
}
