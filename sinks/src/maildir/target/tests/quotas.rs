//! How much a mailbox holds.

use super::{super::Quota, *};

fn with(octets: Option<u64>, messages: Option<u64>, refuse: bool) -> Home {
    let mut home = Home::new();
    home.settings.quota = Quota { octets, messages, refuse };
    home
}

const FULL: &str = "deferred 452 4.2.2 the mailbox is full";

#[test]
fn a_full_mailbox_takes_no_more_until_it_has_room() {
    let mut home = with(None, Some(2), false);
    for id in 1..=2 {
        assert_eq!(word(home.deliver(&job(id, "ann@example.org"))), "Now");
    }
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), FULL);
    assert_eq!(word(home.deliver(&job(3, "bob@example.org"))), "Now", "each has a mailbox of his own");
    home.moves("ann/cur", ":2,S");
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), FULL, "what is read counts too");
    fs::remove_file(home.path("ann/cur").join(&home.names("ann/cur")[0])).unwrap();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
}

#[test]
fn octets_are_counted_as_they_lie_in_files() {
    let mail = HELLO.len() as u64;
    let mut home = with(Some(2 * mail), None, true);
    assert_eq!(word(home.deliver(&job(1, "ann@example.org"))), "Now");
    assert_eq!(word(home.deliver(&job(2, "ann@example.org"))), "Now");
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "failed 552 5.2.2 the mailbox is full");
    home.restarted();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "failed 552 5.2.2 the mailbox is full", "counted anew");
}

#[test]
fn what_was_delivered_to_a_mailbox_that_is_full_now_is_known_first() {
    let mut home = with(None, Some(1), false);
    home.deliver(&job(1, "ann@example.org")).unwrap();
    home.restarted();
    assert_eq!(word(home.deliver(&job(1, "ann@example.org"))), "Before");
    assert_eq!(word(home.deliver(&job(2, "ann@example.org"))), FULL);
}
