//! Mails that are written again.

use super::{
    tests::{shape, text, tree, NESTED},
    Editor, Entity,
};
use crate::{Allowance, ConvertError, Limits};

fn edited(mail: &str, with: impl Fn(&mut Editor<'_, '_>, &[Entity])) -> String {
    let tree = tree(mail.as_bytes()).output;
    let mut editor = tree.edit();
    with(&mut editor, tree.entities());
    String::from_utf8(editor.write(&mut Allowance::new(Limits::default())).unwrap()).unwrap()
}

#[test]
fn what_is_not_touched_stays_octet_for_octet() {
    assert_eq!(edited(NESTED, |_, _| {}), NESTED);
    let written = edited(NESTED, |editor, all| {
        editor.replace(&all[3], &b"\r\n2"[..]);
        editor.body(&all[5], &b"3"[..]);
        editor.field(&all[6], "content-type", b"application/x");
        editor.field(&all[2], "X", b"y");
    });
    let expected = NESTED
        .replace("content-type: TEXT/html\r\n\r\ntwo", "\r\n2")
        .replace("three", "3")
        .replace("Content-Type: application/pdf; name=\"x.pdf\"", "content-type: application/x")
        .replace("\r\n\r\none", "\r\nX: y\r\n\r\none");
    assert_eq!(written, expected);
}

#[test]
fn a_part_that_goes_takes_its_boundary_along() {
    let written = edited(NESTED, |editor, all| {
        editor.drop(&all[1]);
        editor.replace(&all[2], &b"lost"[..]);
        editor.drop(&all[5]);
    });
    let tree = tree(written.as_bytes()).output;
    assert_eq!(shape(&tree), ["multipart/mixed", "-message/rfc822", "--text/plain", "-application/pdf"]);
    assert!(!written.contains("lost") && written.contains("preamble") && written.ends_with("--a-- \r\nepilogue"));
}

#[test]
fn fields_about_the_content_are_replaced_and_no_others() {
    let mail =
        "Received: a\r\n\tb\r\nContent-Type: text/plain\r\n ; charset=x\r\nX: \r\ncontent-transfer-encoding: 8bit\r\n\
        Content-Language: de\r\n\r\nbody";
    let written = edited(mail, |editor, all| editor.content_fields(&all[0], b"Content-Type: a/b\r\n"));
    assert_eq!(
        written,
        "Received: a\r\n\tb\r\nMIME-Version: 1.0\r\nContent-Type: a/b\r\nX: \r\nContent-Language: de\r\n\r\nbody"
    );
}

#[test]
fn a_header_that_ends_nowhere_is_ended() {
    for mail in ["", "A: b", "A: b\r\n", "Content-Type: x/y", "A: b\r\nContent-Type: x/y"] {
        let written = edited(mail, |editor, all| {
            editor.field(&all[0], "Content-Type", b"a/b");
            editor.field(&all[0], "X", b"y");
            editor.body(&all[0], &b"body"[..]);
        });
        let tree = tree(written.as_bytes()).output;
        assert_eq!((shape(&tree), text(&tree, 0)), (vec!["a/b".to_owned()], "body"), "{mail:?}: {written:?}");
        assert!(tree.field(tree.root(), "X").is_some());
        assert_eq!(tree.field(tree.root(), "A").is_some(), mail.starts_with('A'));
    }
}

#[test]
fn an_entity_goes_into_a_multipart_with_all_that_it_says() {
    let wrap = |editor: &mut Editor<'_, '_>, entity: &Entity| {
        editor.wrap(
            entity,
            b"Content-Type: multipart/alternative; boundary=new\r\n",
            b"--new\r\n\r\nbefore\r\n--new\r\n",
            b"\r\n--new--\r\n".to_vec(),
        );
    };
    let written = edited(NESTED, |editor, all| wrap(editor, &all[6]));
    let parsed = tree(written.as_bytes()).output;
    assert_eq!(shape(&parsed)[6..], ["-multipart/alternative", "--text/plain", "--application/pdf"]);
    assert_eq!((text(&parsed, 7), text(&parsed, 8)), ("before", "JVBERg=="));
    for mail in [
        "Subject: s\r\nContent-Type: text/html\r\nTo: t\r\n\r\nbody",
        "Content-Type: text/html\n\nbody",
        "\r\nbody",
        "",
    ] {
        let written = edited(mail, |editor, all| wrap(editor, &all[0]));
        let parsed = tree(written.as_bytes()).output;
        let kind = if mail.contains("html") { "-text/html" } else { "-text/plain" };
        assert_eq!(shape(&parsed), ["multipart/alternative", "-text/plain", kind], "{written}");
        assert_eq!(text(&parsed, 2), if mail.is_empty() { "" } else { "body" }, "{written:?}");
        assert_eq!(parsed.field(parsed.root(), "To").is_some(), mail.contains("To"));
    }
}

#[test]
fn a_mail_that_would_be_larger_than_the_limit_is_not_written() {
    let tree = tree(b"\r\nx").output;
    let mut editor = tree.edit();
    editor.body(tree.root(), vec![b'x'; 1000]);
    let written = |most| editor.clone().write(&mut Allowance::new(Limits::default().with_output(most)));
    assert_eq!(
        (written(1001), written(1002).map(|mail| mail.len())),
        (Err(ConvertError::TooLarge { most: 1001 }), Ok(1002))
    );
}

#[test]
fn an_empty_part_can_be_replaced() {
    let mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n--b--\r\n";
    let written = edited(mail, |editor, all| {
        editor.replace(&all[1], &b"\r\none"[..]);
        editor.body(&all[2], &b"two"[..]);
    });
    let parsed = tree(written.as_bytes()).output;
    assert_eq!((text(&parsed, 1), text(&parsed, 2)), ("one", "two"), "{written}");
}
