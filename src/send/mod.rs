//! Sending from a program: a mail goes in and a receipt comes out, when the mail is on disk.
//!
//! Rule: what `send` has returned is ours. What it has not returned is the caller's still, but for one case that has a name
//! of its own ([`SendError::Unknown`]), in which nobody knows; under a key it can be sent again without harm.

mod client;
mod engine;
mod error;
mod here;
mod post;
mod receipt;
#[cfg(feature = "convert")]
mod rtf;
mod sending;

pub use client::{AdminError, Client, ConnectError};
pub use error::{RedeemError, SendError, StatusError};
pub(crate) use here::Here;
pub(crate) use post::Post;
pub use receipt::{Outcomes, Receipt, RecipientStatus};
#[cfg(feature = "convert")]
pub use rtf::RtfBody;
pub use sending::{Preparing, Sending};
