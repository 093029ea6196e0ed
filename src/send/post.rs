//! The way from a program to its engine, in the same process or in another: what a send, a receipt and a ticket need of it.
//!
//! Rule: both ways keep the same promises, and neither keeps an engine alive.

use postrider_actors::{
    clerk::{Posted, Terms},
    messages::MailOf,
};
use postrider_engine::{Outgoing, QueueId, Ticket};

use super::{
    client::{There, Watching},
    here::Here,
    Receipt, RedeemError, SendError, StatusError,
};

/// The way to one engine.
#[derive(Clone)]
pub(crate) enum Post {
    /// It is in this process.
    Here(Here),
    /// It is in another.
    There(There),
}

/// A mail that was taken.
pub(crate) struct Sent {
    pub posted: Posted,
    /// The number of the spool that has it.
    pub spool: u64,
}

/// A mail that was found. It is watched as long as this is kept.
#[derive(Debug)]
pub(crate) struct Found {
    pub mail: MailOf,
    pub _watching: Option<Watching>,
}

impl From<MailOf> for Found {
    fn from(mail: MailOf) -> Self {
        Found { mail, _watching: None }
    }
}

impl Post {
    /// Sends a mail, and waits until it is on disk.
    pub async fn send(&self, mail: impl Outgoing, terms: Terms) -> Result<Sent, SendError> {
        match self {
            Post::Here(here) => here.send(mail, terms).await,
            Post::There(there) => there.send(mail, terms).await,
        }
    }

    /// The mail of this ticket is sent, once.
    pub async fn redeem(&self, ticket: &Ticket) -> Result<(), RedeemError> {
        match self {
            Post::Here(here) => here.redeem(ticket).await,
            Post::There(there) => there.redeem(ticket).await,
        }
    }

    /// The same, and its receipt.
    pub async fn redeemed(self, ticket: &Ticket) -> Result<Receipt, RedeemError> {
        self.redeem(ticket).await?;
        Ok(Receipt::new(self, Posted { id: ticket.id(), repeated: false }))
    }

    /// The receipt of a mail of which something is known.
    pub async fn receipt(self, id: QueueId) -> Result<Receipt, StatusError> {
        self.status(id).await?;
        Ok(Receipt::new(self, Posted { id, repeated: false }))
    }

    /// What became of a mail so far.
    pub async fn status(&self, id: QueueId) -> Result<MailOf, StatusError> {
        match self {
            Post::Here(here) => here.status(id, false).await,
            Post::There(there) => Ok(there.status(id, false).await?.mail),
        }
    }

    /// What became of a mail, and what becomes of it from now on.
    pub async fn watch(&self, id: QueueId) -> Result<Found, StatusError> {
        match self {
            Post::Here(here) => Ok(here.status(id, true).await?.into()),
            Post::There(there) => there.status(id, true).await,
        }
    }

    /// Why nothing more is heard of a mail that is not at its end.
    pub fn gone(&self) -> StatusError {
        match self {
            Post::Here(here) => here.stopped().into(),
            Post::There(there) => there.broken(),
        }
    }
}
