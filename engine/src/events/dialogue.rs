//! The client's dialogue as its sinks see it: who calls, and the events that are no command.
//!
//! Rule: a sink answers for its session only. What the service would say stays readable; one reply is sent.

use std::marker::PhantomData;

use super::{sealed::Sealed, Connect, Disconnect, Event, Given, Properties, Turn, Verdict};
use crate::{Door, Peer, Reply, Subject, Token};

/// The client of a session.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The session: the first part of the ids of its mails.
    pub session: String,
    /// Who it is, as far as is known by now.
    pub peer: Peer,
    /// What is spoken with it.
    pub door: Door,
    /// What sinks left on the session. They end with it.
    pub properties: Properties,
}

impl Caller {
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject { peer: Some(&self.peer), door: Some(self.door), ..Subject::default() }
    }
}

/// What sinks want done with the dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialogueEdits {
    /// Said in the place of the service's reply.
    pub reply: Option<Reply>,
    /// Lines behind the reply.
    pub appended: Vec<String>,
    /// The session ends after the reply.
    pub closes: bool,
}

/// Lines that may be appended to one reply.
const MOST_APPENDED: usize = 20;

impl DialogueEdits {
    pub(super) fn append(&mut self, line: String) {
        let clean = !line.chars().any(char::is_control);
        if clean && self.appended.len() < MOST_APPENDED {
            self.appended.push(line);
        }
    }

    /// The reply that is sent, where the service would send this one.
    pub fn applied_to(&self, native: Reply) -> Reply {
        let reply = self.reply.clone().unwrap_or(native);
        match self.appended.is_empty() {
            true => reply,
            false => {
                let text = format!("{}\n{}", reply.text, self.appended.join("\n"));
                reply.with_text(text)
            }
        }
    }
}

/// An event of the dialogue that is no command.
pub trait TalkEvent: Event<Given = Talk<Self>> {}

impl TalkEvent for Connect {}
impl TalkEvent for Disconnect {}

/// A client that has come, or has gone.
#[derive(Debug)]
pub struct Talk<E: TalkEvent> {
    caller: Caller,
    native: Option<Reply>,
    edits: DialogueEdits,
    token: Token,
    event: PhantomData<E>,
}

impl<E: TalkEvent> Sealed for Talk<E> {}

impl<E: TalkEvent> Given for Talk<E> {
    fn subject(&self) -> Subject<'_> {
        self.caller.subject()
    }

    fn spare(&self) -> Self {
        Talk {
            caller: self.caller.clone(),
            native: self.native.clone(),
            edits: self.edits.clone(),
            token: self.token.clone(),
            event: PhantomData,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

impl<E: TalkEvent> Talk<E> {
    /// For whoever has the session. `native` is the greeting, where one is due.
    pub fn new(caller: Caller, native: Option<Reply>) -> Self {
        Talk { caller, native, edits: DialogueEdits::default(), token: Token::default(), event: PhantomData }
    }

    /// What became of it: for whoever has the session.
    pub fn into_parts(self) -> (Caller, DialogueEdits) {
        (self.caller, self.edits)
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What sinks leave on the session.
    pub fn properties_mut(&mut self) -> &mut Properties {
        &mut self.caller.properties
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<E> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<E> {
        Verdict::new(self, Turn::SkipRest)
    }
}

impl Talk<Connect> {
    /// The greeting that the service would give.
    pub fn native(&self) -> Option<&Reply> {
        self.native.as_ref()
    }

    /// Does not serve this client: it gets the reply (554 or 421 as a rule), and the session ends.
    pub fn refuse(mut self, reply: Reply) -> Verdict<Connect> {
        self.edits.reply = Some(reply);
        self.edits.closes = true;
        Verdict::new(self, Turn::SkipRest)
    }

    /// Adds a line to the greeting.
    pub fn append(&mut self, line: impl Into<String>) {
        self.edits.append(line.into());
    }
}
