//! How many mails go to a hop in a second, at most.
//!
//! Rule: what was not used is not saved up beyond a tenth of a second, so a hop that was idle is not flooded.

use std::time::Duration;

use tokio::time::Instant;

/// What may be made up for: timers do not ring every millisecond.
const SLACK: Duration = Duration::from_millis(100);

/// The pace of a hop; without a bound by default.
#[derive(Debug, Default)]
pub struct Pace {
    /// From one mail to the next.
    step: Option<Duration>,
    /// When the next one may go; `None`: at once.
    next: Option<Instant>,
}

impl Pace {
    /// So many mails in a second; `None`: as many as there are.
    pub fn new(mails_per_second: Option<f64>) -> Self {
        let step =
            mails_per_second.filter(|rate| *rate > 0.0).and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Pace { step, next: None }
    }

    /// When the next mail may go, if that is not now.
    pub fn wait(&self, now: Instant) -> Option<Instant> {
        self.next.filter(|next| *next > now)
    }

    /// A mail goes now.
    pub fn take(&mut self, now: Instant) {
        if let Some(step) = self.step {
            let from = now.checked_sub(SLACK).unwrap_or(now);
            self.next = Some(self.next.map_or(now, |next| next.max(from)) + step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many go in this time, if there are always some.
    fn count(pace: &mut Pace, from: Instant, time: Duration) -> u32 {
        let mut count = 0;
        for at in (0..time.as_millis()).map(|ms| from + Duration::from_millis(ms as u64)) {
            while pace.wait(at).is_none() && count < 1_000_000 {
                pace.take(at);
                count += 1;
            }
        }
        count
    }

    #[test]
    fn no_more_go_than_may_and_an_idle_time_is_not_saved_up() {
        let begin = Instant::now();
        for (rate, seconds, least, most) in [(10.0, 10, 99, 102), (0.5, 10, 5, 6), (500.0, 4, 1990, 2051)] {
            let mut pace = Pace::new(Some(rate));
            let went = count(&mut pace, begin, Duration::from_secs(seconds));
            assert!((least..=most).contains(&went), "{went} at {rate} in {seconds} s");
            let later = begin + Duration::from_secs(3600);
            let went = count(&mut pace, later, Duration::from_secs(seconds));
            assert!((least..=most + 1).contains(&went), "{went} at {rate} in {seconds} s after an hour");
        }
    }

    #[test]
    fn without_a_bound_nobody_waits() {
        let mut pace = Pace::new(None);
        let now = Instant::now();
        (0..1000).for_each(|_| pace.take(now));
        assert_eq!(pace.wait(now), None);
    }
}
