//! Which structure gets which alternative, and what stays as it was.

use mail_parser::MessageParser;

use crate::{
    html::TextOptions,
    mail::{
        testing::{flawless, mail, shape, texts},
        text_alternative, AlternativeOptions, Missing, SignedMail,
    },
    ConvertError, Limits,
};

const PAGE: &str = "Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\nX-Own: y\n\n<p>Gru\u{df} &amp; <b>x</b>";
const TEXT: &str = "Content-Type: text/plain; charset=utf-8; format=flowed\n\nsee \nwww.a.example\n> so";
const PICTURE: &str = "Content-Type: image/png\nContent-ID: <p@x>\nContent-Transfer-Encoding: base64\n\niVBORw==";

/// The octets of these lines: `ß` is one of Latin-1, as the page says.
fn octets(lines: &str) -> Vec<u8> {
    mail(lines).into_iter().filter(|one| *one != 0xC3).map(|one| if one == 0x9F { 0xDF } else { one }).collect()
}

fn multi(kind: &str, boundary: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary={boundary}\n\npreamble\n{parts}--{boundary}--\nepilogue\n")
}

fn with(missing: Missing) -> AlternativeOptions {
    AlternativeOptions::default().with_missing(missing)
}

#[test]
fn each_structure_gets_the_alternative_that_it_lacks_where_it_belongs() {
    let related = multi("related", "r", &[PAGE, PICTURE]);
    let by_start = multi("related; start=\"<s@x>\"", "r", &[PICTURE, &format!("Content-ID: <s@x>\n{PAGE}")]);
    let calendar = multi("alternative", "c", &[PAGE, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"]);
    let attached = format!("Content-Disposition: attachment; filename=a.html\n{PAGE}");
    let [file, note] = ["Content-Type: application/pdf\n\n%PDF", "Content-Type: text/plain\n\nfooter"];
    let (page, text) = ("alternative(text/plain text/html)", "alternative(text/plain text/html)");
    let table = [
        (PAGE.to_owned(), Some(page.to_owned()), None),
        (TEXT.to_owned(), None, Some(text.to_owned())),
        (related.clone(), Some("alternative(text/plain multipart/related(text/html image/png))".into()), None),
        (by_start, Some("alternative(text/plain multipart/related(image/png text/html))".into()), None),
        (
            multi("mixed", "m", &[&related, file, note]),
            Some("mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) application/pdf text/plain)".into()),
            None,
        ),
        (multi("mixed", "m", &[PICTURE, TEXT, &attached]), None, Some("mixed(image/png multipart/alternative(text/plain text/html) text/html)".into())),
        (multi("mixed", "m", &[&attached, file]), None, None),
        (multi("alternative", "a", &[TEXT, PAGE]), None, None),
        (multi("alternative", "a", &[PAGE]), Some(page.into()), None),
        (multi("alternative", "a", &[TEXT]), None, Some(text.into())),
        (multi("alternative", "a", &[&related]), Some("alternative(text/plain multipart/related(text/html image/png))".into()), None),
        (multi("related", "r", &[&multi("alternative", "a", &[TEXT, PAGE]), PICTURE]), None, None),
        (calendar, None, None),
        (multi("mixed", "m", &["Content-Type: message/rfc822\n\nSubject: x\nContent-Type: text/html\n\n<p>x", PAGE]), None, None),
        (multi("report", "m", &[TEXT, file]), None, None),
        (format!("Content-Disposition: attachment\n{PAGE}"), None, None),
        ("Content-Type: text/html\n\n<p>&nbsp;<img src=x>".into(), None, None),
        ("\n \n".into(), None, None),
        ("Content-Type: application/pdf\n\n%PDF".into(), None, None),
    ];
    for (body, of_page, of_text) in table {
        let before = octets(&format!("Received: a\n\tb\nSubject: x\n{body}"));
        for (missing, expected) in [
            (Missing::Text, &of_page),
            (Missing::Html, &of_text),
            (Missing::Both, of_page.as_ref().map_or(&of_text, |_| &of_page)),
        ] {
            let found = text_alternative(&before, with(missing), Limits::default()).unwrap();
            let found = found.map(|found| found.output);
            assert_eq!(
                found.as_deref().map(shape),
                expected.as_ref().map(|kind| format!("multipart/{kind}")),
                "{body} {missing:?}"
            );
            let Some(found) = found else { continue };
            assert!(found.starts_with(&mail("Received: a\n\tb\nSubject: x\n")));
            // What was there is there, in the order in which it was.
            let (was, is) = (texts(&before), texts(&found));
            let mut rest = is.iter();
            assert!(was.iter().all(|leaf| rest.any(|one| one == leaf)) && is.len() == was.len() + 1, "{is:?}");
            assert_eq!(text_alternative(&found, with(Missing::Both), Limits::default()), Ok(None), "{body}");
            let parsed = MessageParser::new().parse(&found).unwrap();
            assert_eq!(parsed.subject(), Some("x"));
        }
    }
}

#[test]
fn the_body_stays_octet_for_octet_and_says_what_it_said() {
    let before = octets(&format!("Subject: x\n{PAGE}"));
    let found = flawless(text_alternative(&before, with(Missing::Text), Limits::default()));
    let parsed = MessageParser::new().parse(&found).unwrap();
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Gruß & x");
    assert_eq!(parsed.body_html(0).unwrap(), "<p>Gruß &amp; <b>x</b>");
    let text = String::from_utf8_lossy(&found);
    assert!(
        text.contains("Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>Gru"),
        "{text}"
    );
    // What holds eight bits says so, and what is no matter of the content stays where it was.
    assert!(text.starts_with("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;"), "{text}");
    assert_eq!(text.matches("Content-Transfer-Encoding: 8bit").count(), 2);
    assert!(text.find("X-Own").unwrap() < text.find("--=_").unwrap(), "{text}");
}

#[test]
fn a_text_that_flows_becomes_paragraphs_of_a_page() {
    let found = flawless(text_alternative(&mail(TEXT), with(Missing::Html), Limits::default()));
    let page = &texts(&found)[1].1;
    assert!(
        page.contains("see <a href=\"http://www.a.example\">www.a.example</a><br>") && page.contains("<blockquote"),
        "{page}"
    );
    let plain = flawless(text_alternative(&mail(TEXT), with(Missing::Html).with_links(false), Limits::default()));
    assert!(!texts(&plain)[1].1.contains("<a "));
    let page = mail("Content-Type: text/html\n\n<p>one two <a href='https://a.example/'>three</a> four five six");
    let options =
        AlternativeOptions::default().with_text(TextOptions::default().with_wrap(Some(20)).with_footnotes(false));
    assert_eq!(
        texts(&flawless(text_alternative(&page, options, Limits::default())))[0].1,
        "one two three four\r\nfive six\r\n"
    );
}

#[test]
fn signed_mail_is_left_alone_unless_somebody_says_otherwise() {
    let signed = mail(&multi(
        "signed; protocol=\"application/pgp-signature\"",
        "s",
        &[PAGE, "Content-Type: application/pgp-signature\n\nx"],
    ));
    let inline = mail("\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n");
    let dkim = mail(&format!("DKIM-Signature: v=1\n{TEXT}"));
    use SignedMail::{Convert, Leave, LeaveDkim};
    for (octets, choices) in [
        (&signed, [(Leave, false), (LeaveDkim, false), (Convert, false)]),
        (&inline, [(Leave, false), (LeaveDkim, false), (Convert, true)]),
        (&dkim, [(Leave, true), (LeaveDkim, false), (Convert, true)]),
    ] {
        for (choice, is_converted) in choices {
            let found = text_alternative(octets, with(Missing::Both).with_signed(choice), Limits::default()).unwrap();
            assert_eq!(found.is_some(), is_converted, "{choice:?}: {}", shape(octets));
        }
    }
}

#[test]
fn a_boundary_that_stands_in_the_mail_is_not_taken() {
    // One is in the text that is made, too, the other one is not.
    let before = mail(
        "Content-Type: text/html\n\n<!--\n--=_postrider-00000000.0=\n--><pre>\n--=_postrider-00000001.0=--\nx</pre>",
    );
    let found = flawless(text_alternative(&before, with(Missing::Text), Limits::default()));
    assert_eq!(shape(&found), "multipart/alternative(text/plain text/html)");
    assert!(texts(&found)[1].1.ends_with("</pre>"));
}

#[test]
fn limits_are_kept() {
    let before = mail(&format!("Content-Type: text/html\n\n{}", "<p>x".repeat(1000)));
    let small = |limits| text_alternative(&before, with(Missing::Text), limits);
    assert!(matches!(small(Limits::default().with_output(5000)), Err(ConvertError::TooLarge { .. })));
    assert!(matches!(small(Limits::default().with_work(5000)), Err(ConvertError::TooMuchWork { .. })));
}

#[test]
fn no_line_of_a_new_multipart_begins_as_a_boundary_of_the_mail() {
    for boundary in ["=", "=_", "=_postrider-0000000"] {
        let mail = mail(&format!(
            "Content-Type: multipart/mixed; boundary=\"{boundary}\"\n\n--{boundary}\nContent-Type: text/html\n\n<p>x\n--{boundary}--\n"
        ));
        let made = flawless(text_alternative(&mail, AlternativeOptions::default(), Limits::default()));
        let begins = |line: &&str| line.starts_with(&format!("--{boundary}"));
        let made = String::from_utf8(made).unwrap();
        assert_eq!(made.lines().filter(begins).count(), 2, "{made}");
        assert_eq!(shape(made.as_bytes()), "multipart/mixed(multipart/alternative(text/plain text/html))");
    }
}
