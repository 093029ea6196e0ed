//! The queue of one next hop: it alone knows order, retries, concurrency, and how many are on the way.
//!
//! A lease can be lent only with a carrier in hand. What waits long, or finds the queue full, goes back to the spooler:
//! so one dead hop with a million mails costs an index, and mail for others passes at once.

mod aside;
mod asking;
mod dissolving;
mod ending;
mod hearing;
mod homing;
mod late;
mod later;
mod ready;
mod waiting;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use postrider_engine::{
    tell_final, Custodian, Diagnosis, Errand, Fact, Flush, HeldBy, HeldWhy, Hop, Lease, Moment, Outcome, Part, QueueId,
    QueuePriority, Rest, Retry, Scope, Slip, Target, Told,
};
use tokio::{sync::oneshot, time::Instant};
use tracing::{info, warn};

use crate::{
    carrier::{Back, Carrier},
    clock::Clock,
    messages::{Drain, Enqueue, Home, Hurry, NoneLeft, Rested, Wanted},
    pace::Pace,
    turns::{level, LEVELS},
    window::Window,
};

use aside::Aside;
pub use dissolving::Dissolve;
use later::Later;
use ready::{Place, Ready};

/// An attempt that ended without a word is repeated soon; it says nothing about the hop.
const AFTER_ABANDON: Duration = Duration::from_secs(1);
/// A slip whose hop is down looks in no less often than this, should nobody call it: a hundred thousand of them then cost
/// next to nothing.
const LONGEST_ASIDE: Duration = Duration::from_secs(6 * 60 * 60);
/// A mail whose handler failed waits longer.
const AFTER_FAULT: Duration = Duration::from_secs(60);
/// A slip that found the queue full comes back after this at the latest, and before if the queue asks for it.
const ASIDE_AT_MOST: Duration = Duration::from_secs(10 * 60);

/// How a queue behaves: its route's options.
#[derive(Clone)]
pub struct QueueHabits {
    /// Attempts at once.
    pub connections: usize,
    /// Mails in a second, at most; `None`: as many as there are.
    pub mails_per_second: Option<f64>,
    /// Mails in memory, of each priority; the pieces of one count once, as they share what it says. With ten, each round
    /// trip to the spooler shows; with all, one hop starves the others.
    pub share: usize,
    /// Recipients in one transaction.
    pub recipients: usize,
    /// A slip whose pause is longer goes back to the spooler: its content leaves memory, and its way is found anew.
    pub keep: Duration,
    /// When to try again and when to give up.
    pub retry: Retry,
    /// A mail whose final dot was left without an answer is held, not tried again.
    pub hold_perhaps: bool,
    /// The age of a mail at which its sender is told that it is late; `None`: never.
    pub warn_after: Option<Duration>,
    /// Nothing is tried until it is asked for (ETRN).
    pub hold: bool,
    /// What time it is.
    pub clock: Clock,
}

impl QueueHabits {
    /// What [`QueueHabits::keep`] is, where nothing speaks against it.
    pub const KEEP: Duration = Duration::from_secs(60);
}

/// Makes a target for this hop.
pub type MakeTarget = Box<dyn Fn() -> Box<dyn Target>>;

/// The ways to the spooler.
#[derive(Clone)]
pub struct Tellers {
    /// For leases and facts.
    pub ledger: Arc<dyn Custodian>,
    /// For slips that rest.
    pub rested: Recipient<Rested>,
    /// For room.
    pub wanted: Recipient<Wanted>,
}

/// Owns the slips that are on their way to one hop.
pub struct Queue {
    hop: Hop,
    habits: QueueHabits,
    make: MakeTarget,
    tell: Tellers,
    ready: Ready<Slip>,
    /// One timer stands for the first.
    later: Later<Slip>,
    timer: Option<SpawnHandle>,
    idle: Vec<Carrier>,
    closing: Option<SpawnHandle>,
    /// When a carrier came back last; the timer for the end of a queue that nobody needs looks at it.
    used: Instant,
    ending: bool,
    on_the_way: usize,
    window: Window,
    pace: Pace,
    /// While the hop is down: what was said, and until when nobody but a probe is sent.
    down: Option<(Arc<Diagnosis>, Moment)>,
    /// Those who stand aside in the spool, by urgency.
    aside: [Aside; LEVELS],
    /// When it was tried last because somebody asked for it while it was down.
    asked: Option<Instant>,
    /// What was asked for lately, newest first; for queues that hold their mail.
    questions: VecDeque<(Instant, Flush)>,
    draining: Option<Vec<oneshot::Sender<()>>>,
    /// Another queue has taken its place: whatever comes goes back to the spool.
    dissolved: bool,
}

