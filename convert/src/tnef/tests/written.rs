//! From a tree of parts to the octets of a message, and the limits of both.

use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::{
    strategies,
    unpack::{attachment, binary, text, tree},
};
use crate::{
    tnef::{
        mime::{self, Content, Disposition, Part},
        tags::{self, tag},
        to_mime, FileTime, Message, Property, Value,
    },
    Limits,
};

#[test]
fn a_message_is_written_so_that_others_read_it() {
    let inner =
        Message { properties: vec![text(tag::SUBJECT, "inner"), text(tag::BODY, "deep")], ..Message::default() };
    let message = Message {
        properties: vec![
            text(tag::SUBJECT, "Grüße\r\nBcc: evil@x.test"),
            text(tag::SENT_REPRESENTING_NAME, "Änn\r\nX-Evil: 1"),
            text(tag::SENT_REPRESENTING_SMTP_ADDRESS, "ann@b.test"),
            text(tag::INTERNET_MESSAGE_ID, "<1@b.test>"),
            Property::new(tag::CLIENT_SUBMIT_TIME, Value::Time(FileTime::of_unix(1_706_702_400))),
            Property::new(tag::IMPORTANCE, Value::I32(2)),
            Property::new(tag::SENSITIVITY, Value::I32(2)),
            text(tag::BODY, "--=_postrider-00000000.0=\r\nnot the end\r\n"),
        ],
        recipients: vec![vec![text(tag::DISPLAY_NAME, "Nobody")], vec![text(tag::SMTP_ADDRESS, "bob@b.test")]],
        attachments: vec![
            attachment(vec![
                text(tag::ATTACH_LONG_FILENAME, "Ä \"x\".bin"),
                binary(tag::ATTACH_DATA, &(0..=255).collect::<Vec<u8>>()),
            ]),
            attachment(vec![Property::new(tag::ATTACH_DATA, Value::object(tags::IID_MESSAGE, &inner.to_octets()))]),
        ],
        ..Message::default()
    };
    let tree = tree(&message).output;
    let octets = mime::write(&tree, Limits::default()).unwrap();
    assert_eq!(octets, mime::write(&tree, Limits::default()).unwrap());
    let parsed = MessageParser::new().parse(&octets).unwrap();
    assert_eq!(parsed.subject(), Some("Grüße  Bcc: evil@x.test"));
    assert_eq!(parsed.from().unwrap().first().unwrap().address(), Some("ann@b.test"));
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Änn  X-Evil: 1"));
    assert!(parsed.bcc().is_none() && parsed.header("X-Evil").is_none());
    assert_eq!(parsed.message_id(), Some("1@b.test"));
    assert_eq!(parsed.date().unwrap().to_timestamp(), 1_706_702_400);
    assert_eq!(parsed.header("Importance").and_then(|value| value.as_text()), Some("high"));
    assert_eq!(parsed.header("Sensitivity").and_then(|value| value.as_text()), Some("Private"));
    assert_eq!(parsed.body_text(0).unwrap(), "--=_postrider-00000000.0=\r\nnot the end\r\n");
    let file = parsed.attachment(0).unwrap();
    assert_eq!(file.attachment_name(), Some("Ä x.bin"));
    assert_eq!(file.contents(), (0..=255).collect::<Vec<u8>>());
    assert_eq!(parsed.attachment(1).unwrap().message().unwrap().subject(), Some("inner"));
    let text = String::from_utf8(octets).unwrap();
    assert!(text.contains("To: \"Nobody\":;, <bob@b.test>\r\n") && text.lines().all(|line| line.len() < 200), "{text}");
}

#[test]
fn octets_that_no_line_may_have_are_encoded() {
    for text in ["a\0b", "a\rb", "\u{1b}[2J", "a\rb\r\n"] {
        let written = mime::write(&Part::text("text/plain", text.into()), Limits::default()).unwrap();
        assert!(written.is_ascii() && String::from_utf8_lossy(&written).contains("base64"), "{text:?}");
        assert_eq!(MessageParser::new().parse(&written).unwrap().body_text(0).unwrap(), text);
    }
}

#[test]
fn a_text_is_written_so_that_people_can_read_it_and_a_file_so_that_it_comes_back() {
    let short = mime::write(&Part::text("text/plain", "Grüße\n".into()), Limits::default()).unwrap();
    let short = String::from_utf8(short).unwrap();
    assert!(short.contains("quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"), "{short}");
    for octets in ["a\nb", "a\r\nb", "a\r\nb\r\n", "ä", ""] {
        let mut file = Part::text("text/plain", octets.into());
        file.disposition = Some(Disposition::Attachment);
        let tree = Part::multipart("multipart/mixed", vec![Part::text("text/plain", "x".into()), file]);
        let written = mime::write(&tree, Limits::default()).unwrap();
        let parsed = MessageParser::new().parse(&written).unwrap();
        assert_eq!(parsed.parts[2].contents(), octets.as_bytes(), "{octets:?}");
    }
}

#[test]
fn what_was_unpacked_within_a_depth_is_written_within_it() {
    let html = binary(tag::HTML, b"<img src='cid:a@b'>");
    let picture = attachment(vec![text(tag::ATTACH_CONTENT_ID, "a@b"), binary(tag::ATTACH_DATA, b"\x89PNG")]);
    let file = attachment(vec![binary(tag::ATTACH_DATA, b"x")]);
    let (properties, attachments) = (vec![text(tag::BODY, "Hello"), html], vec![picture, file]);
    let octets = Message { properties, attachments, ..Message::default() }.to_octets();
    let flat = Limits::default().with_depth(1);
    assert!(mime::write(&to_mime(&octets, flat).unwrap().output, flat).is_ok());
    let mut deep = Part::default();
    (0..10_000).for_each(|_| deep = Part::multipart("multipart/mixed", vec![std::mem::take(&mut deep)]));
    let error = mime::write(&deep, Limits::default()).unwrap_err();
    assert!(error.to_string().contains("deeper"), "{error}");
    // It is dropped level by level, for a deep one ends in a deep one.
    while let Content::Parts(parts) = &mut deep.content {
        deep = parts.pop().unwrap_or_default();
    }
}

#[test]
fn trees_and_messages_are_within_the_limits() {
    let properties = vec![text(tag::BODY, &"x".repeat(100_000))];
    let octets = Message { properties, ..Message::default() }.to_octets();
    assert!(to_mime(&octets, Limits::default().with_output(50_000)).is_err());
    let tree = to_mime(&octets, Limits::default()).unwrap().output;
    assert!(mime::write(&tree, Limits::default().with_output(50_000)).is_err());
    assert!(tree.field("Subject").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_damage_gives_a_tree_that_can_be_written(
        mut message in strategies::message(),
        meant in strategies::meant(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        is_cut in any::<bool>(),
    ) {
        message.properties.extend(meant);
        let mut octets = message.to_octets();
        let at = 4 + at.index(octets.len() - 4);
        if is_cut { octets.truncate(at) } else { octets[at] ^= 1 << bit }
        let tree = to_mime(&octets, Limits::default()).unwrap().output;
        let written = mime::write(&tree, Limits::default()).unwrap();
        let parsed = MessageParser::new().parse(&written);
        prop_assert!(parsed.is_some_and(|parsed| parsed.header("MIME-Version").is_some()));
    }
}
