//! What a mail is signed or encrypted with.

use crate::{
    mail::{signed, testing::mail, Protection, Signed, Standard},
    Limits,
};

#[test]
fn each_signature_and_each_encryption_is_known_for_what_it_is() {
    use Standard::{OpenPgp, Other, Smime};
    let multi = |kind: &str| {
        format!("Content-Type: multipart/{kind}; boundary=s\n\n--s\n\nx\n--s\nContent-Type: a/b\n\ny\n--s--\n")
    };
    let within =
        |inner: &str| format!("Content-Type: multipart/mixed; boundary=m\n\n--m\n{inner}\n--m\n\nfooter\n--m--\n");
    let armour = |kind: &str| format!("\nhello\n-----BEGIN PGP {kind}-----\nx\n");
    let attached = |inner: &str| within(&format!("Content-Type: message/rfc822\n\nSubject: x\n{inner}"));
    let table = [
        ("\nx".to_owned(), None),
        (multi("signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256"), Some((Smime, false))),
        (multi("signed; protocol=\"application/x-pkcs7-signature\""), Some((Smime, false))),
        (multi("signed; protocol=\"application/pgp-signature\""), Some((OpenPgp, false))),
        (multi("signed"), Some((Other, false))),
        (multi("encrypted; protocol=\"application/pgp-encrypted\""), Some((OpenPgp, true))),
        (within(&multi("Signed; protocol=\"application/PGP-signature\"")), Some((OpenPgp, false))),
        (attached(&multi("signed; protocol=\"application/pgp-signature\"")), None),
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx".into(), Some((Smime, false))),
        ("Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data\n\nx".into(), Some((Smime, true))),
        ("Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data\n\nx".into(), Some((Smime, true))),
        ("Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx".into(), Some((Smime, false))),
        ("Content-Type: application/pkcs7-mime; smime-type=certs-only\n\nx".into(), None),
        ("Content-Type: application/octet-stream; name=\"smime.P7M\"\n\nx".into(), Some((Smime, false))),
        ("Content-Type: application/octet-stream; name=smime.p7s\n\nx".into(), None),
        ("Content-Type: application/octet-stream; name=p7m\n\nx".into(), None),
        (armour("SIGNED MESSAGE"), Some((OpenPgp, false))),
        (armour("MESSAGE"), Some((OpenPgp, true))),
        (armour("PUBLIC KEY BLOCK"), None),
        ("\n> -----BEGIN PGP SIGNED MESSAGE-----\n".into(), None),
        (
            "Content-Transfer-Encoding: quoted-printable\n\n=2D----BEGIN PGP MESSAGE-----\n".into(),
            Some((OpenPgp, true)),
        ),
        (
            "Content-Transfer-Encoding: base64\n\nLS0tLS1CRUdJTiBQR1AgU0lHTkVEIE1FU1NBR0UtLS0tLQo=".into(),
            Some((OpenPgp, false)),
        ),
        (format!("Content-Disposition: attachment{}", armour("MESSAGE").replacen('\n', "\n\n", 1)), None),
    ];
    for (body, expected) in table {
        let expected = expected.map(|(standard, is_encrypted)| Protection { standard, is_encrypted });
        for (fields, has_dkim) in [("", false), ("dkim-signature: v=1; b=\n\tx\n", true)] {
            let found = signed(&mail(&format!("Subject: x\n{fields}{body}")), Limits::default()).unwrap();
            assert_eq!(found, Signed { protection: expected, has_dkim }, "{body}");
        }
    }
}
