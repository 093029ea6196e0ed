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
    let mail = b"Content-Type: multipart/mixed; name=\"\0\"; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n";
    for convert in [seven_bit, eight_bit] {
        let made = convert(mail, SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
        assert_eq!(texts(&made), [("text/plain".to_owned(), "hi".to_owned())], "{}", String::from_utf8_lossy(&made));
    }
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
    }
}

#[test]
fn letters_that_look_like_signs_begin_no_address_of_their_own() {
    let written = header_of("To: <a@b.example＞，＜c＠d.example＞>");
    assert!(!written.contains("c@d.example") && written.ends_with(":;"), "{written}");
    assert_eq!(header_of("To: a@b.example　c"), "To: =?utf-8?Q?a=40b=2Eexample=E3=80=80c?= :;");
}

#[test]
fn blanks_of_many_lines_make_no_line_that_is_too_long() {
    let written = header_of(&format!("Subject: ü{} x", "\r\n          ".repeat(200)));
    assert_eq!(written, "Subject: =?utf-8?Q?=C3=BC?= x");
}
