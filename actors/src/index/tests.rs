//! The index by examples: order, room, and who wakes when.

use QueuePriority::{High, Low, Normal};

use super::*;

const NOBODY: [(QueueId, Vec<RcptNo>); 0] = [];

fn index(mails: usize) -> Index {
    Index::new(Room { mails, octets: 100 })
}

fn one() -> impl Iterator<Item = RcptNo> {
    std::iter::once(RcptNo(0))
}

fn new(id: u64, octets: usize) -> New<impl Iterator<Item = RcptNo>> {
    New { id: QueueId(id), who: one(), octets, priority: Normal, begins: None }
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
    let room: Vec<bool> = (1..=4).map(|id| index.admit(new(id, 0), Moment(id))).collect();
    assert_eq!(room, [true, true, false, false]);
    assert!(index.back(QueueId(1)));
    assert!(!index.admit(new(5, 0), Moment(5)), "3 was first");
    assert_eq!(ids(&mut index, 9), [3]);
    assert!(index.back(QueueId(2)) && index.back(QueueId(3)));
    assert_eq!(ids(&mut index, 9), [4, 5]);
}

#[test]
fn large_mails_fill_the_room_as_many_mails_do() {
    let mut index = index(10);
    assert!(index.admit(new(1, 100), Moment(1)));
    assert!(!index.admit(new(2, 1), Moment(1)));
    assert!(index.back(QueueId(1)));
    assert_eq!(ids(&mut index, 9), [2]);
}

#[test]
fn only_those_who_are_due_wake_up() {
    let mut index = index(2);
    let id = QueueId(1);
    index.rest(id, Normal, [(RcptNo(0), Moment(10)), (RcptNo(1), Moment(20))].into_iter());
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
    index.rest(QueueId(1), Normal, [(RcptNo(0), Moment(10))].into_iter());
    index.rest(QueueId(1), Normal, [(RcptNo(0), Moment(30))].into_iter());
    assert_eq!(all(&mut index, 29), NOBODY);
    assert_eq!(ids(&mut index, 30), [1]);
}

#[test]
fn a_hop_with_room_calls_those_who_stand_aside_oldest_first() {
    let mut index = index(10);
    let hop = Hop::new("smtp a:25");
    for id in 1..=3 {
        index.stand_aside(QueueId(id), Normal, [(RcptNo(0), Moment(1000))].into_iter(), &hop);
    }
    assert!(index.wanted(&hop, Normal, 2, Moment(5)), "one is left");
    assert_eq!(ids(&mut index, 5), [1, 2]);
    assert!(!index.wanted(&hop, Normal, 2, Moment(6)));
    assert_eq!(ids(&mut index, 6), [3]);
}

#[test]
fn who_stands_aside_keeps_its_time_when_its_last_hold_ends() {
    let mut index = index(10);
    assert!(index.admit(new(1, 0), Moment(0)));
    index.rest(QueueId(1), Normal, [(RcptNo(0), Moment(60))].into_iter());
    assert!(index.back(QueueId(1)));
    index.left(QueueId(1), Normal, &[(RcptNo(0), Moment(1)), (RcptNo(1), Moment(2))]);
    assert_eq!(all(&mut index, 59), [(QueueId(1), vec![RcptNo(1)])]);
    assert_eq!(all(&mut index, 60), [(QueueId(1), vec![RcptNo(0)])]);
}

#[test]
fn resting_costs_less_than_a_hundred_octets() {
    let entry = std::mem::size_of::<(QueueId, Resting)>();
    let line = std::mem::size_of::<(Moment, QueueId)>(); // in the set of its level
    let hop = std::mem::size_of::<QueueId>();
    assert!(entry + line + hop <= 64, "{entry} + {line} + {hop}, before the air in the tables");
}

#[test]
fn whoever_comes_behind_a_start_takes_turns_with_all_that_was_there() {
    let mut index = index(1);
    rest(&mut index, Normal, 1..1000, 1);
    assert_eq!(index.next(Moment(5)).map(|(id, ..)| id), Some(QueueId(1)));
    for id in 2000..2003 {
        assert!(!index.admit(new(id, 0), Moment(5)), "there is no room");
    }
    index.back(QueueId(1));
    let order: Vec<u64> =
        (0..8).filter_map(|_| index.next(Moment(9)).map(|(id, ..)| (index.back(id), id.0).1)).collect();
    assert_eq!(order, [2000, 2, 2001, 3, 2002, 4, 5, 6]);
    // Who came with a time of its own is one of those who wait for it.
    let later = New { begins: Some(Moment(20)), ..new(3000, 0) };
    assert!(!index.admit(later, Moment(9)));
    assert_eq!(index.wake_at(Moment(9)), Some(Moment(1)), "there is room for those who are due");
    let next = index.next(Moment(30)).map(|(id, ..)| id.0);
    assert_eq!(next, Some(7));
}

fn rest(index: &mut Index, priority: QueuePriority, ids: std::ops::Range<u64>, due: u64) {
    ids.for_each(|id| index.rest(QueueId(id), priority, [(RcptNo(0), Moment(due))].into_iter()));
}

