//! Turns by examples, and that nobody is lost, comes twice, or waits without end.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The level of a slip, its sender (0: the null one), its mail, and which of its mail it is.
type One = (usize, u8, u64, usize);

fn place((level, sender, mail, _): One) -> Place {
    let sender = (sender > 0).then(|| Address::parse(&format!("s{sender}@example.org")).unwrap());
    Place { priority: QueuePriority::ALL[level], sender, mail: QueueId(mail) }
}

fn push(ready: &mut Ready<One>, one: One) {
    ready.push(place(one), one);
}

/// Mails and how many slips each has: who goes out when, by mail.
fn order(mails: &[(usize, u8, u64, usize)]) -> Vec<u64> {
    let mut ready = Ready::default();
    for (level, sender, mail, slips) in mails {
        (0..*slips).for_each(|slip| push(&mut ready, (*level, *sender, *mail, slip)));
    }
    ready.drain().into_iter().map(|(_, _, mail, _)| mail).collect()
}

#[test]
fn who_is_next_goes_by_urgency_then_by_sender_then_by_mail() {
    let table = [
        ("a newsletter and a single mail of another", vec![(1, 1, 1, 4), (1, 2, 2, 1)], vec![1, 2, 1, 1, 1]),
        ("a newsletter and a single mail of the same", vec![(1, 1, 1, 4), (1, 1, 2, 1)], vec![1, 2, 1, 1, 1]),
        (
            "two newsletters of one and one of another",
            vec![(1, 1, 1, 2), (1, 1, 2, 2), (1, 2, 3, 2)],
            vec![1, 3, 2, 3, 1, 2],
        ),
        ("mails of one slip each", vec![(1, 1, 1, 1), (1, 1, 2, 1), (1, 1, 3, 1)], vec![1, 2, 3]),
        ("reports are a sender too", vec![(1, 0, 1, 1), (1, 0, 2, 1), (1, 1, 3, 1)], vec![1, 3, 2]),
        ("one that is urgent", vec![(2, 1, 1, 2), (1, 1, 2, 1), (0, 1, 3, 1)], vec![3, 2, 1, 1]),
        ("one that is not, among many that are", vec![(2, 1, 1, 1), (0, 1, 2, 9)], vec![2, 2, 2, 2, 2, 2, 2, 1, 2, 2]),
    ];
    for (what, mails, expected) in table {
        assert_eq!(order(&mails), expected, "{what}");
    }
}

#[test]
fn a_mail_that_comes_while_others_go_out_waits_for_one_turn_of_each_sender_and_each_mail_of_its_own() {
    let mut ready = Ready::default();
    (0..1000).for_each(|slip| push(&mut ready, (1, 1, 1, slip)));
    (0..1000).for_each(|slip| push(&mut ready, (1, 2, 2, slip)));
    assert_eq!((0..501).filter_map(|_| ready.pop()).count(), 501);
    push(&mut ready, (1, 1, 3, 0));
    let turns: Vec<u64> = (0..5).filter_map(|_| ready.pop()).map(|(_, _, mail, _)| mail).collect();
    assert_eq!(turns, [2, 1, 2, 3, 2]);
}

#[test]
fn mails_are_counted_and_not_their_slips() {
    let mut ready = Ready::default();
    for one in [(1, 1, 1, 0), (1, 1, 1, 1), (1, 1, 2, 0), (0, 2, 3, 0)] {
        push(&mut ready, one);
    }
    let mails = |ready: &Ready<One>| [0, 1, 2].map(|level| ready.mails(level));
    assert_eq!((mails(&ready), ready.iter().count()), ([1, 2, 0], 4));
    assert!(ready.has(&place((1, 1, 2, 0))) && !ready.has(&place((1, 2, 2, 0))));
    let left: Vec<_> = std::iter::from_fn(|| ready.pop().map(|_| mails(&ready))).collect();
    assert_eq!(left, [[0, 2, 0], [0, 2, 0], [0, 1, 0], [0, 0, 0]]);
    assert!(ready.is_empty());
}

/// Somebody comes, or somebody goes.
fn steps() -> impl Strategy<Value = Vec<Option<(usize, u8, u64)>>> {
    // A mail has one sender and one priority.
    let come = (0..12_u64).prop_map(|mail| Some((mail as usize % 3, (mail / 3 % 2) as u8, mail)));
    prop::collection::vec(prop_oneof![3 => come, 2 => Just(None)], 0..300)
}

proptest! {
    #[test]
    fn nobody_is_lost_nobody_comes_twice_and_each_mail_stays_in_order(steps in steps()) {
        let (mut ready, mut came, mut went) = (Ready::default(), BTreeMap::<u64, usize>::new(), BTreeMap::new());
        let leave = |(.., mail, slip): One, went: &mut BTreeMap<u64, usize>| {
            let before = went.entry(mail).or_default();
            prop_assert_eq!(*before, slip, "mail {} is in order", mail);
            *before += 1;
            Ok(())
        };
        for step in steps {
            match step {
                Some((level, sender, mail)) => {
                    let slip = came.entry(mail).or_default();
                    push(&mut ready, (level, sender, mail, *slip));
                    *slip += 1;
                }
                None => ready.pop().map_or(Ok(()), |one| leave(one, &mut went))?,
            }
            let left = came.iter().filter(|(mail, came)| went.get(mail).copied().unwrap_or(0) < **came).count();
            prop_assert_eq!((0..LEVELS).map(|level| ready.mails(level)).sum::<usize>(), left);
            prop_assert_eq!(ready.is_empty(), left == 0);
        }
        ready.drain().into_iter().try_for_each(|one| leave(one, &mut went))?;
        prop_assert_eq!(went, came);
    }

    #[test]
    fn a_mail_waits_for_no_more_than_one_turn_of_each_of_the_others(
        mails in prop::collection::vec((0..LEVELS, 1..4_u8, 1..30_usize), 1..12),
    ) {
        let mut ready = Ready::default();
        for (mail, (level, sender, slips)) in mails.iter().enumerate() {
            (0..*slips).for_each(|slip| push(&mut ready, (*level, *sender, mail as u64, slip)));
        }
        let mut turn_of_level = [0_usize; LEVELS];
        let mut last = BTreeMap::<u64, usize>::new();
        for (level, sender, mail, _) in ready.drain() {
            turn_of_level[level] += 1;
            let waited = turn_of_level[level] - last.insert(mail, turn_of_level[level]).unwrap_or(0);
            let same = |other: &&(usize, u8, usize)| other.0 == level;
            let of_sender = mails.iter().filter(same).filter(|other| other.1 == sender).count();
            prop_assert!(waited <= 3 * of_sender, "mail {} waited {} turns of its level", mail, waited);
        }
    }
}
