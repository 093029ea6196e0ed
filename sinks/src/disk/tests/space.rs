//! A full disk refuses new mail and nothing else, and empties itself.

use std::{sync::Arc, time::Duration};

use postrider_engine::{Durability, Entry, Spool, StagingError};

use super::{
    super::{faulty::*, *},
    harness::*,
};

fn fill(spool: &mut DiskSpool) -> Vec<u64> {
    let mut ids = Vec::new();
    loop {
        match spool.put(vec![Entry::mail(draft(1, vec![b'x'; 2000]))]).remove(0) {
            Ok(receipt) => ids.push(receipt.ids()[0].0),
            Err(_) => return ids,
        }
        assert!(ids.len() < 10_000, "it never gets full");
    }
}

fn accepts(spool: &mut DiskSpool) -> bool {
    spool.put(vec![Entry::mail(draft(1, "small"))]).remove(0).is_ok()
}

#[test]
fn a_full_disk_still_takes_facts_and_reports_and_space_comes_back() {
    for free in [80 << 10, 100 << 10, 300 << 10] {
        let files = FaultyFiles::new();
        files.set_free(free);
        let mut spool = try_open(Arc::new(files.clone())).unwrap();
        let ids = fill(&mut spool);
        assert!(!ids.is_empty(), "{free} octets take some mail");
        let mixed = spool.put(vec![report("our own"), Entry::mail(draft(1, vec![b'x'; 2000])), report("another")]);
        assert_eq!(mixed.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        for id in &ids {
            spool.facts(vec![failed(*id, &[0])]);
            // Refused for the moment only: as soon as something was freed or moved together there is room.
            until("reported", || reports(&mut spool, *id, b"it failed"));
        }
        until("accepting again", || accepts(&mut spool));
        drop(spool);
        let mut spool = try_open(Arc::new(files)).unwrap();
        assert!(spool.take_mails().len() > ids.len(), "the reports and the last small ones");
    }
}

/// Puts a report about this mail, and that it is reported, into one entry.
fn reports(spool: &mut DiskSpool, id: u64, text: &'static [u8]) -> bool {
    let (mail, recipients) = (postrider_engine::QueueId(id), vec![postrider_engine::RcptNo(0)]);
    let mut draft = draft(1, text);
    draft.envelope.door = postrider_engine::Door::Report;
    let entry = Entry { facts: vec![postrider_engine::Fact::Reported { mail, recipients }], ..Entry::mail(draft) };
    spool.put(vec![entry]).remove(0).is_ok()
}

/// The worst order: all fail at once, their reports are as large as they are and are reported across all segments.
#[test]
fn reports_that_fill_what_is_left_wait_until_the_space_of_the_reported_is_won_back() {
    static TEXT: [u8; 2000] = [b'r'; 2000];
    let files = FaultyFiles::new();
    files.set_free(320 << 10);
    let mut spool = open(Settings { min_free_octets: 32 << 10, ..small() }, Arc::new(files.clone())).unwrap();
    let ids = fill(&mut spool);
    ids.iter().for_each(|id| spool.facts(vec![failed(*id, &[0])]));
    let across = (0..7).flat_map(|n| ids.iter().skip(n).step_by(7));
    let mut refused = 0;
    for id in across {
        until("reported", || {
            let reported = reports(&mut spool, *id, &TEXT);
            refused += u32::from(!reported);
            reported
        });
    }
    assert!(refused > 0, "nothing was short");
    drop(spool);
    let mut spool = try_open(Arc::new(files)).unwrap();
    assert_eq!(spool.take_mails().len(), ids.len(), "each was reported once, and nothing else is left");
}

#[test]
fn what_was_refused_left_no_trace() {
    let files = FaultyFiles::new();
    files.set_free(64 << 10);
    let mut spool = try_open(Arc::new(files.clone())).unwrap();
    let ids = fill(&mut spool);
    assert!(!accepts(&mut spool) || spool.take_mails().is_empty());
    drop(spool);
    let mut again = try_open(Arc::new(files)).unwrap();
    let found: Vec<u64> = again.take_mails().iter().map(|id| id.0).collect();
    assert!(found.starts_with(&ids));
    assert!(found.windows(2).all(|pair| pair[0] + 1 == pair[1]), "no number is spent on what was refused: {found:?}");
}

#[test]
fn a_full_spool_opens_and_can_be_emptied() {
    let files = FaultyFiles::new();
    files.set_free(120 << 10);
    let mut spool = try_open(Arc::new(files.clone())).unwrap();
    let mut ids = fill(&mut spool);
    drop(spool);
    files.set_free(0);
    let mut spool = try_open(Arc::new(files)).unwrap();
    ids.extend(fill(&mut spool));
    for id in ids {
        spool.facts(vec![delivered(id, &[0])]);
    }
    until("accepting again", || accepts(&mut spool));
}

#[test]
fn limits_of_the_settings_refuse_mail_and_staging_but_no_facts() {
    let files = FaultyFiles::new();
    let settings = Settings { max_octets: 64 << 10, ..small() };
    let mut spool = open(settings, Arc::new(files.clone())).unwrap();
    let ids = fill(&mut spool);
    let mut staged = wait(spool.staging().begin()).unwrap();
    let refused = wait(staged.append(vec![0; 60_000].into()));
    assert!(matches!(refused, Err(StagingError::NoSpace)));
    spool.facts(ids.iter().map(|id| delivered(*id, &[0])).collect());
    until("accepting again", || accepts(&mut spool));
    drop(spool);
    let mut spool = open(Settings { min_free_octets: 1 << 41, ..small() }, Arc::new(files)).unwrap();
    assert!(!accepts(&mut spool), "the disk is below its floor");
    spool.facts(vec![scheduled(1, &[0], 1)]);
}

#[test]
fn one_old_mail_keeps_no_long_log() {
    let files = FaultyFiles::new();
    let mut spool = open(Settings { compact_above: 2, ..small() }, Arc::new(files.clone())).unwrap();
    let old = spool.mail(draft(2, "the old one")).0;
    for n in 0..200 {
        let id = spool.mail(draft(1, vec![b'x'; 3000])).0;
        spool.facts(vec![delivered(id, &[0]), scheduled(old, &[1], n + 1)]);
    }
    until("short", || spool.gauge().read().segments <= 6);
    let counts = spool.gauge().read();
    assert!(counts.moved > 0 && counts.log_octets < 200 << 10, "{counts:?}");
    let before = spool.kept(old).unwrap().standing;
    drop(spool);
    let mut spool = try_open(Arc::new(files)).unwrap();
    assert_eq!(spool.take_mails().len(), 1);
    assert_eq!(spool.kept(old).unwrap().standing, before);
    assert_eq!(text_of(&mut spool, old), b"the old one");
}

/// Ends with two mails in a spool: one damaged on disk and moved since, and a good one; and says where the damage was.
fn moved_after_damage(files: &FaultyFiles) -> (DiskSpool, u64, u64, String) {
    let settings = Settings { compact_above: 2, compact_from: 2, ..small() };
    let mut spool = open(settings, Arc::new(files.clone())).unwrap();
    let (bad, good) = (spool.mail(draft(1, "the bad one")).0, spool.mail(draft(1, "the good one")).0);
    let place = spool.kept(bad).unwrap().place;
    let damaged = segment::segment_name(place.segment);
    files.damage(&damaged, u64::from(place.offset + place.length) - 2, b"xx");
    while spool.kept(bad).unwrap().place.segment == place.segment {
        let id = spool.mail(draft(1, vec![b'x'; 3000])).0;
        spool.facts(vec![delivered(id, &[0])]);
    }
    (spool, bad, good, damaged)
}

fn reopened_it_is_known_as_damaged(files: FaultyFiles, (bad, good): (u64, u64), damage: usize) {
    let mut spool = try_open(Arc::new(files)).unwrap();
    assert_eq!((spool.take_mails().len(), spool.recovered().damage.len()), (2, damage));
    assert_eq!(text_of(&mut spool, good), b"the good one");
    let place = spool.kept(bad).unwrap().place;
    let read = wait(spool.reader().fetch(postrider_engine::QueueId(bad), place));
    assert!(matches!(read, Err(postrider_engine::FetchError::Damaged(_))), "{read:?}");
}

#[test]
fn a_damaged_mail_keeps_no_long_log_either_and_is_never_taken_for_a_whole_one() {
    let files = FaultyFiles::new();
    let (spool, bad, good, damaged) = moved_after_damage(&files);
    until("short", || spool.gauge().read().segments <= 6);
    until("without the damaged segment", || !files.names().contains(&damaged));
    drop(spool);
    reopened_it_is_known_as_damaged(files, (bad, good), 0);
}

/// The copy may be there before the original is freed: recovery sees both, tells of the damage, and takes neither for whole.
#[test]
fn a_damaged_mail_is_known_as_damaged_when_its_moving_was_cut_short() {
    let files = FaultyFiles::new();
    let (mut spool, bad, good, damaged) = moved_after_damage(&files);
    spool.flush();
    let cut = files.after_kill();
    let still_there = cut.names().contains(&damaged);
    drop(spool);
    reopened_it_is_known_as_damaged(cut, (bad, good), usize::from(still_there));
}

#[test]
fn written_batches_do_not_wait_for_a_running_sync_and_synced_ones_share_the_next() {
    let slow = SlowSync::new(FaultyFiles::new(), Duration::ZERO);
    let mut spool = try_open(Arc::new(slow)).unwrap();
    let id = spool.mail(draft(1, "x")).0;
    drop(spool);
    let slow = SlowSync::new(FaultyFiles::new(), Duration::from_millis(150));
    let syncs = slow.syncs();
    let mut spool = open(Settings { prepared_segments: 0, fill_segments: false, ..small() }, Arc::new(slow)).unwrap();
    spool.mail(draft(1, "x"));
    let before = syncs.load(std::sync::atomic::Ordering::Relaxed);
    let batch = |entry, durability| postrider_engine::Batch { entries: vec![entry], looks: vec![], durability };
    let first = spool.apply(batch(Entry::mail(draft(1, "first")), Durability::Synced));
    std::thread::sleep(Duration::from_millis(30));
    let more: Vec<_> = (0..5).map(|_| spool.apply(batch(Entry::mail(draft(1, "more")), Durability::Synced))).collect();
    let start = std::time::Instant::now();
    spool.try_put(vec![Entry::facts(vec![scheduled(id, &[0], 1)])], Durability::Written).unwrap();
    assert!(start.elapsed() < Duration::from_millis(80), "{:?}", start.elapsed());
    assert!(wait(first).is_ok());
    more.into_iter().for_each(|more| assert!(wait(more).is_ok()));
    assert_eq!(syncs.load(std::sync::atomic::Ordering::Relaxed) - before, 2);
}
