//! What can be plugged in. Each is owned by one actor, so `&mut self` is never shared.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use thiserror::Error;

use crate::{
    Address, Draft, Entry, HeldWhy, KeyHash, Lease, Left, MailStatus, Moment, Piece, QueueId, QueuePriority, RcptNo,
    Receipt, Standing, Story, TicketState,
};

/// A future whose type has no name.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries slips to a next hop, one after the other. The lease says how it went, also when it is dropped.
pub trait Target: Send + 'static {
    /// Makes one attempt. It ends the lease, and says whether the target can serve another.
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After>;

    /// How long it may stand idle before it is closed.
    fn idle_limit(&self) -> Duration {
        Duration::ZERO
    }

    /// Says good-bye to the other side; called when it is not needed any more.
    fn close(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// What can be done with a target after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It can serve the next slip.
    Reusable,
    /// It must be replaced.
    Spent,
}

/// The spool cannot be trusted any more: the engine fails.
#[derive(Clone, Debug, Error)]
#[error("the spool failed: {reason}; nothing that was promised is lost, but nothing more can be promised")]
pub struct SpoolFailed {
    /// What happened, and to which file.
    pub reason: Arc<str>,
}

/// There is no space for a new mail at present (see [`crate::Claim`]); nothing of its entry was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no space is left for new mail")]
pub struct NoSpace;

/// Why an entry was not written; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotWritten {
    /// There is no space.
    #[error(transparent)]
    NoSpace(#[from] NoSpace),
    /// This mail was sent under the same key before, and that is as durable as was asked for the entry.
    #[error("the key is that of mail {0}")]
    KeyKnown(QueueId),
    /// As many keys and tickets are remembered as may be.
    #[error("no more keys and tickets can be remembered at present")]
    TooManyKeys,
}

/// How durable a batch is when its future resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Written: it survives the death of the process.
    Written,
    /// Synced: it survives a loss of power.
    Synced,
}

/// What goes to the spool together.
pub struct Batch {
    /// Each atomic; written in this order.
    pub entries: Vec<Entry>,
    /// What is looked up when the entries are in.
    pub looks: Vec<Look>,
    /// How durable the entries are to be.
    pub durability: Durability,
}

/// A question to the spool's index.
#[derive(Clone, Debug)]
pub enum Look {
    /// For whom is something left to do?
    Left(QueueId),
    /// How does it stand, and where is its record? For these recipients it is about to be offered.
    Kept(QueueId, Vec<RcptNo>),
    /// Which mails are held?
    Held,
    /// Which mails are there at all?
    All,
    /// Which mails have larger numbers than this one? So many at most.
    Behind(QueueId, usize),
    /// Which mail was sent under this key?
    Key(KeyHash),
    /// What has become of this mail, for whoever sent it?
    Status(QueueId),
    /// What has become of the ticket of this mail?
    Ticket(QueueId),
    /// Memos that are over at this time are let go; which prepared mails are to be swept?
    Overdue(Moment),
}

/// The answer to a [`Look`]; `None`: the mail is gone.
#[derive(Debug)]
pub enum Seen {
    /// What is left to do, and how urgent it is.
    Left(QueueId, Option<(Left, QueuePriority)>, Aside),
    /// How it stands.
    Kept(QueueId, Vec<RcptNo>, Option<Kept>),
    /// All that are held.
    Held(Vec<(QueueId, HeldWhy)>),
    /// All that are not done; in no order.
    All(Vec<(QueueId, Aside)>),
    /// The next ones, by rising numbers.
    Behind(Vec<QueueId>),
    /// The mail that was sent under the key.
    Key(KeyHash, Option<QueueId>),
    /// How it stands; `None`: nothing is known of it.
    Status(QueueId, Option<Box<MailStatus>>),
    /// The state of its ticket; `None`: nothing is known of it.
    Ticket(QueueId, Option<TicketState>),
    /// Prepared mails for which nobody came in time, and when to look again.
    Overdue(Vec<QueueId>, Option<Moment>),
}

/// Whether a mail that is not done is offered, and if not, why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Aside {
    /// It is offered.
    #[default]
    No,
    /// It waits for a person.
    Held(HeldWhy),
    /// It waits for its ticket to be redeemed.
    Prepared,
}

