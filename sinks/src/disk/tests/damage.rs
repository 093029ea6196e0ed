//! Damage is set aside, loudly, and the rest goes on; a torn end is cut, and what lies behind it is gone for good.

use std::sync::Arc;

use postrider_engine::{Durability, Entry, FetchError, QueueId, Spool};

use super::{
    super::{faulty::*, frame, record, segment::segment_name, *},
    harness::*,
};

fn open_on(files: &FaultyFiles) -> Result<DiskSpool, OpenError> {
    try_open(Arc::new(files.clone()))
}

/// Where the frames of a segment begin.
fn frames(files: &FaultyFiles, segment: u64) -> Vec<usize> {
    let octets = files.octets(&segment_name(segment)).unwrap();
    memchr::memmem::find_iter(&octets, &frame::MAGIC).collect()
}

fn ids(spool: &mut DiskSpool) -> Vec<u64> {
    spool.take_mails().iter().map(|id| id.0).collect()
}

fn fails(files: &FaultyFiles) -> OpenError {
    match open_on(files) {
        Err(error) => error,
        Ok(_) => panic!("it opens"),
    }
}

/// A spool with mails 1 to 5, each in a frame, all in the first segment.
fn five() -> FaultyFiles {
    let files = FaultyFiles::new();
    let mut spool = open_on(&files).unwrap();
    for text in ["one", "two", "three", "four", "five"] {
        spool.mail(draft(1, text));
    }
    files
}

#[test]
fn damage_in_the_middle_is_set_aside_and_the_rest_goes_on() {
    for inside in [10, frame::HEADER + 20] {
        let files = five();
        let third = frames(&files, 1)[3];
        files.damage(&segment_name(1), (third + inside) as u64, b"scratch");
        for round in 0..2 {
            let mut spool = open_on(&files).unwrap();
            assert_eq!(ids(&mut spool), [1, 2, 4, 5, 6][..4 + round]);
            let [damage] = &spool.recovered().damage[..] else { panic!("{:?}", spool.recovered()) };
            assert_eq!((damage.offset, damage.frames), (third as u64, 1));
            assert_eq!(text_of(&mut spool, 4), b"four");
            assert_eq!(spool.mail(draft(1, "six")).0, 6 + round as u64);
        }
        assert_eq!(files.names().iter().filter(|name| name.starts_with("damaged/")).count(), 1);
    }
}

#[test]
fn a_torn_end_is_cut_and_nothing_behind_it_ever_comes_back() {
    let files = five();
    let mut spool = open_on(&files).unwrap();
    let entry = |text: &'static str| vec![Entry::mail(draft(1, text))];
    spool.try_put(entry("six"), Durability::Written).unwrap();
    spool.try_put(entry("seven"), Durability::Written).unwrap();
    let lost = files.after_kill();
    drop(spool);
    // Six was never on the disk, seven was: nobody knew that either was synced.
    let all = frames(&lost, 1);
    lost.damage(&segment_name(1), (all[all.len() - 2] + 100) as u64, b"scratch");
    for round in 0..3 {
        let mut spool = open_on(&lost).unwrap();
        let (found, recovered) = (ids(&mut spool), spool.recovered().clone());
        assert!(found.starts_with(&[1, 2, 3, 4, 5]) && recovered.damage.is_empty(), "{found:?} {recovered:?}");
        assert_eq!((found.len(), recovered.torn), (5 + round, round == 0));
        let id = spool.mail(draft(1, "new")).0;
        assert_eq!(text_of(&mut spool, id), b"new");
    }
    // Now the segment that went on after the cut is freed: only what was wiped tells that nothing is missing.
    let mut spool = open_on(&lost).unwrap();
    let new = ids(&mut spool).split_off(5);
    spool.facts(new.iter().map(|id| delivered(*id, &[0])).collect());
    while lost.names().contains(&segment_name(2)) {
        let id = spool.mail(draft(1, vec![b'x'; 3000])).0;
        spool.facts(vec![delivered(id, &[0])]);
    }
    drop(spool);
    let mut spool = open_on(&lost).unwrap();
    let recovered = spool.recovered().clone();
    assert_eq!((ids(&mut spool), recovered.torn, recovered.damage), (vec![1, 2, 3, 4, 5], false, vec![]));
}

#[test]
fn a_mail_whose_record_is_damaged_is_not_read_as_another() {
    let files = five();
    let mut spool = open_on(&files).unwrap();
    let place = spool.kept(3).unwrap().place;
    files.damage(&segment_name(place.segment), u64::from(place.offset + place.length) - 2, b"xx");
    let read = wait(spool.reader().fetch(QueueId(3), place));
    assert!(matches!(read, Err(FetchError::Damaged(_))), "{read:?}");
}

