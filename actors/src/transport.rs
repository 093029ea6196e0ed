//! The whole engine: starts the cast on its threads, and ends it in order. Placement is decided here alone.
//!
//! The end, in order: listener and connections; the queues lend no more and leases come home; reporter; last the
//! spooler's flush. One deadline over all. What is not done by then is on disk.

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{Hop, SessionSettings, Spool, Target};
use tokio::{
    sync::{oneshot, watch},
    time::{timeout_at, Instant},
};
use tracing::{error, info, warn};

use crate::{
    budget::Budget,
    categorizer::{Categorizer, Router},
    connection::{Hall, Patience},
    door::Door,
    exchange::{Exchange, OpenQueue},
    intake::Intakes,
    ledger::Ledger,
    listener::{Listener, Seats},
    messages::{Drain, EngineFailed},
    queue::{Queue, QueueHabits, Tellers},
    reporter::{Reporter, WriteReport},
    spooler::{Onward, Spooler, SpoolerHabits},
};

/// The spooler's flush gets this much even when the deadline has passed.
const FLUSH: Duration = Duration::from_secs(5);

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
    /// Bound, not blocking, listening.
    pub sockets: Vec<std::net::TcpListener>,
    /// What sessions are told.
    pub session: Arc<SessionSettings>,
    /// How many connections.
    pub seats: Seats,
    /// How long is waited for clients.
    pub patience: Patience,
    /// Octets in DATA.
    pub data_budget: usize,
    /// How the spooler behaves.
    pub spooler: SpoolerHabits,
    /// Attempts are noted before the final dot.
    pub note_attempts: bool,
    /// Names the next hop of a recipient.
    pub router: Router,
    /// Says how a hop is served.
    pub hops: Arc<dyn Fn(&Hop) -> HopPlan + Send + Sync>,
    /// Writes reports.
    pub report: WriteReport,
    /// Threads.
    pub placement: Placement,
}

/// How many threads there are for whom. Zero: they live with the spooler.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// For connections.
    pub connections: usize,
    /// For queues and their carriers, by hash of the hop.
    pub queues: usize,
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
    /// Ends all this.
    pub transport: Addr<Transport>,
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
    listener: Addr<Listener>,
    core: Core,
    arbiters: Vec<Arbiter>,
    state: watch::Sender<State>,
    stopping: bool,
}

/// Those who live together on one thread.
#[derive(Clone)]
struct Core {
    spooler: Addr<Spooler>,
    exchange: Addr<Exchange>,
    reporter: Addr<Reporter>,
}

