//! What an operator asks for.

use serde::{Deserialize, Serialize};

use super::super::{as_text, is_default};
use crate::{Flush, Hop, QueueId};

/// A line of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum AdminRequest {
    /// Is every mail on disk accounted for?
    Audit {
        /// Names this request in its answers.
        tag: u64,
    },
    /// Which mails are held?
    Held {
        /// Names this request in its answers.
        tag: u64,
        /// Those with larger numbers.
        #[serde(default, with = "as_text::optional", skip_serializing_if = "is_default")]
        after: Option<QueueId>,
        /// So many at most.
        #[serde(default, skip_serializing_if = "is_default")]
        limit: Option<usize>,
    },
    /// Offer this held mail again.
    Release {
        /// Names this request in its answers.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
    },
    /// Which mails are on disk, and how do they stand?
    Queue {
        /// Names this request in its answers.
        tag: u64,
        /// Those with larger numbers.
        #[serde(default, with = "as_text::optional", skip_serializing_if = "is_default")]
        after: Option<QueueId>,
        /// So many at most.
        #[serde(default, skip_serializing_if = "is_default")]
        limit: Option<usize>,
    },
    /// Mail that waits is due now.
    Flush {
        /// Names this request in its answers.
        tag: u64,
        /// Which.
        what: WhichMail,
    },
    /// How are the sinks bound, and what have they done?
    Sinks {
        /// Names this request in its answers.
        tag: u64,
    },
    /// A sink takes part no more.
    Suspend {
        /// Names this request in its answers.
        tag: u64,
        /// The id of its binding.
        sink: String,
    },
    /// It takes part again.
    Resume {
        /// Names this request in its answers.
        tag: u64,
        /// The id of its binding.
        sink: String,
    },
}

/// Which mail is due now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhichMail {
    /// All that waits.
    All,
    /// As behind ETRN: a domain, `@domain` with all below it, or `#queue`.
    For(String),
    /// What waits for this next hop, as logs name it.
    Hop(String),
    /// One mail.
    Mail(#[serde(with = "as_text")] QueueId),
}

impl WhichMail {
    /// The same as the engine has it; `None`: it is not a domain, `@domain` or `#queue`.
    pub fn flush(&self) -> Option<Flush> {
        match self {
            WhichMail::All => Some(Flush::All),
            WhichMail::For(text) => Flush::parse(text),
            WhichMail::Hop(hop) => Some(Flush::Hop(Hop::new(hop.as_str()))),
            WhichMail::Mail(id) => Some(Flush::Mail(*id)),
        }
    }
}

impl From<Flush> for WhichMail {
    fn from(what: Flush) -> Self {
        match what {
            Flush::All => WhichMail::All,
            Flush::Hop(hop) => WhichMail::Hop(hop.as_str().to_owned()),
            Flush::Queue(queue) => WhichMail::For(format!("#{queue}")),
            Flush::Domain(domain) => WhichMail::For(domain),
            Flush::Within(domain) => WhichMail::For(format!("@{domain}")),
            Flush::Mail(id) => WhichMail::Mail(id),
        }
    }
}

/// All of them by name; a test compares.
pub(in crate::program) const KNOWN: [&str; 8] =
    ["audit", "held", "release", "queue", "flush", "sinks", "suspend", "resume"];

impl AdminRequest {
    fn its_tag(&mut self) -> &mut u64 {
        use AdminRequest::{Audit, Flush, Held, Queue, Release, Resume, Sinks, Suspend};
        match self {
            Audit { tag } | Held { tag, .. } | Release { tag, .. } | Queue { tag, .. } => tag,
            Flush { tag, .. } | Sinks { tag } | Suspend { tag, .. } | Resume { tag, .. } => tag,
        }
    }

    /// The number that names it.
    pub fn tag(&self) -> u64 {
        use AdminRequest::{Audit, Flush, Held, Queue, Release, Resume, Sinks, Suspend};
        match self {
            Audit { tag } | Held { tag, .. } | Release { tag, .. } | Queue { tag, .. } => *tag,
            Flush { tag, .. } | Sinks { tag } | Suspend { tag, .. } | Resume { tag, .. } => *tag,
        }
    }

    /// The same with this number.
    #[must_use]
    pub fn tagged(mut self, tag: u64) -> Self {
        *self.its_tag() = tag;
        self
    }

    /// It changes something: the log says who asked.
    pub fn changes(&self) -> bool {
        use AdminRequest::{Flush, Release, Resume, Suspend};
        matches!(self, Flush { .. } | Release { .. } | Suspend { .. } | Resume { .. })
    }
}
