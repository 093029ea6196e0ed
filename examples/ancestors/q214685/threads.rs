//! Many threads that convert at once.
//!
//! Rule: each conversion is done by several of them at about the same time, and nobody waits for anybody.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{conversion::Way, verdict::Differences, work::Work};

/// So many take the same one, one after the other.
const TWINS: usize = 2;

/// How far it has gone.
pub struct Going {
    pub work: &'static Work,
    next: AtomicUsize,
    until: Instant,
    is_over: AtomicBool,
}

impl Going {
    /// It goes on for so long, and until each conversion was done.
    pub fn new(work: &'static Work, time: Duration) -> Self {
        Going { work, next: AtomicUsize::new(0), until: Instant::now() + time, is_over: AtomicBool::new(false) }
    }

    /// The next that is to be done; `None`: all are, and the time is over.
    fn next(&self) -> Option<usize> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let items = self.work.items.len();
        let is_open = next < TWINS * items || Instant::now() < self.until;
        is_open.then(|| next / TWINS % items)
    }

    /// Whoever is beside it comes to an end.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// All threads, until it is over; what was found otherwise.
pub fn convert(going: &Going, way: &impl Way, threads: usize) -> Differences {
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| one(going, way))).collect();
        Differences::sum_of(
            all.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Differences::of_a_dead_thread())),
        )
    })
}

fn one(going: &Going, way: &impl Way) -> Differences {
    let mut found = Differences::default();
    while let Some(item) = going.next() {
        found.judge(item, going.work.golden(item), &going.work.convert(item, way));
        thread::yield_now(); // or those few that start and stop something would have no turn
    }
    found
}
