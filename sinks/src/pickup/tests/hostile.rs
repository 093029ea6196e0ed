//! What somebody puts into the folder who wishes us ill, or does not know better.

use std::{
    fs::{hard_link, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{chown, symlink, PermissionsExt},
};

use super::*;
use crate::pickup::MOST_OF_ONE;

/// What is no mail, whatever it is, and what is said about it; another file is mailed all the same.
fn refused(make: impl FnOnce(&Home)) -> (Value, Option<Vec<u8>>) {
    let mut home = Home::new();
    let mut folder = home.open();
    fs::write(home.folder.path().join("secret"), mail("secret")).unwrap();
    home.put("z", mail("z"));
    make(&home);
    home.round(&mut folder, at(0));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["z".to_owned()], vec![]));
    assert_eq!(fs::read_to_string(home.folder.path().join("secret")).unwrap(), mail("secret"));
    let mut bad = home.bad();
    assert_eq!(bad.len(), 1);
    bad.remove(0)
}

#[test]
fn a_link_is_not_followed_wherever_it_leads() {
    for target in ["../secret", "/etc/passwd", "z", "nowhere", "/dev/zero", "."] {
        let (note, octets) = refused(|home| symlink(target, home.path("a")).unwrap());
        assert_eq!((&note["code"], &note["file"], octets), (&"link".into(), &"a".into(), None), "{target}");
    }
}

#[test]
fn a_file_that_has_another_name_is_not_mailed() {
    let (note, octets) = refused(|home| hard_link(home.folder.path().join("secret"), home.path("a")).unwrap());
    assert_eq!((&note["code"], octets), (&"link".into(), None));
}

#[test]
fn pipes_and_sockets_are_no_files_and_nobody_waits_for_them() {
    let (note, octets) = refused(|home| {
        let made = std::process::Command::new("mkfifo").arg(home.path("a")).status().unwrap();
        assert!(made.success());
    });
    assert_eq!((&note["code"], octets), (&"not_a_file".into(), None));
    let (note, _) = refused(|home| drop(std::os::unix::net::UnixListener::bind(home.path("a")).unwrap()));
    assert_eq!(note["code"], "not_a_file");
}

#[test]
fn a_claim_that_was_swapped_for_a_link_is_refused() {
    let mut home = Home::new();
    let mut folder = home.open();
    fs::write(home.folder.path().join("secret"), mail("secret")).unwrap();
    home.put("a", mail("a"));
    home.engine.is_full = true;
    home.round(&mut folder, at(0)); // it waits, claimed
    let claim = home.path(&format!(".claimed/{}", home.left()[0]));
    fs::remove_file(&claim).unwrap();
    symlink("../../secret", &claim).unwrap();
    home.engine.is_full = false;
    home.round(&mut folder, at(10));
    assert_eq!(home.engine.subjects(), Vec::<String>::new());
    assert_eq!(home.bad()[0].0["code"], "link");
}

#[test]
fn a_file_that_is_written_to_behind_the_claim_waits_until_its_writer_is_done() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.put("a", mail("a"));
    let mut writer = OpenOptions::new().append(true).open(home.path("a")).unwrap();
    home.engine.is_full = true;
    home.round(&mut folder, at(0));
    writer.write_all(b"the end\n").unwrap();
    home.engine.is_full = false;
    home.round(&mut folder, at(10));
    let texts = home.engine.texts();
    assert!(texts.len() == 1 && texts[0].ends_with("text\r\nthe end\r\n"), "{texts:?}");
}

#[test]
fn a_file_that_is_written_to_after_it_was_read_is_mailed_once_and_kept_with_what_the_mail_lacks() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.put("a", mail("a"));
    let mut writer = OpenOptions::new().append(true).open(home.path("a")).unwrap();
    let round = folder.round(at(0));
    writer.write_all(b"the end\n").unwrap();
    let settled = home.engine.take(round);
    folder.settle(settled, at(0));
    home.round(&mut folder, at(10));
    let bad = home.bad();
    assert_eq!((home.engine.subjects(), bad.len(), home.left()), (vec!["a".to_owned()], 1, vec![]));
    assert_eq!(
        (&bad[0].0["code"], bad[0].1.as_deref()),
        (&"changed".into(), Some((mail("a") + "the end\n").as_bytes()))
    );
}

