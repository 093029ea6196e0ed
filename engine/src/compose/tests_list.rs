//! What a text of mailboxes means, and which texts mean nothing.

use proptest::prelude::*;

use super::{list::mailboxes, Mailbox, MailboxError};
use crate::AddressError;

fn shown(text: &str) -> Vec<(String, String)> {
    let all = mailboxes(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    all.iter().map(|one| (one.name().unwrap_or("").to_owned(), one.address().to_string())).collect()
}

#[test]
fn commas_and_semicolons_part_mailboxes_and_nothing_else_does() {
    let table: [(&str, &[(&str, &str)]); 17] = [
        ("", &[]),
        (" , ;; ", &[]),
        ("a@x", &[("", "a@x")]),
        ("a@x, b@y; c@z;", &[("", "a@x"), ("", "b@y"), ("", "c@z")]),
        ("Ann Example <ann@x>, b@y", &[("Ann Example", "ann@x"), ("", "b@y")]),
        ("<a@x>", &[("", "a@x")]),
        ("< a@x >", &[("", "a@x")]),
        ("\"Doe, Ann; \\\"A\\\"\" <a@x>", &[("Doe, Ann; \"A\"", "a@x")]),
        ("Jörg J. Groß <j@x>", &[("Jörg J. Groß", "j@x")]),
        ("a@x (Ann (A.) Example)", &[("Ann (A.) Example", "a@x")]),
        ("Ann (work) <a@x> (old)", &[("Ann", "a@x")]),
        ("Team: a@x, Bob <b@y>; c@z", &[("", "a@x"), ("Bob", "b@y"), ("", "c@z")]),
        ("undisclosed-recipients:;", &[]),
        ("\"a,b;c>d\"@x, \"q\" <\"e f>\"@y>", &[("", "\"a,b;c>d\"@x"), ("q", "\"e f>\"@y")]),
        ("a@[IPv6:2001:db8::1], b@[192.0.2.1]", &[("", "a@[IPv6:2001:db8::1]"), ("", "b@[192.0.2.1]")]),
        ("a@bücher.example, ü@bücher.example", &[("", "a@xn--bcher-kva.example"), ("", "ü@bücher.example")]),
        ("a\u{2003}b <a@x>\t", &[("a\u{2003}b", "a@x")]),
    ];
    for (text, expected) in table {
        let expected: Vec<_> = expected.iter().map(|(name, address)| (name.to_string(), address.to_string())).collect();
        assert_eq!(shown(text), expected, "{text:?}");
    }
}

#[test]
fn a_list_that_is_not_understood_is_refused_whole() {
    let table = [
        ("a@x, b", MailboxError::Address(AddressError::Syntax)),
        ("a@x, Bob", MailboxError::Address(AddressError::Syntax)),
        ("Ann a@x", MailboxError::Address(AddressError::LocalPart)),
        ("a@x b@y", MailboxError::Address(AddressError::Domain)),
        ("Ann <>", MailboxError::Address(AddressError::Syntax)),
        ("Ann <a@x> Bob", MailboxError::Behind),
        ("Ann <a@x> <b@y>", MailboxError::Behind),
        ("Ann <a@x", MailboxError::Unclosed('<')),
        ("\"Ann <a@x>", MailboxError::Unclosed('"')),
        ("\"Ann\\", MailboxError::Unclosed('"')),
        ("a@x (Ann", MailboxError::Unclosed('(')),
        ("a@[192.0.2.1", MailboxError::Unclosed('[')),
        ("a@x\r\nBcc: b@y", MailboxError::Control),
        ("A\u{0}nn <a@x>", MailboxError::Control),
        ("A\u{85}nn <a@x>", MailboxError::Control),
        ("postmaster", MailboxError::NoDomain),
        ("ann@example.org: bob@example.net", MailboxError::GroupName),
        ("Team: c@z, ann@x : bob@y;", MailboxError::GroupName),
        ("\"a@x\": b@y;", MailboxError::GroupName),
        ("Ann <ann@x>: b@y", MailboxError::Behind),
    ];
    for (text, problem) in table {
        assert_eq!(mailboxes(text), Err(problem), "{text:?}");
    }
    let long = format!("{} <a@x>", "n".repeat(501));
    assert_eq!(mailboxes(&long), Err(MailboxError::LongName));
}

#[test]
fn one_mailbox_is_neither_none_nor_two() {
    assert_eq!("".parse::<Mailbox>(), Err(MailboxError::NotOne(0)));
    assert_eq!("a@x, b@x; c@x".parse::<Mailbox>(), Err(MailboxError::NotOne(3)));
    assert_eq!(Mailbox::new("A\r\nBcc: b@x", "a@x"), Err(MailboxError::Control));
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end_without_a_panic(text in "[a@x<>\"\\\\(),;: \\[\\]\r\nü.]{0,24}|\\PC{0,40}") {
        for mailbox in mailboxes(&text).unwrap_or_default() {
            prop_assert!(!mailbox.address().domain().is_empty());
            prop_assert!(!mailbox.name().unwrap_or("").chars().any(char::is_control));
        }
    }
}
