//! What a spool is for, on a disk that does what it is told.

use std::sync::Arc;

use postrider_engine::{
    Durability, Entry, Fact, FetchError, HeldBy, HeldWhy, Look, Moment, Notify, Place, QueueId, QueuePriority, RcptNo,
    Ret, Seen, Spool, Staging,
};

use super::{super::*, harness::*};

pub(super) fn folder() -> (tempfile::TempDir, Arc<RealFiles>) {
    let folder = tempfile::tempdir().unwrap();
    let files = Arc::new(RealFiles::at(folder.path().join("spool")).unwrap());
    (folder, files)
}

#[test]
fn a_committed_mail_is_read_back_as_it_was_before_and_after_a_restart() {
    let (_folder, files) = folder();
    let mut mail = draft(3, "Subject: x\r\n\r\nbody\r\n");
    mail.content.prepend("Received: by us\r\n");
    mail.envelope.ret = Some(Ret::Headers);
    mail.envelope.envid = Some("a+2Bb".into());
    mail.envelope.smtputf8 = true;
    mail.envelope.peer.ip = Some("2001:db8::1".parse().unwrap());
    mail.envelope.peer.helo = Some("client".into());
    mail.envelope.properties.insert("list".into(), "yes".into());
    mail.envelope.recipients.remove(RcptNo(1));
    let mut to: postrider_engine::Recipient = postrider_engine::Address::parse("x@example.net").unwrap().into();
    to.notify = Some(Notify { success: true, failure: false, delay: true });
    to.orcpt = Some("rfc822;y@example.net".into());
    mail.envelope.recipients.add(to);
    let (envelope, text) = (mail.envelope.clone(), mail.content.head(1000).unwrap());
    let mut spool = try_open(files.clone()).unwrap();
    let id = spool.mail(mail);
    for restart in [false, true] {
        if restart {
            drop(spool);
            spool = try_open(files.clone()).unwrap();
            assert_eq!(spool.take_mails(), [id]);
        }
        let place = spool.kept(id.0).unwrap().place;
        let read = wait(spool.reader().fetch(id, place)).unwrap();
        assert_eq!((read.envelope, read.content.head(1000).unwrap()), (envelope.clone(), text.clone()));
        let elsewhere = Place { offset: place.offset + 1, ..place };
        assert!(wait(spool.reader().fetch(id, elsewhere)).is_err());
        assert!(matches!(wait(spool.reader().fetch(QueueId(9), place)), Err(FetchError::Moved)));
    }
}

#[test]
fn the_sum_of_the_facts_is_the_same_after_a_restart() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    let id = spool.mail(draft(5, "x")).0;
    let attempting = |no| Fact::Attempting { mail: QueueId(id), recipients: vec![RcptNo(no)], host: "mx".into() };
    let advanced = Fact::Advanced { mail: QueueId(id), draft: Box::new(draft(5, "after the stage")) };
    let why = HeldWhy { by: HeldBy::Policy, reason: "so".into() };
    spool.facts(vec![delivered(id, &[0]), Fact::Fault { mail: QueueId(id) }, advanced, failed(id, &[1])]);
    spool.facts(vec![scheduled(id, &[2], 3), attempting(3), Fact::Held { mail: QueueId(id), why }]);
    let before = spool.kept(id).unwrap();
    drop(spool);
    let mut spool = try_open(files).unwrap();
    let after = spool.kept(id).unwrap();
    assert_eq!((after.standing, after.place), (before.standing, before.place));
    assert_eq!(text_of(&mut spool, id), b"after the stage");
    assert!(matches!(spool.look(Look::Held), Seen::Held(held) if held.len() == 1));
}

#[test]
fn mails_are_counted_off_by_their_numbers_a_few_at_a_time() {
    let (_folder, files) = folder();
    let mut spool = try_open(files).unwrap();
    let ids: Vec<QueueId> = (0..20).map(|_| spool.mail(draft(1, "x"))).collect();
    spool.facts(vec![delivered(ids[3].0, &[0])]);
    let mut behind = |after, most| match spool.look(Look::Behind(after, most)) {
        Seen::Behind(ids) => ids,
        other => panic!("{other:?}"),
    };
    assert_eq!(behind(QueueId(0), 4), [ids[0], ids[1], ids[2], ids[4]]);
    assert_eq!(behind(ids[17], 4), ids[18..]);
    assert_eq!(behind(ids[19], 4), []);
    assert_eq!(behind(QueueId(0), 0), []);
}

