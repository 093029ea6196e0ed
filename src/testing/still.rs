//! Time that stands still unless a test lets it pass, and how it is known that nobody has anything left to do.
//!
//! Tokio moves a paused clock to the next timer whenever its runtime is idle, but not while a blocking task runs. So a
//! blocking task that waits is the brake: it is let go for exactly as long as time is to pass, with a timer at the end, and
//! put on again by whom that timer wakes, before the runtime can be idle once more.
//!
//! Idle is what tokio says right before its thread would sleep (a park): no task is ready. The one exception is the future
//! that drives the actors' tasks, which may have been woken and not polled. So its polls are counted, and two parks with the
//! same count mean rest.
//!
//! Rule: whatever runs on this runtime answers here, or counts as a blocking task. Another thread that is waited for in any
//! other way is not seen.

use std::{
    future::{poll_fn, Future},
    io,
    pin::pin,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc, Arc,
    },
    time::Duration,
};

use super::wait::wait_for;
use actix_rt::{System, SystemRunner};
use postrider_actors::clock::Clock;
use postrider_engine::Moment;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{mpsc as orders, oneshot, watch},
    task::spawn_blocking,
    time::{sleep_until, Instant},
};

/// Two threads for what blocks: the brake has one, all others share the other, so that they end in the order in which they
/// began.
const BLOCKING_THREADS: usize = 2;

/// Real time after which an engine that never comes to rest is given up: something turns in a circle, or waits for a thread
/// that does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What passes at once, at most: ten years. Tokio's timers reach no further than thirty.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);

/// A runtime whose time stands still, before an engine lives on it.
pub(crate) struct Still {
    runtime: Unused,
    clock: Clock,
    polls: Arc<AtomicU64>,
    crashed: oneshot::Receiver<()>,
    gone: oneshot::Sender<()>,
}

/// It may be dropped within another runtime, where nobody may wait.
struct Unused(Option<Runtime>);

impl Drop for Unused {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The same with its system, on its thread.
pub(crate) struct Running {
    system: SystemRunner,
    polls: Arc<AtomicU64>,
    crashed: oneshot::Receiver<()>,
    /// Dropped last: then all of it is gone.
    gone: oneshot::Sender<()>,
}

/// The test's hand on the clock. Dropping it ends the engine as a crash does.
pub(super) struct Keeper {
    orders: orders::UnboundedSender<Order>,
    pub handle: Handle,
    pub clock: Clock,
    crash: Option<oneshot::Sender<()>>,
    gone: oneshot::Receiver<()>,
}

/// Time that is to pass, and who is told when it has and all is at rest. The answer is the time then.
struct Order(Duration, mpsc::SyncSender<Moment>);

/// Makes a runtime whose wall clock shows `begin`.
pub(super) fn still(begin: Moment) -> io::Result<(Still, Keeper)> {
    let polls = Arc::<AtomicU64>::default();
    let (parks, parked) = watch::channel(0);
    let seen = Arc::clone(&polls);
    let park = move || {
        let _ = parks.send_replace(seen.load(Ordering::SeqCst));
    };
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).max_blocking_threads(BLOCKING_THREADS).on_thread_park(park);
    let runtime = builder.build()?;
    let clock = {
        let _inside = runtime.enter();
        Clock::following_tokio(begin)
    };
    let (order, ordered) = orders::unbounded_channel();
    let brake = Brake::on(&runtime.handle().clone());
    let idle = Idle { parked };
    runtime.spawn(keep(ordered, brake, idle, clock));
    let (crash, crashed) = oneshot::channel();
    let (tell, gone) = oneshot::channel();
    let handle = runtime.handle().clone();
    let keeper = Keeper { orders: order, handle, clock, crash: Some(crash), gone };
    Ok((Still { runtime: Unused(Some(runtime)), clock, polls, crashed, gone: tell }, keeper))
}

impl Still {
    /// What the engine's clock shows.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Makes the system, on the thread that is to run it.
    pub fn system(self) -> Running {
        let Still { mut runtime, polls, crashed, gone, .. } = self;
        let system = match runtime.0.take() {
            Some(runtime) => System::with_tokio_rt(move || runtime),
            None => System::new(), // it has one until this takes it
        };
        Running { system, polls, crashed, gone }
    }
}

impl Running {
    pub fn system(&self) -> &SystemRunner {
        &self.system
    }

    /// Runs until the engine ends, or crashes.
    pub fn run(self) {
        let Running { system, polls, crashed, gone } = self;
        let stopped = system.stop_future();
        let both = async move {
            tokio::select! {
                _ = stopped => {}
                _ = crashed => {}
            }
        };
        let mut both = pin!(both);
        system.block_on(poll_fn(|cx| {
            polls.fetch_add(1, Ordering::SeqCst);
            both.as_mut().poll(cx)
        }));
        drop(system);
        drop(gone);
    }
}

impl Keeper {
    /// Lets this time pass, in whole milliseconds, and waits until all is at rest. `None`: the engine has ended, or does
    /// not come to rest.
    pub fn pass(&self, time: Duration) -> Option<Moment> {
        let (tell, told) = mpsc::sync_channel(1);
        self.orders.send(Order(time, tell)).ok()?;
        told.recv_timeout(PATIENCE).ok()
    }

    /// Ends it with all that it has in memory, and waits until that is gone.
    pub fn crash(&mut self) {
        if self.crash.take().is_some() {
            let _ = wait_for(&mut self.gone, PATIENCE);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.crash();
    }
}

/// Time stands still as long as this lives.
struct Brake(mpsc::Sender<()>);

impl Brake {
    fn on(handle: &Handle) -> Self {
        let (let_go, held) = mpsc::channel();
        handle.spawn_blocking(move || {
            let _ = held.recv();
        });
        Brake(let_go)
    }
}

/// Knows when nobody has anything left to do.
struct Idle {
    /// At each park: how often the actors' future had been polled.
    parked: watch::Receiver<u64>,
}

impl Idle {
    /// No task of tokio's own is ready. How often the actors' future had been polled then.
    async fn park(&mut self) -> u64 {
        self.parked.mark_unchanged(); // parks before this say nothing of now
        let _ = self.parked.changed().await;
        *self.parked.borrow_and_update()
    }

    /// Between two parks nobody polled the actors' future, though all blocking tasks ended that had begun before the second:
    /// what came of them, and of all else, made nobody ready.
    async fn rest(&mut self) {
        let mut before = self.park().await;
        loop {
            let _ = spawn_blocking(|| ()).await; // after all others
            let after = self.park().await;
            if std::mem::replace(&mut before, after) == after {
                return;
            }
        }
    }
}

async fn keep(mut ordered: orders::UnboundedReceiver<Order>, brake: Brake, mut idle: Idle, clock: Clock) {
    let mut brake = brake;
    while let Some(Order(time, answer)) = ordered.recv().await {
        idle.rest().await;
        if !time.is_zero() {
            let end = sleep_until(Instant::now() + whole(time));
            drop(brake);
            end.await;
            brake = Brake::on(&Handle::current());
            idle.rest().await;
        }
        let _ = answer.send(clock.now());
    }
    drop(brake.0);
}

/// Whole milliseconds: what tokio's timers count.
fn whole(time: Duration) -> Duration {
    let millis = time.min(LONGEST).as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
