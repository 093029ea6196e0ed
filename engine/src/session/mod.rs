//! The SMTP server as a machine without I/O (RFC 5321), and the LMTP server (RFC 2033): octets in, actions out.
//!
//! Rule: however the octets are split, the actions are the same. What the client says is an envelope when the last
//! octet of its mail has come, and not before; each command gets exactly one reply, but for the end of content in LMTP.

mod action;
mod command;
mod commands;
mod content;
mod etrn;
mod inspector;
mod line;
mod lmtp;
pub mod local;
mod path;
mod receiving;
mod replies;
mod scanner;
pub mod settings;
#[cfg(test)]
mod tests;
mod xtext;

use std::{collections::VecDeque, sync::Arc};

use bytes::BytesMut;

pub use action::{Action, Arrival, Flushed, Phase, Refusal};
pub use local::{Known, LocalRule, Locals};
pub use settings::{Limits, RelayPolicy, SessionSettings};

use crate::{Envelope, Peer, Reply};
use content::Content;
use lmtp::Answers;

/// One connection's dialogue.
#[derive(Debug)]
pub struct Session {
    settings: Arc<SessionSettings>,
    id: String,
    peer: Peer,
    /// Its bare newlines are mended.
    lenient: bool,
    state: State,
    mail: Option<Transaction>,
    mails: u32,
    /// The last MAIL was refused: what was sent along with it is out of order through no fault of its own.
    mail_refused: bool,
    errors: u32,
    pending: VecDeque<Action>,
}

#[derive(Debug)]
enum State {
    Silent,
    Commands,
    /// The rest of a refused command line; so many octets of it were dropped.
    Skipping(usize),
    /// DATA was accepted; the caller hears of it before the client does.
    Opening,
    Data,
    Chunk(Chunk),
    /// The caller has a whole mail; these hear what becomes of it.
    Committing(Answers),
    /// Mail for this node was asked for.
    Asking(Box<str>),
    StartingTls,
    Closed,
}

/// A chunk on its way.
#[derive(Debug)]
struct Chunk {
    size: u64,
    left: u64,
    last: bool,
    /// It came out of order: it is dropped, and this is the reply.
    refused: Option<Reply>,
}

/// A mail from MAIL to its end.
#[derive(Debug)]
struct Transaction {
    envelope: Envelope,
    declared: Option<u64>,
    /// A recipient was refused.
    some_refused: bool,
    content: Option<Content>,
}

impl Session {
    /// A session that has not greeted. `id` is a short text of letters, digits, `-` and `.`, never used twice.
    pub fn new(settings: Arc<SessionSettings>, peer: Peer, id: impl Into<String>) -> Self {
        let lenient = settings::holds(&settings.bare_newlines_from, peer.ip);
        Session {
            settings,
            id: id.into(),
            peer,
            lenient,
            state: State::Silent,
            mail: None,
            mails: 0,
            mail_refused: false,
            errors: 0,
            pending: VecDeque::new(),
        }
    }

    /// The 220. Before it, `step` takes any octet for a client that talks out of turn.
    pub fn greeting(&mut self) -> Reply {
        if matches!(self.state, State::Silent) {
            self.state = State::Commands;
        }
        replies::greeting(&self.settings)
    }

    /// In place of the greeting: the reply to a connection that is not served, and then it is closed.
    pub fn refuse(&mut self, reason: Refusal) -> Reply {
        self.state = State::Closed;
        match reason {
            Refusal::Busy => replies::BUSY,
            Refusal::TooManyFromNetwork => replies::TOO_MANY_OF_YOURS,
            Refusal::Stopping => replies::STOPPING,
            Refusal::NotServed => replies::NO_SERVICE,
        }
    }

    /// Takes what it understands out of `input` and gives the next action; `None` when it needs more octets, or waits
    /// for the caller (see [`Session::phase`]). Some octets may stay in `input` until more are there: append to them.
    pub fn step(&mut self, input: &mut BytesMut) -> Option<Action> {
        loop {
            if let Some(action) = self.pending.pop_front() {
                return Some(action);
            }
            let goes_on = match self.state {
                State::Silent if input.is_empty() => false,
                State::Silent => self.close(replies::TALKED_FIRST),
                State::Commands => self.read_command(input),
                State::Skipping(skipped) => self.skip(skipped, input),
                State::Opening => self.open_data(),
                State::Data => self.read_data(input),
                State::Chunk(_) => self.read_chunk(input),
                State::Committing(_) | State::Asking(_) | State::StartingTls | State::Closed => false,
            };
            if !goes_on {
                return None;
            }
        }
    }

