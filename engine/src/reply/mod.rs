//! A reply of SMTP: its code, its enhanced code and its text (RFC 5321, 4.2; RFC 2034).
//!
//! Rule: whatever a text holds, it can neither end its line nor make another reply.

mod reader;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use bytes::BufMut;

pub use reader::{ReplyError, ReplyReader, MAX_REPLY, MAX_REPLY_LINE, MAX_REPLY_LINES};

/// Octets in a line of a reply that we write, CRLF included (RFC 5321, 4.5.3.1.5).
pub const REPLY_LINE: usize = 512;

/// An enhanced status code (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enhanced(pub u8, pub u16, pub u16);

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// One reply, ours or a peer's. The text has a line per `\n`, without code and without CR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// Left out of greetings, EHLO replies and 3xx (RFC 2034).
    pub enhanced: Option<Enhanced>,
    /// What a person reads.
    pub text: Cow<'static, str>,
}

impl Reply {
    /// A reply without an enhanced code.
    pub const fn plain(code: u16, text: &'static str) -> Self {
        Reply { code, enhanced: None, text: Cow::Borrowed(text) }
    }

    /// A reply with the enhanced code `class.subject.detail`; the class follows from the code.
    pub const fn new(code: u16, subject: u16, detail: u16, text: &'static str) -> Self {
        let enhanced = Some(Enhanced((code / 100) as u8, subject, detail));
        Reply { code, enhanced, text: Cow::Borrowed(text) }
    }

    /// The same codes with another text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.text = text.into();
        self
    }

    /// 2xx or 3xx.
    pub fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// 4xx: try again later.
    pub fn is_transient(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// 5xx: do not try again.
    pub fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// Writes the reply as it goes over the wire: the code and the enhanced code on each line, `-` on all but the last,
    /// no line above [`REPLY_LINE`] octets (a longer text goes on in a further line), a blank for every control.
    pub fn write_to(&self, out: &mut impl BufMut) {
        let mark = self.enhanced.map_or(String::new(), |enhanced| format!("{enhanced} "));
        let room = REPLY_LINE - "250-".len() - mark.len() - "\r\n".len();
        let mut lines = self.text.split('\n').flat_map(|line| Cut { rest: Some(line), room }).peekable();
        while let Some(line) = lines.next() {
            let sign = if lines.peek().is_some() { '-' } else { ' ' };
            out.put_slice(format!("{:03}{sign}{mark}", self.code.min(999)).as_bytes());
            put_clean(line, out);
            out.put_slice(b"\r\n");
        }
    }
}

/// Writes a line without anything in it that could end it.
fn put_clean(line: &str, out: &mut impl BufMut) {
    if line.chars().any(char::is_control) {
        let clean: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        out.put_slice(clean.as_bytes());
    } else {
        out.put_slice(line.as_bytes());
    }
}

/// Parts of a line of at most `room` octets, never cut within a character. An empty line is one empty part.
struct Cut<'a> {
    rest: Option<&'a str>,
    room: usize,
}

impl<'a> Iterator for Cut<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        if rest.len() <= self.room {
            return Some(rest);
        }
        let mut end = self.room;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        self.rest = Some(&rest[end..]);
        Some(&rest[..end])
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        write!(f, " {}", self.text.replace('\n', " "))
    }
}
