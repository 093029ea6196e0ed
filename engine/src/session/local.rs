//! Recipients whose mail ends at this host: who they are is asked while their client waits.
//!
//! Rule: this host is the last for local domains, so anybody may send to their users; to those who are none, nobody.

use std::{fmt, sync::Arc};

use crate::Address;

/// What is known of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its domain is not local: it is a matter of relaying.
    Elsewhere,
    /// Its mail ends here.
    Here,
    /// Its domain is local, and it has no user of this name.
    Nobody,
    /// Its domain is local, and whether it is a user cannot be told at present.
    Unsure,
}

/// Says who is local. It answers at once: a look at a folder, never at a network.
pub trait LocalRule: Send + Sync {
    /// What is known of this recipient.
    fn look(&self, recipient: &Address) -> Known;
}

/// The rule of a session; by default nobody is local.
#[derive(Clone, Default)]
pub struct Locals(Option<Arc<dyn LocalRule>>);

impl Locals {
    /// Asks this rule.
    pub fn new(rule: Arc<dyn LocalRule>) -> Self {
        Locals(Some(rule))
    }

    pub(super) fn look(&self, recipient: &Address) -> Known {
        self.0.as_ref().map_or(Known::Elsewhere, |rule| rule.look(recipient))
    }
}

/// The same rule, not one that answers alike.
impl PartialEq for Locals {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for Locals {}

impl fmt::Debug for Locals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Locals(some)" } else { "Locals(nobody)" })
    }
}
