//! Where guests live: a thread of their own, and the watchdog that gives it up when a guest keeps it to itself.
//!
//! Rule: a thread cannot be taken from whoever has it. So the others move out: the thread is left to the guest that
//! blocks it, and all others go on in new quarters.

use std::{
    future::Future,
    sync::mpsc,
    time::{Duration, Instant},
};

use actix::prelude::*;
use postrider_engine::events::Fault;
use tokio::sync::watch;
use tracing::error;

use super::{Beat, Culprit};

/// A guest may have the thread for this long at a time. What computes for longer belongs on threads of its own.
const TURN: Duration = Duration::from_secs(1);
/// How long it may take until the thread answers, and how often it is asked.
const ANSWER: Duration = Duration::from_secs(3);
/// How often the watchdog looks.
const LOOK: Duration = Duration::from_millis(200);

/// The thread of the guests. Clones are the same one.
#[derive(Clone)]
pub struct Quarters {
    /// `None`: the thread of whoever asks, where all live on one and there is no arbiter.
    place: Option<ArbiterHandle>,
    /// Who has the thread.
    pub beat: Beat,
    given_up: watch::Receiver<Option<Culprit>>,
    tell: Recipient<Gone>,
}

/// whoever runs a chain -> switchboard, told: these quarters do not answer any more, and nobody gave them up.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Gone(pub Beat);

/// watchdog -> switchboard, told: this guest has kept the thread of these quarters to itself.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Blocked(pub Culprit);

impl Quarters {
    /// Quarters on the thread of whoever calls, which nobody watches.
    pub fn here(tell: Recipient<Gone>) -> (Self, watch::Sender<Option<Culprit>>) {
        Self::at(Arbiter::try_current(), tell)
    }

    fn at(place: Option<ArbiterHandle>, tell: Recipient<Gone>) -> (Self, watch::Sender<Option<Culprit>>) {
        let (give_up, given_up) = watch::channel(None);
        (Quarters { place, beat: Beat::default(), given_up, tell }, give_up)
    }

    /// Quarters on a new thread under watch. The arbiter ends when it is told so.
    ///
    /// # Errors
    /// The watchdog's thread could not be started.
    pub fn apart(
        tell: Recipient<Blocked>,
        gone: Recipient<Gone>,
    ) -> std::io::Result<(Self, Arbiter, watch::Sender<Option<Culprit>>)> {
        let arbiter = Arbiter::try_new()?;
        let (quarters, give_up) = Self::at(Some(arbiter.handle()), gone);
        let (beat, place) = (quarters.beat.clone(), arbiter.handle());
        let watchdog = std::thread::Builder::new().name("postrider-watchdog".into());
        watchdog.spawn(move || watch_over(&beat, &place, &tell))?;
        Ok((quarters, arbiter, give_up))
    }

    /// Starts an actor there.
    pub fn start<A: Actor<Context = Context<A>>>(&self, make: impl FnOnce() -> A + Send + 'static) -> Addr<A> {
        match &self.place {
            Some(place) => A::start_in_arbiter(place, move |_| make()),
            None => make().start(),
        }
    }

    /// Runs this there. `Err`: the quarters were given up meanwhile; by whom, if it is known.
    pub async fn run<T, F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<T, Option<Culprit>>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
    {
        let (tell, told) = tokio::sync::oneshot::channel();
        let body = move || {
            let work = work();
            drop(actix_rt::spawn(async move { drop(tell.send(work.await)) }));
        };
        let is_there = match &self.place {
            Some(place) => place.spawn_fn(body),
            None => {
                body();
                true
            }
        };
        if !is_there {
            self.tell.do_send(Gone(self.beat.clone()));
            return Err(None);
        }
        let mut given_up = self.given_up.clone();
        tokio::select! {
            biased;
            done = told => done.map_err(|_| {
                let culprit = *self.given_up.borrow();
                if culprit.is_none() {
                    self.tell.do_send(Gone(self.beat.clone()));
                }
                culprit
            }),
            culprit = given_up.wait_for(Option::is_some) => Err(culprit.ok().and_then(|culprit| *culprit)),
        }
    }
}

/// Looks who has the thread, and asks whether it still answers: a guest can block it outside of its turn as well, where it is
/// let go or in what it has left behind.
fn watch_over(beat: &Beat, place: &ArbiterHandle, tell: &Recipient<Blocked>) {
    let mut asked: Option<(Instant, mpsc::Receiver<()>)> = None;
    while !beat.is_watched_by_nobody_else() && tell.connected() {
        std::thread::sleep(LOOK);
        if let Some(culprit) = beat.blocked_by(TURN) {
            error!(turn = ?TURN, fault = %Fault::Blocked, "a sink: all others move to another thread");
            return tell.do_send(Blocked(culprit));
        }
        let (since, answer) = match asked.take() {
            Some(asked) => asked,
            None => {
                let (answered, answer) = mpsc::channel();
                place.spawn_fn(move || {
                    let _ = answered.send(());
                });
                (Instant::now(), answer)
            }
        };
        let waits = answer.try_recv() == Err(mpsc::TryRecvError::Empty);
        if waits && since.elapsed() > ANSWER {
            error!(limit = ?ANSWER, "the thread of sinks does not answer: all move to another");
            return tell.do_send(Blocked(Culprit::UNKNOWN));
        }
        if waits || since.elapsed() < ANSWER {
            asked = Some((since, answer)); // the next question waits as well
        }
    }
}
