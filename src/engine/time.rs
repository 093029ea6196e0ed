//! How time passes in an engine: as it does, or in tests as they say.
//!
//! Rule: who runs the system has its clock. Where time stands still, all of the cast lives on one thread.

use actix_rt::{System, SystemRunner};
use postrider_actors::{
    clock::Clock,
    transport::{Cast, Plan, State, Transport},
};
use tokio::sync::watch;

#[cfg(feature = "testing")]
use crate::testing::still::{Running, Still};

/// Where an engine has its time from.
pub(super) enum Time {
    /// From the machine.
    Real,
    /// Timers from the machine; its clock shows this moment, always.
    #[cfg(feature = "testing")]
    Stopped(postrider_engine::Moment),
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
            Time::Stopped(at) => Clock::standing_at(*at),
            #[cfg(feature = "testing")]
            Time::Still(still) => still.clock(),
        }
    }

    /// Makes the system, on its thread.
    pub fn system(self) -> Serving {
        match self {
            Time::Real => Serving::Real(System::new()),
            #[cfg(feature = "testing")]
            Time::Stopped(_) => Serving::Real(System::new()),
            #[cfg(feature = "testing")]
            Time::Still(still) => Serving::Still(still.system()),
        }
    }
}

impl Serving {
    /// Starts the cast.
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn start(&self, plan: Plan, state: watch::Sender<State>) -> std::io::Result<Cast> {
        match self {
            Serving::Real(system) => system.block_on(Transport::start(plan, state)),
            #[cfg(feature = "testing")]
            Serving::Still(running) => running.system().block_on(Transport::start_on_system(plan, state)),
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
