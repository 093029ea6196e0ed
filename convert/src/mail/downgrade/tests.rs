//! Whole mails for hosts that take less.
//!
//! Rule: what a mail says is compared by the tree of this crate and by the crate `mail-parser`, which reads mails its own way.

use mail_parser::MessageParser;

use super::{octets::LineEnd, *};

pub(super) const LIMITS: fn() -> Limits = Limits::default;

pub(super) fn lines(text: &str) -> String {
    text.trim_start_matches('\n').replace('\n', "\r\n")
}

pub(super) fn is_seven_bit(mail: &[u8]) -> bool {
    mail.is_ascii() && !mail.contains(&0)
}

/// Every leaf, decoded.
pub(super) fn leaves(mail: &[u8]) -> Vec<Vec<u8>> {
    let (mut allowance, mut flaws) = (Allowance::new(LIMITS()), Flaws::default());
    let tree = Tree::read(mail, LIMITS()).unwrap().output;
    let leaves = tree.entities().iter().filter(|entity| entity.parts.is_empty());
    leaves.map(|entity| tree.decoded(entity, &mut allowance, &mut flaws).unwrap().into_owned()).collect()
}

/// The same by another reader.
pub(super) fn leaves_elsewhere(mail: &[u8]) -> Vec<Vec<u8>> {
    fn of(mail: &mail_parser::Message<'_>) -> Vec<Vec<u8>> {
        let leaf = |part: &mail_parser::MessagePart<'_>| match (part.message(), part.sub_parts()) {
            (Some(inner), _) => of(inner),
            (None, Some(_)) => Vec::new(),
            (None, None) => vec![part.contents().to_vec()],
        };
        mail.parts.iter().flat_map(leaf).collect()
    }
    of(&MessageParser::new().parse(mail).unwrap())
}

fn converts(before: &str, after: &str) {
    let mail = lines(before);
    let converted = seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
    assert_eq!(String::from_utf8_lossy(&converted), lines(after));
    assert_eq!(leaves(&converted), leaves(mail.as_bytes()));
    assert_eq!(seven_bit(&converted, SignedMail::Leave, LIMITS()).unwrap(), None, "it is what it was to be");
}

pub(super) const NESTED: &str = "
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer
Content-Transfer-Encoding: 8bit
X-Kept:   as  it   is

A text that nobody reads: ü
--outer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße = greetings 
.
--outer
Content-Type: text/plain; charset=us-ascii

This stays.  
--outer
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Subject: Wörter
Content-Type: multipart/alternative; boundary=inner
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit

--inner
Content-Transfer-Encoding: 8bit
Content-Type: text/html; charset=utf-8

<p>Ä</p>
--inner
Content-Type: image/png; name=\"ü.png\"
Content-Transfer-Encoding: binary

äöü
--inner--
--outer--
";

const NESTED_IN_ASCII: &str = "
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer
Content-Transfer-Encoding: 7bit
X-Kept:   as  it   is

A text that nobody reads: ??
--outer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe =3D greetings=20
.
--outer
Content-Type: text/plain; charset=us-ascii

This stays.  
--outer
Content-Type: message/rfc822
Content-Transfer-Encoding: 7bit

Subject: =?utf-8?Q?W=C3=B6rter?=
Content-Type: multipart/alternative; boundary=inner
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit

--inner
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset=utf-8

<p>=C3=84</p>
--inner
Content-Type: image/png; name*=utf-8''%C3%BC.png
Content-Transfer-Encoding: base64

w6TDtsO8
--inner--
--outer--
";

#[test]
fn every_part_is_encoded_as_its_type_allows_and_all_others_stay() {
    converts(NESTED, NESTED_IN_ASCII);
}