impl Transport {
    /// Starts the cast. To be called on a thread that runs an actix system, which ends with the engine.
    ///
    /// # Errors
    /// A thread could not be started.
    pub async fn start(plan: Plan, state: watch::Sender<State>) -> std::io::Result<Cast> {
        let ctx = Context::<Transport>::new();
        let transport = ctx.address();
        let home = Arbiter::new();
        let threads = Threads::new(&plan.placement, &home);
        let staging = plan.spool.staging();
        let core = start_core(CorePlan {
            spool: plan.spool,
            habits: plan.spooler,
            note_attempts: plan.note_attempts,
            router: plan.router,
            hops: plan.hops,
            report: plan.report,
            queues: threads.queues,
            transport: transport.clone(),
        });
        let (tell, told) = oneshot::channel();
        home.spawn_fn(move || drop(tell.send(core())));
        let core = told.await.map_err(|_| std::io::Error::other("the spooler's thread did not start"))?;
        let door = Door::new(core.spooler.clone().recipient());
        let intakes = Intakes { budget: Budget::new(plan.data_budget), staging };
        let hall = Hall { door: door.clone(), intakes, patience: plan.patience, clock: plan.spooler.clock };
        let listener = Listener::new(plan.sockets, plan.seats, plan.session, hall, threads.connections);
        let mut arbiters = threads.own;
        arbiters.push(home);
        let spooler = core.spooler.clone();
        ctx.run(Transport { listener: listener.start(), core, arbiters, state, stopping: false });
        Ok(Cast { door, spooler, transport })
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

/// The threads of the engine, but for the one of the system.
struct Threads {
    connections: Vec<ArbiterHandle>,
    queues: Vec<ArbiterHandle>,
    own: Vec<Arbiter>,
}

impl Threads {
    fn new(placement: &Placement, home: &Arbiter) -> Self {
        let mut own = Vec::new();
        let mut some = |count: usize| match count {
            0 => vec![home.handle()],
            _ => (0..count)
                .map(|_| {
                    let arbiter = Arbiter::new();
                    let handle = arbiter.handle();
                    own.push(arbiter);
                    handle
                })
                .collect(),
        };
        let (connections, queues) = (some(placement.connections), some(placement.queues));
        Threads { connections, queues, own }
    }
}

struct CorePlan {
    spool: Box<dyn Spool>,
    habits: SpoolerHabits,
    note_attempts: bool,
    router: Router,
    hops: Arc<dyn Fn(&Hop) -> HopPlan + Send + Sync>,
    report: WriteReport,
    queues: Vec<ArbiterHandle>,
    transport: Addr<Transport>,
}

/// Where two need each other's address, it is there before the actor is.
fn start_core(plan: CorePlan) -> impl FnOnce() -> Core + Send {
    move || {
        let (spooler, categorizer) = (Context::<Spooler>::new(), Context::<Categorizer>::new());
        let (exchange, reporter) = (Context::<Exchange>::new(), Context::<Reporter>::new());
        let core = Core { spooler: spooler.address(), exchange: exchange.address(), reporter: reporter.address() };
        let attempt = plan.note_attempts.then(|| core.spooler.clone().recipient());
        let ledger = Ledger::new(core.spooler.clone().recipient(), attempt, plan.habits.clock);
        let tell = Tellers {
            ledger: Arc::new(ledger),
            rested: core.spooler.clone().recipient(),
            wanted: core.spooler.clone().recipient(),
        };
        let onward = Onward {
            mail: categorizer.address().recipient(),
            failed: core.reporter.clone().recipient(),
            engine: plan.transport.recipient(),
        };
        reporter.run(Reporter::new(core.spooler.clone().recipient(), plan.report));
        exchange.run(Exchange::new(open_queues(plan.queues, plan.hops, tell)));
        let (on, record) = (core.exchange.clone().recipient(), core.spooler.clone().recipient());
        categorizer.run(Categorizer::new(plan.router, on, record));
        spooler.run(Spooler::new(plan.spool, plan.habits, onward));
        core
    }
}

/// Queues live on their threads by hash of the hop; a thread that is gone is replaced.
fn open_queues(
    threads: Vec<ArbiterHandle>,
    hops: Arc<dyn Fn(&Hop) -> HopPlan + Send + Sync>,
    tell: Tellers,
) -> OpenQueue {
    let mut threads = threads;
    Box::new(move |hop| {
        let at = spread(hop) % threads.len().max(1);
        if !threads[at].spawn(std::future::ready(())) {
            warn!(%hop, "the thread of this queue is gone; another takes its place");
            threads[at] = Arbiter::new().handle();
        }
        let (hop, tell, plan) = (hop.clone(), tell.clone(), hops(hop));
        Queue::start_in_arbiter(&threads[at], move |_| Queue::new(hop, plan.habits, plan.make, tell))
    })
}

fn spread(hop: &Hop) -> usize {
    hop.as_str().bytes().fold(7, |sum: usize, octet| sum.wrapping_mul(31).wrapping_add(usize::from(octet)))
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
        let drained = drain(self.listener.clone(), self.core.clone(), Instant::now() + deadline);
        ctx.spawn(drained.into_actor(self).map(|all_home, this, _| {
            info!(all_home, "drained");
            this.end(if all_home { State::Drained } else { State::CutShort });
        }));
    }
}

/// False: not all came home in time.
async fn drain(listener: Addr<Listener>, core: Core, deadline: Instant) -> bool {
    let mut in_time = ask(listener.recipient(), "connections", deadline).await;
    in_time &= ask(core.exchange.recipient(), "attempts under way", deadline).await;
    in_time &= ask(core.reporter.recipient(), "reports", deadline).await;
    in_time & ask(core.spooler.recipient(), "spool", deadline.max(Instant::now() + FLUSH)).await
}

/// Each step is one message; so a step that is stuck has a name.
async fn ask(who: actix::Recipient<Drain>, what: &str, deadline: Instant) -> bool {
    let (answer, end) = oneshot::channel();
    who.do_send(Drain(answer));
    let in_time = timeout_at(deadline, end).await.is_ok();
    if !in_time {
        warn!(what, "did not end before the deadline");
    }
    in_time
}
