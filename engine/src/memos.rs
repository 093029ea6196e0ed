//! All that a spool remembers of mails beyond their life, found by mail and by key.
//!
//! Rule: there are never more than the limit, but for those that are owed. Whoever relies on a memo (a key, a ticket) keeps it until its time is over;
//! others make room, the oldest first.

use std::collections::{BTreeSet, HashMap};

use crate::{Entry, Fact, KeyHash, Memo, Moment, NotWritten, Place, QueueId, Standing, TicketState};

/// Memos that are forgotten in one go; the others are next.
const TOGETHER: usize = 1000;

/// What a spool remembers.
#[derive(Debug)]
pub struct Memos {
    most: usize,
    all: HashMap<QueueId, Memo>,
    keys: HashMap<KeyHash, QueueId>,
    /// By time.
    line: BTreeSet<(Moment, QueueId)>,
    /// Those of them on which nobody relies.
    light: BTreeSet<(Moment, QueueId)>,
}

/// What a look at the time has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Prepared mails for which nobody came: they are to be swept.
    pub unredeemed: Vec<QueueId>,
    /// Where the records of those lie that are forgotten now.
    pub forgotten: Vec<Place>,
}

impl Default for Memos {
    /// Without a limit: what is read back was once within one.
    fn default() -> Self {
        Memos::new(usize::MAX)
    }
}

impl Memos {
    /// Nothing is remembered; at most so much will be.
    pub fn new(most: usize) -> Self {
        let (all, keys) = (HashMap::new(), HashMap::new());
        Memos { most, all, keys, line: BTreeSet::new(), light: BTreeSet::new() }
    }

    /// At most so many from now on. Gives the records that are not needed any more.
    pub fn limit(&mut self, most: usize) -> Vec<Place> {
        self.most = most;
        self.make_room(most)
    }

    /// Those on which nobody relies go, the oldest first, until there are so many or none of them is left.
    fn make_room(&mut self, left: usize) -> Vec<Place> {
        let mut unneeded = Vec::new();
        while self.all.len() > left {
            let Some((_, oldest)) = self.light.first().copied() else { break };
            unneeded.extend(self.forget(oldest));
        }
        unneeded
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What is remembered of this mail.
    pub fn get(&self, id: QueueId) -> Option<&Memo> {
        self.all.get(&id)
    }

    /// The mail that was sent under this key.
    pub fn of_key(&self, key: KeyHash) -> Option<QueueId> {
        self.keys.get(&key).copied()
    }

    /// All mails of which a record lies in this segment, with where it does.
    pub fn in_segment(&self, segment: u64) -> impl Iterator<Item = (u32, QueueId)> + '_ {
        let inside = self.all.iter().filter(move |(_, memo)| memo.place.segment == segment);
        inside.map(|(id, memo)| (memo.place.offset, *id))
    }

    /// Whether an entry may be written as far as keys and tickets go.
    ///
    /// # Errors
    /// Its key is known already, or there are too many that somebody relies on.
    pub fn admit(&self, entry: &Entry) -> Result<(), NotWritten> {
        let remembered = || entry.new.iter().filter_map(|mail| mail.remember());
        if let Some(first) = remembered().find_map(|remember| self.of_key(remember.key?)) {
            return Err(NotWritten::KeyKnown(first));
        }
        let relied_on = remembered().filter(|remember| !remember.owed && !Memo::new(remember).is_light()).count();
        let is_full = self.all.len() - self.light.len() + relied_on > self.most;
        match is_full && relied_on > 0 {
            true => Err(NotWritten::TooManyKeys),
            false => Ok(()),
        }
    }

    /// Remembers a mail. If there is no room for it, others make it, or it is not remembered. Gives the records that are
    /// not needed any more.
    pub fn insert(&mut self, id: QueueId, memo: Memo) -> Vec<Place> {
        let mut unneeded: Vec<Place> = self.forget(id).into_iter().collect();
        unneeded.extend(self.make_room(self.most.saturating_sub(1)));
        self.line.insert((memo.until, id));
        if memo.is_light() {
            self.light.insert((memo.until, id));
        }
        if let Some(key) = memo.key {
            // Records may be read in another order than they were written in: the later mail has the key.
            self.keys.entry(key).and_modify(|known| *known = id.max(*known)).or_insert(id);
        }
        self.all.insert(id, memo);
        unneeded
    }

