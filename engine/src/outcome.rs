//! What an attempt came to, recipient by recipient, and how a slip falls apart by it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{Diagnosis, Draft, Fact, History, Hold, How, RcptNo, Reply, Scope, Slip};

/// What an attempt came to for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop answers for it now; the reply by which it took it, for the log. `None`: there was none.
    Delivered(Option<Arc<Diagnosis>>),
    /// It will never be: a permanent refusal.
    Failed(Arc<Diagnosis>),
    /// Not now.
    Deferred(Arc<Diagnosis>),
    /// The borrower went away without a word; nothing was sent.
    Abandoned,
    /// The final dot was sent and no answer came: perhaps they have it.
    PerhapsDelivered(Option<Arc<Diagnosis>>),
}

/// Outcomes by recipient.
pub type Outcomes = BTreeMap<RcptNo, Outcome>;

/// Recipients that have failed and whose sender does not know yet.
#[non_exhaustive]
pub struct Failed {
    /// Ends when the failures are reported.
    pub hold: Hold,
    /// The mail.
    pub draft: Arc<Draft>,
    /// What became of whom.
    pub why: BTreeMap<RcptNo, Failure>,
}

/// Why one recipient has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was said.
    pub diagnosis: Arc<Diagnosis>,
    /// How often it was tried.
    pub attempts: u32,
    /// It may have the mail nevertheless.
    pub perhaps: bool,
}

impl Failed {
    pub(crate) fn new(hold: Hold, draft: Arc<Draft>, why: BTreeMap<RcptNo, Failure>) -> Option<Self> {
        (!why.is_empty()).then_some(Failed { hold, draft, why })
    }

    /// That they have failed: one fact for each thing that was said.
    pub fn facts(&self) -> Vec<Fact> {
        let mut causes: Vec<(Arc<Diagnosis>, Vec<RcptNo>)> = Vec::new();
        for (no, failure) in &self.why {
            match causes.iter_mut().find(|(cause, _)| *cause == failure.diagnosis) {
                Some((_, recipients)) => recipients.push(*no),
                None => causes.push((Arc::clone(&failure.diagnosis), vec![*no])),
            }
        }
        let mail = self.hold.id();
        let fact = |(why, recipients)| Fact::Finished { mail, recipients, how: How::Failed(why) };
        causes.into_iter().map(fact).collect()
    }

    /// That their sender knows.
    pub fn reported(&self) -> Fact {
        Fact::Reported { mail: self.hold.id(), recipients: self.why.keys().copied().collect() }
    }
}

/// The rest of a slip and why each of its recipients is still here; never empty.
#[non_exhaustive]
pub struct Part {
    /// What is left of the slip.
    pub slip: Slip,
    /// One for each of its recipients.
    pub outcomes: Outcomes,
}

impl Part {
    fn of(mut slip: Slip, outcomes: Outcomes) -> Option<Self> {
        slip.recipients = outcomes.keys().copied().collect();
        slip.history.retain(|no, _| outcomes.contains_key(no));
        (!outcomes.is_empty()).then_some(Part { slip, outcomes })
    }

    /// Those for whom `test` holds, and the others.
    pub fn divide(self, test: impl Fn(&Outcome) -> bool) -> (Option<Part>, Option<Part>) {
        let (yes, no) = self.outcomes.into_iter().partition(|(_, outcome)| test(outcome));
        let other = self.slip.twin();
        (Part::of(self.slip, yes), Part::of(other, no))
    }

    /// The attempt is over and counted: the slip with what was said to each.
    pub fn counted(self) -> Slip {
        let Part { mut slip, outcomes } = self;
        slip.attempts = slip.attempts.saturating_add(1);
        for (no, outcome) in outcomes {
            let past = slip.history.entry(no).or_default();
            past.attempts = slip.attempts;
            match outcome {
                Outcome::Deferred(why) | Outcome::Failed(why) => past.last = Some(why),
                Outcome::PerhapsDelivered(why) => {
                    past.perhaps = true;
                    past.last = why.or(past.last.take());
                }
                Outcome::Delivered(_) | Outcome::Abandoned => {}
            }
        }
        slip
    }
}

/// A slip after an attempt: each recipient is in exactly one of the three.
#[non_exhaustive]
pub struct Parted {
    /// Lives until the facts are told: what is unheld must be known to be finished.
    pub hold: Hold,
    /// Delivered.
    pub finished: Vec<RcptNo>,
    /// To be reported.
    pub failed: Option<Failed>,
    /// To be tried again.
    pub again: Option<Part>,
}

impl Parted {
    /// What is final, to be written down.
    pub fn facts(&self) -> Vec<Fact> {
        let delivered = (!self.finished.is_empty()).then(|| Fact::Finished {
            mail: self.hold.id(),
            recipients: self.finished.clone(),
            how: How::Delivered,
        });
        delivered.into_iter().chain(self.failed.iter().flat_map(Failed::facts)).collect()
    }
}

impl Slip {
    /// Who is not spoken of counts as abandoned; who is not on the slip is ignored.
    pub fn part(self, mut outcomes: Outcomes) -> Parted {
        let (mut finished, mut why, mut again) = (Vec::new(), BTreeMap::new(), Outcomes::new());
        for no in &self.recipients {
            match outcomes.remove(no).unwrap_or(Outcome::Abandoned) {
                Outcome::Delivered(_) => finished.push(*no),
                Outcome::Failed(diagnosis) => drop(why.insert(*no, self.failure(*no, diagnosis, 1))),
                other => drop(again.insert(*no, other)),
            }
        }
        let hold = self.hold.clone();
        let failed = Failed::new(hold.clone(), Arc::clone(&self.draft), why);
        Parted { hold, finished, failed, again: Part::of(self, again) }
    }

    /// Nothing more is tried: what was said last to each is now its end.
    pub fn give_up(self) -> Parted {
        let end = |no: &RcptNo| {
            let last = self.history.get(no).and_then(|past| past.last.clone());
            let diagnosis = last.unwrap_or_else(|| {
                Diagnosis::own(Scope::Mail, Reply::new(450, 4, 7, "it could not be delivered in time"))
            });
            (*no, self.failure(*no, diagnosis, 0))
        };
        let why = self.recipients.iter().map(end).collect();
        let hold = self.hold.clone();
        let failed = Failed::new(hold.clone(), self.draft, why);
        Parted { hold, finished: Vec::new(), failed, again: None }
    }

    fn failure(&self, no: RcptNo, diagnosis: Arc<Diagnosis>, now: u32) -> Failure {
        let past = self.history.get(&no);
        let perhaps = past.is_some_and(|History { perhaps, .. }| *perhaps);
        Failure { diagnosis, attempts: self.attempts.saturating_add(now), perhaps }
    }

    fn twin(&self) -> Slip {
        let mut twin = Slip::new(self.hold.clone(), Arc::clone(&self.draft), self.hop.clone(), self.attempts);
        twin.history = self.history.clone();
        twin
    }
}
