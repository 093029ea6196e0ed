//! What is in a `winmail.dat`, and what of it comes to be in a folder.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use postrider::convert::tnef::{
    from_mime,
    mime::{Content, Disposition, Field, FieldValue, Part},
    tags::{att, tag},
    Attachment, Attribute, Mailbox, Message, Property, Value,
};
use postrider::convert::Limits;
use serde_json::Value as Json;

use super::{code, err, made, names, piped};

/// An attachment whose stream calls it so.
fn called(name: &str, octets: &[u8]) -> Attachment<'static> {
    Attachment {
        attributes: vec![Attribute { id: att::ATTACH_DATA, octets: octets.to_vec().into() }],
        properties: vec![Property::new(tag::ATTACH_LONG_FILENAME, Value::text(name))],
        ..Attachment::default()
    }
}

fn stream(attachments: Vec<Attachment<'_>>) -> Vec<u8> {
    let properties = vec![
        Property::new(tag::SUBJECT, Value::text("Lunch\u{1b}[2J")),
        Property::new(tag::BODY, Value::text("Hello")),
    ];
    Message { properties, attachments, ..Message::default() }.to_octets()
}

fn mail() -> Vec<u8> {
    let file = |name: &str, octets: &'static [u8]| Part {
        media_type: "application/octet-stream".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some(name.into()),
        content: Content::Octets(octets.into()),
        ..Part::default()
    };
    let mut inner = Part::text("text/plain", "Inner".into());
    inner.fields = vec![Field { name: "Subject", value: FieldValue::Text("Before".into()) }];
    let message = Part {
        media_type: "message/rfc822".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some("Before".into()),
        content: Content::Message(Box::new(inner)),
        ..Part::default()
    };
    let text = Part::text("text/plain", "Hello".into());
    let mut mail =
        Part::multipart("multipart/mixed", vec![text, file("a.bin", b"\0\x01\x02"), file("A.bin", b"x"), message]);
    let ann = Mailbox { name: Some("Ann".into()), address: Some("ann@b.test".into()) };
    mail.fields = vec![
        Field { name: "From", value: FieldValue::Mailboxes(vec![ann]) },
        Field { name: "Subject", value: FieldValue::Text("Lunch".into()) },
    ];
    from_mime(&mail, Limits::default()).unwrap().output.to_octets()
}

/// A folder in a folder, and the stream beside it.
fn place(stream: &[u8]) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let (file, into) = (root.path().join("winmail.dat"), root.path().join("into"));
    fs::write(&file, stream).unwrap();
    fs::create_dir(&into).unwrap();
    (root, file, into)
}

fn extract(file: &Path, into: &Path, more: &[&str]) -> std::process::Output {
    let arguments = ["tnef", "extract", "--into", into.to_str().unwrap(), file.to_str().unwrap()];
    piped(&[&arguments, more].concat(), b"")
}

#[test]
fn a_list_says_what_is_in_it_and_moves_no_cursor() {
    let listed = String::from_utf8(made(&["tnef", "list"], &mail())).unwrap();
    for said in ["subject    Lunch", "from       Ann <ann@b.test>", "a.bin", "message/rfc822", "0x0037001f  Lunch"] {
        assert!(listed.contains(said), "{said}: {listed}");
    }
    assert!(listed.contains("\n3 attachments, "), "{listed}");
    let listed = made(&["tnef", "list"], &stream(vec![called("b\u{202e}\u{7f}.txt", b"1")]));
    assert!(!String::from_utf8(listed).unwrap().contains(['\u{1b}', '\u{202e}', '\u{7f}']));
}

#[test]
fn a_list_for_programs_is_one_object() {
    let listed: Json = serde_json::from_slice(&made(&["tnef", "list", "--json", "-"], &mail())).unwrap();
    assert_eq!((&listed["subject"], &listed["from"]["address"]), (&"Lunch".into(), &"ann@b.test".into()));
    let attachments = listed["attachments"].as_array().unwrap();
    assert_eq!(
        (attachments.len(), &attachments[0]["name"], &attachments[0]["octets"]),
        (3, &"a.bin".into(), &3.into())
    );
    assert_eq!(listed["bodies"][0]["type"], "text/plain");
    let properties = listed["properties"].as_array().unwrap();
    assert!(properties.iter().any(|one| one["tag"] == "0x0037001f" && one["value"] == "Lunch"), "{listed}");
    assert_eq!(listed["flaws"].as_array().unwrap().len(), 0);
}

