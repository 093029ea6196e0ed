//! The rules of mail transport: no actor, no socket, no clock.

mod address;
mod envelope;
mod moment;
mod recipients;
mod reply;

pub use address::{Address, AddressError};
pub use envelope::{Body, Door, Envelope, Peer, Ret};
pub use moment::Moment;
pub use recipients::{Notify, RcptNo, Recipient, Recipients};
pub use reply::{Enhanced, Reply};
