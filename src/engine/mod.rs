//! The handle of a running engine. It works from any thread and any async runtime, and from none: the actors run on
//! threads of their own.

mod bindings;
mod builder;
#[cfg_attr(not(feature = "listen"), path = "no_clients.rs")]
mod clients;
mod closing;
#[cfg_attr(not(feature = "convert"), path = "no_downgrade.rs")]
mod downgrade;
mod error;
#[cfg_attr(not(feature = "maildir"), path = "no_files.rs")]
mod files;
mod finder;
#[cfg_attr(not(feature = "maildir"), path = "no_folders.rs")]
mod folders;
mod force;
mod hops;
mod session;
mod sockets;
mod time;

use std::{net::SocketAddr, path::Path, sync::Arc, thread::JoinHandle, time::Duration};

pub use builder::Builder;
pub use error::{BindingError, ReloadError, StartError, Stopped};
use force::Maker;
use postrider_actors::{
    messages::{AskAudit, AskHeld, Audit, FlushNow, Release},
    transport::{Cast, Reload, State, Stop},
};
use postrider_engine::{Flush, HeldWhy, QueueId, Socket};
pub use session::{Outbox, Session};
use tokio::sync::{oneshot, watch};

use crate::{send::Here, Settings};

/// A mail that is kept and not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldMail {
    /// Its number.
    pub id: QueueId,
    /// By whom and why it is held.
    pub why: HeldWhy,
}

/// How an engine came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// In order: nobody was cut short.
    Drained,
    /// Some attempt was still under way at the deadline. It is on disk, and taken up at the next start.
    CutShort,
    /// Its disk could not be trusted any more. Nothing that was promised is lost.
    Failed {
        /// What happened, and to which file.
        reason: Arc<str>,
    },
}

/// A running engine. Clones are handles of the same one; when the last is dropped the engine is drained. A thread outside of any
/// async runtime waits for that (no longer than `drain.deadline`), so that a program which simply ends repeats nothing; within
/// a runtime nobody can be kept waiting: await [`Engine::drain`] there.
///
/// ```no_run
/// use std::time::Duration;
/// use postrider::{Engine, Settings};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::load(Some("relay.toml".as_ref()))?;
/// let engine = Engine::builder(settings).start()?;
/// println!("listening on {:?}", engine.addresses());
/// # let block_on = |_| ();
/// block_on(engine.drain(Duration::from_secs(25)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) cast: Cast,
    pub(crate) post: Here,
    state: watch::Receiver<State>,
    /// Ends when the spool is closed.
    closed: watch::Receiver<()>,
    addresses: Vec<SocketAddr>,
    lmtp: Vec<Socket>,
    deadline: Duration,
    maker: Maker,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("addresses", &self.addresses).field("state", &*self.state.borrow()).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.cast.transport.do_send(Stop { deadline: self.deadline });
        let Some(thread) = self.thread.take() else { return };
        // Who is within a runtime must not be kept waiting, and may be one of the engine's own; whoever unwinds is in haste.
        let may_wait = tokio::runtime::Handle::try_current().is_err() && !std::thread::panicking();
        if may_wait {
            let _ = thread.join();
        } // else it ends by itself; the spool stays locked until it has
    }
}

