//! Fields in ASCII, one by one.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::*;

fn field(line: &[u8]) -> String {
    let colon = line.iter().position(|one| *one == b':').unwrap();
    in_ascii(std::str::from_utf8(&line[..colon]).unwrap(), &line[colon + 1..], Changes::default())
}

fn table(rows: &[(&str, &str)]) {
    for (before, after) in rows {
        let written = field(format!("{before}\r\n").as_bytes());
        assert_eq!(written, format!("{after}\r\n"), "{before}");
    }
}

#[test]
fn texts_have_only_their_foreign_words_encoded() {
    table(&[
        ("Subject: Grüße", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?="),
        (
            "Subject: an alle: Grüße  aus Köln!",
            "Subject: an alle: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=  aus =?utf-8?Q?K=C3=B6ln!?=",
        ),
        // Blanks between two words that are encoded are within them.
        ("Subject: schöne  Grüße", "Subject: =?utf-8?Q?sch=C3=B6ne__Gr=C3=BC=C3=9Fe?="),
        ("Subject: =?utf-8?Q?=C3=A4?= ö", "Subject: =?utf-8?Q?=C3=A4?= =?utf-8?B?IMO2?="),
        ("Subject: ö =?utf-8?Q?=C3=A4?=", "Subject: =?utf-8?B?w7Yg?= =?utf-8?Q?=C3=A4?="),
        ("X-Mailer: x\r\n ü", "X-Mailer: x =?utf-8?Q?=C3=BC?="),
        ("List-Id: Köche <list.example.org>", "List-Id: =?utf-8?Q?K=C3=B6che?= <list.example.org>"),
        ("Keywords: Köche, \"Öl, Essig\", x", "Keywords: =?utf-8?Q?K=C3=B6che?=, =?utf-8?Q?=C3=96l=2C_Essig?=, x"),
        ("Date: Mon, 1 Jan 2024 00:00:00 +0100 (Köln)", "Date: Mon, 1 Jan 2024 00:00:00 +0100 (=?utf-8?Q?K=C3=B6ln?=)"),
    ]);
}

#[test]
fn words_are_cut_between_characters_and_lines_are_short() {
    let text = "日本語の長い件名はこの行に収まりません。それでも読めなければなりません。".repeat(3);
    for line in [format!("Subject: {text}\r\n"), format!("From: {text} <a@example.org>\r\n")] {
        let written = field(line.as_bytes());
        assert!(written.lines().all(|line| line.len() <= 76), "{written}");
        for word in written.split_whitespace().filter(|word| word.starts_with("=?")) {
            let alone = format!("Subject: {word}\r\n\r\n");
            let decoded = MessageParser::new().parse(alone.as_bytes()).unwrap().subject().unwrap().to_owned();
            assert!(!decoded.contains('\u{FFFD}') && text.contains(&decoded), "{word}: {decoded}");
        }
    }
}

#[test]
fn an_address_is_said_in_ascii_or_is_the_name_of_a_group() {
    table(&[
        ("From: Jörg <joerg@example.org>", "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>"),
        ("From: \"Müller, Jörg\" <j@example.org>", "From: =?utf-8?Q?M=C3=BCller=2C_J=C3=B6rg?= <j@example.org>"),
        ("To: a@example.org, info@bücher.example", "To: a@example.org, info@xn--bcher-kva.example"),
        ("To: Köche <info@bücher.example>", "To: =?utf-8?Q?K=C3=B6che?= <info@xn--bcher-kva.example>"),
        ("Cc: jörg@example.org", "Cc: =?utf-8?Q?j=C3=B6rg=40example=2Eorg?= :;"),
        (
            "Cc: Jörg <jörg@example.org>, b@example.org",
            "Cc: =?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?j=C3=B6rg=40example=2Eorg?= :;,\r\n b@example.org",
        ),
        (
            "To: list: a@example.org, ü@example.org;, c@example.org",
            "To: list =?utf-8?Q?a=40example=2Eorg=2C_=C3=BC=40example=2Eorg?= :;,\r\n c@example.org",
        ),
        ("To: Köche: a@example.org;", "To: =?utf-8?Q?K=C3=B6che?=: a@example.org;"),
        (
            "To: a@example.org (der Jörg (Köln))",
            "To: a@example.org (der =?utf-8?Q?J=C3=B6rg?= (=?utf-8?Q?K=C3=B6ln?=))",
        ),
        ("Return-Path: <ü@example.org>", "Return-Path: =?utf-8?Q?=C3=BC=40example=2Eorg?= :;"),
        ("To: Hans \"ö\"<h@example.org>", "To: Hans =?utf-8?Q?=C3=B6?= <h@example.org>"),
    ]);
}

#[test]
fn parameters_are_extended_and_cut_where_they_are_long() {
    table(&[
        (
            "Content-Type: text/plain; name=\"Grüße.txt\"; charset=utf-8",
            "Content-Type: text/plain; name*=utf-8''Gr%C3%BC%C3%9Fe.txt; charset=utf-8",
        ),
        (
            "Content-Disposition: attachment;\r\n filename=Grüße an alle.txt",
            "Content-Disposition: attachment;\r\n filename*=utf-8''Gr%C3%BC%C3%9Fe%20an%20alle.txt",
        ),
        (
            "Content-Disposition: attachment; filename=\"ääääääääääääääääää\"",
            "Content-Disposition: attachment;\r\n filename*0*=utf-8''%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4;\r\n \
             filename*1*=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4;\r\n filename*2*=%C3%A4%C3%A4%C3%A4",
        ),
    ]);
}

#[test]
fn what_nothing_can_stand_for_goes_into_a_field_of_its_own() {
    table(&[
        ("Message-ID: <ü@example.org>", "Downgraded-Message-ID: =?utf-8?Q?=3C=C3=BC=40example=2Eorg=3E?="),
        ("References: <a@example.org> (ü)", "References: <a@example.org> (=?utf-8?Q?=C3=BC?=)"),
        ("Original-Recipient: utf-8; ü@example.org", "Original-Recipient: utf-8; \\x{FC}@example.org"),
        (
            "Received: from bücher.example (Köln) by mx.example.org with UTF8SMTP id 7 for <ü@example.org>; Mon, 1 Jan 2024 00:00:00 +0000",
            "Received: from xn--bcher-kva.example (=?utf-8?Q?K=C3=B6ln?=) by\r\n mx.example.org with UTF8SMTP id 7; Mon, 1 Jan 2024 00:00:00 +0000",
        ),
    ]);
}

#[test]
fn octets_that_are_no_text_are_said_to_be_of_no_known_character_set() {
    assert_eq!(field(b"Subject: Gr\xfc\xdfe\r\n"), "Subject: =?unknown-8bit?Q?Gr=FC=DFe?=\r\n");
    assert_eq!(
        field(b"To: J\xf6rg <j@b\xfccher.example>\r\n"),
        "To: =?unknown-8bit?Q?J=F6rg?= =?unknown-8bit?Q?j=40b=FCcher=2Eexample?= :;\r\n"
    );
    assert_eq!(field(b"Content-Type: a/b; name=\xfc\r\n"), "Content-Type: a/b; name*=unknown-8bit''%FC\r\n");
    assert_eq!(field(b"X: a\rb\0c\r\n"), "X: =?utf-8?Q?a=0Db=00c?=\r\n");
}

proptest! {
    #[test]
    fn any_field_becomes_ascii(name in "(Subject|From|To|Received|Message-ID|Content-Type|Content-Disposition|Keywords|Date|X|Original-Recipient)",
        value in "( |\t|\r\n |ü|日|a|b|\"|\\(|\\)|<|>|\\[|\\]|,|:|;|=|@|\\.|\\\\|\\*|0|for|id|by|=\\?utf-8\\?Q\\?x\\?=|\0|\r){0,40}") {
        let written = field(format!("{name}: {value}\r\n").as_bytes());
        prop_assert!(written.is_ascii() && !super::is_unfit(written.as_bytes()), "{written:?}");
        // Every line but the first goes on with the field.
        prop_assert!(written.split_inclusive("\r\n").skip(1).all(|line| line.starts_with([' ', '\t'])), "{written:?}");
        prop_assert!(written.ends_with("\r\n"));
    }

    #[test]
    fn any_octets_in_a_field_become_ascii(value in prop::collection::vec(any::<u8>(), 0..80)) {
        for name in ["Subject", "To", "Received", "Content-Type", "References"] {
            let value: Vec<u8> = value.iter().copied().filter(|one| *one != b'\n').collect();
            let written = in_ascii(name, &value, Changes::default());
            prop_assert!(written.is_ascii() && !super::is_unfit(written.as_bytes()), "{written:?}");
        }
    }

    #[test]
    // The other reader takes several blanks for one.
    fn readers_see_the_same_subject(text in "[a-zA-Zäöüß日本語€😀.,!()\"@_]{1,80}( [a-zA-Zäöüß日本語€😀.,!()\"@_]{1,9}){0,9}") {
        let written = field(format!("Subject: {text}\r\n").as_bytes());
        let mail = format!("{written}\r\n");
        let mail = MessageParser::new().parse(mail.as_bytes()).unwrap();
        prop_assert_eq!(mail.subject().unwrap_or_default(), text.as_str(), "{}", written);
    }

    #[test]
    fn readers_see_the_same_name_and_address(text in "[a-zA-Zäöüß日本語€😀 .,!()@_]{1,60}") {
        let text = text.trim();
        prop_assume!(!text.is_empty());
        let written = field(format!("From: \"{text}\" <a@example.org>\r\n").as_bytes());
        let mail = format!("{written}\r\n");
        let mail = MessageParser::new().parse(mail.as_bytes()).unwrap();
        let from = mail.from().and_then(|from| from.first()).unwrap();
        prop_assert_eq!((from.name(), from.address()), (Some(text), Some("a@example.org")), "{}", written);
    }

    #[test]
    fn readers_see_the_same_name_of_a_file(text in "[a-zA-Zäöüß日本語€😀 .,!()@_']{1,60}") {
        let text = text.trim();
        prop_assume!(!text.is_empty());
        let written = field(format!("Content-Disposition: attachment; filename=\"{text}\"; x=y\r\n").as_bytes());
        let mail = format!("{written}\r\nbody");
        let mail = MessageParser::new().parse(mail.as_bytes()).unwrap();
        let disposition = mail.parts[0].content_disposition().unwrap();
        prop_assert_eq!(disposition.attribute("filename"), Some(text), "{}", written);
        prop_assert_eq!(disposition.attribute("x"), Some("y"), "{}", written);
        prop_assert!(matches!(mail.parts[0].headers[0].value, HeaderValue::ContentType(_)));
    }
}