#[test]
fn a_mail_that_is_done_is_gone_and_its_number_is_not_given_again() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    let id = spool.mail(draft(1, "x"));
    spool.facts(vec![delivered(id.0, &[0])]);
    assert!(spool.kept(id.0).is_none());
    drop(spool);
    let mut spool = try_open(files).unwrap();
    assert!(spool.take_mails().is_empty());
    assert!(spool.mail(draft(1, "y")) > id);
}

#[test]
fn looks_alone_write_nothing_and_written_entries_cost_no_sync() {
    let (_folder, files) = folder();
    let mut spool = try_open(files).unwrap();
    let id = spool.mail(draft(1, "x")).0;
    let before = spool.gauge().read();
    spool.try_put(vec![Entry::facts(vec![scheduled(id, &[0], 1)])], Durability::Written).unwrap();
    let Seen::Left(_, Some((left, _)), postrider_engine::Aside::No) = spool.look(Look::Left(QueueId(id))) else {
        panic!("it is there")
    };
    assert_eq!(left, [(RcptNo(0), Some(Moment(60_000)))]);
    let after = spool.gauge().read();
    assert_eq!((after.syncs, after.frames), (before.syncs, before.frames + 1));
    spool.flush();
    assert_eq!(spool.gauge().read().syncs, before.syncs + 1, "an empty synced batch syncs what was written before");
}

#[test]
fn the_log_goes_on_through_many_segments_and_gives_them_back() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    for round in 0..20 {
        let mails = (0..4).map(|_| Entry::mail(draft(1, vec![b'x'; 3000]))).collect();
        for receipt in spool.put(mails) {
            let id = receipt.unwrap().ids()[0].0;
            spool.facts(vec![delivered(id, &[0])]);
        }
        // The thread that frees them may not have had its turn yet.
        let short = (0..5000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(u64::from(spool.gauge().read().segments > 4)));
            spool.gauge().read().segments <= 4
        });
        assert!(short, "round {round}: {:?}", spool.gauge().read());
    }
    drop(spool);
    assert!(try_open(files).unwrap().take_mails().is_empty());
}

#[test]
fn a_mail_is_as_urgent_and_goes_as_late_when_it_is_recovered_and_when_it_has_moved() {
    let (_folder, files) = folder();
    let reopen = || open(Settings { compact_from: 2, compact_above: 2, ..small() }, files.clone()).unwrap();
    let mut spool = reopen();
    let mut later = draft(2, "later");
    (later.envelope.priority, later.envelope.not_before) = (QueuePriority::Low, Some(Moment(90_000)));
    let mut both = later.clone();
    both.envelope.expires = Some(Moment(80_000));
    let mut urgent = draft(1, "urgent");
    urgent.envelope.priority = QueuePriority::High;
    let (later, both, urgent) = (spool.mail(later), spool.mail(both), spool.mail(urgent));
    let left = |spool: &mut DiskSpool, id| match spool.look(Look::Left(id)) {
        Seen::Left(_, left, postrider_engine::Aside::No) => left.unwrap(),
        seen => panic!("{seen:?}"),
    };
    let is_as_it_was = |spool: &mut DiskSpool, first: u64| {
        let due = |first, second| vec![(RcptNo(0), Some(Moment(first))), (RcptNo(1), Some(Moment(second)))];
        assert_eq!(left(spool, later), (due(first, 90_000), QueuePriority::Low));
        assert_eq!(left(spool, both), (due(80_000, 80_000), QueuePriority::Low));
        assert_eq!(left(spool, urgent), (vec![(RcptNo(0), None)], QueuePriority::High));
    };
    is_as_it_was(&mut spool, 90_000);
    drop(spool);
    let mut spool = reopen();
    is_as_it_was(&mut spool, 90_000);
    spool.facts(vec![scheduled(later.0, &[0], 2)]);
    let before = spool.kept(later.0).unwrap().place;
    for _ in 0..20 {
        let filler = spool.mail(draft(1, vec![b'x'; 3000]));
        spool.facts(vec![delivered(filler.0, &[0])]);
    }
    eventually("moved", || {
        spool.flush();
        spool.kept(later.0).unwrap().place.segment != before.segment
    });
    is_as_it_was(&mut spool, 120_000);
    drop(spool);
    is_as_it_was(&mut reopen(), 120_000);
}

