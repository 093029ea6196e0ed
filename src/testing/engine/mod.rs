//! An engine under test: the real one, in this process, with its mail in memory and its time in the hand of the test.

mod builder;
mod streets;

use std::{fmt, future::IntoFuture, sync::mpsc, time::Duration};

use postrider_engine::{Moment, Outgoing};
use postrider_sinks::{Memory, MemoryControl};
use thiserror::Error;

pub use builder::{TestEngineBuilder, BEGIN};

use super::{still::Keeper, Peer};
use crate::{Engine, Receipt, SendError, StartError};

/// An engine under test.
///
/// It is the engine of [`Engine::builder`] with all of its actors, but: nothing listens, mail is kept in memory, what it
/// sends goes to [`Peer`]s within the process, and its time stands still unless the test lets it pass by
/// [`TestEngine::advance`]. What needs no time happens at once: when a mail is sent it has been delivered, or put off, when
/// [`TestEngine::send`] returns.
///
/// It works in a plain test and within any async runtime. What a sink or target of the test's own does on other threads
/// counts only if it is waited for by `tokio::task::spawn_blocking`; a real socket is not waited for.
///
/// ```
/// use std::time::Duration;
/// use postrider::{assert_delivered, assert_not_delivered, testing::{draft, At, TestEngine}};
///
/// let engine = TestEngine::start();
/// engine.peer().once(At::Data, (451, "4.3.0 Not now"));
/// engine.send(draft("me@example.com", ["ann@example.org"], "Subject: Hello\r\n\r\nHi!\r\n")).unwrap();
/// assert_not_delivered!(engine, "ann@example.org");
///
/// engine.advance(Duration::from_secs(3600));
/// assert_delivered!(engine, "ann@example.org", subject = "Hello");
/// ```
pub struct TestEngine {
    made: TestEngineBuilder,
    engine: Engine,
    keeper: Keeper,
    spool: MemoryControl,
    /// The time of the crash, if the engine is down.
    down: Option<Moment>,
}

impl fmt::Debug for TestEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestEngine")
            .field("now", &self.now())
            .field("down", &self.down.is_some())
            .finish_non_exhaustive()
    }
}

/// A mail was not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotSent {
    /// As a program hears it.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The answer takes time, which stands still: the spool is slow, or a sink is.
    #[error("the answer takes time, and time stands still: await Engine::send elsewhere and let time pass")]
    TakesTime,
    /// The engine is down, or does not come to rest.
    #[error("the engine does not answer: is it down?")]
    Down,
}

impl TestEngine {
    /// An engine that sends all mail to one [`Peer`], see [`TestEngine::peer`].
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// An engine with settings, sinks or peers of the test's own.
    pub fn builder() -> TestEngineBuilder {
        TestEngineBuilder::new()
    }

    fn made(made: TestEngineBuilder) -> Result<Self, StartError> {
        let spool = Memory::new();
        let control = spool.control();
        let (engine, keeper) = made.run(spool, made.begin)?;
        Ok(TestEngine { made, engine, keeper, spool: control, down: None })
    }

    /// The peer to which all mail goes for whose host there is no other.
    pub fn peer(&self) -> &Peer {
        &self.made.peer
    }

    /// All peers, with the hosts that they stand for; an empty name is the one for everybody.
    pub fn peers(&self) -> Vec<(&str, &Peer)> {
        let others = self.made.others.iter().map(|(name, peer)| (name.as_str(), peer));
        std::iter::once(("", &self.made.peer)).chain(others).collect()
    }

    /// The engine, for all else: bindings, held mail, audit, reload. Its futures may be awaited on any runtime, and by
    /// [`wait`](super::wait) without one.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Steers the spool: bounds it, makes it fail.
    pub fn spool(&self) -> &MemoryControl {
        &self.spool
    }

    /// What the engine's clock shows.
    pub fn now(&self) -> Moment {
        self.down.unwrap_or_else(|| {
            let _inside = self.keeper.handle.enter();
            self.keeper.clock.now()
        })
    }

    /// Sends a mail as [`Engine::send`] does, and returns when all has happened that needs no time.
    ///
    /// # Errors
    /// [`NotSent`]: it was not taken.
    pub fn send<M: Outgoing + 'static>(&self, mail: M) -> Result<Receipt, NotSent> {
        self.finish(self.engine.send(mail))
    }

    /// The same for a send of any kind, prepared or under a key: `engine.finish(engine.engine().send_with_key(key, mail))`.
    ///
    /// # Errors
    /// [`NotSent`]: it was not done.
    pub fn finish<T: Send + 'static, E>(
        &self,
        sending: impl IntoFuture<Output = Result<T, E>, IntoFuture: Send + 'static>,
    ) -> Result<T, NotSent>
    where
        E: Send + 'static,
        NotSent: From<E>,
    {
        let (tell, told) = mpsc::sync_channel(1);
        let sent = sending.into_future();
        self.keeper.handle.spawn(async move {
            let _ = tell.send(sent.await);
        });
        self.keeper.pass(Duration::ZERO).ok_or(NotSent::Down)?;
        Ok(told.try_recv().map_err(|_| NotSent::TakesTime)??)
    }

    /// Lets exactly this much time pass (in whole milliseconds), with all that happens meanwhile in its order, and returns
    /// when nobody has anything left to do.
    ///
    /// # Panics
    /// The engine is down, or has not come to rest within a minute of real time.
    #[allow(clippy::panic, reason = "a test whose time does not pass has failed")]
    #[track_caller]
    pub fn advance(&self, time: Duration) {
        match self.keeper.pass(time) {
            Some(_) => {}
            None if self.down.is_some() => panic!("the engine is down: its time passes again after restart()"),
            None => panic!("the engine has ended, or does not come to rest"),
        }
    }

    /// Waits until nobody has anything left to do, without letting time pass: after something was changed from outside.
    ///
    /// # Panics
    /// As [`TestEngine::advance`].
    #[track_caller]
    pub fn settle(&self) {
        self.advance(Duration::ZERO);
    }

    /// The engine dies: all that it has in memory is dropped, connections are cut, nothing is drained. Its spool stays as it
    /// is, and so do the peers.
    pub fn crash(&mut self) {
        if self.down.is_none() {
            self.down = Some(self.now());
            self.keeper.crash();
        }
    }

    /// Starts the engine again on the spool that it had, at the time at which it stopped; it crashes before if it still
    /// lives. When this returns, mail that was not done has been taken up.
    ///
    /// # Panics
    /// It does not start, which its settings and what the test configures would have shown before.
    #[allow(clippy::panic, reason = "a test without its engine has failed")]
    #[track_caller]
    pub fn restart(&mut self) {
        self.crash();
        let at = self.down.take().unwrap_or(self.made.begin);
        match self.made.run(self.spool.reopen(), at) {
            Ok((engine, keeper)) => (self.engine, self.keeper) = (engine, keeper),
            Err(error) => panic!("the engine under test does not start again: {error}"),
        }
        self.settle();
    }
}
