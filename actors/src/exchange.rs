//! Has one queue for each next hop, and opens a new one when there is none or it is dead.
//!
//! It owns the addresses of the queues and nothing of the mail: what was in a dead queue comes again from the spool.

use std::{collections::HashMap, sync::Arc};

use actix::prelude::*;
use postrider_engine::{Hop, Route};
use tokio::sync::oneshot;
use tracing::info;

use crate::{
    messages::{Drain, Enqueue, Hurry},
    queue::Queue,
};

/// Opens the queue of a hop, wherever it is to run.
pub type OpenQueue = Box<dyn FnMut(&Route) -> Addr<Queue> + Send>;

/// Leads slips to the queues of their hops.
pub struct Exchange {
    open: OpenQueue,
    queues: HashMap<Hop, Addr<Queue>>,
    draining: bool,
}

impl Exchange {
    /// An exchange that opens queues like this.
    pub fn new(open: OpenQueue) -> Self {
        Exchange { open, queues: HashMap::new(), draining: false }
    }

    fn queue(&mut self, way: &Route) -> &Addr<Queue> {
        let hop = &way.hop;
        if !self.queues.get(hop).is_some_and(Addr::connected) {
            info!(%hop, "opening the queue");
            self.queues.retain(|_, queue| queue.connected());
            self.queues.insert(hop.clone(), (self.open)(way));
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
        if !self.draining {
            self.queue(&Arc::clone(&enqueue.way)).do_send(enqueue);
        }
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
        let ends: Vec<oneshot::Receiver<()>> = self.queues.drain().map(|(_, queue)| drain(&queue)).collect();
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
