//! Mails of Outlook and Exchange, and mails that are worse.

use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::{unpack_tnef, TnefOptions};
use crate::{
    mail::{
        testing::{base64, flawless, leaves, mail, shape, stream, texts},
        SignedMail,
    },
    tnef::tags::tag,
    ConvertError, Converted, Limits, Trouble,
};

fn unpacked(octets: &[u8]) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    unpack_tnef(octets, TnefOptions::default(), Limits::default())
}

const HEADER: &str = "Received: from a.example\n\tby b.example; Tue, 2 Jan 2024 10:00:00 +0000\nfrom: =?utf-8?q?=C3=84nn?= <ann@a.example>\n\
    To: bob@b.example\nSubject:  Two  blanks\n";

/// What Exchange sends: a text, and all of it as TNEF.
fn exchange(text: &str, tnef: &[u8]) -> Vec<u8> {
    mail(&format!(
        "{HEADER}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"_000_\"\nX-MS-Has-Attach: yes\n\n--_000_\n\
         Content-Type: text/plain; charset=\"iso-8859-1\"\nContent-Transfer-Encoding: quoted-printable\n\n{text}\n--_000_\n\
         Content-Disposition: attachment; filename=\"winmail.dat\"\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\n\
         Content-Transfer-Encoding: base64\n\n{}\n--_000_--\n",
        base64(tnef)
    ))
}

#[test]
fn a_mail_of_exchange_becomes_what_its_tnef_holds() {
    let tnef = stream(&[(tag::HTML, "<p>Hi <b>Bob</b>"), (tag::SUBJECT, "Other")], &[("Ä.pdf", b"%PDF")]);
    let found = flawless(unpacked(&exchange("Hi =DCbob", &tnef)));
    assert_eq!(shape(&found), "multipart/mixed(multipart/alternative(text/plain text/html) application/pdf)");
    let (fields, _) = String::from_utf8(found.clone())
        .unwrap()
        .split_once("Content-Type")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(fields.as_bytes(), mail(&format!("{HEADER}MIME-Version: 1.0\n")));
    let parsed = MessageParser::new().parse(&found).unwrap();
    assert_eq!(parsed.body_text(0).unwrap(), "Hi Übob");
    assert_eq!(parsed.body_html(0).unwrap(), "<p>Hi <b>Bob</b>");
    assert_eq!(parsed.attachment(0).unwrap().attachment_name(), Some("Ä.pdf"));
    assert_eq!(parsed.attachment(0).unwrap().contents(), b"%PDF");
    assert_eq!(parsed.header("X-MS-Has-Attach").and_then(|value| value.as_text()), Some("yes"));
}

#[test]
fn the_text_beside_gives_way_to_one_that_says_the_same_and_to_no_other() {
    let tnef = stream(&[(tag::HTML, "<p>Hi"), (tag::BODY, "Hi   Bob\r\n")], &[]);
    let same = flawless(unpacked(&exchange("Hi\nBob", &tnef)));
    assert_eq!(texts(&same), [("text/plain".into(), "Hi\r\nBob".into()), ("text/html".into(), "<p>Hi".into())]);
    let other = flawless(unpacked(&exchange("Hi Bob, with the list's footer", &tnef)));
    assert_eq!(shape(&other), "multipart/mixed(text/plain multipart/alternative(text/plain text/html))");
    let nothing = flawless(unpacked(&exchange("Hi", &stream(&[], &[]))));
    assert_eq!(texts(&nothing), [("text/plain".into(), "Hi".into())]);
    let files = flawless(unpacked(&exchange("Hi", &stream(&[], &[("a.bin", b"\0"), ("b.bin", b"\x01")]))));
    assert_eq!(shape(&files), "multipart/mixed(text/plain application/octet-stream application/octet-stream)");
}

