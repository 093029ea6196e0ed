//! Holds and slips: how a duty is passed on and never gets lost.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{Diagnosis, Draft, Fact, Moment, QueueId, QueuePriority, RcptNo, Recipient};

/// Who is told when nobody holds a mail any more. It runs in a `Drop`: it may do nothing but tell.
pub type Unheld = Arc<dyn Fn(QueueId) + Send + Sync>;

/// Keeps a committed mail from being forgotten.
///
/// Whatever still answers for some of its recipients has a hold. When the last one is dropped, by success or by
/// accident, the spooler is told: it forgets the mail if nothing is left to do and offers it again if something is.
#[derive(Clone)]
pub struct Hold(Arc<Held>);

struct Held {
    id: QueueId,
    errand: Errand,
    unheld: Unheld,
}

/// Why a mail is offered. It goes with the hold, because it is true as long as this offer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Errand {
    /// It has just come, or its time has.
    #[default]
    Due,
    /// Its hop has room again, or is back.
    Called,
    /// Somebody asked for it ([`crate::Flush`]).
    Asked,
}

impl Hold {
    /// A hold of this mail. For the spooler only.
    pub fn new(id: QueueId, unheld: Unheld) -> Self {
        Hold(Arc::new(Held { id, errand: Errand::Due, unheld }))
    }

    /// The same hold on another errand; to be said before it is cloned.
    #[must_use]
    pub fn on(mut self, errand: Errand) -> Self {
        if let Some(held) = Arc::get_mut(&mut self.0) {
            held.errand = errand;
        }
        self
    }

    /// Which mail.
    pub fn id(&self) -> QueueId {
        self.0.id
    }

    /// Why it was offered.
    pub fn errand(&self) -> Errand {
        self.0.errand
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.unheld)(self.id);
    }
}

/// The name of a next hop: the key of its queue. What stands behind it is in the routes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop(Arc<str>);

impl Hop {
    /// The hop of this name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Hop(name.into())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a recipient has gone through so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How often it was tried.
    pub attempts: u32,
    /// Once a final dot was left without an answer: it may have the mail already.
    pub perhaps: bool,
    /// What was said last.
    pub last: Option<Arc<Diagnosis>>,
    /// Its sender was told that it is late.
    pub warned: bool,
}

/// Some recipients of one mail, bound for one next hop. Made only by [`crate::Mail::split`].
///
/// Slips of one mail share its draft, which nobody edits any more.
#[non_exhaustive]
pub struct Slip {
    /// Keeps the mail from being forgotten.
    pub hold: Hold,
    /// The mail, with all its recipients; those of this slip are in `recipients`.
    pub draft: Arc<Draft>,
    /// Where it goes next.
    pub hop: Hop,
    /// Its recipients, ascending.
    pub recipients: Vec<RcptNo>,
    /// How often they were tried.
    pub attempts: u32,
    /// What they have gone through; those who are not in it were never tried.
    pub history: BTreeMap<RcptNo, History>,
}

impl Slip {
    pub(crate) fn new(hold: Hold, draft: Arc<Draft>, hop: Hop, attempts: u32) -> Self {
        Slip { hold, draft, hop, recipients: Vec::new(), attempts, history: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, no: RcptNo, past: History) {
        self.recipients.push(no);
        if past != History::default() {
            self.history.insert(no, past);
        }
    }

    /// Parts it into slips of at most `most` recipients each. From its end, so that each recipient is moved once: a newsletter
    /// has a hundred thousand.
    pub fn pieces(mut self, most: usize) -> Vec<Slip> {
        let (most, mut pieces) = (most.max(1), Vec::new());
        while self.recipients.len() > most {
            let behind = self.recipients.len().saturating_sub(1) / most * most;
            let mut piece = Slip::new(self.hold.clone(), Arc::clone(&self.draft), self.hop.clone(), self.attempts);
            piece.recipients = self.recipients.split_off(behind);
            piece.history = piece.recipients.first().map(|first| self.history.split_off(first)).unwrap_or_default();
            pieces.push(piece);
        }
        pieces.push(self);
        pieces.reverse();
        pieces
    }

    /// The number of its mail.
    pub fn id(&self) -> QueueId {
        self.hold.id()
    }

    /// Numbers and addresses, for those who speak to the outside.
    pub fn addressees(&self) -> impl Iterator<Item = (RcptNo, &Recipient)> {
        let all = &self.draft.envelope.recipients;
        self.recipients.iter().filter_map(|no| Some((*no, all.get(*no)?)))
    }

    /// When these recipients are tried next, as facts: one for each thing that was said to some of them.
    pub fn schedule(&self, due: Moment) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for no in &self.recipients {
            let past = self.history.get(no).cloned().unwrap_or_default();
            let same = facts.iter_mut().find_map(|fact| match fact {
                Fact::Schedule { recipients, last, perhaps, .. } if *last == past.last && *perhaps == past.perhaps => {
                    Some(recipients)
                }
                _ => None,
            });
            match same {
                Some(recipients) => recipients.push(*no),
                None => facts.push(self.scheduled(*no, past, due)),
            }
        }
        facts
    }

