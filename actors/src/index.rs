//! What the spooler knows of mail that is not out: who is due when, and nothing else.
//!
//! At most so many mails, and so many octets of them, are out (live, in memory) at once. The rest stand in line here: by
//! time, then by age. One that rests costs less than a hundred octets.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use postrider_engine::{Hop, Moment, QueueId, RcptNo};

/// Bounds of what is out.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Mails. One thousand would stop a busy hop from behind a slow one; a million would fill the memory.
    pub mails: usize,
    /// Octets of content in memory.
    pub octets: usize,
}

/// Counts holds, and keeps those who wait in line.
pub struct Index {
    room: Room,
    octets_out: usize,
    out: HashMap<QueueId, Out>,
    resting: HashMap<QueueId, Resting>,
    /// May name mails that are no longer resting; those are passed over.
    line: BTreeSet<(Moment, QueueId)>,
    hops: Hops,
}

/// A mail that somebody holds.
#[derive(Default)]
struct Out {
    /// How many holds were given out and have not ended: once parts of a mail rest, a second offer makes a second hold.
    holds: u32,
    octets: usize,
}

enum Resting {
    One(RcptNo, Moment),
    Many(BTreeMap<RcptNo, Moment>),
}

/// Mails that stand aside because their hop has no room, by hop.
#[derive(Default)]
struct Hops(HashMap<Hop, BTreeSet<QueueId>>);

impl Resting {
    fn new(mut who: impl Iterator<Item = (RcptNo, Moment)>) -> Option<Self> {
        let first = who.next()?;
        match who.next() {
            None => Some(Resting::One(first.0, first.1)),
            Some(second) => Some(Resting::Many([first, second].into_iter().chain(who).collect())),
        }
    }

    fn iter(&self) -> Box<dyn Iterator<Item = (RcptNo, Moment)> + '_> {
        match self {
            Resting::One(no, due) => Box::new(std::iter::once((*no, *due))),
            Resting::Many(all) => Box::new(all.iter().map(|(no, due)| (*no, *due))),
        }
    }
}

impl Index {
    /// Nobody is out, nobody rests.
    pub fn new(room: Room) -> Self {
        let (out, resting, line) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Index { room, octets_out: 0, out, resting, line, hops: Hops::default() }
    }

    /// A new mail may go out at once if there is room and nobody waits for it. Otherwise it stands in line.
    pub fn admit(&mut self, id: QueueId, who: impl Iterator<Item = RcptNo>, octets: usize, now: Moment) -> bool {
        let waited_for = self.line.first().is_some_and(|(due, _)| *due <= now);
        if waited_for || self.is_full() {
            self.rest(id, who.map(|no| (no, now)));
            return false;
        }
        self.give_out(id);
        self.weigh(id, octets);
        true
    }

    fn give_out(&mut self, id: QueueId) {
        self.out.entry(id).or_default().holds += 1;
    }

    /// So many octets of a mail that is out came into memory.
    pub fn weigh(&mut self, id: QueueId, octets: usize) {
        if let Some(out) = self.out.get_mut(&id) {
            out.octets += octets;
            self.octets_out += octets;
        }
    }

    /// These wait until they are due.
    pub fn rest(&mut self, id: QueueId, who: impl Iterator<Item = (RcptNo, Moment)>) {
        let new: Vec<(RcptNo, Moment)> = who.collect();
        self.line.extend(new.iter().map(|(_, due)| (*due, id)));
        let before = self.resting.remove(&id);
        let before: Vec<(RcptNo, Moment)> = before.iter().flat_map(Resting::iter).collect();
        let all = before.into_iter().filter(|(no, _)| !new.iter().any(|(other, _)| other == no));
        let all: Vec<_> = all.chain(new.iter().copied()).collect();
        if let Some(resting) = Resting::new(all.into_iter()) {
            self.resting.insert(id, resting);
        }
    }

    /// This mail comes when its hop has room, even before it is due.
    pub fn stand_aside(&mut self, id: QueueId, hop: &Hop) {
        match self.hops.0.get_mut(hop) {
            Some(aside) => drop(aside.insert(id)),
            None => drop(self.hops.0.insert(hop.clone(), BTreeSet::from([id]))),
        }
    }

