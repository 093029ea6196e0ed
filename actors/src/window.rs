//! How many attempts a hop bears at once, and whether it is down: one fact in one place.
//!
//! Concurrency rises by one with each success up to the route's bound and falls to half with trouble. A hop that cannot
//! be reached is down; it is probed by one slip, with growing pauses.

use std::time::Duration;

/// So many at once are tried of a hop of which nothing is known.
const FIRST: usize = 5;
/// Probes come no less often than this: a hop that is back is found soon.
const LONGEST_PROBE: Duration = Duration::from_secs(5 * 60);

/// The state of a hop, as its queue sees it.
#[derive(Debug)]
pub struct Window {
    most: usize,
    allowed: usize,
    first_probe: Duration,
    troubles: u32,
    era: u32,
}

impl Window {
    /// Nothing is known of the hop; at most `most` attempts at once; the first probe after `first_probe`.
    pub fn new(most: usize, first_probe: Duration) -> Self {
        let most = most.max(1);
        Window { most, allowed: FIRST.min(most), first_probe, troubles: 0, era: 0 }
    }

    /// An attempt reached the hop.
    pub fn succeeded(&mut self) {
        self.allowed = match self.troubles {
            0 => (self.allowed + 1).min(self.most),
            _ => FIRST.min(self.most),
        };
        self.troubles = 0;
    }

    /// An attempt that was lent in this era did not. Says when to probe; `None`: it says nothing new.
    pub fn failed(&mut self, era: u32) -> Option<Duration> {
        if era != self.era {
            return None; // it was on the way when the trouble became known
        }
        self.era = self.era.wrapping_add(1);
        self.allowed = (self.allowed / 2).max(1);
        self.troubles = self.troubles.saturating_add(1);
        Some(self.first_probe.saturating_mul(1 << (self.troubles - 1).min(16)).min(LONGEST_PROBE))
    }

    /// Attempts are lent in an era; a new one begins with each trouble.
    pub fn era(&self) -> u32 {
        self.era
    }

    /// The hop is down.
    pub fn is_down(&self) -> bool {
        self.troubles > 0
    }

    /// How many may be on the way at once.
    pub fn allowed(&self) -> usize {
        match self.is_down() {
            true => 1,
            false => self.allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn concurrency_rises_with_success_up_to_its_bound() {
        let mut window = Window::new(7, SECOND);
        assert_eq!(window.allowed(), 5);
        (0..9).for_each(|_| window.succeeded());
        assert_eq!(window.allowed(), 7);
    }

    #[test]
    fn a_hop_that_is_down_is_probed_by_one_with_growing_pauses() {
        let mut window = Window::new(20, SECOND);
        let before = window.era();
        assert_eq!(window.failed(before), Some(SECOND));
        assert_eq!(window.failed(before), None, "the others that were on the way say nothing new");
        assert_eq!((window.is_down(), window.allowed()), (true, 1));
        assert_eq!(window.failed(window.era()), Some(2 * SECOND));
        for _ in 0..40 {
            window.failed(window.era());
        }
        assert_eq!(window.failed(window.era()), Some(LONGEST_PROBE));
        window.succeeded();
        assert_eq!((window.is_down(), window.allowed()), (false, 5));
    }
}
