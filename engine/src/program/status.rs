//! How a recipient stands, as answers say it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{cut, shortened, ProgramReply};
use crate::{DeliveryStatus, Diagnosis, Moment, Scope};

/// What was said about a recipient, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Why {
    /// The reply.
    pub reply: ProgramReply,
    /// The host that gave it; `None`: the engine.
    pub remote: Option<String>,
    /// How far the trouble reaches: `recipient`, `mail` or `hop`.
    pub scope: Reach,
}

/// How far a trouble reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This recipient.
    Recipient,
    /// This mail.
    Mail,
    /// Every mail for this next hop.
    Hop,
}

/// How a recipient stands: [`DeliveryStatus`] as a line has it. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "now", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProgramStatus {
    /// It has not been tried.
    Queued,
    /// It is tried again.
    Deferred {
        /// When, at the earliest.
        until: u64,
        /// What was said.
        why: Option<Why>,
    },
    /// It has the mail, or the next host answers for it.
    Delivered,
    /// Others stand in its place.
    Expanded,
    /// A sink has taken it out.
    Discarded,
    /// It never will have it.
    Failed {
        /// What was said last.
        why: Why,
    },
    /// Nobody knows whether it has it.
    PerhapsDelivered {
        /// When it is tried again; `None`: this is its end.
        until: Option<u64>,
        /// What was said last.
        why: Option<Why>,
    },
    /// It waits for a person.
    Held {
        /// What for.
        reason: String,
    },
}

impl ProgramStatus {
    /// The same with texts of so many octets at most.
    #[must_use]
    pub(super) fn cut(mut self, most: usize) -> Self {
        let cut = |text: &mut String| text.truncate(shortened(text, most).len());
        match &mut self {
            ProgramStatus::Deferred { why: Some(why), .. } | ProgramStatus::PerhapsDelivered { why: Some(why), .. } => {
                why.each_text(cut);
            }
            ProgramStatus::Failed { why } => why.each_text(cut),
            ProgramStatus::Held { reason } => cut(reason),
            _ => {}
        }
        self
    }
}

impl Why {
    fn each_text(&mut self, change: impl Fn(&mut String)) {
        change(&mut self.reply.text);
        self.remote.iter_mut().for_each(change);
    }
}

impl From<&Diagnosis> for Why {
    fn from(why: &Diagnosis) -> Self {
        let scope = match why.scope {
            Scope::Recipient => Reach::Recipient,
            Scope::Mail => Reach::Mail,
            Scope::Hop => Reach::Hop,
        };
        let remote = why.remote.as_deref().map(|remote| cut(remote).to_owned());
        Why { reply: (&why.reply).into(), remote, scope }
    }
}

impl From<Why> for Arc<Diagnosis> {
    fn from(Why { reply, remote, scope }: Why) -> Self {
        let scope = match scope {
            Reach::Recipient => Scope::Recipient,
            Reach::Mail => Scope::Mail,
            Reach::Hop => Scope::Hop,
        };
        Arc::new(Diagnosis { reply: reply.into(), remote: remote.map(Into::into), scope })
    }
}

impl From<&DeliveryStatus> for ProgramStatus {
    fn from(status: &DeliveryStatus) -> Self {
        let said = |why: &Option<Arc<Diagnosis>>| why.as_deref().map(Why::from);
        match status {
            DeliveryStatus::Queued => ProgramStatus::Queued,
            DeliveryStatus::Deferred { until, why } => ProgramStatus::Deferred { until: until.0, why: said(why) },
            DeliveryStatus::Delivered => ProgramStatus::Delivered,
            DeliveryStatus::Expanded => ProgramStatus::Expanded,
            DeliveryStatus::Discarded => ProgramStatus::Discarded,
            DeliveryStatus::Failed { why } => ProgramStatus::Failed { why: why.as_ref().into() },
            DeliveryStatus::PerhapsDelivered { until, why } => {
                ProgramStatus::PerhapsDelivered { until: until.map(|until| until.0), why: said(why) }
            }
            DeliveryStatus::Held { reason } => ProgramStatus::Held { reason: cut(reason).to_owned() },
        }
    }
}

impl From<ProgramStatus> for DeliveryStatus {
    fn from(status: ProgramStatus) -> Self {
        match status {
            ProgramStatus::Queued => DeliveryStatus::Queued,
            ProgramStatus::Deferred { until, why } => {
                DeliveryStatus::Deferred { until: Moment(until), why: why.map(Into::into) }
            }
            ProgramStatus::Delivered => DeliveryStatus::Delivered,
            ProgramStatus::Expanded => DeliveryStatus::Expanded,
            ProgramStatus::Discarded => DeliveryStatus::Discarded,
            ProgramStatus::Failed { why } => DeliveryStatus::Failed { why: why.into() },
            ProgramStatus::PerhapsDelivered { until, why } => {
                DeliveryStatus::PerhapsDelivered { until: until.map(Moment), why: why.map(Into::into) }
            }
            ProgramStatus::Held { reason } => DeliveryStatus::Held { reason: reason.into() },
        }
    }
}
