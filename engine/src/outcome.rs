//! What an attempt came to, recipient by recipient, and how a slip falls apart by it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{news::is_owed, Diagnosis, Fact, Fate, History, Hold, How, News, RcptNo, Reply, Scope, Slip, Story};

/// What an attempt came to for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has the mail; the reply by which it was taken. `None`: there was none.
    Delivered(Option<Arc<Diagnosis>>),
    /// The next host answers for it now.
    Relayed {
        /// The reply by which it took it. `None`: there was none.
        why: Option<Arc<Diagnosis>>,
        /// It heard what the sender wants to know, and confirms in our place (RFC 3461, 5.2.2).
        told: bool,
    },
    /// It will never be: a permanent refusal.
    Failed(Arc<Diagnosis>),
    /// Not now.
    Deferred(Arc<Diagnosis>),
    /// The borrower went away without a word; nothing was sent.
    Abandoned,
    /// The final dot was sent and no answer came: perhaps they have it.
    PerhapsDelivered(Option<Arc<Diagnosis>>),
}

impl Outcome {
    /// What a refusal comes to: a permanent one (5xx) fails, unless it says something of the hop alone, which says nothing of
    /// whom the mail is for; any other is deferred.
    pub fn refused(why: Arc<Diagnosis>) -> Self {
        match why.reply.is_permanent() && why.scope != Scope::Hop {
            true => Outcome::Failed(why),
            false => Outcome::Deferred(why),
        }
    }
}

/// Outcomes by recipient.
pub type Outcomes = BTreeMap<RcptNo, Outcome>;

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
                Outcome::Delivered(_) | Outcome::Relayed { .. } | Outcome::Abandoned => {}
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
    /// At their end, and nobody wants to know.
    pub finished: Vec<RcptNo>,
    /// At their end, and to be told of.
    pub news: Option<News>,
    /// To be tried again.
    pub again: Option<Part>,
}

impl Parted {
    /// What is final, to be written down.
    pub fn facts(&self) -> Vec<Fact> {
        let finished = (!self.finished.is_empty()).then(|| Fact::Finished {
            mail: self.hold.id(),
            recipients: self.finished.clone(),
            how: How::Delivered,
        });
        finished.into_iter().chain(self.news.iter().flat_map(News::facts)).collect()
    }
}

impl Slip {
    /// Who is not spoken of counts as abandoned; who is not on the slip is ignored.
    pub fn part(self, mut outcomes: Outcomes) -> Parted {
        let (mut finished, mut stories, mut again) = (Vec::new(), BTreeMap::new(), Outcomes::new());
        for no in &self.recipients {
            let (fate, last) = match outcomes.remove(no).unwrap_or(Outcome::Abandoned) {
                Outcome::Failed(why) => (Fate::Failed, Some(why)),
                Outcome::Delivered(why) if self.owes(*no, Fate::Delivered) => (Fate::Delivered, why),
                Outcome::Relayed { why, told: false } if self.owes(*no, Fate::Relayed) => (Fate::Relayed, why),
                Outcome::Delivered(_) | Outcome::Relayed { .. } => {
                    finished.push(*no);
                    continue;
                }
                other => {
                    again.insert(*no, other);
                    continue;
                }
            };
            stories.insert(*no, Story { just_tried: true, ..self.story(*no, fate, last, 1) });
        }
        let hold = self.hold.clone();
        let news = News::new(hold.clone(), Arc::clone(&self.draft), stories);
        Parted { hold, finished, news, again: Part::of(self, again) }
    }

    /// The end that the sender set has come, and nothing more is tried. What was said last says more to it than that its
    /// time is over; who was never tried gets 5.4.7 (RFC 3463, 3.5: the time-to-live that the sender set was exceeded): to
    /// send the same once more would be in vain, so it is no 4.4.7.
    pub fn expire(mut self) -> Parted {
        let why = Diagnosis::own(Scope::Mail, Reply::new(550, 4, 7, "the time that its sender set for it is over"));
        for no in &self.recipients {
            self.history.entry(*no).or_default().last.get_or_insert_with(|| Arc::clone(&why));
        }
        self.give_up(false)
    }

    /// Nothing more is tried: what was said last to each is now its end.
    pub fn give_up(self, just_tried: bool) -> Parted {
        let end = |no: &RcptNo| {
            let last = self.history.get(no).and_then(|past| past.last.clone());
            let last = last.unwrap_or_else(|| {
                Diagnosis::own(Scope::Mail, Reply::new(450, 4, 7, "it could not be delivered in time"))
            });
            (*no, Story { just_tried, ..self.story(*no, Fate::Failed, Some(last), 0) })
        };
        let stories = self.recipients.iter().map(end).collect();
        let hold = self.hold.clone();
        let news = News::new(hold.clone(), self.draft, stories);
        Parted { hold, finished: Vec::new(), news, again: None }
    }

    fn owes(&self, no: RcptNo, fate: Fate) -> bool {
        is_owed(&self.draft.envelope, no, fate)
    }

    fn story(&self, no: RcptNo, fate: Fate, last: Option<Arc<Diagnosis>>, now: u32) -> Story {
        let doubted = self.history.get(&no).is_some_and(|History { perhaps, .. }| *perhaps);
        let attempts = self.attempts.saturating_add(now);
        Story { attempts, perhaps: doubted && fate == Fate::Failed, ..Story::of(fate, last) }
    }

    fn twin(&self) -> Slip {
        let mut twin = Slip::new(self.hold.clone(), Arc::clone(&self.draft), self.hop.clone(), self.attempts);
        twin.history = self.history.clone();
        twin
    }
}
