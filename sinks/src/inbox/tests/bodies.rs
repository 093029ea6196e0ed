//! Bodies: text, HTML, attachments, and what is made to be hard to read.

use bytes::Bytes;

use super::super::body::read;
use super::*;

fn body(text: &str) -> MessageBody {
    read(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

/// Each attachment in a word.
fn attached(body: &MessageBody) -> Vec<String> {
    let word = |one: &Attachment| {
        format!("{} {} {:?}", one.name().unwrap_or("-"), one.kind(), String::from_utf8_lossy(one.octets()))
    };
    body.attachments().iter().map(word).collect()
}

const MIXED: &str = "Content-Type: multipart/mixed; boundary=m\r\n\r\npreamble\r\n--m\r\n\
    Content-Type: multipart/alternative; boundary=\"m2\"\r\n\r\n--m2\r\n\
    Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n--m2\r\n\
    Content-Type: TEXT/HTML; charset=utf-8\r\n\r\n<p>Grüße</p>\r\n--m2--\r\n\r\n--m\r\n\
    Content-Type: image/png; name=\"=?utf-8?Q?=C3=A4.png?=\"\r\nContent-ID: <one@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    AAEC\r\n--m\r\n\
    Content-Type: text/plain\r\nContent-Disposition: attachment; filename*=utf-8''%C3%A4.txt\r\n\r\nattached\r\n--m\r\n\
    Content-Type: text/plain\r\n\r\na second text\r\n--m\r\n\
    Content-Type: message/rfc822\r\n\r\nSubject: within\r\n\r\nText.\r\n--m--\r\nepilogue\r\n";

#[test]
fn a_body_has_a_text_an_html_and_all_else_attached() {
    for mail in [MIXED.to_owned(), MIXED.replace("\r\n", "\n")] {
        let body = body(&mail);
        assert_eq!((body.text(), body.html()), (Some("Grüße"), Some("<p>Grüße</p>")));
        let end = if mail.contains('\r') { "\\r\\n\\r\\n" } else { "\\n\\n" };
        let expected = [
            "ä.png image/png \"\\0\\u{1}\\u{2}\"".to_owned(),
            "ä.txt text/plain \"attached\"".into(),
            "- text/plain \"a second text\"".into(),
            format!("- message/rfc822 \"Subject: within{end}Text.\""),
        ];
        assert_eq!(attached(&body), expected);
        assert_eq!(body.attachments()[0].content_id(), Some("one@x"));
    }
}

#[test]
fn simple_messages_are_their_text() {
    let table = [
        ("Subject: x\r\n\r\nHello.\r\n", Some("Hello.\r\n"), None),
        ("Subject: x\r\n\r\n", Some(""), None),
        ("Subject: x\r\n", Some(""), None),
        ("Content-Type: text/html\r\n\r\n<p>", None, Some("<p>")),
        ("Content-Transfer-Encoding: BASE64\r\n\r\nSGk=\r\n", Some("Hi"), None),
        ("Content-Type: text/plain; charset=none\r\n\r\n\u{e4}", Some("\u{e4}"), None),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nno end", Some("no end"), None),
    ];
    for (mail, text, html) in table {
        let body = body(mail);
        assert_eq!((body.text(), body.html(), body.attachments().len()), (text, html, 0), "{mail}");
    }
}

#[test]
fn what_cannot_be_decoded_is_kept_as_it_is() {
    let mail = "Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n\u{1}\u{2}!";
    let body = body(mail);
    assert_eq!((body.attachments()[0].octets(), body.attachments()[0].is_damaged()), (&b"\x01\x02!"[..], true));
    let mail = "Content-Type: multipart/mixed; boundary=never\r\n\r\nno part at all";
    assert_eq!(attached(&self::body(mail)), ["- multipart/mixed \"no part at all\""]);
}

#[test]
fn the_name_of_a_file_never_leads_out_of_a_folder() {
    let table = [
        ("a.txt", Some("a.txt")),
        ("../../etc/passwd", Some("passwd")),
        ("C:\\\\x\\\\y.exe", Some("y.exe")),
        ("..", None),
        (". .hidden", Some("hidden")),
        ("a/", None),
        ("a\tb", Some("ab")),
    ];
    for (name, file_name) in table {
        let mail = format!("Content-Type: a/b; name=\"{name}\"\r\n\r\n");
        assert_eq!(body(&mail).attachments()[0].file_name().as_deref(), file_name, "{name}");
    }
    let mail = format!("Content-Type: a/b; name=\"{}\"\r\n\r\n", "ä".repeat(300));
    assert_eq!(body(&mail).attachments()[0].file_name().unwrap().len(), 200);
}

#[test]
fn parts_without_end_are_refused_in_little_time() {
    let begin = std::time::Instant::now();
    let many = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\n".repeat(1_000_000));
    assert!(matches!(read(many.into()), Err(MessageProblem::Parts)));
    let level = |n| format!("Content-Type: multipart/mixed; boundary=b{n}x\r\n\r\n--b{n}x\r\n");
    assert!(read((0..MOST_DEPTH).map(level).collect::<String>().into()).is_ok());
    assert!(matches!(read((0..=MOST_DEPTH).map(level).collect::<String>().into()), Err(MessageProblem::Parts)));
    // A parser that goes into mails within mails would not come back from there.
    let within = body(&"Content-Type: message/rfc822\r\n\r\n".repeat(200_000));
    assert_eq!(within.attachments().len(), 1);
    let boundaries = "Content-Type: multipart/x; boundary=never\r\n\r\n--b\r\n".repeat(900);
    let filler = "x\r\n".repeat(1_000_000);
    let slow = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{boundaries}\r\n{filler}");
    assert!(read(slow.into()).is_ok());
    let only_header = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{filler}");
    assert!(matches!(read(only_header.into()), Err(MessageProblem::PartHeader)));
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

proptest::proptest! {
    #[test]
    fn no_message_makes_it_fall(parts in proptest::collection::vec("(Content-Type: multipart/mixed; boundary=b\r?\n|\r?\n|--b(--)?\r?\n|Content-Type: (message/rfc822|text/html|a/b; name\\*0=x)\r?\n|Content-Transfer-Encoding: (base64|quoted-printable)\r?\n|[ -~]{0,5}|=[0-9A-F]?|\u{0})", 0..40)) {
        let mail: String = parts.concat();
        if let Ok(body) = read(mail.into()) {
            proptest::prop_assert!(body.attachments().len() <= MOST_PARTS);
        }
    }
}
