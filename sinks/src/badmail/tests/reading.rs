//! What a listing and a look at one say, of what is ours and of all else that may lie there.

use std::os::unix::fs::symlink;

use postrider_engine::{LockError, OpenFile};

use super::{
    files::{bad_file, file},
    *,
};
use crate::disk::faulty::FaultyFiles;

fn keep(disk: &FaultyFiles, id: u64, seconds: u64, recipients: &[u32]) {
    let mut mail = bad(recipients, Content::new(format!("Subject: {id}\r\n\r\nbody\r\n")));
    (mail.id, mail.at) = (QueueId(id), Moment(seconds * 1000));
    BadMailFolder::on(Arc::new(disk.clone()), 7).keep_mail(&mail).unwrap();
}

fn keep_file(disk: &FaultyFiles, name: &str, seconds: u64) {
    let octets = file(&FaultyFiles::new(), "x", b"To: nobody\n\nx\n");
    let bad = BadFile { name, at: Moment(seconds * 1000), ..bad_file(Some(octets.as_ref()), "a.eml") };
    BadMailFolder::on(Arc::new(disk.clone()), 7).keep_file(&bad).unwrap();
}

fn on(disk: &FaultyFiles) -> BadMailBox {
    BadMailBox::on(Arc::new(disk.clone()))
}

