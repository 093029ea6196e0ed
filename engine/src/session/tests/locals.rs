//! Recipients of local domains: everybody may write to them, and nobody to those who are none.

use super::*;
use crate::Address;

/// `local.example` is local; `ann` is a user there, and `odd` cannot be looked up.
struct Rule;

impl LocalRule for Rule {
    fn look(&self, recipient: &Address) -> Known {
        match (recipient.domain(), recipient.local_part()) {
            ("local.example", "ann") | ("", _) => Known::Here,
            ("local.example", "odd") => Known::Unsure,
            ("local.example", _) => Known::Nobody,
            _ => Known::Elsewhere,
        }
    }
}

fn with_locals() -> SessionSettings {
    SessionSettings { locals: Locals::new(Arc::new(Rule)), ..settings() }
}

#[test]
fn anybody_may_write_to_local_users_and_nobody_through_us() {
    dialogue(
        &with_locals(),
        "C: HELO c
        S: 250 mx.here.example
        C: MAIL FROM:<a@b>
        S: 250 2.1.0 Sender ok
        C: RCPT TO:<ann@local.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<carl@local.example>
        S: 550 5.1.1 No such user here
        C: RCPT TO:<odd@local.example>
        S: 451 4.3.0 Mailboxes cannot be looked at, come back later
        C: RCPT TO:<postmaster>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@elsewhere.example>
        S: 550 5.7.1 We do not relay for you
        C: DATA
        = Begin
        S: 354 End with a dot on a line of its own
        C: hi
        C: .
        = id.1 <a@b> <ann@local.example> <postmaster> <x@here.example>: hi\\r\\n
        S: 250 2.0.0 Ok: queued as id.1",
    );
}

#[test]
fn who_may_relay_may_not_write_to_nobody_either() {
    let mut settings = with_locals();
    settings.relay.networks = vec!["192.0.2.0/24".parse().unwrap()];
    let said = replies(&events(
        &settings,
        [b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<carl@local.example>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n"
            as &[u8]],
    ));
    assert_eq!(said[2], "550 5.1.1 No such user here");
    assert!(said[3].starts_with("250"), "{said:?}");
}
