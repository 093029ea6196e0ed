//! Where sinks have the time from. Tests have clocks of their own.
//!
//! Rule: what is kept beyond the process is told by the wall clock; what lives in it by one that never goes back.

use std::{
    hash::{BuildHasher, RandomState},
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use postrider_engine::Moment;

/// Tells the wall clock's time.
pub type Now = fn() -> Moment;

/// The time of the machine's wall clock.
pub fn wall_clock() -> Moment {
    Moment::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// How long ago this was asked first in this process: a clock that never goes back.
pub fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// A number that nobody outside can guess, made of the keys of a hash map.
pub(super) fn unguessable() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(0_u8));
    (half() << 64) | half()
}
