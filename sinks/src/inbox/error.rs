//! Why an Inbox, or one message in it, cannot be read.
//!
//! Rule: trouble with one message is that message's; the others go on.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why no message can be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The folder is not there, or may not be read.
    #[error("{} cannot be read: {source}; check the path, and let the user of the program read it", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It has no `new` and `cur`.
    #[error("{} is no Maildir: it has no {missing}; name the folder in which new and cur are", folder.display())]
    NoMaildir {
        /// Which.
        folder: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
}

impl InboxError {
    pub(super) fn at(folder: &std::path::Path) -> impl FnOnce(io::Error) -> InboxError + '_ {
        |source| InboxError::Folder { folder: folder.to_owned(), source }
    }
}

/// Why one message cannot be had.
#[derive(Debug, Error)]
#[error("{name}: {problem}")]
#[non_exhaustive]
pub struct MessageError {
    /// The message.
    pub name: String,
    /// What is wrong.
    #[source]
    pub problem: MessageProblem,
}

/// What is wrong with a message.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MessageProblem {
    /// It has never been there, another reader took it, or it is for somebody else.
    #[error("there is no such message, or not any more")]
    Gone,
    /// Another file has its name now, or somebody has written to it since it was listed.
    #[error("the file is not the one that was listed; list the messages again")]
    Changed,
    /// It would lead out of the folder, or to a hidden file.
    #[error("it is no name of a message; take those that a listing gives")]
    Name,
    /// A symbolic link, a pipe or a device.
    #[error("it is no regular file, and is not opened; take it out of the folder")]
    NoFile,
    /// It does not begin with a header field (RFC 5322, 2.2).
    #[error("it does not begin like a mail; take it out of the folder")]
    NoMail,
    /// Its header is larger than [`MOST_HEADER`](super::MOST_HEADER).
    #[error("its header has more than {0} octets; look at the file")]
    LargeHeader(u64),
    /// It is larger than the Inbox reads into memory. What is in its header is known, and it can be deleted.
    #[error("it has {octets} octets, and {most} are read at most; set a larger limit (Inbox::largest)")]
    Large {
        /// Its size.
        octets: u64,
        /// The limit.
        most: u64,
    },
    /// More parts than [`MOST_PARTS`](super::MOST_PARTS), or deeper ones than [`MOST_DEPTH`](super::MOST_DEPTH). Its octets
    /// can be read.
    #[error("it has too many parts, or too deep ones; take its octets")]
    Parts,
    /// A part whose header is larger than [`MOST_PART_HEADER`](super::MOST_PART_HEADER), or a field about content with more than
    /// [`MOST_PARAMETERS`](super::MOST_PARAMETERS): it would take too long. Its octets can be read.
    #[error("a part has a header that is too large, or with too many parameters; take its octets")]
    PartHeader,
    /// The system says so.
    #[error("{step}: {source}")]
    File {
        /// What was tried.
        step: &'static str,
        /// What came of it.
        source: io::Error,
    },
}

impl MessageProblem {
    /// It will be the same the next time.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, MessageProblem::Changed | MessageProblem::File { .. })
    }

    /// What was tried when a file call failed.
    pub(super) fn when(step: &'static str) -> impl FnOnce(io::Error) -> MessageProblem {
        move |source| match source.kind() {
            io::ErrorKind::NotFound => MessageProblem::Gone,
            _ => MessageProblem::File { step, source },
        }
    }

    pub(super) fn of(self, name: &str) -> MessageError {
        MessageError { name: name.to_owned(), problem: self }
    }
}
