//! A delivery that ends at any step, and is repeated.

use std::{cell::Cell, io, panic::AssertUnwindSafe};

use super::{super::deliver::Step, *};
use crate::mailfile::faults::{DiesBefore, Fails, STEPS};

fn dies(home: &mut Home, step: Step) {
    let mail = job(3, "ann@example.org");
    let end = std::panic::catch_unwind(AssertUnwindSafe(|| home.deliver_watched(&mail, &DiesBefore(step))));
    assert!(end.is_err(), "{step:?}");
    home.restarted();
}

#[test]
fn a_crash_at_any_step_leaves_nothing_or_all_and_the_repetition_makes_it_one() {
    for step in STEPS {
        let mut home = Home::new();
        dies(&mut home, step);
        let there = matches!(step, Step::Keep | Step::Tell);
        assert_eq!(home.names("ann/new").len(), usize::from(there), "{step:?}");
        let again = word(home.deliver(&job(3, "ann@example.org")));
        assert_eq!(again, if there { "Before" } else { "Now" }, "{step:?}");
        assert_eq!(home.only("ann/new"), HELLO, "{step:?}");
        assert_eq!(home.names("ann/tmp"), [""; 0], "{step:?}");
    }
}

#[test]
fn what_was_delivered_is_known_wherever_its_reader_has_put_it() {
    let places = [
        ("ann/cur", ""),
        ("ann/cur", ":2,S"),
        ("ann/cur", ",S=93,W=99:2,FS"),
        ("ann/.Archive/cur", ":2,RS"),
        ("ann/.Lists.Rust/new", ""),
    ];
    for (to, flags) in places {
        let mut home = Home::new();
        dies(&mut home, Step::Tell);
        home.moves(to, flags);
        assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Before", "{to} {flags}");
        assert_eq!((home.names("ann/new").len(), home.names(to).len()), (0, 1), "{to} {flags}");
        assert_eq!(word(home.deliver(&job(4, "ann@example.org"))), "Now", "another mail");
    }
}

#[test]
fn an_attempt_that_counts_is_looked_for_without_a_restart() {
    let mut home = Home::new();
    home.deliver(&job(3, "ann@example.org")).unwrap();
    home.moves("ann/cur", ":2,S");
    let again = Job { tried: true, ..job(3, "ann@example.org") };
    assert_eq!(word(home.deliver(&again)), "Before");
}

#[test]
fn a_name_in_new_is_never_written_over() {
    let mut home = Home::new();
    home.deliver(&job(3, "ann@example.org")).unwrap();
    let other = job_with(Content::new("other"), 3, "ann@example.org");
    assert_eq!(word(home.deliver(&other)), "Before");
    assert_eq!(home.only("ann/new"), HELLO);
    assert_eq!(home.names("ann/tmp"), [""; 0]);
}

#[test]
fn a_step_that_fails_leaves_nothing_and_says_what_it_is() {
    let (full, broken) = (io::ErrorKind::StorageFull, io::ErrorKind::Other);
    let table = [
        (Step::Open, broken, "deferred 451 4.3.0 the mailbox cannot be used: opening it"),
        (Step::Create, full, "deferred 452 4.3.1 no space is left on the disk of the mailbox"),
        (Step::Write, full, "deferred 452 4.3.1 no space"),
        (Step::Write, io::ErrorKind::QuotaExceeded, "deferred 452 4.2.2 the owner of the mailbox"),
        (Step::Sync, broken, "deferred 451 4.3.0 the mailbox cannot be used: syncing a file"),
        (Step::Publish, broken, "deferred 451 4.3.0 the mailbox cannot be used: moving mail to new"),
        (Step::Keep, broken, "deferred 451 4.3.0 the mailbox cannot be used: syncing its folder"),
    ];
    for (step, kind, text) in table {
        let mut home = Home::new();
        let mail = job(3, "ann@example.org");
        let end = word(home.deliver_watched(&mail, &Fails(step, Cell::new(false), kind)));
        assert!(end.starts_with(text), "{step:?}: {end}");
        assert_eq!((home.names("ann/new").len(), home.names("ann/tmp").len()), (0, 0), "{step:?}");
        let again = Job { tried: true, ..mail };
        assert_eq!(word(home.deliver(&again)), "Now", "{step:?}");
        assert_eq!(home.only("ann/new"), HELLO);
    }
}
