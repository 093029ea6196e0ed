//! When a mail is tried again, and when no more: a pure rule.
//!
//! The clock and the dice are arguments, so the same question always has the same answer.

use std::time::Duration;

use crate::{Envelope, Moment};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// How often a mail that could not be delivered is tried again (RFC 5321, 4.5.4.1).
///
/// The default waits 1, 5, 15, 30, 60, 120 and 240 minutes, then 4 hours each time, and gives up after 5 days.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The pauses after the first attempts, one for each.
    pub first: Vec<Duration>,
    /// The pause after every later attempt.
    pub then: Duration,
    /// The age of a mail, counted from [`Envelope::begins`], at which it is given up.
    pub give_up: Duration,
    /// By which fraction a pause may be shorter or longer, so that mails which failed together do not come back
    /// together: 0 to [`Retry::MOST_JITTER`].
    pub jitter: f64,
}

impl Default for Retry {
    fn default() -> Self {
        let first = [1, 5, 15, 30, 60, 120, 240].map(|minutes| MINUTE * minutes).to_vec();
        Retry { first, then: 4 * HOUR, give_up: 5 * DAY, jitter: 0.1 }
    }
}

impl Retry {
    /// More jitter than this has no effect: a pause stays between half and one and a half of what is set.
    pub const MOST_JITTER: f64 = 0.5;

    /// No pause is shorter: a pause of nothing would be a busy loop.
    pub const SHORTEST: Duration = Duration::from_millis(1);

    /// The schedule that the SMTP service of IIS has: 15, 30 and 60 minutes, then every 4 hours; given up after 48 hours.
    pub fn iis() -> Self {
        let first = [15, 30, 60].map(|minutes| MINUTE * minutes).to_vec();
        Retry { first, then: 4 * HOUR, give_up: 48 * HOUR, jitter: 0.1 }
    }

    /// How long a mail waits that was tried in vain `attempts` times (from 1 on; 0 is taken for 1).
    ///
    /// `dice` is a random number from 0 to 1: it chooses where between the shortest and the longest pause that the jitter
    /// allows this one lies.
    pub fn pause(&self, attempts: u32, dice: f64) -> Duration {
        let at = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let set = self.first.get(at).copied().unwrap_or(self.then);
        let jitter = within(self.jitter, Self::MOST_JITTER);
        let factor = 1.0 + jitter * (2.0 * within(dice, 1.0) - 1.0);
        let seconds = (set.as_secs_f64() * factor).min((365 * DAY).as_secs_f64());
        Duration::from_secs_f64(seconds).max(Self::SHORTEST)
    }

    /// When a mail with this envelope is over: it is too old then, or it expires before that.
    pub fn over(&self, envelope: &Envelope) -> Moment {
        let aged = envelope.begins() + self.give_up;
        envelope.expires.map_or(aged, |expires| expires.min(aged))
    }

    /// A mail with this envelope is given up. A clock that was put back makes no mail older.
    pub fn is_over(&self, envelope: &Envelope, now: Moment) -> bool {
        self.over(envelope) <= now
    }

    /// What is wrong with these values, for whoever reads them from outside.
    ///
    /// # Errors
    /// [`RetryError`] says which of them, and what it may be.
    pub fn check(&self) -> Result<(), RetryError> {
        let pauses = self.first.iter().chain([&self.then]);
        if pauses.clone().any(|pause| *pause < Self::SHORTEST) {
            return Err(RetryError::Pause);
        }
        if self.give_up < SECOND {
            return Err(RetryError::GiveUp);
        }
        match self.jitter {
            jitter if (0.0..=Self::MOST_JITTER).contains(&jitter) => Ok(()),
            _ => Err(RetryError::Jitter),
        }
    }
}

/// Why a schedule makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// A pause of nothing.
    #[error("a pause is at least one millisecond")]
    Pause,
    /// Given up before it was tried.
    #[error("a mail is kept for at least one second")]
    GiveUp,
    /// A pause could become nothing, or twice as long.
    #[error("jitter is a fraction from 0 to 0.5")]
    Jitter,
}

