//! `tnef` and `ytnef` on streams that our writer makes.
//!
//! Rule: where the programs differ from us, the test says why.

use std::{collections::BTreeMap, fs, path::Path, process::Output};

use postrider_convert::{
    tnef::{
        from_mime,
        mime::{Content, Disposition, Field, FieldValue, Part},
        tags::{self, att, tag},
        to_mime, Attachment, Attribute, FileTime, Guid, Mailbox, Message, NameKey, Property, Value,
    },
    Limits,
};

use crate::programs::run;

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let of = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    fs::read_dir(folder).unwrap().map(|entry| of(entry.unwrap())).collect()
}

/// What a program makes of a stream, as files.
fn unpacked(program: &str, message: &Message<'_>) -> (BTreeMap<String, Vec<u8>>, Output) {
    let folder = tempfile::tempdir().unwrap();
    let stream = folder.path().join("winmail.dat");
    let into = folder.path().join("into");
    fs::create_dir(&into).unwrap();
    fs::write(&stream, message.to_octets()).unwrap();
    let (stream, to) = (stream.to_str().unwrap(), into.to_str().unwrap());
    let output = match program {
        "tnef" => run("tnef", &["--save-body=body", "--body-pref=ALL", "-C", to, "-f", stream]),
        _ => run(program, &["-f", to, stream]),
    };
    assert!(output.status.success(), "{program}: {output:?}");
    (files(&into), output)
}

fn file(name: &str, octets: &[u8]) -> Part<'static> {
    Part {
        media_type: "application/octet-stream".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some(name.into()),
        content: Content::Octets(octets.to_vec().into()),
        ..Part::default()
    }
}

fn mail() -> Part<'static> {
    let all: Vec<u8> = (0..=255).cycle().take(70_001).collect();
    let html = Part::text("text/html", "<p>Hello</p>".into());
    let both = Part::multipart("multipart/alternative", vec![Part::text("text/plain", "Hello".into()), html]);
    let mut mail = Part::multipart("multipart/mixed", vec![both, file("all.bin", &all), file("one.txt", b"1")]);
    let ann = Mailbox { name: Some("Ann".into()), address: Some("ann@b.test".into()) };
    mail.fields = vec![
        Field { name: "From", value: FieldValue::Mailboxes(vec![ann.clone()]) },
        Field { name: "To", value: FieldValue::Mailboxes(vec![ann]) },
        Field { name: "Subject", value: FieldValue::Text("Lunch".into()) },
    ];
    mail
}

#[test]
#[ignore = "needs tnef; .ci/run runs it"]
fn tnef_finds_the_files_and_bodies_that_we_have_packed() {
    let mail = mail();
    let (files, _) = unpacked("tnef", &from_mime(&mail, Limits::default()).unwrap().output);
    assert_eq!(files.get("all.bin").map(Vec::as_slice), mail.parts()[1].octets());
    assert_eq!(files.get("one.txt").map(Vec::as_slice), Some(b"1".as_slice()));
    assert_eq!(files.get("body.html").map(Vec::as_slice), Some(b"<p>Hello</p>".as_slice()), "{:?}", files.keys());
}

#[test]
#[ignore = "needs ytnef; .ci/run runs it"]
fn ytnef_finds_the_files_that_we_have_packed() {
    let mail = mail();
    let (files, _) = unpacked("ytnef", &from_mime(&mail, Limits::default()).unwrap().output);
    assert_eq!(files.get("all.bin").map(Vec::as_slice), mail.parts()[1].octets(), "{:?}", files.keys());
    assert_eq!(files.get("one.txt").map(Vec::as_slice), Some(b"1".as_slice()));
}

