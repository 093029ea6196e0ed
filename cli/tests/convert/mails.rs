//! Whole mails: what their `winmail.dat` holds, and what somebody reads of them.

use postrider::convert::{
    tnef::{
        from_mime,
        mime::{Content, Disposition, Part},
    },
    Limits,
};

use super::{code, err, made, piped};

/// A mail as Exchange sends it, with this stream.
pub fn exchange(stream: &[u8]) -> Vec<u8> {
    let head =
        "Received: by mx.example; Tue, 2 Jan 2024 10:00:00 +0000\r\nFrom: Ann <ann@a.example>\r\nSubject: The plan\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: text/plain\r\n\r\nHello Bob\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\
        Content-Transfer-Encoding: binary\r\n\r\n";
    [head.as_bytes(), stream, b"\r\n--b--\r\n"].concat()
}

fn stream() -> Vec<u8> {
    let file = Part {
        media_type: "text/csv".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some("plan.csv".into()),
        content: Content::Octets(b"a;b\r\n".as_slice().into()),
        ..Part::default()
    };
    let parts = vec![Part::text("text/plain", "Hello Bob".into()), file];
    from_mime(&Part::multipart("multipart/mixed", parts), Limits::default()).unwrap().output.to_octets()
}

#[test]
fn a_mail_of_exchange_becomes_one_that_everybody_reads() {
    let output = String::from_utf8(made(&["convert", "--to", "eml"], &exchange(&stream()))).unwrap();
    assert!(output.starts_with("Received: by mx.example; Tue, 2 Jan 2024 10:00:00 +0000\r\n"), "{output}");
    assert!(output.contains("plan.csv") && !output.contains("ms-tnef"), "{output}");
}

#[test]
fn what_somebody_reads_of_a_mail_is_its_text_or_that_of_its_page() {
    let text = |mail: &[u8], more: &[&str]| {
        String::from_utf8(made(&[&["convert", "--to", "text"], more].concat(), mail)).unwrap()
    };
    assert_eq!(text(&exchange(&stream()), &[]), "Hello Bob\n\n[attachment: plan.csv, text/csv, 5 octets]\n");
    let page =
        b"From: a@a.example\nDate: x\nContent-Type: text/html; charset=utf-8\n\n<p>Hello <b>Bob</b> and Ann<p>Bye";
    assert_eq!(text(page, &[]), "Hello Bob and Ann\n\nBye\n");
    assert_eq!(text(page, &["--wrap", "9"]), "Hello Bob\nand Ann\n\nBye\n");
    let plain = b"From: a@a.example\nDate: x\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n";
    assert_eq!(text(plain, &[]), "Gr\u{fc}\u{df}e\n");
    let flowed = b"From: a@a.example\nDate: x\nContent-Type: text/plain; format=flowed\n\none \ntwo\n";
    assert_eq!(text(flowed, &[]), "one two\n");
    let signed = b"From: a@a.example\nDate: x\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n\n\
        --b\nContent-Type: text/html\n\n<p>Signed\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n";
    assert!(text(signed, &[]).starts_with("Signed\n"));
}

#[test]
fn a_mail_without_tnef_stays_as_it_is_and_that_is_told() {
    let mail = b"From: a@a.example\nDate: x\n\nHello\n";
    let output = piped(&["convert", "--to", "mime"], mail);
    assert!(code(&output) == 0 && output.stdout == mail, "{output:?}");
    assert!(err(&output).contains("it has no TNEF"), "{}", err(&output));
    let listed = piped(&["tnef", "list"], mail);
    assert!(code(&listed) == 65 && err(&listed).contains("convert --to mime"), "{listed:?}");
    let bad = piped(&["convert", "--to", "mime"], &exchange(b"nothing"));
    assert!(code(&bad) == 65 && bad.stdout.is_empty() && err(&bad).contains("no TNEF"), "{bad:?}");
}
