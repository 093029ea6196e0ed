//! From a stream to a tree of parts, and to the octets of a message.

use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::strategies;
use crate::{
    rtf::compressed::{compress, Compression},
    tnef::{
        mime::{self, Content, Disposition, Part},
        tags::{self, att, tag},
        to_mime, Attachment, Attribute, FileTime, Message, NameKey, Property, Value,
    },
    Converted, Limits, Trouble,
};

fn text(id: u16, text: &str) -> Property<'static> {
    Property::new(id, Value::text(text))
}

fn binary(id: u16, octets: &[u8]) -> Property<'static> {
    Property::new(id, Value::Binary(octets.to_vec().into()))
}

fn attachment(properties: Vec<Property<'_>>) -> Attachment<'_> {
    Attachment { properties, ..Attachment::default() }
}

fn tree(message: &Message<'_>) -> Converted<Part<'static>> {
    to_mime(&message.to_octets(), Limits::default()).unwrap().map(Part::into_owned)
}

/// The types of a tree, with what is within in brackets.
fn shape(part: &Part<'_>) -> String {
    match &part.content {
        Content::Octets(_) => part.media_type.to_string(),
        Content::Parts(parts) => {
            format!("{}({})", part.media_type, parts.iter().map(shape).collect::<Vec<_>>().join(" "))
        }
        Content::Message(message) => format!("{}({})", part.media_type, shape(message)),
    }
}

#[test]
fn a_tree_is_mixed_of_related_of_alternative() {
    let message = Message {
        properties: vec![
            text(tag::BODY, "Hello"),
            binary(tag::HTML, b"<p>Hello <img src=\"cid:a@b\"></p>"),
            Property::new(tag::INTERNET_CODEPAGE, Value::I32(1252)),
        ],
        attachments: vec![
            attachment(vec![
                text(tag::ATTACH_CONTENT_ID, "a@b"),
                text(tag::ATTACH_MIME_TAG, "image/png"),
                binary(tag::ATTACH_DATA, b"\x89PNG"),
            ]),
            attachment(vec![text(tag::ATTACH_LONG_FILENAME, "Ä.pdf"), binary(tag::ATTACH_DATA, b"%PDF")]),
            attachment(vec![
                text(tag::ATTACH_CONTENT_ID, "other"),
                text(tag::ATTACH_LONG_FILENAME, "x.weird"),
                binary(tag::ATTACH_DATA, b"?"),
            ]),
        ],
        ..Message::default()
    };
    let Converted { output, flaws } = tree(&message);
    assert!(flaws.is_empty(), "{flaws:?}");
    assert_eq!(
        shape(&output),
        "multipart/mixed(multipart/related(multipart/alternative(text/plain text/html) image/png) application/pdf \
         application/octet-stream)"
    );
    let html = &output.parts()[0].parts()[0].parts()[1];
    assert_eq!(html.parameters, [("charset", "windows-1252".to_owned())]);
    let picture = &output.parts()[0].parts()[1];
    assert_eq!((picture.disposition, picture.content_id.as_deref()), (Some(Disposition::Inline), Some("a@b")));
    assert_eq!(output.parts()[1].file_name.as_deref(), Some("Ä.pdf"));
}

#[test]
fn a_page_without_a_text_gets_one_and_one_without_words_does_not() {
    let page = |html: &[u8]| {
        let page = Property::new(tag::INTERNET_CODEPAGE, Value::I32(1252));
        tree(&Message { properties: vec![binary(tag::HTML, html), page], ..Message::default() }).output
    };
    let both = page(b"<ul><li>Gr\xfc\xdfe</ul>");
    assert_eq!(shape(&both), "multipart/alternative(text/plain text/html)");
    assert_eq!(both.parts()[0].octets(), Some("* Grüße\n".as_bytes()));
    assert_eq!(shape(&page(b"<hidden><img src='https://a.example/'>")), "text/html");
}

#[test]
fn rtf_is_kept_and_shown() {
    let rtf = br"{\rtf1\ansi Hello {\b Ann}}";
    let message = Message {
        properties: vec![binary(tag::RTF_COMPRESSED, &compress(rtf, Compression::Lzfu))],
        ..Message::default()
    };
    let tree = tree(&message).output;
    assert_eq!(shape(&tree), "multipart/mixed(multipart/alternative(text/plain text/html) text/rtf)");
    let bodies = tree.parts()[0].parts();
    assert_eq!(bodies[0].octets(), Some(b"Hello Ann".as_slice()));
    assert!(String::from_utf8_lossy(bodies[1].octets().unwrap()).contains("<b>Ann</b>"));
    assert_eq!(tree.parts()[1].octets(), Some(rtf.as_slice()));
}

#[test]
fn what_is_no_rtf_is_kept_with_a_flaw() {
    for (octets, media_type) in
        [(b"what?".to_vec(), "application/octet-stream"), (compress(b"no rtf", Compression::Lzfu), "text/rtf")]
    {
        let properties = vec![binary(tag::RTF_COMPRESSED, &octets), text(tag::BODY, "Hello")];
        let Converted { output, flaws } = tree(&Message { properties, ..Message::default() });
        assert!(flaws.has(Trouble::Malformed), "{flaws:?}");
        assert_eq!(shape(&output), format!("multipart/mixed(text/plain {media_type})"));
    }
}

#[test]
fn messages_within_messages_are_messages_until_they_are_too_deep() {
    let within = |message: &Message<'_>| Message {
        properties: vec![text(tag::SUBJECT, "outer")],
        attachments: vec![attachment(vec![Property::new(
            tag::ATTACH_DATA,
            Value::object(tags::IID_MESSAGE, &message.to_octets()),
        )])],
        ..Message::default()
    };
    let inner = Message { properties: vec![text(tag::BODY, "inner")], ..Message::default() };
    let one = tree(&within(&inner));
    assert!(one.flaws.is_empty(), "{:?}", one.flaws);
    assert_eq!(shape(&one.output), "multipart/mixed(message/rfc822(text/plain))");
    let mut deep = inner;
    (0..100).for_each(|_| deep = within(&deep));
    let Converted { output, flaws } = tree(&deep);
    assert!(flaws.has(Trouble::TooDeep));
    assert_eq!(shape(&output).matches("message/rfc822").count(), 31);
    assert_eq!(shape(&output).matches("application/ms-tnef").count(), 1);
    let flat = to_mime(&deep.to_octets(), Limits::default().with_depth(2)).unwrap().map(Part::into_owned).output;
    assert_eq!(shape(&flat).matches("message/rfc822").count(), 1);
}

#[test]
fn a_message_that_owns_its_octets_gives_the_same_tree() {
    let inner = Message { properties: vec![text(tag::BODY, "inner")], ..Message::default() };
    let object = Value::object(tags::IID_MESSAGE, &inner.to_octets());
    let attachments = vec![attachment(vec![Property::new(tag::ATTACH_DATA, object)])];
    let message = Message { attachments, ..Message::default() };
    assert_eq!(message.to_mime(Limits::default()).unwrap().output, tree(&message).output);
}

#[test]
fn meetings_and_contacts_are_what_calendars_and_address_books_read() {
    let start = Value::Time(FileTime::of_unix(1_706_702_400));
    let properties = vec![
        text(tag::MESSAGE_CLASS, "IPM.Schedule.Meeting.Request"),
        text(tag::BODY, "Lunch"),
        Property::named(tags::APPOINTMENT, NameKey::Id(0x820D), start),
    ];
    let meeting = tree(&Message { properties, ..Message::default() }).output;
    assert_eq!(shape(&meeting), "multipart/alternative(text/plain text/calendar)");
    assert_eq!(meeting.parts()[1].parameters[1], ("method", "REQUEST".to_owned()));
    let email = |id, text| Property::named(tags::ADDRESS, NameKey::Id(id), Value::text(text));
    let properties = vec![
        text(tag::MESSAGE_CLASS, "IPM.Contact"),
        text(0x3A11, "Müller"),
        text(0x3A06, "Ann"),
        text(0x3A08, "+49 1"),
        email(0x8082, "SMTP"),
        email(0x8083, "ann@b.test"),
        email(0x8046, "Bonn"),
    ];
    let contact = tree(&Message { properties, ..Message::default() }).output;
    assert_eq!(shape(&contact), "multipart/mixed(text/vcard)");
    let card = &contact.parts()[0];
    assert_eq!(card.file_name.as_deref(), Some("Ann Müller.vcf"));
    assert_eq!(
        std::str::from_utf8(card.octets().unwrap()).unwrap(),
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Müller\r\nN:Müller;Ann;;;\r\nTEL;TYPE=WORK,VOICE:+49 1\r\n\
         EMAIL;TYPE=INTERNET:ann@b.test\r\nADR;TYPE=WORK:;;;Bonn;;;\r\nEND:VCARD\r\n"
    );
}

#[test]
fn attributes_alone_make_a_message() {
    let attribute = |id, octets: &'static [u8]| Attribute { id, octets: octets.into() };
    let message = Message {
        code_page: 437,
        attributes: vec![attribute(att::BODY, b"Gr\x81\xe1e\0")],
        attachments: vec![Attachment {
            attributes: vec![
                attribute(att::ATTACH_TITLE, b"\x8e.txt\0"),
                attribute(att::ATTACH_DATA, b"data"),
                attribute(att::ATTACH_MODIFY_DATE, b"\xe8\x07\x01\0\x1f\0\x0c\0\0\0\x05\0\x03\0"),
            ],
            ..Attachment::default()
        }],
        ..Message::default()
    };
    let tree = tree(&message).output;
    assert_eq!(shape(&tree), "multipart/mixed(text/plain text/plain)");
    assert_eq!(tree.parts()[0].octets(), Some("Grüße".as_bytes()));
    let file = &tree.parts()[1];
    assert_eq!((file.file_name.as_deref(), file.octets()), (Some("Ä.txt"), Some(b"data".as_slice())));
    assert_eq!(file.modified, Some(FileTime::of_unix(1_706_702_405)));
}

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
