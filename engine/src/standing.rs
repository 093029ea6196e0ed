//! How a mail stands: all that the facts about it add up to.
//!
//! Every spool keeps this and nothing else per mail, so that reading a log back and noting a fact as it happens are the
//! same code. It is small: a hundred thousand of them stand in memory.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Aside, Diagnosis, Draft, Envelope, Fact, Fate, HeldWhy, History, Hold, How, Mail, Moment, News, Offered,
    QueuePriority, RcptNo, Story,
};

/// For whom something is left to do, and from when on; `None`: at once.
pub type Left = Vec<(RcptNo, Option<Moment>)>;

/// How one mail stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    advanced: bool,
    faults: u8,
    priority: QueuePriority,
    /// It is not offered before; the beginning of time if it may be at once, which is smaller than an option.
    rests_until: Moment,
    /// Numbers below this one were given to a recipient; one of them that is not open has come to an end.
    known: u32,
    held: Option<Box<HeldWhy>>,
    /// It is not offered before its ticket is redeemed.
    prepared: bool,
    /// Those for whom something is left to do, ascending. Who is not here has come to an end.
    open: Vec<Open>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    no: RcptNo,
    attempts: u32,
    /// It came to this end, and nobody told its sender yet; `last` says why.
    end: Option<Fate>,
    perhaps: bool,
    /// Its sender knows that it is late.
    warned: bool,
    due: Option<Moment>,
    last: Option<Arc<Diagnosis>>,
    /// To whom the final dot was sent; no answer is known so far.
    attempting: Option<Arc<str>>,
}

impl Open {
    fn new(no: RcptNo) -> Self {
        let (end, due, last, attempting) = (None, None, None, None);
        Open { no, attempts: 0, end, perhaps: false, warned: false, due, last, attempting }
    }
}

impl Standing {
    /// A mail with these recipients that has just come in.
    pub fn new(recipients: impl Iterator<Item = RcptNo>) -> Self {
        let open: Vec<Open> = recipients.map(Open::new).collect();
        let known = open.last().map_or(0, |open| open.no.0.saturating_add(1));
        let (priority, rests_until) = (QueuePriority::default(), Moment::default());
        Standing { advanced: false, faults: 0, priority, rests_until, known, held: None, prepared: false, open }
    }

    /// The same, as urgent as this envelope says, and offered from when on it says: recipients are not asked for.
    #[must_use]
    pub fn timed(self, envelope: &Envelope) -> Self {
        let (priority, rests_until) = (envelope.priority, envelope.rests_until().unwrap_or_default());
        Standing { priority, rests_until, ..self }
    }

    /// Where the [`Standing::facts`] of a mail begin: with those who were open then.
    pub fn again(open: impl Iterator<Item = RcptNo>, known: u32) -> Self {
        Standing { known, ..Standing::new(open) }
    }

    /// The same, with its stage ended on disk or not, whatever its facts say.
    #[must_use]
    pub fn marked(self, advanced: bool) -> Self {
        Standing { advanced, ..self }
    }

    /// The same, offered only when its ticket is redeemed.
    #[must_use]
    pub fn prepared(self, prepared: bool) -> Self {
        Standing { prepared, ..self }
    }

    /// Numbers below this one were given once.
    pub fn known(&self) -> u32 {
        self.known
    }

    /// Adds one fact. An attempt, a schedule, a warning or an end says as well that the stage is over, even if it left no
    /// entry.
    pub fn note(&mut self, fact: &Fact) {
        self.advanced |= matches!(fact, Fact::Finished { .. } | Fact::Attempting { .. } | Fact::Schedule { .. });
        self.advanced |= matches!(fact, Fact::Warned { .. });
        match fact {
            Fact::Finished { recipients, how, .. } => self.finish(recipients, how),
            Fact::Attempting { recipients, host, .. } => {
                self.each(recipients, |open| open.attempting = Some(Arc::clone(host)));
            }
            Fact::Schedule { recipients, attempts, due, last, perhaps, .. } => self.each(recipients, |open| {
                open.attempts = *attempts;
                open.due = Some(*due);
                open.attempting = None;
                open.perhaps |= *perhaps;
                open.last = last.clone().or(open.last.take());
            }),
            Fact::Expanded { from, into, .. } => self.expand(*from, into),
            Fact::Advanced { draft, .. } => self.advance(draft),
            Fact::Reported { recipients, .. } => {
                self.open.retain(|open| !(open.end.is_some() && recipients.binary_search(&open.no).is_ok()));
            }
            Fact::Warned { recipients, .. } => self.each(recipients, |open| open.warned = true),
            Fact::Fault { .. } => self.faults = self.faults.saturating_add(1),
            Fact::Held { why, .. } => self.held = Some(Box::new(why.clone())),
            Fact::Released { .. } => (self.held, self.faults) = (None, 0),
            Fact::Unkeyed { .. } => {}
            Fact::Redeemed { .. } => self.prepared = false,
            Fact::Swept { .. } => {
                if std::mem::take(&mut self.prepared) {
                    self.open.clear();
                }
            }
        }
    }

    fn at(&self, no: RcptNo) -> Option<usize> {
        self.open.binary_search_by_key(&no, |open| open.no).ok()
    }

