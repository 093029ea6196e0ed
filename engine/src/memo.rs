//! What is remembered of a mail beyond its life: under which key it was sent, whether its ticket was redeemed, and who has
//! not got it.
//!
//! Rule: a memo is written with its mail, as one entry, so there is never one without the other. Who is not spoken of, and is
//! not open any more, has the mail.

use std::{fmt, sync::Arc};

use sha2::{Digest, Sha256};

use crate::{Diagnosis, Fact, How, Moment, Place, RcptNo, Standing, Success};

/// A key under which a program sends once, as it is kept: a hash, so that every key costs the same, and none can be read
/// from the disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash([u8; 16]);

impl KeyHash {
    /// The first half of the key's SHA-256.
    pub fn of(key: &str) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(key.as_bytes())[..16]);
        KeyHash(half)
    }

    /// The same key of this user, who shares the engine with others: who knows the key of another cannot take it from them.
    #[must_use]
    pub fn of_user(self, user: u32) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::new().chain_update(format!("uid:{user}/")).chain_update(self.0).finalize()[..16]);
        KeyHash(half)
    }

    /// As it was written down.
    pub fn from_octets(octets: [u8; 16]) -> Self {
        KeyHash(octets)
    }

    /// For a record on disk.
    pub fn octets(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({:016x})", u64::from_be_bytes(std::array::from_fn(|at| self.0[at])))
    }
}

/// What is to be remembered of a new mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remember {
    /// The key under which it is sent; the same key is not sent again as long as this is remembered.
    pub key: Option<KeyHash>,
    /// It is not offered before its ticket is redeemed.
    pub prepared: bool,
    /// It is remembered also where there is no more room: whoever sends it has bounded how many there are, and gives its key up.
    pub owed: bool,
    /// Until when; of a prepared mail, when it is swept.
    pub until: Moment,
}

/// What has become of the ticket of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TicketState {
    /// It never had one.
    #[default]
    None,
    /// It waits to be redeemed.
    Prepared,
    /// It was: the mail is sent.
    Redeemed,
    /// Nobody came in time: the mail is gone.
    Swept,
}

/// How a recipient has ended who has not got the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It never will have it; but it may have it if `perhaps`.
    Failed {
        /// What was said last.
        why: Arc<Diagnosis>,
        /// A final dot was sent to it, and never answered.
        perhaps: bool,
    },
    /// Others stand in its place.
    Expanded,
    /// A sink has taken it out.
    Discarded,
}

/// What is remembered of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    /// The key under which it was sent.
    pub key: Option<KeyHash>,
    /// What has become of its ticket.
    pub ticket: TicketState,
    /// It is forgotten then; or swept, if it is prepared.
    pub until: Moment,
    /// Ends that are no deliveries, ascending.
    pub ends: Vec<(RcptNo, End)>,
    /// Where its record lies, which has the recipients too.
    pub place: Place,
}

impl Memo {
    /// Of a new mail.
    pub fn new(remember: &Remember) -> Self {
        let ticket = if remember.prepared { TicketState::Prepared } else { TicketState::None };
        let place = Place { segment: 0, offset: 0, length: 0 };
        Memo { key: remember.key, ticket, until: remember.until, ends: Vec::new(), place }
    }

    /// It may be forgotten to make room for another: nobody relies on it.
    pub fn is_light(&self) -> bool {
        self.key.is_none() && self.ticket == TicketState::None
    }

    /// Adds one fact. `standing` is how the mail stood before it; `None`: it is gone.
    pub fn note(&mut self, fact: &Fact, standing: Option<&Standing>) {
        match fact {
            Fact::Finished { recipients, how, .. } => {
                recipients.iter().for_each(|no| self.finish(*no, how, standing));
            }
            Fact::Expanded { from, .. } => self.end(*from, End::Expanded),
            Fact::Redeemed { until, .. } if self.ticket == TicketState::Prepared => {
                (self.ticket, self.until) = (TicketState::Redeemed, *until);
            }
            Fact::Swept { until, .. } if self.ticket == TicketState::Prepared => {
                (self.ticket, self.until) = (TicketState::Swept, *until);
            }
            Fact::Unkeyed { until, .. } => {
                self.key = None;
                if self.ticket == TicketState::None {
                    self.until = *until;
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, no: RcptNo, how: &How, standing: Option<&Standing>) {
        match how {
            How::Failed(why) => {
                let doubted = standing.is_some_and(|standing| standing.is_doubted(no));
                let perhaps = doubted && !why.reply.is_permanent();
                self.end(no, End::Failed { why: Arc::clone(why), perhaps });
            }
            How::Expanded | How::Confirm(Success::Expanded, _) => self.end(no, End::Expanded),
            How::Discarded => self.end(no, End::Discarded),
            How::Delivered | How::Confirm(..) => {}
        }
    }

    /// The first end is the only one.
    pub(crate) fn end(&mut self, no: RcptNo, end: End) {
        if let Err(at) = self.ends.binary_search_by_key(&no, |(no, _)| *no) {
            self.ends.insert(at, (no, end));
        }
    }

    /// The record of it lies there.
    pub fn at(self, place: Place) -> Self {
        Memo { place, ..self }
    }
}
