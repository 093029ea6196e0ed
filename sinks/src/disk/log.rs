//! The log's thread: it owns everything that changes, and does one thing after the other.
//!
//! It writes and never syncs: that is the syncer's. What fails once has failed for ever: from then on every answer is
//! [`SpoolFailed`], nothing is written, and nothing is unlinked or freed.

use std::{
    collections::VecDeque,
    io,
    sync::{mpsc, Arc},
    thread::JoinHandle,
};

use postrider_engine::{Applied, Batch, Durability, Look, NotWritten, Receipt, Seen, SpoolFailed};
use tracing::{error, warn};

use super::{
    compact::Compaction,
    counters::Counters,
    index::{Index, Leaves},
    janitor::Task,
    ledger::Ledger,
    orders::{Answer, Inbox, Order},
    packing::Packing,
    pool::Pool,
    settings::Settings,
    sides::{Sides, Unneeded},
    tail::Tail,
};

/// How many orders are taken before it is looked whether a sync, or anything else, is due.
const TOGETHER: usize = 32;

/// A batch that waits for its sync.
struct Waiting {
    number: u64,
    receipts: Vec<Result<Receipt, NotWritten>>,
    looks: Vec<Look>,
    answer: Answer,
}

/// All that the thread owns.
pub(super) struct Log {
    pub settings: Settings,
    pub index: Index,
    pub ledger: Ledger,
    pub sides: Sides,
    pub pool: Pool,
    pub tail: Tail,
    pub packing: Packing,
    pub compaction: Compaction,
    pub counters: Arc<Counters>,
    /// New mail is accepted, if there is room for it: found out once for a batch.
    pub accepts: bool,
    pub tasks: mpsc::Sender<Task>,
    pub inbox: Inbox,
    waiting: VecDeque<Waiting>,
    failed: Option<Arc<str>>,
    /// The threads that help; they end before this one does.
    pub helpers: Vec<JoinHandle<()>>,
}

impl Log {
    /// A log that goes on from what recovery found.
    pub fn new(
        settings: Settings,
        (index, ledger, sides): (Index, Ledger, Sides),
        pool: Pool,
        tail: Tail,
        (tasks, inbox): (mpsc::Sender<Task>, Inbox),
    ) -> Self {
        let counters = Arc::clone(&tail.counters);
        let (packing, compaction) = (Packing::default(), Compaction::default());
        let (waiting, failed) = (VecDeque::new(), None);
        let accepts = false;
        Log {
            settings,
            index,
            ledger,
            sides,
            pool,
            tail,
            packing,
            compaction,
            counters,
            accepts,
            tasks,
            inbox,
            waiting,
            failed,
            helpers: Vec::new(),
        }
    }

    /// Runs until the owner of the spool has gone, and the threads that help have ended.
    pub fn run(mut self) {
        self.settle();
        while let Some(order) = self.next() {
            if self.obey_some(order) {
                self.finish();
                break;
            }
            self.settle();
        }
        let Log { helpers, pool, tail, tasks, .. } = self;
        drop((pool, tail, tasks));
        for helper in helpers {
            let _ = helper.join();
        }
    }

    /// This one and those behind it. Says whether the owner of the spool has gone.
    fn obey_some(&mut self, first: Order) -> bool {
        let mut order = first;
        for _ in 0..TOGETHER {
            if self.obey(order) {
                return true;
            }
            match self.inbox.next_if_any() {
                Ok(next) => order = next,
                Err(_) => return false,
            }
        }
        self.obey(order)
    }

    /// The next order; while there is none, mails are moved together. While space is short that does not wait for a pause.
    fn next(&mut self) -> Option<Order> {
        if self.failed.is_none() && self.pool.is_short() && self.compact() {
            self.settle();
        }
        loop {
            match self.inbox.next_if_any() {
                Ok(order) => return Some(order),
                Err(mpsc::TryRecvError::Disconnected) => return None,
                Err(mpsc::TryRecvError::Empty) => {}
            }
            if self.failed.is_some() || !self.compact() {
                return self.inbox.next();
            }
            self.settle();
        }
    }

