//! Why a file is no mail.

use std::fmt;

use thiserror::Error;

use crate::{ComposeError, Reply};

/// What is wrong, as a word that stays the same from version to version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileCode {
    /// The file has no octets.
    Empty,
    /// It does not say by whom the mail is.
    NoSender,
    /// It does not say for whom the mail is.
    NoRecipient,
    /// There are more recipients than a file may have.
    TooManyRecipients,
    /// A text is no address.
    BadAddress,
    /// A line of the envelope cannot be understood.
    BadEnvelope,
    /// The file is larger than a mail may be.
    TooLarge,
    /// What follows the lines of the envelope is no mail: no header, a NUL, a line without end.
    NoMail,
    /// Dots are stuffed here, and something stands behind the dot that ends the mail.
    BehindTheDot,
    /// A sink has refused it.
    Refused,
    /// It is a link, or it has another name elsewhere.
    Link,
    /// It is no file: a pipe, a socket, a device, a folder.
    NotAFile,
    /// It cannot be read.
    Unreadable,
    /// It was claimed so long ago, or was changed so, that nobody knows whether it was mailed.
    PerhapsMailed,
    /// It was mailed, and was written to after that.
    Changed,
}

impl FileCode {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            FileCode::Empty => "empty",
            FileCode::NoSender => "no_sender",
            FileCode::NoRecipient => "no_recipient",
            FileCode::TooManyRecipients => "too_many_recipients",
            FileCode::BadAddress => "bad_address",
            FileCode::BadEnvelope => "bad_envelope",
            FileCode::TooLarge => "too_large",
            FileCode::NoMail => "no_mail",
            FileCode::BehindTheDot => "behind_the_dot",
            FileCode::Refused => "refused",
            FileCode::Link => "link",
            FileCode::NotAFile => "not_a_file",
            FileCode::Unreadable => "unreadable",
            FileCode::PerhapsMailed => "perhaps_mailed",
            FileCode::Changed => "changed",
        }
    }
}

impl fmt::Display for FileCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// A file is no mail: it would be none the next time, too.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text}")]
#[non_exhaustive]
pub struct FileProblem {
    /// For programs.
    pub code: FileCode,
    /// For people: what is wrong, and what to do.
    pub text: String,
    /// The field that it is about.
    pub field: Option<String>,
    /// The line of the file, counted from 1.
    pub line: Option<usize>,
}

impl FileProblem {
    /// A problem of the whole file.
    pub fn new(code: FileCode, text: impl fmt::Display) -> Self {
        FileProblem { code, text: text.to_string(), field: None, line: None }
    }

    /// It is about this field.
    #[must_use]
    pub fn of(self, field: impl Into<String>) -> Self {
        FileProblem { field: Some(field.into()), ..self }
    }

    /// It is in this line.
    #[must_use]
    pub fn in_line(self, line: usize) -> Self {
        FileProblem { line: Some(line), ..self }
    }

    /// What SMTP says about such content.
    pub fn refused(code: FileCode, reply: &Reply) -> Self {
        Self::new(code, reply)
    }
}

/// What a header says of the envelope cannot be understood.
impl From<ComposeError> for FileProblem {
    fn from(error: ComposeError) -> Self {
        let text = match &error {
            ComposeError::NoRecipient => {
                "the mail is for nobody: write x-receiver lines above its header, or To, Cc or Bcc".into()
            }
            ComposeError::NoFrom => "the mail is from nobody: write an x-sender line above its header, or From".into(),
            ComposeError::NoSender => {
                "the mail has several authors: write an x-sender line above its header, or Sender".into()
            }
            other => other.to_string(),
        };
        match error {
            ComposeError::NoRecipient => Self::new(FileCode::NoRecipient, text).of("To"),
            ComposeError::NoFrom | ComposeError::NoSender => Self::new(FileCode::NoSender, text).of("From"),
            ComposeError::Mailbox { field, .. } => Self::new(FileCode::BadAddress, text).of(field),
            ComposeError::TooManyRecipients => Self::new(FileCode::TooManyRecipients, text).of("To"),
            _ => Self::new(FileCode::NoMail, text),
        }
    }
}
