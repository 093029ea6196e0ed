//! One world per test: the cast on one thread, a spool in memory, time that stands still, and targets that do as told.

use std::{cell::RefCell, future::Future, rc::Rc, sync::Arc, time::Duration};

use actix::prelude::*;
use postrider::{
    rules::{
        alert, report, session::Flushed, Address, Aliases, BadMail, Content, Draft, Envelope, Flush, HeldWhy, Hop,
        Moment, QueueId, Reply, ReportSettings, Retry, Route, Target,
    },
    sinks::Memory,
};
use postrider_actors::{
    chain::{AnyBinding, AskBindings, Bind, BindingStatus, Change, ChangeBinding, SessionGuests, Switchboard, Unbind},
    clock::Clock,
    counters::{Counters, Counts},
    door::{Door, NotTaken},
    index::Room,
    messages::{AskAudit, AskFlush, AskHeld, Audit, Drain, EngineFailed, FlushNow, Release},
    queue::{Queue, QueueHabits},
    reporter::Reports,
    spooler::{Spooler, SpoolerHabits},
    transport::{Core, CorePlan, HopPlan, ServeHop},
};
use tokio::{sync::oneshot, task::LocalSet};

mod questions;

pub use crate::scripted::Act;
use crate::{
    prompt::Prompt,
    scripted::{ScriptHandle, Scripted, Shared},
    ways::{ByDomain, Led},
};

/// 2026-11-20.
pub const BEGIN: Moment = Moment(1_795_132_800_000);

thread_local! {
    /// The queues of this test: it has a thread of its own.
    static QUEUES: RefCell<Vec<Addr<Queue>>> = const { RefCell::new(Vec::new()) };
    /// The spooler of the last world.
    static LAST: RefCell<Option<Addr<Spooler>>> = const { RefCell::new(None) };
}

pub const BUSY: Reply = Reply::new(451, 3, 0, "busy");
pub const UNKNOWN: Reply = Reply::new(550, 1, 1, "no such user");
pub const DOWN: Reply = Reply::new(451, 4, 1, "connection refused");

/// How a world is made.
pub struct Habits {
    pub spool: Memory,
    /// How long it takes for each batch.
    pub takes: Duration,
    pub room: usize,
    pub share: usize,
    pub mails_per_second: Option<f64>,
    pub retry: Retry,
    pub hold_perhaps: bool,
    pub aliases: Aliases,
    pub warn_after: Option<Duration>,
    /// After so many batches the spool fails, and with it the engine: what a crash leaves on disk.
    pub batches: Option<u64>,
    pub bad: Option<Arc<dyn BadMail>>,
    pub alert: Option<&'static str>,
    /// Hops whose names begin with `held.` hold their mail for ETRN.
    pub keep: Duration,
}

impl Default for Habits {
    fn default() -> Self {
        let retry = Retry::default();
        Habits {
            spool: Memory::new(),
            takes: Duration::ZERO,
            room: 10_000,
            share: 1000,
            mails_per_second: None,
            retry,
            hold_perhaps: false,
            aliases: Aliases::default(),
            warn_after: None,
            batches: None,
            bad: None,
            alert: None,
            keep: QueueHabits::KEEP,
        }
    }
}

pub struct World {
    pub core: Core,
    pub switchboard: Addr<Switchboard>,
    pub door: Door,
    pub script: Shared,
    pub failures: Rc<RefCell<Vec<String>>>,
    pub clock: Clock,
    counters: Arc<Counters>,
    serve: ServeHop,
}

struct Watchman(Rc<RefCell<Vec<String>>>);

impl Actor for Watchman {
    type Context = Context<Self>;
}

impl Handler<EngineFailed> for Watchman {
    type Result = ();

    fn handle(&mut self, EngineFailed(reason): EngineFailed, _: &mut Context<Self>) {
        self.0.borrow_mut().push(reason.to_string());
    }
}

/// Runs a test in which time stands still unless all wait.
pub fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        test().await;
        every_mail_has_its_next_event().await;
    });
}

/// Nothing would become of a stray. Only the last world of a test is asked: others may have lost their spool to it.
async fn every_mail_has_its_next_event() {
    let Some(spooler) = LAST.take() else { return };
    let (answer, answered) = oneshot::channel();
    spooler.do_send(AskAudit(answer));
    if let Ok(Audit { strays, .. }) = answered.await {
        assert!(strays.is_empty(), "nothing would have become of {strays:?}");
    }
}

impl World {
    pub fn new(habits: Habits) -> World {
        let clock = Clock::following_tokio(BEGIN);
        Self::at(habits, clock)
    }

