//! Mails that somebody made to be shown as something else behind a conversion, or to keep it busy.

use std::{sync::mpsc, thread, time::Duration};

use super::{tests::LIMITS, *};
use crate::mail::testing::{leaves, texts};

/// What is linear takes a second or two in a debug build, what is quadratic takes hours.
const MAX_WAIT: Duration = Duration::from_secs(120);
const SIZE: usize = 256 << 10;

fn ascii_of(mail: &[u8]) -> Vec<u8> {
    seven_bit(mail, SignedMail::Leave, LIMITS()).unwrap().unwrap().output
}

fn header_of(mail: &str) -> String {
    let made = String::from_utf8(ascii_of(format!("{mail}\r\n\r\nx\r\n").as_bytes())).unwrap();
    made.split("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn a_nul_in_a_quoted_string_hides_nothing_behind_it() {
    assert_eq!(header_of("From: \"a\0b\" <c@example.org>"), "From: =?utf-8?Q?a=00b?= <c@example.org>");
}

#[test]
fn no_parameter_hides_the_boundary_behind_it() {
    for said in ["name=\"\0\"", "name=[\0", "name=<\0", "name=\0\\", "x=\0 y", "(\0)", "\0=\"x\"", "name=\0:(,"] {
        let mail = format!("Content-Type: multipart/mixed; {said}; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n");
        if texts(mail.as_bytes()) != [("text/plain".to_owned(), "hi".to_owned())] {
            continue;
        }
        for convert in [seven_bit, eight_bit] {
            let made = convert(mail.as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
            assert_eq!(
                texts(&made),
                [("text/plain".to_owned(), "hi".to_owned())],
                "{}",
                String::from_utf8_lossy(&made)
            );
        }
    }
}

#[test]
fn a_type_is_the_same_afterwards_whatever_else_its_field_has() {
    let mail = "Content-Type: message/rfc822\r\n y=\"ü\"\r\n\r\nSubject: in\r\n\r\nx\r\n".as_bytes();
    assert_eq!(texts(&ascii_of(mail)), texts(mail));
    assert_eq!(texts(mail), [("text/plain".to_owned(), "x\r\n".to_owned())]);
}

#[test]
fn a_soft_break_is_one_where_its_line_ends_with_lf() {
    let mail = "Content-Transfer-Encoding: quoted-printable\r\n\r\nx=\ny= \nü=\r\nz\r\n".as_bytes();
    assert_eq!(leaves(&ascii_of(mail)), leaves(mail));
    assert_eq!(texts(mail), [("text/plain".to_owned(), "xyüz\r\n".to_owned())]);
}

#[test]
fn a_multipart_that_says_an_encoding_is_not_written_again() {
    let mail = "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nü\r\n";
    assert!(matches!(seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()), Err(ConvertError::NotEncodable { .. })));
}

#[test]
fn a_boundary_that_is_said_in_pieces_or_escaped_is_replaced_where_it_is_said() {
    for said in [
        "boundary*=utf-8''%C3%A4",
        "boundary*0*=utf-8''%C3%A4; x=y",
        "boundary*0*=utf-8''%C3%A4; x=y; boundary*1=b",
        "BOUNDARY*=utf-8''%C3%A4",
        "boundary=\"ä\"",
    ] {
        let old = if said.ends_with("=b") { "äb" } else { "ä" };
        let mail = format!(
            "Content-Type: multipart/mixed; {said}\r\n\r\n--{old}\r\n\r\nä\r\n--{old}\r\n\r\nb\r\n--{old}--\r\n"
        );
        assert_eq!(leaves(mail.as_bytes()).len(), 2, "{said}");
        let made = ascii_of(mail.as_bytes());
        assert_eq!(leaves(&made), leaves(mail.as_bytes()), "{}", String::from_utf8_lossy(&made));
        assert_eq!(String::from_utf8_lossy(&made).contains("; x=y"), said.contains("; x=y"));
    }
}

#[test]
fn letters_that_look_like_signs_begin_no_address_of_their_own() {
    let written = header_of("To: <a@b.example＞，＜c＠d.example＞>");
    assert!(!written.contains("c@d.example") && written.ends_with(":;"), "{written}");
    assert_eq!(header_of("To: a@b.example　c"), "To: =?utf-8?Q?a=40b=2Eexample=E3=80=80c?= :;");
}

#[test]
fn no_line_of_a_field_becomes_too_long() {
    let x = "x".repeat(500);
    for field in [
        format!("Subject: ü{} x", "\r\n          ".repeat(200)),
        format!("To: \"{x}\r\n {x}\" <a@b.example>, ü <c@d.example>"),
        format!("Content-Type: a/b ({x}\r\n {x}\r\n\t{x}); name=ü"),
        format!("Original-Recipient: rfc822; {}@b.example", "ü".repeat(300)),
    ] {
        let written = header_of(&field);
        assert!(written.split("\r\n").all(|line| line.len() <= 998 && !line.trim().is_empty()), "{written}");
        assert!(written.matches('x').count() == field.matches('x').count() || field.starts_with("Original-"));
    }
    assert_eq!(header_of(&format!("Subject: ü{} x", "\r\n          ".repeat(200))), "Subject: =?utf-8?Q?=C3=BC?= x");
}

#[test]
fn no_large_mail_takes_longer_than_it_is_long() {
    let field = |name: &str, begin: &str, again: &str| {
        let many = again.repeat(SIZE / again.len());
        format!("{name}: ü{begin}{many}\r\n\r\nx\r\n")
    };
    let taken: String = (0..SIZE / 22).map(|number| format!("=_postrider-{number}\r\n")).collect();
    let mails = vec![
        field("Received", "", " a"),
        field("Received", " for", " b"),
        field("To", "", "a:"),
        field("To", "", "ü <a@b>,"),
        field("To", " a@", "ä"),
        field("To", "", "(ü"),
        field("Content-Disposition", "", ";ü=ü"),
        field("Subject", "", " x ü"),
        format!("Content-Type: multipart/mixed; boundary=\"ä\"\r\n\r\n--ä\r\n\r\n{taken}--ä--\r\n"),
        format!("Content-Transfer-Encoding: quoted-printable\r\n\r\nü{}\r\n", "= ".repeat(SIZE / 2)),
    ];
    for mail in mails {
        let (begin, (done, wait)) = (mail.chars().take(60).collect::<String>(), mpsc::channel());
        thread::spawn(move || done.send(seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()).map(drop)));
        assert!(wait.recv_timeout(MAX_WAIT).is_ok(), "{begin}");
    }
}
