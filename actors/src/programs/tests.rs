//! One connection over a pipe, with time that stands still: what a program says, however badly, costs it alone.

use std::{cell::RefCell, future::Future, rc::Rc};

use postrider_engine::{
    program::MOST_UNDER_WAY, Address, BoxFuture, DeliveryStatus, Draft, KeyHash, Moment, QueueId, RcptNo, Staged,
    Staging, StagingError, TicketState,
};
use tokio::{
    io::{duplex, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf},
    sync::mpsc,
    task::LocalSet,
    time::Instant,
};

use super::*;
use crate::{
    budget::Budget,
    clerk::Posted,
    intake::StageFrom,
    messages::{MailOf, NoStatus},
    watching::StatusChange,
};

mod administering;
mod framing;
mod keeping;
mod limits;

type Teller = mpsc::Sender<StatusChange>;

/// Plays clerk and spooler.
#[derive(Default)]
struct Office {
    takes: Duration,
    posts: Rc<RefCell<Vec<Draft>>>,
    keys: Rc<RefCell<Vec<Option<KeyHash>>>>,
    /// Of each mail that is watched.
    changes: Rc<RefCell<Vec<Teller>>>,
}

impl Actor for Office {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0);
    }
}

impl Handler<Post> for Office {
    type Result = ();

    fn handle(&mut self, Post { draft, answer, terms }: Post, ctx: &mut Context<Self>) {
        self.keys.borrow_mut().push(terms.key);
        self.posts.borrow_mut().push(draft);
        let id = QueueId(self.posts.borrow().len() as u64);
        ctx.run_later(self.takes, move |_, _| drop(answer.send(Ok(Posted { id, repeated: false }))));
    }
}

impl Handler<AskStatus> for Office {
    type Result = ();

    /// Some mails are not there, or too much; the one with the number 5000 has so many recipients.
    fn handle(&mut self, AskStatus { id, watch, answer }: AskStatus, _: &mut Context<Self>) {
        let (tell, changes) = mpsc::channel(9);
        if watch {
            self.changes.borrow_mut().push(tell);
        }
        let address: Address = "bob@example.net".parse().unwrap();
        let many = if id == QueueId(5000) { 5000 } else { 1 };
        let recipients = (0..many).map(|no| (RcptNo(no), address.clone(), DeliveryStatus::Queued)).collect();
        let _ = match id {
            QueueId(0x404) => answer.send(Err(NoStatus::Forgotten)),
            QueueId(0x429) => answer.send(Err(NoStatus::Busy)),
            QueueId(0x500) => return, // it has failed
            _ => answer.send(Ok(MailOf { recipients, changes })),
        };
    }
}

impl Handler<Redeem> for Office {
    type Result = ();

    fn handle(&mut self, Redeem(_, answer): Redeem, _: &mut Context<Self>) {
        let _ = answer.send(Some(TicketState::Redeemed));
    }
}

struct NoStaging(StagingError);

impl Staging for NoStaging {
    fn begin(&self) -> BoxFuture<'static, Result<Box<dyn Staged>, StagingError>> {
        let error = self.0.clone();
        Box::pin(async { Err(error) })
    }
}

/// A program with its connection.
struct Program {
    write: WriteHalf<DuplexStream>,
    lines: BufReader<ReadHalf<DuplexStream>>,
    posts: Rc<RefCell<Vec<Draft>>>,
    keys: Rc<RefCell<Vec<Option<KeyHash>>>>,
    changes: Rc<RefCell<Vec<Teller>>>,
    stop: watch::Sender<bool>,
}

fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, test());
}

impl Program {
    /// The engine takes so long for a mail; the pipe has so much room.
    fn new(takes: Duration, room: usize) -> Program {
        Program::with(takes, room, Arc::new(NoStaging(StagingError::NoSpace)), 1 << 20)
    }

    /// From so many octets on content is staged there.
    fn with(takes: Duration, room: usize, staging: Arc<dyn Staging>, always: usize) -> Program {
        Program::of(Some(1000), Some(990), (takes, room, staging, always))
    }

    /// One of this user, at an engine of that one.
    fn of(
        user: Option<u32>,
        owner: Option<u32>,
        (takes, room, staging, always): (Duration, usize, Arc<dyn Staging>, usize),
    ) -> Program {
        let office = Office { takes, ..Office::default() };
        let (posts, keys, changes) = (Rc::clone(&office.posts), Rc::clone(&office.keys), Rc::clone(&office.changes));
        let office = office.start();
        let mut limits = Limits::default();
        (limits.message_size, limits.drain) = (1000, 500);
        let service = Service {
            clerk: office.clone().recipient(),
            statuses: office.clone().recipient(),
            tickets: office.recipient(),
            administration: administering::administration(owner),
            intakes: Intakes {
                budget: Budget::new(1 << 20),
                staging,
                stage_from: StageFrom { always, when_tight: always },
            },
            limits,
            host: "mail.example.org".into(),
            spool: 7,
            clock: Clock::following_tokio(Moment(1_795_156_274_000)),
        };
        let (near, far) = duplex(room);
        let stop = watch::Sender::new(false);
        actix_rt::spawn(talk(near, user, service, stop.subscribe()));
        let (read, write) = tokio::io::split(far);
        Program { write, lines: BufReader::new(read), posts, keys, changes, stop }
    }

    /// One who has heard the greeting.
    async fn greeted(takes: Duration) -> Program {
        let mut program = Program::new(takes, 1 << 16);
        assert!(program.next().await.starts_with(r#"{"is":"hello","protocol":1,"spool":"0000000000000007""#));
        program
    }

    async fn say(&mut self, text: &str) {
        self.write.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next line; empty: the connection is closed.
    async fn next(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    /// It has these words, and the connection is closed behind it.
    async fn last(&mut self, words: &str) {
        let line = self.next().await;
        assert!(line.contains(words), "{line}");
        assert_eq!(self.next().await, "");
    }
}

fn send(tag: u64, content: &str) -> String {
    send_said(tag, content, content.len())
}

fn send_said(tag: u64, content: &str, octets: usize) -> String {
    let to = r#"[{"address":"bob@example.net"}]"#;
    let head = format!(r#"{{"do":"send","tag":{tag},"from":"ann@example.org","to":{to},"octets":{octets}}}"#);
    format!("{head}\n{content}")
}

const MAIL: &str = "Subject: hi\n\nhello\n";
const SECOND: Duration = Duration::from_secs(1);
