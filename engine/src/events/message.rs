//! A mail as the sinks of a stage get it: what they may read, what they may change, and the verdicts they may give.
//!
//! Rule: the methods are the permissions. Content may be edited at every stage; recipients where the stage says so; the
//! client hears of a refusal only before the commit, and nothing is put off but after it. The duty to answer for the
//! mail is not in here: it stays with whoever leads the mail past its sinks.

use std::marker::PhantomData;

use super::{
    parts::MessageParts, sealed::Sealed, Caller, Categorize, EndOfData, Event, Fault, Given, PostCategorize,
    PreCategorize, Properties, PropertiesFull, Submission, Turn, Verdict,
};
use crate::{
    content::Content, report::ALERT, Address, Door, Draft, Envelope, Moment, QueueId, RcptNo, Recipients, Reply, Ret,
    Subject, Token,
};

/// An event whose sinks get a mail.
pub trait MailEvent: Event<Given = Message<Self>> {}
/// Before the commit: whoever sends the mail still answers for it, and hears of a refusal.
pub trait BeforeCommit: MailEvent {}
/// After the commit: we answer for it. What is refused now is reported.
pub trait AfterCommit: MailEvent {}
/// Recipients may be added, changed and taken away.
pub trait MayChangeRecipients: MailEvent {}

macro_rules! mails {
    ($($of:ident: $($event:ty),*;)*) => { $($(impl $of for $event {})*)* };
}

mails! {
    MailEvent: EndOfData, Submission, PreCategorize, Categorize, PostCategorize;
    BeforeCommit: EndOfData, Submission;
    AfterCommit: PreCategorize, Categorize, PostCategorize;
    MayChangeRecipients: EndOfData, Submission, Categorize, PostCategorize;
}

/// A mail in the hands of a sink.
#[derive(Debug)]
pub struct Message<E: MailEvent> {
    parts: MessageParts,
    event: PhantomData<E>,
}

impl<E: MailEvent> Sealed for Message<E> {}

impl<E: MailEvent> Given for Message<E> {
    fn subject(&self) -> Subject<'_> {
        Subject::from(&self.parts.draft)
    }

    fn name(&self) -> String {
        let session = self.parts.caller.as_ref().map(|caller| caller.session.clone());
        self.parts.id.map(|id| id.to_string()).or(session).unwrap_or_default()
    }

    fn spare(&self) -> Self {
        Message { parts: self.parts.clone(), event: PhantomData }
    }

    fn token(&self) -> &Token {
        &self.parts.token
    }

    fn flaw(&self, goes_on: bool) -> Option<&'static str> {
        self.parts.flaw(goes_on)
    }

    fn held(mut self, reason: &str) -> Self {
        self.hold(reason);
        self
    }
}

impl<E: MailEvent> Message<E> {
    /// A message for the sinks of a stage: for whoever leads it past them.
    pub fn new(parts: MessageParts) -> Self {
        Message { parts, event: PhantomData }
    }

    /// What became of it.
    pub fn into_parts(self) -> MessageParts {
        self.parts
    }

    /// What SMTP says about it.
    pub fn envelope(&self) -> &Envelope {
        &self.parts.draft.envelope
    }

    /// Its octets.
    pub fn content(&self) -> &Content {
        &self.parts.draft.content
    }

    /// Its octets, to be edited. What is not edited stays as it is, octet for octet.
    pub fn content_mut(&mut self) -> &mut Content {
        self.parts.changed = true;
        &mut self.parts.draft.content
    }

    /// Its number, once it is ours.
    pub fn id(&self) -> Option<QueueId> {
        self.parts.id
    }

