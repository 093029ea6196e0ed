//! News: what a sender is to be told about recipients of a mail, and until when that is owed.
//!
//! Rule: whoever is to be told is told once. The facts say what is owed and what was told, and news holds its mail
//! until they do.

use std::{collections::BTreeMap, sync::Arc};

use crate::{Diagnosis, Draft, Envelope, Fact, Hold, How, Moment, Notify, RcptNo, Recipient, Success};

/// What became of a recipient, in the words of RFC 3464, 2.3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It never will have the mail.
    Failed,
    /// It does not have it yet, and is tried further.
    Delayed,
    /// It has it.
    Delivered,
    /// The next host answers for it and does not confirm.
    Relayed,
    /// Others stand in its place.
    Expanded,
}

impl From<Success> for Fate {
    fn from(success: Success) -> Self {
        match success {
            Success::Delivered => Fate::Delivered,
            Success::Relayed => Fate::Relayed,
            Success::Expanded => Fate::Expanded,
        }
    }
}

/// What there is to tell about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What became of it.
    pub fate: Fate,
    /// What was said last; `None`: nothing, or nobody knows any more.
    pub last: Option<Arc<Diagnosis>>,
    /// How often it was tried.
    pub attempts: u32,
    /// It may have the mail, whatever was said.
    pub perhaps: bool,
    /// Until when it is tried, if it is.
    pub until: Option<Moment>,
    /// An attempt has just ended.
    pub just_tried: bool,
}

impl Story {
    /// An end, as it is known: without a word about the last attempt.
    pub fn of(fate: Fate, last: Option<Arc<Diagnosis>>) -> Self {
        Story { fate, last, attempts: 0, perhaps: false, until: None, just_tried: false }
    }

    /// What there is to tell of an end; `None`: nothing.
    pub(crate) fn of_end(how: &How) -> Option<Self> {
        match how {
            How::Failed(why) => Some(Story::of(Fate::Failed, Some(Arc::clone(why)))),
            How::Confirm(success, why) => Some(Story::of(Fate::from(*success), why.clone())),
            How::Delivered | How::Expanded | How::Discarded => None,
        }
    }

    /// The end as a fact has it; `None`: it is none.
    pub(crate) fn how(&self) -> Option<How> {
        let last = self.last.clone();
        match self.fate {
            Fate::Failed => last.map(How::Failed),
            Fate::Delayed => None,
            Fate::Delivered => Some(How::Confirm(Success::Delivered, last)),
            Fate::Relayed => Some(How::Confirm(Success::Relayed, last)),
            Fate::Expanded => Some(How::Confirm(Success::Expanded, last)),
        }
    }
}

/// What the sender of a mail is to be told about some of its recipients; never empty.
#[non_exhaustive]
pub struct News {
    /// Ends when they are told.
    pub hold: Hold,
    /// The mail.
    pub draft: Arc<Draft>,
    /// What became of whom.
    pub who: BTreeMap<RcptNo, Story>,
}

impl News {
    /// News of these recipients; `None`: there is none.
    pub fn new(hold: Hold, draft: Arc<Draft>, who: BTreeMap<RcptNo, Story>) -> Option<Self> {
        (!who.is_empty()).then_some(News { hold, draft, who })
    }

    /// What they came to: one fact for each thing that was said. Who is delayed has not come to an end.
    pub fn facts(&self) -> Vec<Fact> {
        let mut causes: Vec<(How, Vec<RcptNo>)> = Vec::new();
        for (no, story) in &self.who {
            let Some(how) = story.how() else { continue };
            match causes.iter_mut().find(|(cause, _)| *cause == how) {
                Some((_, recipients)) => recipients.push(*no),
                None => causes.push((how, vec![*no])),
            }
        }
        let mail = self.hold.id();
        causes.into_iter().map(|(how, recipients)| Fact::Finished { mail, recipients, how }).collect()
    }

    /// That it was told, or is not to be.
    pub fn told(&self) -> Vec<Fact> {
        let mail = self.hold.id();
        let (delayed, ended): (Vec<_>, Vec<_>) = self.who.iter().partition(|(_, story)| story.fate == Fate::Delayed);
        let numbers = |some: Vec<(&RcptNo, &Story)>| some.into_iter().map(|(no, _)| *no).collect::<Vec<_>>();
        let (delayed, ended) = (numbers(delayed), numbers(ended));
        let reported = (!ended.is_empty()).then_some(Fact::Reported { mail, recipients: ended });
        let warned = (!delayed.is_empty()).then_some(Fact::Warned { mail, recipients: delayed });
        reported.into_iter().chain(warned).collect()
    }

    /// Those who have failed, though nobody can be told: the sender is the null one.
    pub fn unreportable(&self) -> BTreeMap<RcptNo, Story> {
        let nobody = self.draft.envelope.sender.is_none();
        let failed = self.who.iter().filter(|(_, story)| nobody && story.fate == Fate::Failed);
        failed.map(|(no, story)| (*no, story.clone())).collect()
    }

    /// Leaves out those for whom `keep` does not hold; `None`: nobody is left.
    pub fn only(mut self, mut keep: impl FnMut(RcptNo, &Story) -> bool) -> Option<Self> {
        self.who.retain(|no, story| keep(*no, story));
        (!self.who.is_empty()).then_some(self)
    }
}

/// Whether the sender is told that this became of a recipient (RFC 3461, 4.1). Who said nothing wants to know of failures,
/// and leaves delays to us; success is told on request only.
pub(crate) fn wants_to_know(recipient: &Recipient, fate: Fate) -> bool {
    match (recipient.notify, fate) {
        (None, fate) => matches!(fate, Fate::Failed | Fate::Delayed),
        (Some(Notify { failure, .. }), Fate::Failed) => failure,
        (Some(Notify { delay, .. }), Fate::Delayed) => delay,
        (Some(Notify { success, .. }), Fate::Delivered | Fate::Relayed | Fate::Expanded) => success,
    }
}

/// There is a sender, and it is told that this became of this recipient.
pub(crate) fn is_owed(envelope: &Envelope, no: RcptNo, fate: Fate) -> bool {
    let recipient = envelope.recipients.get(no).filter(|_| envelope.sender.is_some());
    recipient.is_some_and(|recipient| wants_to_know(recipient, fate))
}
