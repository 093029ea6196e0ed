//! Any mails for hosts that take less: what was in them is in what is made of them.

use proptest::prelude::*;

use super::{
    octets::LineEnd,
    tests::{is_seven_bit, leaves, leaves_elsewhere, LIMITS},
    *,
};
use crate::mail::Encoding;

/// A leaf: its header, and octets that do not look like a boundary.
fn leaf() -> impl Strategy<Value = (String, Vec<u8>)> {
    let kind = prop::sample::select(vec![
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "application/x",
        "message/delivery-status",
    ]);
    let encoding = prop::sample::select(vec![
        "",
        "Content-Transfer-Encoding: 8bit\r\n",
        "Content-Transfer-Encoding: binary\r\n",
        "content-transfer-encoding : 7bit\r\n",
    ]);
    let text = "([a-zäöü日= \t.]|\r\n|From |\n|\r|\0){0,60}".prop_map(String::into_bytes);
    let any =
        prop_oneof![text, prop::collection::vec(any::<u8>(), 0..300), "[a-zä ]{900,1100}".prop_map(String::into_bytes)];
    (kind, encoding, any).prop_map(|(kind, encoding, octets)| {
        // Text is given to the other reader as UTF-8 only.
        let octets =
            if kind.starts_with("text") { String::from_utf8_lossy(&octets).into_owned().into_bytes() } else { octets };
        (format!("Content-Type: {kind}\r\n{encoding}"), octets.into_iter().filter(|one| *one != b'-').collect())
    })
}

fn mail_of(leaves: &[(String, Vec<u8>)], nested: bool) -> Vec<u8> {
    let mut mail =
        b"MIME-Version: 1.0\r\nSubject: \xc3\xbc\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n".to_vec();
    for (header, octets) in leaves {
        let message =
            if nested { "Content-Type: message/rfc822\r\n\r\nSubject: in\r\nMIME-Version: 1.0\r\n" } else { "" };
        mail.extend([b"--bb\r\n", message.as_bytes(), header.as_bytes(), b"\r\n", octets, b"\r\n"].concat());
    }
    mail.extend(b"--bb--\r\n");
    mail
}

proptest! {
    #[test]
    fn what_was_in_a_mail_is_in_it_afterwards(leaves_of in prop::collection::vec(leaf(), 1..4), nested in any::<bool>()) {
        let mail = mail_of(&leaves_of, nested);
        let octets: Vec<_> = leaves_of.into_iter().map(|leaf| leaf.1).collect();
        for convert in [seven_bit, eight_bit, ascii, ascii_eight_bit] {
            let Some(converted) = convert(&mail, SignedMail::Leave, LIMITS()).unwrap() else { continue };
            let shown = String::from_utf8_lossy(&converted.output).into_owned();
            prop_assert_eq!(&leaves(&converted.output), &octets, "{}", shown);
            prop_assert_eq!(&leaves_elsewhere(&converted.output), &octets, "{}", shown);
            prop_assert_eq!(convert(&converted.output, SignedMail::Leave, LIMITS()).unwrap(), None, "{}", shown);
        }
        let converted = seven_bit(&mail, SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
        prop_assert!(is_seven_bit(&converted) && LineEnd::Crlf.are_lines(&converted));
    }

    #[test]
    fn a_body_alone_is_what_it_was(header in "(|Subject: x\r\n|MIME-Version: 1.0\r\n|Content-Type: text/plain; charset=utf-8\r\n)",
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..300), "([a-zü= \t.]|\r\n|\n|\r){0,60}".prop_map(String::into_bytes)]) {
        let mail = [header.as_bytes(), b"\r\n", &body].concat();
        let tree = Tree::read(&mail, LIMITS()).unwrap().output;
        prop_assume!(tree.root().encoding == Encoding::SevenBit && LineEnd::of(&mail) == LineEnd::Crlf);
        if let Some(converted) = seven_bit(&mail, SignedMail::Leave, LIMITS()).unwrap() {
            prop_assert_eq!(leaves(&converted.output), vec![body]);
        }
    }

    #[test]
    fn any_octets_are_converted_or_an_error(soup in soup(), signed in any::<bool>()) {
        let signed = if signed { SignedMail::Leave } else { SignedMail::Convert };
        for (index, convert) in [seven_bit, ascii, eight_bit].into_iter().enumerate() {
            let is_seven = index == 0;
            if let Ok(Some(converted)) = convert(&soup, signed, LIMITS()) {
                if is_seven {
                    prop_assert!(is_seven_bit(&converted.output), "{}", String::from_utf8_lossy(&converted.output));
                }
                let again = convert(&converted.output, signed, LIMITS());
                prop_assert_eq!(again, Ok(None), "{}", String::from_utf8_lossy(&converted.output));
            }
        }
    }
}

/// What mails are made of, in any order.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "(\r\n|\r\n\r\n|\n|\r|\0| |\t|:|;|=|ü|x|\"|--b|--b--|--ß|--ß--)".prop_map(String::into_bytes),
        "(Content-Type: |multipart/mixed; boundary=b|multipart/signed; boundary=b|multipart/mixed; boundary=ß|message/rfc822|message/global|text/plain|message/partial)".prop_map(String::into_bytes),
        "(Content-Transfer-Encoding: |8bit|binary|base64|quoted-printable|7bit|x-y|MIME-Version: 1.0|Subject: |From: )".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..4),
        "[a-zü]{990,1010}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
