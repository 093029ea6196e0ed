//! One client: leads its octets through the session and its mails through the door.
//!
//! Once a commit is handed over it waits for the answer, without a time limit: a promise is never half given. The actor
//! owns nothing but the order to stop; the dialogue owns the stream, and ends the actor when it ends.

mod committing;
mod events;
mod note;
mod patience;

use actix::prelude::*;
use bytes::Bytes;
pub use patience::Patience;
use postrider_engine::{
    events::Kind,
    session::{Flushed, Phase, Refusal},
    Action, Flush, Reply, Session, StagingError,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::oneshot,
    time::Instant,
};
use tracing::{debug, info_span, warn, Instrument};

use crate::{
    chain::SessionGuests,
    clock::Clock,
    door::{Door, NOT_KEPT},
    intake::{Intake, Intakes},
    messages::{AskFlush, Drain},
    wire::{Came, Wire},
};

const NO_SPACE: Reply = Reply::new(452, 3, 1, "No space for new mail at present; try again later");

/// What all connections of a listener share.
#[derive(Clone)]
pub struct Hall {
    /// The way in.
    pub door: Door,
    /// Who is asked for mail that waits.
    pub spooler: Recipient<AskFlush>,
    /// Where content goes.
    pub intakes: Intakes,
    /// How long is waited for what.
    pub patience: Patience,
    /// What time it is.
    pub clock: Clock,
}

/// Listens to the order to stop, for the dialogue.
pub struct Connection {
    stop: Option<oneshot::Sender<()>>,
    draining: Vec<oneshot::Sender<()>>,
}

impl Connection {
    /// Begins the dialogue in the context of its actor. `seat` is dropped when it is over.
    pub fn serve<S, G>(
        ctx: &mut Context<Self>,
        stream: S,
        session: Session,
        refusal: Option<Refusal>,
        hall: Hall,
        seat: G,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
        G: 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let span = info_span!("session", session = session.caller().session, client = ?session.peer().ip);
        let dialogue = Dialogue::new(Wire::new(stream, stopped), session, hall);
        let served = async move {
            dialogue.run(refusal).await;
            drop(seat);
        };
        let served = served.instrument(span);
        ctx.spawn(actix::fut::wrap_future::<_, Self>(served).map(|(), _, ctx| ctx.stop()));
        Connection { stop: Some(stop), draining: Vec::new() }
    }
}

impl Actor for Connection {
    type Context = Context<Self>;
}

impl Handler<Drain> for Connection {
    type Result = ();

    /// The answers are dropped with the actor.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.draining.push(answer);
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// The connection is over.
struct Over;

struct Dialogue<S> {
    wire: Wire<S>,
    session: Session,
    hall: Hall,
    intake: Option<Intake>,
    guests: SessionGuests,
    /// Sinks have seen the header of the mail that comes in.
    header_seen: bool,
    ends: Instant,
    drains_until: Option<Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    fn new(wire: Wire<S>, session: Session, hall: Hall) -> Self {
        let ends = Instant::now() + hall.patience.connection;
        let guests = SessionGuests::default();
        Dialogue { wire, session, hall, intake: None, guests, header_seen: false, ends, drains_until: None }
    }

    async fn run(mut self, refusal: Option<Refusal>) {
        let ip = self.session.peer().ip;
        debug!(client = ?ip, ?refusal, "connected");
        if let Some(refusal) = refusal {
            let reply = self.session.refuse(refusal);
            self.last_word(reply).await;
            self.wire.shut_down().await;
        } else {
            if self.greet().await.is_ok() {
                while self.turn().await.is_ok() {}
            }
            self.wire.shut_down().await;
            self.tell_of_the_end().await;
        }
        debug!(client = ?ip, "disconnected");
    }

    /// All that the octets at hand say, then the replies, then more octets.
    async fn turn(&mut self) -> Result<(), Over> {
        self.session.listen_to(self.hall.door.events().now().kinds().collect());
        while let Some(action) = self.session.step(&mut self.wire.input) {
            self.act(action).await?;
        }
        self.flush().await?;
        let phase = self.session.phase();
        if phase == Phase::Closed {
            return Err(Over);
        }
        let came = match phase {
            Phase::Command if self.wire.is_stopping() => Came::Stop,
            _ => {
                let limit = self.patience(phase);
                self.wire.read(limit, phase == Phase::Command).await
            }
        };
        self.came(came).await
    }

    async fn came(&mut self, came: Came) -> Result<(), Over> {
        let last = match came {
            Came::Octets => return Ok(()),
            Came::Timeout => Some(self.session.timed_out()),
            Came::Stop => Some(self.session.stopping()),
            Came::End | Came::Broken => {
                self.session.eof();
                None
            }
        };
        if let Some(reply) = last {
            self.last_word(reply).await;
        }
        Err(Over)
    }

    async fn act(&mut self, action: Action) -> Result<(), Over> {
        match action {
            Action::Reply(reply) => reply.write_to(&mut self.wire.output),
            Action::BeginContent { .. } => self.begin(),
            Action::Content(octets) => {
                self.keep(octets).await;
                if !self.header_seen && self.session.header_is_whole() {
                    Box::pin(self.show_header()).await?;
                }
            }
            Action::Flush(what) => self.ask_for(what).await,
            // Boxed: connections that wait for no sink have no room for one.
            Action::Ask(asked) => Box::pin(self.ask(*asked)).await?,
            Action::Oversize(mail) => Box::pin(self.weigh(*mail)).await?,
            Action::Abandon => self.intake = None,
            Action::Commit(arrival) => self.commit(*arrival).await?,
            Action::Close => {
                self.flush().await?;
                return Err(Over);
            }
            Action::StartTls => return Err(Over), // not offered yet
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.intake = Some(self.hall.intakes.begin());
        self.header_seen = !self.hall.door.events().has(Kind::EndOfHeaders);
    }

    async fn keep(&mut self, octets: Bytes) {
        let Some(intake) = &mut self.intake else { return };
        if let Err(error) = intake.add(&octets).await {
            warn!(session = self.session.mail_id(), %error, "content is refused");
            self.intake = None;
            self.session.refuse_content(unkept(&error));
        }
    }

    /// The spooler answers at once.
    async fn ask_for(&mut self, what: Flush) {
        let (answer, answered) = oneshot::channel();
        self.hall.spooler.do_send(AskFlush(what, answer));
        self.session.flushed(answered.await.unwrap_or(Flushed::Unable));
    }

    async fn flush(&mut self) -> Result<(), Over> {
        match self.wire.output.is_empty() {
            true => Ok(()),
            false => self.wire.flush(self.hall.patience.reply).await.map_err(|_| Over),
        }
    }

    async fn last_word(&mut self, reply: Reply) {
        reply.write_to(&mut self.wire.output);
        let _ = self.wire.flush(self.hall.patience.draining).await;
    }
}

fn unkept(error: &StagingError) -> Reply {
    match error {
        StagingError::NoSpace => NO_SPACE,
        _ => NOT_KEPT,
    }
}
