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
}

#[test]
fn a_mail_whose_winmail_dat_is_none_stays_as_it_is_unless_that_is_to_fail() {
    let mail = exchange(b"nothing");
    let output = piped(&["convert", "--to", "mime"], &mail);
    assert!(code(&output) == 0 && output.stdout == mail, "{output:?}");
    let told = err(&output);
    assert!(told.contains("TNEF: malformed") && told.contains("the mail stays as it is"), "{told}");
    assert!(!told.contains("--from"), "{told}");
    let strict = piped(&["convert", "--to", "mime", "--strict"], &mail);
    assert!(code(&strict) == 65 && strict.stdout.is_empty() && err(&strict).contains("--strict"), "{strict:?}");
}

#[test]
fn why_a_mail_stays_as_it_is_is_told_and_whether_a_winmail_dat_is_still_in_it() {
    let head = "From: a@a.example\nDate: x\n";
    let signed = "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n\n--b\n";
    let tnef = "Content-Type: application/ms-tnef\n\nx\n--b--\n";
    let enclosed = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n";
    let table = [
        (format!("{head}\nHello\n"), "it has no TNEF, so it stays as it is"),
        (format!("{head}{signed}{tnef}"), "it is signed, so it stays as it is; a winmail.dat is still in it"),
        (format!("{head}{signed}\nHello\n--b--\n"), "it is signed, so it stays as it is; no winmail.dat is seen in it"),
        (format!("{head}{enclosed}"), "it is encrypted, so it stays as it is; no winmail.dat is seen in it"),
        (
            format!("{head}Content-Type: message/rfc822\n\n{signed}{tnef}"),
            "its winmail.dat is in a part that is signed or encrypted",
        ),
        (
            format!("{head}Content-Type: application/ms-tnef; x-unpacked=damaged\n\nx\n"),
            "its winmail.dat was unpacked before",
        ),
    ];
    for (mail, said) in table {
        let output = piped(&["convert", "--to", "mime"], mail.as_bytes());
        assert!(code(&output) == 0 && output.stdout == mail.as_bytes(), "{output:?}");
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
}

#[test]
fn what_has_not_one_field_that_can_be_read_is_no_mail() {
    let mail = "From: a@a.example\r\nDate: x\r\n\r\nHello\r\n";
    let utf_16 = |octets: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(mail.encode_utf16()).flat_map(octets).collect()
    };
    let random: Vec<u8> = (0..1000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80).collect();
    let inputs = [
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
        mail.replace("\r\n", "\r").into_bytes(),
        b"Hello Bob\n\nhow are you: well?\n".to_vec(),
        b"\r\nFrom: a@a.example\r\n".to_vec(),
        random,
    ];
    for input in inputs {
        for to in ["mime", "text"] {
            let output = piped(&["convert", "--from", "mime", "--to", to], &input);
            assert!(code(&output) == 65 && output.stdout.is_empty(), "{output:?}");
            assert!(err(&output).contains("this is no mail"), "{}", err(&output));
        }
    }
    let empty = piped(&["convert", "--from", "mime", "--to", "text"], b"");
    assert!(code(&empty) == 65 && err(&empty).contains("it is empty"), "{empty:?}");
}

#[test]
fn what_stands_before_the_header_of_a_mail_is_no_part_of_it() {
    let mail = b"From: a@a.example\nDate: x\n\nHello\n";
    for (before, said) in [("\u{feff}", "byte order mark"), ("From a@a.example Tue Jan  2 10:00:00 2024\n", "mbox")] {
        let input = [before.as_bytes(), mail].concat();
        for (to, expected) in [("mime", &mail[..]), ("text", b"Hello\n")] {
            let output = piped(&["convert", "--to", to], &input);
            assert!(code(&output) == 0 && output.stdout == expected, "{output:?}");
            assert!(err(&output).contains(said), "{}", err(&output));
        }
    }
}