    /// Those who are at their end stay as they are.
    fn each(&mut self, recipients: &[RcptNo], change: impl Fn(&mut Open)) {
        for no in recipients {
            if let Some(at) = self.at(*no).filter(|at| self.open[*at].end.is_none()) {
                change(&mut self.open[at]);
            }
        }
    }

    /// The first end of a recipient is its only one.
    fn finish(&mut self, recipients: &[RcptNo], how: &How) {
        match how {
            How::Delivered | How::Expanded | How::Discarded => {
                self.open.retain(|open| open.end.is_some() || recipients.binary_search(&open.no).is_err());
            }
            How::Failed(why) => self.each(recipients, |open| {
                open.perhaps |= open.attempting.take().is_some() && !why.reply.is_permanent();
                (open.end, open.last, open.due) = (Some(Fate::Failed), Some(Arc::clone(why)), None);
            }),
            How::Confirm(success, why) => self.each(recipients, |open| {
                (open.end, open.last, open.due) = (Some(Fate::from(*success)), why.clone(), None);
                (open.perhaps, open.attempting) = (false, None);
            }),
        }
    }

    /// The numbers of the new ones are known from the draft that comes with this, and not before: it may name others between.
    fn expand(&mut self, from: RcptNo, into: &[RcptNo]) {
        self.finish(&[from], &How::Expanded);
        // The last number that there is can have no next one: nobody is given it, whatever a damaged disk may say.
        for no in into.iter().filter(|no| (self.known..u32::MAX).contains(&no.0)) {
            if let Err(at) = self.open.binary_search_by_key(no, |open| open.no) {
                self.open.insert(at, Open::new(*no));
            }
        }
    }

    /// The draft of a stage names its recipients; those who came to an end before stay there, and those who are still to
    /// be told of stay open.
    fn advance(&mut self, draft: &Draft) {
        let was = std::mem::take(&mut self.open);
        let keep = |no: RcptNo| match was.binary_search_by_key(&no, |open| open.no) {
            Ok(at) => Some(was[at].clone()),
            Err(_) => (no.0 >= self.known).then(|| Open::new(no)),
        };
        let named: Vec<RcptNo> = draft.envelope.recipients.numbers().collect();
        let owed = was.iter().filter(|open| open.end.is_some() && named.binary_search(&open.no).is_err());
        self.open = named.iter().copied().filter_map(keep).chain(owed.cloned()).collect();
        self.open.sort_unstable_by_key(|open| open.no);
        self.known = self.known.max(draft.envelope.recipients.next_number());
        self.advanced = true;
        self.priority = draft.envelope.priority;
        self.rests_until = draft.envelope.rests_until().unwrap_or_default();
    }

    /// Nothing is left to do: the mail is gone.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Its stage has ended on disk.
    pub fn is_advanced(&self) -> bool {
        self.advanced
    }

    /// How often its handlers failed.
    pub fn faults(&self) -> u8 {
        self.faults
    }

    /// By whom and why it is held.
    pub fn held(&self) -> Option<&HeldWhy> {
        self.held.as_deref()
    }

    /// It waits for its ticket to be redeemed.
    pub fn is_prepared(&self) -> bool {
        self.prepared
    }

    /// Why it is not offered, though something is left to do.
    pub fn aside(&self) -> Aside {
        match &self.held {
            _ if self.prepared => Aside::Prepared,
            Some(why) => Aside::Held(HeldWhy::clone(why)),
            None => Aside::No,
        }
    }

    /// A final dot was sent to this one, and never answered.
    pub fn is_doubted(&self, no: RcptNo) -> bool {
        self.at(no).is_some_and(|at| self.open[at].perhaps || self.open[at].attempting.is_some())
    }

    /// How urgent it is to its queues.
    pub fn priority(&self) -> QueuePriority {
        self.priority
    }

    /// Until then it is not offered; `None`: it may be at once.
    pub fn rests_until(&self) -> Option<Moment> {
        (self.rests_until > Moment::default()).then_some(self.rests_until)
    }

    /// For whom something is left to do, and from when on. News of an end waits for nothing.
    pub fn left(&self) -> Left {
        let begins = |open: &Open| self.rests_until().filter(|_| open.end.is_none());
        self.open.iter().map(|open| (open.no, open.due.or_else(|| begins(open)))).collect()
    }

    /// Those whose final dot was sent and never answered, and to whom: perhaps they have the mail.
    pub fn in_doubt(&self) -> impl Iterator<Item = (RcptNo, &str)> {
        self.open.iter().filter_map(|open| Some((open.no, open.attempting.as_deref()?)))
    }

    /// The facts that bring a new [`Standing`] of the same draft to this one, if it is marked as advanced like this one; for
    /// compaction. Every end is told as a delivery: what became of those recipients was reported long ago.
    pub fn facts(&self, mail: crate::QueueId, all: impl Iterator<Item = RcptNo>) -> Vec<Fact> {
        let mut facts = Vec::new();
        let ended: Vec<RcptNo> = all.filter(|no| self.at(*no).is_none()).collect();
        if !ended.is_empty() {
            facts.push(Fact::Finished { mail, recipients: ended, how: How::Delivered });
        }
        self.open.iter().for_each(|open| open.tell(mail, &mut facts));
        facts.extend((0..self.faults).map(|_| Fact::Fault { mail }));
        facts.extend(self.held.as_deref().map(|why| Fact::Held { mail, why: why.clone() }));
        facts
    }
}

mod offering;
mod status;
#[cfg(test)]
mod tests;
