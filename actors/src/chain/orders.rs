//! What the switchboard is told and asked, and what of it is refused.
//!
//! Rule: an order is carried out whole or refused whole; what is refused says why, and what to do.

use std::time::Duration;

use actix::Message;
use postrider_engine::{events::Properties, BindingSettings, OnFault, Priority, Rule, MOST_GUESTS};
use tokio::sync::oneshot;

use super::{AnyBinding, BindingStatus};

/// A limit of time that is longer is none.
const LONGEST: Duration = Duration::from_secs(86_400);
/// Bindings of one engine.
pub(super) const MOST_BINDINGS: usize = 1000;

/// Why a binding was not made or changed. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The id is taken.
    #[error("a sink is bound as {0:?} already: choose another id, or remove that one first")]
    Taken(String),
    /// There is no such binding.
    #[error("no sink is bound as {0:?}")]
    Unknown(String),
    /// It takes part in no event.
    #[error("{0:?} takes part in no event: name one with `on`")]
    NoEvent(String),
    /// A setting is beyond its limit.
    #[error("{0:?}: {1}")]
    Limit(String, &'static str),
    /// There are too many.
    #[error("{MOST_BINDINGS} bindings are the most: remove one first")]
    TooMany,
}

/// handle -> switchboard, awaited: this takes part from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Bind(pub AnyBinding, pub oneshot::Sender<Result<(), BindError>>);

/// handle -> switchboard, awaited: this takes part no more. Runs that are under way go on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unbind(pub String, pub oneshot::Sender<Result<(), BindError>>);

/// handle -> switchboard, awaited: this binding is otherwise from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ChangeBinding(pub String, pub Change, pub oneshot::Sender<Result<(), BindError>>);

/// handle -> switchboard, awaited: how are the bindings?
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskBindings(pub oneshot::Sender<Vec<BindingStatus>>);

/// transport -> switchboard, awaited: those of the settings are these from now on. What is bound by the program stays.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rebind(pub Vec<AnyBinding>);

/// transport -> switchboard, awaited: answered when the first chains are made.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ready;

/// What may change of a binding while mail flows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// It takes part, or does not. Its faults are forgotten.
    Enabled(bool),
    /// What people call it.
    DisplayName(String),
    /// When it runs.
    Priority(Priority),
    /// For which mail it runs.
    Rule(Rule),
    /// What becomes of the mail in its hands when it fails.
    OnFault(OnFault),
    /// What its guests are made of: they are made anew.
    Properties(Properties),
}

/// Whether a binding may be as its settings say.
pub(super) fn check(settings: &BindingSettings) -> Result<(), BindError> {
    let id = || settings.id.clone();
    match () {
        () if settings.id.is_empty() => Err(BindError::Limit(id(), "a binding needs an id")),
        () if settings.id.chars().any(char::is_control) => Err(BindError::Limit(id(), "an id has no controls")),
        () if !(1..=MOST_GUESTS).contains(&settings.pool) => {
            Err(BindError::Limit(id(), "a pool has between 1 and 10000 guests"))
        }
        () if settings.time_limit.is_zero() => Err(BindError::Limit(id(), "a time limit of zero serves nobody")),
        () if settings.time_limit > LONGEST || settings.waiting_limit > LONGEST => {
            Err(BindError::Limit(id(), "a day is the longest limit"))
        }
        () if settings.faults == 0 => Err(BindError::Limit(id(), "faults must be 1 at least")),
        () => Ok(()),
    }
}