#[test]
fn a_mail_without_types_gets_them() {
    converts(
        "
Subject: x

ü
",
        "
Subject: x
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

=C3=BC
",
    );
    let converted = seven_bit(b"Subject: x\r\n\r\n\xfc\r\n", SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
    assert!(String::from_utf8(converted).unwrap().contains("Content-Type: text/plain; charset=unknown-8bit\r\n"));
    let converted =
        seven_bit("ü, without a header\r\n".as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
    let expected = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC, without a header\r\n";
    assert_eq!(String::from_utf8_lossy(&converted), expected);
}

#[test]
fn text_that_is_mostly_foreign_is_base64() {
    converts(
        "
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Это письмо по-русски, и в нём много букв.
",
        "
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

0K3RgtC+INC/0LjRgdGM0LzQviDQv9C+LdGA0YPRgdGB0LrQuCwg0Lgg0LIg0L3RkdC8INC80L3Q
vtCz0L4g0LHRg9C60LIuDQo=
",
    );
}

#[test]
fn a_label_that_is_too_much_is_corrected_and_ascii_stays() {
    converts(
        "
MIME-Version: 1.0
Content-Type: text/plain
Content-Transfer-Encoding: 8bit

ASCII
",
        "
MIME-Version: 1.0
Content-Type: text/plain
Content-Transfer-Encoding: 7bit

ASCII
",
    );
    let ascii = lines("\nSubject: x\nX-Long: y\n\nASCII \t\nFrom me\n");
    assert_eq!(seven_bit(ascii.as_bytes(), SignedMail::Leave, LIMITS()).unwrap(), None);
}

#[test]
fn encoded_parts_with_octets_that_they_may_not_have_are_mended() {
    let long = "x".repeat(1200);
    for (encoding, body) in [
        ("quoted-printable", format!("=C3=BC ü =\r\n {long}\r\n")),
        ("quoted-printable", "a=\r\nü".to_owned()),
        ("base64", "w7zü\r\n".to_owned()),
        ("base64", "w7w=".repeat(400)),
    ] {
        let mail = format!("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}");
        let converted = seven_bit(mail.as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
        assert!(is_seven_bit(&converted) && LineEnd::Crlf.are_lines(&converted));
        assert_eq!(leaves(&converted), leaves(mail.as_bytes()), "{}", String::from_utf8_lossy(&converted));
    }
}

#[test]
fn only_headers_become_ascii_for_a_host_that_takes_eight_bits() {
    let before = lines(
        "
Subject: ü
To: a@bücher.example
Content-Type: multipart/mixed; boundary=ß

--ß
Content-Type: text/plain; charset=utf-8; name=ö
Content-Transfer-Encoding: 8bit

ä
--ß
Content-Type: message/global

Subject: Ä

Ö
--ß--
",
    );
    let after = lines(
        "
Subject: =?utf-8?Q?=C3=BC?=
To: a@xn--bcher-kva.example
Content-Type: multipart/mixed; boundary=\"=_postrider-00000000.0=\"

--=_postrider-00000000.0=
Content-Type: text/plain; charset=utf-8; name*=utf-8''%C3%B6
Content-Transfer-Encoding: 8bit

ä
--=_postrider-00000000.0=
Content-Type: message/rfc822

Subject: =?utf-8?Q?=C3=84?=

Ö
--=_postrider-00000000.0=--
",
    );
    let converted = ascii(before.as_bytes(), SignedMail::Leave, LIMITS()).unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&converted.output), after);
    assert_eq!(ascii(after.as_bytes(), SignedMail::Leave, LIMITS()).unwrap(), None);
}

#[test]
fn binary_parts_are_encoded_only_where_lines_do_not_do() {
    let mail =
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\n\r\n\xc3\xbc\r\n\
        --b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\0\r\n--b--\r\n";
    let converted = eight_bit(mail, SignedMail::Leave, LIMITS()).unwrap().unwrap().output;
    let text = String::from_utf8(converted.clone()).unwrap();
    assert!(text.contains("8bit\r\n\r\nü\r\n--b") && text.contains("base64\r\n\r\nYQpiAA==\r\n--b--"), "{text}");
    assert!(LineEnd::Crlf.are_lines(&converted) && !text.contains("binary"));
    assert_eq!(leaves(&converted), leaves(mail));
    assert_eq!(eight_bit(&converted, SignedMail::Leave, LIMITS()).unwrap(), None);
}

#[test]
fn a_mail_that_ends_anywhere_is_converted_to_that_place() {
    let whole = lines(NESTED);
    for end in 0..=whole.len() {
        let mail = &whole.as_bytes()[..end];
        for signed in [SignedMail::Leave, SignedMail::Convert] {
            match seven_bit(mail, signed, LIMITS()) {
                Ok(Some(converted)) => {
                    assert!(is_seven_bit(&converted.output), "{end}");
                    assert_eq!(seven_bit(&converted.output, signed, LIMITS()), Ok(None), "{end}");
                }
                Ok(None) => assert!(is_seven_bit(mail), "{end}"),
                Err(told) => assert!(matches!(told, ConvertError::NotEncodable { .. }), "{end}: {told}"),
            }
        }
    }
}
