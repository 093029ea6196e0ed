//! Has one queue for each next hop, and opens a new one when there is none or it is dead.
//!
//! It owns the addresses of the queues and nothing of the mail: what was in a dead queue comes again from the spool. When
//! routes change, every queue gives way to a new one; a slip whose way was found before goes back and finds it anew.

use std::{collections::HashMap, sync::Arc};

use actix::prelude::*;
use postrider_engine::{Hop, Moment, Route};
use tokio::sync::oneshot;
use tracing::info;

use crate::{
    messages::{Drain, Enqueue, Hurry, Rested},
    queue::{Dissolve, Queue},
    transport::{HopPlan, ServeHop},
};

/// Starts the queue of a hop, wherever it is to run.
pub type PlaceQueue = Box<dyn FnMut(&Hop, HopPlan) -> Addr<Queue> + Send>;

/// Leads slips to the queues of their hops.
pub struct Exchange {
    hops: ServeHop,
    place: PlaceQueue,
    rested: Recipient<Rested>,
    queues: HashMap<Hop, Addr<Queue>>,
    /// Those whose place others have taken, until their last attempt is over.
    dissolved: Vec<Addr<Queue>>,
    /// How often routes have changed.
    edition: u32,
    draining: bool,
}

/// transport -> exchange, told: hops are served like this from now on, on ways of this edition.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ServeAnew {
    /// Says how a hop is served.
    pub hops: ServeHop,
    /// Ways that were found before are of a lower one.
    pub edition: u32,
}

impl Exchange {
    /// An exchange whose queues serve like this, live there, and whose outdated slips rest here.
    pub fn new(hops: ServeHop, place: PlaceQueue, rested: Recipient<Rested>) -> Self {
        let (queues, dissolved) = (HashMap::new(), Vec::new());
        Exchange { hops, place, rested, queues, dissolved, edition: 0, draining: false }
    }

    fn queue(&mut self, way: &Route) -> &Addr<Queue> {
        let hop = &way.hop;
        if !self.queues.get(hop).is_some_and(Addr::connected) {
            info!(%hop, "opening the queue");
            self.queues.retain(|_, queue| queue.connected());
            self.dissolved.retain(Addr::connected);
            self.queues.insert(hop.clone(), (self.place)(hop, (self.hops)(way)));
        }
        &self.queues[hop]
    }
}

impl Actor for Exchange {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Enqueue> for Exchange {
    type Result = ();

    fn handle(&mut self, enqueue: Enqueue, _: &mut Context<Self>) {
        match () {
            () if self.draining => {}
            () if enqueue.edition < self.edition => {
                self.rested.do_send(Rested(enqueue.slip.go_back(Moment::default())));
            }
            () => self.queue(&Arc::clone(&enqueue.way)).do_send(enqueue),
        }
    }
}

impl Handler<ServeAnew> for Exchange {
    type Result = ResponseFuture<()>;

    /// Answers when all queues have heard it: what they sent aside before is then on its way to the spooler.
    fn handle(&mut self, ServeAnew { hops, edition }: ServeAnew, _: &mut Context<Self>) -> ResponseFuture<()> {
        (self.hops, self.edition) = (hops, edition);
        let heard: Vec<_> = self.queues.values().map(|queue| queue.send(Dissolve)).collect();
        self.dissolved.extend(self.queues.drain().map(|(_, queue)| queue));
        Box::pin(async move {
            for heard in heard {
                let _ = heard.await;
            }
        })
    }
}

impl Handler<Hurry> for Exchange {
    type Result = ();

    /// All queues are told: which of them have such mail only they know. Who asked hears the sum, after the last of them.
    fn handle(&mut self, Hurry { what, due, answer }: Hurry, _: &mut Context<Self>) {
        let hurry = |queue: &Addr<Queue>| {
            let (answer, counted) = oneshot::channel();
            queue.do_send(Hurry { what: what.clone(), due: 0, answer });
            counted
        };
        let all: Vec<oneshot::Receiver<usize>> = self.queues.values().map(hurry).collect();
        actix_rt::spawn(async move {
            let mut sum = due;
            for counted in all {
                sum += counted.await.unwrap_or(0);
            }
            let _ = answer.send(sum);
        });
    }
}

impl Handler<Drain> for Exchange {
    type Result = ();

    /// All queues come to their end at the same time; the answer is dropped after the last.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.draining = true;
        let all = self.queues.drain().map(|(_, queue)| queue).chain(self.dissolved.drain(..));
        let ends: Vec<oneshot::Receiver<()>> = all.map(|queue| drain(&queue)).collect();
        actix_rt::spawn(async move {
            for end in ends {
                let _ = end.await;
            }
            drop(answer);
        });
    }
}

fn drain(queue: &Addr<Queue>) -> oneshot::Receiver<()> {
    let (answer, end) = oneshot::channel();
    queue.do_send(Drain(answer));
    end
}