#[test]
fn each_tnef_gives_way_to_what_it_holds_wherever_it_is() {
    let (page, file) = (stream(&[(tag::HTML, "<p>Hi")], &[("a.bin", b"1")]), stream(&[], &[("b.bin", b"2")]));
    let tnef = "Content-Type: application/octet-stream; name=WinMail.DAT\nContent-Transfer-Encoding: base64\n\n";
    let table: [(&str, &str, &[&str]); 6] = [
        // With other files beside, the page goes to where the text was.
        (
            "--b\n\ntext\n--b\nContent-Type: application/x\n\nx\n--b\nTNEF1\n--b--",
            "multipart/mixed(multipart/alternative(text/plain text/html) application/x application/octet-stream)",
            &["text", "<p>Hi", "x", "1"],
        ),
        (
            "--b\n\ntext\n--b\nTNEF2\n--b\nTNEF1\n--b--",
            "multipart/mixed(text/plain application/octet-stream multipart/alternative(text/plain text/html) \
             application/octet-stream)",
            &["text", "2", "Hi\r\n", "<p>Hi", "1"],
        ),
        (
            "--b\nContent-Type: text/html\n\n<p>\n--b\nTNEF2\n--b--",
            "multipart/mixed(text/html application/octet-stream)",
            &["<p>", "2"],
        ),
        ("--b\nTNEF2\n--b--", "multipart/mixed(application/octet-stream)", &["2"]),
        (
            "--b\nContent-Type: message/rfc822\n\nSubject: inner\nTNEF1\n--b\n\nend\n--b--",
            "multipart/mixed(message/rfc822(multipart/mixed(multipart/alternative(text/plain text/html) \
             application/octet-stream)) text/plain)",
            &["Hi\r\n", "<p>Hi", "1", "end"],
        ),
        ("--b\n\ntext\n--b\nContent-Type: application/octet-stream; name=win.dat\n\nnot so\n--b--", "", &[]),
    ];
    for (body, expected, values) in table {
        let tnef = |octets: &[u8]| format!("{tnef}{}", base64(octets));
        let body = body.replace("TNEF1", &tnef(&page)).replace("TNEF2", &tnef(&file));
        let found = unpacked(&mail(&format!("{HEADER}Content-Type: multipart/mixed; boundary=b\n\n{body}\n"))).unwrap();
        let found = found.map(|found| found.output).unwrap_or_default();
        if values.is_empty() {
            assert!(found.is_empty());
            continue;
        }
        assert_eq!(shape(&found), expected, "{body}");
        assert_eq!(texts(&found).iter().map(|leaf| leaf.1.as_str()).collect::<Vec<_>>(), values, "{body}");
        assert!(found.starts_with(&mail(HEADER)));
    }
}

#[test]
fn a_mail_that_is_tnef_takes_what_it_lacks_from_it() {
    let tnef = stream(
        &[
            (tag::BODY, "Hi"),
            (tag::SUBJECT, "Grüße"),
            (tag::INTERNET_MESSAGE_ID, "<1@a.example>"),
            (tag::DISPLAY_NAME, "x"),
        ],
        &[],
    );
    let quoted = |octets: &[u8]| {
        octets
            .iter()
            .map(|one| format!("={one:02X}"))
            .collect::<Vec<_>>()
            .chunks(20)
            .map(|line| line.concat())
            .collect::<Vec<_>>()
            .join("=\r\n")
            .into_bytes()
    };
    for (encoding, body) in
        [("base64", base64(&tnef).into_bytes()), ("quoted-printable", quoted(&tnef)), ("binary", tnef.clone())]
    {
        let mut whole = mail(&format!(
            "From: a@a.example\nContent-Type: application/vnd.ms-tnef\nContent-Transfer-Encoding: {encoding}\n\n"
        ));
        whole.extend(body);
        let found = flawless(unpacked(&whole));
        let text = String::from_utf8(found).unwrap();
        assert!(text.starts_with("From: a@a.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain"), "{text}");
        let parsed = MessageParser::new().parse(text.as_bytes()).unwrap();
        assert_eq!(
            (parsed.subject(), parsed.message_id(), parsed.body_text(0).unwrap().as_ref()),
            (Some("Grüße"), Some("1@a.example"), "Hi")
        );
    }
    let kept = flawless(unpacked(&exchange("Hi", &tnef)));
    assert_eq!(MessageParser::new().parse(&kept).unwrap().subject(), Some("Two  blanks"));
    assert_eq!(MessageParser::new().parse(&kept).unwrap().message_id(), Some("1@a.example"));
}

