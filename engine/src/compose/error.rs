//! Why something cannot be sent.
//!
//! Rule: each error names the field or method that it is about, and says what to do instead.

use std::io;

use thiserror::Error;

use super::{MailboxError, MAX_COMPOSED_HEADER, MAX_MAIL, MAX_RECIPIENTS};
use crate::MAX_HEADER_LINE;

/// Something cannot be sent as it is: a permanent error, and nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// It is for nobody.
    #[error("the mail has no recipient: name one with to, cc or bcc")]
    NoRecipient,
    /// It does not say by whom it is (RFC 5322, 3.6.2).
    #[error("the mail is from nobody: name the author with from")]
    NoFrom,
    /// It has several authors, and nobody sent it (RFC 5322, 3.6.2).
    #[error("the mail has several authors: say with sender who of them sends it")]
    NoSender,
    /// Its envelope has no sender, not even the null one.
    #[error("the envelope has no sender: give it with from, null_sender or envelope_from_header")]
    NoEnvelopeSender,
    /// What was given as a mailbox is none.
    #[error("{field}: \"{text}\" is no mailbox: {problem}")]
    Mailbox {
        /// The method or field.
        field: &'static str,
        /// What was given, cut and with its controls escaped.
        text: String,
        /// What is wrong with it.
        problem: MailboxError,
    },
    /// A text has a control that no header can have.
    #[error(
        "{field}: there is a control (CR, LF, NUL or another) at octet {at}: write it as one line without controls"
    )]
    Control {
        /// The method or field.
        field: String,
        /// At which octet.
        at: usize,
    },
    /// A text or a number of things is above its limit.
    #[error("{field}: more than {limit} {unit}: {instead}")]
    TooMuch {
        /// The method or field.
        field: String,
        /// The limit.
        limit: usize,
        /// Of what.
        unit: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// A field has so many octets without a blank that no line can have it (RFC 5322, 2.1.1).
    #[error("{field}: more than {MAX_HEADER_LINE} octets without a blank: put a blank where it may be folded")]
    LongWord {
        /// The field.
        field: String,
    },
    /// The name of a field is none (RFC 5322, 3.6.8).
    #[error("header: \"{0}\" is no name of a field: write at most 76 letters, digits and hyphens")]
    FieldName(String),
    /// The field has a method of its own, or is not for a program to write.
    #[error("header: {name} is not set so: {instead}")]
    Reserved {
        /// The name as it was given.
        name: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// A text is not what the field or parameter takes.
    #[error("{field}: \"{text}\" is not {what}")]
    Value {
        /// The method or field.
        field: &'static str,
        /// What was given, cut and with its controls escaped.
        text: String,
        /// What it should be, with an example.
        what: &'static str,
    },
    /// A body is not in the form that its method takes.
    #[error("{field}: {problem}: {instead}")]
    NotThis {
        /// The method.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// An attachment cannot be read.
    #[error("attachment \"{name}\" cannot be read: {text}")]
    Read {
        /// Its file name or path.
        name: String,
        /// What kind of error it was.
        kind: io::ErrorKind,
        /// What the system said.
        text: String,
    },
    /// An option is for an address that is no recipient.
    #[error("{field}: <{address}> is no recipient of this mail: name it with to, cc or bcc, too")]
    NotARecipient {
        /// The method.
        field: &'static str,
        /// The address.
        address: String,
    },
    /// It would expire before it may be delivered.
    #[error("expires: the mail would expire before it may be delivered: give a time after now and after not_before")]
    Expired,
    /// It has too many recipients.
    #[error("the mail has more than {MAX_RECIPIENTS} recipients: send it in parts")]
    TooManyRecipients,
    /// Its header is too large.
    #[error("the header has more than {MAX_COMPOSED_HEADER} octets: name most recipients with bcc")]
    LongHeader,
    /// It is too large.
    #[error("the mail would have {MAX_MAIL} octets or more: send less, or a link to it")]
    TooLarge,
    /// Raw octets are no mail.
    #[error("octets: {0}")]
    Raw(#[from] RawProblem),
}

/// Why raw octets are no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RawProblem {
    /// They do not begin with a field (RFC 5322, 2.1).
    #[error("they do not begin with a header: write \"Subject: ...\", an empty line, and then the text")]
    NoHeader,
    /// The header ends with something that is neither a field nor an empty line.
    #[error("line {line} is no header field: end the header with an empty line")]
    NotAField {
        /// Which line, counted from 1.
        line: usize,
    },
    /// There is a NUL, which no mail may have (RFC 5322, 4.1; RFC 5321, 4.5.2).
    #[error("there is a NUL at octet {at}: encode the part that has it as base64")]
    Nul {
        /// At which octet.
        at: usize,
    },
    /// There is a CR that no LF follows (RFC 5322, 2.3).
    #[error("there is a CR without LF at octet {at}: end lines with CRLF or LF")]
    BareCr {
        /// At which octet.
        at: usize,
    },
    /// A line is too long (RFC 5322, 2.1.1).
    #[error("line {line} has more than {MAX_HEADER_LINE} octets: encode its part as quoted-printable or base64, or fold the field")]
    LongLine {
        /// Which line, counted from 1.
        line: usize,
    },
    /// The header is neither ASCII nor UTF-8 (RFC 6532, 3.2).
    #[error("the header is neither ASCII nor UTF-8: write names and subjects as UTF-8 or as encoded words")]
    NotUtf8,
}

impl ComposeError {
    /// A value that is not what its field takes.
    pub(super) fn value(field: &'static str, text: &str, what: &'static str) -> Self {
        ComposeError::Value { field, text: excerpt(text), what }
    }

    /// Above a limit, and what to do instead.
    pub(super) fn too_much(field: &str, limit: usize, unit: &'static str, instead: &'static str) -> Self {
        ComposeError::TooMuch { field: field.to_owned(), limit, unit, instead }
    }
}

/// As much of a text as an error shows.
const EXCERPT: usize = 80;

/// The beginning of a text, as it may stand in a log line.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).flat_map(char::escape_debug).collect()
}
