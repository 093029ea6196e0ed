//! What the readers of a mail get whose body was given as RTF.

use mail_parser::{MessageParser, MimeHeaders};
use postrider_convert::rtf::{encapsulate_html, from_text};
use postrider_engine::{Moment, Outgoing};

use super::*;

const MAKING: Making<'_> = Making { now: Moment(1_795_156_274_000), host: "mail.example.org", unique: 0xBEEF };
/// The first octets of a PNG.
const PNG: &str = "89504e470d0a1a0a";

fn mail() -> NewMail {
    NewMail::new().from("ann@example.org").to("bob@example.net")
}

fn octets(mail: NewMail) -> Vec<u8> {
    mail.into_draft(&MAKING).unwrap().content.all(1 << 20).unwrap().to_vec()
}

/// The first text and the first page, and the types of the parts.
fn read(mail: NewMail) -> (Option<String>, Option<String>, Vec<String>) {
    let octets = octets(mail);
    let message = MessageParser::new().parse(&octets).unwrap();
    let own = |part: &u32| message.parts[*part as usize].text_contents().unwrap().replace("\r\n", "\n");
    let text = message.text_body.first().filter(|part| message.parts[**part as usize].is_text()).map(own);
    let is_page = |part: &&u32| message.parts[**part as usize].is_text_html();
    let html = message.html_body.iter().find(is_page).map(own);
    let kinds = message.parts.iter().filter_map(|part| part.content_type());
    (text, html, kinds.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("?"))).collect())
}

#[test]
fn rtf_is_drawn_as_text_and_page_with_pictures_that_no_other_mail_has() {
    let rtf = format!(r"{{\rtf1\ansi Hello {{\b Bob}}\par {{\pict\pngblip\picw1\pich1 {PNG}}}\par}}");
    let (text, html, kinds) = read(mail().rtf(rtf.clone()));
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
    assert!(text.unwrap().starts_with("Hello Bob\n"));
    let html = html.unwrap();
    assert!(html.contains("Hello <b>Bob</b>"), "{html}");
    let id = "0000000000000000000000000000beef.picture1@rtf";
    assert!(html.contains(&format!("src=\"cid:{id}\"")), "{html}");
    let octets = octets(mail().rtf(rtf));
    let picture = MessageParser::new().parse(&octets).unwrap().parts[4].clone();
    assert_eq!((picture.content_id(), picture.attachment_name()), (Some(id), Some("picture1.png")));
    assert_eq!(picture.contents(), b"\x89PNG\r\n\x1a\n");
}

#[test]
fn what_was_html_or_text_before_it_was_rtf_is_that_again() {
    let page = "<p>Gr\u{fc}\u{df}e, <i class=x>Bob</i></p>";
    let (text, html, _) = read(mail().rtf(encapsulate_html(page, Limits::default()).unwrap()));
    assert_eq!((text.as_deref().map(str::trim), html.as_deref()), (Some("Gr\u{fc}\u{df}e, Bob"), Some(page)));
    let (text, _, kinds) = read(mail().rtf(from_text("a\n  b {c}\n", Limits::default()).unwrap()));
    assert_eq!((text.as_deref(), kinds), (Some("a\n  b {c}\n"), vec!["text/plain".to_owned()]));
}

#[test]
fn a_text_or_page_of_the_programs_own_goes_before_what_would_be_made_whichever_was_set_first() {
    let rtf = || format!(r"{{\rtf1 Hello{{\pict\pngblip {PNG}}}}}");
    for mail in [mail().text("Mine").rtf(rtf()), mail().rtf(rtf()).text("Mine")] {
        let (text, html, _) = read(mail);
        assert!(text.as_deref() == Some("Mine") && html.unwrap().contains("Hello"));
    }
    let (text, html, kinds) = read(mail().html("<p>Mine").rtf(rtf()));
    assert!(text.unwrap().starts_with("Hello") && html.as_deref() == Some("<p>Mine"));
    assert!(!kinds.iter().any(|kind| kind == "image/png"), "nobody would show it: {kinds:?}");
}

#[test]
fn what_is_no_rtf_is_not_sent_and_what_is_damaged_is_as_far_as_it_goes() {
    for octets in ["", "Hello", "<p>Hello"] {
        let error = mail().rtf(octets).into_draft(&MAKING).unwrap_err();
        assert!(matches!(error, ComposeError::NotThis { field: "rtf", .. }), "{error:?}");
        assert!(error.to_string().starts_with("rtf: this is no RTF"), "{error}");
        assert!(!crate::SendError::from(error).is_temporary());
    }
    let (text, ..) = read(mail().rtf(*br"{\rtf1 Hello {\b Bo"));
    assert_eq!(text.as_deref(), Some("Hello Bo"));
}

#[test]
fn more_pictures_than_a_mail_may_have_are_an_error_and_lines_are_no_longer_than_mail_has_them() {
    let pictures = format!("{{\\pict\\pngblip {PNG}}}").repeat(1001);
    let error = mail().rtf(format!("{{\\rtf1 a{pictures}}}")).into_draft(&MAKING).unwrap_err();
    assert!(matches!(error, ComposeError::TooMuch { limit: 1000, .. }), "{error:?}");
    let (text, ..) = read(mail().rtf(format!("{{\\rtf1 {}}}", "word ".repeat(100))));
    assert!(text.unwrap().lines().all(|line| line.len() <= COLUMNS));
}
