//! One binding as the switchboard has it.

use std::sync::Arc;

use postrider_engine::{events::Kind, BindingSettings};

use super::{
    binding::{Opened, Opens},
    BindingKey, Link, Tally,
};

/// A binding that is in force, or can be.
pub(super) struct Bound {
    pub key: BindingKey,
    pub settings: Arc<BindingSettings>,
    pub made_of: String,
    pub tally: Arc<Tally>,
    pub opens: Arc<dyn Opens>,
    /// Its guests, if they are the engine's.
    pub open: Option<Opened>,
    /// It has blocked too many threads: it is not asked any more.
    pub banned: bool,
    pub from_settings: bool,
}

impl Bound {
    /// Its place in the chain of an event.
    pub fn link(&self, kind: Kind) -> Link {
        Link {
            key: self.key,
            settings: Arc::clone(&self.settings),
            tally: Arc::clone(&self.tally),
            opens: Arc::clone(&self.opens),
            banned: self.banned,
            sink: self.open.as_ref().and_then(|open| open.of(kind)),
        }
    }
}