#[test]
fn what_is_damaged_is_kept_beside_what_could_be_read() {
    let mut tnef = stream(&[(tag::HTML, "<p>Hi")], &[("a.bin", b"1234567890")]);
    tnef.truncate(tnef.len() - 8);
    let whole = exchange("Hi", &tnef);
    let Converted { output, flaws } = unpacked(&whole).unwrap().unwrap();
    assert!(flaws.has(Trouble::Truncated));
    assert!(shape(&output).ends_with(" application/ms-tnef)"), "{}", shape(&output));
    assert_eq!(leaves(&output).last().unwrap().1, tnef);
    // Nobody unpacks it again.
    assert_eq!(unpacked(&output), Ok(None));
    let real = include_bytes!("../../../tests/fixtures/mimekit/rich-text-head.eml");
    let real = unpacked(real).unwrap().unwrap().output;
    assert_eq!(
        shape(&real),
        "multipart/mixed(multipart/alternative(text/plain text/html) text/rtf application/ms-tnef)"
    );
}

#[test]
fn what_is_no_tnef_stays_and_the_error_says_why() {
    let error = unpacked(&exchange("Hi", b"what?")).unwrap_err();
    assert!(error.to_string().contains("no TNEF"), "{error}");
    // With another one that can be read, it stays beside.
    let whole = mail(&format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/ms-tnef\n\nwhat?\n--b\n\
         Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n{}--b--\n",
        base64(&stream(&[(tag::BODY, "Hi")], &[]))
    ));
    let Converted { output, flaws } = unpacked(&whole).unwrap().unwrap();
    assert!(flaws.has(Trouble::Malformed));
    assert_eq!(texts(&output), [("application/ms-tnef".into(), "what?".into()), ("text/plain".into(), "Hi".into())]);
}

#[test]
fn signed_mail_is_left_alone_unless_somebody_says_otherwise() {
    let whole = exchange("Hi", &stream(&[(tag::BODY, "Hi")], &[]));
    let signed = mail(&format!(
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=s\n\n--s\n{}\n--s\n\
         Content-Type: application/pkcs7-signature\n\nx\n--s--\n",
        String::from_utf8_lossy(&whole)
    ));
    let dkim = [b"DKIM-Signature: v=1\r\n", whole.as_slice()].concat();
    let attached = mail(&format!(
        "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: message/rfc822\n\n{}\n--m--\n",
        String::from_utf8_lossy(&signed)
    ));
    use SignedMail::{Convert, Leave, LeaveDkim};
    for (octets, choices) in [
        (&whole, [(Leave, true), (LeaveDkim, true), (Convert, true)]),
        (&signed, [(Leave, false), (LeaveDkim, false), (Convert, true)]),
        (&dkim, [(Leave, true), (LeaveDkim, false), (Convert, true)]),
        (&attached, [(Leave, false), (LeaveDkim, false), (Convert, true)]),
    ] {
        for (choice, is_converted) in choices {
            let options = TnefOptions::default().with_signed(choice);
            let found = unpack_tnef(octets, options, Limits::default()).unwrap();
            assert_eq!(found.is_some(), is_converted, "{choice:?}: {}", shape(octets));
        }
    }
}