    /// The hop has room for `room` mails: the oldest that stand aside are due now. False: fewer than that do.
    pub fn wanted(&mut self, hop: &Hop, room: usize, now: Moment) -> bool {
        let Some(aside) = self.hops.0.get_mut(hop) else { return false };
        let resting = &self.resting;
        let called = std::iter::from_fn(|| aside.pop_first()).filter(|id| resting.contains_key(id)).take(room);
        let called: Vec<QueueId> = called.collect();
        let enough = !aside.is_empty();
        if !enough {
            self.hops.0.remove(hop);
        }
        for id in called {
            let who: Vec<RcptNo> =
                self.resting.get(&id).into_iter().flat_map(Resting::iter).map(|(no, _)| no).collect();
            self.rest(id, who.into_iter().map(|no| (no, now)));
        }
        enough
    }

    /// The next mail to go out, and for which recipients (ascending).
    pub fn next(&mut self, now: Moment) -> Option<(QueueId, Vec<RcptNo>)> {
        loop {
            let (due, id) = *self.line.first()?;
            if due > now || (self.is_full() && !self.out.contains_key(&id)) {
                return None;
            }
            self.line.pop_first();
            let who = self.wake(id, now);
            if !who.is_empty() {
                self.give_out(id);
                return Some((id, who));
            }
        }
    }

    fn wake(&mut self, id: QueueId, now: Moment) -> Vec<RcptNo> {
        let Some(resting) = self.resting.remove(&id) else { return Vec::new() };
        let who = resting.iter().filter(|(_, due)| *due <= now).map(|(no, _)| no).collect();
        if let Some(rest) = Resting::new(resting.iter().filter(|(_, due)| *due > now)) {
            self.resting.insert(id, rest);
        }
        who
    }

    /// A hold has ended. True if none is left: then the facts alone say what is left to do.
    pub fn back(&mut self, id: QueueId) -> bool {
        let Some(out) = self.out.get_mut(&id) else { return false };
        out.holds = out.holds.saturating_sub(1);
        if out.holds > 0 {
            return false;
        }
        self.octets_out = self.octets_out.saturating_sub(out.octets);
        self.out.remove(&id);
        true
    }

    /// The facts say that this is left to do of a mail that nobody holds. Who rests already keeps the time.
    pub fn left(&mut self, id: QueueId, left: &[(RcptNo, Moment)]) {
        if self.out.contains_key(&id) {
            return; // offered meanwhile; its new hold will tell
        }
        let before: BTreeMap<RcptNo, Moment> = self.resting.remove(&id).iter().flat_map(Resting::iter).collect();
        let due = |(no, due): &(RcptNo, Moment)| (*no, *before.get(no).unwrap_or(due));
        self.rest(id, left.iter().map(due));
    }

    /// Nothing is left to do, or nobody may: the mail is not offered any more.
    pub fn forget(&mut self, id: QueueId) {
        self.resting.remove(&id);
    }

    /// When the spooler must look again; nobody moves up while there is no room.
    pub fn wake_at(&self, now: Moment) -> Option<Moment> {
        let from = Bound::Excluded((now, QueueId(u64::MAX)));
        let next = match self.is_full() {
            true => self.line.range((from, Bound::Unbounded)).next(),
            false => self.line.first(),
        };
        next.map(|(due, _)| *due)
    }

    /// How many mails are out and how many rest.
    pub fn counts(&self) -> (usize, usize) {
        (self.out.len(), self.resting.len())
    }