/// Values of all types that `tnef` reads. It takes PtypNull, PtypErrorCode and PtypServerId for damage.
fn values() -> Vec<Value<'static>> {
    let one = vec![
        Value::I16(-5),
        Value::I32(5),
        Value::F32(1.5),
        Value::F64(1.5),
        Value::Currency(1),
        Value::FloatingTime(1.5),
        Value::Bool(true),
        Value::I64(-5),
        Value::Time(FileTime::of_unix(0)),
        Value::Guid(Guid([1; 16])),
        Value::String8(b"abcd\0".as_slice().into()),
        Value::text("äbc"),
        Value::Binary(b"abcde".as_slice().into()),
        Value::Object(b"an object, as they are".as_slice().into()),
    ];
    let many = one.iter().take(13).map(|value| Value::Many(value.kind(), vec![value.clone(); 3]));
    one.iter().cloned().chain(many).collect()
}

#[test]
#[ignore = "needs tnef; .ci/run runs it"]
fn tnef_steps_over_each_type_as_we_do() {
    for value in values() {
        let title = Attribute { id: att::ATTACH_TITLE, octets: b"short.txt\0".as_slice().into() };
        let name = NameKey::Text(b"a\0b\0c\0\0\0".as_slice().into());
        let properties = vec![
            Property::new(0x3FF0, value.clone()),
            Property::named(tags::COMMON, name, value.clone()),
            Property::named(tags::COMMON, NameKey::Id(0x8516), value.clone()),
            Property::new(tag::ATTACH_LONG_FILENAME, Value::text("long.txt")),
            Property::new(tag::ATTACH_DATA, Value::Binary(b"data".as_slice().into())),
        ];
        let attachments = vec![Attachment { attributes: vec![title], properties, ..Attachment::default() }];
        let (files, _) = unpacked("tnef", &Message { key: 1, attachments, ..Message::default() });
        assert_eq!(files.get("long.txt").map(Vec::as_slice), Some(b"data".as_slice()), "{value:?}");
    }
}

/// A request for a meeting, as Outlook sends it.
fn request() -> Message<'static> {
    let named = |set, id, value| Property::named(set, NameKey::Id(id), value);
    let at = |unix| Value::Time(FileTime::of_unix(unix));
    let mut global = vec![4, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 8];
    global.resize(20, 0);
    global.resize(56, 7);
    let class = b"IPM.Microsoft Schedule.MtgReq\0".as_slice();
    Message {
        key: 1,
        code_page: 1252,
        attributes: vec![Attribute { id: att::MESSAGE_CLASS, octets: class.into() }],
        properties: vec![
            Property::new(tag::MESSAGE_CLASS, Value::text("IPM.Schedule.Meeting.Request")),
            Property::new(tag::CONVERSATION_TOPIC, Value::text("Lunch")),
            Property::new(tag::SUBJECT, Value::text("Lunch")),
            named(tags::APPOINTMENT, 0x820D, at(1_706_702_400)),
            named(tags::APPOINTMENT, 0x820E, at(1_706_706_000)),
            named(tags::APPOINTMENT, 0x8208, Value::text("Room 1")),
            named(tags::MEETING, 0x0003, Value::Binary(global.clone().into())),
            named(tags::MEETING, 0x0023, Value::Binary(global.into())),
        ],
        ..Message::default()
    }
}

#[test]
#[ignore = "needs ytnef; .ci/run runs it"]
fn ytnef_makes_the_same_meeting_of_a_request() {
    let message = request();
    let (files, output) = unpacked("ytnef", &message);
    let theirs = files.iter().find(|(name, _)| name.ends_with(".ics")).map(|(_, octets)| octets);
    let theirs = String::from_utf8_lossy(theirs.unwrap_or_else(|| panic!("{files:?} {output:?}"))).into_owned();
    let stream = message.to_octets();
    let ours = to_mime(&stream, Limits::default()).unwrap().output;
    let ours = String::from_utf8_lossy(ours.octets().unwrap()).replace("\r\n ", "");
    // It writes a blank before a place.
    let theirs = theirs.replace("LOCATION: ", "LOCATION:");
    for name in ["METHOD", "UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION"] {
        let line = |text: &str| text.lines().find(|line| line.starts_with(name)).map(|line| line.trim_end().to_owned());
        assert!(line(&ours).is_some(), "{name}: {ours}");
        assert_eq!(line(&ours), line(&theirs), "{theirs}");
    }
}
