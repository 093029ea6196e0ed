//! The doors of the engine: clients by the network, programs by their socket, programs by a call. How they are made.

use postrider_engine::session::Limits;

use super::*;
use crate::{
    clerk::Desk,
    clock::Clock,
    collector::{Collector, FolderPlan, Ways},
    programs::{Programs, Service},
};

/// Whoever takes mail.
#[derive(Clone)]
pub(super) struct Doors {
    pub front: Front,
    pub programs: Addr<Programs>,
    pub collectors: Vec<Addr<Collector>>,
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

    /// For programs that put files into folders.
    pub fn collectors(
        &self,
        folders: Vec<FolderPlan>,
        clerk: &Addr<Clerk>,
        home: &ArbiterHandle,
    ) -> Vec<Addr<Collector>> {
        let ways =
            Ways { clerk: clerk.clone().recipient(), spooler: self.spooler.clone().recipient(), clock: self.clock };
        let start = |folder| {
            let ways = ways.clone();
            Collector::start_in_arbiter(home, move |_| Collector::new(folder, ways))
        };
        folders.into_iter().map(start).collect()
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
}
