//! Facts: what happened to a mail that is on disk. All that a mail comes to is the sum of its facts.

use std::{fmt, sync::Arc};

use crate::{Draft, Moment, RcptNo, Reply};

/// The number of a mail in its spool: given in order of arrival, never given again.
///
/// It is a name for logs and answers and opens nothing: content is reached through a slip or lease one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub u64);

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}", self.0)
    }
}

impl std::str::FromStr for QueueId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(QueueId)
    }
}

/// How far the trouble of an attempt reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This recipient.
    Recipient,
    /// This mail, whoever it is for.
    Mail,
    /// Every mail for this next hop: it is not reached, or wants none at the moment.
    Hop,
}

/// What was said about a recipient, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The remote's reply, or ours where there was none (RFC 3463 codes tell which).
    pub reply: Reply,
    /// The host that gave the reply; `None`: we did ourselves.
    pub remote: Option<Arc<str>>,
    /// How far the trouble reaches.
    pub scope: Scope,
}

impl Diagnosis {
    /// Our own diagnosis.
    pub fn own(scope: Scope, reply: Reply) -> Arc<Self> {
        Arc::new(Diagnosis { reply, remote: None, scope })
    }

    /// What a remote host replied.
    pub fn remote(scope: Scope, reply: Reply, host: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Diagnosis { reply, remote: Some(host.into()), scope })
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.remote {
            Some(host) => write!(f, "{host} said: {}", self.reply),
            None => self.reply.fmt(f),
        }
    }
}

/// What a recipient came to, once and for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The next hop answers for it now; nobody is to be told.
    Delivered,
    /// It never will be; its sender is to be told.
    Failed(Arc<Diagnosis>),
    /// Others stand in its place; nobody is to be told.
    Expanded,
    /// A sink has taken it out; nobody is to be told.
    Discarded,
    /// It came to this good end, and its sender is to be told; the reply by which that came about, if there was one.
    Confirm(Success, Option<Arc<Diagnosis>>),
}

/// A good end of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// It has the mail.
    Delivered,
    /// The next host answers for it, and does not confirm.
    Relayed,
    /// Others stand in its place.
    Expanded,
}

/// Why a mail is not offered, though it is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldWhy {
    /// Who holds it.
    pub by: HeldBy,
    /// For people.
    pub reason: String,
}

/// Who holds a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// A setting or a sink.
    Policy,
    /// It made its handlers fail too often.
    Fault,
    /// A person.
    Operator,
}

/// Something that happened to a mail that is on disk. Facts are written down before they have any effect outside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fact {
    /// These recipients have come to their end.
    Finished {
        /// Which mail.
        mail: QueueId,
        /// Which of its recipients.
        recipients: Vec<RcptNo>,
        /// What they came to.
        how: How,
    },
    /// The final dot is about to be sent: from here on they may have it.
    Attempting {
        /// Which mail.
        mail: QueueId,
        /// Which of its recipients.
        recipients: Vec<RcptNo>,
        /// To whom.
        host: Arc<str>,
    },
    /// These are tried next at a certain time.
    Schedule {
        /// Which mail.
        mail: QueueId,
        /// Which of its recipients.
        recipients: Vec<RcptNo>,
        /// How often they were tried.
        attempts: u32,
        /// When they are tried next.
        due: Moment,
        /// What was said last.
        last: Option<Arc<Diagnosis>>,
        /// The last attempt ended without an answer to the final dot.
        perhaps: bool,
    },
    /// Others stand in the place of one recipient.
    Expanded {
        /// Which mail.
        mail: QueueId,
        /// The one.
        from: RcptNo,
        /// The others.
        into: Vec<RcptNo>,
    },
    /// A stage has ended; this draft takes the place of the one before.
    Advanced {
        /// Which mail.
        mail: QueueId,
        /// What the stage made of it.
        draft: Box<Draft>,
    },
    /// The sender knows what these have come to, or is not to know.
    Reported {
        /// Which mail.
        mail: QueueId,
        /// Which of its recipients.
        recipients: Vec<RcptNo>,
    },
    /// The sender knows that these are late.
    Warned {
        /// Which mail.
        mail: QueueId,
        /// Which of its recipients.
        recipients: Vec<RcptNo>,
    },
    /// A handler of this mail panicked or had to be given up.
    Fault {
        /// Which mail.
        mail: QueueId,
    },
    /// The mail is kept and not offered.
    Held {
        /// Which mail.
        mail: QueueId,
        /// By whom and why.
        why: HeldWhy,
    },
    /// The mail is offered again; its faults are forgotten.
    Released {
        /// Which mail.
        mail: QueueId,
    },
    /// The ticket of a prepared mail was redeemed: it is offered. Of a mail that is not prepared any more it says nothing.
    Redeemed {
        /// Which mail.
        mail: QueueId,
        /// How long that is remembered.
        until: Moment,
    },
    /// Nobody came for a prepared mail in time: it is gone. Of a mail that is not prepared any more it says nothing.
    Swept {
        /// Which mail.
        mail: QueueId,
        /// How long that is remembered.
        until: Moment,
    },
    /// Nobody will send under the key of this mail again: it is remembered as a mail without one.
    Unkeyed {
        /// Which mail.
        mail: QueueId,
        /// How long it is remembered, if it has no ticket.
        until: Moment,
    },
}

impl Fact {
    /// The mail that the fact is about.
    pub fn mail(&self) -> QueueId {
        match self {
            Fact::Finished { mail, .. }
            | Fact::Attempting { mail, .. }
            | Fact::Schedule { mail, .. }
            | Fact::Expanded { mail, .. }
            | Fact::Advanced { mail, .. }
            | Fact::Reported { mail, .. }
            | Fact::Warned { mail, .. }
            | Fact::Fault { mail }
            | Fact::Held { mail, .. }
            | Fact::Redeemed { mail, .. }
            | Fact::Swept { mail, .. }
            | Fact::Unkeyed { mail, .. }
            | Fact::Released { mail } => *mail,
        }
    }
}
