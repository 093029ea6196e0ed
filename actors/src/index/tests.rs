//! The index by examples: order, room, and who wakes when.

use super::*;

const NOBODY: [(QueueId, Vec<RcptNo>); 0] = [];

fn index(mails: usize) -> Index {
    Index::new(Room { mails, octets: 100 })
}

fn one() -> impl Iterator<Item = RcptNo> {
    std::iter::once(RcptNo(0))
}

fn ids(index: &mut Index, now: u64) -> Vec<u64> {
    std::iter::from_fn(|| index.next(Moment(now)).map(|(id, ..)| id.0)).collect()
}

fn all(index: &mut Index, now: u64) -> Vec<(QueueId, Vec<RcptNo>)> {
    std::iter::from_fn(|| index.next(Moment(now)).map(|(id, who, _)| (id, who))).collect()
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
        index.stand_aside(QueueId(id), [(RcptNo(0), Moment(1000))].into_iter(), &hop);
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
