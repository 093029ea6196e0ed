//! Which chains were in force when: every change of a binding makes a version, and the versions are kept.
//!
//! Rule: a version counts as begun before the engine is asked for it, and as in force when the engine has answered. What
//! ran in between ran with one of the versions from that in force at its beginning to the last begun at its end.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};

use postrider::events::Kind;

/// A binding as it is known to the harness.
#[derive(Clone, Debug)]
pub struct Bound {
    pub id: &'static str,
    /// The id and the generation: what its guests write into mails.
    pub label: Arc<str>,
    pub priority: u16,
    pub enabled: bool,
    pub events: &'static [Kind],
}

/// The labels of each event's chain, in their order.
pub type Version = BTreeMap<&'static str, Vec<Arc<str>>>;

/// The chains that these make, given in the order of binding.
pub fn version(bound: &[Bound]) -> Version {
    let mut in_order: Vec<&Bound> = bound.iter().filter(|bound| bound.enabled).collect();
    in_order.sort_by_key(|bound| bound.priority); // stable: equal ones in the order of binding
    let mut version = Version::new();
    for bound in in_order {
        for kind in bound.events {
            version.entry(kind.name()).or_default().push(Arc::clone(&bound.label));
        }
    }
    version
}

/// The version of this moment. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<(AtomicUsize, AtomicUsize)>);

impl Clock {
    /// The last version that the engine was asked for.
    pub fn begun(&self) -> usize {
        self.0 .0.load(Ordering::SeqCst)
    }

    /// The last that the engine has put in force.
    pub fn in_force(&self) -> usize {
        self.0 .1.load(Ordering::SeqCst)
    }

    pub fn begin(&self) {
        self.0 .0.fetch_add(1, Ordering::SeqCst);
    }

    pub fn is_in_force(&self) {
        self.0 .1.fetch_add(1, Ordering::SeqCst);
    }
}
