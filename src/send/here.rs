//! The way from a program to an engine in the same process: what a send, a receipt and a ticket need of it, and no more.
//!
//! Rule: it keeps no engine alive. A receipt may be kept for days.

use std::sync::Arc;

use actix::Addr;
use postrider_actors::{
    clerk::{Clerk, Post, Terms},
    clock::Clock,
    guests::is_guest_here,
    messages::{AskStatus, MailOf, NoStatus, Redeem},
    spooler::Spooler,
    transport::State,
};
use postrider_engine::{Making, Outgoing, QueueId, Ticket, TicketState};
use tokio::sync::{oneshot, watch};

use super::{post::Sent, RedeemError, SendError, StatusError};
use crate::engine::Stopped;

/// The way to one engine.
#[derive(Clone)]
pub(crate) struct Here {
    pub clerk: Addr<Clerk>,
    pub spooler: Addr<Spooler>,
    pub state: watch::Receiver<State>,
    pub clock: Clock,
    /// Our name.
    pub host: Arc<str>,
    /// The number of the spool.
    pub spool: u64,
}

impl Here {
    /// Sends a mail, and waits until it is on disk.
    pub async fn send(&self, mail: impl Outgoing, terms: Terms) -> Result<Sent, SendError> {
        if is_guest_here() {
            return Err(SendError::InsideSink);
        }
        let making = Making { now: self.clock.now(), host: &self.host, unique: unguessable() };
        let draft = mail.into_draft(&making)?;
        if *self.state.borrow() != State::Running {
            return Err(self.stopped().into()); // nothing was begun
        }
        let (answer, answered) = oneshot::channel();
        self.clerk.do_send(Post { draft, terms, answer });
        let posted = answered.await.map_err(|_| self.unanswered())??;
        Ok(Sent { posted, spool: self.spool })
    }

    /// The mail of this ticket is sent, once.
    pub async fn redeem(&self, ticket: &Ticket) -> Result<(), RedeemError> {
        if ticket.spool() != self.spool {
            return Err(RedeemError::OtherSpool);
        }
        let (answer, answered) = oneshot::channel();
        self.spooler.do_send(Redeem(ticket.id(), answer));
        match answered.await.map_err(|_| self.stopped())? {
            Some(TicketState::Redeemed) => Ok(()),
            _ => Err(RedeemError::TicketExpired),
        }
    }

    /// What became of a mail, and what becomes of it from now on if it is watched.
    pub async fn status(&self, id: QueueId, watch: bool) -> Result<MailOf, StatusError> {
        let (answer, answered) = oneshot::channel();
        self.spooler.do_send(AskStatus { id, watch, answer });
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(NoStatus::Forgotten)) => Err(StatusError::Forgotten),
            Ok(Err(NoStatus::Busy)) => Err(StatusError::Busy),
            Err(_) => Err(self.stopped().into()),
        }
    }

    /// The engine has gone before it answered.
    fn unanswered(&self) -> SendError {
        match &*self.state.borrow() {
            State::Failed(reason) => SendError::Unknown(Arc::clone(reason)),
            State::Running => SendError::Unknown("a fault in the engine, which is in its log".into()),
            State::CutShort => SendError::Unknown("the engine was cut short at its end".into()),
            State::Drained => SendError::Stopped(Stopped { reason: None }),
        }
    }

    pub fn stopped(&self) -> Stopped {
        match &*self.state.borrow() {
            State::Failed(reason) => Stopped { reason: Some(Arc::clone(reason)) },
            _ => Stopped { reason: None },
        }
    }
}

/// A number that no other mail has: of the system's own random numbers, whatever the clock says, and whoever else sends.
pub(super) fn unguessable() -> u128 {
    let mut octets = [0; 16];
    match rustix::rand::getrandom(&mut octets, rustix::rand::GetRandomFlags::empty()) {
        Ok(16) => u128::from_ne_bytes(octets),
        _ => u128::from_ne_bytes(octets) ^ keyed(),
    }
}

/// What stands in where the system has no random numbers to give: keys that it gave this process before.
fn keyed() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let seed = RandomState::new();
    let (high, low) = (seed.hash_one(std::process::id()), seed.hash_one(std::thread::current().id()));
    u128::from(high) << 64 | u128::from(low)
}