    pub fn at(habits: Habits, clock: Clock) -> World {
        let script = Shared::default();
        let failures = Rc::<RefCell<Vec<String>>>::default();
        let counters = Arc::<Counters>::default();
        let (handle, queue) = (ScriptHandle::new(Rc::clone(&script)), queue_habits(&habits, clock));
        let serve: ServeHop = Arc::new(move |way: &Route| {
            let (name, script) = (way.hop.to_string(), handle.clone());
            let make = move || -> Box<dyn Target> { Box::new(Scripted { hop: name.clone(), script: script.clone() }) };
            let hold = way.hop.as_str().starts_with("held.");
            let keep = if hold { Duration::ZERO } else { queue.keep };
            HopPlan { habits: QueueHabits { hold, keep, ..queue.clone() }, make: Box::new(make) }
        });
        let (switchboard, events) = Switchboard::new(false);
        let switchboard = switchboard.start();
        let core = Core::start(CorePlan {
            spool: Box::new(Prompt(habits.spool, habits.takes, habits.batches)),
            habits: SpoolerHabits {
                room: Room { mails: habits.room, octets: 32 << 20 },
                attempts_synced: false,
                faults: 3,
                holds_in_doubt: Arc::new(move |_| habits.hold_perhaps),
                is_asked_for: Arc::new(|to, what| {
                    what.names(&to.address) || what.names_hop(&Hop::new(to.address.domain()))
                }),
                ticket_life: 30 * DAY,
                clock,
            },
            note_attempts: true,
            aliases: Arc::new(habits.aliases),
            finder: Arc::new(ByDomain),
            hops: Arc::clone(&serve),
            place: Box::new(|tell| {
                Box::new(move |hop, plan| {
                    let queue = Queue::new(hop.clone(), plan.habits, plan.make, tell.clone()).start();
                    QUEUES.with_borrow_mut(|all| all.push(queue.clone()));
                    queue
                })
            }),
            reports: reports(habits.bad, habits.alert, clock),
            events: events.clone(),
            engine: Watchman(Rc::clone(&failures)).start().recipient(),
            counters: Arc::clone(&counters),
        });
        LAST.set(Some(core.spooler.clone()));
        let door = Door::new(core.spooler.clone().recipient(), events);
        World { door, core, switchboard, script, failures, clock, counters, serve }
    }

    /// From now on all mail for one domain goes to the hop of another.
    pub async fn lead(&self, from: &'static str, to: &'static str, edition: u32) {
        self.lead_by(Aliases::default(), (from, to), edition).await;
    }

    /// The same, and from now on names stand for others like this.
    pub async fn lead_by(&self, aliases: Aliases, (from, to): (&'static str, &'static str), edition: u32) {
        self.core.lead_anew(Arc::new(aliases), Arc::new(Led(from, to)), Arc::clone(&self.serve), edition).await;
    }

    pub fn tell(&self, hop: &str, acts: impl IntoIterator<Item = Act>) {
        self.script.borrow_mut().acts.entry(hop.into()).or_default().extend(acts);
    }

    pub fn always(&self, hop: &str, act: Act) {
        self.script.borrow_mut().then.insert(hop.into(), act);
    }

    pub async fn send(&self, to: &[&str]) -> Result<QueueId, NotTaken> {
        self.submit(draft(self.clock.now(), Some("me@home.example"), to)).await
    }

    /// By the door of the library. The number is that of the mail, or zero if a sink has dropped it.
    pub async fn submit(&self, draft: Draft) -> Result<QueueId, NotTaken> {
        let taken = self.door.submit(draft, &mut SessionGuests::default(), None).await?;
        Ok(taken.id.unwrap_or(QueueId(0)))
    }

    pub async fn unbind(&self, id: &str) {
        let (answer, unbound) = oneshot::channel();
        self.switchboard.do_send(Unbind(id.into(), answer));
        unbound.await.unwrap().unwrap();
    }

    pub async fn change(&self, id: &str, change: Change) {
        let (answer, changed) = oneshot::channel();
        self.switchboard.do_send(ChangeBinding(id.into(), change, answer));
        changed.await.unwrap().unwrap();
    }

    pub async fn bindings(&self) -> Vec<BindingStatus> {
        let (answer, answered) = oneshot::channel();
        self.switchboard.do_send(AskBindings(answer));
        answered.await.unwrap()
    }

    /// Binds a sink; it takes part from now on.
    pub async fn bind(&self, binding: impl Into<AnyBinding>) {
        let (answer, bound) = oneshot::channel();
        self.switchboard.do_send(Bind(binding.into(), answer));
        bound.await.unwrap().unwrap();
    }
}

fn reports(bad: Option<Arc<dyn BadMail>>, to: Option<&str>, clock: Clock) -> Reports {
    let mut is = ReportSettings::new("mail.example.org").unwrap();
    is.alert = to.map(address);
    let same = is.clone();
    Reports {
        report: Box::new(move |news| report(news, &is, clock.now(), news.hold.id().0)),
        alert: Box::new(move |news| alert(news, &same, clock.now(), news.hold.id().0)),
        bad,
        clock,
    }
}

fn queue_habits(habits: &Habits, clock: Clock) -> QueueHabits {
    QueueHabits {
        connections: 20,
        mails_per_second: habits.mails_per_second,
        share: habits.share,
        recipients: 100,
        keep: habits.keep,
        retry: habits.retry.clone(),
        hold_perhaps: habits.hold_perhaps,
        warn_after: habits.warn_after,
        hold: false,
        clock,
    }
}

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub fn draft(arrived: Moment, from: Option<&str>, to: &[&str]) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = from.map(address);
    envelope.arrived = arrived;
    for to in to {
        envelope.recipients.add(address(to));
    }
    Draft::new(envelope, Content::new(format!("Subject: to {}\r\n\r\nbody\r\n", to.join(" "))))
}

/// Lets everything happen that happens within this time.
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(86_400);