impl Engine {
    /// An engine with these settings, not yet started.
    pub fn builder(settings: Settings) -> Builder {
        Builder::new(settings)
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.maker.current.borrow())
    }

    /// The addresses on which it listens for SMTP: what the system chose where the settings say port 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0.addresses
    }

    /// Where it listens for LMTP.
    pub fn lmtp(&self) -> &[Socket] {
        &self.0.lmtp
    }

    /// The socket by which other programs of this host send ([`Engine::connect`]).
    pub fn socket(&self) -> Option<&Path> {
        self.0.maker.started.send.socket.as_deref()
    }

    /// The mails that are held, and why.
    ///
    /// # Errors
    /// [`Stopped`]: the engine is not running any more.
    pub async fn held(&self) -> Result<Vec<HeldMail>, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.spooler.do_send(AskHeld(answer));
        let held = answered.await.map_err(|_| self.stopped())?;
        Ok(held.into_iter().map(|(id, why)| HeldMail { id, why }).collect())
    }

    /// Offers a held mail again, at once. `false`: there is no such mail, or it is not held.
    ///
    /// # Errors
    /// [`Stopped`]: the engine is not running any more.
    pub async fn release(&self, id: QueueId) -> Result<bool, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.spooler.do_send(Release(id, answer));
        answered.await.map_err(|_| self.stopped())
    }

    /// Puts other settings in force, without dropping a connection or a mail: routes, aliases, tables, users, limits, delivery
    /// and reports. Clients who are here, attempts and reports under way end as they began; mail that waits for a hop
    /// that is down is tried on its new way now, mail that waits for its time when that has come. Gives notes about what
    /// takes effect at the next start only (sockets, the spool).
    ///
    /// Files that the settings name are read on a thread of their own; the future may be awaited on any runtime.
    ///
    /// # Errors
    /// [`ReloadError::Settings`]: something is wrong with them, and the old ones stay in force.
    /// [`ReloadError::Stopped`]: the engine is not running any more.
    pub async fn reload(&self, settings: Settings) -> Result<Vec<String>, ReloadError> {
        let (tell, made) = oneshot::channel();
        let current = Arc::new(settings.clone());
        let this = self.clone();
        let reading = std::thread::Builder::new().name("postrider-reload".into());
        reading.spawn(move || drop(tell.send(this.0.maker.make(&settings)))).map_err(ReloadError::Thread)?;
        let (in_force, notes) = made.await.map_err(|_| self.stopped())??;
        let (answer, heard) = oneshot::channel();
        self.0.cast.transport.do_send(Reload { in_force: Box::new(in_force), answer });
        heard.await.map_err(|_| self.stopped())?;
        self.0.maker.current.send_replace(current);
        Ok(notes)
    }

    /// Compares what is on disk with what is known of it: each mail is in somebody's hand, rests until it is due, or is
    /// held. What is none of these is told, and taken up again.
    ///
    /// # Errors
    /// [`Stopped`]: the engine is not running any more.
    pub async fn audit(&self) -> Result<Audit, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.spooler.do_send(AskAudit(answer));
        answered.await.map_err(|_| self.stopped())
    }

    /// Makes mail due now that waits for its time or for its hop; a hop that is down is tried at once. Says how many mails
    /// that were when all are found: where it asks for a hop or a domain, every mail that waits is looked at. A mail of which
    /// parts wait in two places counts twice.
    ///
    /// # Errors
    /// [`Stopped`]: the engine is not running any more.
    pub async fn flush(&self, what: Flush) -> Result<usize, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.spooler.do_send(FlushNow(what.normal(), answer));
        answered.await.map_err(|_| self.stopped())
    }

    /// Ends the engine in order: no new connections, mails under way are finished, all facts are synced. What is not
    /// done before the deadline is on disk and taken up at the next start. May be called more than once.
    pub async fn drain(&self, deadline: Duration) -> End {
        self.0.cast.transport.do_send(Stop { deadline });
        self.ended().await
    }

    /// Waits until the engine has come to its end, whatever the reason. Its folder can be opened by the next then.
    pub async fn ended(&self) -> End {
        let mut state = self.0.state.clone();
        let last = state.wait_for(|state| *state != State::Running).await.map(|state| state.clone());
        let _ = self.0.closed.clone().changed().await; // an error: it is closed
        match last.as_ref() {
            Ok(State::Drained) => End::Drained,
            Ok(State::Failed(reason)) => End::Failed { reason: Arc::clone(reason) },
            Ok(State::CutShort | State::Running) => End::CutShort,
            Err(_) => End::Failed { reason: "the engine's thread has died".into() },
        }
    }

    /// As [`Engine::drain`], waiting on this thread: for a program without an async runtime.
    pub fn drain_blocking(&self, deadline: Duration) -> End {
        pollster::block_on(self.drain(deadline))
    }

    fn stopped(&self) -> Stopped {
        match &*self.0.state.borrow() {
            State::Failed(reason) => Stopped { reason: Some(Arc::clone(reason)) },
            _ => Stopped { reason: None },
        }
    }
}
