//! The way to an engine in another process: from a call to a request, and from an answer to what the call gives.

use std::{
    fmt, io,
    path::Path,
    sync::{
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Acquire, Relaxed},
        },
        mpsc::{channel, Sender},
        Arc,
    },
    time::SystemTime,
};

use postrider_actors::clerk::{Posted, Terms};
use postrider_engine::{
    program::{
        admin::{AdminAnswer, AdminRequest},
        Answer, Request, SendRequest, MOST_UNDER_WAY,
    },
    Content, Making, Outgoing, QueueId, Reply, Ticket,
};
use tokio::sync::oneshot;

use super::{
    admin::AdminError,
    connect::{connect, ConnectError},
    listen::Heard,
    write::{Ask, Asked, Command, Writer},
};
use crate::send::{
    here::unguessable,
    post::{Found, Sent},
    RedeemError, SendError, StatusError,
};

const TOO_BIG: Reply =
    Reply::new(552, 3, 4, "The mail is larger than limits.message_size of the engine; raise that, or send less");

/// The way to one engine.
#[derive(Clone)]
pub(crate) struct There(Arc<Link>);

struct Link {
    path: Arc<Path>,
    commands: Sender<Command>,
    /// What its first greeting said.
    host: String,
    max_octets: u64,
    /// Mails that are being sent.
    under_way: AtomicUsize,
}

/// A mail that is being sent, counted by owning this.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// A mail is watched, or that is asked for. Dropping it tells the engine that nobody listens any more.
pub(crate) struct Watching {
    there: There,
    /// `None` only while it is dropped.
    asked: Option<Asked>,
}

impl Drop for Watching {
    /// The writer does one thing after the other, so it has asked by the time it reads this.
    fn drop(&mut self) {
        if let Some(asked) = self.asked.take() {
            let _ = self.there.0.commands.send(Command::Stop(asked));
        }
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asked.fmt(f)
    }
}

/// There was no answer.
enum Lost {
    /// Nothing of it was done.
    NotTaken(Arc<io::Error>),
    /// Nobody knows.
    Perhaps,
}

