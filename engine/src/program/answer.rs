//! What the engine says: a greeting, answers with the tag of their request, and a last word.

use serde::{Deserialize, Serialize};

use super::{admin::AdminAnswer, as_text, Problem, ProgramStatus};
use crate::{Address, QueueId, Ticket};

/// The greeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// What is spoken: [`PROTOCOL`](super::PROTOCOL).
    pub protocol: u32,
    /// The number of the spool: 16 digits of hexadecimal, as in its tickets.
    pub spool: String,
    /// The name of the engine's host.
    pub host: String,
    /// Octets of a mail.
    pub max_octets: u64,
    /// Recipients of a mail.
    pub max_recipients: usize,
    /// Octets of a line with its LF.
    pub max_line: usize,
}

impl Hello {
    /// The number of the spool, if it is one.
    pub fn spool_number(&self) -> Option<u64> {
        u64::from_str_radix(&self.spool, 16).ok()
    }
}

/// A line of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// The first line.
    Hello(Hello),
    /// The mail is on disk.
    Sent {
        /// Of which request.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
        /// It was there before, under the same key.
        repeated: bool,
        /// Its ticket, if it was to be prepared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<Ticket>,
    },
    /// It is on disk that the mail of the ticket is sent.
    Redeemed {
        /// Of which request.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
    },
    /// How a recipient of the mail stands.
    Recipient {
        /// Of which request.
        tag: u64,
        /// Its number within the mail.
        number: u32,
        /// Its address.
        #[serde(with = "as_text")]
        address: Address,
        /// How it stands.
        status: ProgramStatus,
    },
    /// All recipients have been named. Of `status` it is the last line.
    Listed {
        /// Of which request.
        tag: u64,
        /// How many there are.
        recipients: usize,
    },
    /// A recipient stands otherwise now.
    Changed {
        /// Of which request.
        tag: u64,
        /// Its number within the mail.
        number: u32,
        /// How it stands.
        status: ProgramStatus,
    },
    /// The last line of `watch`.
    Over {
        /// Of which request.
        tag: u64,
        /// All recipients are at their end.
        complete: bool,
    },
    /// The engine is there.
    Pong {
        /// Of which request.
        tag: u64,
    },
    /// The request was not done.
    Error(Problem),
    /// The last line: the engine stops. A request without an answer was not done, and nothing of it was taken.
    Bye {
        /// For people.
        text: String,
    },
    /// What an operator hears.
    #[serde(skip_deserializing, untagged)]
    Admin(AdminAnswer),
}

impl Answer {
    /// Of which request it is; `None`: of none.
    pub fn tag(&self) -> Option<u64> {
        match self {
            Answer::Hello(_) | Answer::Bye { .. } => None,
            Answer::Error(problem) => problem.tag,
            Answer::Sent { tag, .. } | Answer::Redeemed { tag, .. } | Answer::Recipient { tag, .. } => Some(*tag),
            Answer::Listed { tag, .. } | Answer::Changed { tag, .. } | Answer::Over { tag, .. } => Some(*tag),
            Answer::Pong { tag } => Some(*tag),
            Answer::Admin(answer) => Some(answer.tag()),
        }
    }

    /// Reads a line; `None`: it is no answer of this version.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let usual = || serde_json::from_slice(line).ok();
        usual().or_else(|| serde_json::from_slice(line).ok().map(Answer::Admin))
    }
}

impl From<AdminAnswer> for Answer {
    fn from(answer: AdminAnswer) -> Self {
        Answer::Admin(answer)
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        Answer::Error(problem)
    }
}
