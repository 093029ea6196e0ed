//! Whom a report tells, what it says, and what it lets nobody say.

use std::{collections::BTreeMap, sync::Arc};

use mail_parser::{MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;

use super::*;
use crate::{Content, Diagnosis, Hold, Notify, Piece, QueueId, RcptNo, Reply, Ret, Scope};

const NOW: Moment = Moment(1_795_156_274_000);
const ALL: Notify = Notify { success: true, failure: true, delay: true };
const FATES: [Fate; 5] = [Fate::Failed, Fate::Delayed, Fate::Delivered, Fate::Relayed, Fate::Expanded];
const MAIL: &str = "Subject: hello\r\nFrom: <ann@example.org>\r\n\r\nbody\r\n";

fn settings() -> ReportSettings {
    ReportSettings::new("post.example").unwrap()
}

fn recipient(address: &str) -> Recipient {
    Address::parse(address).unwrap().into()
}

fn refused(text: &'static str) -> Story {
    tried(Fate::Failed, Reply::new(550, 1, 1, text))
}

/// An attempt has just ended with this reply of a host.
fn tried(fate: Fate, reply: Reply) -> Story {
    let last = Diagnosis::remote(Scope::Recipient, reply, "mx.example.net");
    Story { attempts: 1, just_tried: true, ..Story::of(fate, Some(last)) }
}

fn news(envelope: Envelope, content: Content, who: impl IntoIterator<Item = (u32, Story)>) -> News {
    let who: BTreeMap<RcptNo, Story> = who.into_iter().map(|(no, story)| (RcptNo(no), story)).collect();
    let hold = Hold::new(QueueId(0x2A), Arc::new(|_| {}));
    News::new(hold, Arc::new(Draft::new(envelope, content)), who).unwrap()
}

fn from_ann(recipients: impl IntoIterator<Item = Recipient>) -> Envelope {
    from("ann@example.org", recipients)
}

fn from(sender: &str, recipients: impl IntoIterator<Item = Recipient>) -> Envelope {
    let sender = Some(Address::parse(sender).unwrap());
    let arrived = NOW - std::time::Duration::from_secs(3600);
    Envelope { sender, recipients: recipients.into_iter().collect(), arrived, ..Envelope::default() }
}

fn octets(content: &Content) -> Vec<u8> {
    content.head(usize::MAX).unwrap()
}

fn report_on(news: &News) -> (Draft, Vec<u8>) {
    let draft = report(news, &settings(), NOW, 0xC0FFEE).unwrap();
    let octets = octets(&draft.content);
    (draft, octets)
}

/// The three parts below the multipart: text, status, type of the last, content of the last.
fn parts(octets: &[u8]) -> (String, String, String, Vec<u8>) {
    let message = MessageParser::new().parse(octets).unwrap();
    let kind = message.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("report")));
    assert_eq!(kind.attribute("report-type"), Some("delivery-status"));
    let PartType::Multipart(parts) = &message.parts[0].body else { panic!("not a multipart") };
    assert_eq!(parts.len(), 3);
    let part = |at: usize| &message.parts[parts[at] as usize];
    let raw = |at: usize| octets[part(at).offset_body as usize..part(at).offset_end as usize].to_vec();
    let last = part(2).content_type().unwrap();
    let kind = format!("{}/{}", last.ctype(), last.subtype().unwrap());
    let text = part(0).text_contents().unwrap().replace("\r\n", "\n");
    (text, String::from_utf8(raw(1)).unwrap(), kind, raw(2))
}