    /// The record of a memo lies there now. Gives where it lay before.
    pub fn place(&mut self, id: QueueId, place: Place) -> Option<Place> {
        let memo = self.all.get_mut(&id)?;
        let before = std::mem::replace(&mut memo.place, place);
        (before.length > 0).then_some(before)
    }

    /// Adds a fact. `standing`: how its mail stood before it.
    pub fn note(&mut self, fact: &Fact, standing: Option<&Standing>) {
        let id = fact.mail();
        let Some(memo) = self.all.get_mut(&id) else { return };
        let (before, key) = (memo.until, memo.key);
        memo.note(fact, standing);
        let (until, is_light, is_free) = (memo.until, memo.is_light(), memo.key.is_none());
        if until != before {
            self.line.remove(&(before, id));
            self.light.remove(&(before, id));
            self.line.insert((until, id));
        }
        if is_light {
            self.light.insert((until, id));
        }
        if let Some(key) = key.filter(|key| is_free && self.keys.get(key) == Some(&id)) {
            self.keys.remove(&key);
        }
    }

    /// Forgets those whose time is over, and tells who is to be swept before; some at a time.
    pub fn overdue(&mut self, now: Moment) -> Overdue {
        let mut found = Overdue::default();
        let due: Vec<QueueId> =
            self.line.iter().take_while(|(until, _)| *until <= now).take(TOGETHER).map(|(_, id)| *id).collect();
        for id in due {
            match self.all.get(&id).map(|memo| memo.ticket) {
                Some(TicketState::Prepared) => found.unredeemed.push(id),
                _ => found.forgotten.extend(self.forget(id)),
            }
        }
        found
    }

    /// When [`Memos::overdue`] will find something.
    pub fn next(&self) -> Option<Moment> {
        self.line.first().map(|(until, _)| *until)
    }

    fn forget(&mut self, id: QueueId) -> Option<Place> {
        let memo = self.all.remove(&id)?;
        self.line.remove(&(memo.until, id));
        self.light.remove(&(memo.until, id));
        if let Some(key) = memo.key.filter(|key| self.keys.get(key) == Some(&id)) {
            self.keys.remove(&key);
        }
        (memo.place.length > 0).then_some(memo.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_whose_key_is_given_up_makes_room_as_one_without() {
        let mut memos = Memos::new(2);
        memos.insert(QueueId(1), memo("a", 100));
        memos.insert(QueueId(2), memo("b", 200));
        memos.note(&Fact::Unkeyed { mail: QueueId(2), until: Moment(50) }, None);
        assert_eq!((memos.of_key(KeyHash::of("b")), memos.next()), (None, Some(Moment(50))));
        assert_eq!(memos.insert(QueueId(3), memo("c", 300)).len(), 1);
        assert!(memos.get(QueueId(2)).is_none() && memos.get(QueueId(1)).is_some());
        memos.note(&Fact::Unkeyed { mail: QueueId(1), until: Moment(60) }, None);
        memos.note(&Fact::Unkeyed { mail: QueueId(1), until: Moment(70) }, None);
        assert_eq!((memos.overdue(Moment(70)).forgotten.len(), memos.len()), (1, 1));
    }

    fn memo(key: &str, until: u64) -> Memo {
        let remember =
            crate::Remember { key: Some(KeyHash::of(key)), prepared: false, owed: false, until: Moment(until) };
        Memo::new(&remember).at(Place { segment: 1, offset: 0, length: 1 })
    }

    #[test]
    fn a_key_is_that_of_the_later_mail_in_whatever_order_records_are_read() {
        for order in [[1, 2], [2, 1]] {
            let mut memos = Memos::new(10);
            for id in order {
                memos.insert(QueueId(id), memo("k", id * 100));
            }
            assert_eq!(memos.of_key(KeyHash::of("k")), Some(QueueId(2)));
            assert_eq!(memos.overdue(Moment(100)).forgotten.len(), 1);
            assert_eq!(memos.of_key(KeyHash::of("k")), Some(QueueId(2)), "the first is forgotten, the second is not");
            memos.overdue(Moment(200));
            assert_eq!((memos.of_key(KeyHash::of("k")), memos.is_empty(), memos.next()), (None, true, None));
        }
    }
}
