//! Streams of TNEF that our writer makes: a mail with files and a message, a meeting, a contact, one whose body is RTF; and
//! mails of Outlook and of others.
//!
//! Rule: what is in them is in MIME as well, so that the way back is gone, too.

use postrider_convert::{
    rtf::{
        compressed::{compress, Compression},
        encapsulate_html,
    },
    tnef::{
        from_mime,
        mime::{self, Content, Disposition, Field, FieldValue, Part},
        tags::{self, tag},
        FileTime, Mailbox, Message, NameKey, Property, Value,
    },
    ConvertError, Limits,
};

use super::{
    conversion::Format,
    made::{answer, newsletter, Made},
};

/// All of them.
pub fn all() -> Result<Vec<Made>, ConvertError> {
    Ok(vec![
        ("a mail", Format::Tnef, from_mime(&mail(), Limits::default())?.output.to_octets()),
        ("a meeting", Format::Tnef, meeting().to_octets()),
        ("a contact", Format::Tnef, contact().to_octets()),
        ("a body in RTF", Format::Tnef, rtf_body()?.to_octets()),
        ("a mail of Exchange", Format::Mail, exchange(contact().to_octets())?),
        ("a mail with a page", Format::Mail, page()?),
    ])
}

/// A text, and all of it as TNEF.
fn exchange(tnef: Vec<u8>) -> Result<Vec<u8>, ConvertError> {
    let text = Part::text("text/plain", "For those who cannot read TNEF.".into());
    let parts = vec![text, file("winmail.dat", "application/ms-tnef", tnef)];
    mime::write(&Part { fields: fields(), ..Part::multipart("multipart/mixed", parts) }, Limits::default())
}

/// A page with a picture, and a file beside it.
fn page() -> Result<Vec<u8>, ConvertError> {
    let picture = Part { content_id: Some("1@x".into()), ..file("a.png", "image/png", b"\x89PNG".to_vec()) };
    let page = Part::text("text/html", "<p>Gr\u{fc}\u{df}e <img src='cid:1@x'><ul><li>one<li>two</ul>".into());
    let parts = vec![Part::multipart("multipart/related", vec![page, picture]), file("a.bin", "a/b", vec![0; 99])];
    mime::write(&Part { fields: fields(), ..Part::multipart("multipart/mixed", parts) }, Limits::default())
}

fn somebody(name: &str) -> Mailbox {
    Mailbox { name: Some(name.to_owned()), address: Some(format!("{name}@example.org")) }
}

fn fields() -> Vec<Field> {
    let field = |name, value| Field { name, value };
    vec![
        field("Subject", FieldValue::Text("Gr\u{fc}\u{df}e aus dem Quartal".into())),
        field("From", FieldValue::Mailboxes(vec![somebody("ann")])),
        field("To", FieldValue::Mailboxes(vec![somebody("bob"), somebody("carol")])),
        field("Date", FieldValue::Date(FileTime::of_unix(951_782_400))),
        field("Message-ID", FieldValue::Ids(vec!["1@example.org".into()])),
    ]
}

fn file(name: &str, media_type: &'static str, octets: Vec<u8>) -> Part<'static> {
    Part {
        media_type: media_type.into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some(name.to_owned()),
        modified: Some(FileTime::of_unix(951_782_400)),
        content: Content::Octets(octets.into()),
        ..Part::default()
    }
}

fn mail() -> Part<'static> {
    let picture = Part {
        disposition: Some(Disposition::Inline),
        content_id: Some("1@x".into()),
        ..file("a.png", "image/png", b"\x89PNG\r\n\x1a\n".to_vec())
    };
    let page = Part::multipart("multipart/related", vec![Part::text("text/html", newsletter(1)), picture]);
    let both = Part::multipart("multipart/alternative", vec![Part::text("text/plain", answer()), page]);
    let inner = Part { fields: fields(), ..Part::text("text/plain", "The message within.".into()) };
    let inner =
        Part { media_type: "message/rfc822".into(), content: Content::Message(Box::new(inner)), ..Part::default() };
    let octets: Vec<u8> = (0..600_u32).map(|number| (number * number % 251) as u8).collect();
    let parts = vec![both, file("\u{dc}bersicht.bin", "application/octet-stream", octets), inner];
    Part { fields: fields(), ..Part::multipart("multipart/mixed", parts) }
}

fn of_class(class: &str, more: Vec<Property<'static>>) -> Message<'static> {
    let properties = vec![
        Property::new(tag::MESSAGE_CLASS, Value::text(class)),
        Property::new(tag::SUBJECT, Value::text("Re: Caf\u{e9}")),
        Property::new(tag::SENDER_SMTP_ADDRESS, Value::text("ann@example.org")),
    ];
    Message { key: 7, code_page: 1252, properties: [properties, more].concat(), ..Message::default() }
}

fn meeting() -> Message<'static> {
    let of = |id, value| Property::named(tags::APPOINTMENT, NameKey::Id(id), value);
    let times = [(0x820D, 951_782_400), (0x820E, 951_786_000)];
    let mut more: Vec<_> = times.into_iter().map(|(id, time)| of(id, Value::Time(FileTime::of_unix(time)))).collect();
    more.push(of(0x8208, Value::text("Room 1; the large, one")));
    more.push(of(0x8215, Value::Bool(false)));
    more.push(Property::new(tag::BODY, Value::text("We meet.\r\nAs ever.")));
    of_class("IPM.Schedule.Meeting.Request", more)
}

fn contact() -> Message<'static> {
    of_class(
        "IPM.Contact",
        vec![
            Property::new(tag::DISPLAY_NAME, Value::text("Ann Example")),
            Property::new(0x3A06, Value::text("Ann")),
            Property::new(0x3A11, Value::text("Example")),
            Property::new(0x3A08, Value::text("+49 30 1234")),
        ],
    )
}

fn rtf_body() -> Result<Message<'static>, ConvertError> {
    let rtf = encapsulate_html(&newsletter(1), Limits::default())?;
    let packed = Value::Binary(compress(&rtf, Compression::Lzfu).into());
    Ok(of_class("IPM.Note", vec![Property::new(tag::RTF_COMPRESSED, packed)]))
}
