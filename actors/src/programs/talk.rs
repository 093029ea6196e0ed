//! One connection: reads requests in their order, has many of them under way at once, and answers each when it is done.
//!
//! Rule: so many are under way at once, counted by owning a permit; while there is none, nothing is read. What was begun
//! comes to its end and is answered, also when the engine stops; then the program hears that this was all.

use std::collections::HashMap;

use postrider_engine::program::{
    Answer, Code, Framed, Hello, Problem, Request, MAX_LINE, MOST_RECIPIENTS, MOST_UNDER_WAY, MOST_WATCHES, PROTOCOL,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf},
    sync::{mpsc, oneshot, watch},
};
use tracing::info;

use super::{
    asking::Scales,
    line::{write, Ended, Incoming, ANSWERS},
    Service,
};

/// Things of which there may be so many at once: whoever has a permit has one.
pub(super) struct Permits {
    give: mpsc::Sender<()>,
    most: usize,
    /// Nothing is ever sent; without it there would be no permits.
    _keep: mpsc::Receiver<()>,
}

/// Gives the place back when it is dropped.
pub(super) type Permit = mpsc::OwnedPermit<()>;

impl Permits {
    fn new(most: usize) -> Self {
        let (give, keep) = mpsc::channel(most);
        Permits { give, most, _keep: keep }
    }

    /// Waits until there is one.
    pub(super) async fn one(&self) -> Option<Permit> {
        self.give.clone().reserve_owned().await.ok()
    }

    /// One, if there is one now.
    pub(super) fn one_now(&self) -> Option<Permit> {
        self.give.clone().try_reserve_owned().ok()
    }

    /// Waits until nobody has one.
    async fn all_back(&self) {
        let _ = self.give.reserve_many(self.most).await;
    }
}

/// What one connection has.
pub(super) struct Talk<R> {
    pub(super) incoming: Incoming<R>,
    pub(super) service: Service,
    pub(super) user: Option<u32>,
    /// As `uid:1000`.
    pub(super) identity: Option<String>,
    pub(super) tell: mpsc::Sender<Answer>,
    pub(super) under_way: Permits,
    pub(super) watching: Permits,
    pub(super) scales: Scales,
    /// By dropping them watches are stopped.
    pub(super) watches: HashMap<u64, oneshot::Sender<()>>,
}

/// The connection is over for this reason.
pub(super) struct Over(pub(super) Ended, pub(super) Option<Problem>);

impl From<Ended> for Over {
    fn from(ended: Ended) -> Self {
        Over(ended, None)
    }
}

/// Serves a program until it goes away or the engine stops. `user`: its user id.
pub async fn talk<S: AsyncRead + AsyncWrite>(
    stream: S,
    user: Option<u32>,
    service: Service,
    stopped: watch::Receiver<bool>,
) {
    let (reading, writing) = tokio::io::split(stream);
    let (tell, told) = mpsc::channel(ANSWERS);
    let talk = Talk {
        incoming: Incoming::new(reading, stopped),
        service,
        user,
        identity: user.map(|user| format!("uid:{user}")),
        tell,
        under_way: Permits::new(MOST_UNDER_WAY),
        watching: Permits::new(MOST_WATCHES),
        scales: Scales::default(),
        watches: HashMap::new(),
    };
    let (writer, reader) = (write(writing, told), talk.run());
    tokio::pin!(writer, reader);
    tokio::select! {
        () = &mut reader => {
            let _ = writer.await;
        }
        written = &mut writer => {
            info!(uid = user, error = ?written.err(), "a program is given up: it does not read its answers, or is gone");
        }
    }
}

impl<S: AsyncRead + AsyncWrite> Talk<ReadHalf<S>> {
    async fn run(mut self) {
        let hello = Answer::Hello(self.hello());
        self.say(hello).await;
        let Over(ended, problem) = loop {
            if let Err(over) = self.turn().await {
                break over;
            }
        };
        self.under_way.all_back().await;
        self.watches.clear();
        self.watching.all_back().await;
        match (ended, problem) {
            (_, Some(problem)) => self.say(problem).await,
            (Ended::Stop, _) => self.say(Answer::Bye { text: "the engine stops".into() }).await,
            (Ended::TooSlow, _) => {
                self.say(Problem::new(Code::TooSlow, "the rest of the request did not come in time")).await;
            }
            (Ended::TooLong, _) => {
                self.say(Problem::new(Code::LineTooLong, format_args!("a line has more than {MAX_LINE} octets"))).await;
            }
            (Ended::Client, _) => {}
        }
    }

    fn hello(&self) -> Hello {
        let limits = &self.service.limits;
        Hello {
            protocol: PROTOCOL,
            spool: format!("{:016x}", self.service.spool),
            host: self.service.host.to_string(),
            max_octets: limits.message_size,
            max_recipients: limits.recipients.min(MOST_RECIPIENTS),
            max_line: MAX_LINE,
        }
    }

    pub(super) async fn say(&self, answer: impl Into<Answer>) {
        let _ = self.tell.send(answer.into()).await; // who is gone hears nothing
    }

    async fn turn(&mut self) -> Result<(), Over> {
        let line = self.incoming.line().await?;
        let Framed { octets, request } = Request::parse(&line).map_err(|problem| Over(Ended::Client, Some(problem)))?;
        let length = line.len();
        drop(line);
        match request {
            Ok(Request::Send(request)) => self.send(*request, length).await,
            Ok(other) => self.ask(other).await,
            Err(problem) => self.refuse(problem, octets).await,
        }
    }

    async fn ask(&mut self, request: Request) -> Result<(), Over> {
        match request {
            Request::Ping { tag } => self.say(Answer::Pong { tag }).await,
            Request::Redeem { tag, ticket } => self.redeem(tag, ticket).await,
            Request::Status { tag, id } => self.status(tag, id).await,
            Request::Watch { tag, id } => self.watch(tag, id).await,
            Request::Stop { tag } => drop(self.watches.remove(&tag)),
            Request::Admin(request) => self.administer(request).await,
            other => self.say(Problem::new(Code::UnknownRequest, "not known here").of(other.tag())).await,
        }
        Ok(())
    }
}
