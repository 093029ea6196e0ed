//! The whole engine: starts the cast on its threads, and ends it in order. Placement is decided here alone.
//!
//! The end, in order: listener and connections; folders; programs; the queues lend no more and leases come home; reporter;
//! converters; last the spooler's flush. One deadline over all. What is not done by then is on disk.

mod core;
mod doors;
mod ending;
#[cfg_attr(not(feature = "listen"), path = "no_front.rs")]
mod front;
mod in_force;
mod threads;

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{Aliases, Route, Spool, Target, Wayfinder};
use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};
use tracing::{error, info};

pub use self::{
    core::{Core, CorePlan},
    front::{Admit, Entrance},
    in_force::{InForce, Reload},
};
use self::{
    doors::{Doors, WaysIn},
    ending::drain,
    front::Front,
    threads::{place_queues, Threads},
};
use crate::{
    budget::Budget,
    categorizer::{Ahead, Categorizer, FindAnew},
    chain::{AnyBinding, Events, Ready, Rebind, Switchboard},
    clerk::{Clerk, Lives, RememberFor},
    collector::FolderPlan,
    converters::{ConverterLimits, ConverterPool, Converters},
    counters::{Counters, Counts},
    door::Door,
    exchange::{Exchange, PlaceQueue, ServeAnew},
    intake::{Intakes, StageFrom},
    ledger::Ledger,
    messages::{EngineFailed, Recall},
    programs::{Allow, ProgramSocket},
    queue::{QueueHabits, Tellers},
    reporter::{Reporter, Reports},
    spooler::{Onward, Spooler, SpoolerHabits},
};

/// Says how the hop at the end of a way is served.
pub type ServeHop = Arc<dyn Fn(&Route) -> HopPlan + Send + Sync>;

/// How each hop is served.
pub struct HopPlan {
    /// How its queue behaves.
    pub habits: QueueHabits,
    /// Makes a target for it.
    pub make: Box<dyn Fn() -> Box<dyn Target> + Send>,
}

/// Everything that the cast is made of.
pub struct Plan {
    /// Where mail is kept.
    pub spool: Box<dyn Spool>,
    /// Where clients come in.
    pub entrances: Vec<Entrance>,
    /// Where other programs come in.
    pub programs: Option<ProgramSocket>,
    /// Where files come in.
    pub folders: Vec<FolderPlan>,
    /// Our name.
    pub host: Arc<str>,
    /// Octets in DATA.
    pub data_budget: usize,
    /// What goes to side files.
    pub stage_from: StageFrom,
    /// Attempts are noted before the final dot.
    pub note_attempts: bool,
    /// What may change later.
    pub in_force: InForce,
    /// Has the program's bindings, and how events are run.
    pub switchboard: (Switchboard, Events),
    /// By which mails come to those who convert them, and how many there are.
    pub converters: (Converters, ConverterLimits),
    /// Threads.
    pub placement: Placement,
    /// Counts syncs, for the last line of the log.
    pub syncs: Option<Syncs>,
}

/// How many threads there are for whom. Zero: they live with the spooler.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// For connections.
    pub connections: usize,
    /// For queues and their carriers, by hash of the hop.
    pub queues: usize,
    /// For guests: one, under watch, or none. Without one a guest that blocks its thread stops the engine for as long.
    pub guests: usize,
}

/// What state the engine is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It takes mail and carries it.
    Running,
    /// It has ended as it was asked to.
    Drained,
    /// It has ended in order, but not all attempts came home before the deadline.
    CutShort,
    /// Its disk cannot be trusted.
    Failed(Arc<str>),
}

/// Addresses of the cast, for the handle.
#[derive(Clone)]
pub struct Cast {
    /// The way in.
    pub door: Door,
    /// Keeps the spool.
    pub spooler: Addr<Spooler>,
    /// Has the bindings.
    pub switchboard: Addr<Switchboard>,
    /// Takes mail from programs.
    pub clerk: Addr<Clerk>,
    /// Ends all this.
    pub transport: Addr<Transport>,
    /// What was done.
    pub counters: Arc<Counters>,
}

/// handle -> transport, told: come to an end within this time.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stop {
    /// From now.
    pub deadline: Duration,
}

/// Starts and ends the cast.
pub struct Transport {
    doors: Doors,
    core: Core,
    switchboard: Addr<Switchboard>,
    converters: Addr<ConverterPool>,
    arbiters: Vec<Arbiter>,
    state: watch::Sender<State>,
    stopping: bool,
    /// How often the settings have changed.
    edition: u32,
    done: Done,
}

/// What is said at the end.
struct Done {
    counters: Arc<Counters>,
    syncs: Option<Syncs>,
}

/// Says how often the spool has synced its log.
pub type Syncs = Box<dyn Fn() -> u64 + Send>;

impl Done {
    fn log(&self, all_home: bool) {
        let Counts { accepted, delivered, failed, deferred, perhaps } = self.counters.read();
        let syncs = self.syncs.as_ref().map_or(0, |syncs| syncs());
        info!(syncs, accepted, delivered, failed, deferred, perhaps, all_home, "drained");
    }
}

