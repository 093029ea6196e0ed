//! The guests of a host: so many places, one mail at a time in each.
//!
//! A place is lent with its guest and comes back with it, or empty when the guest panicked or overran its time; the next
//! mail in that place finds a new guest. Whoever finds all places taken waits in line, for a while.

use std::{collections::VecDeque, future::Future, panic::AssertUnwindSafe, rc::Rc, time::Duration};

use futures_util::FutureExt;
use postrider_engine::events::Fault;
use tokio::{sync::oneshot, time::timeout};

use super::{Beat, Culprit};

/// How many, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many mails are served at a time.
    pub guests: usize,
    /// How long a mail waits for a guest.
    pub wait: Duration,
    /// How long a guest may take, from the moment it has the mail.
    pub serve: Duration,
}

/// A guest, made when first needed: within the time and the guard of the mail that needs it.
type Place<G> = Option<G>;

/// Every way a stay can end. A place that was had must be given back.
pub enum Stay<G, T> {
    /// The guest has answered.
    Served(G, T),
    /// The guest is gone.
    Lost(Fault),
    /// None became free.
    NoPlace,
}

/// The guests.
pub struct Pool<G> {
    free: Vec<Place<G>>,
    /// Bounded by the mails that are under way.
    line: VecDeque<oneshot::Sender<Place<G>>>,
    make: Rc<dyn Fn() -> G>,
    limits: Limits,
    beat: Beat,
}

impl<G: 'static> Pool<G> {
    /// Places for guests that are made like this.
    pub fn new(limits: Limits, beat: Beat, make: impl Fn() -> G + 'static) -> Self {
        let free = (0..limits.guests.max(1)).map(|_| None).collect();
        Pool { free, line: VecDeque::new(), make: Rc::new(make), limits, beat }
    }

    /// Gives work to a guest as soon as one is free.
    pub fn stay<T, W, F>(&mut self, culprit: Culprit, work: F) -> impl Future<Output = Stay<G, T>>
    where
        W: Future<Output = (G, T)>,
        F: FnOnce(G) -> W,
    {
        let (place, make) = (self.place(), Rc::clone(&self.make));
        let (limits, beat) = (self.limits, self.beat.clone());
        async move {
            let place = match place {
                Ok(place) => place,
                Err(line) => match timeout(limits.wait, line).await {
                    Ok(Ok(place)) => place,
                    _ => return Stay::NoPlace,
                },
            };
            let served = async { work(place.unwrap_or_else(|| make())).await };
            let mut served = Box::pin(AssertUnwindSafe(served).catch_unwind());
            match timeout(limits.serve, beat.watch(culprit, &mut served)).await {
                Ok(Ok((guest, answer))) => Stay::Served(guest, answer),
                Ok(Err(_)) => Stay::Lost(Fault::Panicked),
                Err(_) => {
                    // A guest that panics as it is let go would take its host along, and all other guests.
                    let let_go = AssertUnwindSafe(|| beat.during(culprit, || drop(served)));
                    let _ = std::panic::catch_unwind(let_go);
                    Stay::Lost(Fault::Overran)
                }
            }
        }
    }

    /// Ends a stay: the place goes to the next in line.
    pub fn leave<T>(&mut self, stay: Stay<G, T>) -> Result<T, Fault> {
        let (mut place, answer) = match stay {
            Stay::Served(guest, answer) => (Some(guest), Ok(answer)),
            Stay::Lost(fault) => (None, Err(fault)),
            Stay::NoPlace => return Err(Fault::NoGuest),
        };
        while let Some(next) = self.line.pop_front() {
            match next.send(place) {
                Ok(()) => return answer,
                Err(back) => place = back, // has waited too long and gone
            }
        }
        self.free.push(place);
        answer
    }

    /// A free place, or one in the line.
    fn place(&mut self) -> Result<Place<G>, oneshot::Receiver<Place<G>>> {
        self.free.pop().ok_or_else(|| {
            let (give, get) = oneshot::channel();
            self.line.push_back(give);
            get
        })
    }
}