#[test]
fn folders_and_names_that_are_no_text_stay_and_stop_nobody() {
    use std::os::unix::ffi::OsStrExt;
    let mut home = Home::new();
    let mut folder = home.open();
    fs::create_dir(home.path("a")).unwrap();
    let odd = home.path("").join(std::ffi::OsStr::from_bytes(b"b\xff"));
    fs::write(&odd, mail("odd")).unwrap();
    home.put("c", mail("c"));
    for second in 0..3 {
        home.round(&mut folder, at(second));
    }
    assert_eq!(home.engine.subjects(), ["c"]);
    assert!(odd.exists() && home.path("a").is_dir() && home.bad().is_empty());
}

#[test]
fn a_folder_of_claims_that_somebody_else_could_reach_is_not_used() {
    let home = Home::new();
    fs::create_dir_all(home.path(".claimed")).unwrap();
    fs::set_permissions(home.path(".claimed"), Permissions::from_mode(0o777)).unwrap();
    let open = || PickupFolder::open(&home.path(""), home.settings.clone(), BadMailFolder::new("bad", 7), at(0));
    let error = open().err().unwrap().to_string();
    assert!(error.contains(".claimed in it was made by somebody else"), "{error}");
    fs::remove_dir(home.path(".claimed")).unwrap();
    fs::remove_dir(home.path("high")).unwrap();
    symlink("/tmp", home.path("high")).unwrap();
    let error = open().err().unwrap().to_string();
    assert!(error.contains("high in it is no folder, or a link"), "{error}");
}

#[test]
fn a_file_that_is_too_large_is_not_read_and_not_lost() {
    let mut home = Home::new();
    home.settings.rules.limits.message_size = 1000;
    let mut folder = home.open();
    let large = [mail("a").as_bytes(), &vec![b'x'; 3 << 20]].concat();
    home.put("a", &large);
    home.put("b", [mail("b").as_bytes(), &vec![b'x'; 1200]].concat());
    home.round(&mut folder, at(0));
    let bad = home.bad();
    assert_eq!((home.engine.subjects().len(), bad.len(), home.left()), (0, 2, vec![]));
    assert!(bad.iter().all(|(note, _)| note["code"] == "too_large"), "{bad:?}");
    assert_eq!(bad[0].1.as_deref(), Some(&large[..]));
}

#[test]
fn a_thousand_files_that_are_no_mail_hold_up_nobody() {
    let mut home = Home::new();
    let mut folder = home.open();
    for number in 0..1500 {
        home.put(&format!("{number:05}"), "no mail");
    }
    home.put("z", mail("z"));
    for second in 0..3 {
        home.round(&mut folder, at(second));
    }
    assert_eq!((home.engine.subjects(), home.left()), (vec!["z".to_owned()], vec![]));
}

#[test]
fn a_file_that_could_not_be_taken_is_looked_at_again_when_its_trouble_may_be_over() {
    let mut home = Home::new();
    let mut folder = home.open();
    fs::create_dir(home.path("a")).unwrap();
    home.round(&mut folder, at(0));
    fs::remove_dir(home.path("a")).unwrap();
    home.put("a", mail("a"));
    home.round(&mut folder, at(1));
    assert_eq!(home.engine.subjects().len(), 0, "not at once: there may be many such files");
    home.round(&mut folder, at(61));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["a".to_owned()], vec![]));
}

#[test]
fn more_files_that_cannot_be_taken_than_can_be_remembered_hold_up_nobody() {
    let mut home = Home::new();
    let mut folder = home.open();
    for number in 0..12_500 {
        fs::create_dir(home.path(&format!("{number:05}"))).unwrap();
    }
    home.put("z", mail("z"));
    let mut rounds = 0;
    while home.engine.subjects().is_empty() && rounds < 20 {
        home.round(&mut folder, at(0)); // each round but the last says that the next is due at once
        rounds += 1;
    }
    assert_eq!((home.engine.subjects(), rounds), (vec!["z".to_owned()], 13));
}

#[test]
fn a_file_that_became_a_folder_while_it_was_watched_leaves_nobody_in_haste() {
    let mut home = Home::new();
    home.settings.rest = Duration::from_secs(5);
    let mut folder = home.open();
    home.put("a", mail("a"));
    let early = |seconds| Tick { now: Moment(0), passed: Duration::from_secs(seconds) };
    assert_eq!(folder.round(early(0)).again, Some(Duration::from_secs(5)), "it is watched");
    fs::remove_file(home.path("a")).unwrap();
    fs::create_dir(home.path("a")).unwrap();
    for second in [5, 6, 7] {
        assert_eq!(folder.round(early(second)).again, None, "{second}");
    }
}

