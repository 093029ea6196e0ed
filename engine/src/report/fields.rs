//! Fields of a delivery status: written so that no value can end its line or begin another field.

use std::fmt::Write as _;

use crate::Address;

/// Characters of a value; what is longer is cut.
const LONGEST: usize = 2000;
/// Octets of a line, if its words allow that (RFC 5322, 2.1.1).
const LINE: usize = 76;
/// Octets of a word; what is longer is broken.
const WORD: usize = 900;

/// Groups of fields, as they are written.
pub(super) struct Fields {
    text: String,
    /// UTF-8 stays as it is (RFC 6533); otherwise all is ASCII.
    global: bool,
}

impl Fields {
    /// No field yet.
    pub fn new(global: bool) -> Self {
        Fields { text: String::new(), global }
    }

    /// Adds `name: value` with its CRLF, folded between words.
    pub fn add(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        self.text.push(':');
        let mut column = name.len() + 1;
        let value = if self.global { clean_global(value) } else { clean(value) };
        for word in value.split_ascii_whitespace().flat_map(pieces) {
            if column + 1 + word.len() > LINE && column > name.len() + 1 {
                self.text.push_str("\r\n");
                column = 0;
            }
            self.text.push(' ');
            self.text.push_str(word);
            column += 1 + word.len();
        }
        self.text.push_str("\r\n");
    }

    /// Adds the text behind xtext.
    pub fn add_xtext(&mut self, name: &str, xtext: &str) {
        let text = from_xtext(xtext);
        match self.global {
            false => self.add(name, &to_ascii(&text)),
            true => self.add(name, &from_ascii(&text)),
        }
    }

    /// Adds an address with its type (RFC 3464, 2.1.2; RFC 6533, 3).
    pub fn add_address(&mut self, name: &str, address: &Address) {
        let kind = if address.is_ascii() { "rfc822" } else { "utf-8" };
        match self.global {
            false => self.add(name, &format!("{kind}; {}", to_ascii(address.as_str()))),
            true => self.add(name, &format!("{kind}; {address}")),
        }
    }

    /// What follows is about somebody else.
    pub fn end_group(&mut self) {
        self.text.push_str("\r\n");
    }

    /// All of it.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Parts of a word that are short enough, never cut within a character.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let mut end = rest.len().min(WORD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
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

/// One line of printable characters, cut to what a field bears.
fn clean_global(value: &str) -> String {
    let one = |c: char| match c {
        '\t' | '\r' | '\n' => ' ',
        c if c.is_control() || super::words::turns(c) => '?',
        c => c,
    };
    value.chars().take(LONGEST).map(one).collect()
}

/// The text behind xtext (RFC 3461, 4). What is not well-formed stays as it is.
fn from_xtext(text: &str) -> String {
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

/// What is not ASCII in the form that ASCII can carry: `\x{HEX}`.
fn to_ascii(text: &str) -> String {
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

/// The other way: what is not ASCII as itself.
fn from_ascii(text: &str) -> String {
    let mut parts = text.split("\\x{");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let read = part.split_once('}').and_then(|(hex, rest)| Some((u32::from_str_radix(hex, 16).ok()?, rest)));
        match read.and_then(|(code, rest)| Some((char::from_u32(code).filter(|c| !c.is_ascii())?, rest))) {
            Some((c, rest)) => {
                plain.push(c);
                plain.push_str(rest);
            }
            None => {
                plain.push_str("\\x{");
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(value: &str, global: bool) -> String {
        let mut fields = Fields::new(global);
        fields.add("Name", value);
        fields.into_text()
    }

    #[test]
    fn a_value_is_folded_between_words_and_reads_the_same() {
        let value = "smtp; 550 5.1.1 ".to_owned() + &"word ".repeat(40);
        let text = field(&value, false);
        assert!(text.lines().all(|line| line.len() <= LINE));
        assert!(text.lines().skip(1).all(|line| line.starts_with(' ')));
        assert_eq!(text.replace("\r\n", ""), format!("Name: {}", value.trim()));
    }

    #[test]
    fn line_ends_and_controls_leave_a_value() {
        assert_eq!(field("a\r\nBcc: b\u{0}c\u{7f}ü", false), "Name: a Bcc: b?c??\r\n");
        assert_eq!(field("a\r\nBcc: b\u{0}c\u{7f}ü\u{85}\u{2028}", true), "Name: a Bcc: b?c?ü??\r\n");
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
    fn an_address_that_is_not_ascii_is_written_in_ascii_or_as_itself() {
        let address = Address::parse("jürgen@bücher.example").unwrap();
        for (global, text) in [
            (false, "To: utf-8; j\\x{FC}rgen@b\\x{FC}cher.example\r\n"),
            (true, "To: utf-8; jürgen@bücher.example\r\n"),
        ] {
            let (mut one, mut other) = (Fields::new(global), Fields::new(global));
            one.add_address("To", &address);
            other.add_xtext("To", "utf-8;+20j\\x{FC}rgen@b\\x{FC}cher.example");
            assert_eq!(one.into_text(), text);
            assert_eq!(other.into_text(), text);
        }
        assert_eq!(from_ascii("\\x{D}\\x{A}\\x{zz}\\x{FC\\x{110000}"), "\\x{D}\\x{A}\\x{zz}\\x{FC\\x{110000}");
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_field(value in any::<String>(), global in any::<bool>()) {
            let text = field(&value, global);
            prop_assert!((global || text.is_ascii()) && text.ends_with("\r\n"));
            let inner = &text[..text.len() - 2];
            prop_assert!(inner.split("\r\n").skip(1).all(|line| line.starts_with(' ') && !line.trim().is_empty()));
            prop_assert!(inner.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
            prop_assert!(!inner.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n')));
        }
    }
}
