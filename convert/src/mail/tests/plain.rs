//! Which structure becomes which text.

use mail_parser::{MessageParser, MimeHeaders};

use crate::{
    html::TextOptions,
    mail::{
        plain_only,
        testing::{base64, flawless, leaves, mail, shape, stream, texts},
        Attachments, PlainOptions, SignedMail,
    },
    tnef::tags::tag,
    ConvertError, Limits, Trouble,
};

fn multi(kind: &str, boundary: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary={boundary}\n\n{parts}--{boundary}--\n")
}

fn with(attachments: Attachments) -> PlainOptions {
    PlainOptions::default().with_attachments(attachments)
}

/// The text of it, which is all that it is.
fn plain(body: &str, options: PlainOptions) -> String {
    let found = flawless(plain_only(&mail(&format!("Subject: s\n{body}")), options, Limits::default()));
    assert!(
        found.starts_with(b"Subject: s\r\n") && shape(&found) == "text/plain",
        "{}",
        String::from_utf8_lossy(&found)
    );
    let parsed = MessageParser::new().parse(&found).unwrap();
    let kind = parsed.content_type().unwrap();
    assert_eq!((kind.attribute("charset"), kind.attribute("format")), (Some("utf-8"), None));
    parsed.body_text(0).unwrap().replace("\r\n", "\n")
}

const TEXT: &str = "Content-Type: text/plain\n\ntext";
const PAGE: &str = "Content-Type: text/html; charset=utf-8\n\n<p>page <a href='https://a.example/'>ä</a>";
const PICTURE: &str = "Content-Type: image/png\nContent-ID: <p@x>\nContent-Transfer-Encoding: base64\n\niVBORw==";
const FILE: &str =
    "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C3%84%0A%5D.pdf\n\
    Content-Transfer-Encoding: base64\n\nJVBERi0=";

#[test]
fn a_file_beside_a_page_does_not_go_without_a_word() {
    const PDF: &str = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: inline\n\n%PDF-";
    const NOTES: &str = "Content-Type: text/plain; name=n.txt\n\nnotes";
    const MAIL: &str = "Content-Type: message/rfc822\n\nSubject: in\n\nx";
    let page = "Content-Type: text/html\n\n<p>page";
    let related = multi("related", "r", &[page, PDF, PICTURE, NOTES, MAIL]);
    let lines = "[attachment: a.pdf, application/pdf, 5 octets]\n[attachment: n.txt, text/plain, 5 octets]\n";
    let mail_line = "[attachment: message/rfc822, 16 octets]\n";
    assert_eq!(plain(&related, with(Attachments::Name)), format!("page\n\n{lines}{mail_line}"));
    // Beside the form that is taken, too.
    let alternative = multi("alternative", "a", &[TEXT, &multi("mixed", "m", &[page, PDF, NOTES, page])]);
    assert_eq!(plain(&alternative, with(Attachments::Name)), format!("text\n\n{lines}"));
    assert_eq!(plain(&related, with(Attachments::Drop)), "page\n");
}

#[test]
fn a_text_that_is_ascii_only_in_its_encoding_becomes_utf_8() {
    let encoded = |encoding: &str, text: &str| format!("Content-Transfer-Encoding: {encoding}\n\n{text}\n");
    for text in [encoded("quoted-printable", "=E4"), encoded("base64", "w6Q=")] {
        assert_eq!(
            plain(&format!("Content-Type: text/plain; charset=us-ascii\n{text}"), PlainOptions::default()),
            "ä\n"
        );
    }
    let ascii = mail(&format!("Subject: s\n{}", encoded("base64", "YQ==")));
    assert_eq!(plain_only(&ascii, PlainOptions::default(), Limits::default()), Ok(None));
}

