//! The one way in: whoever brings mail calls this and passes the answer on. Its sinks come first, then the commit.
//!
//! Rule: the border is the commit. Sinks work on a draft for which its sender still answers; what they come to (the mail,
//! who is refused, whether it is held, the mails they made of it) is one entry.

use actix::Recipient;
use postrider_engine::{
    events::{BeforeCommit, Caller, EndOfData, Message, MessageParts, Submission, Turn},
    Diagnosis, Door as DoorName, Draft, Durability, Entry, HeldBy, HeldWhy, Mail, QueueId, RcptNo, Receipt, Remember,
    Reply, Scope,
};
use tokio::sync::oneshot;
use tracing::info;

use crate::{
    chain::{Ended, Events, SessionGuests},
    messages::{Commit, Refused},
};

/// What a client is told of a mail that the spool did not take: by SMTP, and by the socket for programs.
pub(crate) const NOT_KEPT: Reply = Reply::new(451, 3, 0, "The mail could not be kept; try again later");
const LATER: Reply = Reply::new(451, 3, 0, "The mail cannot be taken at present; try again later");

/// The way past the sinks to the spooler.
#[derive(Clone)]
pub struct Door {
    spooler: Recipient<Commit>,
    events: Events,
}

/// A mail that was taken.
#[derive(Debug, Default)]
pub struct Taken {
    /// Its number; none if a sink has dropped it.
    pub id: Option<QueueId>,
    /// Recipients for whom it was not taken, where each is answered.
    pub refused: Vec<(RcptNo, Reply)>,
}

/// A mail that was not taken. Its sender still has it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotTaken {
    /// A sink has refused it, or has failed.
    #[error("{0}")]
    Rejected(Reply),
    /// It was not written.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// A mail past its sinks.
pub struct Screened {
    /// What is to be written; nothing, if a sink dropped the mail and nothing came of it.
    pub entry: Option<Entry>,
    /// The mail itself is the first of the entry.
    is_kept: bool,
    refused: Vec<(RcptNo, Reply)>,
}

impl Door {
    /// A door before this spooler, with these sinks.
    pub fn new(spooler: Recipient<Commit>, events: Events) -> Self {
        Door { spooler, events }
    }

    /// What is bound to the events.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// `Ok`: it is on our disk, we answer for it; or a sink has dropped it. Once the sinks are done this is to be awaited
    /// to its end: there is no time-out of a promise. `caller` is the client that waits for the answer.
    ///
    /// # Errors
    /// [`NotTaken`]: without space nothing was written; after a failure of the spool nothing is known, and nothing may be
    /// answered.
    pub async fn submit(
        &self,
        draft: Draft,
        own: &mut SessionGuests,
        caller: Option<Caller>,
    ) -> Result<Taken, NotTaken> {
        let screened = self.screen(draft, own, caller).await.map_err(NotTaken::Rejected)?;
        self.take(screened).await
    }

    /// Makes a mail ours that is past its sinks.
    ///
    /// # Errors
    /// [`NotTaken`], as for [`Door::submit`].
    pub async fn take(&self, screened: Screened) -> Result<Taken, NotTaken> {
        self.take_as(screened, Durability::Synced).await
    }

    /// The same, and it is only so durable when this returns.
    ///
    /// # Errors
    /// [`NotTaken`], as for [`Door::submit`].
    pub async fn take_as(&self, screened: Screened, durability: Durability) -> Result<Taken, NotTaken> {
        let Screened { entry, is_kept, refused } = screened;
        let Some(entry) = entry else { return Ok(Taken { id: None, refused }) };
        let receipt = self.commit(entry, durability).await?;
        let id = receipt.ids().first().copied().filter(|_| is_kept);
        for made in receipt.ids().iter().skip(usize::from(is_kept)) {
            info!(id = %made, of = id.map(tracing::field::display), "made by a sink");
        }
        Ok(Taken { id, refused })
    }