impl There {
    pub(super) fn connect(path: &Path) -> Result<Self, ConnectError> {
        let path: Arc<Path> = path.into();
        let first = connect(&path)?;
        let (host, max_octets) = (first.hello.host.clone(), first.hello.max_octets);
        let commands = Writer::start(Arc::clone(&path), first)?;
        Ok(There(Arc::new(Link { path, commands, host, max_octets, under_way: AtomicUsize::new(0) })))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(super) fn max_octets(&self) -> u64 {
        self.0.max_octets
    }

    /// One request, on a new connection if the old one turns out to be broken before anything could have been taken.
    async fn ask(&self, request: &Request, content: &Content) -> Result<(Heard, Option<Watching>), Lost> {
        match self.ask_once(request, content).await {
            Err(Lost::NotTaken(_)) => self.ask_once(request, content).await,
            heard => heard,
        }
    }

    async fn ask_once(&self, request: &Request, content: &Content) -> Result<(Heard, Option<Watching>), Lost> {
        let (who, heard) = oneshot::channel();
        let (none, why) = channel();
        let (place, asked) = oneshot::channel();
        let written = Arc::new(AtomicBool::new(false));
        let ask =
            Ask { request: request.clone(), content: content.clone(), who, written: Arc::clone(&written), place, none };
        let ended = |text: &str| Lost::NotTaken(Arc::new(io::Error::other(text)));
        if self.0.commands.send(Command::Ask(Box::new(ask))).is_err() {
            return Err(ended("the client's thread has died"));
        }
        // From here on, so that whoever does not wait for the first answer ends the watch, too.
        let watching =
            matches!(request, Request::Watch { .. }).then(|| Watching { there: self.clone(), asked: Some(asked) });
        match heard.await {
            Ok(Heard::NotTaken) => Err(ended("it stops")),
            Ok(heard) => Ok((heard, watching)),
            Err(_) if written.load(Acquire) => Err(Lost::Perhaps),
            Err(_) => Err(why.try_recv().map_or_else(|_| ended("the connection broke"), Lost::NotTaken)),
        }
    }

    pub(crate) async fn send(&self, mail: impl Outgoing, terms: Terms) -> Result<Sent, SendError> {
        let making = Making { now: SystemTime::now().into(), host: &self.0.host, unique: unguessable() };
        let draft = mail.into_draft(&making)?;
        let octets = draft.content.len();
        if octets > self.0.max_octets {
            return Err(SendError::Rejected(TOO_BIG));
        }
        let others = self.0.under_way.fetch_add(1, Relaxed);
        let _counted = UnderWay(&self.0.under_way);
        if terms.or_busy && others >= MOST_UNDER_WAY {
            return Err(SendError::Busy);
        }
        let Terms { key, prepared, buffered, or_busy, .. } = terms;
        let request = SendRequest::of(&draft.envelope, octets).under(key);
        let request = Request::Send(Box::new(SendRequest { prepared, buffered, or_busy, ..request }));
        match self.ask(&request, &draft.content).await {
            Ok((Heard::Answer(Answer::Sent { id, repeated, ticket, .. }), _)) => {
                let spool = ticket.map_or(0, |ticket| ticket.spool());
                Ok(Sent { posted: Posted { id, repeated }, spool })
            }
            Ok((Heard::Answer(Answer::Error(problem)), _)) => Err(problem.into()),
            Ok(_) | Err(Lost::Perhaps) => Err(SendError::Unknown("the connection broke".into())),
            Err(Lost::NotTaken(source)) => Err(SendError::NoEngine { path: Arc::clone(&self.0.path), source }),
        }
    }

    /// It takes effect once, so it is asked again also where nobody knows.
    pub(crate) async fn redeem(&self, ticket: &Ticket) -> Result<(), RedeemError> {
        let (request, nothing) = (Request::Redeem { tag: 0, ticket: *ticket }, Content::default());
        let mut heard = self.ask(&request, &nothing).await;
        if matches!(heard, Err(Lost::Perhaps)) {
            heard = self.ask(&request, &nothing).await;
        }
        match heard {
            Ok((Heard::Answer(Answer::Redeemed { .. }), _)) => Ok(()),
            Ok((Heard::Answer(Answer::Error(problem)), _)) => Err(problem.into()),
            Err(Lost::NotTaken(source)) => Err(RedeemError::NoEngine { path: Arc::clone(&self.0.path), source }),
            Ok(_) | Err(Lost::Perhaps) => {
                Err(RedeemError::NoEngine { path: Arc::clone(&self.0.path), source: Arc::new(broken()) })
            }
        }
    }

    pub(crate) async fn status(&self, id: QueueId, watch: bool) -> Result<Found, StatusError> {
        let request = if watch { Request::Watch { tag: 0, id } } else { Request::Status { tag: 0, id } };
        match self.ask(&request, &Content::default()).await {
            Ok((Heard::Mail(mail), _watching)) => Ok(Found { mail, _watching }),
            Ok((Heard::Answer(Answer::Error(problem)), _)) => Err(problem.into()),
            Err(Lost::NotTaken(source)) => Err(StatusError::NoEngine { path: Arc::clone(&self.0.path), source }),
            Ok(_) | Err(Lost::Perhaps) => Err(self.broken()),
        }
    }

    /// What operators ask takes effect as often as it is asked, so it is asked again also where nobody knows.
    pub(super) async fn administer(&self, request: AdminRequest) -> Result<Vec<AdminAnswer>, AdminError> {
        let (request, nothing) = (Request::Admin(request), Content::default());
        let mut heard = self.ask(&request, &nothing).await;
        if matches!(heard, Err(Lost::Perhaps)) {
            heard = self.ask(&request, &nothing).await;
        }
        let none = |source| AdminError::NoEngine { path: Arc::clone(&self.0.path), source };
        match heard {
            Ok((Heard::Lines(lines), _)) => Ok(lines),
            Ok((Heard::Answer(Answer::Error(problem)), _)) => Err(problem.into()),
            Err(Lost::NotTaken(source)) => Err(none(source)),
            Ok(_) | Err(Lost::Perhaps) => Err(none(Arc::new(broken()))),
        }
    }

    /// The connection broke while something was watched.
    pub(crate) fn broken(&self) -> StatusError {
        StatusError::NoEngine { path: Arc::clone(&self.0.path), source: Arc::new(broken()) }
    }
}

fn broken() -> io::Error {
    io::Error::other("the connection broke")
}
