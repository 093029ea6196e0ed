//! An engine in another process, reached by its socket (`docs/socket.md`).
//!
//! Rule: a request is repeated only where it is known that nothing of it was taken; where nobody knows, the caller is told
//! that. The threads of a client end with its last handle.

mod admin;
mod connect;
mod listen;
mod there;
mod write;

use std::{fmt, path::Path};

use postrider_engine::{Outgoing, QueueId, Ticket};

pub use admin::AdminError;
pub use connect::ConnectError;
pub(crate) use there::{There, Watching};

use super::{Post, Preparing, Receipt, RedeemError, SendError, Sending, StatusError};

/// A handle of an engine in another process: [`Engine::connect`](crate::Engine::connect).
///
/// It works from any thread, in any async runtime and outside of one: what it says to the engine is said by two threads of
/// its own. Clones share one connection, on which as many requests are under way as there are callers, and share syncs. If
/// the connection breaks, the next request makes a new one.
///
/// At most 256 mails of a connection are under way at once, and others wait; [`Sending::or_busy`] says that they should not.
///
/// What sinks have left in a draft's envelope (`properties`, `peer`) stays behind; all else goes along.
///
/// ```no_run
/// use postrider::{rules::RawMail, Engine};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Engine::connect("/run/postrider/send")?;
/// let mail = RawMail::new("From: ann@example.org\nTo: bob@example.net\n\nHello.\n").envelope_from_header();
/// let receipt = client.send_blocking(mail)?;
/// println!("{} is on disk", receipt.id());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(There);

impl Client {
    pub(super) fn connect(path: &Path) -> Result<Self, ConnectError> {
        There::connect(path).map(Client)
    }

    /// As [`Engine::send`](crate::Engine::send): when this has been awaited the mail is on disk.
    ///
    /// # Errors
    /// [`SendError`]; [`SendError::NoEngine`] if none is there, [`SendError::Unknown`] if it went away before it answered.
    pub fn send<M: Outgoing + 'static>(&self, mail: M) -> Sending<M> {
        Sending::new(self.post(), mail)
    }

    /// The same, and waits on this thread.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn send_blocking<M: Outgoing + 'static>(&self, mail: M) -> Result<Receipt, SendError> {
        self.send(mail).blocking()
    }

    /// As [`Engine::send_with_key`](crate::Engine::send_with_key): sent once, whoever sends it, from whatever process.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn send_with_key<M: Outgoing + 'static>(&self, key: impl AsRef<str>, mail: M) -> Sending<M> {
        self.send(mail).key(key)
    }

    /// As [`Engine::prepare`](crate::Engine::prepare): on disk, and not sent before its ticket is redeemed.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn prepare<M: Outgoing + 'static>(&self, mail: M) -> Preparing<M> {
        Preparing::new(self.post(), mail)
    }

    /// As [`Engine::redeem`](crate::Engine::redeem).
    ///
    /// # Errors
    /// [`RedeemError`]
    pub async fn redeem(&self, ticket: &Ticket) -> Result<Receipt, RedeemError> {
        self.post().redeemed(ticket).await
    }

    /// As [`Client::redeem`], waiting on this thread.
    ///
    /// # Errors
    /// [`RedeemError`]
    pub fn redeem_blocking(&self, ticket: &Ticket) -> Result<Receipt, RedeemError> {
        pollster::block_on(self.redeem(ticket))
    }

    /// As [`Engine::receipt`](crate::Engine::receipt): found again by its number.
    ///
    /// # Errors
    /// [`StatusError`]
    pub async fn receipt(&self, id: QueueId) -> Result<Receipt, StatusError> {
        self.post().receipt(id).await
    }

    /// How many octets a mail may have: `limits.message_size` of the engine, as its first greeting said.
    pub fn max_octets(&self) -> u64 {
        self.0.max_octets()
    }

    fn post(&self) -> Post {
        Post::There(self.0.clone())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("path", &self.0.path()).finish()
    }
}
