//! From a stream to a tree of parts.

use crate::{
    rtf::compressed::{compress, Compression},
    tnef::{
        mime::{Content, Disposition, Part},
        tags::{self, att, tag},
        to_mime, Attachment, Attribute, FileTime, Message, NameKey, Property, Value,
    },
    Converted, Limits, Trouble,
};

pub(super) fn text(id: u16, text: &str) -> Property<'static> {
    Property::new(id, Value::text(text))
}

pub(super) fn binary(id: u16, octets: &[u8]) -> Property<'static> {
    Property::new(id, Value::Binary(octets.to_vec().into()))
}

pub(super) fn attachment(properties: Vec<Property<'_>>) -> Attachment<'_> {
    Attachment { properties, ..Attachment::default() }
}

pub(super) fn tree(message: &Message<'_>) -> Converted<Part<'static>> {
    to_mime(&message.to_octets(), Limits::default()).unwrap().map(Part::into_owned)
}

/// The types of a tree, with what is within in brackets.
pub(super) fn shape(part: &Part<'_>) -> String {
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
