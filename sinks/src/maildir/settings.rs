//! What can be set about delivery into Maildirs.

use postrider_engine::{LocalUsers, Origin};

use super::Place;

/// All that is the same for every mailbox.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MaildirSettings {
    /// Where mailboxes are.
    pub place: Place,
    /// Who has one.
    pub users: LocalUsers,
    /// The spool whose mail is delivered: part of the names of files.
    pub origin: Origin,
    /// Mode of folders that are made; files have the same without the right to execute. 0700 by default.
    pub mode: u32,
    /// Who gets the folders and files; only root may give them away. By default whoever runs the program.
    pub owner: Option<Owner>,
    /// How much a mailbox may hold.
    pub quota: Quota,
    /// How lines end in files.
    pub line_ends: LineEnds,
}

impl MaildirSettings {
    /// Settings with the default of everything that has one.
    pub fn new(place: Place, users: LocalUsers, origin: Origin) -> Self {
        let (quota, line_ends) = (Quota::default(), LineEnds::default());
        MaildirSettings { place, users, origin, mode: 0o700, owner: None, quota, line_ends }
    }
}

/// A user and a group of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

/// How much a mailbox may hold in `new` and `cur`. Deliveries at the same moment may exceed it together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Octets of all files.
    pub octets: Option<u64>,
    /// Files.
    pub messages: Option<u64>,
    /// Mail for a full mailbox fails at once (5.2.2). Otherwise it is tried again (4.2.2).
    pub refuse: bool,
}

/// How lines end in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// LF, as most programs that read Maildirs expect it.
    #[default]
    Lf,
    /// CRLF, as the mail came.
    CrLf,
}
