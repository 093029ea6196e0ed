//! Encoded words (RFC 2047): text beyond ASCII in a header that is ASCII.
//!
//! Rule: a character is never parted, no word has more than 75 octets, and each is one that may stand in a phrase too
//! (RFC 2047, 5, rule 3).

use mail_builder::encoders::base64::{base64_encode_slice, base64_encoded_len};

/// Octets of an encoded word (RFC 2047, 2).
pub(super) const MAX_ENCODED_WORD: usize = 75;

const BEGIN_B: &str = "=?utf-8?B?";
const BEGIN_Q: &str = "=?utf-8?Q?";
const END: &str = "?=";

/// Text that becomes encoded words, one after the other.
pub(super) struct EncodedRun<'a> {
    rest: &'a str,
    /// Q is for text of which a person can still read most; all else is B (RFC 2047, 4).
    is_base64: bool,
}

impl<'a> EncodedRun<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let readable = text.chars().filter(|c| is_plain(*c)).count();
        EncodedRun { rest: text, is_base64: readable * 2 < text.chars().count() }
    }

    /// As much as fits into one word of so many octets, but one character at least; `None` when nothing is left.
    pub(super) fn next_word(&mut self, most: usize) -> Option<String> {
        let room = most.saturating_sub(BEGIN_B.len() + END.len());
        let (mut length, mut cost) = (0, 0);
        for c in self.rest.chars() {
            cost += if self.is_base64 { c.len_utf8() } else { quoted_len(c) };
            let written = if self.is_base64 { cost.div_ceil(3) * 4 } else { cost };
            if written > room && length > 0 {
                break;
            }
            length += c.len_utf8();
        }
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then(|| self.encode(text))
    }

    /// Nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn encode(&self, text: &str) -> String {
        if !self.is_base64 {
            return format!("{BEGIN_Q}{}{END}", text.chars().map(quoted).collect::<String>());
        }
        let mut base64 = vec![0; base64_encoded_len(text.len())];
        let length = base64_encode_slice(text.as_bytes(), &mut base64);
        format!("{BEGIN_B}{}{END}", String::from_utf8_lossy(&base64[..length]))
    }
}

/// It stands for itself in a phrase (RFC 2047, 5, rule 3).
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!*+-/".contains(c)
}

fn quoted_len(c: char) -> usize {
    if is_plain(c) || c == ' ' {
        1
    } else {
        3 * c.len_utf8()
    }
}

fn quoted(c: char) -> String {
    match c {
        ' ' => "_".to_owned(),
        c if is_plain(c) => c.to_string(),
        c => c.encode_utf8(&mut [0; 4]).bytes().map(|octet| format!("={octet:02X}")).collect(),
    }
}
