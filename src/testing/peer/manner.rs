//! How a peer speaks: what it offers, how fast it is, in how many lines it answers.

use std::time::Duration;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) enum Protocol {
    /// RFC 5321.
    Smtp,
    /// RFC 2033.
    Lmtp,
}

/// What a peer offers in its answer to EHLO.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extension {
    /// RFC 2920.
    Pipelining,
    /// BDAT (RFC 3030).
    Chunking,
    /// Content that is no lines of text (RFC 3030); it needs [`Extension::Chunking`].
    BinaryMime,
    /// RFC 6152.
    EightBitMime,
    /// RFC 6531.
    SmtpUtf8,
    /// RFC 3461.
    Dsn,
    /// RFC 2034.
    EnhancedStatusCodes,
    /// RFC 1870: the largest mail, in octets; zero: any.
    Size(u64),
    /// Any other keyword, with its parameters. The peer says it, and that is all.
    Other(String),
}

impl Extension {
    /// All that a peer offers by default.
    pub fn all() -> Vec<Extension> {
        use Extension::*;
        vec![Pipelining, Chunking, BinaryMime, EightBitMime, SmtpUtf8, Dsn, EnhancedStatusCodes, Size(0)]
    }

    pub(super) fn keyword(&self) -> String {
        match self {
            Extension::Pipelining => "PIPELINING".into(),
            Extension::Chunking => "CHUNKING".into(),
            Extension::BinaryMime => "BINARYMIME".into(),
            Extension::EightBitMime => "8BITMIME".into(),
            Extension::SmtpUtf8 => "SMTPUTF8".into(),
            Extension::Dsn => "DSN".into(),
            Extension::EnhancedStatusCodes => "ENHANCEDSTATUSCODES".into(),
            Extension::Size(0) => "SIZE".into(),
            Extension::Size(most) => format!("SIZE {most}"),
            Extension::Other(keyword) => keyword.clone(),
        }
    }
}

/// How it speaks.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub extensions: Vec<Extension>,
    /// Before each reply.
    pub pause: Duration,
    /// Between two octets of a reply; `None`: a reply is written at once.
    pub drip: Option<Duration>,
    /// Every reply has several lines.
    pub multi_line: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Manner { extensions: Extension::all(), pause: Duration::ZERO, drip: None, multi_line: false }
    }
}

/// Lines of each reply where every reply has several.
const LINES: usize = 3;

impl Manner {
    /// The reply as it goes over the wire (RFC 5321, 4.2.1).
    pub fn reply(&self, code: u16, text: &str) -> String {
        let mut lines: Vec<&str> = text.split('\n').collect();
        if self.multi_line && lines.len() == 1 {
            lines = vec![text; LINES];
        }
        let last = lines.len() - 1;
        let line = |(at, text): (usize, &&str)| {
            let sign = if at == last { ' ' } else { '-' };
            format!("{code}{sign}{}\r\n", text.replace('\r', " "))
        };
        lines.iter().enumerate().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_has_a_line_for_each_of_its_text_and_three_where_all_have_several() {
        let mut manner = Manner::default();
        assert_eq!(manner.reply(250, "2.0.0 ok"), "250 2.0.0 ok\r\n");
        assert_eq!(manner.reply(250, "here\nDSN"), "250-here\r\n250 DSN\r\n");
        manner.multi_line = true;
        assert_eq!(manner.reply(451, "no"), "451-no\r\n451-no\r\n451 no\r\n");
    }
}