#[test]
fn frames_of_an_earlier_life_of_a_segment_are_not_read() {
    let files = FaultyFiles::new();
    let mut spool = open_on(&files).unwrap();
    for _ in 0..30 {
        let id = spool.mail(draft(1, vec![b'x'; 3000])).0;
        spool.facts(vec![delivered(id, &[0])]);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let last = spool.mail(draft(1, "last")).0;
    drop(spool);
    let used = |name: &String| name.ends_with(".seg");
    let sequence = files.names().into_iter().filter(used).max().unwrap();
    assert!(sequence > segment_name(5), "{sequence}");
    let magics = |name: &String| memchr::memmem::find_iter(&files.octets(name).unwrap(), &frame::MAGIC).count();
    assert!(files.names().iter().filter(|name| used(name)).map(magics).sum::<usize>() > 3);
    let mut spool = open_on(&files).unwrap();
    assert_eq!(ids(&mut spool), [last]);
    assert!(!spool.recovered().torn && spool.recovered().damage.is_empty());
}

/// Puts a frame with this body at the end of segment 1.
fn append(files: &FaultyFiles, body: impl FnOnce(&mut Vec<u8>), change: impl FnOnce(&mut Vec<u8>)) {
    let octets = files.octets(&segment_name(1)).unwrap();
    let last = *frames(files, 1).last().unwrap();
    let salt = u64::from_le_bytes(octets[last + 8..last + 16].try_into().unwrap());
    let frame::Found::Header(before, _) = frame::look(&octets[last..], salt, 1) else { panic!("no frame") };
    let mut new = Vec::new();
    frame::begin(&mut new);
    body(&mut new);
    let length = (new.len() - frame::HEADER) as u32;
    let (number, previous) = (before.number + 1, before.number);
    frame::finish(&mut new, frame::Frame { number, previous, length, ..before }, 0, u64::MAX);
    change(&mut new);
    files.damage(&segment_name(1), (last + frame::HEADER + before.length as usize) as u64, &new);
}

#[test]
fn an_unknown_record_or_a_later_version_refuses_to_open_and_says_so() {
    let files = five();
    append(&files, |out| assert!(record::put_record(out, 999, QueueId(1), |_| {}) > 0), |_| {});
    let error = fails(&files).to_string();
    assert!(error.contains("log/0000000000000001.seg") && error.contains("999"), "{error}");
    let files = five();
    append(
        &files,
        |_| {},
        |frame| {
            frame[4] = 2;
            let sum = crc32fast::hash(&frame[..frame::HEADER - 4]).to_le_bytes();
            frame[frame::HEADER - 4..frame::HEADER].copy_from_slice(&sum);
        },
    );
    assert!(matches!(fails(&files), OpenError::LaterVersion { found: 2, known: 1, .. }));
    let files = five();
    files.damage("format", 16, b"7");
    assert!(matches!(fails(&files), OpenError::LaterVersion { found: 7, .. }));
    let files = FaultyFiles::new();
    let mut spool = open_on(&files).unwrap();
    for _ in 0..20 {
        spool.mail(draft(1, vec![b'x'; 3000]));
    }
    drop(spool);
    for name in files.names().iter().filter(|name| name.ends_with(".seg")) {
        files.damage(name, 0, &vec![b'z'; 16 << 10]);
    }
    let before = files.names();
    assert!(matches!(fails(&files), OpenError::NothingReadable { segments: 2.. }));
    assert_eq!(files.names(), before);
    let files = five();
    files.damage("format", 18, b"0000");
    assert!(matches!(fails(&files), OpenError::NotASpool), "with another number nothing would be ours");
}

#[test]
fn after_a_failed_write_or_sync_nothing_is_answered_any_more() {
    for trouble in
        [Trouble { writes_fail: true, ..Trouble::default() }, Trouble { syncs_fail: true, ..Trouble::default() }]
    {
        let files = five();
        let mut spool = open_on(&files).unwrap();
        files.trouble(trouble);
        assert!(spool.try_put(vec![Entry::mail(draft(1, "x"))], Durability::Synced).is_err());
        files.trouble(Trouble::default());
        let error = spool.try_put(vec![Entry::mail(draft(1, "y"))], Durability::Written).err().unwrap();
        assert!(error.reason.contains("by the test's wish"), "{error}");
        drop(spool);
        assert!(ids(&mut open_on(&files).unwrap()).starts_with(&[1, 2, 3, 4, 5]));
    }
}

#[test]
fn a_side_file_goes_only_when_the_end_of_its_mail_is_synced() {
    let files = FaultyFiles::new();
    let mut spool = open_on(&files).unwrap();
    let mut staged = wait(spool.staging().begin()).unwrap();
    wait(staged.append(bytes::Bytes::from_static(b"large"))).unwrap();
    let mut mail = draft(1, "");
    mail.content.push(wait(staged.seal()).unwrap());
    let id = spool.mail(mail).0;
    let sides = || files.names().iter().filter(|name| name.starts_with("side/")).count();
    spool.try_put(vec![Entry::facts(vec![delivered(id, &[0])])], Durability::Written).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(30));
    assert_eq!(sides(), 1, "power may go away, and the mail be there again");
    let lost = files.after_power_loss(&mut |_| 0);
    assert_eq!(text_of(&mut open_on(&lost).unwrap(), id), b"large");
    spool.flush();
    for _ in 0..1000 {
        if sides() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("the side file stays");
}

#[test]
fn a_side_file_that_no_mail_names_goes_when_the_spool_is_opened() {
    let files = FaultyFiles::new();
    let spool = open_on(&files).unwrap();
    let mut staged = wait(spool.staging().begin()).unwrap();
    wait(staged.append(bytes::Bytes::from_static(b"large"))).unwrap();
    let left = files.after_kill();
    assert_eq!(left.names().iter().filter(|name| name.starts_with("side/")).count(), 1);
    drop(open_on(&left).unwrap());
    assert_eq!(left.names().iter().filter(|name| name.starts_with("side/")).count(), 0);
}
