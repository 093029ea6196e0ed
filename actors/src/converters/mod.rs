//! The pool of those who convert: each host has a thread of its own and converters that nobody else has.
//!
//! Rule: the pool gives a mail to one host and waits for it no longer than a limit. A host that overruns is left to itself
//! with what it has, and another takes its place; so nothing that a mail does to a converter reaches the next mail. Whoever
//! asks hears an answer, or that there is none: the answer goes with the question.

mod host;
mod limits;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{mpsc, Arc, OnceLock},
};

use actix::prelude::*;
use postrider_engine::{BoxFuture, Content, Conversion, ConversionFault, Convert, ConverterKind};
use tokio::{sync::oneshot, time::Instant};
use tracing::{error, info_span, warn};

use crate::messages::Drain;
use host::{Given, Host, Work};
pub use limits::ConverterLimits;

/// Hosts that overran and have not ended yet; when there are as many, no other is started in the place of one.
pub const MOST_LEFT_ALONE: usize = 32;

type Answer = oneshot::Sender<Result<Conversion, ConversionFault>>;

/// whoever has a mail -> converter pool, told: have this converted. Dropped: the answer says that nobody converts.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AskConversion {
    work: Work,
    answer: Answer,
    /// When it came.
    came: Instant,
}

/// By which mails come to the pool: there before the pool is. Clones lead to the same one.
#[derive(Clone, Debug, Default)]
pub struct Converters(Arc<OnceLock<Recipient<AskConversion>>>);

impl Converters {
    /// From now on it leads to this pool; the first is for ever.
    fn lead_to(&self, pool: Recipient<AskConversion>) {
        let _ = self.0.set(pool);
    }
}

impl Convert for Converters {
    fn convert(
        &self,
        kind: &ConverterKind,
        content: &Content,
        most: usize,
    ) -> BoxFuture<'static, Result<Conversion, ConversionFault>> {
        if content.len() > most as u64 {
            let too_large = ConversionFault::TooLarge { octets: content.len(), most };
            return Box::pin(std::future::ready(Err(too_large)));
        }
        let (answer, told) = oneshot::channel();
        if let Some(pool) = self.0.get() {
            let span = info_span!("conversion", converter = kind.name());
            let work = Work { kind: kind.clone(), content: content.clone(), most, span };
            pool.do_send(AskConversion { work, answer, came: Instant::now() });
        }
        Box::pin(async { told.await.unwrap_or(Err(ConversionFault::Gone)) })
    }
}

/// A host, and the mail that it has.
struct Hosted {
    number: u64,
    work: mpsc::Sender<Given>,
    serves: Option<Served>,
}

/// A mail that a host has.
struct Served {
    /// Never given twice: a timer that was cancelled may fire once more, when the host has the next mail.
    number: u64,
    answer: Answer,
    timer: SpawnHandle,
}

/// Has the hosts.
pub struct ConverterPool {
    limits: ConverterLimits,
    hosts: Vec<Hosted>,
    waiting: VecDeque<AskConversion>,
    /// A timer is set for those who wait.
    is_watched: bool,
    next_number: u64,
    /// Those that overran and have not ended yet.
    left_alone: BTreeSet<u64>,
    /// Those that are waited for until they end: the engine comes to its end.
    ending: BTreeSet<u64>,
    draining: Vec<oneshot::Sender<()>>,
    is_over: bool,
}

impl ConverterPool {
    /// A pool without a thread yet, to which these lead.
    pub fn start(limits: ConverterLimits, reached_by: &Converters, place: &ArbiterHandle) -> Addr<Self> {
        let limits = ConverterLimits { hosts: limits.hosts.max(1), ..limits };
        let pool = Self::start_in_arbiter(place, move |_| ConverterPool {
            limits,
            hosts: Vec::new(),
            waiting: VecDeque::new(),
            is_watched: false,
            next_number: 0,
            left_alone: BTreeSet::new(),
            ending: BTreeSet::new(),
            draining: Vec::new(),
            is_over: false,
        });
        reached_by.lead_to(pool.clone().recipient());
        pool
    }

    /// Gives those who wait to hosts, as long as there are some of both.
    fn give(&mut self, ctx: &mut Context<Self>) {
        while let Some(asked) = self.next_of_those_who_wait() {
            if asked.answer.is_closed() {
                continue; // whoever asked has gone
            }
            let Some(host) = self.idle_host(ctx) else { return self.waiting.push_front(asked) };
            let number = host.number;
            if host.work.send(Given::new(asked.work)).is_err() {
                let _ = asked.answer.send(Err(ConversionFault::Panicked));
                self.hosts.retain(|host| host.number != number);
                continue;
            }
            let serving = self.new_number();
            let timer = ctx.run_later(self.limits.time_limit, move |pool, ctx| pool.overran(serving, ctx));
            if let Some(host) = self.hosts.iter_mut().find(|host| host.number == number) {
                host.serves = Some(Served { number: serving, answer: asked.answer, timer });
            }
        }
    }

    /// Nobody is next when the engine comes to its end.
    fn next_of_those_who_wait(&mut self) -> Option<AskConversion> {
        if self.is_over {
            return None;
        }
        self.waiting.pop_front()
    }

