//! Why bad mail cannot be read or removed.

use std::io;

use thiserror::Error;

use super::LONGEST_NAME;

/// A bad mail cannot be read or removed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BadMailProblem {
    /// No bad mail can have this name. Permanent.
    #[error("{name:?} is no name of bad mail: one has 1 to {LONGEST_NAME} of A-Z a-z 0-9 . _ -, and no .eml behind it; list says which there are")]
    Name {
        /// What was given.
        name: String,
    },
    /// There is none of this name. Permanent: it is not here, or not any more.
    #[error("there is no bad mail {name}; list says which there are")]
    NotThere {
        /// What was given.
        name: String,
    },
    /// The folder cannot be read or written.
    #[error("{place}: {source}; see who may read and write there")]
    Folder {
        /// The folder.
        place: String,
        /// What the system says.
        source: io::Error,
    },
}

impl BadMailProblem {
    /// The same may be done later.
    pub fn is_temporary(&self) -> bool {
        match self {
            BadMailProblem::Name { .. } | BadMailProblem::NotThere { .. } => false,
            BadMailProblem::Folder { source, .. } => source.kind() != io::ErrorKind::PermissionDenied,
        }
    }
}