#[test]
fn a_report_tells_person_and_program_who_failed_and_why() {
    let mut bob = recipient("bob@example.net");
    bob.orcpt = Some("rfc822;bobby+2Btag@example.net".into());
    let mut envelope = from_ann([bob, recipient("carl@example.net"), recipient("dora@example.net")]);
    envelope.envid = Some("QQ+3D314".into());
    let late = Diagnosis::own(Scope::Hop, Reply::new(451, 4, 1, "no host could be reached"));
    let late = Story { attempts: 37, just_tried: true, ..Story::of(Fate::Failed, Some(late)) };
    let failed =
        news(envelope, Content::new(MAIL), [(0, refused("no such user\nsee https://example.net/1")), (2, late)]);
    let (draft, octets) = report_on(&failed);

    assert_eq!((draft.envelope.sender.as_ref(), draft.envelope.door), (None, Door::Report));
    assert_eq!(draft.envelope.recipients.iter().next().unwrap().1.address.as_str(), "ann@example.org");
    assert_eq!((draft.envelope.arrived, draft.envelope.body), (NOW, Body::SevenBit));
    let message = MessageParser::new().parse(&octets).unwrap();
    assert_eq!(message.header_raw("Auto-Submitted").unwrap().trim(), "auto-replied");
    assert_eq!(message.header_raw("MIME-Version").unwrap().trim(), "1.0");
    assert_eq!(message.message_id(), Some("report.0000002A.0.1a1f7a6eb50@post.example"));
    assert_eq!(message.date().unwrap().to_timestamp() as u64, NOW.seconds());
    assert_eq!(message.from().unwrap().first().unwrap().address(), Some("postmaster@post.example"));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("ann@example.org"));

    let (text, status, kind, returned) = parts(&octets);
    assert!(text.contains("<bob@example.net>\n    The mail could not be delivered. It was tried once.\n    mx.example.net said:\n        550 5.1.1 no such user\n        550 5.1.1 see https://example.net/1\n"), "{text}");
    assert!(text.contains("<dora@example.net>\n    The mail could not be delivered in time. It was kept for 60 minutes, and its time is over. It was tried 37 times.\n    The reason:\n        451 4.4.1 no host could be reached\n"), "{text}");
    assert!(!text.contains("carl"));
    let expected = "Reporting-MTA: dns; post.example\r\n\
        Original-Envelope-Id: QQ=314\r\n\
        Arrival-Date: Fri, 20 Nov 2026 05:31:14 +0000\r\n\
        \r\n\
        Original-Recipient: rfc822;bobby+tag@example.net\r\n\
        Final-Recipient: rfc822; bob@example.net\r\n\
        Action: failed\r\n\
        Status: 5.1.1\r\n\
        Remote-MTA: dns; mx.example.net\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 no such user see https://example.net/1\r\n\
        Last-Attempt-Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n\
        \r\n\
        Final-Recipient: rfc822; dora@example.net\r\n\
        Action: failed\r\n\
        Status: 4.4.1\r\n\
        Diagnostic-Code: X-Postrider; 451 4.4.1 no host could be reached\r\n\
        Last-Attempt-Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n";
    assert_eq!(status, expected);
    assert_eq!((kind.as_str(), returned), ("message/rfc822", MAIL.as_bytes().to_vec()));
}

#[test]
fn nobody_is_told_who_did_not_want_to_be() {
    let to = |notify: Option<Notify>| Recipient { notify, ..recipient("bob@example.net") };
    let success = Notify { success: true, ..Notify::NEVER };
    let failure = Notify { failure: true, ..Notify::NEVER };
    let silent = news(
        from_ann([to(Some(Notify::NEVER)), to(Some(success))]),
        Content::new(MAIL),
        [(0, refused("")), (1, refused(""))],
    );
    assert!(report(&silent, &settings(), NOW, 1).is_none());
    let one = news(
        from_ann([to(Some(Notify::NEVER)), to(Some(failure))]),
        Content::new(MAIL),
        [(0, refused("")), (1, refused(""))],
    );
    let (_, octets) = report_on(&one);
    assert_eq!(parts(&octets).1.matches("Final-Recipient").count(), 1);
    let null = Envelope { sender: None, ..from_ann([to(None)]) };
    assert!(report(&news(null, Content::new(MAIL), [(0, refused(""))]), &settings(), NOW, 1).is_none());
}