#[test]
fn attachments_come_into_the_folder_and_bodies_if_they_are_wanted() {
    let (_root, file, into) = place(&mail());
    let output = extract(&file, &into, &[]);
    assert_eq!((code(&output), &*err(&output)), (0, ""));
    assert_eq!(names(&into), ["A-2.bin", "Before.eml", "a.bin"]);
    assert_eq!(fs::read(into.join("a.bin")).unwrap(), b"\0\x01\x02");
    let inner = fs::read_to_string(into.join("Before.eml")).unwrap();
    assert!(inner.contains("Subject: Before\r\n") && inner.contains("Inner"), "{inner}");
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(written.contains(into.join("a.bin").to_str().unwrap()), "{written}");
    assert_eq!(code(&extract(&file, &into, &["--bodies", "--force"])), 0);
    assert_eq!(fs::read(into.join("body.txt")).unwrap(), b"Hello");
}

#[test]
fn what_wants_to_leave_its_folder_stays_in_it() {
    let names_that_lead_out =
        ["../out", "/tmp/postrider-out", "..\\..\\out", "a/../../out", "..", "\0../out", ".profile", "-rf", "out\r\nx"];
    let attachments = names_that_lead_out.map(|name| called(name, b"evil")).to_vec();
    let (root, file, into) = place(&stream(attachments));
    let output = extract(&file, &into, &[]);
    assert_eq!(code(&output), 0, "{output:?}");
    assert_eq!(names(root.path()), ["into", "winmail.dat"]);
    assert!(!Path::new("/tmp/postrider-out").exists());
    let written = names(&into);
    assert_eq!(written.len(), names_that_lead_out.len(), "{written:?}");
    let is_bad = |name: &String| name.starts_with(['.', '-']) || name.chars().any(|c| c.is_control() || c == '\\');
    assert!(!written.iter().any(is_bad), "{written:?}");
}

#[test]
fn a_link_that_lies_in_the_folder_is_followed_by_nobody() {
    let (root, file, into) = place(&stream(vec![called("a.txt", b"evil"), called("b.txt", b"2")]));
    let outside = root.path().join("outside");
    fs::write(&outside, "mine").unwrap();
    symlink(&outside, into.join("b.txt")).unwrap();
    let output = extract(&file, &into, &[]);
    assert!(code(&output) == 73 && err(&output).contains("b.txt") && err(&output).contains("--force"), "{output:?}");
    assert_eq!(names(&into), ["b.txt"], "nothing was written, also not what was free");
    assert_eq!(code(&extract(&file, &into, &["--force"])), 0);
    assert_eq!((fs::read(&outside).unwrap(), fs::read(into.join("b.txt")).unwrap()), (b"mine".to_vec(), b"2".to_vec()));
    assert!(fs::symlink_metadata(into.join("b.txt")).unwrap().is_file());
}

#[test]
fn what_is_there_stays_and_what_is_damaged_or_no_stream_has_its_code() {
    let (root, file, into) = place(&stream(vec![called("a.txt", b"new")]));
    fs::write(into.join("a.txt"), "old").unwrap();
    assert_eq!(code(&extract(&file, &into, &[])), 73);
    assert_eq!(fs::read(into.join("a.txt")).unwrap(), b"old");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 7]).unwrap();
    let strict = extract(&file, &into, &["--force", "--strict"]);
    assert!(code(&strict) == 65 && err(&strict).contains("truncated"), "{strict:?}");
    assert_eq!(fs::read(into.join("a.txt")).unwrap(), b"old");
    let listed = piped(&["tnef", "list", file.to_str().unwrap()], b"");
    assert!(code(&listed) == 0 && err(&listed).contains("truncated") && !listed.stdout.is_empty());
    fs::write(&file, "Hello").unwrap();
    let none = extract(&file, &into, &[]);
    assert!(code(&none) == 65 && err(&none).contains("this is no TNEF"), "{none:?}");
    assert_eq!(code(&extract(&root.path().join("none"), &into, &[])), 66);
    assert_eq!(code(&extract(&file, &root.path().join("none"), &[])), 73);
}
