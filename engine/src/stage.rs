//! The transport stage of one mail: from what is on disk to what is on disk, as one entry.
//!
//! Rule: a stage begins with the draft that is on disk and ends with one entry that says all it came to: who stood for
//! whom, who has failed, the mails that were made of it, the new draft. Where nothing came of it there is no entry. After
//! a crash it begins again, never with its own output.

use crate::{
    events::{Kind, MailEvent, Message, MessageParts, Turn},
    Aliases, Diagnosis, Draft, Entry, Expanded, Fact, HeldBy, HeldWhy, How, Mail, Moment, QueueId, RcptNo, Received,
    Reply, Scope,
};

/// On a mail that was made behind the aliases: its recipients stand for themselves.
pub(crate) const RESOLVED: &str = "postrider.resolved";

/// One mail in its stage.
pub struct Stage {
    mail: QueueId,
    draft: Draft,
    changed: bool,
    new: Vec<Mail<Received>>,
    before: Vec<Fact>,
    after: Vec<Fact>,
    held: Option<String>,
    /// Who has come to an end by it.
    ended: Vec<RcptNo>,
}

/// What a stage comes to.
pub enum StageEnd {
    /// Nothing was changed: the mail goes on as it is on disk.
    Unchanged,
    /// This is to be written. The mail goes on when it is, if anything of it is left.
    Entry(Entry),
    /// It begins anew then.
    PutOff(Moment),
}

impl Stage {
    /// A mail as it is on disk, and those of whom its sender is still to be told.
    pub(crate) fn new(mail: QueueId, draft: Draft, ended: Vec<RcptNo>) -> Self {
        let (new, before, after) = (Vec::new(), Vec::new(), Vec::new());
        Stage { mail, draft, changed: false, new, before, after, held: None, ended }
    }

    /// The mail as the sinks of the next event get it: without those who have come to an end.
    pub fn message<E: MailEvent>(&self) -> Message<E> {
        Message::new(MessageParts::new(self.left(), Some(self.mail), None))
    }

    fn left(&self) -> Draft {
        self.draft.clone().only(|no| !self.ended.contains(&no))
    }

    /// Nobody is left to whom it goes.
    pub fn is_over(&self) -> bool {
        self.draft.envelope.recipients.numbers().all(|no| self.ended.contains(&no))
    }

    /// What the sinks of an event made of it. `Some`: the stage is over.
    pub fn take<E: MailEvent>(&mut self, message: Message<E>, turn: Turn) -> Option<StageEnd> {
        let MessageParts { draft, changed, refused, held, made, .. } = message.into_parts();
        self.note_missing(&draft);
        let behind_aliases = E::KIND == Kind::PostCategorize;
        self.new.extend(made.into_iter().map(|mut made| {
            if behind_aliases {
                made.envelope.properties.insert(RESOLVED.into(), "yes".into());
            }
            Mail::received(made)
        }));
        self.held = self.held.take().or(held);
        match turn {
            Turn::Defer(until) => return Some(StageEnd::PutOff(until)),
            Turn::Discard => {
                self.keep(draft, changed);
                return Some(self.discarded());
            }
            Turn::Reject(reply) => {
                let all: Vec<RcptNo> = draft.envelope.recipients.numbers().collect();
                self.keep(draft, changed);
                self.fail(all.into_iter().map(|no| (no, reply.clone())));
            }
            // One that failed was never there: whoever leads the mail past the sinks has seen to that.
            Turn::Next | Turn::SkipRest | Turn::Failed(_) => {
                self.keep(draft, changed);
                self.fail(refused.into_iter());
            }
        }
        self.is_over().then(|| self.end())
    }

    /// Whom a sink has taken out comes to an end by that; if it has added others, they stand in his place.
    fn note_missing(&mut self, behind: &Draft) {
        let (before, behind) = (&self.draft.envelope.recipients, &behind.envelope.recipients);
        let is_missing = |no: &RcptNo| behind.get(*no).is_none() && !self.ended.contains(no);
        let recipients: Vec<RcptNo> = before.numbers().filter(is_missing).collect();
        if !recipients.is_empty() {
            let has_others = behind.next_number() > before.next_number();
            let how = if has_others { How::Expanded } else { How::Discarded };
            self.before.push(Fact::Finished { mail: self.mail, recipients, how });
        }
    }

    /// Those who have come to an end stay on the draft until that is reported.
    fn keep(&mut self, draft: Draft, changed: bool) {
        self.changed |= changed;
        let before = std::mem::replace(&mut self.draft, draft);
        let ended = before.only(|no| self.ended.contains(&no));
        self.draft.envelope.recipients.rejoin(ended.envelope.recipients);
    }

    fn fail(&mut self, refused: impl Iterator<Item = (RcptNo, Reply)>) {
        let mail = self.mail;
        for (no, reply) in refused {
            let how = How::Failed(Diagnosis::own(Scope::Mail, reply));
            self.after.push(Fact::Finished { mail, recipients: vec![no], how });
            self.ended.push(no);
        }
    }

    /// All who are left come to their end, and nobody is told.
    fn discarded(&mut self) -> StageEnd {
        let (mail, ended) = (self.mail, &self.ended);
        let recipients = self.draft.envelope.recipients.numbers().filter(|no| !ended.contains(no)).collect();
        self.after.push(Fact::Finished { mail, recipients, how: How::Discarded });
        self.end()
    }

    /// Puts those who stand for a name in its place. Says how many recipients there are then, if that made a difference.
    pub fn expand(&mut self, aliases: &Aliases) -> Option<usize> {
        let expansion = aliases.expand(&self.left())?;
        let count = expansion.len();
        let Expanded { draft, new, before, after } = expansion.apply(self.mail, &self.draft);
        self.ended.extend(before.iter().chain(&after).filter_map(|fact| match fact {
            Fact::Finished { recipients, .. } => recipients.first().copied(),
            _ => None,
        }));
        self.keep(draft, true);
        self.new.extend(new);
        self.before.extend(before);
        self.after.extend(after);
        Some(count)
    }

    /// The end of the stage.
    pub fn end(&mut self) -> StageEnd {
        let nothing = !self.changed && self.new.is_empty() && self.after.is_empty() && self.held.is_none();
        if nothing && self.before.is_empty() {
            return StageEnd::Unchanged;
        }
        let mail = self.mail;
        let mut facts = std::mem::take(&mut self.before);
        facts.push(Fact::Advanced { mail, draft: Box::new(self.draft.clone()) });
        facts.append(&mut self.after);
        let why = self.held.take().map(|reason| HeldWhy { by: HeldBy::Policy, reason });
        facts.extend(why.map(|why| Fact::Held { mail, why }));
        StageEnd::Entry(Entry { new: std::mem::take(&mut self.new), facts })
    }
}
