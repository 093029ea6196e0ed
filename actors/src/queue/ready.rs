//! Who is next: slips that are ready, by turns.
//!
//! Rule: the more urgent goes first, and each less urgent level has its share of the turns ([`Turns`]). Within a level senders
//! take turns, within a sender its mails do, and within a mail the slips are in order. So a newsletter of a thousand slips
//! and a single mail behind it go out in turn, also if both have one sender; and mails of one sender with one slip each go
//! out as they came. Pure: it knows no hop and no clock.

use std::{
    collections::{hash_map::Entry, HashMap, VecDeque},
    hash::Hash,
};

use postrider_engine::{Address, QueueId, QueuePriority, Slip};

use crate::turns::{level, Turns, LEVELS};

/// Where a slip belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub priority: QueuePriority,
    /// The reverse-path: who takes turns with whom.
    pub sender: Option<Address>,
    pub mail: QueueId,
}

impl Place {
    pub fn of(slip: &Slip) -> Self {
        let envelope = &slip.draft.envelope;
        Place { priority: envelope.priority, sender: envelope.sender.clone(), mail: slip.id() }
    }
}

/// The mails of a sender, each with its slips.
type Mails<T> = Round<QueueId, VecDeque<T>>;
/// The senders of a level.
type Senders<T> = Round<Option<Address>, Mails<T>>;

/// All that is ready.
pub(super) struct Ready<T> {
    levels: [Senders<T>; LEVELS],
    /// How many mails are in each level.
    mails: [usize; LEVELS],
    turns: Turns,
}

/// Those who take turns: each has something, who had its turn goes to the end of the line, and a newcomer comes there.
struct Round<K, V> {
    line: VecDeque<K>,
    each: HashMap<K, V>,
}

impl<K, V> Default for Round<K, V> {
    fn default() -> Self {
        Round { line: VecDeque::new(), each: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, V: Default> Round<K, V> {
    /// The one of this name; a newcomer takes its place in the line.
    fn of(&mut self, key: &K) -> &mut V {
        match self.each.entry(key.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                self.line.push_back(key.clone());
                new.insert(V::default())
            }
        }
    }

    /// The turn of the first; it goes to the end of the line, or away if `is_done` then.
    fn turn<T>(&mut self, take: impl FnOnce(&mut V) -> Option<T>, is_done: impl FnOnce(&V) -> bool) -> Option<T> {
        let key = self.line.pop_front()?;
        let one = self.each.get_mut(&key)?;
        let taken = take(one);
        match is_done(one) {
            true => drop(self.each.remove(&key)),
            false => self.line.push_back(key),
        }
        taken
    }

    fn is_empty(&self) -> bool {
        self.line.is_empty()
    }
}

impl<T> Default for Ready<T> {
    fn default() -> Self {
        Ready { levels: Default::default(), mails: [0; LEVELS], turns: Turns::default() }
    }
}

impl<T> Ready<T> {
    /// Comes behind those of its mail; a mail that has none here yet comes behind those of its sender.
    pub fn push(&mut self, Place { priority, sender, mail }: Place, slip: T) {
        let level = level(priority);
        let of_mail = self.levels[level].of(&sender).of(&mail);
        self.mails[level] += usize::from(of_mail.is_empty());
        of_mail.push_back(slip);
    }

    /// The next one.
    pub fn pop(&mut self) -> Option<T> {
        let waits = self.levels.each_ref().map(|senders| !senders.is_empty());
        let level = self.turns.take(waits)?;
        let mut was_last = false;
        let of_mail = |slips: &mut VecDeque<T>| {
            was_last = slips.len() <= 1;
            slips.pop_front()
        };
        let next = self.levels[level].turn(|mails| mails.turn(of_mail, VecDeque::is_empty), Round::is_empty);
        self.mails[level] -= usize::from(was_last);
        next
    }

    /// All, in the order of their turns.
    pub fn drain(&mut self) -> Vec<T> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    /// All, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let senders = self.levels.iter().flat_map(|level| level.each.values());
        senders.flat_map(|mails| mails.each.values()).flatten()
    }

    /// Some of this mail are here.
    pub fn has(&self, place: &Place) -> bool {
        let mails = self.levels[level(place.priority)].each.get(&place.sender);
        mails.is_some_and(|mails| mails.each.contains_key(&place.mail))
    }

    /// How many mails of this urgency are here, in however many slips.
    pub fn mails(&self, level: usize) -> usize {
        self.mails[level]
    }

    /// Nobody is here.
    pub fn is_empty(&self) -> bool {
        self.levels.iter().all(Round::is_empty)
    }
}

#[cfg(test)]
mod tests;
