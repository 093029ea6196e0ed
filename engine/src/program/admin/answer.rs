//! What an operator hears: one line for each mail or sink, and a last one.

use serde::{Deserialize, Serialize};

use super::{
    super::{as_text, cut, shortened, ProgramStatus},
    MAX_SHORT_TEXT, MOST_NAMED,
};
use crate::{events::Kind, BindingSettings, Draft, HeldBy, HeldWhy, QueueId, Standing};

/// A line for an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdminAnswer {
    /// What the audit has found.
    Audited {
        /// Of which request.
        tag: u64,
        /// It.
        #[serde(flatten)]
        found: Audited,
    },
    /// A mail that is held; more follow.
    Held {
        /// Of which request.
        tag: u64,
        /// It.
        #[serde(flatten)]
        mail: HeldLine,
    },
    /// It is offered again.
    Released {
        /// Of which request.
        tag: u64,
        /// The number of the mail.
        #[serde(with = "as_text")]
        id: QueueId,
    },
    /// A mail that is on disk; more follow.
    Mail {
        /// Of which request.
        tag: u64,
        /// It.
        #[serde(flatten)]
        mail: Box<QueuedMail>,
    },
    /// Mail is due now.
    Flushed {
        /// Of which request.
        tag: u64,
        /// How many mails.
        mails: usize,
    },
    /// A sink; more follow.
    Sink {
        /// Of which request.
        tag: u64,
        /// It.
        #[serde(flatten)]
        sink: Box<Sink>,
    },
    /// It is done.
    Done {
        /// Of which request.
        tag: u64,
    },
    /// The last line of a list, or of its portion.
    End {
        /// Of which request.
        tag: u64,
        /// How many lines there were.
        count: usize,
        /// Ask again with this as `after`; null: that was all.
        #[serde(default, with = "as_text::optional")]
        next: Option<QueueId>,
    },
}

impl AdminAnswer {
    /// Of which request it is.
    pub fn tag(&self) -> u64 {
        use AdminAnswer::{Audited, Done, End, Flushed, Held, Mail, Released, Sink};
        match self {
            Audited { tag, .. } | Held { tag, .. } | Released { tag, .. } | Mail { tag, .. } => *tag,
            Flushed { tag, .. } | Sink { tag, .. } | Done { tag } | End { tag, .. } => *tag,
        }
    }

    /// Nothing follows it.
    pub fn is_last(&self) -> bool {
        !matches!(self, AdminAnswer::Held { .. } | AdminAnswer::Mail { .. } | AdminAnswer::Sink { .. })
    }
}

/// What an audit has found. Each mail on disk is out, rests, is held or prepared; or it is a stray.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audited {
    /// Mails that are not done.
    pub on_disk: usize,
    /// Of those, how many somebody has in hand at present.
    pub out: usize,
    /// How many wait until they are due.
    pub resting: usize,
    /// How many are held for a person.
    pub held: usize,
    /// How many wait for their tickets.
    pub prepared: usize,
    /// How many nothing would have become of. They are due again now.
    pub stray_count: usize,
    /// Their numbers, a thousand at most.
    pub strays: Vec<String>,
}

/// A mail that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeldLine {
    /// Its number.
    #[serde(with = "as_text")]
    pub id: QueueId,
    /// `policy` (a setting or a sink), `fault` (it made its handlers fail), or `operator`.
    pub by: String,
    /// What for.
    pub reason: String,
}

impl HeldLine {
    /// The line of this mail.
    pub fn of(id: QueueId, why: &HeldWhy) -> Self {
        let by = match why.by {
            HeldBy::Policy => "policy",
            HeldBy::Fault => "fault",
            HeldBy::Operator => "operator",
        };
        HeldLine { id, by: by.into(), reason: cut(&why.reason).into() }
    }