    /// Says whether the owner of the spool has gone.
    pub(super) fn obey(&mut self, order: Order) -> bool {
        let closing = matches!(order, Order::Close);
        match order {
            Order::Apply(batch, answer) => self.apply(batch, answer),
            Order::Synced { number, segment, result } => match result {
                Ok(()) => self.synced(number, segment),
                Err(error) => self.fail("a sync of the log", &error),
            },
            Order::Prepared(result) => {
                if let Err(error) = &result {
                    warn!(%error, "a segment of the spool cannot be prepared");
                }
                self.pool.prepared(result.unwrap_or_default());
            }
            Order::Freed(result) => match result {
                Ok((freed, ready)) if self.failed.is_none() => {
                    freed.iter().for_each(|segment| self.ledger.freed(*segment));
                    if let Err(error) = self.pool.freed(ready) {
                        self.fail("the preparing of a segment", &error);
                    }
                }
                Ok(_) => {}
                Err(error) => self.fail("the freeing of a segment", &error),
            },
            Order::SideOpened(name, new) => self.sides.opened(&name, new),
            Order::SideClosed(name, octets) => {
                let unneeded = self.sides.closed(&name, octets);
                self.unlink(unneeded);
            }
            Order::Close => {}
        }
        closing
    }

    fn apply(&mut self, batch: Batch, answer: Answer) {
        let Batch { entries, looks, durability } = batch;
        let entered = match self.failed {
            Some(_) => Ok(Vec::new()),
            None => self.enter(entries),
        };
        let receipts = match (entered, &self.failed) {
            (Ok(receipts), None) => receipts,
            (Ok(_), Some(reason)) => return drop(answer.send(Err(SpoolFailed { reason: Arc::clone(reason) }))),
            (Err(error), _) => {
                self.waiting.push_back(Waiting { number: u64::MAX, receipts: Vec::new(), looks, answer });
                return self.fail("a write to the log", &error);
            }
        };
        // Also a batch that wrote nothing: whoever asks for a sync may rely on what was written before.
        let waits = durability == Durability::Synced;
        let waiting = Waiting { number: self.tail.number, receipts, looks, answer };
        if waits && self.tail.synced < self.tail.number {
            self.waiting.push_back(waiting);
        } else {
            self.answer(waiting);
        }
    }

    /// Looks at the last moment: an answer says nothing older than one that was given before.
    fn answer(&mut self, waiting: Waiting) {
        let Waiting { receipts, looks, answer, .. } = waiting;
        let seen = looks.into_iter().map(|look| self.look(look)).collect();
        let _ = answer.send(Ok(Applied { receipts, seen }));
    }

    fn look(&mut self, look: Look) -> Seen {
        let Look::Overdue(now) = look else { return self.index.look(look) };
        let found = self.index.memos.overdue(now);
        for place in found.forgotten {
            self.ledger.leave(self.tail.number, Leaves::of_record(place));
        }
        Seen::Overdue(found.unredeemed, self.index.memos.next())
    }

    fn synced(&mut self, number: u64, segment: u64) {
        if self.failed.is_some() {
            return;
        }
        self.tail.synced(number, segment);
        for side in self.ledger.synced(number, segment) {
            let unneeded = self.sides.left(&side);
            self.unlink(unneeded);
        }
        let ready = self.waiting.iter().take_while(|waiting| waiting.number <= number).count();
        for waiting in self.waiting.drain(..ready).collect::<Vec<_>>() {
            self.answer(waiting);
        }
    }

    fn unlink(&mut self, unneeded: Option<Unneeded>) {
        if let (Some(side), None) = (unneeded, &self.failed) {
            let _ = self.tasks.send(Task::Unlink(side));
        }
    }

    /// Begins what is due: a sync, the freeing of segments, the preparing of others.
    fn settle(&mut self) {
        if self.failed.is_some() {
            return;
        }
        if !self.waiting.is_empty() || self.compaction.wants_sync(self.tail.synced) {
            self.tail.sync();
        }
        self.begin_freeing();
        if let Err(error) = self.pool.prepare_ahead() {
            self.fail("a look at the free space", &error);
        }
        self.counters.segments.set(self.ledger.segments() as u64);
        self.counters.live.set(self.index.len() as u64);
    }

    /// Nothing is written any more.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// The end of all answers but one.
    pub fn fail(&mut self, what: &str, error: &io::Error) {
        if self.failed.is_none() {
            let reason: Arc<str> = format!("{what} failed: {error}").into();
            error!(%reason, "the spool has failed");
            self.failed = Some(reason);
        }
        let Some(reason) = &self.failed else { return };
        for Waiting { answer, .. } in self.waiting.drain(..) {
            let _ = answer.send(Err(SpoolFailed { reason: Arc::clone(reason) }));
        }
    }

    /// Syncs what is written, and answers who waits for it.
    fn finish(&mut self) {
        self.tail.sync();
        while self.failed.is_none() && self.tail.synced < self.tail.number {
            let Some(order) = self.inbox.next() else { return };
            self.obey(order);
            self.tail.sync();
        }
    }
}