#[test]
fn a_text_without_words_is_none_beside_a_page_that_has_some() {
    let page = "Content-Type: text/html\n\n<p>page";
    for blank in
        ["", "\n \n", "Content-Transfer-Encoding: base64\n\nIAo=", "Content-Type: text/plain; charset=utf-8\n\n\u{a0}"]
    {
        let blank = if blank.contains(':') { blank.to_owned() } else { format!("\n{blank}") };
        assert_eq!(plain(&multi("alternative", "a", &[&blank, page]), PlainOptions::default()), "page\n", "{blank:?}");
    }
    assert_eq!(
        plain(&multi("alternative", "a", &["\n", "Content-Type: a/b\n\nx"]), PlainOptions::default()),
        "[attachment: a/b, 1 octets]\n"
    );
}

#[test]
fn each_structure_becomes_a_text() {
    let rtf = "Content-Type: text/rtf\n\n{\\rtf1 r{\\b t}f}";
    let calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR";
    let related = multi("related", "r", &[PAGE, PICTURE]);
    let attached = "Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nfile";
    let table = [
        (PAGE.to_owned(), "page ä [1]\n\n[1] https://a.example/\n"),
        (rtf.to_owned(), "rtf\n"),
        (multi("alternative", "a", &[TEXT, PAGE]), "text\n"),
        (multi("alternative", "a", &[rtf, PAGE]), "page ä [1]\n\n[1] https://a.example/\n"),
        (multi("alternative", "a", &[TEXT, &related]), "text\n"),
        (multi("alternative", "a", &[TEXT, PAGE, calendar]), "text\n\n[attachment: text/calendar, 15 octets]\n"),
        (multi("related", "r", &[&multi("alternative", "a", &[TEXT, PAGE]), PICTURE]), "text\n"),
        (
            multi("mixed", "m", &[TEXT, FILE, PICTURE, "\nfooter"]),
            "text\n\n[attachment: Ä ].pdf, application/pdf, 5 octets]\n[attachment: image/png, 4 octets]\n\nfooter\n",
        ),
        (multi("mixed", "m", &[attached]), "[attachment: a.txt, text/plain, 4 octets]\n"),
        (
            multi("mixed", "m", &[TEXT, "Content-Type: message/rfc822\n\nSubject: i\n\nx"]),
            "text\n\n[attachment: message/rfc822, 15 octets]\n",
        ),
        (multi("digest", "d", &["\nSubject: i\n\nx"]), "[attachment: message/rfc822, 15 octets]\n"),
        (
            multi("report", "r", &[TEXT, "Content-Type: message/delivery-status\n\nA: b"]),
            "text\n\n[attachment: message/delivery-status, 4 octets]\n",
        ),
        (FILE.to_owned(), "[attachment: Ä ].pdf, application/pdf, 5 octets]\n"),
        (
            "Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n=F0\n".into(),
            "П\n",
        ),
        ("Content-Type: text/plain; charset=utf-7\n\n+AOQ-\n".into(), "ä\n"),
        (multi("mixed", "m", &["\n", PICTURE]), "[attachment: image/png, 4 octets]\n"),
    ];
    for (body, expected) in table {
        assert_eq!(plain(&body, PlainOptions::default()), expected, "{body}");
        let dropped = plain(&body, with(Attachments::Drop));
        let texts = |text: &str| {
            text.lines()
                .filter(|line| !line.starts_with("[attachment") && !line.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!((dropped.contains("[attachment"), texts(&dropped)), (false, texts(expected)));
    }
}

#[test]
fn a_mail_that_is_a_text_is_left_alone() {
    for body in [
        "\nx",
        "Content-Type: text/plain; charset=UTF-8; format=flowed\n\nä \nb",
        "",
        "Content-Type: text/plain; charset=us-ascii\n\nx",
    ] {
        assert_eq!(plain_only(&mail(body), PlainOptions::default(), Limits::default()), Ok(None), "{body}");
    }
    let signed = mail(&multi("signed", "s", &[PAGE, "Content-Type: application/pgp-signature\n\nx"]));
    assert_eq!(plain_only(&signed, PlainOptions::default(), Limits::default()), Ok(None));
    let anyway = PlainOptions::default().with_signed(SignedMail::Convert);
    assert_eq!(
        texts(&flawless(plain_only(&signed, anyway, Limits::default())))[0].1,
        "page ä [1]\r\n\r\n[1] https://a.example/\r\n"
    );
}

#[test]
fn attachments_that_are_kept_are_what_they_were() {
    let digest = multi("digest", "d", &["\nSubject: i\n\nx"]);
    let body = multi("mixed", "m", &[&multi("related", "r", &[PAGE, PICTURE]), FILE, &digest]);
    let found = flawless(plain_only(&mail(&format!("Subject: s\n{body}")), with(Attachments::Keep), Limits::default()));
    assert_eq!(shape(&found), "multipart/mixed(text/plain image/png application/pdf message/rfc822(text/plain))");
    for kept in [PICTURE, FILE, "\r\nSubject: i\n\nx"] {
        let kept = mail(kept);
        assert!(found.windows(kept.len()).any(|window| window == kept));
    }
    let parsed = MessageParser::new().parse(&found).unwrap();
    assert_eq!(parsed.subject(), Some("s"));
    assert_eq!(parsed.attachments().filter_map(|part| part.attachment_name()).collect::<Vec<_>>(), ["Ä\n].pdf"]);
    // A mail that is a file alone keeps it, and says what it is once.
    let found = flawless(plain_only(&mail(&format!("Subject: s\n{FILE}")), with(Attachments::Keep), Limits::default()));
    assert_eq!(shape(&found), "multipart/mixed(text/plain application/pdf)");
    assert_eq!(String::from_utf8_lossy(&found).matches("Subject").count(), 1);
    assert_eq!(leaves(&found)[1].1, b"%PDF-");
}

#[test]
fn text_that_flows_is_lines_of_the_width_that_is_asked_for() {
    let body =
        multi("mixed", "m", &["Content-Type: text/plain; format=flowed; delsp=yes\n\none  \ntwo  \nthree\n> a  \n> b"]);
    let with = |wrap| PlainOptions::default().with_text(TextOptions::default().with_wrap(wrap));
    assert_eq!(plain(&body, with(None)), "one two three\n> a b\n");
    assert_eq!(plain(&body, with(Some(8))), "one two\nthree\n> a b\n");
}

#[test]
fn the_encoding_is_the_one_that_is_read_best() {
    for (text, encoding) in [("hello", "7bit"), ("Grüße", "quoted-printable"), (&*"語".repeat(100), "base64")] {
        let body = mail(&format!("Content-Type: text/html; charset=utf-8\n\n<p>{text}"));
        let found = flawless(plain_only(&body, PlainOptions::default(), Limits::default()));
        assert!(String::from_utf8_lossy(&found).contains(&format!("Content-Transfer-Encoding: {encoding}\r\n")));
        assert!(found.is_ascii() && texts(&found)[0].1.replace("\r\n", "").contains(text));
    }
}

#[test]
fn tnef_is_unpacked_first_and_what_is_none_is_an_attachment() {
    let tnef = stream(&[(tag::HTML, "<p>Hi <b>Bob</b>")], &[("a.bin", b"12345")]);
    let part = |tnef: &[u8]| {
        multi(
            "mixed",
            "m",
            &[&format!(
                "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{}",
                base64(tnef)
            )],
        )
    };
    assert_eq!(
        plain(&part(&tnef), PlainOptions::default()),
        "Hi Bob\n\n[attachment: a.bin, application/octet-stream, 5 octets]\n"
    );
    let found = plain_only(&mail(&part(b"what?")), PlainOptions::default(), Limits::default()).unwrap().unwrap();
    assert!(found.flaws.has(Trouble::Malformed));
    assert_eq!(texts(&found.output)[0].1, "[attachment: winmail.dat, application/ms-tnef, 5 octets]\r\n");
}

#[test]
fn limits_are_kept() {
    let before = mail(&format!("Content-Type: text/html\n\n{}", "<p>x".repeat(1000)));
    let small = |limits| plain_only(&before, PlainOptions::default(), limits);
    assert!(matches!(small(Limits::default().with_output(5000)), Err(ConvertError::TooLarge { .. })));
    assert!(matches!(small(Limits::default().with_work(5000)), Err(ConvertError::TooMuchWork { .. })));
}
