//! Which octets are a mail, what is made of them, and which envelope a header says.

use mail_parser::MessageParser;
use proptest::prelude::*;

use super::*;
use crate::{compose::RawProblem, Moment};

const NOW: Moment = Moment(1_795_156_274_000);
const MAKING: Making<'_> = Making { now: NOW, host: "mail.example.org", unique: 0xabc };

fn raw(octets: impl Into<Bytes>) -> RawMail {
    RawMail::new(octets).from("ann@example.org").to("bob@example.net")
}

fn draft(mail: RawMail) -> Draft {
    mail.into_draft(&MAKING).unwrap_or_else(|error| panic!("{error}"))
}

fn text(mail: RawMail) -> String {
    String::from_utf8(draft(mail).content.all(99_999).unwrap().to_vec()).unwrap()
}

fn refused(mail: RawMail) -> ComposeError {
    mail.into_draft(&MAKING).unwrap_err()
}

/// Sender and recipients that this header says.
fn envelope_of(header: &'static str) -> Result<(String, Vec<String>), ComposeError> {
    let envelope = RawMail::new(format!("{header}\n\nText\n")).envelope_from_header().into_draft(&MAKING)?.envelope;
    let recipients = envelope.recipients.iter().map(|(_, one)| one.address.to_string()).collect();
    Ok((envelope.sender.unwrap().to_string(), recipients))
}

#[test]
fn only_line_ends_are_changed() {
    let table = [
        ("A: b\r\n\r\ntext\r\n", "A: b\r\n\r\ntext\r\n"),
        ("A: b\n c\n\ntext\n\n", "A: b\r\n c\r\n\r\ntext\r\n\r\n"),
        ("A: b\r\n\r\nmixed\nlines", "A: b\r\n\r\nmixed\r\nlines\r\n"),
        ("A: b", "A: b\r\n"),
        ("A: b\n\n", "A: b\r\n\r\n"),
        ("Bcc: x@y\nA : b\n\n.\n", "Bcc: x@y\r\nA : b\r\n\r\n.\r\n"),
    ];
    for (given, sent) in table {
        assert_eq!(text(raw(given)), sent, "{given:?}");
    }
}

#[test]
fn octets_that_are_right_already_are_not_copied() {
    let octets = Bytes::from("A: b\r\n\r\ntext\r\n".to_owned());
    let content = draft(raw(octets.clone())).content;
    let [Piece::Memory(sent)] = content.pieces() else { panic!("one piece") };
    assert_eq!(sent.as_ptr(), octets.as_ptr());
}

#[test]
fn what_is_no_mail_is_refused_and_told_where() {
    let long = |n: usize| "x".repeat(n);
    let table: [(String, RawProblem); 13] = [
        ("".into(), RawProblem::NoHeader),
        ("\nText\n".into(), RawProblem::NoHeader),
        ("Text without header\n".into(), RawProblem::NoHeader),
        ("From ann Fri Nov 20\nA: b\n\n".into(), RawProblem::NoHeader),
        (" A: b\n\n".into(), RawProblem::NoHeader),
        ("A: b\nC: d\n e\nno field\n\nText".into(), RawProblem::NotAField { line: 4 }),
        ("A: b\n\nx\0y".into(), RawProblem::Nul { at: 7 }),
        ("A: b\n\nx\ry\n".into(), RawProblem::BareCr { at: 7 }),
        ("A: b\r\r\n\n".into(), RawProblem::BareCr { at: 4 }),
        ("A: b\n\ny\r".into(), RawProblem::BareCr { at: 7 }),
        (format!("A: b\n\n{}\n", long(999)), RawProblem::LongLine { line: 3 }),
        (format!("A: b\r\n\r\n{}", long(999)), RawProblem::LongLine { line: 3 }),
        (format!("A: {}\n\n", long(996)), RawProblem::LongLine { line: 1 }),
    ];
    for (octets, problem) in table {
        assert_eq!(refused(raw(octets.clone())), ComposeError::Raw(problem), "{octets:?}");
    }
    assert_eq!(refused(raw(&b"A: \xff\r\n\r\n"[..])), ComposeError::Raw(RawProblem::NotUtf8));
    assert_eq!(refused(raw("A: b\r\n".repeat(90_000))), ComposeError::LongHeader);
    text(raw(format!("A: {}\n\n{}\n{}", long(995), long(998), long(998))));
}

#[test]
fn body_and_smtputf8_follow_from_the_octets() {
    let table: [(&[u8], Body, bool); 4] = [
        (b"A: b\n\ntext", Body::SevenBit, false),
        (b"A: b\n\n\xff", Body::EightBitMime, false),
        ("A: ü\n\ntext".as_bytes(), Body::EightBitMime, true),
        ("A: b\n\nü".as_bytes(), Body::EightBitMime, false),
    ];
    for (octets, body, smtputf8) in table {
        let envelope = draft(raw(octets)).envelope;
        assert_eq!((envelope.body, envelope.smtputf8), (body, smtputf8), "{octets:?}");
    }
    let envelope = draft(raw("A: b\n\n").to("ü@x")).envelope;
    assert_eq!((envelope.body, envelope.smtputf8), (Body::SevenBit, true));
}

