//! What is written down together: new mails and facts about old ones.

use crate::{Committed, Draft, Fact, Hold, Mail, QueueId, Received};

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
        match (self.new.is_empty(), self.facts.is_empty()) {
            (true, _) => Claim::Reserve,
            (false, true) => Claim::Free,
            (false, false) => Claim::Spare,
        }
    }

    /// Octets in memory, roughly: what a batch is bounded by.
    pub fn weight(&self) -> usize {
        const FACT: usize = 128;
        let mail = |mail: &Mail<Received>| mail.draft().content.octets_in_memory() + FACT;
        self.new.iter().map(mail).sum::<usize>() + self.facts.len() * FACT
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

    /// Takes the new mails out, as ours. One without a hold stays on disk only. For the spooler only.
    pub fn commit(&mut self, mut hold: impl FnMut(QueueId, &Draft) -> Option<Hold>) -> Vec<Mail<Committed>> {
        let new = std::mem::take(&mut self.entry.new);
        let take = |(id, mail): (&QueueId, Mail<Received>)| {
            let hold = hold(*id, mail.draft())?;
            Some(mail.committed(hold))
        };
        self.ids.iter().zip(new).filter_map(take).collect()
    }

    /// The draft of a stage, without those who came to their end in the same entry and are named for a report only.
    pub(crate) fn advanced(self, id: QueueId) -> Option<Draft> {
        let ended = self.entry.facts.iter().filter_map(|fact| match fact {
            Fact::Finished { mail, recipients, .. } if *mail == id => Some(recipients.clone()),
            _ => None,
        });
        let ended: Vec<_> = ended.flatten().collect();
        let draft = |fact| match fact {
            Fact::Advanced { mail, draft } if mail == id => Some(*draft),
            _ => None,
        };
        let draft = self.entry.facts.into_iter().find_map(draft)?;
        Some(if ended.is_empty() { draft } else { draft.only(|no| !ended.contains(&no)) })
    }
}
