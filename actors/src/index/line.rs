//! Lines: who rests until when, by urgency, and who stands aside for which hop.
//!
//! Rule: of those who are due the more urgent are next, and the others have their share of the turns; among the equally
//! urgent it goes by time, then by age. A line may name mails that are no longer resting; those are passed over.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};

use postrider_engine::{Hop, Moment, QueueId, QueuePriority};

use crate::turns::{level, Turns, LEVELS};

/// Who rests, by time.
#[derive(Default)]
pub(super) struct Lines {
    levels: [BTreeSet<(Moment, QueueId)>; LEVELS],
    turns: Turns,
}

/// Somebody who is due, if nobody more fitting is found to be gone.
pub(super) struct Head {
    level: usize,
    due: Moment,
    pub id: QueueId,
    waits: [bool; LEVELS],
}

impl Lines {
    /// Rests until then.
    pub fn add(&mut self, priority: QueuePriority, due: Moment, id: QueueId) {
        self.levels[level(priority)].insert((due, id));
    }

    fn heads(&self) -> [Option<(Moment, QueueId)>; LEVELS] {
        self.levels.each_ref().map(|line| line.first().copied())
    }

    /// Who is next, of those who are due and may go. It stays in line until it is taken.
    pub fn next(&self, now: Moment, may_go: impl Fn(QueueId) -> bool) -> Option<Head> {
        let heads = self.heads().map(|head| head.filter(|(due, id)| *due <= now && may_go(*id)));
        let waits = heads.map(|head| head.is_some());
        let level = self.turns.whose(waits)?;
        let (due, id) = heads[level]?;
        Some(Head { level, due, id, waits })
    }

    /// It is gone from the line.
    pub fn remove(&mut self, head: &Head) {
        self.levels[head.level].remove(&(head.due, head.id));
    }

    /// That was its turn.
    pub fn had_its_turn(&mut self, head: &Head) {
        self.turns.took(head.level, head.waits);
    }

    /// A newcomer may go at once: nobody waits before it, and it is no turn of others.
    pub fn lets_pass(&mut self, priority: QueuePriority, now: Moment) -> bool {
        let level = level(priority);
        let mut waits = self.heads().map(|head| head.is_some_and(|(due, _)| due <= now));
        if std::mem::replace(&mut waits[level], true) || self.turns.whose(waits) != Some(level) {
            return false;
        }
        self.turns.took(level, waits);
        true
    }

    /// When the first is due; `after`: of those who are not due then.
    pub fn first_due(&self, after: Option<Moment>) -> Option<Moment> {
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded((after, QueueId(u64::MAX))));
        let firsts = self.levels.iter().filter_map(|line| line.range((from, Bound::Unbounded)).next());
        firsts.map(|(due, _)| *due).min()
    }
}

/// Mails that stand aside because their hop has no room, by hop.
#[derive(Default)]
pub(super) struct Hops(pub HashMap<Hop, Aside>);

/// Those who stand aside for one hop.
#[derive(Default)]
pub(super) struct Aside([BTreeSet<QueueId>; LEVELS]);

impl Hops {
    /// Stands aside for this hop.
    pub fn add(&mut self, hop: &Hop, priority: QueuePriority, id: QueueId) {
        match self.0.get_mut(hop) {
            Some(aside) => aside.add(priority, id),
            None => self.0.entry(hop.clone()).or_default().add(priority, id),
        }
    }
}

impl Aside {
    fn add(&mut self, priority: QueuePriority, id: QueueId) {
        self.0[level(priority)].insert(id);
    }

    /// The next of this urgency to be called: the oldest.
    pub fn pop(&mut self, priority: QueuePriority) -> Option<QueueId> {
        self.0[level(priority)].pop_first()
    }

    /// Some of this urgency stand aside.
    pub fn has(&self, priority: QueuePriority) -> bool {
        !self.0[level(priority)].is_empty()
    }

    /// All, the most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = QueueId> + '_ {
        self.0.iter().flatten().copied()
    }

    /// It stands aside here.
    pub fn contains(&self, id: QueueId) -> bool {
        self.0.iter().any(|aside| aside.contains(&id))
    }

    /// Nobody does.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(BTreeSet::is_empty)
    }
}