    /// What it waits for.
    pub fn phase(&self) -> Phase {
        let refused = self.content().is_some_and(Content::is_refused);
        match &self.state {
            State::Silent => Phase::Greeting,
            State::Commands => Phase::Command,
            State::Skipping(_) => Phase::Draining,
            State::Chunk(chunk) if chunk.refused.is_some() => Phase::Draining,
            State::Data | State::Chunk(_) if refused => Phase::Draining,
            State::Opening | State::Data | State::Chunk(_) => Phase::Content,
            State::Committing(_) => Phase::Committing,
            State::Asking(_) => Phase::Asking,
            State::StartingTls => Phase::StartingTls,
            State::Closed => Phase::Closed,
        }
    }

    /// The answer to `Commit`: the text that goes behind "queued as", or the refusal. The reply is the next action; in
    /// LMTP there is one for each recipient.
    pub fn committed(&mut self, outcome: Result<&str, Reply>) {
        if !matches!(self.state, State::Committing(_)) {
            return;
        }
        if let State::Committing(answers) = std::mem::replace(&mut self.state, State::Commands) {
            self.pending.extend(answers.of(outcome).map(Action::Reply));
        }
    }

    /// The caller can not keep the content that has begun (no space, no budget): the rest is drained and this 4xx or
    /// 5xx is the reply at its end, or in place of the 354. No `Abandon` follows: the caller knows.
    pub fn refuse_content(&mut self, reply: Reply) {
        if let Some(content) = self.mail.as_mut().and_then(|mail| mail.content.as_mut()) {
            content.refuse(reply);
        }
    }

    /// TLS was made: the client begins anew (RFC 3207, 4.2). The text names protocol and cipher.
    pub fn tls_started(&mut self, protocol: impl Into<String>) {
        if matches!(self.state, State::StartingTls) {
            self.peer.tls = Some(protocol.into());
            self.peer.helo = None;
            self.peer.extended = false;
            self.state = State::Commands;
        }
    }

    /// The time for the current phase is over: the last reply; the caller drops any content and closes.
    pub fn timed_out(&mut self) -> Reply {
        self.end();
        replies::TIMED_OUT
    }

    /// The server stops: the last reply; the caller drops any content and closes. Not while a commit is out.
    pub fn stopping(&mut self) -> Reply {
        self.end();
        replies::STOPPING
    }

    /// The client is gone. `true`: content had begun, and the caller drops it.
    pub fn eof(&mut self) -> bool {
        let begun = self.content().is_some() && !matches!(self.state, State::Committing(_));
        self.end();
        begun
    }

    /// The client, as far as it is known by now.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The id of the current or last mail: `<session>.<n>`.
    pub fn mail_id(&self) -> String {
        format!("{}.{}", self.id, self.mails)
    }

    fn content(&self) -> Option<&Content> {
        self.mail.as_ref()?.content.as_ref()
    }

    fn end(&mut self) {
        self.state = State::Closed;
        self.mail = None;
        self.pending.clear();
    }

    /// Says a last word. What came of a mail is dropped.
    fn close(&mut self, reply: Reply) -> bool {
        self.drop_mail();
        self.pending.push_back(Action::Reply(reply));
        self.pending.push_back(Action::Close);
        self.state = State::Closed;
        true
    }

    fn reply(&mut self, reply: Reply) {
        self.pending.push_back(Action::Reply(reply));
    }

    /// Forgets the mail that is open, if any.
    fn drop_mail(&mut self) {
        self.abandon();
        self.mail = None;
    }

    /// Tells the caller once that the content is dropped.
    fn abandon(&mut self) {
        let content = self.mail.as_mut().and_then(|mail| mail.content.as_mut());
        if content.is_some_and(Content::abandon) {
            self.pending.push_back(Action::Abandon);
        }
    }
}