#[test]
fn with_a_full_room_and_many_due_an_urgent_one_is_next_and_the_others_are_not_starved() {
    let mut index = index(1);
    rest(&mut index, Low, 1..1000, 1);
    assert!(!index.admit(New { priority: High, ..new(2000, 0) }, Moment(5)) || index.back(QueueId(2000)));
    rest(&mut index, High, 2001..2100, 6);
    rest(&mut index, Normal, 3000..3100, 6);
    let order: Vec<u64> =
        (0..16).filter_map(|_| index.next(Moment(9)).map(|(id, ..)| (index.back(id), id.0).1)).collect();
    assert_eq!(order[..3].iter().filter(|id| (2000..3000).contains(*id)).count(), 3, "{order:?}");
    assert_eq!(order.iter().filter(|id| **id < 1000).count(), 2, "one turn in eight: {order:?}");
    assert!(order.iter().filter(|id| **id >= 3000).count() >= 3, "{order:?}");
}

#[test]
fn one_that_is_urgent_passes_others_that_wait_and_one_that_is_not_does_not() {
    let mut index = index(100);
    rest(&mut index, Normal, 1..3, 1);
    let admitted = |index: &mut Index, id, priority| index.admit(New { priority, ..new(id, 0) }, Moment(5));
    assert!(!admitted(&mut index, 10, Low) && !admitted(&mut index, 11, Normal));
    let passed: Vec<bool> = (20..25).map(|id| admitted(&mut index, id, High)).collect();
    assert_eq!(passed, [true, true, true, false, false], "it is a turn of the others now");
    assert_eq!(
        ids(&mut index, 5)[..2],
        [11, 23],
        "of the equally urgent, those who have just come and the others take turns"
    );
}

#[test]
fn a_mail_that_is_asked_for_or_called_stays_as_urgent_as_it_was() {
    let mut index = index(100);
    let hop = Hop::new("a");
    rest(&mut index, Low, 1..2, 1);
    index.stand_aside(QueueId(5), High, [(RcptNo(0), Moment(1000))].into_iter(), &hop);
    index.stand_aside(QueueId(4), Low, [(RcptNo(0), Moment(1000))].into_iter(), &hop);
    rest(&mut index, High, 7..8, 1000);
    assert!(!index.wanted(&hop, High, 1, Moment(2)), "only the low one is left");
    assert!(!index.wanted(&hop, Normal, 9, Moment(2)) && index.wanted(&hop, Low, 0, Moment(2)));
    index.ask_for(QueueId(7), &[RcptNo(0)], Moment(2));
    assert_eq!(ids(&mut index, 2), [5, 7, 1]);
}

#[test]
fn pieces_of_a_newsletter_come_to_rest_without_a_look_at_the_others() {
    let mut index = index(1);
    let piece = |no: u32| (no * 100..(no + 1) * 100).map(RcptNo);
    for no in 0..1000 {
        index.rest(QueueId(1), Low, piece(no).map(|who| (who, Moment(10 + u64::from(no)))));
    }
    index.rest(QueueId(1), Low, piece(3).map(|who| (who, Moment(5))));
    assert_eq!(all(&mut index, 9), [(QueueId(1), piece(3).collect())]);
    assert_eq!(all(&mut index, 11), [(QueueId(1), piece(0).chain(piece(1)).collect())]);
    let left: usize = all(&mut index, 2000).into_iter().map(|(_, who)| who.len()).sum();
    assert_eq!((left, index.counts()), (99_700, (1, 0)));
}

#[test]
fn whatever_happens_nobody_is_forgotten_or_offered_twice() {
    for seed in 0..300_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut random = |most: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % most
        };
        let mut index = index(3);
        let (mut now, mut out, mut offered) = (0, Vec::new(), BTreeMap::<u64, u32>::new());
        let hop = Hop::new("a");
        let mut coming = 0;
        while coming < 60 {
            now += random(3);
            let priority = QueuePriority::ALL[random(3) as usize];
            match random(4) {
                0 | 1 => {
                    coming += 1;
                    let begins = (random(3) == 0).then(|| Moment(now + random(9)));
                    if index.admit(New { begins, priority, ..new(coming, 0) }, Moment(now)) {
                        *offered.entry(coming).or_default() += 1;
                        out.push(coming);
                    }
                }
                2 if !out.is_empty() => {
                    let id = out.swap_remove(random(out.len() as u64) as usize);
                    index.back(QueueId(id));
                    *offered.entry(id).or_default() -= 1;
                    let who = [(RcptNo(0), Moment(now + random(20)))].into_iter();
                    match random(3) {
                        0 => index.rest(QueueId(id), priority, who),
                        1 => index.stand_aside(QueueId(id), priority, who, &hop),
                        _ => drop(offered.insert(id, 1)),
                    }
                }
                _ => {
                    index.wanted(&hop, priority, random(3) as usize, Moment(now));
                }
            }
            while let Some((id, who, _)) = index.next(Moment(now)) {
                assert_eq!(who, [RcptNo(0)]);
                let times = offered.entry(id.0).or_default();
                *times += 1;
                assert_eq!(*times, 1, "{id:?} is out already");
                out.push(id.0);
            }
            assert!(index.wake_at(Moment(now)).is_none_or(|at| at > Moment(now)), "nobody is due who may go");
        }
        index.set_room(Room { mails: usize::MAX, octets: 100 });
        ids(&mut index, 1000).into_iter().for_each(|id| *offered.entry(id).or_default() += 1);
        assert!((1..=60).all(|id| offered.get(&id) == Some(&1)), "{seed}: {offered:?}");
    }
}
