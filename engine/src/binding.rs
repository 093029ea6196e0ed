//! What ties a sink to an event: the settings of a binding, as the ancestors had them and more.
//!
//! Rule: every wait and every count of a sink has a limit here; what becomes of the mail in its hands when one is passed
//! is said here too.

use std::time::Duration;

use crate::{events::Properties, Rule};

/// The order of sinks: 0 is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(u16);

impl Priority {
    /// Before all others.
    pub const FIRST: Priority = Priority(0);
    /// After all others.
    pub const LAST: Priority = Priority(32_767);

    /// A priority; `None` above 32767.
    pub const fn new(priority: u16) -> Option<Self> {
        match priority {
            0..=32_767 => Some(Priority(priority)),
            _ => None,
        }
    }

    /// As a number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for Priority {
    /// That of the ancestors: 24575, three quarters of the way.
    fn default() -> Self {
        Priority(24_575)
    }
}

/// How long the guests of a binding live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BindingScope {
    /// As long as the engine: a pool serves all mails.
    #[default]
    Engine,
    /// As long as one session: its guest gets the events of that session in their order, and ends with it.
    Session,
}

/// What becomes of the mail in the hands of a sink that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFault {
    /// Before the commit it is refused with 451, and whoever sends it keeps it; after the commit it is tried again later,
    /// and held when that has failed too often.
    #[default]
    Refuse,
    /// It goes on as if the sink were not there: what the sink did to it is undone.
    Bypass,
    /// It goes on in the same way, and is held at the end of the stage for a person to look at. Where there is no mail yet
    /// this is [`OnFault::Bypass`].
    Hold,
}

/// What becomes of mail while a binding is suspended, because its sink has failed so many times in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenSuspended {
    /// The sink is tried all the same; the first success ends the suspension.
    #[default]
    KeepTrying,
    /// Mail goes on as if the sink were not there.
    Bypass,
    /// Mail goes on without the sink, and is held at the end of the stage. Where there is no mail yet it goes on.
    Hold,
}

/// All that a binding says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BindingSettings {
    /// By which it is known; there is one of each.
    pub id: String,
    /// What people call it.
    pub display_name: String,
    /// It takes part.
    pub enabled: bool,
    /// When it runs. Equal priorities run in the order of binding.
    pub priority: Priority,
    /// For which mail it runs.
    pub rule: Rule,
    /// How long its guests live.
    pub scope: BindingScope,
    /// How many guests serve at a time; 1 where the order of state matters. Each session has one where the scope is the
    /// session.
    pub pool: usize,
    /// How long a guest may have a mail.
    pub time_limit: Duration,
    /// How long a mail waits for a guest.
    pub waiting_limit: Duration,
    /// What becomes of the mail in its hands.
    pub on_fault: OnFault,
    /// It is suspended after so many faults in a row.
    pub faults: u32,
    /// What becomes of mail then.
    pub when_suspended: WhenSuspended,
    /// Given to each guest when it is made.
    pub properties: Properties,
}

/// Guests of a binding by default.
pub const POOL: usize = 16;
/// Guests of a binding at most.
pub const MOST_GUESTS: usize = 10_000;
/// How long a guest may have a mail, by default: half a minute is long for a program and short for a client that waits.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long a mail waits for a guest, by default.
pub const WAITING_LIMIT: Duration = Duration::from_secs(30);
/// Faults in a row after which a binding is suspended, by default.
pub const FAULTS: u32 = 5;

impl BindingSettings {
    /// A binding with the defaults.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        BindingSettings {
            display_name: id.clone(),
            id,
            enabled: true,
            priority: Priority::default(),
            rule: Rule::default(),
            scope: BindingScope::default(),
            pool: POOL,
            time_limit: TIME_LIMIT,
            waiting_limit: WAITING_LIMIT,
            on_fault: OnFault::default(),
            faults: FAULTS,
            when_suspended: WhenSuspended::default(),
            properties: Properties::default(),
        }
    }
}
