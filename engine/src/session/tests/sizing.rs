//! Mails larger than they may be: sinks are asked once, and the answer does not depend on how the octets came.

use super::*;

/// Lets mails have so many octets.
struct Allow(u64);

impl Sinks for Allow {
    fn asked(&self, _: &Asked) -> CommandEdits {
        CommandEdits::default()
    }

    fn oversize(&self, mail: &mut Oversize) {
        assert_eq!((mail.limit(), mail.sender().map(ToString::to_string)), (10, Some("a@b".into())));
        mail.allow(self.0);
    }
}

fn small() -> SessionSettings {
    let mut settings = settings();
    (settings.limits.message_size, settings.limits.drain) = (10, 5);
    settings
}

/// What happens behind RCPT.
fn behind(settings: &SessionSettings, allowed: u64, head: &str, text: &str) -> Vec<String> {
    let text = format!("HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\n{head}{text}");
    let found = consulted(settings, &[Kind::MaxMessageSize], &Allow(allowed), text.as_bytes());
    found.iter().flat_map(written).skip(3).collect()
}

const TOO_BIG: &str = "S: 552 5.3.4 The mail is too big";
const QUEUED: &str = "S: 250 2.0.0 Ok: queued as id.1";
const FAR: &str = "S: 421 4.3.4 The mail is far too big";

#[test]
fn data_that_grows_too_big_is_asked_about_once_at_the_first_octet_too_many() {
    let data = |octets: usize, allowed: u64| {
        let text = format!("{}\r\n.\r\n", "x".repeat(octets - 2));
        let mut found = behind(&small(), allowed, "DATA\r\n", &text);
        found.retain(|line| !line.contains("<a@b>") && !line.contains("354") && line != "= Begin");
        found
    };
    let asked = "= Oversize(11)";
    assert_eq!(data(10, 12), [QUEUED], "it is not too big");
    assert_eq!(data(12, 12), [asked, QUEUED]);
    assert_eq!(data(13, 12), [asked, "= Abandon", TOO_BIG]);
    assert_eq!(data(12, 10), [asked, "= Abandon", TOO_BIG], "less than it has");
    assert_eq!(data(17, 12), [asked, "= Abandon", TOO_BIG], "what is drained counts from there");
    assert_eq!(data(18, 12), [asked, "= Abandon", FAR, "= Close"]);
    assert_eq!(data(200, 1000), [asked, QUEUED]);
}

#[test]
fn a_chunk_is_asked_about_when_it_is_announced() {
    let table: [(&str, u64, &[&str]); 6] = [
        ("BDAT 6\r\n123456BDAT 4 LAST\r\n1234", 20, &["S: 250 2.0.0 6 octets taken", QUEUED]),
        ("BDAT 6\r\n123456BDAT 9 LAST\r\n123456789", 15, &["S: 250 2.0.0 6 octets taken", "= Oversize(15)", QUEUED]),
        ("BDAT 11 LAST\r\n12345678901", 10, &["= Oversize(11)", "= Abandon", TOO_BIG]),
        (
            "BDAT 11\r\n12345678901BDAT 9 LAST\r\n123456789",
            19,
            &["= Oversize(11)", "S: 250 2.0.0 11 octets taken", "= Abandon", TOO_BIG],
        ),
        ("BDAT 16 LAST\r\n1234567890123456", 16, &["= Oversize(16)", QUEUED]),
        ("BDAT 16 LAST\r\n1234567890123456", 15, &["= Oversize(16)", "= Abandon", FAR, "= Close"]),
    ];
    for (text, allowed, expected) in table {
        let mut found = behind(&small(), allowed, "", text);
        found.retain(|line| !line.contains("<a@b>") && line != "= Begin");
        assert_eq!(found, expected, "{text:?} {allowed}");
    }
}

#[test]
fn a_mail_that_announces_its_size_is_asked_about_before_it_begins() {
    let said = |allowed: u64, text: &str| {
        let text = format!("HELO c\r\nMAIL FROM:<a@b> SIZE=12\r\nRCPT TO:<x@here.example>\r\nDATA\r\n{text}");
        let found = consulted(&small(), &[Kind::MaxMessageSize], &Allow(allowed), text.as_bytes());
        let asked = found.iter().filter(|event| matches!(event, Event::Oversize(12))).count();
        assert_eq!(asked, 1, "{found:?}");
        replies(&found)
    };
    let taken = said(12, "1234567890\r\n.\r\n");
    assert_eq!((&taken[1][..3], taken[4].as_str()), ("250", "250 2.0.0 Ok: queued as id.1"));
    assert_eq!(said(12, "1234567890x\r\n.\r\n")[4], "552 5.3.4 The mail is too big");
    let first = "503 5.5.1 Say MAIL first";
    assert_eq!(said(11, "")[1..], ["552 5.3.4 The mail is too big", first, first]);
}

#[test]
fn each_mail_is_asked_about_and_the_next_one_has_the_old_limit() {
    let mail = "MAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n123456789\r\n.\r\n";
    let text = format!("HELO c\r\n{mail}{mail}");
    let found = consulted(&small(), &[Kind::MaxMessageSize], &Allow(11), text.as_bytes());
    assert_eq!(found.iter().filter(|event| **event == Event::Oversize(11)).count(), 2, "{found:?}");
}

#[test]
fn what_else_is_wrong_with_a_mail_is_said_of_a_big_one_too() {
    for text in ["12345678901\n\r\n.\r\n", "a\n45678901234\r\n.\r\n"] {
        let found = behind(&small(), 1000, "DATA\r\n", text);
        assert_eq!(found.last().unwrap(), "S: 550 5.6.11 A bare CR or LF in the mail", "{found:?}");
    }
}

#[test]
fn an_octet_held_back_to_the_end_is_asked_about_too() {
    let settings = SessionSettings { bare_newlines_from: lenient().bare_newlines_from, ..small() };
    for (allowed, end) in [(11, QUEUED), (10, TOO_BIG)] {
        let found = behind(&settings, allowed, "", "BDAT 9 LAST\r\na\na\n5678\rNOOP\r\n");
        assert!(found.contains(&"= Oversize(11)".to_owned()) && found.contains(&end.to_owned()), "{found:?}");
        assert_eq!(found.last().unwrap(), "S: 250 2.0.0 Ok");
    }
}
