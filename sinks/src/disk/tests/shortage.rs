//! What waits to become a segment: no more of it than is wanted while there is space, and all of it when there is none.

use std::{sync::Arc, time::Duration};

use postrider_engine::{Durability, Entry, Spool};

use super::{
    super::{faulty::*, *},
    harness::*,
};

const SEGMENT: u64 = 16 << 10;

/// Mails come and go, until segments were freed.
fn pass(spool: &mut DiskSpool) {
    for _ in 0..40 {
        let id = spool.mail(draft(1, vec![b'x'; 3000])).0;
        spool.facts(vec![delivered(id, &[0])]);
    }
    until("freed", || spool.gauge().read().segments == 1);
}

#[test]
fn a_segment_that_is_being_prepared_is_waited_for_when_there_is_no_other() {
    let files = FaultyFiles::new();
    files.set_free(6 * SEGMENT);
    // What is prepared is synced, so it is there long after the facts have come.
    let slow = SlowSync::new(files.clone(), Duration::from_millis(300));
    let mut spool = open(Settings { prepared_segments: 1, ..small() }, Arc::new(slow)).unwrap();
    let has_space =
        |name: &String| name.ends_with(".free") && files.octets(name).unwrap_or_default().len() as u64 == SEGMENT;
    until("under way", || files.names().iter().filter(|name| has_space(name)).count() == 2);
    let mail = Entry::mail(draft(1, "tried in vain again and again"));
    let id = spool.try_put(vec![mail], Durability::Written).unwrap().receipts.remove(0).unwrap().ids()[0].0;
    files.set_free(0);
    // More than goes into the segment at hand and the one that waits.
    while spool.gauge().read().octets < 2 * SEGMENT + SEGMENT / 4 {
        let facts = (0..20).map(|_| scheduled(id, &[0], 1)).collect();
        let written = spool.try_put(vec![Entry::facts(facts)], Durability::Written);
        assert!(written.is_ok(), "{:?}", written.err());
    }
    spool.flush();
}

#[test]
fn while_there_is_space_no_more_files_wait_than_are_wanted() {
    for prepared_segments in [0, 1] {
        let settings = Settings { prepared_segments, ..small() };
        let mut spool = open(settings, Arc::new(FaultyFiles::new())).unwrap();
        pass(&mut spool);
        let counts = spool.gauge().read();
        assert!(counts.ready <= 2 + prepared_segments as u64, "{counts:?}");
    }
}

#[test]
fn what_waits_for_the_log_leaves_room_for_large_content() {
    let files = FaultyFiles::new();
    let settings = Settings { prepared_segments: 1, max_octets: 4 * SEGMENT, ..small() };
    let mut spool = open(settings, Arc::new(files)).unwrap();
    pass(&mut spool);
    let mut staged = wait(spool.staging().begin()).unwrap();
    let appended = wait(staged.append(vec![0; 10_000].into()));
    assert!(appended.is_ok(), "{appended:?}: {:?}", spool.gauge().read());
}
