//! Mail for hosts that take less than others: what a relay asks for, and what it hears.
//!
//! Rule: what is in the spool stays as it came. A host gets what was made for it, and the next host what the mail is.

use std::fmt;

use thiserror::Error;

use crate::{Body, BoxFuture, Content};

/// Which mail may be converted for a host that cannot take it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convertible {
    /// None: it fails there.
    Never,
    /// What nobody has signed, neither its author (S/MIME, OpenPGP) nor a host (DKIM).
    Intact,
    /// What its author has not signed. The signature of a host breaks, and is then as none (RFC 6376, 6.1).
    #[default]
    Unsigned,
    /// All. Signatures break.
    Always,
}

/// What a host takes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takes {
    /// What its content may be (RFC 6152, RFC 3030).
    pub body: Body,
    /// Its header may be UTF-8 (RFC 6532).
    pub utf8: bool,
}

/// Why a mail is not converted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotDowngraded {
    /// It cannot be: it never will. Why, in words.
    #[error("{0}")]
    Impossible(String),
    /// It could not be now. What went wrong, in words.
    #[error("{0}")]
    Unavailable(String),
}

/// Converts mail for hosts that take less.
pub trait Downgrade: fmt::Debug + Send + Sync {
    /// The content as such a host takes it. What is that already comes back as it is.
    ///
    /// The future may take its time, and blocks no thread. It may be dropped: nobody waits for the content any more.
    fn downgrade(
        &self,
        content: Content,
        takes: Takes,
        which: Convertible,
    ) -> BoxFuture<'static, Result<Content, NotDowngraded>>;
}
