//! Guests: sinks that others wrote, hosted by us.
//!
//! Rule: whatever a guest does costs the mail in its hands, and nothing else. A panic and an overrun are caught where it
//! is served (`pool`), a thread that a guest keeps to itself is given up by a watchdog on another (`quarters`).

mod beat;
mod host;
mod pool;
mod quarters;

pub use beat::{is_guest_here, Beat, Culprit, Shadow};
pub use host::Host;
pub use pool::{Limits, Pool, Stay};
pub use quarters::{Blocked, Gone, Quarters};
