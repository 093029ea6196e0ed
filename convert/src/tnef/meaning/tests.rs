//! Bodies, people, names and times.

use super::{
    body::{best, BodyKind, Present},
    *,
};
use crate::{
    tnef::{
        tags::{att, tag},
        Attachment, Attribute, Rendering,
    },
    Limits,
};

fn attribute(id: u32, octets: &[u8]) -> Attribute<'_> {
    Attribute { id, octets: octets.into() }
}

fn envelope(message: &Message<'_>) -> Envelope {
    let envelope = message.envelope(Limits::default()).unwrap();
    assert!(envelope.flaws.is_empty(), "{:?}", envelope.flaws);
    envelope.output
}

#[test]
fn the_best_body_is_the_one_that_the_specification_chooses() {
    use BodyKind::{Html, Rtf, Text};
    let present = |text, rtf, html| Present { text, rtf, html };
    for (native, is_in_sync, bodies, expected) in [
        (Some(1), Some(true), present(true, true, true), Some(Text)),
        (Some(2), Some(false), present(true, true, true), Some(Rtf)),
        (Some(3), Some(true), present(true, true, true), Some(Html)),
        // What is native and missing, or of no kind, says nothing.
        (Some(3), Some(true), present(true, true, false), Some(Rtf)),
        (Some(4), Some(false), present(true, true, true), Some(Html)),
        (None, Some(true), present(true, true, true), Some(Rtf)),
        (None, Some(false), present(true, true, true), Some(Html)),
        (None, Some(false), present(true, true, false), Some(Text)),
        (None, Some(true), present(true, true, false), Some(Rtf)),
        (None, None, present(true, true, false), Some(Rtf)),
        (None, None, present(true, true, true), Some(Html)),
        (None, Some(false), present(false, true, false), Some(Rtf)),
        (None, None, present(true, false, false), Some(Text)),
        (None, None, present(false, false, true), Some(Html)),
        (None, None, present(false, false, false), None),
    ] {
        assert_eq!(best(native, is_in_sync, bodies), expected, "{native:?} {is_in_sync:?} {bodies:?}");
    }
}

#[test]
fn attributes_say_what_properties_do_not() {
    let message = Message {
        code_page: 1252,
        attributes: vec![
            attribute(att::MESSAGE_CLASS, b"IPM.Microsoft Schedule.MtgReq\0"),
            attribute(att::SUBJECT, b"Gr\xfc\xdfe\0"),
            attribute(att::FROM, b"\x04\0\x22\0\x04\0\x0e\0Ann\0SMTP:a@b.test\0\0\0\0\0\0\0\0\0"),
            attribute(att::DATE_SENT, b"\xe8\x07\x01\0\x1f\0\x0c\0\0\0\x05\0\x03\0"),
            attribute(att::PRIORITY, b"\x01\0"),
        ],
        ..Message::default()
    };
    let all = envelope(&message);
    assert_eq!(all.class.as_deref(), Some("IPM.Schedule.Meeting.Request"));
    assert_eq!(all.subject.as_deref(), Some("Grüße"));
    assert_eq!(all.from, Some(Mailbox { name: Some("Ann".into()), address: Some("a@b.test".into()) }));
    assert_eq!(all.sent.unwrap().civil().basic(), "20240131T120005Z");
    assert_eq!(all.importance, Some(Importance::High));
    let text = |id, text| Property::new(id, Value::text(text));
    let properties = vec![text(tag::SUBJECT, "Προς"), text(tag::MESSAGE_CLASS, "IPM.Note")];
    let all = envelope(&Message { properties, ..message });
    assert_eq!((all.subject.as_deref(), all.class.as_deref()), (Some("Προς"), Some("IPM.Note")));
}

#[test]
fn people_have_addresses_of_smtp_or_none() {
    let text = |id, text| Property::new(id, Value::text(text));
    let row = |kind: i32, name, address_type, address| {
        vec![
            Property::new(tag::RECIPIENT_TYPE, Value::I32(kind)),
            text(tag::DISPLAY_NAME, name),
            text(tag::ADDRESS_TYPE, address_type),
            text(tag::EMAIL_ADDRESS, address),
        ]
    };
    let mut exchange = row(1, "Ann", "EX", "/O=ORG/CN=ANN");
    exchange.push(text(tag::SMTP_ADDRESS, "ann@b.test"));
    let recipients = vec![
        exchange,
        row(2, "Bob", "EX", "/O=ORG/CN=BOB"),
        row(3, "c@d.test", "SMTP", "c@d.test"),
        row(1, "Eve", "SMTP", "e@f.test>\r\nBcc: <x@y.test"),
        vec![],
    ];
    let all = envelope(&Message { recipients, ..Message::default() }).recipients;
    let all: Vec<_> =
        all.iter().map(|one| (one.kind, one.mailbox.name.as_deref(), one.mailbox.address.as_deref())).collect();
    assert_eq!(
        all,
        [
            (RecipientKind::To, Some("Ann"), Some("ann@b.test")),
            (RecipientKind::Cc, Some("Bob"), None),
            (RecipientKind::Bcc, None, Some("c@d.test")),
            (RecipientKind::To, Some("Eve"), None),
        ]
    );
}

