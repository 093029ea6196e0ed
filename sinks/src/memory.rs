//! A spool in memory, for engines whose mail need not outlive the process, and for tests of those who use a spool.
//!
//! It keeps the rule of every spool: entries are atomic, ids ascend in the order of entries, what is done is gone, and
//! after a failure nothing is answered any more. One thread owns all of it; everybody else sends it a message.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc, Arc,
    },
    thread,
    time::Duration,
};

use postrider_engine::{
    Applied, Batch, BoxFuture, Claim, Draft, Entry, Fact, FetchError, Kept, Look, Mail, NoSpace, Origin, Place,
    QueueId, Reader, Receipt, Received, Seen, Spool, SpoolFailed, Staging, Standing,
};

use asking::{ask, Answer, MemoryReader, Pause};

enum Order {
    Apply(Batch, Pause, Answer<(Result<Applied, SpoolFailed>, Duration)>),
    Fetch(QueueId, Place, Answer<Result<Draft, FetchError>>),
    Mails(mpsc::Sender<(Vec<QueueId>, QueueId)>),
    Fail(Arc<str>),
    Slow(Duration),
}

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
        let state =
            State { mails: BTreeMap::new(), next: 1, failed: None, pause: Duration::ZERO, space: space.clone() };
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
    /// From now on mail from outside that would bring the spool above so many octets gets [`NoSpace`], and so does
    /// staging.
    pub fn limit(&self, octets: u64) {
        self.space.limit.store(octets, Ordering::Relaxed);
    }

    /// From now on, or not any more, what may take of the reserve (see [`Claim::Spare`]) gets [`NoSpace`] too.
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

/// All that the thread owns.
struct State {
    mails: BTreeMap<QueueId, Stored>,
    next: u64,
    failed: Option<Arc<str>>,
    pause: Duration,
    space: Arc<Space>,
}

struct Stored {
    standing: Standing,
    draft: Draft,
    /// Counts the drafts of this mail: a place names one of them.
    version: u32,
    octets: u64,
}

impl Stored {
    fn place(&self) -> Place {
        Place { segment: 0, offset: self.version, length: 0 }
    }
}

impl State {
    fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            match order {
                Order::Apply(batch, pause, answer) => {
                    let left = if pause == Pause::Here { self.pause } else { Duration::ZERO };
                    if pause == Pause::There && !batch.entries.is_empty() {
                        thread::sleep(self.pause);
                    }
                    answer((self.apply(batch), left));
                }
                Order::Fetch(id, place, answer) => answer(self.fetch(id, place)),
                Order::Mails(answer) => drop(answer.send((self.mails.keys().copied().collect(), QueueId(self.next)))),
                Order::Fail(reason) => self.failed = Some(reason),
                Order::Slow(pause) => self.pause = pause,
            }
        }
    }

    fn apply(&mut self, batch: Batch) -> Result<Applied, SpoolFailed> {
        if let Some(reason) = &self.failed {
            return Err(SpoolFailed { reason: Arc::clone(reason) });
        }
        if !batch.entries.is_empty() {
            self.space.batches.fetch_add(1, Ordering::Relaxed);
        }
        let receipts = batch.entries.into_iter().map(|entry| self.enter(entry)).collect();
        let seen = batch.looks.into_iter().map(|look| self.look(look)).collect();
        Ok(Applied { receipts, seen })
    }

    fn enter(&mut self, entry: Entry) -> Result<Receipt, NoSpace> {
        let octets: u64 = entry.new.iter().map(|mail| mail.draft().content.len()).sum();
        let limit = self.space.limit.load(Ordering::Relaxed);
        let has_space = match entry.claim() {
            Claim::Free => self.space.used.load(Ordering::Relaxed).saturating_add(octets) <= limit,
            Claim::Spare => self.space.spare.load(Ordering::Relaxed),
            Claim::Reserve => true,
        };
        if !has_space {
            return Err(NoSpace);
        }
        let ids = entry.new.iter().map(|mail| self.store(mail)).collect();
        entry.facts.iter().for_each(|fact| self.note(fact));
        #[allow(clippy::disallowed_methods, reason = "this is a spool, and the entry is in it")]
        Ok(Receipt::after_write(ids, entry))
    }

    fn store(&mut self, mail: &Mail<Received>) -> QueueId {
        let id = QueueId(self.next);
        self.next += 1;
        let (draft, standing) = (mail.draft(), mail.standing());
        let octets = draft.content.len();
        if !standing.is_done() {
            self.space.used.fetch_add(octets, Ordering::Relaxed);
            self.mails.insert(id, Stored { standing, draft: draft.clone(), version: 0, octets });
        }
        id
    }

    fn note(&mut self, fact: &Fact) {
        let Some(mail) = self.mails.get_mut(&fact.mail()) else { return };
        mail.standing.note(fact);
        if let Fact::Advanced { draft, .. } = fact {
            mail.draft = Draft::clone(draft);
            mail.version += 1;
        }
        if mail.standing.is_done() {
            self.space.used.fetch_sub(mail.octets, Ordering::Relaxed);
            self.mails.remove(&fact.mail());
        }
    }

    fn look(&self, look: Look) -> Seen {
        match look {
            Look::Left(id) => {
                let standing = self.mails.get(&id).map(|mail| &mail.standing);
                Seen::Left(id, standing.map(Standing::left), standing.and_then(Standing::held).cloned())
            }
            Look::Kept(id, who) => {
                let kept = |mail: &Stored| Kept { standing: mail.standing.clone(), place: mail.place() };
                Seen::Kept(id, who, self.mails.get(&id).map(kept))
            }
            Look::All => Seen::All(self.mails.iter().map(|(id, mail)| (*id, mail.standing.held().is_some())).collect()),
            Look::Held => {
                let held = |(id, mail): (&QueueId, &Stored)| Some((*id, mail.standing.held()?.clone()));
                Seen::Held(self.mails.iter().filter_map(held).collect())
            }
        }
    }

    fn fetch(&self, id: QueueId, place: Place) -> Result<Draft, FetchError> {
        let mail = self.mails.get(&id).filter(|mail| mail.place() == place).ok_or(FetchError::Moved)?;
        Ok(Draft::new(mail.draft.envelope.clone(), mail.draft.content.clone()))
    }
}

mod asking;
mod staging;
#[cfg(test)]
mod tests;
