//! How the parts of a mail lie within each other, and that they come out as they were put in.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use super::tests::{draft, mail, octets, MAKING};
use super::*;
use crate::{compose::MadeBody, Body, Piece};

/// The parts as `type(parts...)`.
fn structure(message: &Message<'_>, part: u32) -> String {
    let part = &message.parts[part as usize];
    let kind = part
        .content_type()
        .map_or("?".to_owned(), |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("?")));
    match &part.body {
        PartType::Multipart(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| structure(message, *part)).collect();
            format!("{}({})", kind.trim_start_matches("multipart/"), parts.join(", "))
        }
        _ => kind,
    }
}

fn structure_of(mail: NewMail) -> String {
    let octets = octets(mail);
    structure(&MessageParser::new().parse(&octets).unwrap(), 0)
}

fn png() -> Attachment {
    Attachment::new("logo.png", b"\x89PNG\r\n\x1a\n\x00\x00")
}

fn pdf() -> Attachment {
    Attachment::new("paper", b"%PDF-1.7\n")
}

#[test]
fn parts_lie_within_each_other_as_readers_expect_them() {
    let table = [
        (mail().text("t"), "text/plain"),
        (mail().html(""), "text/html"),
        (mail().html("<p>h"), "alternative(text/plain, text/html)"),
        (mail().text("t").html("h"), "alternative(text/plain, text/html)"),
        (mail().attach(pdf()), "mixed(application/pdf)"),
        (mail().text("t").attach(pdf()).attach(png()), "mixed(text/plain, application/pdf, image/png)"),
        (mail().text("t").html("h").inline("i", png()), "alternative(text/plain, related(text/html, image/png))"),
        (mail().html("").related("https://x/l.png", png()), "related(text/html, image/png)"),
        (mail().text("t").inline("i", png()), "mixed(text/plain, image/png)"),
        (mail().text("t").calendar("request", "BEGIN:VCALENDAR"), "alternative(text/plain, text/calendar)"),
        (
            mail().text("t").html("h").inline("i", png()).calendar("REQUEST", "c").attach(pdf()),
            "mixed(alternative(text/plain, related(text/html, image/png), text/calendar), application/pdf)",
        ),
    ];
    for (mail, expected) in table {
        assert_eq!(structure_of(mail), expected);
    }
}

#[test]
fn a_mail_with_all_kinds_of_parts_looks_like_this() {
    let mail = mail().text("t").html("<img src=\"cid:i@x\">").inline("<i@x>", png()).attach(pdf()).subject("s");
    let text = String::from_utf8(octets(mail)).unwrap();
    let b = |n: u8| format!("=_00000000000000000123456789abcdef_{n}");
    let (mixed, alternative, related) = (b(0), b(1), b(2));
    let expected = format!(
        "MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{mixed}\"\r\n\
         \r\n--{mixed}\r\n\
         Content-Type: multipart/alternative;\r\n boundary=\"{alternative}\"\r\n\
         \r\n--{alternative}\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\nt\
         \r\n--{alternative}\r\n\
         Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"{related}\"\r\n\
         \r\n--{related}\r\n\
         Content-Type: text/html; charset=\"utf-8\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n<img src=\"cid:i@x\">\
         \r\n--{related}\r\n\
         Content-Type: image/png\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: inline; filename=\"logo.png\"\r\n\
         Content-ID: <i@x>\r\n\r\niVBORw0KGgoAAA==\r\n\
         \r\n--{related}--\r\n\
         \r\n--{alternative}--\r\n\
         \r\n--{mixed}\r\n\
         Content-Type: application/pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"paper\"\r\n\r\nJVBERi0xLjcK\r\n\
         \r\n--{mixed}--\r\n"
    );
    let from = text.find("MIME-Version").unwrap();
    assert_eq!(text[from..], expected);
}

#[test]
fn every_octet_of_an_attachment_comes_out_and_its_name_too() {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let names =
        ["a.bin", "Jahresabschluß 2026, final.pdf", "山田.gz", "a \"b\" \\c;d=e.dat", "=?utf-8?Q?x?=.gz", "'%41'.z"];
    let long = "ü".repeat(127);
    for name in names.into_iter().chain([long.as_str(), &"n".repeat(255)]) {
        let octets = octets(mail().text("t").attach(Attachment::read(name, &all[..])));
        let read = MessageParser::new().parse(&octets).unwrap();
        let attached = read.attachment(0).unwrap();
        assert_eq!(attached.attachment_name(), Some(name));
        assert!(attached.contents() == &all[..], "{name}");
        assert!(octets.is_ascii() && octets.split(|octet| *octet == b'\n').all(|line| line.len() <= 300));
    }
}