#[test]
fn a_mail_that_was_perhaps_delivered_is_not_said_to_have_failed() {
    let perhaps = Story { perhaps: true, ..refused("") };
    let (_, octets) = report_on(&news(from_ann([recipient("bob@example.net")]), Content::new(MAIL), [(0, perhaps)]));
    let (text, status, ..) = parts(&octets);
    assert!(text.contains("may have been delivered") && !text.contains("could not be delivered"), "{text}");
    assert!(status.contains("X-Postrider-Perhaps-Delivered: yes\r\n"));
    assert_eq!(MessageParser::new().parse(&octets).unwrap().subject(), Some("Your mail may not have been delivered"));
}

#[test]
fn a_mail_comes_back_whole_or_as_its_header() {
    struct Side;
    impl crate::SideFile for Side {
        fn name(&self) -> &str {
            "side"
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::Other.into())
        }
    }
    let header = MAIL.split_inclusive("\r\n").take(2).collect::<String>();
    let plain = || from_ann([recipient("bob@example.net")]);
    let short = Envelope { ret: Some(Ret::Headers), ..plain() };
    let binary = Envelope { body: Body::BinaryMime, ..plain() };
    let large = Content::new(format!("{MAIL}{}", "x".repeat(60_000)));
    let aside = Content::from_pieces(vec![Piece::Memory(MAIL.into()), Piece::Side(Arc::new(Side), 0..9)]);
    for (envelope, content, kind, returned) in [
        (plain(), Content::new(MAIL), "message/rfc822", MAIL),
        (short, Content::new(MAIL), "text/rfc822-headers", header.as_str()),
        (binary, Content::new(MAIL), "text/rfc822-headers", &header),
        (plain(), large, "text/rfc822-headers", &header),
        (plain(), aside, "text/rfc822-headers", &header),
        (plain(), Content::new("\r\nno header"), "message/rfc822", "\r\nno header"),
        (plain(), Content::new(""), "message/rfc822", ""),
    ] {
        let (_, octets) = report_on(&news(envelope, content, [(0, refused("no"))]));
        let (.., last, back) = parts(&octets);
        assert_eq!((last.as_str(), back), (kind, returned.as_bytes().to_vec()));
    }
}

#[test]
fn a_returned_mail_is_the_same_memory() {
    let failed = news(from_ann([recipient("bob@example.net")]), Content::new(MAIL), [(0, refused("no"))]);
    let (draft, _) = report_on(&failed);
    let (Piece::Memory(sent), Piece::Memory(back)) = (&failed.draft.content.pieces()[0], &draft.content.pieces()[1])
    else {
        panic!("both are in memory");
    };
    assert_eq!(sent.as_ptr(), back.as_ptr());
}

#[test]
fn mail_that_is_not_ascii_is_returned_as_what_it_is() {
    let utf8 = Envelope { smtputf8: true, ..from_ann([recipient("jürgen@example.net")]) };
    let (draft, octets) = report_on(&news(utf8, Content::new("Subject: grüße\r\n\r\nx"), [(0, refused("no"))]));
    assert_eq!((draft.envelope.body, draft.envelope.smtputf8), (Body::EightBitMime, false));
    let (text, status, kind, _) = parts(&octets);
    assert_eq!(kind, "message/global");
    assert!(text.contains("<jürgen@example.net>"));
    assert!(status.contains("Final-Recipient: utf-8; j\\x{FC}rgen@example.net\r\n"), "{status}");
    let mut from_outside = from_ann([recipient("bob@example.net")]);
    from_outside.sender = Some(Address::parse("jürgen@example.org").unwrap());
    let (draft, octets) = report_on(&news(from_outside, Content::new(MAIL), [(0, refused("no"))]));
    assert!(draft.envelope.smtputf8);
    assert_eq!(parts(&octets).2, "message/rfc822");
}

#[test]
fn a_mail_that_foretells_the_boundary_gains_nothing() {
    let forged = "Subject: x\r\n\r\n--report.0000000000c0ffee\r\n\r\nforged\r\n--report.0000000000c0ffef--\r\n";
    for cut in 0..forged.len() {
        let pieces = [&forged[..cut], &forged[cut..]].map(|piece| Piece::Memory(piece.to_owned().into()));
        let failed = news(from_ann([recipient("b@x")]), Content::from_pieces(pieces.into()), [(0, refused("no"))]);
        let (_, octets) = report_on(&failed);
        assert_eq!(parts(&octets).3, forged.as_bytes(), "cut at {cut}");
    }
}

