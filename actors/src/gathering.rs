//! What goes to disk together, and what is to happen once it is there.
//!
//! Promises (mail, reports, ends of stages) need a sync and gather while one is on its way; notes (facts) are only
//! written, at the end of every mailbox drain. Both go in the order in which they came.

use std::collections::VecDeque;

use postrider_engine::{
    Applied, Batch, Durability, Entry, Fact, Look, News, QueueId, Receipt, Seen, SpoolFailed, SpoolGone, TicketState,
};
use tokio::sync::oneshot;

use crate::messages::Refused;

/// Entries in a batch. With ten a busy door waits for many syncs; a million would make one sync take seconds.
const MOST_ENTRIES: usize = 1000;
/// Octets in a batch: a frame of the log is written whole.
const MOST_OCTETS: usize = 8 << 20;

/// What follows when an entry is in the spool.
pub enum Then {
    /// Somebody waits for the receipt.
    Answer(oneshot::Sender<Result<Receipt, Refused>>),
    /// Somebody waits to send the final dot.
    Attempt(oneshot::Sender<Result<(), SpoolGone>>),
    /// The sender is to be told.
    Report(News),
    /// It is to be looked what has become of the ticket of this mail; somebody may wait for it.
    Redeemed(QueueId, oneshot::Sender<Option<TicketState>>),
    /// Nothing.
    Nothing,
}

impl Then {
    /// Whoever waits is told that nothing is known of it.
    fn fail(self, failed: &SpoolFailed) {
        match self {
            Then::Answer(answer) => drop(answer.send(Err(Refused::Failed(failed.clone())))),
            Then::Attempt(answer) => drop(answer.send(Err(SpoolGone))),
            Then::Report(_) | Then::Redeemed(..) | Then::Nothing => {} // dropping the answer tells
        }
    }
}

/// Two lines of those who want something written.
#[derive(Default)]
pub struct Gathering {
    promises: VecDeque<(Entry, Then)>,
    notes: Vec<(Entry, Then)>,
    looks: Vec<Look>,
}

/// A batch on its way, and what follows it.
pub struct Going {
    /// For the spool.
    pub batch: Batch,
    /// For the spooler.
    pub thens: Thens,
}

/// An entry's end, and what follows it.
pub type Written = (Result<Receipt, Refused>, Then);

/// What follows a batch.
pub struct Thens(Vec<Then>);

impl Gathering {
    /// To be synced.
    pub fn promise(&mut self, entry: Entry, then: Then) {
        self.promises.push_back((entry, then));
    }

    /// To be written.
    pub fn note(&mut self, facts: Vec<Fact>, then: Then) {
        self.notes.push((Entry::facts(facts), then));
    }

    /// To be written, as facts are; whoever waits for it does not wait for a sync.
    pub fn write(&mut self, entry: Entry, then: Then) {
        self.notes.push((entry, then));
    }

    /// To be looked up when all that was noted before is in.
    pub fn look(&mut self, look: Look) {
        self.looks.push(look);
    }

    /// Somebody waits for a sync.
    pub fn has_promises(&self) -> bool {
        !self.promises.is_empty()
    }

    /// Somebody waits for a write or a look.
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty() || !self.looks.is_empty()
    }

    /// All notes, to be written.
    pub fn take_notes(&mut self) -> Going {
        let (entries, thens) = std::mem::take(&mut self.notes).into_iter().unzip();
        let looks = std::mem::take(&mut self.looks);
        Going { batch: Batch { entries, looks, durability: Durability::Written }, thens: Thens(thens) }
    }

    /// All notes and as many promises as one batch may have, to be synced.
    pub fn take_promises(&mut self) -> Going {
        let mut going = self.take_notes();
        going.batch.durability = Durability::Synced;
        let mut octets = 0;
        while let Some((entry, _)) = self.promises.front() {
            octets += entry.weight();
            let is_full = going.batch.entries.len() >= MOST_ENTRIES || octets > MOST_OCTETS;
            if is_full && !going.batch.entries.is_empty() {
                break;
            }
            if let Some((entry, then)) = self.promises.pop_front() {
                going.batch.entries.push(entry);
                going.thens.0.push(then);
            }
        }
        going
    }

    /// The spool has failed: all who wait are told.
    pub fn fail(&mut self, failed: &SpoolFailed) {
        let waiting = self.promises.drain(..).chain(self.notes.drain(..));
        waiting.for_each(|(_, then)| then.fail(failed));
        self.looks.clear();
    }
}

impl Thens {
    /// The batch came to its end: each entry's result beside what follows it, and what was seen.
    pub fn join(
        self,
        applied: Result<Applied, SpoolFailed>,
    ) -> Result<(impl Iterator<Item = Written>, Vec<Seen>), SpoolFailed> {
        match applied {
            Ok(Applied { receipts, seen }) => {
                let receipts = receipts.into_iter().map(|receipt| receipt.map_err(Refused::from));
                Ok((receipts.zip(self.0), seen))
            }
            Err(failed) => {
                self.0.into_iter().for_each(|then| then.fail(&failed));
                Err(failed)
            }
        }
    }
}