    fn is_full(&self) -> bool {
        self.out.len() >= self.room.mails || self.octets_out >= self.room.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: [(QueueId, Vec<RcptNo>); 0] = [];

    fn index(mails: usize) -> Index {
        Index::new(Room { mails, octets: 100 })
    }

    fn one() -> impl Iterator<Item = RcptNo> {
        std::iter::once(RcptNo(0))
    }

    fn ids(index: &mut Index, now: u64) -> Vec<u64> {
        std::iter::from_fn(|| index.next(Moment(now)).map(|(id, _)| id.0)).collect()
    }

    fn all(index: &mut Index, now: u64) -> Vec<(QueueId, Vec<RcptNo>)> {
        std::iter::from_fn(|| index.next(Moment(now))).collect()
    }

    #[test]
    fn who_finds_no_room_stands_in_line_and_is_not_overtaken() {
        let mut index = index(2);
        let room: Vec<bool> = (1..=4).map(|id| index.admit(QueueId(id), one(), 0, Moment(id))).collect();
        assert_eq!(room, [true, true, false, false]);
        assert!(index.back(QueueId(1)));
        assert!(!index.admit(QueueId(5), one(), 0, Moment(5)), "3 was first");
        assert_eq!(ids(&mut index, 9), [3]);
        assert!(index.back(QueueId(2)) && index.back(QueueId(3)));
        assert_eq!(ids(&mut index, 9), [4, 5]);
    }

    #[test]
    fn large_mails_fill_the_room_as_many_mails_do() {
        let mut index = index(10);
        assert!(index.admit(QueueId(1), one(), 100, Moment(1)));
        assert!(!index.admit(QueueId(2), one(), 1, Moment(1)));
        assert!(index.back(QueueId(1)));
        assert_eq!(ids(&mut index, 9), [2]);
    }

    #[test]
    fn only_those_who_are_due_wake_up() {
        let mut index = index(2);
        let id = QueueId(1);
        index.rest(id, [(RcptNo(0), Moment(10)), (RcptNo(1), Moment(20))].into_iter());
        assert_eq!(all(&mut index, 9), NOBODY);
        assert_eq!(index.wake_at(Moment(9)), Some(Moment(10)));
        assert_eq!(all(&mut index, 10), [(id, vec![RcptNo(0)])]);
        assert_eq!(all(&mut index, 20), [(id, vec![RcptNo(1)])]);
        assert!(!index.back(id), "another hold is out");
        assert!(index.back(id));
    }

    #[test]
    fn one_who_is_moved_does_not_wake_at_the_old_time() {
        let mut index = index(2);
        index.rest(QueueId(1), [(RcptNo(0), Moment(10))].into_iter());
        index.rest(QueueId(1), [(RcptNo(0), Moment(30))].into_iter());
        assert_eq!(all(&mut index, 29), NOBODY);
        assert_eq!(ids(&mut index, 30), [1]);
    }

    #[test]
    fn a_hop_with_room_calls_those_who_stand_aside_oldest_first() {
        let mut index = index(10);
        let hop = Hop::new("smtp a:25");
        for id in 1..=3 {
            index.rest(QueueId(id), [(RcptNo(0), Moment(1000))].into_iter());
            index.stand_aside(QueueId(id), &hop);
        }
        assert!(index.wanted(&hop, 2, Moment(5)), "one is left");
        assert_eq!(ids(&mut index, 5), [1, 2]);
        assert!(!index.wanted(&hop, 2, Moment(6)));
        assert_eq!(ids(&mut index, 6), [3]);
    }

    #[test]
    fn who_stands_aside_keeps_its_time_when_its_last_hold_ends() {
        let mut index = index(10);
        assert!(index.admit(QueueId(1), one(), 0, Moment(0)));
        index.rest(QueueId(1), [(RcptNo(0), Moment(60))].into_iter());
        assert!(index.back(QueueId(1)));
        index.left(QueueId(1), &[(RcptNo(0), Moment(1)), (RcptNo(1), Moment(2))]);
        assert_eq!(all(&mut index, 59), [(QueueId(1), vec![RcptNo(1)])]);
        assert_eq!(all(&mut index, 60), [(QueueId(1), vec![RcptNo(0)])]);
    }

    #[test]
    fn resting_costs_less_than_a_hundred_octets() {
        let entry = std::mem::size_of::<(QueueId, Resting)>();
        let line = std::mem::size_of::<(Moment, QueueId)>();
        let hop = std::mem::size_of::<QueueId>();
        assert!(entry + line + hop <= 64, "{entry} + {line} + {hop}, before the air in the tables");
    }
}