#[test]
fn the_header_says_from_whom_and_to_whom() {
    let table: [(&str, &str, &[&str]); 9] = [
        ("From: Ann <a@x>\nTo: b@x", "a@x", &["b@x"]),
        ("From: a@x, c@x\nSender: c@x\nTo: b@x\nCc: d@x,\n\tE <e@x>\nBCC: f@x", "c@x", &["b@x", "d@x", "e@x", "f@x"]),
        ("From: a@x\nTo: b@x\nTo: c@x, B@X, b@X\nbcc: undisclosed-recipients:;", "a@x", &["b@x", "c@x", "B@X"]),
        ("From: =?utf-8?Q?J=2C_B?= <a@x>\nTo: Team: b@x, c@x;", "a@x", &["b@x", "c@x"]),
        ("Resent-From: r@x\nResent-To: s@x\nFrom: a@x\nTo: b@x\nBcc: c@x", "r@x", &["s@x"]),
        ("Resent-From: r@x, q@x\nResent-Sender: q@x\nResent-Bcc: s@x\nTo: b@x", "q@x", &["s@x"]),
        ("Resent-To: new@x\nResent-From: r@x\nResent-From: o@x\nResent-Cc: old@x\nTo: b@x", "r@x", &["new@x"]),
        ("Resent-To: new@x\nResent-From: r@x\nReceived: y\nResent-Cc: old@x\nTo: b@x", "r@x", &["new@x"]),
        ("From: a@bücher.example\nTo: b@x", "a@xn--bcher-kva.example", &["b@x"]),
    ];
    for (header, sender, recipients) in table {
        let (from, to) = envelope_of(header).unwrap_or_else(|error| panic!("{header}: {error}"));
        assert_eq!((from.as_str(), to), (sender, recipients.iter().map(|to| to.to_string()).collect()), "{header}");
    }
}

#[test]
fn a_header_of_which_not_all_is_understood_is_refused() {
    let table = [
        ("To: b@x", "the mail is from nobody"),
        ("From: a@x, b@x\nTo: c@x", "the mail has several authors"),
        ("From: a@x\nSubject: x", "the mail has no recipient"),
        ("From: a@x\nTo: b@x, somebody", "To: \"b@x, somebody\" is no mailbox"),
        ("From: a@x\nTo: b@x: c@x", "To: \"b@x: c@x\" is no mailbox: a colon stands behind an address"),
        ("From: a@x\nTo: b@x\nBcc: <c@x", "Bcc: \"<c@x\" is no mailbox: < is not closed"),
    ];
    for (header, message) in table {
        let error = envelope_of(header).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error} is not {message}");
    }
    assert_eq!(refused(RawMail::new("A: b\n\n").to("a@x")), ComposeError::NoEnvelopeSender);
    assert_eq!(refused(RawMail::new("A: b\n\n").null_sender()), ComposeError::NoRecipient);
    assert!(matches!(refused(raw("A: b\n\n").to("x")), ComposeError::Mailbox { field: "to", .. }));
    assert!(matches!(refused(raw("A: b\n\n").from("x@")), ComposeError::Mailbox { field: "from", .. }));
}

#[test]
fn blind_copies_are_taken_out_where_the_envelope_comes_from_the_header() {
    let mail = "From: a@x\nBcc: b@x,\n c@x\nTo: d@x\nbcc: e@x\nResent-Bcc: f@x\n\nBcc: in the text\n";
    let sent = text(RawMail::new(mail).envelope_from_header().null_sender());
    assert_eq!(sent, "From: a@x\r\nTo: d@x\r\n\r\nBcc: in the text\r\n");
    assert!(text(raw(mail)).contains("\r\nbcc: e@x\r\n"));
}

#[test]
fn date_and_message_id_are_added_only_where_they_are_missing_and_asked_for() {
    assert_eq!(text(raw("A: b\n\n")), "A: b\r\n\r\n");
    let added = "Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n\
                 Message-ID: <00000000000000000000000000000abc@mail.example.org>\r\n";
    assert_eq!(text(raw("A: b\n\n").complete()), format!("{added}A: b\r\n\r\n"));
    let both = "date: x\r\nmessage-id: <y>\r\n\r\n";
    assert_eq!(text(raw(both).complete()), both);
}

#[test]
fn the_options_of_delivery_are_those_of_a_new_mail() {
    let mail = raw("A: b\n\n").notify(Notify::NEVER).ret(Ret::Full).envid("x y").priority(QueuePriority::Low);
    let envelope = draft(mail.not_before(Moment(NOW.0 + 5)).expires(Moment(NOW.0 + 6))).envelope;
    assert_eq!((envelope.ret, envelope.envid.as_deref()), (Some(Ret::Full), Some("x+20y")));
    assert_eq!((envelope.priority, envelope.not_before), (QueuePriority::Low, Some(Moment(NOW.0 + 5))));
    assert_eq!(envelope.recipients.iter().next().unwrap().1.notify, Some(Notify::NEVER));
    let shown = format!("{:?}", raw("A: secret\n\n"));
    assert!(!shown.contains("secret"), "{shown}");
}

proptest! {
    #[test]
    fn any_octets_are_a_mail_that_all_readers_read_alike_or_refused(
        text in "(From: a@x\n|To: b@x, c@x\n|Bcc: d@x\r\n|Resent-To: e@x\n|A: b|C|:| |\t|\r|\n|\r\n|\u{0}|ü|<|\"){0,16}",
        reads_header in any::<bool>(),
    ) {
        let mail = raw(text.clone());
        let mail = if reads_header { mail.envelope_from_header() } else { mail };
        if let Ok(draft) = mail.complete().into_draft(&MAKING) {
            let octets = draft.content.all(9999).unwrap();
            let end = crate::header::header_len(&octets);
            prop_assert!(octets[end..].is_empty() || octets[end..].starts_with(b"\r\n"));
            prop_assert!(octets.ends_with(b"\r\n") && !octets.contains(&0));
            let bare = octets.split(|octet| *octet == b'\n').rev().skip(1).find(|line| !line.ends_with(b"\r"));
            prop_assert_eq!(bare, None);
            let ours = crate::header::fields(&octets).count();
            let read = MessageParser::new().parse(&octets[..]);
            prop_assert_eq!(read.map_or(0, |read| read.headers().len()), ours, "{:?}", octets);
        }
    }
}