#[test]
fn texts_come_out_as_they_were_put_in_with_lines_that_every_host_takes() {
    let long = "word ".repeat(1000) + "end";
    let wide = "こんにちは".repeat(300);
    let letters = "Die Größe in Metern, ".repeat(400);
    let table = [
        ("plain\r\ntext\r\n", "7bit"),
        ("bare\nline\rends\n", "7bit"),
        (".\r\n..\r\nFrom here\r\n", "7bit"),
        ("blank at end \r\n", "quoted-printable"),
        (long.as_str(), "quoted-printable"),
        (letters.as_str(), "quoted-printable"),
        ("a=b=c ü long enough to be readable as it is", "quoted-printable"),
        (wide.as_str(), "base64"),
        ("NUL \u{0} and bell \u{7}", "base64"),
    ];
    for (text, how) in table {
        for octets in [octets(mail().text(text)), octets(mail().html(text))] {
            let read = MessageParser::new().parse(&octets).unwrap();
            let expected = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            let body = if read.text_body.len() == 1 { read.body_text(0) } else { None };
            if body.as_deref().is_some_and(|_| read.parts.len() == 1) && !octets.windows(9).any(|w| w == b"text/html") {
                assert_eq!(body.unwrap().trim_end_matches("\r\n"), expected.trim_end_matches("\r\n"), "{how}");
                let field = format!("Content-Transfer-Encoding: {how}\r\n");
                assert!(String::from_utf8_lossy(&octets).contains(&field), "{text:.20}: not {how}");
            }
            assert!(octets.is_ascii() && !octets.contains(&0) && octets.ends_with(b"\r\n"));
            let lines = String::from_utf8(octets).unwrap();
            assert!(lines.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])));
        }
    }
}

#[test]
fn an_attached_mail_is_not_encoded_and_keeps_its_eight_bit_lines() {
    let inner = "Subject: inner\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n";
    let draft = draft(mail().text("t").attach(Attachment::new("old.eml", inner)));
    assert_eq!((draft.envelope.body, draft.envelope.smtputf8), (Body::EightBitMime, false));
    let octets = draft.content.all(9999).unwrap();
    let read = MessageParser::new().parse(&octets).unwrap();
    let attached = read.attachment(0).and_then(|part| part.message()).unwrap();
    let whole = String::from_utf8_lossy(&octets);
    assert_eq!(whole.matches("\r\nContent-Transfer-Encoding: 8bit\r\n").count(), 2, "{whole}");
    assert!(whole.contains("Content-Type: message/rfc822\r\n"));
    assert_eq!(Attachment::new("new.eml", "Subject: ü\n\n").media_type(), "message/global");
    assert_eq!((attached.subject(), attached.body_text(0).unwrap().trim_end()), (Some("inner"), "Grüße"));
    for bad in ["A: b\n\nnul \0".to_owned(), format!("A: b\n\n{}", "x".repeat(999))] {
        let octets = self::octets(mail().attach(Attachment::new("old.eml", &bad)));
        let read = MessageParser::new().parse(&octets).unwrap();
        assert_eq!(read.attachment(0).unwrap().contents(), bad.as_bytes());
        assert_eq!(structure(&read, 0), "mixed(application/octet-stream)");
    }
}

#[test]
fn a_boundary_is_in_no_part_and_the_same_mail_has_the_same_octets() {
    let text = "=_00000000000000000123456789abcdef_";
    let make = || mail().text(format!("--{text}0\r\n\r\nfake")).attach(pdf());
    let octets = octets(make());
    assert_eq!(octets, super::tests::octets(make()));
    let read = MessageParser::new().parse(&octets).unwrap();
    assert_eq!(structure(&read, 0), "mixed(text/plain, application/pdf)");
    assert!(String::from_utf8_lossy(&octets).contains("boundary=\"=_00000000000000000123456789abcdf0_0\""));
    let other = make().into_draft(&Making { unique: 9, ..MAKING }).unwrap().content.all(9999).unwrap();
    assert_ne!(octets, other);
}

#[test]
fn an_attachment_is_encoded_once_and_shared_by_all_mails() {
    let file = Attachment::new("a.bin", vec![7; 100_000]);
    let pieces = |mail: NewMail| {
        let pieces = draft(mail).content.pieces().to_vec();
        let large = |piece: &Piece| matches!(piece, Piece::Memory(octets) if octets.len() > 100_000);
        pieces
            .iter()
            .filter(|piece| large(piece))
            .map(|piece| match piece {
                Piece::Memory(octets) => octets.as_ptr(),
                Piece::Side(..) => std::ptr::null(),
            })
            .collect::<Vec<_>>()
    };
    let (one, other) = (pieces(mail().attach(file.clone())), pieces(mail().text("t").attach(file)));
    assert_eq!((one.len(), &one), (1, &other));
}

