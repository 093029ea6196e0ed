//! Before and behind the dialogue: the greeting, and the last words that are no answer to anything.
//!
//! Rule: after a last word the session is closed, and nothing of it is pending.

use super::{replies, Refusal, Session, State};
use crate::{
    events::{DialogueEdits, Properties},
    Reply,
};

impl Session {
    /// The 220. Before it, `step` takes any octet for a client that talks out of turn.
    pub fn greeting(&mut self) -> Reply {
        if matches!(self.state, State::Silent) {
            self.state = State::Commands;
        }
        self.native_greeting()
    }

    /// What the greeting would be, before sinks are asked about it.
    pub fn native_greeting(&self) -> Reply {
        replies::greeting(&self.settings)
    }

    /// The greeting as sinks want it. The session is over behind it if they say so, and if it is none: see
    /// [`Session::phase`].
    pub fn greeted(&mut self, properties: Properties, edits: &DialogueEdits) -> Reply {
        self.properties = properties;
        let native = self.greeting();
        let reply = edits.applied_to(native);
        if edits.closes || !reply.is_positive() {
            self.end();
        }
        reply
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
}
