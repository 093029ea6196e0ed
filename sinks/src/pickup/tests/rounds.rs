//! What is taken when, and in which order; what waits, and what becomes of it.

use super::*;

#[test]
fn urgent_files_go_first_and_each_folder_goes_by_name() {
    let mut home = Home::new();
    let mut folder = home.open();
    for name in ["low/a", "b", "a", "high/z", "high/y", "c"] {
        home.put(name, mail(&name.replace('/', "_")));
    }
    home.round(&mut folder, at(0));
    assert_eq!(home.engine.subjects(), ["high_y", "high_z", "a", "b", "c", "low_a"]);
    assert_eq!((home.left(), home.bad()), (vec![], vec![]));
    home.round(&mut folder, at(1));
    let ids: Vec<u64> = home.engine.forgotten.iter().map(|id| id.0).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4, 5], "their keys are not needed any more");
}

#[test]
fn what_a_file_says_goes_along_and_so_does_who_put_it_there() {
    let home = Home::new();
    let mut folder = home.open();
    home.put("high/a", "x-sender: a@x\nx-receiver: b@x NOTIFY=NEVER\nSubject: a\nBcc: c@x\n\nt\n");
    let round = folder.round(at(0));
    let envelope = &round.mails[0].draft.envelope;
    let owner = format!("uid:{}", rustix::process::geteuid().as_raw());
    assert_eq!(
        (envelope.priority, envelope.peer.identity.as_deref()),
        (postrider_engine::QueuePriority::High, Some(&*owner))
    );
    let text = String::from_utf8(round.mails[0].draft.content.all(9999).unwrap().to_vec()).unwrap();
    let trace = text.split("\r\n").next().unwrap();
    assert!(trace.starts_with("Received: by host.example (from a folder, uid:"), "{trace}");
    assert!(text.ends_with("Subject: a\r\n\r\nt\r\n"), "{text}");
}

#[test]
fn more_files_than_a_round_takes_are_taken_by_several_and_none_is_passed_over() {
    let mut home = Home::new();
    let mut folder = home.open();
    for number in 0..2500 {
        home.put(&format!("{number:05}"), mail(&format!("{number}")));
    }
    for _ in 0..3 {
        home.round(&mut folder, at(0));
    }
    let expected: Vec<String> = (0..2500).map(|number| number.to_string()).collect();
    assert_eq!((home.engine.subjects(), home.left()), (expected, vec![]));
}

#[test]
fn while_the_engine_takes_nothing_files_wait_and_are_tried_again_later_each_time() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.engine.is_full = true;
    home.put("a", mail("a"));
    home.round(&mut folder, at(0));
    let mut seconds = Vec::new();
    for second in 0..10 {
        let round = folder.round(at(second));
        if !round.mails.is_empty() {
            seconds.push(second);
        }
        let settled = home.engine.take(round);
        folder.settle(settled, at(second));
    }
    assert_eq!(seconds, [1, 3, 7]);
    home.engine.is_full = false;
    home.put("b", mail("b"));
    home.round(&mut folder, at(10));
    home.round(&mut folder, at(20));
    assert_eq!(
        (home.engine.subjects(), home.left()),
        (vec!["b".into(), "a".into()], vec![]),
        "others do not wait for it"
    );
}

#[test]
fn what_a_sink_refuses_is_bad_mail_with_its_words() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.engine.refuses = Some("spam");
    home.put("a", mail("spam"));
    home.put("b", mail("b"));
    home.round(&mut folder, at(0));
    let bad = home.bad();
    assert_eq!((home.engine.subjects(), bad.len(), home.left()), (vec!["b".to_owned()], 1, vec![]));
    let (note, octets) = &bad[0];
    assert_eq!((&note["code"], &note["text"]), (&"refused".into(), &"550 5.7.1 Not with this word".into()));
    assert_eq!(octets.as_deref(), Some(mail("spam").as_bytes()));
}