#[test]
fn a_folder_that_was_swapped_in_on_the_way_is_no_claim_that_waits_for_ever() {
    let mut home = Home::new();
    let mut folder = home.open();
    home.put("a", mail("a"));
    home.engine.is_full = true;
    home.round(&mut folder, at(0)); // it waits, claimed
    let claim = home.path(&format!(".claimed/{}", home.left()[0]));
    fs::remove_file(&claim).unwrap();
    fs::create_dir(&claim).unwrap();
    home.round(&mut folder, at(10));
    assert!(folder.waiting.is_empty() && home.bad().is_empty() && claim.is_dir());
    drop(folder);
    let mut folder = home.open();
    home.engine.is_full = false;
    home.put("b", mail("b"));
    home.round(&mut folder, at(0));
    assert!(folder.waiting.is_empty());
    assert_eq!(home.engine.subjects(), ["b"], "and it is in nobody's way at the next start");
}

#[test]
fn a_folder_of_claims_that_was_removed_is_told_of_and_nothing_is_lost() {
    let mut home = Home::new();
    let mut folder = home.open();
    fs::remove_dir_all(home.path(".claimed")).unwrap();
    home.put("a", mail("a"));
    home.round(&mut folder, at(0));
    assert!(folder.reported.has("a"), "a file that stays says why");
    drop(folder);
    let mut folder = home.open();
    home.round(&mut folder, at(1));
    assert_eq!((home.engine.subjects(), home.left()), (vec!["a".to_owned()], vec![]));
}

#[test]
fn claims_of_one_owner_that_cannot_be_settled_leave_room_for_others() {
    let mut home = Home::new();
    fs::write(home.folder.path().join("bad"), "in the way").unwrap(); // so bad mail cannot be kept
    let mut folder = home.open();
    for number in 0..11_000 {
        home.put(&format!("{number:05}"), "no mail");
    }
    let other = |home: &Home, name: &str| {
        home.put(name, mail(name));
        chown(home.path(name), Some(65_534), None).expect("these tests run as root");
    };
    for second in 0..14 {
        home.round(&mut folder, at(second));
    }
    assert_eq!(folder.waiting.len(), MOST_OF_ONE);
    other(&home, "z");
    for second in 20..36 {
        home.round(&mut folder, at(second));
    }
    assert_eq!(home.engine.subjects(), ["z"]);
    drop(folder);
    let mut folder = home.open();
    other(&home, "zz");
    for second in 0..60 {
        home.round(&mut folder, at(second));
    }
    assert_eq!((home.engine.subjects(), folder.waiting.len()), (vec!["z".into(), "zz".into()], MOST_OF_ONE));
}

#[test]
fn a_file_that_is_a_huge_hole_fills_no_disk() {
    let mut home = Home::new();
    home.settings.rules.limits.message_size = 1000;
    let mut folder = home.open();
    home.put("a", mail("a"));
    home.put("b", "x-receiver:b@x\nFrom:a@x\n\ntext\n");
    let grown = OpenOptions::new().write(true).open(home.path("b")).unwrap();
    OpenOptions::new().write(true).open(home.path("a")).unwrap().set_len(20 << 20).unwrap();
    home.engine.is_full = true;
    home.round(&mut folder, at(0));
    assert_eq!(folder.waiting.len(), 1, "the one that is huge from the beginning stays where it is");
    grown.set_len(20 << 20).unwrap();
    home.engine.is_full = false;
    home.round(&mut folder, at(10));
    assert_eq!((home.bad().len(), home.engine.subjects().len(), home.left().len()), (0, 0, 2));
    grown.set_len(24).unwrap();
    let reply = postrider_engine::Reply::new(550, 7, 1, "No");
    let mail_of_b = folder.round(at(50)).mails;
    assert_eq!(mail_of_b.len(), 1);
    grown.set_len(20 << 20).unwrap();
    folder.settle(vec![(mail_of_b[0].claim.clone(), Settled::Refused(reply))], at(50));
    assert_eq!((home.bad().len(), home.left().len()), (0, 2), "nor does one that grows while its mail is refused");
    grown.set_len(0).unwrap();
    fs::write(home.path("a"), mail("a")).unwrap();
    home.round(&mut folder, at(100));
    assert_eq!((home.engine.subjects(), home.bad().len()), (vec!["a".to_owned()], 1), "what has become usual is taken");
}