fn names_in(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn both_kinds_are_listed_alike_the_oldest_first() {
    let disk = FaultyFiles::new();
    keep(&disk, 2, 2000, &[0, 2]);
    keep_file(&disk, "zz", 1000);
    keep(&disk, 1, 3000, &[0]);
    let listing = on(&disk).list().unwrap();
    assert_eq!(names_in(&listing), ["zz", "00000002.0.0000000000000007", "00000001.0.0000000000000007"]);
    let (pickup, mail) = (&listing.entries[0], &listing.entries[1]);
    assert_eq!((pickup.kind, pickup.code.as_str(), pickup.recipients), (Kind::Pickup, "no_sender", 0));
    assert_eq!((pickup.file.as_deref(), pickup.size, pickup.octets), (Some("a.eml"), Some(14), Octets::Whole));
    assert_eq!((mail.kind, mail.code.as_str(), mail.recipients), (Kind::Undeliverable, "undeliverable", 2));
    assert_eq!(mail.when.as_deref(), Some("1970-01-01T00:33:20.000Z"));
    assert_eq!((listing.left_out, listing.foreign, listing.unfinished), (0, 0, 0));
}

#[test]
fn a_listing_has_a_bound_and_says_how_many_are_left_out() {
    let disk = FaultyFiles::new();
    (0..5).for_each(|at| keep_file(&disk, &format!("n{at}"), 100 - at));
    let listing = on(&disk).list_at_most(2).unwrap();
    assert_eq!((names_in(&listing), listing.left_out), (vec!["n4", "n3"], 3));
}

#[test]
fn one_is_opened_with_its_reason_its_recipients_and_its_octets() {
    let disk = FaultyFiles::new();
    keep(&disk, 2, 2000, &[0, 2]);
    keep_file(&disk, "zz", 1000);
    let mail = on(&disk).get("00000002.0.0000000000000007").unwrap();
    assert_eq!(mail.header().unwrap(), b"Subject: 2\r\n");
    assert_eq!(mail.content().unwrap().all(99).unwrap(), "Subject: 2\r\n\r\nbody\r\n");
    let last = &mail.recipients[1];
    assert_eq!((last.address.as_str(), last.said_by.as_deref()), ("r2@y.org", Some("mx.example.net")));
    assert_eq!(last.why, "550 5.1.1 no \"such\" user\n\u{1}grüße");
    let pickup = on(&disk).get("zz").unwrap();
    assert_eq!((pickup.header().unwrap(), pickup.owner, pickup.line), (b"To: nobody\n".to_vec(), Some(1000), Some(3)));
    for (name, kind) in [("00000003.0.0000000000000007", "not there"), ("../zz", "no name"), ("", "no name")] {
        let found = match on(&disk).get(name) {
            Err(BadMailProblem::NotThere { .. }) => "not there",
            Err(BadMailProblem::Name { .. }) => "no name",
            _ => "something else",
        };
        assert_eq!(found, kind, "{name}");
    }
}

#[test]
fn a_header_without_an_end_has_one_by_the_limit() {
    let disk = FaultyFiles::new();
    file(&disk, "long.eml", &vec![b'x'; MOST_HEADER + 1]);
    file(&disk, "bare.eml", b"Subject: x\r\n");
    file(&disk, "cut.eml", &[vec![b'x'; 16 * 1024 - 2], b"\n\r\nbody".to_vec()].concat());
    let header = |name| on(&disk).get(name).unwrap().header().unwrap().len();
    assert_eq!((header("long"), header("bare"), header("cut")), (MOST_HEADER, 12, 16 * 1024 - 1));
}

#[test]
fn a_mail_without_a_note_is_listed_and_so_is_one_beside_which_stands_something_else() {
    let disk = FaultyFiles::new();
    file(&disk, "alone.eml", b"Subject: x\n\nx\n");
    for (name, note) in [
        ("a", r#"{"kind": "pickup", "mail": "../etc/passwd", "complete": true}"#),
        ("b", r#"{"kind": "other", "mail": "b.eml"}"#),
        ("c", "{"),
        ("d", "[]"),
        ("e", r#"{"kind": "pickup", "mail": 7}"#),
    ] {
        file(&disk, &format!("{name}.json"), note.as_bytes());
        file(&disk, &format!("{name}.eml"), b"x");
        file(&disk, &format!("foreign-{name}.json"), note.as_bytes());
    }
    let listing = on(&disk).list().unwrap();
    assert_eq!(names_in(&listing), ["a", "alone", "b", "c", "d", "e"]);
    let codes: Vec<&str> = listing.entries.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!(codes, ["bad_note", "no_note", "bad_note", "bad_note", "bad_note", "bad_note"]);
    assert_eq!((listing.foreign, listing.entries[0].kind), (5, Kind::Unknown));
}

#[test]
fn texts_of_a_note_are_cut_and_a_date_is_one_or_none() {
    let disk = FaultyFiles::new();
    let note = serde_json::json!({
        "kind": "pickup", "mail": null, "code": "c".repeat(1000), "text": "é".repeat(5000), "when": "yesterday, at noon, I think",
        "recipients": "many", "octets": -1,
    });
    file(&disk, "a.json", note.to_string().as_bytes());
    let entry = &on(&disk).list().unwrap().entries[0];
    assert_eq!((entry.code.len(), entry.text.len(), &entry.when), (64, 2000, &None));
    assert_eq!((entry.recipients, entry.size, entry.octets), (0, None, Octets::Never));
}

#[test]
fn a_note_that_is_too_large_is_none() {
    let disk = FaultyFiles::new();
    let note = r#"{"kind": "pickup", "mail": null}"#.as_bytes();
    let of = |length: u64| [note, &vec![b' '; length as usize - note.len()]].concat();
    file(&disk, "most.json", &of(MOST_NOTE));
    file(&disk, "more.json", &of(MOST_NOTE + 1));
    let listing = on(&disk).list().unwrap();
    assert_eq!((names_in(&listing), listing.foreign), (vec!["most"], 1));
}

#[test]
fn what_is_no_file_is_passed_over_and_no_link_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let (folder, secret) = (home.path().join("badmail"), home.path().join("secret.eml"));
    fs::create_dir(&folder).unwrap();
    fs::write(&secret, "Subject: secret\n\nx\n").unwrap();
    symlink(&secret, folder.join("link.eml")).unwrap();
    fs::write(folder.join("link.json"), r#"{"kind": "pickup", "mail": "link.eml", "complete": true}"#).unwrap();
    symlink(home.path(), folder.join("folder.json")).unwrap();
    fs::create_dir(folder.join("inside.eml")).unwrap();
    fs::write(folder.join("README"), "x").unwrap();
    fs::write(folder.join("x.eml.tmp"), "x").unwrap();
    fs::write(folder.join("x.tmp"), "x").unwrap();
    let status = std::process::Command::new("mkfifo").arg(folder.join("pipe.json")).status().unwrap();
    assert!(status.success());
    let listing = BadMailBox::new(&folder).list().unwrap();
    assert_eq!((names_in(&listing), listing.entries[0].octets), (vec!["link"], Octets::Removed));
    assert_eq!((listing.foreign, listing.unfinished), (6, 1));
    assert!(BadMailBox::new(&folder).get("link").unwrap().content().is_none());
    assert!(BadMailBox::new(&folder).get("pipe").is_err());
}

/// A disk on which one file cannot be read.
struct Scratched(FaultyFiles, &'static str);

impl Files for Scratched {
    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        match name == self.1 {
            true => Err(io::Error::other("a bad sector")),
            false => self.0.open(name),
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.0.list(folder)
    }

    fn make_folder(&self, _: &str) -> io::Result<()> {
        unreachable!("nothing is written")
    }

    fn lock(&self, _: &str) -> Result<Box<dyn Send>, LockError> {
        unreachable!("nothing is written")
    }

    fn create_new(&self, _: &str) -> io::Result<Arc<dyn OpenFile>> {
        unreachable!("nothing is written")
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        unreachable!("nothing is written")
    }

    fn unlink(&self, _: &str) -> io::Result<()> {
        unreachable!("nothing is written")
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        unreachable!("nothing is written")
    }

    fn free_octets(&self) -> io::Result<u64> {
        unreachable!("nothing is written")
    }
}

#[test]
fn one_that_cannot_be_read_hides_no_other() {
    let disk = FaultyFiles::new();
    ["a", "b"].iter().for_each(|name| keep_file(&disk, name, 1000));
    let badmail = BadMailBox::on(Arc::new(Scratched(disk, "a.json")));
    let listing = badmail.list().unwrap();
    assert_eq!((names_in(&listing), listing.unreadable), (vec!["b"], 1));
    assert!(matches!(badmail.get("a"), Err(BadMailProblem::Folder { .. })));
}

#[test]
fn a_folder_that_is_not_there_has_nothing_in_it() {
    let home = tempfile::tempdir().unwrap();
    let none = BadMailBox::new(home.path().join("none"));
    assert_eq!(none.list().unwrap(), Listing::default());
    assert!(matches!(none.get("x"), Err(BadMailProblem::NotThere { .. })));
    assert!(matches!(none.remove("x"), Err(BadMailProblem::NotThere { .. })));
    assert!(!home.path().join("none").exists());
}

#[test]
fn notes_of_the_version_before_can_still_be_read() {
    let disk = FaultyFiles::new();
    let recipient = r#"{"address": "a@example.org", "status": "5.1.1", "code": 550}"#;
    let note = format!(
        r#"{{"mail": "a.eml", "complete": true, "sender": null, "why_nobody_was_told": "x", "recipients": [{recipient}]}}"#
    );
    file(&disk, "a.json", note.as_bytes());
    file(&disk, "a.eml", b"x");
    let mail = on(&disk).get("a").unwrap();
    assert_eq!((mail.entry.kind, mail.entry.code.as_str()), (Kind::Undeliverable, "undeliverable"));
    assert_eq!(mail.recipients[0].why, "550 5.1.1");
}
