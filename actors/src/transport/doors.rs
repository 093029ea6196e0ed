//! The doors of the engine: clients by the network, programs by their socket, programs by a call. How they are made, and in which
//! order they are closed.

use std::time::Duration;

use postrider_engine::session::Limits;
use tokio::{sync::oneshot, time::timeout_at};
use tracing::warn;

use super::*;
use crate::{
    clerk::Desk,
    clock::Clock,
    connection::Hall,
    messages::Drain,
    programs::{Programs, Service},
};

/// The spooler's flush gets this much even when the deadline has passed.
const FLUSH: Duration = Duration::from_secs(5);

/// Whoever takes mail.
#[derive(Clone)]
pub(super) struct Doors {
    pub listener: Addr<Listener>,
    pub programs: Addr<Programs>,
    pub clerk: Addr<Clerk>,
}

/// What all doors share.
pub(super) struct WaysIn {
    pub door: Door,
    pub spooler: Addr<Spooler>,
    pub intakes: Intakes,
    pub clock: Clock,
}

impl WaysIn {
    /// For programs that call.
    pub fn clerk(&self, lives: Lives, home: &ArbiterHandle) -> Addr<Clerk> {
        let desk = Desk {
            door: self.door.clone(),
            keys: self.spooler.clone().recipient(),
            staging: Arc::clone(&self.intakes.staging),
            stage_from: self.intakes.stage_from,
            lives,
            clock: self.clock,
        };
        Clerk::start_in_arbiter(home, move |_| Clerk::new(desk))
    }

    /// For programs that come by this socket, with our name and the number of the spool.
    pub fn programs(
        &self,
        (socket, host, spool): (Option<ProgramSocket>, Arc<str>, u64),
        limits: Limits,
        clerk: &Addr<Clerk>,
        home: &ArbiterHandle,
    ) -> Addr<Programs> {
        let service = Service {
            clerk: clerk.clone().recipient(),
            statuses: self.spooler.clone().recipient(),
            tickets: self.spooler.clone().recipient(),
            intakes: self.intakes.clone(),
            limits,
            host,
            spool,
            clock: self.clock,
        };
        Programs::start_in_arbiter(home, move |_| Programs::new(socket, service))
    }

    /// For clients.
    pub fn hall(self, patience: Patience) -> Hall {
        Hall { door: self.door, spooler: self.spooler.recipient(), intakes: self.intakes, patience, clock: self.clock }
    }
}

/// False: not all came home in time.
pub(super) async fn drain(doors: Doors, core: Core, deadline: Instant) -> bool {
    let Doors { listener, programs, clerk } = doors;
    let mut in_time = ask(listener.recipient(), "connections", deadline).await;
    in_time &= ask(programs.recipient(), "programs that are connected", deadline).await;
    in_time &= ask(clerk.recipient(), "programs that send", deadline).await;
    in_time &= ask(core.exchange.recipient(), "attempts under way", deadline).await;
    in_time &= ask(core.reporter.recipient(), "reports", deadline).await;
    in_time & ask(core.spooler.recipient(), "spool", deadline.max(Instant::now() + FLUSH)).await
}

/// Each step is one message; so a step that is stuck has a name.
async fn ask(who: actix::Recipient<Drain>, what: &str, deadline: Instant) -> bool {
    let (answer, end) = oneshot::channel();
    who.do_send(Drain(answer));
    let in_time = timeout_at(deadline, end).await.is_ok();
    if !in_time {
        warn!(what, "did not end before the deadline");
    }
    in_time
}
