//! What a sink answers: what it was given, and how it goes on.
//!
//! Rule: a verdict is made of what was given, by a method that consumes it. Which methods there are says which verdicts
//! a stage allows.

use super::{Event, Fault};
use crate::{Moment, Reply};

/// How it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Turn {
    /// With the next sink.
    Next,
    /// Past the other sinks of this event.
    SkipRest,
    /// Not at all: refused with this reply. Before the commit the client gets it and keeps the mail; afterwards it is
    /// what the sender is told.
    Reject(Reply),
    /// Not at all, and nobody is told.
    Discard,
    /// Not now: the stage begins anew at this time.
    Defer(Moment),
    /// As the binding says of a sink that fails: this one says so itself, and what it did to the mail is undone.
    Failed(Fault),
}

/// A sink's answer.
#[must_use = "a verdict has no effect until it is given"]
pub struct Verdict<E: Event> {
    given: E::Given,
    turn: Turn,
}

impl<E: Event> Verdict<E> {
    pub(super) fn new(given: E::Given, turn: Turn) -> Self {
        Verdict { given, turn }
    }

    /// What was given, as the sink left it, and how it goes on: for whoever leads it past the sinks.
    pub fn open(self) -> (E::Given, Turn) {
        (self.given, self.turn)
    }

    pub(super) fn given_mut(&mut self) -> &mut E::Given {
        &mut self.given
    }
}

impl<E: Event> std::fmt::Debug for Verdict<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verdict").field("event", &E::KIND).field("turn", &self.turn).finish_non_exhaustive()
    }
}