    /// By whom and why it is held. Whoever this version does not know has a policy.
    pub fn why(self) -> HeldWhy {
        let by = match &*self.by {
            "fault" => HeldBy::Fault,
            "operator" => HeldBy::Operator,
            _ => HeldBy::Policy,
        };
        HeldWhy { by, reason: self.reason }
    }
}

/// Where a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailPlace {
    /// Somebody has it in hand.
    Out,
    /// It waits until it is due, or until its hop has room.
    Resting,
    /// It waits for a person.
    Held,
    /// It waits for its ticket to be redeemed.
    Prepared,
}

/// A mail that is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueuedMail {
    /// Its number.
    #[serde(with = "as_text")]
    pub id: QueueId,
    /// Where it is.
    pub state: MailPlace,
    /// When it came, in milliseconds since 1970; `None`: its record cannot be read.
    pub arrived: Option<u64>,
    /// The sender of its envelope; `None`: the null one, or its record cannot be read.
    pub sender: Option<String>,
    /// Octets of its content; `None`: its record cannot be read.
    pub octets: Option<u64>,
    /// Recipients who are not at their end, or of whose end nobody was told yet.
    pub open: usize,
    /// The first hundred of them.
    pub recipients: Vec<QueuedRecipient>,
    /// What is wrong with its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// A recipient of a mail that is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueuedRecipient {
    /// Its number within the mail.
    pub number: u32,
    /// Its address; `None`: the record cannot be read.
    pub address: Option<String>,
    /// How it stands; texts are cut.
    pub status: ProgramStatus,
}

impl QueuedMail {
    /// A mail that stands like this, with its draft or what is wrong with that. `is_out`: somebody has it in hand.
    pub fn of(id: QueueId, standing: &Standing, draft: Result<&Draft, &str>, is_out: bool) -> Self {
        let envelope = draft.ok().map(|draft| &draft.envelope);
        let statuses = standing.statuses();
        let named = statuses.iter().take(MOST_NAMED).map(|(no, status)| QueuedRecipient {
            number: no.0,
            address: envelope.and_then(|envelope| Some(envelope.recipients.get(*no)?.address.as_str().to_owned())),
            status: ProgramStatus::from(status).cut(MAX_SHORT_TEXT),
        });
        let state = match () {
            () if standing.is_prepared() => MailPlace::Prepared,
            () if standing.held().is_some() => MailPlace::Held,
            () if is_out => MailPlace::Out,
            () => MailPlace::Resting,
        };
        QueuedMail {
            id,
            state,
            arrived: envelope.map(|envelope| envelope.arrived.0),
            sender: envelope.and_then(|envelope| Some(envelope.sender.as_ref()?.as_str().to_owned())),
            octets: draft.ok().map(|draft| draft.content.len()),
            open: statuses.len(),
            recipients: named.collect(),
            damage: draft.err().map(|damage| shortened(damage, MAX_SHORT_TEXT).to_owned()),
        }
    }
}

/// A sink that is bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sink {
    /// The id of its binding.
    pub id: String,
    /// What people call it.
    pub display_name: String,
    /// It takes part.
    pub enabled: bool,
    /// It has failed too often in a row.
    pub suspended: bool,
    /// When it runs: 0 is first.
    pub priority: u16,
    /// The events that it takes part in.
    pub events: Vec<String>,
    /// How many it has served.
    pub served: u64,
    /// How often it has failed.
    pub faults: u64,
    /// How often in a row, up to now.
    pub faults_in_a_row: u32,
    /// How many it serves now, those who wait for a guest included.
    pub in_hand: usize,
}

impl Sink {
    /// A sink that has done nothing yet.
    pub fn of(settings: &BindingSettings, events: &[Kind]) -> Self {
        Sink {
            id: cut(&settings.id).into(),
            display_name: cut(&settings.display_name).into(),
            enabled: settings.enabled,
            suspended: false,
            priority: settings.priority.get(),
            events: events.iter().map(ToString::to_string).collect(),
            served: 0,
            faults: 0,
            faults_in_a_row: 0,
            in_hand: 0,
        }
    }
}
