//! Why a mail could not be put into a mailbox, and what that comes to.
//!
//! Rule: only what will be the same tomorrow fails for good. No path is told: replies go to strangers.

use std::{borrow::Cow, io};

use postrider_engine::{Diagnosis, NoUser, Outcome, Reply, Scope};
use thiserror::Error;

use crate::mailfile::WriteError;

/// Why there is no delivery.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("no such user here")]
    NoUser,
    #[error("the mailbox is full")]
    Full { refuse: bool },
    /// The file system's own limit for its owner.
    #[error("the owner of the mailbox may not have more on this disk")]
    DiskQuota,
    #[error("no space is left on the disk of the mailbox")]
    NoSpace,
    #[error("the mailbox cannot be used: {step}: {source}")]
    Mailbox { step: &'static str, source: io::Error },
    /// The spool's side of it.
    #[error("the content cannot be read back: {0}")]
    Content(io::Error),
}

impl Trouble {
    /// What was tried when a file call on the mailbox failed.
    pub fn when(step: &'static str) -> impl FnOnce(io::Error) -> Trouble {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull => Trouble::NoSpace,
            io::ErrorKind::QuotaExceeded => Trouble::DiskQuota,
            _ => Trouble::Mailbox { step, source },
        }
    }

    /// A person who runs this host should hear of it.
    pub fn is_ours(&self) -> bool {
        matches!(self, Trouble::NoSpace | Trouble::Mailbox { .. } | Trouble::Content(_))
    }

    pub fn outcome(&self) -> Outcome {
        let scope = if matches!(self, Trouble::Content(_)) { Scope::Mail } else { Scope::Recipient };
        let reply = match self {
            Trouble::NoUser => Reply::new(550, 1, 1, ""),
            Trouble::Full { refuse: true } => Reply::new(552, 2, 2, ""),
            Trouble::Full { refuse: false } | Trouble::DiskQuota => Reply::new(452, 2, 2, ""),
            Trouble::NoSpace => Reply::new(452, 3, 1, ""),
            Trouble::Mailbox { .. } | Trouble::Content(_) => Reply::new(451, 3, 0, ""),
        };
        Outcome::refused(Diagnosis::own(scope, reply.with_text(Cow::Owned(self.to_string()))))
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::File(source) => Trouble::when("writing")(source),
            WriteError::Content(source) => Trouble::Content(source),
        }
    }
}

impl From<NoUser> for Trouble {
    fn from(error: NoUser) -> Self {
        match error {
            NoUser::Unknown => Trouble::NoUser,
            NoUser::Unsure(source) => Trouble::Mailbox { step: "looking for it", source },
        }
    }
}
