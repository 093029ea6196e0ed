//! A spool in memory, for engines whose mail need not outlive the process, and for tests of those who use a spool.
//!
//! It keeps the rule of every spool: entries are atomic, ids ascend in the order of entries, what is done is gone, and
//! after a failure nothing is answered any more. One thread owns all of it; everybody else sends it a message.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc, Arc,
    },
    thread,
    time::Duration,
};

use postrider_engine::{
    Address, Applied, Batch, BoxFuture, Draft, FetchError, Memos, Origin, Place, QueueId, RcptNo, Reader, Spool,
    SpoolFailed, Staging,
};

use asking::{ask, Answer, MemoryReader, Pause};
use state::State;

/// The recipients of a mail.
type Names = Vec<(RcptNo, Address)>;

enum Order {
    Apply(Batch, Pause, Answer<(Result<Applied, SpoolFailed>, Duration)>),
    Fetch(QueueId, Place, Answer<Result<Draft, FetchError>>),
    Names(QueueId, Answer<Result<Names, FetchError>>),
    Remember(usize),
    Mails(mpsc::Sender<(Vec<QueueId>, QueueId)>),
    Fail(Arc<str>),
    Slow(Duration),
}

/// Mails that are remembered beyond their life.
const MOST_REMEMBERED: usize = 1_000_000;

/// A spool that forgets everything with the process. A [`MemoryControl`] outlives it and can open it again.
pub struct Memory {
    control: MemoryControl,
    mails: Vec<QueueId>,
    first: QueueId,
    is_prompt: bool,
}

/// Steers a [`Memory`] spool from outside: bounds it, slows it, makes it fail, opens it again.
#[derive(Clone)]
pub struct MemoryControl {
    orders: mpsc::Sender<Order>,
    space: Arc<Space>,
}

/// Octets of content in use and allowed; counted by whoever adds or drops content.
struct Space {
    used: AtomicU64,
    limit: AtomicU64,
    spare: AtomicBool,
    batches: AtomicU64,
    files: AtomicU64,
    number: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Memory::new()
    }
}

impl Memory {
    /// An empty spool without a bound.
    pub fn new() -> Self {
        let space = Space {
            used: AtomicU64::new(0),
            limit: AtomicU64::new(u64::MAX),
            spare: AtomicBool::new(true),
            batches: AtomicU64::new(0),
            files: AtomicU64::new(0),
            number: RandomState::new().build_hasher().finish(),
        };
        let space = Arc::new(space);
        let (orders, inbox) = mpsc::channel();
        let state = State {
            mails: BTreeMap::new(),
            memos: Memos::new(MOST_REMEMBERED),
            names: HashMap::new(),
            next: 1,
            failed: None,
            pause: Duration::ZERO,
            space: space.clone(),
        };
        thread::spawn(move || state.run(&inbox));
        Memory { control: MemoryControl { orders, space }, mails: Vec::new(), first: QueueId(1), is_prompt: false }
    }

    /// Has done what it is asked before the call returns, and what [`MemoryControl::slow`] asks for passes in tokio's time.
    /// For tests in which that stands still: where everybody waits for another thread, it would jump.
    #[must_use]
    pub fn prompt(mut self) -> Self {
        self.is_prompt = true;
        self
    }

    /// What steers it.
    pub fn control(&self) -> MemoryControl {
        self.control.clone()
    }
}

impl MemoryControl {
    /// From now on mail from outside that would bring the spool above so many octets gets [`NoSpace`](postrider_engine::NoSpace), and so does
    /// staging.
    pub fn limit(&self, octets: u64) {
        self.space.limit.store(octets, Ordering::Relaxed);
    }

    /// From now on, or not any more, what may take of the reserve (see [`Claim::Spare`](postrider_engine::Claim::Spare)) gets [`NoSpace`](postrider_engine::NoSpace) too.
    pub fn refuse_spare(&self, refuse: bool) {
        self.space.spare.store(!refuse, Ordering::Relaxed);
    }

    /// Every later call fails with this reason, as on a disk that cannot be trusted.
    pub fn fail(&self, reason: &str) {
        let _ = self.orders.send(Order::Fail(reason.into()));
    }

    /// From now on each batch takes so long: what a sync would take.
    pub fn slow(&self, pause: Duration) {
        let _ = self.orders.send(Order::Slow(pause));
    }

    /// From now on at most so many mails are remembered beyond their life.
    pub fn remember_at_most(&self, most: usize) {
        let _ = self.orders.send(Order::Remember(most));
    }

    /// How many batches with entries were applied.
    pub fn batches(&self) -> u64 {
        self.space.batches.load(Ordering::Relaxed)
    }

    /// How many octets of content are kept.
    pub fn used(&self) -> u64 {
        self.space.used.load(Ordering::Relaxed)
    }

    /// The same spool once more, as after a restart: [`Spool::take_mails`] tells what is not done.
    pub fn reopen(&self) -> Memory {
        let (answer, mails) = mpsc::channel();
        let _ = self.orders.send(Order::Mails(answer));
        let (mails, first) = mails.recv().unwrap_or((Vec::new(), QueueId(1)));
        Memory { control: self.clone(), mails, first, is_prompt: false }
    }
}

fn gone() -> SpoolFailed {
    SpoolFailed { reason: "the thread of the memory spool has ended".into() }
}

impl Spool for Memory {
    fn apply(&mut self, batch: Batch) -> BoxFuture<'static, Result<Applied, SpoolFailed>> {
        let pause = if self.is_prompt && !batch.entries.is_empty() { Pause::Here } else { Pause::There };
        let asked = ask(&self.control.orders, self.is_prompt, |answer| Order::Apply(batch, pause, answer));
        Box::pin(async move {
            let Some((applied, pause)) = asked.await else { return Err(gone()) };
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            applied
        })
    }

    fn take_mails(&mut self) -> Vec<QueueId> {
        std::mem::take(&mut self.mails)
    }

    fn origin(&self) -> Origin {
        Origin { spool: self.control.space.number, first: self.first }
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(MemoryReader { orders: self.control.orders.clone(), is_prompt: self.is_prompt })
    }

    fn staging(&self) -> Arc<dyn Staging> {
        Arc::new(staging::MemoryStaging { space: Arc::clone(&self.control.space) })
    }
}

mod asking;
mod staging;
mod state;
#[cfg(test)]
mod tests;
