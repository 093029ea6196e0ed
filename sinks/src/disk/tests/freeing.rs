//! What the ledger lets go, and what it keeps.

use postrider_engine::Place;

use super::super::{index::Leaves, ledger::Ledger};

fn record(segment: u64) -> Leaves {
    Leaves { place: Place { segment, offset: 0, length: 100 }, sides: ["side".into()].into() }
}

/// Segments 1 to 4; one mail in each of the first three.
fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    for segment in 1..=4 {
        ledger.open(segment, 1000);
    }
    (1..=3).for_each(|segment| ledger.record(segment, 100));
    ledger.synced(10, 4);
    ledger
}

fn free(ledger: &mut Ledger) -> Vec<u64> {
    ledger.take_free().into_iter().map(|(segment, _)| segment).collect()
}

#[test]
fn a_mail_counts_until_the_frame_that_ended_it_is_synced() {
    let mut ledger = ledger();
    ledger.leave(11, record(1));
    ledger.leave(12, record(2));
    assert!(free(&mut ledger).is_empty());
    assert_eq!(ledger.synced(11, 4).len(), 1, "its side file goes with it, the other stays");
    assert_eq!((free(&mut ledger), ledger.live_octets()), (vec![1], 200));
    assert!(free(&mut ledger).is_empty(), "it is on its way already");
}

#[test]
fn what_speaks_of_an_older_mail_is_kept_until_that_segment_is_durably_freed() {
    let mut ledger = ledger();
    ledger.refer(3, 1);
    ledger.refer(3, 3);
    ledger.leave(11, record(3));
    ledger.synced(11, 4);
    assert!(free(&mut ledger).is_empty(), "the mail in 1 would be there again without what 3 says");
    ledger.leave(12, record(1));
    ledger.synced(12, 4);
    assert_eq!(free(&mut ledger), [1]);
    assert!(free(&mut ledger).is_empty(), "1 is not yet durably freed");
    ledger.freed(1);
    assert_eq!(free(&mut ledger), [3]);
}

#[test]
fn the_last_segment_with_a_synced_frame_is_kept() {
    let mut ledger = ledger();
    (1..=3).for_each(|segment| ledger.leave(11, record(segment)));
    ledger.synced(11, 4);
    assert_eq!(free(&mut ledger), [1, 2, 3], "4 knows the next id");
}
