//! The mails of the harness: each has a number, and what it says follows from the number, so that it can be told from
//! what comes out whether it is whole.
//!
//! Rule: all chance is drawn from the mail's number and a word, so the same mails are sent in every run.

use std::{collections::hash_map::DefaultHasher, fmt, hash::Hasher};

pub use crate::draw::draw;

/// The field that says which attempt this is; it begins what the client sent.
const MARK: &str = "X-Attempt: ";

/// One attempt of a client to hand in a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    pub mail: usize,
    pub attempt: u32,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.mail, self.attempt)
    }
}

/// A checksum.
pub fn sum(octets: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(octets);
    hasher.finish()
}

impl AttemptId {
    /// What the client sends, without the dots of SMTP.
    pub fn content(self) -> Vec<u8> {
        let body = self.body();
        let mut content = format!("{MARK}{self}\r\nX-Sum: {:016x}\r\nSubject: stress\r\n\r\n", sum(&body)).into_bytes();
        content.extend(body);
        content
    }

    /// Lines of all lengths, some of which begin with dots; a few mails are large enough to lie in a file of their own.
    fn body(self) -> Vec<u8> {
        let large = draw(40, (self.mail, "large")) == 0;
        let octets = if large { 100_000 } else { 200 + draw(6000, (self.mail, "octets")) };
        let (mut body, mut line) = (Vec::new(), 0u64);
        while (body.len() as u64) < octets {
            let letter = b".abcdefghijklmno"[draw(16, (self.mail, line, "letter")) as usize];
            body.extend(std::iter::repeat_n(letter, draw(100, (self.mail, line, "length")) as usize));
            body.extend_from_slice(b"\r\n");
            line += 1;
        }
        body
    }

    /// To whom it goes.
    pub fn recipients(self) -> Vec<String> {
        (0..=draw(2, (self.mail, "recipients"))).map(|no| format!("r{no}.{self}@stress.example")).collect()
    }

    /// Which attempt this content is of, and where what the client sent begins.
    pub fn found_in(content: &[u8]) -> Option<(AttemptId, usize)> {
        let at = content.windows(MARK.len()).position(|here| here == MARK.as_bytes())?;
        let rest = &content[at + MARK.len()..];
        let line = std::str::from_utf8(&rest[..rest.iter().position(|octet| *octet == b'\r')?]).ok()?;
        let (mail, attempt) = line.split_once('-')?;
        Some((AttemptId { mail: mail.parse().ok()?, attempt: attempt.parse().ok()? }, at))
    }
}
