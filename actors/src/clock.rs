//! What time it is. Tests give a clock that follows tokio's time, which they can stop.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postrider_engine::Moment;
use tokio::time::Instant;

/// The longest time that anybody sleeps before looking at the clock again: when the wall clock steps, due times are
/// computed anew no later than this.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Tells the wall-clock time.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Source);

#[derive(Clone, Copy, Debug)]
enum Source {
    Wall,
    Tokio { started: Instant, wall: Moment },
    Standing(Moment),
}

impl Clock {
    /// The machine's wall clock.
    pub fn wall() -> Self {
        Clock(Source::Wall)
    }

    /// A clock that starts at `wall` now and goes on with tokio's time.
    pub fn following_tokio(wall: Moment) -> Self {
        Clock(Source::Tokio { started: Instant::now(), wall })
    }

    /// A clock that has stopped at this moment. Who sleeps until a later one sleeps for good; timers of tokio's go on.
    pub fn standing_at(wall: Moment) -> Self {
        Clock(Source::Standing(wall))
    }

    /// The time.
    pub fn now(&self) -> Moment {
        match self.0 {
            Source::Wall => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
            Source::Tokio { started, wall } => wall + started.elapsed(),
            Source::Standing(wall) => wall,
        }
    }

    /// How long to sleep until `due`; never longer than [`LONGEST_SLEEP`].
    pub fn sleep_until(&self, due: Moment) -> Duration {
        self.now().until(due).min(LONGEST_SLEEP)
    }
}