#[test]
fn two_reports_about_one_mail_are_two_mails() {
    let both = [recipient("b@x"), recipient("c@x")];
    let id = |no: u32| {
        let (_, octets) = report_on(&news(from_ann(both.clone()), Content::new(MAIL), [(no, refused("no"))]));
        MessageParser::new().parse(&octets).unwrap().message_id().unwrap().to_owned()
    };
    assert_ne!(id(0), id(1));
}

/// Names of the header fields and of the status fields, and how many parts there are.
fn shape(octets: &[u8]) -> (Vec<String>, Vec<String>) {
    let message = MessageParser::new().parse(octets).unwrap();
    let header = message.headers().iter().map(|header| header.name().to_owned()).collect();
    let (_, status, ..) = parts(octets);
    let fields =
        status.lines().filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next().unwrap().to_owned());
    (header, fields.collect())
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop::sample::select(&FATES[..])
}

proptest! {
    #[test]
    fn nothing_from_outside_leaves_its_field_or_its_part(
        local in "[a-z]{1,64}", said in any::<String>(), host in any::<String>(), envid in any::<String>(),
        orcpt in any::<String>(), code in 200u16..600, body in any::<Vec<u8>>(), fate in any_fate(), global in any::<bool>(),
    ) {
        let harmless = ["harmless"; 4].map(String::from);
        let sender = if global { "jürgen@example.org" } else { "ann@example.org" };
        let report = |[said, host, envid, orcpt]: [String; 4]| {
            let mut bob = recipient(&format!("{local}@example.net"));
            bob.orcpt = Some(orcpt);
            bob.notify = Some(ALL);
            let reply = Reply { code, enhanced: None, text: said.into() };
            let last = Some(Diagnosis::remote(Scope::Mail, reply, host));
            let story = Story { attempts: 1, until: Some(NOW), ..Story::of(fate, last) };
            let envelope = Envelope { envid: Some(envid), ..from(sender, [bob]) };
            report_on(&news(envelope, Content::new([MAIL.as_bytes(), &body].concat()), [(0, story)])).1
        };
        let octets = report([said, host, envid, orcpt]);
        prop_assert_eq!(shape(&octets), shape(&report(harmless)));
        if fate == Fate::Failed {
            prop_assert_eq!(parts(&octets).3, [MAIL.as_bytes(), &body].concat());
        }
    }
}

#[test]
fn attempts_to_break_out_end_in_their_line() {
    let evil = "550 x\r\n\r\n--report.0000000000000000\r\nContent-Type: text/html\r\n\r\n<h1>\nBcc: eve@example.org\u{2028}\u{202e}";
    let mut bob = recipient("bob@example.net");
    bob.orcpt = Some("rfc822;x+0D+0AAction:+20delivered".into());
    let reply = Reply { code: 550, enhanced: None, text: evil.into() };
    let failure = Story::of(Fate::Failed, Some(Diagnosis::remote(Scope::Mail, reply, "mx\r\nBcc: x")));
    let envelope = Envelope { envid: Some("x+0D+0A+0D+0ASubject:+20y".into()), ..from_ann([bob]) };
    let (_, octets) = report_on(&news(envelope, Content::new(MAIL), [(0, failure)]));
    let (text, status, ..) = parts(&octets);
    assert_eq!(status.matches("\r\nAction:").count(), 1, "{status}");
    assert!(!text.lines().any(|line| line.starts_with("Bcc") || line.starts_with("--")), "{text}");
    assert!(!text.contains(['\u{2028}', '\u{202e}']));
    assert_eq!(MessageParser::new().parse(&octets).unwrap().bcc(), None);
}

#[path = "tests_kinds.rs"]
mod kinds;
