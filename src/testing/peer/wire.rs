//! Lines and octets in, replies out, in the manner that the peer was told.
//!
//! Rule: only CRLF ends a line.

use std::io;

use postrider_actors::clock::Clock;
use postrider_engine::Moment;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    time::sleep,
};

use super::{
    clerk::{Clerk, Order},
    dialogue::{Line, Speaker},
    manner::Manner,
    script::{Act, Step},
};

/// Octets of a line or of a mail that a peer takes; who sends more is cut.
pub const LONGEST: usize = 64 * 1024 * 1024;

/// The connection is over.
#[derive(Debug)]
pub(super) struct Closed;

impl From<io::Error> for Closed {
    fn from(_: io::Error) -> Self {
        Closed
    }
}

/// A connection of a peer.
pub(super) struct Wire<S> {
    stream: BufReader<S>,
    pub clerk: Clerk,
    pub clock: Clock,
    pub connection: u64,
    manner: Manner,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire<S> {
    pub fn new(stream: S, clerk: Clerk, clock: Clock, connection: u64) -> Self {
        Wire { stream: BufReader::new(stream), clerk, clock, connection, manner: Manner::default() }
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn note(&self, speaker: Speaker, text: &str) {
        self.clerk.tell(Order::Note(Line::new(self.now(), self.connection, speaker, text)));
    }

    /// What is to be done at this step, when its time has come.
    pub async fn act(&mut self, step: Step) -> Result<Act, Closed> {
        let (mut act, manner) = self.clerk.ask(|answer| Order::Step(step, answer)).ok_or(Closed)?;
        self.manner = manner;
        while let Act::Late(pause, then) = act {
            sleep(pause).await;
            act = *then;
        }
        Ok(act)
    }

    /// Does it; `usual` is what is said unless it is to be something else. Gives the code that was said.
    pub async fn answer(&mut self, act: Act, (code, text): (u16, &str)) -> Result<u16, Closed> {
        match act {
            Act::Say(code, text) => self.say(code, &text).await,
            Act::Cut | Act::CutAfter(_) => self.cut(),
            Act::Hang => self.hang().await,
            Act::Usual | Act::Late(..) => self.say(code, text).await,
        }
    }

    pub async fn say(&mut self, code: u16, text: &str) -> Result<u16, Closed> {
        let reply = self.manner.reply(code, text);
        if !self.manner.pause.is_zero() {
            sleep(self.manner.pause).await;
        }
        self.note(Speaker::Peer, &shown(&reply));
        match self.manner.drip {
            None => self.stream.write_all(reply.as_bytes()).await?,
            Some(pause) => {
                for octet in reply.as_bytes() {
                    self.stream.write_all(&[*octet]).await?;
                    self.stream.flush().await?;
                    sleep(pause).await;
                }
            }
        }
        self.stream.flush().await?;
        Ok(code)
    }

    pub fn cut<T>(&self) -> Result<T, Closed> {
        self.note(Speaker::Event, "the peer cuts the connection");
        Err(Closed)
    }

    async fn hang<T>(&mut self) -> Result<T, Closed> {
        self.note(Speaker::Event, "the peer is silent");
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).await? > 0 {}
        self.note(Speaker::Event, "the client is gone");
        Err(Closed)
    }

    /// The next line, with its CRLF.
    pub async fn line(&mut self) -> Result<Vec<u8>, Closed> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let room = (LONGEST - line.len()) as u64;
            if (&mut self.stream).take(room).read_until(b'\n', &mut line).await? == 0 {
                self.note(Speaker::Event, "the client is gone");
                return Err(Closed);
            }
        }
        Ok(line)
    }

    /// The next octets, exactly so many.
    pub async fn octets(&mut self, number: u64, into: &mut Vec<u8>) -> Result<(), Closed> {
        match (&mut self.stream).take(number).read_to_end(into).await? as u64 {
            read if read == number => Ok(()),
            _ => {
                self.note(Speaker::Event, "the client is gone");
                Err(Closed)
            }
        }
    }
}

/// A reply in one line, for the dialogue.
fn shown(reply: &str) -> String {
    let mut lines = reply.lines();
    let first = lines.next().unwrap_or_default();
    match lines.count() {
        0 => first.to_owned(),
        more => format!("{first} (and {more} more lines)"),
    }
}
