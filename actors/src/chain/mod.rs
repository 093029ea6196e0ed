//! The sinks of each event in their order: a value, made anew whenever a binding changes.
//!
//! Rule: whoever leads a mail past its sinks keeps the chain it began with to the end of the run. Only what the event is
//! about moves to a sink and back; the duty to answer for the mail stays with the runner. Nothing a sink does can lose
//! a mail or make two of it.

mod binding;
mod bound;
mod drive;
mod events;
mod link;
mod orders;
mod session;
mod switchboard;
mod tally;

use std::{collections::HashMap, sync::Arc};

pub use binding::{AnyBinding, Binding};
pub use drive::Ended;
pub use events::Events;
pub use link::{BindingKey, Link};
pub use orders::{AskBindings, Bind, BindError, Change, ChangeBinding, Ready, Rebind, Unbind};
use postrider_engine::events::Kind;
pub use session::SessionGuests;
pub use switchboard::Switchboard;
pub use tally::{BindingStatus, Tally};

use crate::guests::Quarters;

/// The links of one event, in their order.
pub type Links = Arc<[Link]>;

/// All chains at one moment.
#[derive(Clone, Default)]
pub struct Chains {
    links: HashMap<Kind, Links>,
    /// Where they run; none as long as there is nothing to run.
    quarters: Option<Quarters>,
    /// How often bindings have changed.
    version: u64,
}

impl Chains {
    /// The links of an event.
    pub fn of(&self, kind: Kind) -> Option<&Links> {
        self.links.get(&kind)
    }

    /// The events that have sinks.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.links.keys().copied()
    }
}
