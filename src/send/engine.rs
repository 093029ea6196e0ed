//! What a program calls: send, prepare, redeem, and finding a receipt again.

use std::path::Path;

use postrider_engine::{Outgoing, QueueId, Ticket};

use super::{Client, ConnectError, Post, Preparing, Receipt, RedeemError, SendError, Sending, StatusError};
use crate::Engine;

impl Engine {
    /// Sends a mail: a [`NewMail`](crate::NewMail), [`RawMail`](crate::RawMail) or a draft of your own. When this has been
    /// awaited the mail is on disk, and survives `kill -9` and a loss of power; how it goes on the receipt tells.
    ///
    /// It works from any thread, in any async runtime, and outside of one by [`Engine::send_blocking`]. The mail passes the
    /// same sinks as that of clients. Sending consumes it: the second use does not compile.
    ///
    /// # Errors
    /// [`SendError`] says whether it is worth another try.
    pub fn send<M: Outgoing + 'static>(&self, mail: M) -> Sending<M> {
        Sending::new(self.post(), mail)
    }

    /// The same, and waits on this thread. To be called where no async runtime is.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn send_blocking<M: Outgoing + 'static>(&self, mail: M) -> Result<Receipt, SendError> {
        self.send(mail).blocking()
    }

    /// Sends a mail once, however often this is called with the same key: whoever comes later gets the first receipt. See
    /// [`Sending::key`].
    ///
    /// # Errors
    /// [`SendError`]; [`SendError::TooManyKeys`] if no more can be remembered.
    pub fn send_with_key<M: Outgoing + 'static>(&self, key: impl AsRef<str>, mail: M) -> Sending<M> {
        self.send(mail).key(key)
    }

    /// Puts a mail on disk without sending it: for a program whose own transaction decides. Write the ticket into your own
    /// tables, within the transaction, and [`redeem`](Engine::redeem) it after the commit, as often as you like: it takes
    /// effect once. One that is never redeemed is swept after `send.ticket_life` (30 days).
    ///
    /// # Errors
    /// [`SendError`]
    pub fn prepare<M: Outgoing + 'static>(&self, mail: M) -> Preparing<M> {
        Preparing::new(self.post(), mail)
    }

    /// Sends the mail of this ticket, if that was not done before. When this returns it is on disk that it is sent.
    ///
    /// # Errors
    /// [`RedeemError::TicketExpired`]: nobody came in time; the mail is not sent, now or ever.
    pub async fn redeem(&self, ticket: &Ticket) -> Result<Receipt, RedeemError> {
        self.post().redeemed(ticket).await
    }

    /// As [`Engine::redeem`], waiting on this thread.
    ///
    /// # Errors
    /// [`RedeemError`]
    pub fn redeem_blocking(&self, ticket: &Ticket) -> Result<Receipt, RedeemError> {
        pollster::block_on(self.redeem(ticket))
    }

    /// The receipt of a mail, found again by its number, also after a restart. A mail is known until its end, and for
    /// `send.remember` (a day) from its sending on also when it is done; one with a key for `send.key_life` (7 days).
    ///
    /// # Errors
    /// [`StatusError::Forgotten`]: nothing is known of it.
    pub async fn receipt(&self, id: QueueId) -> Result<Receipt, StatusError> {
        self.post().receipt(id).await
    }

    /// As [`Engine::receipt`], waiting on this thread.
    ///
    /// # Errors
    /// [`StatusError`]
    pub fn receipt_blocking(&self, id: QueueId) -> Result<Receipt, StatusError> {
        pollster::block_on(self.receipt(id))
    }

    /// Reaches an engine in another process, by the socket that its settings name (`send.socket`). It sends as an engine of
    /// this process does, and the same mail survives the same things.
    ///
    /// It waits for the engine's greeting, ten seconds at most. When the engine is started anew the client connects anew by
    /// itself.
    ///
    /// # Errors
    /// [`ConnectError`] says why there is none, and what to do.
    pub fn connect(path: impl AsRef<Path>) -> Result<Client, ConnectError> {
        Client::connect(path.as_ref())
    }

    fn post(&self) -> Post {
        Post::Here(self.0.post.clone())
    }
}
