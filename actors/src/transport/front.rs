//! The front of the engine: where clients come in, by the network or by a socket in the file system.
//!
//! Rule: the rest of the cast knows the listener through this alone, so that an engine can do without.

use super::{ending::ask, *};
pub use crate::listener::{Admit, Entrance};
use crate::{connection::Hall, listener::Listener};

/// Whoever serves clients.
#[derive(Clone)]
pub(super) struct Front(Addr<Listener>);

impl Front {
    /// From now on clients come in here, are served like this, and live on these threads.
    pub fn open(entrances: Vec<Entrance>, served: Admit, ways_in: WaysIn, threads: Vec<ArbiterHandle>) -> Self {
        let Admit { sessions, seats, patience } = served;
        let WaysIn { door, spooler, intakes, clock, .. } = ways_in;
        let hall = Hall { door, spooler: spooler.recipient(), intakes, patience, clock };
        Front(Listener::new(entrances, sessions, seats, hall, threads).start())
    }

    /// Clients who come from now on are served like this.
    pub async fn serve_anew(&self, served: Admit) {
        let _ = self.0.send(served).await;
    }

    /// Nobody comes in any more, and those who are here end. False: not in time.
    pub async fn drain(self, deadline: Instant) -> bool {
        ask(self.0.recipient(), "connections", deadline).await
    }
}
