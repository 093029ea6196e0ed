//! The whole conversation of the cast on one page, in the order a mail meets it.
//!
//! What may go into a mailbox: data the sender can do without, or what carries its own `Drop` (lease, hold, slip), or
//! what is on disk. Nothing else travels, because a mailbox that closes drops what is in it.

use std::sync::Arc;

use actix::Message;
use postrider_engine::{
    events::{Event, Fault, Verdict},
    session::Flushed,
    Address, DeliveryStatus, Durability, Entry, Fact, Flush, HeldWhy, Hop, KeyHash, Moment, News, NotWritten, Offered,
    Part, QueueId, QueuePriority, RcptNo, Receipt, Rest, Route, Slip, SpoolFailed, SpoolGone, TicketState, Told,
};
use tokio::sync::{mpsc, oneshot};

use crate::watching::StatusChange;

/// Why an entry was not written.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Nothing of it was written; the engine goes on (452).
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// Nothing is known of it; the engine fails (no answer at all).
    #[error(transparent)]
    Failed(#[from] SpoolFailed),
}

/// chain -> host of guests, or an actor of the user's own, awaited: serve this event, and give it back with the answer.
pub struct Ask<E: Event>(pub E::Given);

impl<E: Event> Message for Ask<E> {
    type Result = Result<Verdict<E>, Fault>;
}

/// door, categorizer, reporter -> spooler, awaited: write this. For the door the answer is the 250.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Commit {
    /// What is to be written.
    pub entry: Entry,
    /// How durable it is when it is answered.
    pub durability: Durability,
    /// Told when it is that durable, or refused.
    pub answer: oneshot::Sender<Result<Receipt, Refused>>,
}

/// spooler -> categorizer, told: this mail is ours and wants to go on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Accepted(pub Offered);

/// categorizer -> exchange -> queue, told: deliver to these recipients.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Enqueue {
    /// Who and what.
    pub slip: Slip,
    /// What its hop is, for whoever has to open the queue.
    pub way: Arc<Route>,
    /// Which edition of the routes it was found by.
    pub edition: u32,
}

/// lease -> spooler, awaited by the carrier: the final dot is about to be sent.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Attempt {
    /// [`Fact::Attempting`]
    pub fact: Fact,
    /// Told when it is written, or synced, as the settings ask.
    pub answer: oneshot::Sender<Result<(), SpoolGone>>,
}

/// lease -> queue, told: the attempt is over; this is left to do.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Home {
    /// To be tried again.
    pub rest: Option<Part>,
    /// When it was lent, as the queue's window counts.
    pub era: u32,
}

/// lease, queue -> spooler, told: write this down with the next batch.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Record(pub Told);

/// queue -> spooler, told: keep these until they are due, or until their hop has room.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rested(pub Rest);

/// queue -> spooler, told: the hop has room for so many slips that stood aside.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Wanted {
    /// Which hop.
    pub hop: Hop,
    /// Of which urgency: each has room of its own.
    pub priority: QueuePriority,
    /// For how many mails it has room.
    pub room: usize,
    /// How many slips the queue had sent aside when it asked.
    pub sent_aside: u64,
    /// Told when fewer are standing aside.
    pub none_left: actix::Recipient<NoneLeft>,
}

/// spooler -> queue, told: nobody stands aside for your hop any more, of so many slips that you had sent aside. If you
/// have sent more since, they are on their way to the spooler, and this is old news.
#[derive(Message)]
#[rtype(result = "()")]
pub struct NoneLeft {
    /// Of this urgency.
    pub priority: QueuePriority,
    /// So many had been sent.
    pub sent_aside: u64,
}

/// transport -> spooler, told: routes have changed, so nobody calls those who stand aside; they are due now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Recall;

/// spooler, categorizer -> reporter, told: this became of these recipients, and that is on disk.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Tell(pub News);

/// last hold -> spooler, told by `Drop`: nobody answers for this mail any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unheld(pub QueueId);

/// handle -> spooler, awaited: which mails are held?
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskHeld(pub oneshot::Sender<Vec<(QueueId, HeldWhy)>>);

/// handle -> spooler, awaited: is every mail on disk accounted for?
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskAudit(pub oneshot::Sender<Audit>);

/// What an audit has found: each mail on disk is out, rests until it is due, or is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// Mails that are not done.
    pub on_disk: usize,
    /// Of those, how many somebody has in hand at present.
    pub out: usize,
    /// How many wait until they are due.
    pub resting: usize,
    /// How many are held for a person.
    pub held: usize,
    /// How many wait for their tickets to be redeemed.
    pub prepared: usize,
    /// Mails that nothing would have become of. There should be none; these are due again now.
    pub strays: Vec<QueueId>,
}

/// handle -> spooler, awaited: offer this mail again. `false`: it is not held.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Release(pub QueueId, pub oneshot::Sender<bool>);

/// clerk -> spooler, awaited: which mail was sent under this key? One that is known is synced.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskKey(pub KeyHash, pub oneshot::Sender<Option<QueueId>>);

/// collector -> spooler, told: nobody sends under the keys of these mails again, because their files are gone for good.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Forget {
    /// Which mails.
    pub mails: Vec<QueueId>,
    /// How long it is known what has become of them.
    pub until: Moment,
}

/// handle -> spooler, awaited: what has become of this mail? The answer is dropped if the spooler has failed, or stops.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskStatus {
    /// Which mail.
    pub id: QueueId,
    /// Also what becomes of it from now on. Otherwise nothing is kept for whoever asks.
    pub watch: bool,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<MailOf, NoStatus>>,
}

/// What has become of a mail is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStatus {
    /// Nothing is known of it.
    Forgotten,
    /// As much is watched as may be.
    Busy,
}

/// A mail, as whoever sent it sees it.
#[derive(Debug)]
pub struct MailOf {
    /// Its recipients, as they stand.
    pub recipients: Vec<(RcptNo, Address, DeliveryStatus)>,
    /// What becomes of them from here on; ends when all are at their end. If it is not watched it has ended.
    pub changes: mpsc::Receiver<StatusChange>,
}

impl MailOf {
    /// Who is not at its end.
    pub fn open(&self) -> impl Iterator<Item = RcptNo> + '_ {
        self.recipients.iter().filter(|(.., status)| !status.is_final()).map(|(no, ..)| *no)
    }
}

/// handle -> spooler, awaited: the mail of this ticket is to be sent. The answer is the ticket's state then; `None`: nothing
/// is known of it any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Redeem(pub QueueId, pub oneshot::Sender<Option<TicketState>>);

/// connection -> spooler, awaited: a client asks for this mail (ETRN). Answered at once, before anything is done.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskFlush(pub Flush, pub oneshot::Sender<Flushed>);

/// handle -> spooler, awaited: this mail is due now. The answer comes from the exchange, when all is done: how many.
#[derive(Message)]
#[rtype(result = "()")]
pub struct FlushNow(pub Flush, pub oneshot::Sender<usize>);

/// spooler -> exchange -> queue, told: what you have of this mail is due now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Hurry {
    /// Which mail.
    pub what: Flush,
    /// How many mails were made due before.
    pub due: usize,
    /// Told how many that are, with those that the queues had.
    pub answer: oneshot::Sender<usize>,
}

/// transport -> listener, connection, queue, spooler, awaited in this order: come to an end. The answer is dropped when
/// that is done, whatever way it came about.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain(pub oneshot::Sender<()>);

/// spooler -> transport, told: the disk cannot be trusted; the engine fails.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct EngineFailed(pub Arc<str>);
