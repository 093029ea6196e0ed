//! The one budget of octets that are in DATA: counted by owning them, across all connections.
//!
//! Beyond the budget a mail is staged in a side file; at twice the budget reading pauses. So a flood of large mails costs
//! disk and time, never memory without bound.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

/// How often a connection that pauses looks whether it may go on.
const PAUSE: Duration = Duration::from_millis(20);

/// Octets that all connections together may have in memory.
#[derive(Clone, Debug)]
pub struct Budget {
    most: usize,
    used: Arc<AtomicUsize>,
}

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    octets: usize,
}

impl Budget {
    /// A budget of so many octets.
    pub fn new(most: usize) -> Self {
        Budget { most, used: Arc::default() }
    }

    /// A share of nothing.
    pub fn share(&self) -> Share {
        Share { budget: self.clone(), octets: 0 }
    }

    /// More is used than there is: large mail goes to the disk.
    pub fn is_tight(&self) -> bool {
        self.used.load(Ordering::Relaxed) > self.most
    }

    /// Waits while more than twice the budget is used by others.
    pub async fn pause(&self, mine: &Share) {
        while self.used.load(Ordering::Relaxed).saturating_sub(mine.octets) > self.most.saturating_mul(2) {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Share {
    /// So many octets more.
    pub fn grow(&mut self, octets: usize) {
        self.octets += octets;
        self.budget.used.fetch_add(octets, Ordering::Relaxed);
    }

    /// All octets have left memory.
    pub fn clear(&mut self) {
        self.budget.used.fetch_sub(self.octets, Ordering::Relaxed);
        self.octets = 0;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back() {
        let budget = Budget::new(10);
        let (mut a, mut b) = (budget.share(), budget.share());
        a.grow(6);
        b.grow(6);
        assert!(budget.is_tight());
        drop(a);
        assert!(!budget.is_tight());
        b.clear();
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn at_twice_the_budget_reading_pauses_until_others_give_back() {
        let budget = Budget::new(10);
        let (mut other, mine) = (budget.share(), budget.share());
        other.grow(21);
        let waited = tokio::time::timeout(Duration::from_secs(9), budget.pause(&mine)).await;
        assert!(waited.is_err(), "it pauses");
        drop(other);
        budget.pause(&mine).await;
    }
}
