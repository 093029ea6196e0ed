//! `postrider tnef` of a whole mail: all streams that are in it.

use std::fs;

use postrider::convert::tnef::{
    tags::{att, tag},
    Attachment, Attribute, Message, Property, Value,
};
use serde_json::Value as Json;

use super::{code, err, made, mails::exchange, names, piped};

fn stream(subject: &str, file: &str, octets: &[u8]) -> Vec<u8> {
    let attachment = Attachment {
        attributes: vec![Attribute { id: att::ATTACH_DATA, octets: octets.to_vec().into() }],
        properties: vec![Property::new(tag::ATTACH_LONG_FILENAME, Value::text(file))],
        ..Attachment::default()
    };
    let properties =
        vec![Property::new(tag::SUBJECT, Value::text(subject)), Property::new(tag::BODY, Value::text("Hello"))];
    Message { properties, attachments: vec![attachment], ..Message::default() }.to_octets()
}

/// A mail that is signed, and has these streams.
fn signed(streams: &[&[u8]]) -> Vec<u8> {
    let mut mail = b"From: a@a.example\r\nDate: x\r\nContent-Type: multipart/signed; boundary=b; \
        protocol=\"application/pgp-signature\"\r\n\r\n"
        .to_vec();
    for stream in streams {
        mail.extend_from_slice(
            b"--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: binary\r\n\r\n",
        );
        mail.extend_from_slice(stream);
        mail.extend_from_slice(b"\r\n");
    }
    mail.extend_from_slice(b"--b--\r\n");
    mail
}

#[test]
fn all_streams_of_a_mail_are_listed_signed_or_not() {
    let (one, two) = (stream("One", "a.bin", b"1"), stream("Two", "a.bin", b"22"));
    let listed = String::from_utf8(made(&["tnef", "list"], &exchange(&one))).unwrap();
    assert_eq!(listed.as_bytes(), made(&["tnef", "list"], &one));
    let both = signed(&[&one, &two]);
    let listed = String::from_utf8(made(&["tnef", "list"], &both)).unwrap();
    let places = ["stream     1 of 2  winmail.dat\n", "subject    One\n", "\n\nstream     2 of 2", "subject    Two\n"]
        .map(|said| listed.find(said).expect(said));
    assert!(places.is_sorted(), "{listed}");
    let listed = String::from_utf8(made(&["tnef", "list", "--json"], &both)).unwrap();
    let subjects: Vec<Json> =
        listed.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["subject"].clone()).collect();
    assert_eq!(subjects, ["One", "Two"]);
}

#[test]
fn files_of_all_streams_come_into_the_folder_and_all_of_them_count() {
    let (one, two) = (stream("One", "a.bin", &[1; 3000]), stream("Two", "a.bin", &[2; 3000]));
    let folder = tempfile::tempdir().unwrap();
    let extract = |mail: &[u8], most: &str| {
        piped(&["tnef", "extract", "--into", folder.path().to_str().unwrap(), "--max-output", most], mail)
    };
    for input in [signed(&[&one, &two]), stream("Three", "b.bin", &[3; 6000])] {
        let refused = extract(&input, "5000");
        assert!(code(&refused) == 65 && err(&refused).contains("--max-output"), "{refused:?}");
        assert!(err(&refused).contains("with the steps between"), "{refused:?}");
    }
    assert!(names(folder.path()).is_empty());
    let written = extract(&signed(&[&one, &two]), "1MiB");
    assert_eq!((code(&written), &*err(&written)), (0, ""));
    assert_eq!(names(folder.path()), ["a-2.bin", "a.bin"]);
    assert_eq!(fs::read(folder.path().join("a-2.bin")).unwrap(), [2; 3000]);
}

#[test]
fn a_stream_that_is_none_is_left_out_as_long_as_another_can_be_read() {
    let one = stream("One", "a.bin", b"1");
    let output = piped(&["tnef", "list", "--json"], &signed(&[b"nothing", &one]));
    assert!(code(&output) == 0 && err(&output).contains("TNEF: malformed"), "{output:?}");
    assert_eq!(output.stdout.iter().filter(|octet| **octet == b'\n').count(), 1);
    let strict = piped(&["tnef", "list", "--strict"], &signed(&[b"nothing", &one]));
    assert!(code(&strict) == 65 && strict.stdout.is_empty(), "{strict:?}");
    let none = piped(&["tnef", "list"], &signed(&[b"nothing"]));
    assert!(code(&none) == 65 && err(&none).contains("this is no TNEF"), "{none:?}");
}

#[test]
fn what_holds_no_stream_is_told_with_what_to_give() {
    let table: [(&[u8], &str); 3] = [
        (b"", "it is empty"),
        (b"Hello", "this is no TNEF, and no mail"),
        (b"From: a@a.example\nDate: x\n\nHello\n", "it is no TNEF, and read as a mail it has none"),
    ];
    for (input, said) in table {
        for command in ["list", "extract"] {
            let output = piped(&["tnef", command], input);
            assert!(code(&output) == 65 && output.stdout.is_empty(), "{output:?}");
            assert!(err(&output).contains(said) && !err(&output).contains("--from"), "{output:?}");
        }
    }
}
