//! Lines: who rests until when, by urgency, and who stands aside for which hop.
//!
//! Rule: of those who are due the more urgent are next, and the others have their share of the turns. Among the equally urgent
//! those who have just come and those who come back take turns, or a hundred thousand for a dead hop would stand before whoever
//! comes behind a start; in each of the two lines it goes by time, then by age. A line may name mails that are no longer
//! resting; those are passed over.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};

use postrider_engine::{Hop, Moment, QueueId, QueuePriority};

use crate::turns::{level, Turns, LEVELS};

/// Who rests, by urgency.
#[derive(Default)]
pub(super) struct Lines {
    levels: [Line; LEVELS],
    turns: Turns,
}

/// Why somebody stands in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comes {
    /// It has just come, and found no room.
    New,
    /// It waited for its time, or for its hop, or was there when the engine began.
    Back,
}

/// Who rests, by time, of the same urgency.
#[derive(Default)]
struct Line {
    new: BTreeSet<(Moment, QueueId)>,
    back: BTreeSet<(Moment, QueueId)>,
    /// The last turn was that of one who had just come.
    was_new: bool,
}

impl Line {
    fn of(&mut self, comes: Comes) -> &mut BTreeSet<(Moment, QueueId)> {
        match comes {
            Comes::New => &mut self.new,
            Comes::Back => &mut self.back,
        }
    }

    /// Who is next, of those who are due and may go.
    fn head(&self, now: Moment, may_go: impl Fn(QueueId) -> bool) -> Option<(Moment, QueueId, Comes)> {
        let first = |line: &BTreeSet<(Moment, QueueId)>, comes| {
            let (due, id) = *line.first()?;
            (due <= now && may_go(id)).then_some((due, id, comes))
        };
        let (new, back) = (first(&self.new, Comes::New), first(&self.back, Comes::Back));
        if self.was_new {
            back.or(new)
        } else {
            new.or(back)
        }
    }

    fn first_due(&self, after: Option<Moment>) -> Option<Moment> {
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded((after, QueueId(u64::MAX))));
        let firsts = [&self.new, &self.back].map(|line| line.range((from, Bound::Unbounded)).next());
        firsts.into_iter().flatten().map(|(due, _)| *due).min()
    }
}

/// Somebody who is due, if nobody more fitting is found to be gone.
pub(super) struct Head {
    level: usize,
    due: Moment,
    comes: Comes,
    pub id: QueueId,
    waits: [bool; LEVELS],
}

impl Lines {
    /// Rests until then.
    pub fn add(&mut self, priority: QueuePriority, due: Moment, id: QueueId, comes: Comes) {
        self.levels[level(priority)].of(comes).insert((due, id));
    }

    /// Who is next, of those who are due and may go. It stays in line until it is taken.
    pub fn next(&self, now: Moment, may_go: impl Fn(QueueId) -> bool) -> Option<Head> {
        let heads = self.levels.each_ref().map(|line| line.head(now, &may_go));
        let waits = heads.map(|head| head.is_some());
        let level = self.turns.whose(waits)?;
        let (due, id, comes) = heads[level]?;
        Some(Head { level, due, comes, id, waits })
    }

    /// It is gone from the line.
    pub fn remove(&mut self, head: &Head) {
        self.levels[head.level].of(head.comes).remove(&(head.due, head.id));
    }

    /// That was its turn.
    pub fn had_its_turn(&mut self, head: &Head) {
        self.levels[head.level].was_new = head.comes == Comes::New;
        self.turns.took(head.level, head.waits);
    }

    /// A newcomer may go at once: nobody waits before it, and it is no turn of others.
    pub fn lets_pass(&mut self, priority: QueuePriority, now: Moment) -> bool {
        let level = level(priority);
        let mut waits = self.levels.each_ref().map(|line| line.head(now, |_| true).is_some());
        if std::mem::replace(&mut waits[level], true) || self.turns.whose(waits) != Some(level) {
            return false;
        }
        self.turns.took(level, waits);
        true
    }

    /// When the first is due; `after`: of those who are not due then.
    pub fn first_due(&self, after: Option<Moment>) -> Option<Moment> {
        self.levels.iter().filter_map(|line| line.first_due(after)).min()
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
