//! What is removed is gone for good; a crash on the way leaves a note, and no mail that nobody knows.

use std::collections::BTreeSet;

use super::{
    files::{bad_file, file},
    *,
};
use crate::disk::faulty::{chooser, FaultyFiles};

fn kept() -> FaultyFiles {
    let disk = FaultyFiles::new();
    let octets = file(&FaultyFiles::new(), "x", b"octets");
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    keeper.keep_file(&bad_file(Some(octets.as_ref()), "x")).unwrap();
    disk
}

fn on(disk: &FaultyFiles) -> BadMailBox {
    BadMailBox::on(Arc::new(disk.clone()))
}

#[test]
fn what_is_removed_is_gone_also_when_power_goes_away() {
    let disk = kept();
    on(&disk).remove("one-2").unwrap();
    assert!(disk.after_power_loss(&mut chooser(0)).names().is_empty());
    assert!(matches!(on(&disk).remove("one-2"), Err(BadMailProblem::NotThere { .. })));
}

#[test]
fn power_lost_on_the_way_leaves_both_or_a_note_that_says_so_and_the_same_call_ends_it() {
    let before = kept();
    let mut seen = BTreeSet::new();
    for (crash_at, seed) in (1..30).flat_map(|crash_at| (0..40).map(move |seed| (crash_at, seed))) {
        let disk = before.after_kill();
        disk.crash_at(crash_at);
        let removed = on(&disk).remove("one-2").is_ok();
        let left = disk.after_power_loss(&mut chooser(seed));
        let listing = on(&left).list().unwrap();
        let state = listing.entries.first().map(|entry| (entry.kind.name(), entry.octets.name()));
        assert!(!removed || state.is_none(), "call {crash_at}, seed {seed}: it came back");
        assert_ne!(state, Some(("unknown", "whole")), "call {crash_at}, seed {seed}: a mail that nobody knows");
        seen.insert(state);
        if state.is_some() {
            on(&left).remove("one-2").unwrap();
        }
        assert!(left.names().is_empty(), "call {crash_at}, seed {seed}: {:?}", left.names());
    }
    let all = [None, Some(("pickup", "removed")), Some(("pickup", "whole"))];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn what_is_not_ours_is_never_removed() {
    let disk = FaultyFiles::new();
    file(&disk, "package.json", b"{\"name\": \"x\"}");
    assert!(matches!(on(&disk).remove("package"), Err(BadMailProblem::NotThere { .. })));
    assert!(matches!(on(&disk).remove("package.json"), Err(BadMailProblem::NotThere { .. })));
    assert_eq!(disk.names(), ["package.json"]);
}

#[test]
fn what_has_no_note_is_removed_with_what_was_begun() {
    let disk = FaultyFiles::new();
    file(&disk, "a.eml", b"x");
    file(&disk, "a.json.tmp", b"x");
    file(&disk, "b.eml.tmp", b"x");
    on(&disk).remove("a").unwrap();
    on(&disk).remove("b").unwrap();
    assert!(disk.names().is_empty());
}
