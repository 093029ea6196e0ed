//! What is written down together: new mails and facts about old ones.

use std::collections::BTreeMap;

use crate::{Committed, Draft, Fact, Hold, Mail, QueueId, RcptNo, Received, Recipient, Story};

/// Written whole or not at all: a report and "these are reported" are one entry.
#[derive(Default)]
pub struct Entry {
    /// Mails that become ours with it.
    pub new: Vec<Mail<Received>>,
    /// What happened to mails that are.
    pub facts: Vec<Fact>,
}

/// What of a spool's space an entry may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Mail from outside: only what is free. Whoever sends it still has it.
    Free,
    /// Our own mail with facts, such as a report: of the reserve too, but for what facts and moves need. What it is about
    /// is still in the spool: it is refused for the moment only, and comes again.
    Spare,
    /// Facts alone: all there is. They are never refused.
    Reserve,
}

impl Entry {
    /// One new mail.
    pub fn mail(draft: Draft) -> Self {
        Entry { new: vec![Mail::received(draft)], facts: Vec::new() }
    }

    /// Facts alone.
    pub fn facts(facts: Vec<Fact>) -> Self {
        Entry { new: Vec::new(), facts }
    }

    /// What of the space it may take. A full disk must be able to empty itself, so what frees space goes first.
    pub fn claim(&self) -> Claim {
        let advances = self.drafts().next().is_some();
        match (self.new.is_empty() && !advances, self.facts.is_empty()) {
            (true, _) => Claim::Reserve,
            (false, true) => Claim::Free,
            (false, false) => Claim::Spare,
        }
    }

    /// The drafts that stages have made.
    fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.facts.iter().filter_map(|fact| match fact {
            Fact::Advanced { draft, .. } => Some(&**draft),
            _ => None,
        })
    }

    /// Octets that the drafts of stages take of the spool, roughly: they are written once more.
    pub fn advanced_octets(&self) -> u64 {
        const RECIPIENT: usize = 64;
        let recipient = |(_, to): (RcptNo, &Recipient)| {
            RECIPIENT + to.address.as_str().len() + to.orcpt.as_deref().map_or(0, str::len)
        };
        let octets = |draft: &Draft| {
            draft.content.octets_in_memory() + draft.envelope.recipients.iter().map(recipient).sum::<usize>()
        };
        self.drafts().map(octets).sum::<usize>() as u64
    }

    /// Octets in memory, roughly: what a batch is bounded by.
    pub fn weight(&self) -> usize {
        const FACT: usize = 128;
        let mail = |mail: &Mail<Received>| mail.draft().content.octets_in_memory() + FACT;
        let advanced = usize::try_from(self.advanced_octets()).unwrap_or(usize::MAX);
        self.new.iter().map(mail).sum::<usize>() + self.facts.len() * FACT + advanced
    }
}

/// Proof that an entry is in the spool as durably as was asked; made by a [`crate::Spool`] only.
/// It has the entry within: what goes on is what was written.
pub struct Receipt {
    ids: Vec<QueueId>,
    entry: Entry,
}

impl Receipt {
    /// `ids` are those of the entry's new mails, in their order. For spools only.
    pub fn after_write(ids: Vec<QueueId>, entry: Entry) -> Self {
        Receipt { ids, entry }
    }

    /// The numbers of the new mails.
    pub fn ids(&self) -> &[QueueId] {
        &self.ids
    }

    /// What was written about mails that were there before.
    pub fn facts(&self) -> &[Fact] {
        &self.entry.facts
    }

    /// Takes the new mails out, as ours. One without a hold stays on disk only. For the spooler only.
    pub fn commit(&mut self, mut hold: impl FnMut(QueueId, &Mail<Received>) -> Option<Hold>) -> Vec<Mail<Committed>> {
        let new = std::mem::take(&mut self.entry.new);
        let take = |(id, mail): (&QueueId, Mail<Received>)| {
            let hold = hold(*id, &mail)?;
            Some(mail.committed(hold))
        };
        self.ids.iter().zip(new).filter_map(take).collect()
    }

    /// What the stage made of this mail, for those who are left, and what there is to tell of recipients who came to their
    /// end by it.
    pub(crate) fn advanced(self, id: QueueId) -> Option<Ended> {
        let (mut advanced, mut ended) = (None, BTreeMap::new());
        for fact in self.entry.facts.into_iter().filter(|fact| fact.mail() == id) {
            match fact {
                Fact::Advanced { draft, .. } => advanced = Some(*draft),
                Fact::Finished { recipients, how, .. } => {
                    let story = Story::of_end(&how);
                    ended.extend(recipients.into_iter().map(|no| (no, story.clone())));
                }
                _ => {}
            }
        }
        let draft = advanced?;
        let going_on = draft.clone().only(|no| !ended.contains_key(&no));
        let stories = ended.into_iter().filter_map(|(no, story)| Some((no, story?))).collect();
        Some(Ended { draft, going_on, stories })
    }
}

/// What a stage has made of a mail.
pub(crate) struct Ended {
    /// With all of whom there is something to tell.
    pub draft: Draft,
    /// With those who are left.
    pub going_on: Draft,
    /// What there is to tell.
    pub stories: BTreeMap<RcptNo, Story>,
}