#[test]
fn what_a_stage_says_of_a_mail_counts_from_then_on() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    let id = spool.mail(draft(1, "x"));
    let mut after = draft(1, "x");
    (after.envelope.priority, after.envelope.not_before) = (QueuePriority::High, Some(Moment(90_000)));
    spool.facts(vec![Fact::Advanced { mail: id, draft: Box::new(after) }]);
    for _ in 0..2 {
        let standing = spool.kept(id.0).unwrap().standing;
        assert_eq!((standing.priority(), standing.rests_until()), (QueuePriority::High, Some(Moment(90_000))));
        drop(spool);
        spool = try_open(files.clone()).unwrap();
    }
}

#[test]
fn a_mail_larger_than_a_segment_gets_one_of_its_own() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    let entries = vec![vec![b'a'; 100_000], vec![b'b'; 10], vec![b'c'; 50_000]];
    let receipts = spool.put(entries.into_iter().map(|text| Entry::mail(draft(1, text))).collect());
    assert!(receipts.iter().all(Result::is_ok));
    drop(spool);
    let mut spool = try_open(files).unwrap();
    let lengths: Vec<_> = spool.take_mails().iter().map(|id| text_of(&mut spool, id.0).len()).collect();
    assert_eq!(lengths, [100_000, 10, 50_000]);
}

fn side_files(files: &RealFiles) -> usize {
    use postrider_engine::Files;
    files.list("side").unwrap().len()
}

fn staged(staging: &dyn Staging, octets: &'static [u8]) -> postrider_engine::Piece {
    let mut staged = wait(staging.begin()).unwrap();
    wait(staged.append(bytes::Bytes::from_static(octets))).unwrap();
    wait(staged.seal()).unwrap()
}

fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("never {what}");
}

#[test]
fn a_side_file_lives_as_long_as_a_mail_names_it_or_somebody_holds_it() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    drop(wait(spool.staging().begin()).unwrap());
    drop(staged(spool.staging().as_ref(), b"never committed"));
    eventually("unlinked", || side_files(&files) == 0);
    let piece = staged(spool.staging().as_ref(), b"large body");
    let (mut first, mut second) = (draft(1, "1: "), draft(1, "2: "));
    first.content.push(piece.clone());
    second.content.push(piece);
    let (first, second) = (spool.mail(first).0, spool.mail(second).0);
    drop(spool);
    let mut spool = try_open(files.clone()).unwrap();
    assert_eq!(text_of(&mut spool, first), b"1: large body");
    spool.facts(vec![delivered(first, &[0])]);
    assert_eq!(text_of(&mut spool, second), b"2: large body");
    let place = spool.kept(second).unwrap().place;
    let held = wait(spool.reader().fetch(QueueId(second), place)).unwrap();
    spool.facts(vec![delivered(second, &[0])]);
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(side_files(&files), 1, "a mail made of it might still come");
    let third = spool.mail(held).0;
    assert_eq!(text_of(&mut spool, third), b"2: large body");
    spool.facts(vec![delivered(third, &[0])]);
    eventually("unlinked", || side_files(&files) == 0);
    eventually("counted", || spool.gauge().read().side_octets == 0);
}

#[tokio::test]
async fn inside_a_runtime_readers_and_stagers_do_not_block_it() {
    let (_folder, files) = folder();
    let mut spool = open(small(), files).unwrap();
    let mut staged = spool.staging().begin().await.unwrap();
    for _ in 0..10 {
        staged.append(vec![b'x'; 1000].into()).await.unwrap();
    }
    let mut mail = draft(1, "header\r\n\r\n");
    mail.content.push(staged.seal().await.unwrap());
    let batch = |entries, looks| postrider_engine::Batch { entries, looks, durability: Durability::Synced };
    let id = spool.apply(batch(vec![Entry::mail(mail)], vec![])).await.unwrap().receipts.remove(0).unwrap().ids()[0];
    let seen = spool.apply(batch(vec![], vec![Look::Kept(id, vec![])])).await.unwrap().seen.remove(0);
    let Seen::Kept(_, _, Some(kept)) = seen else { panic!("it is kept") };
    let read = spool.reader().fetch(id, kept.place).await.unwrap();
    assert_eq!(read.content.len(), 10_010);
    assert_eq!(read.content.head(usize::MAX).unwrap().len(), 10_010);
}
