//! What the setters put into mail and envelope, one by one, and what they refuse.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::{Body, Door, MailboxError};

pub(super) const NOW: Moment = Moment(1_795_156_274_000);
pub(super) const MAKING: Making<'_> = Making { now: NOW, host: "mail.example.org", unique: 0x0123_4567_89ab_cdef };

/// A mail that has all it needs.
pub(super) fn mail() -> NewMail {
    NewMail::new().from("ann@example.org").to("bob@example.net")
}

pub(super) fn draft(mail: NewMail) -> Draft {
    mail.into_draft(&MAKING).unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn octets(mail: NewMail) -> Vec<u8> {
    draft(mail).content.all(usize::MAX).unwrap().to_vec()
}

/// The fields of the header, unfolded: `name: value`.
pub(super) fn header(mail: NewMail) -> Vec<String> {
    let octets = octets(mail);
    let fields = crate::header::fields(&octets);
    fields.map(|field| format!("{}: {}", String::from_utf8_lossy(field.name()), field.text())).collect()
}

fn refused(mail: NewMail) -> ComposeError {
    mail.into_draft(&MAKING).unwrap_err()
}

#[test]
fn the_least_mail_has_the_fields_that_every_mail_has() {
    let text = String::from_utf8(octets(mail())).unwrap();
    assert_eq!(
        text,
        "Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n\
         From: ann@example.org\r\n\
         To: bob@example.net\r\n\
         Message-ID: <00000000000000000123456789abcdef@mail.example.org>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n\r\n"
    );
    let envelope = draft(mail()).envelope;
    assert_eq!((envelope.door, envelope.arrived, envelope.body), (Door::Library, NOW, Body::SevenBit));
    assert_eq!((envelope.smtputf8, envelope.priority), (false, QueuePriority::Normal));
}

#[test]
fn every_field_has_its_setter() {
    let table: [(NewMail, &[&str]); 14] = [
        (
            mail().from("carl@x").sender("ann@example.org"),
            &["From: ann@example.org, carl@x", "Sender: ann@example.org"],
        ),
        (mail().sender("Boss <boss@x>"), &["Sender: Boss <boss@x>"]),
        (mail().reply_to("a@x").reply_to("List: b@x;"), &["Reply-To: a@x, b@x"]),
        (mail().to("Carol <c@x>; d@x"), &["To: bob@example.net, Carol <c@x>, d@x"]),
        (mail().cc([("E", "e@x"), ("F", "f@x")]), &["Cc: E <e@x>, F <f@x>"]),
        (mail().subject(" Hi  there "), &["Subject: Hi  there"]),
        (mail().importance(Importance::High), &["Importance: high", "X-Priority: 1 (Highest)"]),
        (mail().importance(Importance::Low), &["Importance: low", "X-Priority: 5 (Lowest)"]),
        (mail().header("X-A", "1").header("X-A", "2"), &["X-A: 1", "X-A: 2"]),
        (
            mail().header("List-Unsubscribe", "<https://x/ü>"),
            &["List-Unsubscribe: =?utf-8?Q?=3Chttps=3A//x/=C3=BC=3E?="],
        ),
        (mail().date(UNIX_EPOCH), &["Date: Thu, 1 Jan 1970 00:00:00 +0000"]),
        (mail().message_id("1.2@x"), &["Message-ID: <1.2@x>"]),
        (mail().in_reply_to("<a@x>"), &["In-Reply-To: <a@x>", "References: <a@x>"]),
        (mail().in_reply_to("b@x").references("<a@x> <b@x>"), &["In-Reply-To: <b@x>", "References: <a@x> <b@x>"]),
    ];
    for (mail, expected) in table {
        let header = header(mail);
        for field in expected {
            assert_eq!(header.iter().filter(|has| has == field).count(), 1, "{field} in {header:#?}");
        }
        let names = |name: &str| header.iter().filter(|field| field.starts_with(name)).count();
        assert_eq!((names("Date:"), names("Message-ID:"), names("From:")), (1, 1, 1), "{header:#?}");
    }
}

#[test]
fn a_sender_who_is_the_only_author_is_not_named_again() {
    let header = header(mail().sender("ann@example.org"));
    assert!(!header.iter().any(|field| field.starts_with("Sender")), "{header:#?}");
}

#[test]
fn who_gets_a_blind_copy_is_in_the_envelope_and_in_no_octet_of_the_mail() {
    let draft = draft(NewMail::new().from("a@x").bcc("Secret Name <secret@y>"));
    assert_eq!(draft.envelope.recipients.len(), 1);
    let text = String::from_utf8(draft.content.all(9999).unwrap().to_vec()).unwrap();
    assert!(!text.to_lowercase().contains("secret") && !text.to_lowercase().contains("bcc"), "{text}");
    assert!(text.contains("\r\nTo: undisclosed-recipients:;\r\n"), "{text}");
}

#[test]
fn who_is_named_twice_gets_it_once() {
    let mail = mail()
        .cc("Bob <bob@EXAMPLE.net>, BOB@example.net")
        .bcc("bob@example.net; x@bücher.example")
        .bcc("x@xn--bcher-kva.example");
    let envelope = draft(mail).envelope;
    let all: Vec<_> = envelope.recipients.iter().map(|(_, one)| one.address.to_string()).collect();
    assert_eq!(all, ["bob@example.net", "BOB@example.net", "x@xn--bcher-kva.example"]);
}

#[test]
fn the_sender_of_the_envelope_is_the_return_path_or_who_sends_or_the_author() {
    let table = [
        (mail(), Some("ann@example.org")),
        (mail().sender("b@x"), Some("b@x")),
        (mail().sender("b@x").return_path("bounces@bücher.example"), Some("bounces@xn--bcher-kva.example")),
        (mail().null_return_path(), None),
    ];
    for (mail, expected) in table {
        assert_eq!(draft(mail).envelope.sender.map(|sender| sender.to_string()).as_deref(), expected);
    }
}

#[test]
fn what_the_sender_wants_to_hear_is_in_the_envelope() {
    let success = Notify { success: true, ..Notify::NEVER };
    let mail = mail().cc("c@x, d@x").notify(success).notify_for("C@x", Notify::NEVER);
    assert_eq!(refused(mail), ComposeError::NotARecipient { field: "notify_for", address: "C@x".into() });
    let mail = self::mail().cc("c@x, d@x").notify(success).notify_for("c@X", Notify::NEVER).ret(Ret::Headers);
    let mail = mail.envid("mail 1+1=2").original_recipient("c@x", "old+c@y").original_recipient("d@x", "ü@y");
    let envelope = draft(mail).envelope;
    let all: Vec<_> = envelope.recipients.iter().map(|(_, one)| (one.notify, one.orcpt.as_deref())).collect();
    let expected = [
        (Some(success), None),
        (Some(Notify::NEVER), Some("rfc822;old+2Bc@y")),
        (Some(success), Some("utf-8;\\x{FC}@y")),
    ];
    assert_eq!(all, expected);
    assert_eq!((envelope.ret, envelope.envid.as_deref()), (Some(Ret::Headers), Some("mail+201+2B1+3D2")));
    assert!(!envelope.smtputf8);
}

#[test]
fn times_are_given_as_times_or_from_now_on() {
    let hour = Duration::from_secs(3600);
    let mail =
        mail().priority(QueuePriority::High).not_before(hour).expires(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let envelope = draft(mail).envelope;
    assert_eq!((envelope.not_before, envelope.priority), (Some(NOW + hour), QueuePriority::High));
    assert_eq!(envelope.expires, Some(Moment(1_800_000_000_000)));
    for mail in [
        self::mail().not_before(hour).expires(hour),
        self::mail().not_before(hour * 2).expires(NOW + hour),
        self::mail().expires(NOW),
        self::mail().expires(Duration::ZERO),
    ] {
        assert_eq!(refused(mail), ComposeError::Expired);
    }
}

#[test]
fn a_mistake_is_told_when_the_mail_is_sent_and_names_its_field() {
    let table: [(NewMail, &str); 28] = [
        (NewMail::new().to("a@x"), "the mail is from nobody"),
        (NewMail::new().from("a@x, b@x").to("c@x"), "the mail has several authors: say with sender"),
        (NewMail::new().from("a@x"), "the mail has no recipient"),
        (mail().from("a b@x"), "from: \"a b@x\" is no mailbox"),
        (mail().sender(""), "sender: \"\" is not one mailbox"),
        (mail().cc("postmaster"), "cc: \"postmaster\" is no mailbox: the address has no domain; write all of it"),
        (mail().cc(("A", "nobody")), "cc: \"A <nobody>\" is no mailbox"),
        (mail().bcc("a@x\r\nEvil: b"), "bcc: \"a@x\\r\\nEvil: b\" is no mailbox: it has a control"),
        (mail().return_path("<>"), "return_path: \"<>\" is no mailbox"),
        (mail().return_path("postmaster"), "return_path: \"postmaster\" is not an address with a domain"),
        (mail().subject("a\nb"), "subject: there is a control"),
        (mail().subject("a\u{7}b"), "subject: there is a control (CR, LF, NUL or another) at octet 1"),
        (mail().header("X-A", "a\u{0}"), "X-A: there is a control"),
        (mail().header("X A", "a"), "header: \"X A\" is no name"),
        (mail().header("X:A", "a"), "header: \"X:A\" is no name"),
        (mail().header("X-A\r\nB", "a"), "header: \"X-A\\r\\nB\" is no name"),
        (mail().header("", "a"), "header: \"\" is no name"),
        (mail().header(&"x".repeat(77), "a"), "header: \"xxxx"),
        (mail().header("X", &"x".repeat(999)), "X: more than 998 octets without a blank"),
        (mail().message_id("<a b@x>"), "message_id: \"<a b@x>\" is not a message id"),
        (mail().in_reply_to("a"), "in_reply_to: \"a\" is not a message id"),
        (mail().references("<a@x> >"), "references: \">\" is not a message id"),
        (mail().references(""), "references: \"\" is not a message id"),
        (mail().envid("ä"), "envid: \"ä\" is not an envelope id"),
        (mail().envid(&"+".repeat(34)), "envid: more than 100 encoded octets: give a shorter one"),
        (mail().calendar("RE QUEST", "x"), "calendar: \"RE QUEST\" is not a calendar method"),
        (mail().subject("s".repeat(65_537)), "Subject: more than 65536 octets: say it shorter, or in the text"),
        (mail().text("x".repeat(crate::MAX_TEXT + 1)), "text: more than 67108864 octets: send it as an attachment"),
    ];
    for (mail, message) in table {
        let error = refused(mail).to_string();
        assert!(error.starts_with(message), "{error} is not {message}");
    }
    assert!(matches!(
        refused(mail().subject("\r").cc("x")),
        ComposeError::Control { .. } // the first mistake
    ));
    let problem = MailboxError::NoDomain;
    assert!(matches!(refused(mail().to("postmaster")), ComposeError::Mailbox { problem: is, .. } if is == problem));
}

#[test]
fn fields_with_setters_and_those_of_transports_are_not_written_by_name() {
    for name in ["bcc", "FROM", "To", "cc", "Subject", "date", "Message-Id", "Sender", "Reply-To", "References"] {
        assert!(matches!(refused(mail().header(name, "x")), ComposeError::Reserved { .. }), "{name}");
    }
    for name in ["Content-Type", "content-anything", "MIME-Version", "Received", "Resent-To", "ARC-Seal", "Return-Path"]
    {
        assert!(matches!(refused(mail().header(name, "x")), ComposeError::Reserved { .. }), "{name}");
    }
    for name in ["X-Received", "Comments", "List-Id", "Auto-Submitted", "Arch"] {
        assert!(header(mail().header(name, "x")).contains(&format!("{name}: x")), "{name}");
    }
}

#[test]
fn a_header_has_a_limit_and_so_has_the_number_of_fields() {
    let many = |count: usize| (0..count).map(|n| Address::parse(&format!("u{n}@x")).unwrap()).collect::<Vec<_>>();
    assert_eq!(refused(mail().to(many(60_000))), ComposeError::LongHeader);
    let mut mail = mail();
    for _ in 0..=crate::MAX_FIELDS {
        mail = mail.header("X", "y");
    }
    assert!(refused(mail).to_string().starts_with("header: more than 1000 fields: put what they say into fewer"));
}

#[test]
fn what_is_shown_of_a_mail_is_not_what_it_says() {
    let shown = format!("{:?}", mail().subject("geheim").text("geheim").attach(Attachment::new("a.txt", "geheim")));
    assert!(!shown.contains("geheim") && shown.contains("ann@example.org"), "{shown}");
}
