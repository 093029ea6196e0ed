//! A reply of SMTP: its code, its enhanced code and its text (RFC 5321, 4.2; RFC 2034).

use std::{borrow::Cow, fmt};

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