/// `NaN` counts as 0.
fn within(value: f64, most: f64) -> f64 {
    if value > 0.0 {
        value.min(most)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(arrived: Moment) -> Envelope {
        Envelope { arrived, ..Envelope::default() }
    }

    fn minutes(retry: &Retry, attempts: u32) -> u64 {
        retry.pause(attempts, 0.5).as_secs() / 60
    }

    #[test]
    fn the_default_waits_as_documented_and_gives_up_after_five_days() {
        let retry = Retry::default();
        let pauses: Vec<u64> = (1..=10).map(|attempts| minutes(&retry, attempts)).collect();
        assert_eq!(pauses, [1, 5, 15, 30, 60, 120, 240, 240, 240, 240]);
        let arrived = Moment(1_000);
        assert!(!retry.is_over(&from(arrived), arrived + 5 * DAY - Duration::from_millis(1)));
        assert!(retry.is_over(&from(arrived), arrived + 5 * DAY));
    }

    #[test]
    fn the_preset_of_iis_waits_as_iis_does() {
        let retry = Retry::iis();
        assert_eq!([1, 2, 3, 4, 5].map(|attempts| minutes(&retry, attempts)), [15, 30, 60, 240, 240]);
        assert!(retry.is_over(&from(Moment(0)), Moment(0) + 48 * HOUR));
    }

    #[test]
    fn a_clock_that_was_put_back_gives_nothing_up() {
        assert!(!Retry::default().is_over(&from(Moment(u64::MAX)), Moment(0)));
    }

    #[test]
    fn age_counts_from_when_a_mail_may_go_and_an_end_that_was_set_cuts_it_short() {
        let table = [
            ((0, None, None), 5 * DAY),
            ((0, Some(10 * DAY), None), 15 * DAY),
            ((0, Some(Duration::ZERO), None), 5 * DAY),
            ((0, None, Some(HOUR)), HOUR),
            ((0, None, Some(9 * DAY)), 5 * DAY),
            ((0, Some(10 * DAY), Some(11 * DAY)), 11 * DAY),
            ((0, Some(10 * DAY), Some(DAY)), DAY),
            ((7_000, Some(SECOND), None), 5 * DAY + 7 * SECOND),
        ];
        let at = |time: Duration| Moment(0) + time;
        for ((arrived, not_before, expires), over) in table {
            let (not_before, expires) = (not_before.map(at), expires.map(at));
            let envelope = Envelope { not_before, expires, ..from(Moment(arrived)) };
            assert_eq!(Retry::default().over(&envelope), at(over), "{not_before:?} {expires:?}");
        }
    }

    #[test]
    fn a_first_retry_of_a_second_stays_about_a_second() {
        let retry = Retry { first: vec![SECOND], ..Retry::default() };
        let (least, most) = (retry.pause(1, 0.0), retry.pause(1, 1.0));
        assert_eq!((least.as_millis(), most.as_millis()), (900, 1100));
    }

    #[test]
    fn values_that_make_no_sense_are_named() {
        let good = Retry::default();
        assert_eq!(good.check(), Ok(()));
        assert_eq!(Retry { then: Duration::ZERO, ..good.clone() }.check(), Err(RetryError::Pause));
        assert_eq!(Retry { give_up: Duration::ZERO, ..good.clone() }.check(), Err(RetryError::GiveUp));
        assert_eq!(Retry { jitter: f64::NAN, ..good.clone() }.check(), Err(RetryError::Jitter));
        assert_eq!(Retry { jitter: 0.6, ..good }.check(), Err(RetryError::Jitter));
    }

    fn any_retry() -> impl Strategy<Value = Retry> {
        let pauses = prop::collection::vec(0u64..1_000_000_000, 0..9);
        (pauses, 0u64..1_000_000_000, any::<u64>(), any::<f64>()).prop_map(|(first, then, give_up, jitter)| Retry {
            first: first.into_iter().map(Duration::from_millis).collect(),
            then: Duration::from_millis(then),
            give_up: Duration::from_millis(give_up),
            jitter,
        })
    }

    proptest! {
        #[test]
        fn a_pause_stays_between_half_and_one_and_a_half_of_what_is_set(
            retry in any_retry(), attempts in any::<u32>(), dice in any::<f64>(),
        ) {
            let set = Retry { jitter: 0.0, ..retry.clone() }.pause(attempts, dice);
            let pause = retry.pause(attempts, dice);
            prop_assert!(pause >= Retry::SHORTEST);
            prop_assert!(pause.as_secs_f64() >= set.as_secs_f64() * 0.499_999);
            prop_assert!(pause.as_secs_f64() <= set.as_secs_f64() * 1.500_001);
        }

        #[test]
        fn the_dice_only_lengthen(retry in any_retry(), attempts in 1u32..20, a in 0.0f64..1.0, b in 0.0f64..1.0) {
            prop_assert!(retry.pause(attempts, a.min(b)) <= retry.pause(attempts, a.max(b)));
        }

        #[test]
        fn pauses_that_ascend_are_kept_in_ascending_order(mut retry in any_retry(), attempts in 1u32..20, dice in 0.0f64..1.0) {
            retry.first.sort();
            retry.then = retry.then.max(retry.first.last().copied().unwrap_or_default());
            prop_assert!(retry.pause(attempts, dice) <= retry.pause(attempts + 1, dice));
        }

        #[test]
        fn what_is_over_stays_over(retry in any_retry(), arrived in any::<u64>(), now in any::<u64>(), later in any::<u64>()) {
            let mail = from(Moment(arrived));
            let over = retry.is_over(&mail, Moment(now));
            prop_assert!(!over || retry.is_over(&mail, Moment(now.saturating_add(later))));
        }
    }
}
