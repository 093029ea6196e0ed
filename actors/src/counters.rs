//! What the engine did since its start, counted where it happens; may be read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one engine.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    deferred: AtomicU64,
    perhaps: AtomicU64,
}

/// Counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Mails that were promised, our own reports included.
    pub accepted: u64,
    /// Recipients that a next hop answers for now.
    pub delivered: u64,
    /// Recipients that were refused for ever.
    pub failed: u64,
    /// Attempts, by recipient, that are to be repeated.
    pub deferred: u64,
    /// Attempts, by recipient, that ended without an answer to the final dot.
    pub perhaps: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A mail was promised.
    Accepted,
    /// A recipient was delivered.
    Delivered,
    /// A recipient was refused for ever.
    Failed,
    /// A recipient was put off.
    Deferred,
    /// A recipient was perhaps delivered.
    Perhaps,
}

impl Counters {
    /// One more.
    pub fn count(&self, event: Event) {
        let counter = match event {
            Event::Accepted => &self.accepted,
            Event::Delivered => &self.delivered,
            Event::Failed => &self.failed,
            Event::Deferred => &self.deferred,
            Event::Perhaps => &self.perhaps,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// All of them now.
    pub fn read(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            accepted: read(&self.accepted),
            delivered: read(&self.delivered),
            failed: read(&self.failed),
            deferred: read(&self.deferred),
            perhaps: read(&self.perhaps),
        }
    }
}
