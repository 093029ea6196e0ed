//! The SMTP server as a machine without I/O (RFC 5321), and the LMTP server (RFC 2033): octets in, actions out.
//!
//! Rule: however the octets are split, the actions are the same. What the client says is an envelope when the last
//! octet of its mail has come, and not before; each command gets exactly one reply, but for the end of content in LMTP.

mod action;
mod asking;
mod command;
mod commands;
mod content;
mod counted;
mod ends;
mod etrn;
mod header_text;
mod inspector;
mod line;
mod lmtp;
pub mod local;
mod path;
mod plan;
mod receiving;
mod replies;
mod scanner;
pub mod settings;
mod sizing;
#[cfg(test)]
mod tests;
mod xtext;

use std::{collections::VecDeque, sync::Arc};

use bytes::BytesMut;

pub use action::{Action, Arrival, Asked, Flushed, Phase, Refusal, Taken};
pub use counted::{Counted, CountedEnd};
pub use header_text::HeaderText;
pub use local::{Known, LocalRule, Locals};
pub use settings::{Limits, RelayPolicy, SessionSettings};

use crate::{
    events::{DialogueEdits, KindSet, Properties},
    Address, Envelope, Peer, RcptNo, Reply,
};
use asking::Ask;
use content::Content;
use lmtp::Answers;
pub(crate) use path::{envid, notify, orcpt, ret, split as path_and_parameters};
pub(crate) use replies::code_of_refusal;
use sizing::Sizing;

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
    /// Events that have sinks.
    listened: KindSet,
    /// What sinks left on the session.
    properties: Properties,
    /// What sinks want done with the reply that is due next.
    later: Option<Box<DialogueEdits>>,
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
    /// The last octet of a mail is there.
    Ending,
    /// Sinks are asked about a command.
    Consulting(Box<Ask>),
    /// Sinks are asked whether a mail may have so many octets.
    Sizing(u64, Box<Sizing>),
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
    /// It came out of order: it is dropped, and this is the reply, which may count.
    refused: Option<(Reply, bool)>,
}

/// A mail from MAIL to its end.
#[derive(Debug)]
struct Transaction {
    envelope: Envelope,
    declared: Option<u64>,
    /// A recipient was refused.
    some_refused: bool,
    /// In LMTP: those of whom the client was told 250, and is told again at the end.
    told: Vec<(RcptNo, Address)>,
    /// Octets that it may have.
    max: u64,
    /// It was found too big once, and nobody is asked about that again.
    weighed: bool,
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
            listened: KindSet::EMPTY,
            properties: Properties::default(),
            later: None,
        }
    }

    /// Takes what it understands out of `input` and gives the next action; `None` when it needs more octets, or waits
    /// for the caller (see [`Session::phase`]). Some octets may stay in `input` until more are there: append to them.
    pub fn step(&mut self, input: &mut BytesMut) -> Option<Action> {
        loop {
            if let Some(action) = self.pending.pop_front() {
                if matches!(action, Action::StartTls) {
                    // Who put commands behind STARTTLS put them into the clear: they are not the client's under TLS.
                    input.clear();
                }
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
                State::Ending => self.end_of_mail(),
                State::Consulting(_) | State::Sizing(..) | State::Committing(_) | State::Asking(_) => false,
                State::StartingTls | State::Closed => false,
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
            State::Opening | State::Data | State::Chunk(_) | State::Ending => Phase::Content,
            State::Consulting(_) | State::Sizing(..) => Phase::Consulting,
            State::Committing(_) => Phase::Committing,
            State::Asking(_) => Phase::Asking,
            State::StartingTls => Phase::StartingTls,
            State::Closed => Phase::Closed,
        }
    }

    /// The answer to `Commit`: the text that goes behind "queued as", or the refusal. The reply is the next action; in
    /// LMTP there is one for each recipient.
    pub fn committed(&mut self, outcome: Result<&str, Reply>) {
        self.settle(outcome.map(|id| Taken { id: Some(id), refused: &[] }));
    }

    /// The same, where sinks refused some of the recipients, or discarded the mail.
    pub fn taken(&mut self, taken: Taken<'_>) {
        self.settle(Ok(taken));
    }

    fn settle(&mut self, outcome: Result<Taken<'_>, Reply>) {
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

    /// The client, as far as it is known by now.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The id of the current or last mail: `<session>.<n>`.
    pub fn mail_id(&self) -> String {
        format!("{}.{}", self.id, self.mails)
    }

    /// What is known of the mail that is open.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.mail.as_ref().map(|mail| &mail.envelope)
    }

    /// The header of the content that has begun was handed on in whole; what is behind it may still come.
    pub fn header_is_whole(&self) -> bool {
        self.content().is_some_and(Content::header_is_whole)
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