    /// One timer stands for all who wait: it rings when the first of them has waited for too long.
    fn watch_who_waits(&mut self, ctx: &mut Context<Self>) {
        let Some(first) = self.waiting.front().filter(|_| !self.is_watched && !self.is_over) else { return };
        self.is_watched = true;
        ctx.run_later(self.limits.waiting_limit.saturating_sub(first.came.elapsed()), |pool, ctx| {
            pool.is_watched = false;
            pool.tell_who_has_waited();
            pool.give(ctx); // where no thread could be started before, one may be now
            pool.watch_who_waits(ctx);
        });
    }

    /// Those who came first wait longest. At the end of the engine nobody is told anything.
    fn tell_who_has_waited(&mut self) {
        let limit = self.limits.waiting_limit;
        while self.waiting.front().is_some_and(|asked| asked.came.elapsed() >= limit) {
            let Some(asked) = self.next_of_those_who_wait() else { return };
            let _ = asked.answer.send(Err(ConversionFault::Busy));
        }
    }

    fn new_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// One that has nothing to do; a new one, where there may be one more.
    fn idle_host(&mut self, ctx: &mut Context<Self>) -> Option<&Hosted> {
        if let Some(at) = self.hosts.iter().position(|host| host.serves.is_none()) {
            return self.hosts.get(at);
        }
        if self.hosts.len() >= self.limits.hosts || self.left_alone.len() >= MOST_LEFT_ALONE {
            return None;
        }
        let number = self.new_number();
        match Host::start(number, ctx.address()) {
            Ok(work) => self.hosts.push(Hosted { number, work, serves: None }),
            Err(error) => error!(%error, "no thread can be started for conversions; mails wait for one"),
        }
        self.hosts.last().filter(|host| host.number == number)
    }

    fn overran(&mut self, serving: u64, ctx: &mut Context<Self>) {
        let has_it = |host: &Hosted| host.serves.as_ref().is_some_and(|served| served.number == serving);
        let Some(at) = self.hosts.iter().position(has_it) else { return };
        let Hosted { number, serves: Some(Served { answer, .. }), .. } = self.hosts.swap_remove(at) else { return };
        self.left_alone.insert(number);
        self.ending.remove(&number);
        let (limit, left_alone) = (self.limits.time_limit, self.left_alone.len());
        warn!(?limit, left_alone, "a conversion overran: its thread is left to itself");
        let _ = answer.send(Err(ConversionFault::Overran));
        self.tell_if_ended();
        self.give(ctx);
    }

    /// Told when the last host has ended that is waited for.
    fn tell_if_ended(&mut self) {
        if self.ending.is_empty() {
            self.draining.clear(); // dropping the answers tells
        }
    }
}

impl Actor for ConverterPool {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // who may wait is counted here
    }
}

impl Handler<AskConversion> for ConverterPool {
    type Result = ();

    fn handle(&mut self, asked: AskConversion, ctx: &mut Context<Self>) {
        self.waiting.push_back(asked);
        if self.is_over {
            return; // it hears nothing any more
        }
        self.give(ctx);
        if self.waiting.len() > self.limits.waiting {
            self.waiting.retain(|waits| !waits.answer.is_closed());
        }
        if self.waiting.len() > self.limits.waiting {
            if let Some(last) = self.waiting.pop_back() {
                let _ = last.answer.send(Err(ConversionFault::Busy));
            }
        }
        self.watch_who_waits(ctx);
    }
}

/// host -> converter pool, told: this has become of the mail; the host has nothing to do.
#[derive(Message)]
#[rtype(result = "()")]
struct Converted(u64, Result<Conversion, ConversionFault>);

impl Handler<Converted> for ConverterPool {
    type Result = ();

    fn handle(&mut self, Converted(number, result): Converted, ctx: &mut Context<Self>) {
        let host = self.hosts.iter_mut().find(|host| host.number == number);
        if let Some(Served { answer, timer, .. }) = host.and_then(|host| host.serves.take()) {
            ctx.cancel_future(timer);
            let _ = answer.send(result); // whoever asked may have gone
        }
        if self.is_over {
            self.hosts.retain(|host| host.number != number); // its thread ends
        }
        self.give(ctx);
    }
}

/// host -> converter pool, told: its converters have ended, and its thread ends.
#[derive(Message)]
#[rtype(result = "()")]
struct HostEnded(u64);

impl Handler<HostEnded> for ConverterPool {
    type Result = ();

    fn handle(&mut self, HostEnded(number): HostEnded, ctx: &mut Context<Self>) {
        self.left_alone.remove(&number);
        self.ending.remove(&number);
        self.tell_if_ended();
        self.give(ctx);
    }
}

impl Handler<Drain> for ConverterPool {
    type Result = ();

    /// A host ends after the mail that it has, which is still converted. Those who wait, and who comes now, hear nothing until
    /// they end too: told that nobody converts, a sink that may be passed by would let its mail go on as it is, for ever.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.is_over = true;
        self.ending.extend(self.hosts.iter().map(|host| host.number));
        self.hosts.retain(|host| host.serves.is_some());
        self.draining.push(answer);
        self.tell_if_ended();
    }
}