    fn scheduled(&self, no: RcptNo, past: History, due: Moment) -> Fact {
        let History { perhaps, last, .. } = past;
        let attempts = self.attempts;
        Fact::Schedule { mail: self.id(), recipients: vec![no], attempts, due, last, perhaps }
    }

    /// Gives the slip back to the spool until it is due; its content leaves memory.
    pub fn rest(self, due: Moment) -> Rest {
        let facts = self.schedule(due);
        self.back(facts, false, due)
    }

    /// As [`Slip::rest`], because its hop is down: it may come earlier, when the hop is back.
    pub fn wait_for_hop(self, due: Moment) -> Rest {
        let facts = self.schedule(due);
        self.back(facts, true, due)
    }

    /// Gives the slip back unchanged: its way is to be found anew. What it has gone through is on disk, or goes there now.
    pub fn go_back(self, due: Moment) -> Rest {
        self.back(Vec::new(), false, due)
    }

    /// Gives the slip back unchanged because its hop has no room at present: no fact is worth writing.
    pub fn stand_aside(self, due: Moment) -> Rest {
        self.back(Vec::new(), true, due)
    }

    fn back(self, facts: Vec<Fact>, aside: bool, due: Moment) -> Rest {
        let Slip { hold, draft, hop, recipients, .. } = self;
        Rest { facts, recipients, aside: aside.then_some(hop), due, priority: draft.envelope.priority, hold }
    }
}

/// A slip on its way back to the spool. Its hold lives until the spool has it.
#[non_exhaustive]
#[must_use = "a rest that is dropped counts as a lost slip"]
pub struct Rest {
    /// What is to be written about it.
    pub facts: Vec<Fact>,
    /// Who rests.
    pub recipients: Vec<RcptNo>,
    /// The hop that may call them before they are due.
    pub aside: Option<Hop>,
    /// Until when, at the latest.
    pub due: Moment,
    /// How urgent it is then.
    pub priority: QueuePriority,
    /// Ends when the spooler has noted it.
    pub hold: Hold,
}

impl Rest {
    /// They rest until then; nothing is written about it.
    pub fn until(hold: Hold, recipients: Vec<RcptNo>, due: Moment, priority: QueuePriority) -> Self {
        Rest { facts: Vec::new(), recipients, aside: None, due, priority, hold }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Address, Content, Entry, Envelope, Fate, Hop, Mail, Parted, Receipt, Reply, Scope};

    fn slip(recipients: usize) -> Slip {
        let mut envelope = Envelope { sender: Address::parse("a@example.org").ok(), ..Envelope::default() };
        for no in 0..recipients {
            envelope.recipients.add(Address::parse(&format!("r{no}@example.org")).unwrap());
        }
        let entry = Entry::mail(Draft::new(envelope, Content::new("x")));
        let mut receipt = Receipt::after_write(vec![QueueId(1)], entry);
        let mail: Mail<_> = receipt.commit(|id, _| Some(Hold::new(id, Arc::new(|_| {})))).remove(0).unchanged();
        mail.split(|_| Hop::new("hop")).remove(0)
    }

    proptest! {
        #[test]
        fn pieces_have_everybody_in_order_each_with_its_history(
            recipients in 1..300_usize, most in 0..120_usize, tried in prop::collection::btree_set(0..300_u32, 0..50),
        ) {
            let mut whole = slip(recipients);
            let tried = tried.into_iter().filter(|no| (*no as usize) < recipients);
            whole.history = tried.map(|no| (RcptNo(no), History { attempts: no + 1, ..History::default() })).collect();
            let (all, history) = (whole.recipients.clone(), whole.history.clone());
            let pieces = whole.pieces(most);
            let most = most.max(1);
            let (last, before) = pieces.split_last().unwrap();
            prop_assert!(before.iter().all(|piece| piece.recipients.len() == most) && last.recipients.len() <= most);
            prop_assert_eq!(pieces.iter().flat_map(|piece| piece.recipients.clone()).collect::<Vec<_>>(), all);
            for piece in &pieces {
                prop_assert!(piece.history.keys().all(|no| piece.recipients.contains(no)));
            }
            let found: BTreeMap<_, _> = pieces.into_iter().flat_map(|piece| piece.history).collect();
            prop_assert_eq!(found, history);
        }
    }

    #[test]
    fn who_expires_untried_is_told_that_its_time_is_over_and_who_was_tried_what_was_said() {
        let mut slip = slip(2);
        let busy = Diagnosis::remote(Scope::Recipient, Reply::new(451, 3, 0, "busy"), "mx");
        slip.history.insert(RcptNo(1), History { attempts: 1, last: Some(busy), ..History::default() });
        let Parted { news: Some(news), again: None, .. } = slip.expire() else { panic!("nobody is tried again") };
        assert!(news.who.values().all(|story| story.fate == Fate::Failed && !story.just_tried));
        let status: Vec<_> = news.who.values().map(|story| story.status().to_string()).collect();
        assert_eq!(status, ["5.4.7", "4.3.0"]);
    }
}
