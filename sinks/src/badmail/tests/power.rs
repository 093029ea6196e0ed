//! Power goes away at every call: there is nothing, or a mail, or a mail and its note, and never a note without its mail.

use std::collections::BTreeSet;

use super::{
    files::{bad_file, file},
    *,
};
use crate::disk::faulty::{chooser, FaultyFiles, Trouble};

/// A way to keep something, and its octets.
type Way = (&'static str, fn(&FaultyFiles) -> io::Result<()>);

fn octets() -> Vec<u8> {
    (0..70_000_u32).map(|n| (n % 251) as u8).collect()
}

fn keep_mail(disk: &FaultyFiles) -> io::Result<()> {
    BadMailFolder::on(Arc::new(disk.clone()), 7).keep_mail(&bad(&[1], Content::new(octets())))
}

fn keep_file(disk: &FaultyFiles) -> io::Result<()> {
    let from = file(&FaultyFiles::new(), "x", &octets());
    BadMailFolder::on(Arc::new(disk.clone()), 7).keep_file(&bad_file(Some(from.as_ref()), "x"))
}

const WAYS: [Way; 2] = [("0000002A.1.0000000000000007", keep_mail), ("one-2", keep_file)];

/// Which of the two are there. What is there is whole.
fn found(disk: &FaultyFiles, name: &str, doing: &str) -> (bool, bool) {
    let (mail, note) = (disk.octets(&mail_of(name)), disk.octets(&note_of(name)));
    if let Some(mail) = &mail {
        assert!(*mail == octets(), "{doing}: the mail is not whole");
    }
    if let Some(note) = &note {
        let note: Value = serde_json::from_slice(note).unwrap_or_else(|error| panic!("{doing}: {error}"));
        assert_eq!(note["complete"], true, "{doing}");
    }
    (mail.is_some(), note.is_some())
}

/// What is left of keeping it on this disk when power goes away at each of its calls.
fn at_each_call(before: &FaultyFiles, (name, keep): Way) -> BTreeSet<(bool, bool)> {
    let mut seen = BTreeSet::new();
    for (crash_at, seed) in (1..).flat_map(|crash_at| (0..8).map(move |seed| (crash_at, seed))) {
        let disk = before.after_kill();
        disk.crash_at(crash_at);
        let kept = keep(&disk).is_ok();
        let doing = format!("{name}, call {crash_at}, seed {seed}");
        let left = disk.after_power_loss(&mut chooser(seed));
        let there = found(&left, name, &doing);
        assert!(!kept || there == (true, true), "{doing}: it was called kept");
        assert_ne!(there, (false, true), "{doing}: a note without its mail");
        seen.insert(there);
        keep(&left).unwrap();
        assert_eq!(left.names(), [mail_of(name), note_of(name)], "{doing}: kept again");
        assert_eq!(found(&left.after_power_loss(&mut chooser(0)), name, &doing), (true, true));
        if !disk.has_crashed() {
            break;
        }
    }
    seen
}

#[test]
fn power_lost_at_each_call_leaves_nothing_or_a_mail_and_never_a_note_without_it() {
    for way in WAYS {
        let seen = at_each_call(&FaultyFiles::new(), way);
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(false, false), (true, false), (true, true)]);
    }
}

#[test]
fn power_lost_while_it_is_kept_again_leaves_both() {
    for way in WAYS {
        let before = FaultyFiles::new();
        way.1(&before).unwrap();
        assert_eq!(at_each_call(&before, way).into_iter().collect::<Vec<_>>(), [(true, true)]);
    }
}

#[test]
fn a_disk_that_fails_is_an_error_and_nothing_is_shown() {
    for (name, keep) in WAYS {
        for trouble in
            [Trouble { writes_fail: true, ..Trouble::default() }, Trouble { syncs_fail: true, ..Trouble::default() }]
        {
            let disk = FaultyFiles::new();
            disk.trouble(trouble);
            keep(&disk).unwrap_err();
            assert!(disk.names().is_empty(), "{name}: {:?}", disk.names());
        }
    }
}
