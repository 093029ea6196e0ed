//! The threads of the engine: which there are, and where connections and queues live.

use postrider_engine::Hop;
use tracing::warn;

use super::*;
use crate::queue::Queue;

/// The threads of the engine, but for the one of the system.
pub(super) struct Threads {
    pub connections: Vec<ArbiterHandle>,
    pub queues: Vec<ArbiterHandle>,
    pub own: Vec<Arbiter>,
}

impl Threads {
    pub fn new(placement: &Placement, home: &ArbiterHandle) -> Self {
        let mut own = Vec::new();
        let mut some = |count: usize| match count {
            0 => vec![home.clone()],
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

/// Queues live on their threads by hash of the hop; a thread that is gone is replaced.
pub(super) fn place_queues(threads: Vec<ArbiterHandle>, tell: Tellers) -> PlaceQueue {
    let mut threads = threads;
    Box::new(move |hop, plan| {
        let at = spread(hop) % threads.len().max(1);
        if !threads[at].spawn(std::future::ready(())) {
            warn!(%hop, "the thread of this queue is gone; another takes its place");
            threads[at] = Arbiter::new().handle();
        }
        let (hop, tell) = (hop.clone(), tell.clone());
        Queue::start_in_arbiter(&threads[at], move |_| Queue::new(hop, plan.habits, plan.make, tell))
    })
}

fn spread(hop: &Hop) -> usize {
    hop.as_str().bytes().fold(7, |sum: usize, octet| sum.wrapping_mul(31).wrapping_add(usize::from(octet)))
}
