//! Why a request was not done: a code that stays the same, whether it is worth another try, and a text for people.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cut;
use crate::{Enhanced, Reply};

/// What kind of problem it is. New ones may be added; who does not know a code goes by `temporary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// A line is no JSON object, or does not say how it goes on. The connection is closed.
    BadLine,
    /// A line is longer than `max_line`. The connection is closed.
    LineTooLong,
    /// The request lacks something, or has something that it should not have.
    BadRequest,
    /// There is no such request in this version.
    UnknownRequest,
    /// A text is no address.
    BadAddress,
    /// It is for nobody.
    NoRecipient,
    /// It is for more than `max_recipients`.
    TooManyRecipients,
    /// It would expire before it may be delivered.
    Expired,
    /// It is far above `max_octets`. The connection is closed.
    TooLarge,
    /// The mail is refused with a reply, by a sink or for what its content is.
    Rejected,
    /// A sink has taken it out: it is not sent, and is not to be sent again.
    Discarded,
    /// There is no space for new mail.
    NoSpace,
    /// As much is under way as may be, and waiting was not wanted; or as many mails are watched as may be.
    Busy,
    /// As many keys and tickets are remembered as may be.
    TooManyKeys,
    /// The ticket was not redeemed in time: its mail is not sent, now or ever.
    TicketExpired,
    /// The ticket is of another spool.
    OtherSpool,
    /// Nothing is known of the mail any more.
    Forgotten,
    /// The engine stops. Nothing was taken.
    Stopping,
    /// The engine has failed: whether the mail was taken nobody knows.
    Failed,
    /// The rest of a request did not come in time. The connection is closed.
    TooSlow,
    /// There are too many connections. This one is closed.
    TooManyConnections,
    /// Whoever asks may not.
    NotPermitted,
    /// The mail is not held, or there is no such mail.
    NotHeld,
    /// No sink is bound under this id, or it may not be changed so.
    NoSuchSink,
    /// One that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// The same request may be done later.
    pub fn is_temporary(self) -> bool {
        use Code::{Busy, Failed, NoSpace, Stopping, TooManyConnections, TooManyKeys, TooSlow};
        matches!(self, Busy | Failed | NoSpace | Stopping | TooManyConnections | TooManyKeys | TooSlow)
    }

    /// The connection is closed behind this answer: nobody knows where the next request begins, or there is no room.
    pub fn closes(self) -> bool {
        use Code::{BadLine, LineTooLong, TooLarge, TooManyConnections, TooSlow};
        matches!(self, BadLine | LineTooLong | TooLarge | TooManyConnections | TooSlow)
    }
}

/// A reply of SMTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramReply {
    /// 200 to 599.
    pub code: u16,
    /// As in `[5, 1, 1]` (RFC 3463).
    pub enhanced: Option<(u8, u16, u16)>,
    /// A line per `\n`.
    pub text: String,
}

impl From<&Reply> for ProgramReply {
    fn from(reply: &Reply) -> Self {
        let enhanced = reply.enhanced.map(|Enhanced(class, subject, detail)| (class, subject, detail));
        ProgramReply { code: reply.code, enhanced, text: cut(&reply.text).to_owned() }
    }
}

impl From<ProgramReply> for Reply {
    fn from(reply: ProgramReply) -> Self {
        let enhanced = reply.enhanced.map(|(class, subject, detail)| Enhanced(class, subject, detail));
        Reply { code: reply.code, enhanced, text: reply.text.into() }
    }
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The tag of the request; `None`: it concerns the connection, or the request has none.
    pub tag: Option<u64>,
    /// What kind of problem it is.
    pub code: Code,
    /// The same request may be done later.
    pub temporary: bool,
    /// For people.
    pub text: String,
    /// The reply, of mail that was [`Code::Rejected`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ProgramReply>,
}

impl Problem {
    /// A problem of this kind, with a text that says what to do.
    pub fn new(code: Code, text: impl fmt::Display) -> Self {
        let text = cut(&text.to_string()).to_owned();
        Problem { tag: None, code, temporary: code.is_temporary(), text, reply: None }
    }

    /// The mail is refused with this reply.
    pub fn rejected(reply: &Reply) -> Self {
        let problem = Problem::new(Code::Rejected, reply);
        Problem { temporary: !reply.is_permanent(), reply: Some(reply.into()), ..problem }
    }

    /// The same, for the request with this tag.
    #[must_use]
    pub fn of(mut self, tag: impl Into<Option<u64>>) -> Self {
        self.tag = tag.into();
        self
    }
}