#[test]
fn an_address_can_stand_between_angle_brackets() {
    for address in ["a@b.test", "a.b+c@d.test", "ä@ö.test", "a@[1]"] {
        assert_eq!(people::is_address(address), !address.contains('['), "{address}");
    }
    for address in ["", "a", "@b", "a@", "a b@c", "a@b\r\n", "a@b>", "<a@b", "a@b,c@d", "\"a\"@b", "a@b\u{0}", "a@b(c)"]
    {
        assert!(!people::is_address(address), "{address:?}");
    }
}

#[test]
fn who_has_sent_it_for_somebody_is_the_sender() {
    let text = |id, text| Property::new(id, Value::text(text));
    let mut properties = vec![
        text(tag::SENT_REPRESENTING_NAME, "Boss"),
        text(tag::SENT_REPRESENTING_ADDRESS_TYPE, "SMTP"),
        text(tag::SENT_REPRESENTING_EMAIL_ADDRESS, "boss@b.test"),
        text(tag::SENDER_NAME, "Boss"),
        text(tag::SENDER_SMTP_ADDRESS, "boss@b.test"),
    ];
    let all = envelope(&Message { properties: properties.clone(), ..Message::default() });
    assert_eq!((all.from.unwrap().address.as_deref(), all.sender), (Some("boss@b.test"), None));
    properties[4] = text(tag::SENDER_SMTP_ADDRESS, "office@b.test");
    let all = envelope(&Message { properties, ..Message::default() });
    assert_eq!(all.sender.unwrap().address.as_deref(), Some("office@b.test"));
}

#[test]
fn ids_have_no_brackets_and_end_no_line() {
    let text = |id, text| Property::new(id, Value::text(text));
    let properties = vec![
        text(tag::INTERNET_MESSAGE_ID, "<1@a.test>"),
        text(tag::INTERNET_REFERENCES, "<2@a.test> <3@a.test>\r\n\t<4@a.test>"),
        text(tag::IN_REPLY_TO_ID, "<5@a.test\r\nX: y>"),
    ];
    let all = envelope(&Message { properties, ..Message::default() });
    assert_eq!(all.message_id.as_deref(), Some("1@a.test"));
    assert_eq!(all.references, ["2@a.test", "3@a.test", "4@a.test"]);
    assert!(all.in_reply_to.iter().all(|id| !id.contains(['\r', '\n', ' '])));
}

#[test]
fn a_code_page_that_is_not_known_is_a_flaw() {
    let attributes = vec![attribute(att::SUBJECT, b"a\xe4")];
    let read = Message { code_page: 12345, attributes, ..Message::default() }.envelope(Limits::default()).unwrap();
    assert_eq!(read.output.subject.as_deref(), Some("aä"));
    let flaws: Vec<_> = read.flaws.iter().map(ToString::to_string).collect();
    assert_eq!(flaws, ["octet 0: code page 12345: unknown_charset"]);
}

#[test]
fn texts_are_within_the_limits() {
    let properties = vec![Property::new(tag::SUBJECT, Value::text(&"x".repeat(10_000)))];
    let message = Message { properties, ..Message::default() };
    assert!(message.envelope(Limits::default().with_output(1_000)).is_err());
    assert!(message.envelope(Limits::default().with_work(1_000)).is_err());
}

fn attached(name: &str) -> Attached<'static> {
    let text = |id, text| Property::new(id, Value::text(text));
    let attachment = Attachment {
        rendering: Rendering::default(),
        attributes: vec![],
        properties: vec![
            text(tag::ATTACH_LONG_FILENAME, name),
            text(tag::ATTACH_MIME_TAG, name),
            text(tag::ATTACH_CONTENT_ID, name),
        ],
    };
    let message = Message::default();
    Reading::new(&message, Allowance::new(Limits::default())).attached(&attachment).unwrap()
}

#[test]
fn names_types_and_ids_are_what_they_have_to_be_or_none() {
    for (given, expected) in [
        ("a.txt", Some("a.txt")),
        ("C:\\folder\\b.doc", Some("b.doc")),
        ("../../etc/passwd", Some("passwd")),
        ("a\r\nX-Y; z", Some("aX-Y; z")),
        ("an\u{202e}txt.exe", Some("antxt.exe")),
        ("..", None),
        ("/", None),
    ] {
        assert_eq!(attached(given).name.as_deref(), expected, "{given:?}");
    }
    for (given, expected) in [
        ("image/png", Some("image/png")),
        ("image/svg+xml", Some("image/svg+xml")),
        ("message/rfc822", None),
        ("Multipart/mixed", None),
        ("text/plain; charset=x", None),
        ("text/plain\r\nX: y", None),
        ("text", None),
    ] {
        assert_eq!(attached(given).media_type.as_deref(), expected, "{given:?}");
    }
    for (given, expected) in [("<a@b>", Some("a@b")), ("a\r\nb", None), (" x ", Some("x")), ("<>", None)] {
        assert_eq!(attached(given).content_id.as_deref(), expected, "{given:?}");
    }
}
