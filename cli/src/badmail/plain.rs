//! What came from outside as text that a terminal only shows: what would command it is written as what it is.

use std::fmt::Write as _;

/// One line of it.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| put(&mut out, c, is_shown(c)));
    out
}

/// JSON with the same left out. Such characters stand in texts only, where they can be written by their numbers.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_shown(c) || c == '\n' {
            true => out.push(c),
            false => _ = write!(out, "\\u{:04x}", u32::from(c)), // none of them is beyond 16 bits
        }
    }
    out
}

/// It is neither a control nor one of those that turn the order of what is shown.
fn is_shown(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns
}

fn put(out: &mut String, c: char, is_shown: bool) {
    match is_shown {
        true => out.push(c),
        false => _ = write!(out, "{}", c.escape_unicode()),
    }
}

/// Octets of a mail, part by part. Lines end with LF; tabs stay.
#[derive(Default)]
pub struct Octets {
    /// What is not known yet: a CR, or the beginning of a character.
    left: Vec<u8>,
}

impl Octets {
    /// As much as is known now.
    pub fn add(&mut self, octets: &[u8]) -> String {
        self.left.extend_from_slice(octets);
        let whole = self.left.len() - unfinished(&self.left);
        let text = shown(&self.left[..whole]);
        self.left.drain(..whole);
        text
    }

    /// The rest.
    pub fn end(self) -> String {
        shown(&self.left)
    }
}

/// How many octets at the end may go on in the next part.
fn unfinished(octets: &[u8]) -> usize {
    if octets.last() == Some(&b'\r') {
        return 1;
    }
    let last = octets.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    let goes_on = std::str::from_utf8(last).is_err_and(|error| error.error_len().is_none());
    if goes_on {
        last.len()
    } else {
        0
    }
}

fn shown(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\r' && chars.peek() == Some(&'\n') {
                continue;
            }
            put(&mut out, c, is_shown(c) || matches!(c, '\n' | '\t'));
        }
        for octet in chunk.invalid() {
            _ = write!(out, "\\x{octet:02x}"); // a String takes all that is written to it
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_commands_a_terminal() {
        let table = [
            ("grüße 📬", "grüße 📬"),
            ("\u{1b}[31m\u{9b}2J\u{7f}\r\n\t", "\\u{1b}[31m\\u{9b}2J\\u{7f}\\u{d}\\u{a}\\u{9}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
        ];
        for (text, plain) in table {
            assert_eq!(line(text), plain);
        }
        assert_eq!(json("{\n\"a\u{9b}\u{202e}\"}"), "{\n\"a\\u009b\\u202e\"}");
    }

    #[test]
    fn however_octets_are_cut_they_are_shown_alike() {
        let octets = "Subject: gr\u{fc}\u{df}e \u{1f4ec}\r\n\t\u{1b}[0m\ra\r".as_bytes();
        let octets = [octets, b"\xff\xf0\x9f", b"\r\n", b"\xf0\x9f"].concat();
        let whole = "Subject: grüße 📬\n\t\\u{1b}[0m\\u{d}a\\u{d}\\xff\\xf0\\x9f\n\\xf0\\x9f";
        for cut in 0..octets.len() {
            let mut plain = Octets::default();
            let text = plain.add(&octets[..cut]) + &plain.add(&octets[cut..]);
            assert_eq!(text + &plain.end(), whole, "cut at {cut}");
        }
    }
}