/// A mail in the spool: how it stands and where its draft is.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The sum of its facts.
    pub standing: Standing,
    /// Where its draft is, for the reader.
    pub place: Place,
}

/// Where a record lies; means something to its spool only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Sequence of the segment.
    pub segment: u64,
    /// Octets from its beginning.
    pub offset: u32,
    /// Octets of the record.
    pub length: u32,
}

/// A batch that is in the spool.
pub struct Applied {
    /// One for each entry, in their order.
    pub receipts: Vec<Result<Receipt, NotWritten>>,
    /// One for each look, in their order.
    pub seen: Vec<Seen>,
}

/// Where the mail of a spool comes from: what names of its mails made outside are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A number that the spool keeps as long as it lives, and that no other spool has.
    pub spool: u64,
    /// Mails from this number on were not there when it was opened: no earlier process can have delivered them.
    pub first: QueueId,
}

/// Keeps committed mail through a crash.
///
/// A call hands over at once, in the order of the calls; the future, which need not be polled for that, tells the end.
pub trait Spool: Send + 'static {
    /// Writes the entries, with at most one sync for all of them, then looks.
    ///
    /// After an error nothing is known about any entry, and every later call fails as well.
    fn apply(&mut self, batch: Batch) -> BoxFuture<'static, Result<Applied, SpoolFailed>>;

    /// The mails that were not done when the spool was opened, oldest first. Taken once.
    fn take_mails(&mut self) -> Vec<QueueId>;

    /// Which spool it is, and which of its mails are new.
    fn origin(&self) -> Origin;

    /// Reads drafts back.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Keeps large content before its mail is committed.
    fn staging(&self) -> Arc<dyn Staging>;
}

/// Reads drafts back. Never waits for the writer.
pub trait Reader: Send + Sync {
    /// The draft whose record lies there. Checks id and checksum and copies out.
    fn fetch(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Draft, FetchError>>;

    /// The recipients of the mail whose record, or whose memo's record, lies there.
    fn recipients(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Vec<(RcptNo, Address)>, FetchError>>;
}

/// Why a record could not be read back.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Another record lies there now: ask again where it is.
    #[error("the record has moved")]
    Moved,
    /// The record, or the side file it names, is damaged or cannot be read.
    #[error("the record is damaged: {0}")]
    Damaged(Arc<str>),
}

/// Keeps large content before its mail is committed.
pub trait Staging: Send + Sync {
    /// Begins one side file. Dropping what it gives removes the file.
    fn begin(&self) -> BoxFuture<'static, Result<Box<dyn Staged>, StagingError>>;
}

/// A side file in the making.
pub trait Staged: Send {
    /// Adds octets at its end.
    fn append(&mut self, octets: Bytes) -> BoxFuture<'_, Result<(), StagingError>>;

    /// Syncs the file and its folder. If the piece is dropped before a spool has written a mail with it, the file goes.
    fn seal(self: Box<Self>) -> BoxFuture<'static, Result<Piece, StagingError>>;
}

/// Mail that has failed, and of which nobody can be told.
#[derive(Clone)]
pub struct Bad {
    /// Its number.
    pub id: QueueId,
    /// The mail.
    pub draft: Arc<Draft>,
    /// Whom it did not reach, and why; never empty.
    pub who: BTreeMap<RcptNo, Story>,
    /// When it was given up.
    pub at: Moment,
}

/// Keeps mail that has failed and of which nobody can be told, for a person to look at.
pub trait BadMail: Send + Sync {
    /// Keeps it. What is called kept is on disk; the same mail kept again takes the place of itself.
    fn keep(&self, bad: Bad) -> BoxFuture<'static, Result<(), BadMailError>>;
}

/// Bad mail could not be kept; it stays in the spool and is tried again.
#[derive(Clone, Debug, Error)]
#[error("bad mail could not be kept: {0}")]
pub struct BadMailError(pub Arc<str>);

/// Large content could not be kept.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StagingError {
    /// The disk is full.
    #[error("no space is left for large content")]
    NoSpace,
    /// It cannot be written at all.
    #[error("large content cannot be written: {0}")]
    Failed(Arc<str>),
}
