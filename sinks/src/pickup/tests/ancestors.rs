//! What the folders of the ancestor did to mail, each with the reason why it cannot happen here.

use std::collections::BTreeSet;

use super::*;
use crate::{disk::faulty::FaultyFiles, pickup::put};

/// What becomes of one file with these octets: the mail's text behind the trace field and what is added.
fn body(octets: &str) -> String {
    let mut home = Home::new();
    let mut folder = home.open();
    home.put("a", octets);
    home.round(&mut folder, at(0));
    assert_eq!(home.bad(), [], "{octets:?}");
    let texts = home.engine.texts();
    let at = texts[0].find("From: ").unwrap();
    texts[0][at..].to_owned()
}

#[test]
fn q221384_a_dot_alone_cuts_nothing_because_a_file_ends_where_it_ends() {
    let mail =
        "x-sender: Sender\r\nx-receiver: user1@valid.but.unreachable.host\r\nFrom: a@x\r\nSubject: Testing.\r\n\r\n\
                Testing\r\n.\r\nTesting\r\n";
    assert_eq!(body(mail), "From: a@x\r\nSubject: Testing.\r\n\r\nTesting\r\n.\r\nTesting\r\n");
}

#[test]
fn q286358_a_leading_dot_stays_because_plain_files_are_not_taken_for_smtp() {
    let mail = "From: a@x\nTo: b@x\n\n.profile\n..two\n. three\n";
    assert_eq!(body(mail), "From: a@x\r\nTo: b@x\r\n\r\n.profile\r\n..two\r\n. three\r\n");
}

#[test]
fn q294379_folding_stays_because_the_header_is_never_written_anew() {
    let to: Vec<String> = (0..200).map(|number| format!("\tname number {number} <n{number}@x>")).collect();
    let mail = format!("From: a@x\r\nTo: b@x,\r\n{}\r\nSubject: a\r\n  b\r\n\r\nt\r\n", to.join(",\r\n"));
    assert_eq!(body(&mail), mail);
}

#[test]
fn q250441_and_q279320_an_empty_file_is_not_read_because_it_must_have_octets_and_rest() {
    let mut home = Home::new();
    home.settings.rest = Duration::from_secs(2);
    let mut folder = home.open();
    // The double says which times files have; here the clock of the test runs far ahead of that of the disk, so it is held back.
    let tick = |seconds: u64| Tick { now: Moment(0), passed: Duration::from_secs(seconds) };
    home.put("a", "");
    for second in 0..5 {
        home.round(&mut folder, tick(second));
    }
    home.put("a", &mail("a")[..20]);
    home.round(&mut folder, tick(5));
    home.round(&mut folder, tick(6));
    home.put("a", mail("a"));
    home.round(&mut folder, tick(7));
    assert_eq!((home.engine.texts().len(), home.bad().len()), (0, 0), "it has grown just now");
    home.round(&mut folder, tick(9));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["a".to_owned()], vec![]));
    home.put("b", "");
    home.round(&mut folder, tick(10));
    home.round(&mut folder, tick(611));
    assert_eq!(home.bad()[0].0["code"], "empty", "one that nobody ever writes is told of");
}

#[test]
fn q221432_a_file_that_cannot_be_taken_away_is_not_mailed_again_and_again_because_it_is_not_mailed_at_all() {
    let disk = FaultyFiles::new();
    disk.put("a", mail("a").as_bytes(), Moment(0));
    disk.put("b", mail("b").as_bytes(), Moment(0));
    disk.nail("a");
    let mut engine = Engine::default();
    for _ in 0..3 {
        let bad = BadMailFolder::on(Arc::new(FaultyFiles::new()), 7);
        let settings = PickupSettings::new("host.example");
        let mut folder = PickupFolder::on(Arc::new(disk.after_kill()), "p".as_ref(), settings, bad, at(0)).unwrap();
        let settled = engine.take(folder.round(at(0)));
        folder.settle(settled, at(0));
    }
    assert_eq!(engine.subjects().iter().filter(|subject| *subject == "a").count(), 0);
    assert!(engine.subjects().contains(&"b".to_owned()), "others are mailed");
}

#[test]
fn q221432_a_claim_that_cannot_be_removed_was_mailed_once_because_its_name_is_the_key() {
    let disk = FaultyFiles::new();
    disk.put("a", mail("a").as_bytes(), Moment(0));
    let mut engine = Engine::default();
    let mut keys = BTreeSet::new();
    for _ in 0..3 {
        let bad = BadMailFolder::on(Arc::new(FaultyFiles::new()), 7);
        let settings = PickupSettings::new("host.example");
        let mut folder = PickupFolder::on(Arc::new(disk.clone()), "p".as_ref(), settings, bad, at(0)).unwrap();
        let round = folder.round(at(0));
        for mail in &round.mails {
            disk.nail(&format!(".claimed/{}", mail.claim));
            keys.insert(mail.claim.clone());
        }
        let settled = engine.take(round);
        folder.settle(settled, at(0));
        assert!(folder.round(at(0)).mails.is_empty(), "a process sends it once");
    }
    assert_eq!((engine.subjects(), keys.len()), (vec!["a".to_owned()], 1));
}

#[test]
fn q319285_a_file_without_sender_is_told_of_in_words_because_bad_mail_has_its_reason_beside_it() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.put("new order.txt", "To: b@x\nSubject: x\n\ntext\n");
    home.round(&mut folder, at(0));
    let (note, octets) = home.bad().remove(0);
    let said = (&note["code"], &note["field"], &note["file"], &note["kind"]);
    assert_eq!(said, (&"no_sender".into(), &"From".into(), &"new_order.txt".into(), &"pickup".into()));
    let text = note["text"].as_str().unwrap();
    assert!(text.contains("from nobody") && text.contains("x-sender"), "{text}");
    assert_eq!(octets.as_deref(), Some(&b"To: b@x\nSubject: x\n\ntext\n"[..]));
}

#[test]
fn q181697_and_q254303_many_writers_never_share_a_name_because_names_are_made_without_a_clock() {
    let mut home = Home::new();
    let mut folder = home.open();
    let draft = postrider_engine::pickup::read_file(
        mail("x").as_bytes(),
        &home.settings.rules,
        &postrider_engine::Making { now: NOW, host: "h", unique: 1 },
    )
    .unwrap();
    let path = home.path("");
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (path, draft) = (path.clone(), draft.clone());
            std::thread::spawn(move || (0..50).map(|_| put(&path, &draft).unwrap()).collect::<Vec<_>>())
        })
        .collect();
    let names: BTreeSet<PathBuf> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert_eq!(names.len(), 400);
    home.settings.rest = Duration::from_secs(3600);
    home.round(&mut folder, at(0));
    assert_eq!((home.engine.texts().len(), home.left()), (400, vec![]), "and each is whole at sight");
}