#[test]
fn no_line_of_a_text_is_a_boundary_of_the_mail() {
    let evil = "one\r\n--b\r\nContent-Type: evil/part\r\n\r\nx\r\n--b--\r\n--=_postrider-00000000.0=\r\n";
    let whole = mail(&format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbefore\n--b\nContent-Type: application/ms-tnef\n\
         Content-Transfer-Encoding: base64\n\n{}--b\n\n--=_postrider-00000001.0=\n--b--\n",
        base64(&stream(&[(tag::BODY, evil), (tag::HTML, "<p>Hi")], &[]))
    ));
    let found = flawless(unpacked(&whole));
    assert_eq!(shape(&found), "multipart/mixed(text/plain multipart/alternative(text/plain text/html) text/plain)");
    assert_eq!(texts(&found)[1].1, evil);
}

#[test]
fn limits_are_kept() {
    let whole = exchange("Hi", &stream(&[(tag::BODY, "Hi")], &[("a.bin", &[7; 10_000])]));
    let small = Limits::default().with_output(10_000);
    assert!(matches!(unpack_tnef(&whole, TnefOptions::default(), small), Err(ConvertError::TooLarge { .. })));
    let small = Limits::default().with_work(20_000);
    assert!(matches!(unpack_tnef(&whole, TnefOptions::default(), small), Err(ConvertError::TooMuchWork { .. })));
}

#[test]
fn a_mail_without_tnef_costs_no_look_at_its_texts() {
    let text = mail(&format!("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}", "QUJD".repeat(9000)));
    let once = u64::try_from(text.len()).unwrap();
    assert_eq!(
        unpack_tnef(&text, TnefOptions::default(), Limits::default().with_work(once)).map(|one| one.is_some()),
        Ok(false)
    );
}

#[test]
fn a_mail_with_more_parts_than_are_told_apart_is_not_taken_for_one_without_tnef() {
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}--b\nContent-Type: application/ms-tnef\n\nx\n--b--\n",
        "--b\n\nx\n".repeat(1000)
    );
    assert_eq!(unpacked(&mail(&many)).map(|one| one.is_some()), Err(ConvertError::NotAllSeen));
    let deep: String = (0..40).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    assert_eq!(unpacked(&mail(&deep)).map(|one| one.is_some()), Err(ConvertError::NotAllSeen));
    // Nobody wanted to look into it.
    let signed = many.replacen("multipart/mixed", "multipart/signed; protocol=\"application/pgp-signature\"", 1);
    assert_eq!(unpacked(&mail(&signed)).map(|one| one.is_some()), Ok(false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_of_a_stream_is_lost_wherever_it_is(
        message in crate::tnef::tests::strategies::message(),
        files in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..4),
        is_exchange in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut message = message;
        let names: Vec<_> = files.iter().enumerate().map(|(at, octets)| (format!("{at}.bin"), octets.as_slice())).collect();
        let names: Vec<_> = names.iter().map(|(name, octets)| (name.as_str(), *octets)).collect();
        let more = stream(&[], &names);
        message.attachments.extend(crate::tnef::read(&more, Limits::default()).unwrap().output.attachments);
        let mut tnef = message.to_octets();
        if let Some(cut) = cut { tnef.truncate(4 + cut.index(tnef.len() - 4)); }
        let whole = if is_exchange {
            exchange("beside", &tnef)
        } else {
            [&b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"[..], base64(&tnef).as_bytes()].concat()
        };
        let found = unpacked(&whole).unwrap().unwrap();
        let found_leaves: Vec<Vec<u8>> = leaves(&found.output).into_iter().map(|leaf| leaf.1).collect();
        prop_assert!(!is_exchange || found_leaves.iter().any(|leaf| leaf == b"beside"));
        if cut.is_some() {
            prop_assert!(found.flaws.is_empty() || found_leaves.contains(&tnef));
        } else {
            for octets in &files {
                prop_assert!(found_leaves.contains(octets), "{:?}", String::from_utf8_lossy(&found.output));
            }
        }
        let parsed = MessageParser::new().parse(&found.output).unwrap();
        let ours = leaves(&found.output).len();
        prop_assert!(parsed.parts.iter().filter(|part| !part.is_multipart()).count() <= ours);
    }
}