impl Transport {
    /// Starts the cast. To be called on a thread that runs an actix system, which ends with the engine.
    ///
    /// # Errors
    /// A thread could not be started.
    pub async fn start(plan: Plan, state: watch::Sender<State>) -> std::io::Result<Cast> {
        let home = Arbiter::new();
        Self::start_at(home.handle(), Some(home), plan, state).await
    }

    /// The same, but the spooler, and whoever has no thread of his own, lives on the thread of the system, so that all share
    /// one clock: for tests in which time stands still.
    ///
    /// # Errors
    /// A thread could not be started.
    pub async fn start_on_system(plan: Plan, state: watch::Sender<State>) -> std::io::Result<Cast> {
        Self::start_at(Arbiter::current(), None, plan, state).await
    }

    async fn start_at(
        home: ArbiterHandle,
        own: Option<Arbiter>,
        plan: Plan,
        state: watch::Sender<State>,
    ) -> std::io::Result<Cast> {
        let counters = Arc::<Counters>::default();
        let ctx = Context::<Transport>::new();
        let transport = ctx.address();
        let threads = Threads::new(&plan.placement, &home);
        let InForce { clients, spooler, aliases, finder, hops, reports, sinks, lives, limits } = plan.in_force;
        let (switchboard, events) = plan.switchboard;
        let (reached_by, limits_of_converters) = plan.converters;
        let converters = ConverterPool::start(limits_of_converters, &reached_by, &home);
        let switchboard = place_switchboard(&home, switchboard, sinks).await?;
        let (staging, clock, queues) = (plan.spool.staging(), spooler.clock, threads.queues);
        let number = plan.spool.origin().spool;
        let core = CorePlan {
            spool: plan.spool,
            habits: spooler,
            note_attempts: plan.note_attempts,
            aliases,
            finder,
            hops,
            place: Box::new(move |tell| place_queues(queues, tell)),
            reports,
            events: events.clone(),
            engine: transport.clone().recipient(),
            counters: Arc::clone(&counters),
        };
        let (tell, told) = oneshot::channel();
        home.spawn_fn(move || drop(tell.send(Core::start(core))));
        let core = told.await.map_err(|_| std::io::Error::other("the spooler's thread did not start"))?;
        let door = Door::new(core.spooler.clone().recipient(), events);
        let intakes = Intakes { budget: Budget::new(plan.data_budget), staging, stage_from: plan.stage_from };
        let (spooler, switchboard_too) = (core.spooler.clone(), switchboard.clone());
        let ways_in = WaysIn { door: door.clone(), spooler, switchboard: switchboard_too, intakes, clock };
        let clerk = ways_in.clerk(lives, &home);
        let socket = (plan.programs, plan.host, number);
        let programs = ways_in.programs(socket, limits, &clerk, &home);
        let collectors = ways_in.collectors(plan.folders, &clerk, &home);
        let front = Front::open(plan.entrances, clients, ways_in, threads.connections);
        let mut arbiters = threads.own;
        arbiters.extend(own);
        let spooler = core.spooler.clone();
        let done = Done { counters: Arc::clone(&counters), syncs: plan.syncs };
        let doors = Doors { front, programs, collectors, clerk: clerk.clone() };
        let cast = Cast { door, spooler, switchboard: switchboard.clone(), clerk, transport, counters };
        ctx.run(Transport { doors, core, switchboard, converters, arbiters, state, stopping: false, edition: 0, done });
        Ok(cast)
    }

    /// All threads end; what their actors had in hand is on disk.
    fn end(&mut self, state: State) {
        self.state.send_replace(state);
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        System::current().stop();
    }
}

impl Actor for Transport {
    type Context = Context<Self>;
}

impl Handler<EngineFailed> for Transport {
    type Result = ();

    /// It answers nothing more, hands out nothing, and closes all connections.
    fn handle(&mut self, EngineFailed(reason): EngineFailed, _: &mut Context<Self>) {
        error!(%reason, "the engine has failed");
        self.end(State::Failed(reason));
    }
}

impl Handler<Stop> for Transport {
    type Result = ();

    fn handle(&mut self, Stop { deadline }: Stop, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        info!(?deadline, "draining");
        let (doors, core, converters) = (self.doors.clone(), self.core.clone(), self.converters.clone());
        let drained = drain(doors, core, converters, Instant::now() + deadline);
        ctx.spawn(drained.into_actor(self).map(|all_home, this, _| {
            this.done.log(all_home);
            this.end(if all_home { State::Drained } else { State::CutShort });
        }));
    }
}

/// Bindings are there before the first mail is.
async fn place_switchboard(
    home: &ArbiterHandle,
    mut switchboard: Switchboard,
    settings: Vec<AnyBinding>,
) -> std::io::Result<Addr<Switchboard>> {
    for binding in settings {
        let refused = |error| std::io::Error::new(std::io::ErrorKind::InvalidInput, error);
        switchboard.add(binding, true).map_err(refused)?;
    }
    let switchboard = Switchboard::start_in_arbiter(home, move |_| switchboard);
    let _ = switchboard.send(Ready).await;
    Ok(switchboard)
}
