//! Mails that are not converted: signed ones, those that may not be encoded, and those that are too large.

use super::{
    tests::{is_seven_bit, lines, LIMITS, NESTED},
    *,
};

fn signed_mail(body: &str) -> String {
    lines(&format!(
        "
MIME-Version: 1.0
DKIM-Signature: v=1
Subject: ü
Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=s

--s
Content-Type: text/plain; charset=utf-8

{body}
--s
Content-Type: application/pgp-signature

-----BEGIN PGP SIGNATURE-----
--s--
"
    ))
}

#[test]
fn what_a_signature_covers_is_left_alone_unless_somebody_allows_it() {
    let told =
        |mail: &str, signed| seven_bit(mail.as_bytes(), signed, LIMITS()).map(|done| done.map(|done| done.output));
    let (foreign, ascii) = (signed_mail("für Dich"), signed_mail("for you"));
    assert_eq!(told(&foreign, SignedMail::Leave), Err(ConvertError::Signed { by: "S/MIME or OpenPGP" }));
    assert!(is_seven_bit(&told(&foreign, SignedMail::Convert).unwrap().unwrap()));
    // The subject is no part of what is signed; but DKIM signs it.
    let converted = told(&ascii, SignedMail::Leave).unwrap().unwrap();
    assert_eq!(converted, ascii.replace("Subject: ü", "Subject: =?utf-8?Q?=C3=BC?=").as_bytes());
    assert_eq!(told(&ascii, SignedMail::LeaveDkim), Err(ConvertError::Signed { by: "DKIM" }));
    assert_eq!(told(&ascii.replace('ü', "u"), SignedMail::LeaveDkim), Ok(None));
}

#[test]
fn a_signed_mail_that_is_attached_is_converted_with_the_mail() {
    let attached = format!("Subject: report\r\nContent-Type: message/rfc822\r\n\r\n{}", signed_mail("für Dich"));
    let converted = seven_bit(attached.as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
    assert!(is_seven_bit(&converted));
    let around = "Content-Type: multipart/signed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n\r\nü\r\n--o--\r\n";
    let told = seven_bit(around.as_bytes(), SignedMail::Leave, LIMITS()).unwrap_err();
    assert_eq!(told, ConvertError::Signed { by: "S/MIME or OpenPGP" });
}

#[test]
fn what_may_not_be_encoded_is_told_and_nothing_is_made_of_it() {
    for (kind, what) in [
        ("message/partial; id=x; number=1", "message/partial"),
        ("message/external-body; access-type=x", "message/external-body"),
        ("multipart/mixed", "a multipart that cannot be taken apart"),
    ] {
        let mail = format!("MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\nü\r\n");
        let told = seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()).unwrap_err();
        assert_eq!(told, ConvertError::NotEncodable { what });
    }
    let mail = "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nü\r\n";
    assert!(matches!(seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()), Err(ConvertError::NotEncodable { .. })));
}

#[test]
fn limits_are_kept() {
    let mail = lines(NESTED);
    let little = seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS().with_output(100));
    assert_eq!(little.unwrap_err(), ConvertError::TooLarge { most: 100 });
    let little = seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS().with_work(100));
    assert_eq!(little.unwrap_err(), ConvertError::TooMuchWork { most: 100 });
}
