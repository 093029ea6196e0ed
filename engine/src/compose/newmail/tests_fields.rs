//! How a header is written: encoded, folded, in A-labels or in UTF-8.

use mail_parser::MessageParser;

use super::tests::{draft, mail, octets};
use super::*;
use crate::Body;

/// The lines of the header.
fn lines(mail: NewMail) -> Vec<String> {
    let octets = octets(mail);
    let header = &octets[..crate::header::header_len(&octets)];
    String::from_utf8(header.to_vec()).unwrap().split("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_name_is_written_as_atoms_in_quotes_or_in_encoded_words() {
    let table = [
        ("Ann Example", "To: Ann Example <a@x>"),
        ("O'Neil", "To: O'Neil <a@x>"),
        ("Doe, Ann", "To: \"Doe, Ann\" <a@x>"),
        ("Ann \"A\" \\ B", "To: \"Ann \\\"A\\\" \\\\ B\" <a@x>"),
        ("a  b", "To: \"a  b\" <a@x>"),
        ("x@y", "To: \"x@y\" <a@x>"),
        ("Jörg", "To: =?utf-8?Q?J=C3=B6rg?= <a@x>"),
        ("山田", "To: =?utf-8?B?5bGx55Sw?= <a@x>"),
        ("=?utf-8?Q?x?=", "To: =?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?= <a@x>"),
    ];
    for (name, line) in table {
        let mail = NewMail::new().from("f@x").to((name, "a@x"));
        assert!(lines(mail).iter().any(|has| has == line), "{name}: no {line}");
    }
}

#[test]
fn no_line_of_a_header_is_longer_than_it_may_be() {
    let mail = NewMail::new()
        .from(("Ä".repeat(250), "a@x"))
        .to((0..50)
            .map(|n| (format!("Recipient, Number {n}"), format!("recipient.{n}@example.org")))
            .collect::<Vec<_>>())
        .cc(("n".repeat(500), "b@x"))
        .cc(("word ".repeat(99), "c@x"))
        .subject("Ein Betreff mit Umlauten, äöü, und 山田山田山田山田山田山田山田山田山田 ".repeat(20))
        .references(&"<0123456789012345678901234567890@example.org> ".repeat(30))
        .header("X-Words", &"word ".repeat(200))
        .attach(Attachment::new(format!("{}.pdf", "ü".repeat(120)), "x"));
    for line in lines(mail) {
        assert!(line.len() <= 78, "{line}");
        for word in line.split(' ').filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75 && word.ends_with("?=") && line.len() <= 76, "{line}");
        }
    }
}

#[test]
fn a_subject_is_read_as_it_was_written() {
    let subjects = [
        "Grüße",
        "plain",
        "=?utf-8?Q?not=20encoded?=",
        "a =?utf-8?Q?b?= c",
        "ends with ü",
        "ü  ü",
        "山田太郎様 こんにちは",
        "🎉 party 🎉🎉",
        "= ? _ =5F ü_ü",
    ];
    for subject in subjects.map(str::to_owned).into_iter().chain(["x".repeat(3000), "ü".repeat(700)]) {
        let octets = octets(mail().subject(subject.clone()));
        let read = MessageParser::new().parse(&octets).unwrap();
        assert_eq!(read.subject(), Some(subject.as_str()));
        assert!(octets.is_ascii() && octets.split(|octet| *octet == b'\n').all(|line| line.len() <= 79));
    }
}

#[test]
fn a_domain_beyond_ascii_needs_no_smtputf8_and_a_local_part_does() {
    let draft = draft(NewMail::new().from("Jörg <j@bücher.example>").to("b@例え.jp"));
    assert!(!draft.envelope.smtputf8 && draft.envelope.body == Body::SevenBit);
    let text = String::from_utf8(draft.content.all(9999).unwrap().to_vec()).unwrap();
    assert!(text.contains("From: =?utf-8?Q?J=C3=B6rg?= <j@xn--bcher-kva.example>\r\n"), "{text}");
    assert!(text.contains("To: b@xn--r8jz45g.jp\r\n") && text.is_ascii(), "{text}");

    let draft = super::tests::draft(NewMail::new().from("Jörg <jörg@bücher.example>").to("b@x").subject("Grüße =?"));
    assert!(draft.envelope.smtputf8 && draft.envelope.body == Body::EightBitMime);
    let text = String::from_utf8(draft.content.all(9999).unwrap().to_vec()).unwrap();
    assert!(
        text.contains("From: Jörg <jörg@bücher.example>\r\n") && text.contains("Subject: Grüße =?utf-8?B?PT8=?="),
        "{text}"
    );
}

#[test]
fn an_address_that_only_the_envelope_has_leaves_the_header_in_ascii() {
    for mail in [mail().bcc("ü@x").subject("Grüße"), mail().return_path("ü@x").subject("Grüße")] {
        let draft = draft(mail);
        assert!(draft.envelope.smtputf8 && draft.envelope.body == Body::SevenBit);
        assert!(draft.content.all(9999).unwrap().is_ascii());
    }
}

#[test]
fn our_name_in_a_message_id_is_a_domain_whatever_it_was() {
    let table = [
        ("mail.example.org", "@mail.example.org>"),
        ("bücher.example", "@xn--bcher-kva.example>"),
        ("[192.0.2.1]", "@[192.0.2.1]>"),
        ("x>\r\nEvil: y", "@localhost>"),
        ("", "@localhost>"),
    ];
    for (host, end) in table {
        let draft = mail().into_draft(&Making { host, ..super::tests::MAKING }).unwrap();
        let octets = draft.content.all(9999).unwrap();
        assert!(
            crate::header::fields(&octets).any(|field| field.is("Message-ID") && field.text().ends_with(end)),
            "{host}"
        );
    }
}