#[test]
fn what_sinks_put_off_is_tried_until_it_is_given_up_and_a_full_disk_gives_nothing_up() {
    let mut home = Home::new();
    let mut folder = home.open();
    let days = |days: u64| at(days * 86_400);
    (home.engine.is_full, home.engine.puts_off) = (true, true);
    home.put("a", mail("a"));
    [days(0), days(6)].into_iter().for_each(|tick| home.round(&mut folder, tick));
    assert_eq!((home.left().len(), home.bad().len()), (1, 0));
    home.engine.is_full = false;
    home.put("b", mail("b"));
    home.round(&mut folder, days(7));
    let bad = home.bad();
    assert_eq!((bad.len(), home.left().len()), (1, 1), "the other is not old enough");
    let (note, octets) = &bad[0];
    assert_eq!((&note["code"], &note["text"]), (&"refused".into(), &"451 4.7.1 Ask me tomorrow".into()));
    assert_eq!(octets.as_deref(), Some(mail("a").as_bytes()));
    home.engine.puts_off = false;
    home.round(&mut folder, days(8));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["b".to_owned()], vec![]));
}

#[test]
fn one_engine_at_a_time_has_a_folder_and_the_next_goes_on_with_its_claims() {
    let mut home = Home::new();
    home.put_before();
    let mut folder = home.open();
    let again = PickupFolder::open(&home.path(""), home.settings.clone(), BadMailFolder::new("bad", 7), at(0));
    let error = again.err().unwrap().to_string();
    assert!(error.contains("in use by process"), "{error}");
    let lost = folder.round(at(0)); // the process is killed before it could send them
    assert_eq!(lost.mails.len(), 2);
    drop(folder);
    let mut folder = home.open();
    home.round(&mut folder, at(0));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["a".into(), "b".into()], vec![]));
}

#[test]
fn a_claim_that_is_older_than_keys_are_remembered_is_for_a_person() {
    let mut home = Home::new();
    home.put_before();
    home.open().round(at(0));
    let late = Tick { now: NOW + Duration::from_secs(8 * 86_400), passed: Duration::ZERO };
    let bad = BadMailFolder::new(home.path("../bad"), 7);
    let mut folder = PickupFolder::open(&home.path(""), home.settings.clone(), bad, late).unwrap();
    home.round(&mut folder, late);
    let codes: Vec<_> = home.bad().iter().map(|(note, _)| note["code"].clone()).collect();
    assert_eq!((codes, home.engine.subjects().len()), (vec!["perhaps_mailed".into(); 2], 0));
    assert_eq!(home.left(), Vec::<String>::new());
}

#[test]
fn a_claim_of_before_that_is_no_mail_by_the_settings_of_now_was_perhaps_mailed_then() {
    let mut home = Home::new();
    home.put_before();
    let mut folder = home.open();
    let round = folder.round(at(0));
    home.engine.take(round); // and the process is killed
    drop(folder);
    home.settings.rules.limits.message_size = 5;
    let mut folder = home.open();
    home.round(&mut folder, at(0));
    let bad = home.bad();
    assert!(bad.len() == 2 && bad.iter().all(|(note, _)| note["code"] == "perhaps_mailed"), "{bad:?}");
    assert_eq!((home.engine.subjects().len(), home.left()), (2, vec![]));
}

#[test]
fn where_bad_mail_cannot_be_kept_the_file_stays_and_others_go_on() {
    let mut home = Home::new();
    fs::write(home.folder.path().join("bad"), "in the way").unwrap();
    let mut folder = home.open();
    home.put("a", "no mail");
    home.put("b", mail("b"));
    home.round(&mut folder, at(0));
    assert_eq!((home.engine.subjects(), home.left().len()), (vec!["b".to_owned()], 1));
    fs::remove_file(home.folder.path().join("bad")).unwrap();
    home.round(&mut folder, at(100));
    assert_eq!((home.bad().len(), home.left()), (1, vec![]));
}

impl Home {
    fn put_before(&self) {
        fs::create_dir_all(self.path("")).unwrap();
        self.put("a", mail("a"));
        self.put("b", mail("b"));
    }
}
