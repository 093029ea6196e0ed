//! How time passes in an engine: as it does, or in tests as they say.
//!
//! Rule: who runs the system has its clock. Where time stands still, all of the cast lives on one thread.

use actix_rt::{System, SystemRunner};
use postrider_actors::clock::Clock;

#[cfg(feature = "testing")]
use crate::testing::still::{Running, Still};

/// Where an engine has its time from.
pub(super) enum Time {
    /// From the machine.
    Real,
    /// From a test.
    #[cfg(feature = "testing")]
    Still(Box<Still>),
}

/// A system that is made and does not run yet.
pub(super) enum Serving {
    Real(SystemRunner),
    #[cfg(feature = "testing")]
    Still(Running),
}

impl Time {
    /// What the cast looks at.
    pub fn clock(&self) -> Clock {
        match self {
            Time::Real => Clock::wall(),
            #[cfg(feature = "testing")]
            Time::Still(still) => still.clock(),
        }
    }

    /// All of the cast have to live on the thread of the system.
    pub fn is_shared(&self) -> bool {
        !matches!(self, Time::Real)
    }

    /// Makes the system, on its thread.
    pub fn system(self) -> Serving {
        match self {
            Time::Real => Serving::Real(System::new()),
            #[cfg(feature = "testing")]
            Time::Still(still) => Serving::Still(still.system()),
        }
    }
}

impl Serving {
    /// The system, for what comes before it runs.
    pub fn system(&self) -> &SystemRunner {
        match self {
            Serving::Real(system) => system,
            #[cfg(feature = "testing")]
            Serving::Still(running) => running.system(),
        }
    }

    /// Runs until the engine has come to its end.
    pub fn run(self) {
        match self {
            Serving::Real(system) => drop(system.run()),
            #[cfg(feature = "testing")]
            Serving::Still(running) => running.run(),
        }
    }
}
