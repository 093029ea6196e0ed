//! Clients over real sockets: they hand mails in, hang up in the middle of some, and try again with what was refused.
//!
//! Rule: each attempt is written down with what the client knows of its end, and with the bindings that may have been in
//! force while it was under way.

use std::{
    io,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    mail::{draw, AttemptId},
    versions::Clock,
};

/// An answer that takes longer than this is one that never comes.
const PATIENCE: Duration = Duration::from_secs(20);
/// After so many refusals in a row something else is wrong.
const MOST_ATTEMPTS: u32 = 30;
/// Mails over one connection.
const MAILS_A_SESSION: u64 = 8;

/// What a client knows of the end of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It heard 250.
    Taken,
    /// It heard no, and has the mail.
    Refused,
    /// It hung up before the final dot.
    BrokenOff,
    /// It hung up behind the final dot: they may have it.
    InDoubt,
    /// It waited, and no answer came.
    Unanswered(String),
}

/// One attempt, and its end.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub ended: Ended,
    /// The bindings that were in force when its final dot was sent, by version.
    pub from: usize,
    /// The last that can have been in force when it was answered.
    pub to: usize,
}

/// What the clients share: they are on one thread.
pub struct Work {
    pub server: SocketAddr,
    pub clock: Clock,
    pub mails: usize,
    pub until: Instant,
    pub next: std::cell::Cell<usize>,
}

/// Where a client hangs up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HangsUp {
    Never,
    InData,
    AfterDot,
}

impl HangsUp {
    /// First attempts only, or some mails would never come through.
    fn of(id: AttemptId) -> Self {
        match draw(100, (id.mail, "hangs up")) {
            0..4 if id.attempt == 0 => HangsUp::InData,
            4..10 if id.attempt == 0 => HangsUp::AfterDot,
            _ => HangsUp::Never,
        }
    }
}

/// One client: it takes mails until there are no more, and says what became of each attempt.
pub async fn hand_in(work: Rc<Work>) -> Vec<Attempt> {
    let (mut attempts, mut session) = (Vec::new(), None);
    loop {
        let mail = work.next.get();
        if mail >= work.mails || Instant::now() > work.until {
            return attempts;
        }
        work.next.set(mail + 1);
        for attempt in 0..MOST_ATTEMPTS {
            let done = one(&work, AttemptId { mail, attempt }, &mut session).await;
            let again = matches!(done.ended, Ended::Refused | Ended::BrokenOff | Ended::InDoubt);
            attempts.push(done);
            if !again {
                break;
            }
            sleep(Duration::from_millis(draw(40, (mail, attempt, "waits")))).await;
        }
        if draw(MAILS_A_SESSION, (mail, "leaves")) == 0 {
            session = None;
        }
    }
}

async fn one(work: &Work, id: AttemptId, kept: &mut Option<Session>) -> Attempt {
    let mut from = work.clock.in_force();
    let ended = match timeout(PATIENCE, attempt(work, id, kept, &mut from)).await {
        Ok(Ok(ended)) => ended,
        Ok(Err((dot, why))) => match dot {
            true => Ended::Unanswered(why.to_string()),
            false => Ended::BrokenOff,
        },
        Err(_) => Ended::Unanswered("no answer came in time".into()),
    };
    if !matches!(ended, Ended::Taken | Ended::Refused) {
        *kept = None;
    }
    let to = if ended == Ended::InDoubt { usize::MAX } else { work.clock.begun() };
    Attempt { id, ended, from, to }
}

/// Whether the dot was sent, and what went wrong then.
type Broken = (bool, io::Error);

async fn attempt(work: &Work, id: AttemptId, kept: &mut Option<Session>, from: &mut usize) -> Result<Ended, Broken> {
    let before = |error| (false, error);
    let mut session = match kept.take() {
        Some(session) => session,
        None => Session::open(work.server).await.map_err(before)?,
    };
    if !session.envelope(id).await.map_err(before)? {
        return Ok(Ended::Refused);
    }
    let (wire, hangs_up) = (stuffed(&id.content()), HangsUp::of(id));
    if hangs_up == HangsUp::InData {
        session.say(&wire[..wire.len() / 2]).await.map_err(before)?;
        return Ok(Ended::BrokenOff);
    }
    session.say(&wire).await.map_err(before)?;
    *from = work.clock.in_force();
    session.say(b".\r\n").await.map_err(|error| (true, error))?;
    if hangs_up == HangsUp::AfterDot {
        sleep(Duration::from_millis(draw(30, (id.mail, "lingers")))).await;
        return Ok(Ended::InDoubt);
    }
    let reply = session.reply().await.map_err(|error| (true, error))?;
    *kept = Some(session);
    Ok(if reply.starts_with('2') { Ended::Taken } else { Ended::Refused })
}

/// One connection.
struct Session(BufReader<TcpStream>);

impl Session {
    async fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let mut session = Session(BufReader::new(stream));
        session.reply().await?;
        session.say(b"EHLO client.example\r\n").await?;
        session.reply().await?;
        Ok(session)
    }

    /// `false`: it is refused.
    async fn envelope(&mut self, id: AttemptId) -> io::Result<bool> {
        let to = id.recipients();
        let mut said = format!("RSET\r\nMAIL FROM:<{id}@from.example>\r\n");
        to.iter().for_each(|to| said.push_str(&format!("RCPT TO:<{to}>\r\n")));
        said.push_str("DATA\r\n");
        self.say(said.as_bytes()).await?;
        let mut last = String::new();
        for _ in 0..to.len() + 3 {
            last = self.reply().await?;
        }
        Ok(last.starts_with("354"))
    }

    async fn say(&mut self, octets: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(octets).await
    }

    /// The last line of a reply.
    async fn reply(&mut self) -> io::Result<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }
}

fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(content.len() + 64);
    for line in content.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    wire
}
