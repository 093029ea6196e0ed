//! What a program asks for, and how a line is told apart from the content that follows it.
//!
//! Rule: how many octets follow a line is read before anything else, also of a request that nobody knows. Only where that
//! cannot be read the stream is out of step.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    admin::{self, AdminRequest},
    as_text, is_default, Code, Problem,
};
use crate::{QueueId, Ticket};

/// A line of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Request {
    /// Send the mail whose content follows.
    Send(Box<SendRequest>),
    /// Send the mail of a ticket.
    Redeem {
        /// Names this request in its answers.
        tag: u64,
        /// As it was given.
        ticket: Ticket,
    },
    /// How do the recipients of this mail stand?
    Status {
        /// Names this request in its answers.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
    },
    /// The same, and what becomes of them, until all are at their end.
    Watch {
        /// Names this request in its answers.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
    },
    /// Watch no more. It has no answer of its own: that of `watch` ends.
    Stop {
        /// The tag of the request that watches.
        tag: u64,
    },
    /// Is the engine there?
    Ping {
        /// Names this request in its answers.
        tag: u64,
    },
    /// What an operator asks.
    #[serde(skip_deserializing, untagged)]
    Admin(AdminRequest),
}

/// The kind of content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyKind {
    /// Lines; whether they are ASCII is found out.
    #[default]
    #[serde(rename = "lines", alias = "7bit", alias = "8bit")]
    Lines,
    /// Any octets, which go to hosts with BINARYMIME only (RFC 3030).
    #[serde(rename = "binary")]
    Binary,
}

/// How much of the mail a report returns (RFC 3461, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnWhat {
    /// All of it.
    Full,
    /// Its header.
    Headers,
}

/// How urgent it is to the queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody waits for it.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Somebody sits there and waits.
    High,
}

/// When the sender is told (RFC 3461, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyOn {
    /// It has the mail.
    Success,
    /// It never will have it.
    Failure,
    /// It takes long.
    Delay,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct To {
    /// Without brackets and name.
    pub address: String,
    /// When the sender is told; an empty list: never. `None`: failure, and delay if the engine wishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<NotifyOn>>,
    /// The original recipient, encoded as in SMTP: `rfc822;bob@example.net` (RFC 3461, 4.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orcpt: Option<String>,
}

/// The envelope of a mail, and how it is to be sent. Its content follows the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendRequest {
    /// Names this request in its answers.
    pub tag: u64,
    /// The sender; null: the null one. It has to be said.
    #[serde(deserialize_with = "said")]
    pub from: Option<String>,
    /// The recipients.
    pub to: Vec<To>,
    /// Octets of content that follow the line.
    pub octets: u64,
    /// What kind of content.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: BodyKind,
    /// Addresses or fields may be UTF-8 (RFC 6531). Where they are, it is true whatever is said here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub smtputf8: bool,
    /// How much of it a report returns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ret: Option<ReturnWhat>,
    /// The sender's name for it, as xtext (RFC 3461, 4.4).
    #[serde(default, skip_serializing_if = "is_default")]
    pub envid: Option<String>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: Priority,
    /// Not to be delivered before: milliseconds since 1970.
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_before: Option<u64>,
    /// Not to be tried any more from then on: milliseconds since 1970.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expires: Option<u64>,
    /// Under the same key it is sent once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key: Option<String>,
    /// The same as what is kept of it: the first 16 octets of its SHA-256, in hexadecimal.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key_hash: Option<String>,
    /// It waits for its ticket.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prepared: bool,
    /// It is answered when it is written, not when it is synced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub buffered: bool,
    /// If too much is under way, the answer is that.
    #[serde(default, skip_serializing_if = "is_default")]
    pub or_busy: bool,
}

/// It may be null, and has to be there.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(from)
}

/// A line that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framed {
    /// Octets that follow it, whatever it asks for.
    pub octets: u64,
    /// What it asks for.
    pub request: Result<Request, Problem>,
}

/// What every line says.
#[derive(Deserialize)]
struct Frame {
    tag: Option<u64>,
    #[serde(default)]
    octets: u64,
    #[serde(rename = "do")]
    what: Option<String>,
}

/// All that this version knows, but for what operators ask; a test compares.
const KNOWN: [&str; 6] = ["send", "redeem", "status", "watch", "stop", "ping"];

impl Request {
    /// Reads a line, with or without its LF.
    ///
    /// # Errors
    /// Nobody knows how many octets follow it: the connection is to be closed.
    pub fn parse(line: &[u8]) -> Result<Framed, Problem> {
        let frame: Frame = serde_json::from_slice(line).map_err(|error| {
            Problem::new(Code::BadLine, format_args!("a request is one line of JSON with do, tag and octets: {error}"))
        })?;
        let request = match frame.what.as_deref() {
            _ if frame.tag.is_none() => {
                Err(Problem::new(Code::BadRequest, "tag is missing: give each request a number"))
            }
            None => Err(Problem::new(Code::BadRequest, "do is missing: say what is to be done")),
            Some(what) if admin::is_known(what) => {
                let asked = serde_json::from_slice(line).map(Request::Admin);
                asked.map_err(|error| Problem::new(Code::BadRequest, error))
            }
            Some(what) if !KNOWN.contains(&what) => {
                let all = [&KNOWN[..], &admin::KNOWN].concat().join(", ");
                Err(Problem::new(Code::UnknownRequest, format_args!("there is no such request; there are {all}")))
            }
            Some(_) => serde_json::from_slice(line).map_err(|error| Problem::new(Code::BadRequest, error)),
        };
        Ok(Framed { octets: frame.octets, request: request.map_err(|problem| problem.of(frame.tag)) })
    }

    /// The number that names it.
    pub fn tag(&self) -> u64 {
        match self {
            Request::Send(send) => send.tag,
            Request::Redeem { tag, .. } | Request::Status { tag, .. } | Request::Watch { tag, .. } => *tag,
            Request::Stop { tag } | Request::Ping { tag } => *tag,
            Request::Admin(request) => request.tag(),
        }
    }
}
