//! What a message is made of: the mail, and what sinks have made of it so far.
//!
//! Rule: what nobody may make of a mail is found here, whatever sink did it.

use super::{message::refusal, Caller};
use crate::{envelope::MOST_GENERATIONS, Draft, QueueId, RcptNo, Recipient, Reply, Token};

/// Mails that one stage may make of one.
const MOST_MADE: usize = 100;
/// Recipients that a stage may give a mail.
const MOST_RECIPIENTS: usize = 100_000;

/// What a message is made of, and what its sinks made of it: for whoever leads it past them.
#[derive(Clone, Debug)]
pub struct MessageParts {
    /// The mail.
    pub draft: Draft,
    /// Its number, after the commit.
    pub id: Option<QueueId>,
    /// The client whose mail it is, where there is one that waits for an answer.
    pub caller: Option<Caller>,
    /// Something of the draft may be other than it was.
    pub changed: bool,
    /// Recipients that were refused, and how.
    pub refused: Vec<(RcptNo, Reply)>,
    /// It is to be held from the end of the stage on, for this reason.
    pub held: Option<String>,
    /// Mails that were made of it.
    pub made: Vec<Draft>,
    pub(super) token: Token,
    /// Numbers of recipients below this one were given.
    given: u32,
    /// Those that it was for.
    was: Vec<RcptNo>,
}

impl MessageParts {
    /// A mail as it comes to a stage.
    pub fn new(draft: Draft, id: Option<QueueId>, caller: Option<Caller>) -> Self {
        let (token, given) = (draft.token(), draft.envelope.recipients.next_number());
        let (refused, made) = (Vec::new(), Vec::new());
        let was = draft.envelope.recipients.numbers().collect();
        MessageParts { draft, id, caller, changed: false, refused, held: None, made, token, given, was }
    }

    pub(super) fn flaw(&self, goes_on: bool) -> Option<&'static str> {
        let (recipients, was) = (self.draft.envelope.recipients.len(), &self.was);
        let is_anew = |no: RcptNo| no.0 < self.given && was.binary_search(&no).is_err();
        match () {
            () if !self.draft.is_of(&self.token) => Some("it put another mail in the place of the one it was given"),
            () if goes_on && recipients == 0 => {
                Some("it left the mail without a recipient: discard or reject it instead")
            }
            () if recipients > MOST_RECIPIENTS => Some("it gave the mail too many recipients"),
            () if self.draft.envelope.recipients.next_number() < self.given
                || self.draft.envelope.recipients.numbers().any(is_anew) =>
            {
                Some("it gave numbers of recipients again: add to the list instead of making another")
            }
            () if !self.made.is_empty() && self.draft.envelope.generation >= MOST_GENERATIONS => {
                Some("it made a mail of one that was made of one, and so on, too often")
            }
            () if self.made.len() > MOST_MADE => Some("it made too many mails of one"),
            () if self.made.iter().any(|made| made.envelope.recipients.is_empty()) => {
                Some("it made a mail without a recipient")
            }
            () => None,
        }
    }
}

impl MessageParts {
    pub(super) fn refuse(&mut self, no: RcptNo, reply: Reply) {
        let known = self.draft.envelope.recipients.get(no).is_some();
        if known && self.refused.iter().all(|(other, _)| *other != no) {
            self.refused.push((no, refusal(reply)));
        }
    }

    pub(super) fn fork(&mut self, who: &[RcptNo]) -> Option<Draft> {
        let whole = &mut self.draft.envelope.recipients;
        let away: Vec<Recipient> = who.iter().filter_map(|no| whole.remove(*no)).collect();
        let mut fork = Draft::new(self.draft.envelope.clone(), self.draft.content.clone());
        fork.envelope.recipients = away.into_iter().collect();
        self.changed = true;
        Some(fork).filter(|fork| !fork.envelope.recipients.is_empty())
    }
}