impl Queue {
    /// An empty queue of this hop.
    pub fn new(hop: Hop, habits: QueueHabits, make: MakeTarget, tell: Tellers) -> Self {
        let window = Window::new(habits.connections, habits.retry.pause(1, 0.5));
        let pace = Pace::new(habits.mails_per_second);
        Queue {
            hop,
            habits,
            make,
            tell,
            ready: Ready::default(),
            later: Later::default(),
            timer: None,
            idle: Vec::new(),
            closing: None,
            used: Instant::now(),
            ending: false,
            on_the_way: 0,
            window,
            pace,
            down: None,
            aside: [Aside::default(); LEVELS],
            asked: None,
            questions: VecDeque::new(),
            draining: None,
            dissolved: false,
        }
    }

    fn now(&self) -> Moment {
        self.habits.clock.now()
    }

    /// Takes a slip in, if it may come in.
    fn take_in(&mut self, slip: Slip) {
        let (now, envelope) = (self.now(), &slip.draft.envelope);
        if envelope.is_expired(now) {
            return self.expire(slip);
        }
        // A sink of the stage said so, when the spooler had offered it.
        if let Some(begins) = envelope.rests_until().filter(|begins| *begins > now) {
            return self.go_back(slip, begins);
        }
        if self.is_to_be_held(&slip) {
            return self.hold_back(slip);
        }
        self.heed(&slip);
        match &self.down {
            _ if self.dissolved => self.go_back(slip, now),
            Some((why, until)) if *until > now || !self.ready.is_empty() || self.on_the_way > 0 => {
                let why = Arc::clone(why);
                self.put_off(slip, &why);
            }
            _ if self.is_full_for(&slip) => {
                // Who comes back because it is due, and not because it was called, was not asked for.
                let due = now + if self.habits.hold { LONGEST_ASIDE } else { ASIDE_AT_MOST };
                let due = self.in_time(&slip, due);
                self.send_aside(slip.stand_aside(due));
            }
            _ => self.make_ready(slip),
        }
    }

    fn make_ready(&mut self, slip: Slip) {
        self.ready.push(Place::of(&slip), slip);
    }

    /// Lends out slips, in their turns, as long as the hop bears it. Who has expired is not lent.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let is_waiting = self.down.as_ref().is_some_and(|(_, until)| *until > self.now());
        let mut expired = false;
        while !self.is_ending() && !is_waiting && self.on_the_way < self.window.allowed() {
            if self.pace.wait(Instant::now()).is_some() {
                self.set_timer(ctx);
                break;
            }
            let Some(slip) = self.ready.pop() else { break };
            if slip.draft.envelope.is_expired(self.now()) {
                expired = true;
                self.expire(slip);
                continue;
            }
            self.pace.take(Instant::now());
            self.lend(slip, ctx);
        }
        self.ask_for_more(ctx);
        if expired {
            self.call_a_probe(ctx); // it may have been the one
        }
    }

    #[allow(clippy::disallowed_methods)] // the one place that lends slips
    fn lend(&mut self, slip: Slip, ctx: &mut Context<Self>) {
        let carrier = self.idle.pop().unwrap_or_else(|| Carrier::new((self.make)()));
        self.on_the_way += 1;
        let (queue, era) = (ctx.address(), self.window.era());
        let back = queue.clone().recipient();
        let home = Box::new(move |rest| queue.do_send(Home { rest, era }));
        carrier.go(Lease::new(slip, Arc::clone(&self.tell.ledger), home), back);
    }

    fn go_down(&mut self, why: Arc<Diagnosis>, pause: Duration, ctx: &mut Context<Self>) {
        if self.habits.hold {
            return self.give_up_for_now(&why);
        }
        info!(hop = %self.hop, %why, probe_in = ?pause, "the hop is down");
        self.down = Some((Arc::clone(&why), self.now() + pause));
        let mut waiting = self.ready.drain().into_iter();
        let probe = waiting.next();
        waiting.for_each(|slip| self.put_off(slip, &why));
        probe.into_iter().for_each(|slip| self.make_ready(slip));
        self.set_timer(ctx);
    }

    fn reached(&mut self) {
        if self.down.take().is_some() {
            info!(hop = %self.hop, "the hop is up again");
        }
        self.window.succeeded();
    }
}
