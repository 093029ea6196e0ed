//! Mail that is asked for before it is due: how one goes through those who rest, and makes some of them due.
//!
//! Rule: who stands aside for a hop is not made due in a crowd: one of them tries the hop, and if that passes the hop calls
//! the others. So a million mails for a dead host that is asked for cost one attempt.

use std::ops::Bound;

use postrider_engine::{Errand, Flush, Hop, Moment, QueueId, RcptNo};

use super::{Index, Resting};

/// What became of a mail that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// None of these recipients rests.
    Nobody,
    /// It is due now.
    Due,
    /// It stands aside and waits for a call.
    Aside,
}

impl Index {
    /// The next mails that rest, behind this one, and for whom; at most so many, by their numbers.
    pub fn resting_behind(&self, behind: QueueId, most: usize) -> Vec<(QueueId, Vec<RcptNo>)> {
        let range = self.resting.range((Bound::Excluded(behind), Bound::Unbounded)).take(most);
        range.map(|(id, resting)| (*id, resting.iter().map(|(no, _)| no).collect())).collect()
    }

    /// The newest mail that rests.
    pub fn newest(&self) -> Option<QueueId> {
        self.resting.last_key_value().map(|(id, _)| *id)
    }

    /// These recipients (ascending) are due now, but for those who stand aside.
    pub fn ask_for(&mut self, id: QueueId, who: &[RcptNo], now: Moment) -> Asked {
        let resting = self.resting.get(&id).into_iter().flat_map(Resting::iter);
        let wanted: Vec<_> = resting.filter(|(no, _)| who.binary_search(no).is_ok()).collect();
        let due: Vec<RcptNo> = wanted.iter().filter(|(_, due)| !due.aside).map(|(no, _)| *no).collect();
        match (due.is_empty(), wanted.is_empty()) {
            (false, _) => {
                self.send_on(id, due.into_iter(), Errand::Asked, now);
                Asked::Due
            }
            (true, false) => Asked::Aside,
            (true, true) => Asked::Nobody,
        }
    }

    /// One mail for each hop that is asked for, and for which some stand aside, tries it: the oldest of the most urgent.
    pub fn probe_all(&mut self, what: &Flush, now: Moment) {
        let asked = self.hops.0.iter().filter(|(hop, _)| what.names_hop(hop));
        let is_there = |id: &QueueId| self.resting.get(id).is_some_and(Resting::is_aside);
        let first: Vec<QueueId> = asked.filter_map(|(_, aside)| aside.iter().find(is_there)).collect();
        first.into_iter().for_each(|id| self.call(id, Errand::Asked, now));
    }

    /// This mail, which stands aside, tries its hop, unless one of these is its hop.
    pub fn probe(&mut self, id: QueueId, but: &[Hop], now: Moment) -> Option<Hop> {
        let has = |hop: &Hop| self.hops.0.get(hop).is_some_and(|aside| aside.contains(id));
        if but.iter().any(has) {
            return None;
        }
        let (hop, _) = self.hops.0.iter().find(|(_, aside)| aside.contains(id))?;
        let hop = hop.clone();
        self.call(id, Errand::Asked, now);
        Some(hop)
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::QueuePriority;

    use super::{super::Room, *};

    const HOUR: Moment = Moment(3_600_000);

    fn one(no: u32) -> impl Iterator<Item = (RcptNo, Moment)> {
        std::iter::once((RcptNo(no), HOUR))
    }

    fn next(index: &mut Index) -> Vec<(u64, Vec<u32>, Errand)> {
        let out = std::iter::from_fn(|| index.next(Moment(1)));
        out.map(|(id, who, errand)| (id.0, who.iter().map(|no| no.0).collect(), errand)).collect()
    }

    #[test]
    fn who_is_asked_for_goes_out_at_once_and_alone_on_this_errand() {
        let mut index = Index::new(Room { mails: 10, octets: 100 });
        index.rest(QueueId(1), QueuePriority::Normal, one(0).chain(one(1)));
        index.rest(QueueId(2), QueuePriority::Normal, one(0));
        assert_eq!(index.ask_for(QueueId(1), &[RcptNo(1), RcptNo(7)], Moment(1)), Asked::Due);
        assert_eq!(index.ask_for(QueueId(1), &[RcptNo(7)], Moment(1)), Asked::Nobody);
        assert_eq!(index.ask_for(QueueId(9), &[RcptNo(0)], Moment(1)), Asked::Nobody);
        assert_eq!(next(&mut index), [(1, vec![1], Errand::Asked)]);
        assert_eq!(
            index.next(HOUR).map(|(id, who, errand)| (id.0, who, errand)),
            Some((1, vec![RcptNo(0)], Errand::Due))
        );
    }

    #[test]
    fn one_of_those_who_stand_aside_tries_the_hop_and_the_others_wait_for_its_call() {
        let mut index = Index::new(Room { mails: 10, octets: 100 });
        let (dead, other) = (Hop::new("dead"), Hop::new("other"));
        (1..=3).for_each(|id| index.stand_aside(QueueId(id), QueuePriority::Normal, one(0), &dead));
        index.stand_aside(QueueId(4), QueuePriority::Normal, one(0), &other);
        for id in 1..=4 {
            assert_eq!(index.ask_for(QueueId(id), &[RcptNo(0)], Moment(1)), Asked::Aside);
        }
        assert_eq!(next(&mut index), []);
        index.probe_all(&Flush::Hop(dead.clone()), Moment(1));
        assert_eq!(next(&mut index), [(1, vec![0], Errand::Asked)]);
        assert_eq!(index.probe(QueueId(2), &[], Moment(1)), Some(dead.clone()));
        assert_eq!(index.probe(QueueId(3), std::slice::from_ref(&dead), Moment(1)), None);
        assert_eq!(next(&mut index), [(2, vec![0], Errand::Asked)]);
        assert!(!index.wanted(&dead, QueuePriority::Normal, 5, Moment(1)));
        assert_eq!(next(&mut index), [(3, vec![0], Errand::Called)]);
    }

    #[test]
    fn a_call_leaves_those_of_a_mail_alone_who_wait_for_their_time() {
        let mut index = Index::new(Room { mails: 10, octets: 100 });
        let hop = Hop::new("dead");
        index.rest(QueueId(1), QueuePriority::Normal, one(0));
        index.stand_aside(QueueId(1), QueuePriority::Normal, one(1), &hop);
        assert!(!index.wanted(&hop, QueuePriority::Normal, 1, Moment(1)));
        assert_eq!(next(&mut index), [(1, vec![1], Errand::Called)]);
    }

    #[test]
    fn one_goes_through_those_who_rest_part_by_part() {
        let mut index = Index::new(Room { mails: 10, octets: 100 });
        (1..=5).for_each(|id| index.rest(QueueId(id), QueuePriority::Normal, one(0)));
        let numbers = |behind| index.resting_behind(QueueId(behind), 2).iter().map(|(id, _)| id.0).collect::<Vec<_>>();
        assert_eq!((numbers(0), numbers(2), numbers(4), numbers(5)), (vec![1, 2], vec![3, 4], vec![5], vec![]));
        assert_eq!(index.newest(), Some(QueueId(5)));
    }
}
