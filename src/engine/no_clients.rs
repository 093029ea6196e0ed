//! In the place of what clients need: the feature `listen` is off, and settings that name sockets for them are refused.

use std::{net::SocketAddr, sync::Arc};

use postrider_actors::transport::{Admit, Entrance};
use postrider_engine::{Aliases, Routes};

use super::StartError;
use crate::{
    settings::{Listen, Local},
    Settings,
};

/// No sockets.
pub(super) struct Clients {}

impl Clients {
    pub(super) fn bind(_: &Listen) -> Result<Self, StartError> {
        Ok(Clients {})
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        Vec::new()
    }

    pub(super) fn entrances(self) -> Vec<Entrance> {
        Vec::new()
    }
}

pub(super) fn served(_: &Settings, _: &Arc<Routes>, _: Option<Local>, _: &Arc<Aliases>) -> Admit {
    Admit::default()
}