#[test]
fn the_type_follows_from_name_then_octets_and_can_be_said() {
    let table = [
        (Attachment::new("a.PDF", "x"), "application/pdf"),
        (Attachment::new("a.unknown-ext", b"\x89PNG\r\n\x1a\n"), "image/png"),
        (Attachment::new("a", "x"), "application/octet-stream"),
        (Attachment::new("a.ics", "x"), "text/calendar"),
        (Attachment::new("a.bin", "x").with_type("Image/X-Own"), "image/x-own"),
        (Attachment::new("a.pdf", "x").with_name("b.txt"), "application/pdf"),
    ];
    for (file, kind) in table {
        assert_eq!(file.media_type(), kind);
    }
    let text = |octets: &[u8]| String::from_utf8(octets_of(Attachment::new("a.txt", octets))).unwrap();
    assert!(text("ü".as_bytes()).contains("text/plain; charset=\"utf-8\""));
    assert!(text(b"\xfc").contains("Content-Type: text/plain\r\n"));
}

fn octets_of(file: Attachment) -> Vec<u8> {
    octets(mail().attach(file))
}

#[test]
fn what_is_wrong_with_an_attachment_is_told_when_the_mail_is_sent() {
    let table: [(NewMail, &str); 11] = [
        (mail().attach(Attachment::new("a\r\nX: y", "x")), "attachment name: there is a control"),
        (mail().attach(Attachment::new("a\tb", "x")), "attachment name: there is a control"),
        (
            mail().attach(Attachment::new("n".repeat(256), "x")),
            "attachment name: more than 255 octets: give a shorter one",
        ),
        (mail().attach(Attachment::new("a", "x").with_name("\u{7f}")), "attachment name: there is a control"),
        (
            mail().attach(Attachment::new("a", "x").with_type("text/plain; charset=x")),
            "with_type: \"text/plain; charset=x\"",
        ),
        (mail().attach(Attachment::new("a", "x").with_type("multipart/mixed")), "with_type: \"multipart/mixed\""),
        (mail().attach(Attachment::new("a", "x").with_type("message/rfc822")), "with_type: \"message/rfc822\""),
        (mail().attach(Attachment::new("a", "x").with_type("a/b\r\nc")), "with_type: \"a/b\\r\\nc\""),
        (mail().inline("a b", png()), "inline: \"a b\" is not a content id"),
        (mail().related("https://x/ü\r\n", png()), "related: \"https://x/ü\\r\\n\" is not a URI"),
        (mail().attach_file("/nowhere/at/all"), "attachment \"/nowhere/at/all\" cannot be read"),
    ];
    for (mail, message) in table {
        let error = mail.into_draft(&MAKING).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error} is not {message}");
    }
    let mut many = mail();
    for _ in 0..=crate::MAX_ATTACHMENTS {
        many = many.attach(Attachment::new("a", ""));
    }
    assert!(many
        .into_draft(&MAKING)
        .unwrap_err()
        .to_string()
        .starts_with("attach: more than 1000 attachments: pack them, or send several mails"));
}

#[test]
fn a_mail_of_a_gibibyte_is_refused_before_it_is_put_together() {
    let large = Attachment::new("a.bin", vec![0; 16 * 1024 * 1024]);
    let mut many = mail();
    for _ in 0..50 {
        many = many.attach(large.clone());
    }
    assert_eq!(many.into_draft(&MAKING).unwrap_err(), ComposeError::TooLarge);
}

/// A form of body that only a test knows.
struct Form(Result<&'static str, ()>);

impl BodySource for Form {
    fn into_body(self: Box<Self>, making: &Making<'_>) -> Result<MadeBody, ComposeError> {
        let not = |()| ComposeError::NotThis { field: "form", problem: "it is none".into(), instead: "give another" };
        let id = format!("{:x}", making.unique);
        let html = format!("<img src=\"cid:{id}\">");
        Ok(MadeBody { text: Some(self.0.map_err(not)?.into()), html: Some(html), inline: vec![(id, png())] })
    }
}

#[test]
fn a_body_in_another_form_becomes_text_and_page_when_the_mail_is_composed() {
    let table = [
        (mail().body(Form(Ok("t"))), "alternative(text/plain, related(text/html, image/png))"),
        (mail().body(Form(Ok("t"))).html("own"), "alternative(text/plain, text/html)"),
        (
            mail().body(Form(Ok("t"))).attach(pdf()),
            "mixed(alternative(text/plain, related(text/html, image/png)), application/pdf)",
        ),
    ];
    for (mail, expected) in table {
        assert_eq!(structure_of(mail), expected);
    }
    let error = mail().body(Form(Err(()))).into_draft(&MAKING).unwrap_err();
    assert_eq!(error.to_string(), "form: it is none: give another");
}
