//! What whoever sent a mail is told of it: how each recipient stands.
//!
//! Rule: it says nothing that is not written down, and an end is said only if it is one.

use std::{fmt, sync::Arc};

use crate::{Address, Diagnosis, End, Fact, How, Memo, Moment, Place, RcptNo, Standing, Success, TicketState};

/// What has become of a recipient so far, for whoever sent the mail: what RFC 3464 calls its status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// It has not been tried.
    Queued,
    /// It was tried in vain, and is tried again.
    Deferred {
        /// When, at the earliest.
        until: Moment,
        /// What was said; `None`: nothing.
        why: Option<Arc<Diagnosis>>,
    },
    /// It has the mail, or the next host answers for it.
    Delivered,
    /// Others stand in its place: it was an alias or a list.
    Expanded,
    /// A sink has taken it out: it does not get the mail, and that is as it should be.
    Discarded,
    /// It never will have it.
    Failed {
        /// What was said last.
        why: Arc<Diagnosis>,
    },
    /// The final dot was sent and never answered: it has the mail or it has not.
    PerhapsDelivered {
        /// When it is tried again; `None`: it is not any more, and this is its end.
        until: Option<Moment>,
        /// What was said last; `None`: nothing.
        why: Option<Arc<Diagnosis>>,
    },
    /// It waits for a person.
    Held {
        /// What for.
        reason: Arc<str>,
    },
}

impl DeliveryStatus {
    /// Nothing more becomes of it.
    pub fn is_final(&self) -> bool {
        match self {
            DeliveryStatus::Delivered | DeliveryStatus::Expanded => true,
            DeliveryStatus::Discarded | DeliveryStatus::Failed { .. } => true,
            DeliveryStatus::PerhapsDelivered { until, .. } => until.is_none(),
            DeliveryStatus::Queued | DeliveryStatus::Deferred { .. } | DeliveryStatus::Held { .. } => false,
        }
    }
}

/// One line for people: a word, and what was said last.
impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            DeliveryStatus::Deferred { why, .. } | DeliveryStatus::PerhapsDelivered { why, .. } => why.as_ref(),
            DeliveryStatus::Failed { why } => Some(why),
            _ => None,
        };
        match self {
            DeliveryStatus::Queued => f.write_str("queued")?,
            DeliveryStatus::Deferred { until, .. } => write!(f, "deferred until {}", until.rfc5322())?,
            DeliveryStatus::Delivered => f.write_str("delivered")?,
            DeliveryStatus::Expanded => f.write_str("expanded")?,
            DeliveryStatus::Discarded => f.write_str("discarded")?,
            DeliveryStatus::Failed { .. } => f.write_str("failed")?,
            DeliveryStatus::PerhapsDelivered { .. } => f.write_str("perhaps delivered")?,
            DeliveryStatus::Held { reason } => write!(f, "held: {reason}")?,
        }
        why.map_or(Ok(()), |why| write!(f, ": {why}"))
    }
}

impl DeliveryStatus {
    /// What a fact says of the recipients that it names, or of all; `None`: nothing that its sender would want to know.
    pub fn of_fact(fact: &Fact) -> Option<Self> {
        match fact {
            Fact::Finished { how, .. } => Some(Self::of_end(how)),
            Fact::Expanded { .. } => Some(DeliveryStatus::Expanded),
            Fact::Schedule { due, last, perhaps: true, .. } => {
                Some(DeliveryStatus::PerhapsDelivered { until: Some(*due), why: last.clone() })
            }
            Fact::Schedule { due, last, attempts: 1.., .. } => {
                Some(DeliveryStatus::Deferred { until: *due, why: last.clone() })
            }
            Fact::Held { why, .. } => Some(DeliveryStatus::Held { reason: why.reason.as_str().into() }),
            Fact::Released { .. } => Some(DeliveryStatus::Queued),
            _ => None,
        }
    }

    fn of_end(how: &How) -> Self {
        match how {
            How::Failed(why) => DeliveryStatus::Failed { why: Arc::clone(why) },
            How::Expanded | How::Confirm(Success::Expanded, _) => DeliveryStatus::Expanded,
            How::Discarded => DeliveryStatus::Discarded,
            How::Delivered | How::Confirm(..) => DeliveryStatus::Delivered,
        }
    }
}

impl From<&End> for DeliveryStatus {
    fn from(end: &End) -> Self {
        match end {
            End::Failed { why, perhaps: true } => {
                DeliveryStatus::PerhapsDelivered { until: None, why: Some(Arc::clone(why)) }
            }
            End::Failed { why, perhaps: false } => DeliveryStatus::Failed { why: Arc::clone(why) },
            End::Expanded => DeliveryStatus::Expanded,
            End::Discarded => DeliveryStatus::Discarded,
        }
    }
}

/// How a mail stands, for whoever sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailStatus {
    /// Those who are not at their end, or of whose end nobody was told yet; ascending.
    pub open: Vec<(RcptNo, DeliveryStatus)>,
    /// Ends that are no deliveries, as far as they are remembered; ascending.
    pub ended: Vec<(RcptNo, DeliveryStatus)>,
    /// What is so of everybody else; `None`: nobody remembers.
    pub others: Option<DeliveryStatus>,
    /// A record that has its recipients.
    pub names: Option<Place>,
}

impl MailStatus {
    /// How it stands by what is left of it and what is remembered; `None`: nothing is known of it.
    pub fn of(standing: Option<(&Standing, Place)>, memo: Option<&Memo>) -> Option<Self> {
        let names = memo.map(|memo| memo.place).or(standing.map(|(_, place)| place))?;
        let open = standing.map(|(standing, _)| standing.statuses()).unwrap_or_default();
        let ended = memo.into_iter().flat_map(|memo| &memo.ends).map(|(no, end)| (*no, end.into())).collect();
        let others = memo.map(|memo| match memo.ticket {
            TicketState::Swept => DeliveryStatus::Discarded,
            _ => DeliveryStatus::Delivered,
        });
        Some(MailStatus { open, ended, others, names: Some(names) })
    }

    /// The status of each of these recipients of whom something is known.
    pub fn each(&self, recipients: Vec<(RcptNo, Address)>) -> Vec<(RcptNo, Address, DeliveryStatus)> {
        let known = |list: &[(RcptNo, DeliveryStatus)], no: RcptNo| {
            list.binary_search_by_key(&no, |(no, _)| *no).ok().map(|at| list[at].1.clone())
        };
        let status = |no| known(&self.ended, no).or_else(|| known(&self.open, no)).or_else(|| self.others.clone());
        recipients.into_iter().filter_map(|(no, address)| Some((no, address, status(no)?))).collect()
    }
}
