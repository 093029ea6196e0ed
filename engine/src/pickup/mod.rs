//! Files of a pickup folder: which mail a file is, and which file says a mail.
//!
//! Rule: a file is a mail whole or not at all, and nothing of its text is lost or changed but for ends of lines, the lines of
//! the envelope and, where it was asked for, doubled dots. What is no mail says why, with a word for programs, a text for
//! people, the field and the line.
//!
//! A file is the lines of the envelope (`x-sender: ann@example.org`, `x-receiver: bob@example.net`), if there are any, and
//! behind them a mail. Without them the envelope is what the header says.

mod dots;
mod folder;
mod lines;
mod problem;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::session::Limits;

pub use folder::{FileMail, Hint, Pickup, Round, Settled, Tick};
pub use problem::{FileCode, FileProblem};
pub use read::read_file;
pub use write::{envelope_lines, Unsayable};

/// Octets of one line of the envelope: an address, and all that RFC 3461 lets stand beside it.
pub const MAX_ENVELOPE_LINE: usize = 4096;
/// Octets of all of them: as many recipients as a file may have, with usual addresses.
pub const MAX_ENVELOPE: usize = 2 * 1024 * 1024;

/// What kind of files a folder has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileForm {
    /// Mail that begins here: it gets `Date`, `Message-ID` and `From` if they are missing, and `Bcc` is taken out.
    #[default]
    Pickup,
    /// Mail that was exported with its envelope: the envelope has to be there, and the mail stays as it is.
    Replay,
}

/// What a dot at the beginning of a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dots {
    /// Text, as everything else.
    #[default]
    Plain,
    /// Doubled, as in SMTP; a dot alone ends the mail, and nothing may stand behind it.
    Stuffed,
}

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct FileRules {
    /// What kind of files they are.
    pub form: FileForm,
    /// What a dot at the beginning of a line is.
    pub dots: Dots,
    /// Recipients that a file may have.
    pub recipients: usize,
    /// How much a mail may have of everything else.
    pub limits: Limits,
}