    /// Leads a mail past the sinks of its door and writes nothing.
    ///
    /// # Errors
    /// The reply to whoever sends it.
    pub async fn screen(
        &self,
        draft: Draft,
        own: &mut SessionGuests,
        caller: Option<Caller>,
    ) -> Result<Screened, Reply> {
        let (door, mut parts) = (draft.envelope.door, MessageParts::new(draft, None, caller));
        if matches!(door, DoorName::Smtp | DoorName::Lmtp) {
            let turn;
            (parts, turn) = self.run::<EndOfData>(parts, own).await?;
            if turn == Turn::Discard {
                return Ok(Screened::dropped(parts.made));
            }
        }
        let (parts, turn) = self.run::<Submission>(parts, own).await?;
        match turn {
            Turn::Discard => Ok(Screened::dropped(parts.made)),
            _ => Screened::kept(parts, door == DoorName::Lmtp),
        }
    }

    async fn run<E: BeforeCommit>(
        &self,
        parts: MessageParts,
        own: &mut SessionGuests,
    ) -> Result<(MessageParts, Turn), Reply> {
        match self.events.run::<E>(own, Message::new(parts)).await {
            Ended::Passed(_, Turn::Reject(reply)) => Err(reply),
            Ended::Passed(message, turn) => Ok((message.into_parts(), turn)),
            Ended::Failed { .. } => Err(LATER),
        }
    }

    /// Writes what is past its sinks, or needs none.
    pub(crate) async fn commit(&self, entry: Entry, durability: Durability) -> Result<Receipt, Refused> {
        let (answer, answered) = oneshot::channel();
        self.spooler.do_send(Commit { entry, durability, answer });
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Screened {
    /// This is to be remembered of the mail.
    pub fn remembered(mut self, remember: Remember) -> Self {
        if let (Some(entry), true) = (&mut self.entry, self.is_kept) {
            let mut new = std::mem::take(&mut entry.new).into_iter();
            entry.new.extend(new.next().map(|mail| mail.remembered(remember)));
            entry.new.extend(new);
        }
        self
    }

    /// What was made of a mail stays.
    fn dropped(made: Vec<Draft>) -> Self {
        let new: Vec<_> = made.into_iter().map(Mail::received).collect();
        let entry = (!new.is_empty()).then(|| Entry { new, facts: Vec::new() });
        Screened { entry, is_kept: false, refused: Vec::new() }
    }

    /// `each`: the client hears of each recipient, and has to see to those that were refused.
    fn kept(parts: MessageParts, each: bool) -> Result<Self, Reply> {
        let MessageParts { mut draft, mut refused, held, made, .. } = parts;
        let is_refused = |no: RcptNo, refused: &[(RcptNo, Reply)]| refused.iter().any(|(other, _)| *other == no);
        // One that a later sink has taken out is nobody's business any more.
        refused.retain(|(no, _)| draft.envelope.recipients.get(*no).is_some());
        match draft.envelope.recipients.numbers().all(|no| is_refused(no, &refused)) {
            true if each => return Ok(Screened { refused, ..Screened::dropped(made) }),
            true => return Err(refused.into_iter().next().map_or(LATER, |(_, reply)| reply)),
            false => {}
        }
        if each {
            draft.envelope.recipients.retain(|no| !is_refused(no, &refused));
        }
        let mut mail = Mail::received(draft);
        if !each {
            for (no, reply) in std::mem::take(&mut refused) {
                mail = mail.refused(no, Diagnosis::own(Scope::Mail, reply));
            }
        }
        if let Some(reason) = held {
            mail = mail.held(HeldWhy { by: HeldBy::Policy, reason });
        }
        let new = std::iter::once(mail).chain(made.into_iter().map(Mail::received)).collect();
        Ok(Screened { entry: Some(Entry { new, facts: Vec::new() }), is_kept: true, refused })
    }
}

fn gone() -> Refused {
    Refused::Failed(postrider_engine::SpoolFailed { reason: "the engine has stopped".into() })
}
