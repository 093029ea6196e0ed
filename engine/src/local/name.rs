//! The name of a user: what may be the name of one folder.
//!
//! Rule: checked where it is made, so whoever has one may put it into a path as it is.

use std::{fmt, path::Path, sync::Arc};

use thiserror::Error;

/// Octets of a name: what file systems give to one.
pub const MAX_USER_NAME: usize = 255;

/// The name of a local user. It is never empty, begins with no dot, and has no `/` and no control in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Arc<str>);

/// Why a text is no name of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UserNameError {
    /// It has no letter.
    #[error("a user has a name")]
    Empty,
    /// It would be hidden, the folder itself, or the one above.
    #[error("the name of a user begins with no dot")]
    Dot,
    /// It would be more than one name, or one that nobody can read.
    #[error("the name of a user has no / and no control character")]
    Character,
    /// File systems have no such names.
    #[error("the name of a user has at most {MAX_USER_NAME} octets")]
    TooLong,
}

impl UserName {
    /// This text as a name.
    ///
    /// # Errors
    /// [`UserNameError`]: it cannot be the name of a folder.
    pub fn new(text: &str) -> Result<Self, UserNameError> {
        match text {
            "" => Err(UserNameError::Empty),
            text if text.starts_with('.') => Err(UserNameError::Dot),
            text if text.contains(|c: char| c == '/' || c.is_control()) => Err(UserNameError::Character),
            text if text.len() > MAX_USER_NAME => Err(UserNameError::TooLong),
            text => Ok(UserName(text.into())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<Path> for UserName {
    fn as_ref(&self) -> &Path {
        Path::new(&*self.0)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
