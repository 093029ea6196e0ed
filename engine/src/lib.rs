//! The rules of mail transport: no actor, no socket, no clock.

mod address;
mod envelope;
pub mod header;
mod moment;
mod recipients;
mod reply;
pub mod session;
mod trace;

pub use address::{domain_key, Address, AddressError, MAX_DOMAIN, MAX_LOCAL_PART};
pub use envelope::{Body, Door, Envelope, Peer, Ret};
pub use moment::Moment;
pub use recipients::{Notify, RcptNo, Recipient, Recipients};
pub use reply::{Enhanced, Reply, ReplyError, ReplyReader, MAX_REPLY, MAX_REPLY_LINE, MAX_REPLY_LINES, REPLY_LINE};
pub use session::{Action, Arrival, Session, SessionSettings};
pub use trace::{transmission_type, Trace};
