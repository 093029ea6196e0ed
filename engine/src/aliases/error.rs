//! What can be wrong with a line of an alias file or a table: where, what, and the remedy.

use thiserror::Error;

use super::{MAX_INCLUDES, MAX_MEMBERS, MAX_NESTING};
use crate::AddressError;

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}, line {line}: {problem}")]
#[non_exhaustive]
pub struct AliasError {
    /// The file that the line is in: the included one, if it is in that.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: AliasProblem,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AliasProblem {
    /// Not a name, a colon and members; or not a key and members.
    #[error("write a name, a colon and who stands for it, as in \"team: ann, bob@example.org\"")]
    NoAlias,
    /// A line of a table without two parts.
    #[error("write an address and who stands for it, as in \"info@example.org ann\" or \"@old.example @new.example\"")]
    NoLine,
    /// The name has a line already.
    #[error("\"{0}\" has a line already; put all its members on one")]
    Twice(String),
    /// A program is to be run.
    #[error(
        "\"{0}\" is a program, and mail is never handed to one; use an address, and a service that takes its mail"
    )]
    Program(String),
    /// A file is to be written.
    #[error("\"{0}\" is a file, and aliases write no files; use the address of a mailbox, or /dev/null for nobody")]
    File(String),
    /// Neither a name nor an address.
    #[error("\"{text}\" is no address: {why}")]
    NoAddress {
        /// What stands there.
        text: String,
        /// What is wrong with it.
        why: AddressError,
    },
    /// A list that cannot be read.
    #[error("the list {path} cannot be read: {why}")]
    Include {
        /// Which file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// Includes without end.
    #[error("more than {MAX_INCLUDES} lists are included, or they include each other")]
    Includes,
    /// A name that leads back to itself by way of others.
    #[error("\"{0}\" leads back to itself; a name may stand for itself only on its own line")]
    Loop(String),
    /// Too deep, or too many.
    #[error("\"{0}\" stands for more than {MAX_MEMBERS} recipients, or is nested deeper than {MAX_NESTING}")]
    TooLarge(String),
}
