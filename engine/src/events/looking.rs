//! A mail that is still coming in: its envelope and its header, to be looked at.
//!
//! Rule: nothing can be changed yet, because the rest of the content follows; it can be refused, and then the rest is read
//! and dropped.

use std::marker::PhantomData;

use super::{sealed::Sealed, Caller, EndOfHeaders, Event, Given, Properties, Turn, Verdict};
use crate::{Content, Draft, Envelope, Reply, Subject, Token};

/// A mail whose header is there.
#[derive(Debug)]
pub struct Looking<E> {
    draft: Draft,
    caller: Caller,
    refusal: Option<Reply>,
    closes: bool,
    token: Token,
    event: PhantomData<E>,
}

impl<E> Sealed for Looking<E> {}

impl<E: Event> Given for Looking<E> {
    fn subject(&self) -> Subject<'_> {
        let envelope = &self.draft.envelope;
        Subject {
            sender: Some(envelope.sender.as_ref()),
            recipients: (&envelope.recipients).into(),
            header: Some(&self.draft.content),
            ..self.caller.subject()
        }
    }

    fn spare(&self) -> Self {
        Looking {
            draft: self.draft.clone(),
            caller: self.caller.clone(),
            refusal: self.refusal.clone(),
            closes: self.closes,
            token: self.token.clone(),
            event: PhantomData,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

impl Looking<EndOfHeaders> {
    /// For whoever has the session. The content is the header.
    pub fn new(draft: Draft, caller: Caller) -> Self {
        let token = draft.token();
        Looking { draft, caller, refusal: None, closes: false, token, event: PhantomData }
    }

    /// The session, why the mail is refused, and whether the session ends: for whoever has it.
    pub fn into_parts(self) -> (Caller, Option<Reply>, bool) {
        (self.caller, self.refusal, self.closes)
    }

    /// Who sends it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What sinks leave on the session.
    pub fn properties_mut(&mut self) -> &mut Properties {
        &mut self.caller.properties
    }

    /// What SMTP says about it.
    pub fn envelope(&self) -> &Envelope {
        &self.draft.envelope
    }

    /// Its header.
    pub fn header(&self) -> &Content {
        &self.draft.content
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<EndOfHeaders> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<EndOfHeaders> {
        Verdict::new(self, Turn::SkipRest)
    }

    /// Refuses the mail, with a 4xx or 5xx: its body is read and dropped, and the client gets this reply at its end.
    pub fn reject(mut self, reply: Reply) -> Verdict<EndOfHeaders> {
        self.refusal = Some(super::message::refusal(reply));
        Verdict::new(self, Turn::SkipRest)
    }

    /// Ends the session at once, without reading the body: the client gets this reply, if it listens.
    pub fn drop_session(mut self, reply: Reply) -> Verdict<EndOfHeaders> {
        (self.refusal, self.closes) = (Some(super::message::refusal(reply)), true);
        Verdict::new(self, Turn::SkipRest)
    }
}