    /// A value that a sink before left on the mail.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.envelope().properties.get(name).map(String::as_str)
    }

    /// Leaves a value on the mail for sinks behind, at later stages too: it is kept on disk with the mail.
    ///
    /// # Errors
    /// [`PropertiesFull`]: nothing was changed.
    pub fn set_property(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<(), PropertiesFull> {
        self.parts.changed = true;
        super::properties::set(&mut self.parts.draft.envelope.properties, name.into(), value.into())
    }

    /// Puts another reverse-path into the envelope; `None` is the null one.
    pub fn set_sender(&mut self, sender: Option<Address>) {
        self.edit().sender = sender;
    }

    /// How much a report returns, and the sender's name for the mail in xtext (RFC 3461, 4.3 and 4.4).
    pub fn set_report(&mut self, ret: Option<Ret>, envid: Option<String>) {
        let envelope = self.edit();
        (envelope.ret, envelope.envid) = (ret, envid);
    }

    /// The mail is kept from the end of this stage on, until a person releases it. Other sinks still see it.
    pub fn hold(&mut self, reason: impl Into<String>) {
        self.parts.held.get_or_insert_with(|| reason.into());
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<E> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<E> {
        Verdict::new(self, Turn::SkipRest)
    }

    /// Refuses the mail, with a 4xx or 5xx. Before the commit the client gets the reply and keeps the mail; afterwards
    /// the sender gets a report. Another reply counts as `451 4.3.0`.
    pub fn reject(self, reply: Reply) -> Verdict<E> {
        Verdict::new(self, Turn::Reject(refusal(reply)))
    }

    /// Drops the mail. Whoever sent it hears that it was taken, and nothing more.
    pub fn discard(self) -> Verdict<E> {
        Verdict::new(self, Turn::Discard)
    }

    /// The sink could not do its work, and says so rather than panic: [`Fault::Unable`], or what has failed it in its turn;
    /// [`Fault::NotThisMail`], if another mail would have passed. What becomes of the mail is what the binding says of a sink that
    /// fails (`on_fault`), and what the sink did to it is undone.
    pub fn failed(self, fault: Fault) -> Verdict<E> {
        Verdict::new(self, Turn::Failed(fault))
    }

    fn edit(&mut self) -> &mut Envelope {
        self.parts.changed = true;
        &mut self.parts.draft.envelope
    }
}

impl<E: BeforeCommit> Message<E> {
    /// The client that waits for the answer; none where the mail came by another door than SMTP or LMTP.
    pub fn caller(&self) -> Option<&Caller> {
        self.parts.caller.as_ref()
    }

    /// Refuses one recipient, with a 4xx or 5xx; the mail goes on for the others. LMTP answers each recipient; elsewhere
    /// the sender gets a report, which is promised together with the mail.
    pub fn refuse(&mut self, no: RcptNo, reply: Reply) {
        self.parts.refuse(no, reply);
    }
}

impl<E: AfterCommit> Message<E> {
    /// Gives up one recipient: the sender gets a report with this reply; the mail goes on for the others.
    pub fn fail(&mut self, no: RcptNo, reply: Reply) {
        self.parts.refuse(no, reply);
    }

    /// Puts the mail off: the stage begins anew then, from the mail as it was before it. A crash forgets the time.
    pub fn defer(self, until: Moment) -> Verdict<E> {
        Verdict::new(self, Turn::Defer(until))
    }
}

impl<E: MayChangeRecipients> Message<E> {
    /// To whom it goes, to be changed. A mail without a recipient is to be discarded or rejected: leaving it so is a
    /// fault of the sink.
    pub fn recipients_mut(&mut self) -> &mut Recipients {
        &mut self.edit().recipients
    }

    /// Takes these recipients out into a mail of their own, which the sink may edit and give with its verdict
    /// ([`Verdict::with`]); `None` if there are none of them.
    pub fn fork(&mut self, who: &[RcptNo]) -> Option<Draft> {
        self.parts.fork(who)
    }
}

impl<E: MailEvent> Verdict<E> {
    /// One more mail, made of this one: a copy, a fork, an answer. It is written in the same entry, or not at all; the
    /// sinks of the stage that made it do not see it. One that is made of mails made of mails again and again is
    /// refused.
    pub fn with(mut self, mut made: Draft) -> Self {
        let parts = &mut self.given_mut().parts;
        let parent = &parts.draft.envelope;
        (made.envelope.door, made.envelope.arrived) = (Door::Sink, parent.arrived);
        made.envelope.generation = parent.generation.saturating_add(1);
        if let Some(mark) = parent.properties.get(ALERT) {
            made.envelope.properties.insert(ALERT.into(), mark.clone()); // or each alert about it would make another
        }
        parts.made.push(made);
        self
    }
}

/// What is no refusal is one for the moment: a mail may not be lost by a wrong number.
pub(super) fn refusal(reply: Reply) -> Reply {
    match reply.code {
        400..600 => reply,
        _ => Reply::new(451, 3, 0, "The mail cannot be taken at present"),
    }
}

/// What sinks of the session see of it.
impl<E: BeforeCommit> Message<E> {
    /// Values that sinks left on the session.
    pub fn session(&self) -> Option<&Properties> {
        self.caller().map(|caller| &caller.properties)
    }
}
