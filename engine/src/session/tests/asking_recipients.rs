//! Sinks add recipients and drop them: at RCPT, DATA and BDAT, in SMTP and in LMTP.

use super::*;
use crate::{Address, Notify, Recipient};

const OPEN: &str = "HELO c\nMAIL FROM:<>\n";

fn address(text: &str) -> Recipient {
    Address::parse(text).unwrap().into()
}

fn adding(all: &[&str]) -> CommandEdits {
    CommandEdits { added: all.iter().map(|text| address(text)).collect(), ..CommandEdits::default() }
}

fn dropping(all: &[u32]) -> CommandEdits {
    CommandEdits { dropped: all.iter().map(|no| RcptNo(*no)).collect(), ..CommandEdits::default() }
}

/// The replies behind the second, and the recipients of the mail if there was one.
fn run(settings: &SessionSettings, kind: Kind, sinks: &dyn Sinks, text: &str) -> (Vec<String>, Vec<String>) {
    let text = text.replace('\n', "\r\n");
    let found = consulted(settings, &[kind], sinks, text.as_bytes());
    let names = found.iter().find_map(|event| match event {
        Event::Mail(names, ..) => Some(names[2..].to_vec()),
        _ => None,
    });
    (replies(&found).split_off(2), names.unwrap_or_default())
}

const OK: &str = "250 2.1.5 Recipient ok";
const GO: &str = "354 End with a dot on a line of its own";
const QUEUED: &str = "250 2.0.0 Ok: queued as id.1";
const NO_RELAY: &str = "550 5.7.1 We do not relay for you";
const NOBODY: &str = "554 5.5.1 No valid recipient";

#[test]
fn at_rcpt_a_sink_adds_others_and_the_client_is_told_of_its_own() {
    let table: [(&str, &[&str], &str, &[&str]); 5] = [
        ("x@here.example", &["a@o", "b@o"], OK, &["<x@here.example>", "<a@o>", "<b@o>"]),
        ("x@other", &["a@o"], NO_RELAY, &["<a@o>"]),
        ("x@other", &["a@o", "x@other"], OK, &["<x@other>", "<a@o>"]),
        ("x@here.example", &["x@here.example"], OK, &["<x@here.example>"]),
        ("x@here.example", &[], OK, &["<x@here.example>"]),
    ];
    for (named, added, reply, all) in table {
        let sink = |_: &Asked| adding(added);
        let (said, names) = run(&settings(), Kind::RcptTo, &sink, &format!("{OPEN}RCPT TO:<{named}>\nDATA\n.\n"));
        assert_eq!(said, [reply, GO, QUEUED], "{named} {added:?}");
        assert_eq!(names, all, "{named} {added:?}");
    }
}

#[test]
fn what_the_client_wants_to_hear_of_its_recipient_holds_when_a_sink_adds_it() {
    let settings = settings();
    let mut dialogue = Dialogue::with(&settings, KindSet::EMPTY.with(Kind::RcptTo), &|_: &Asked| adding(&["x@other"]));
    dialogue.send(b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@other> NOTIFY=NEVER\r\nDATA\r\n.\r\n");
    let arrival = dialogue.arrivals.pop().unwrap();
    let (_, recipient) = arrival.envelope.recipients.iter().next().unwrap();
    assert_eq!(recipient.notify, Some(Notify::NEVER));
}

#[test]
fn added_recipients_keep_to_the_limit_and_one_that_finds_no_room_is_not_said_to_be_taken() {
    let mut settings = settings();
    settings.limits.recipients = 2;
    let text = format!("{OPEN}RCPT TO:<x@here.example>\nRCPT TO:<y@other>\nDATA\n.\n");
    let sink = |asked: &Asked| match asked.said.argument.contains("y@other") {
        true => adding(&["y@other"]),
        false => adding(&["a@o", "b@o"]),
    };
    let (said, names) = run(&settings, Kind::RcptTo, &sink, &text);
    let full = "452 4.5.3 Too many recipients, send the others their own";
    assert_eq!((said, names.len()), (vec![OK.into(), full.into(), GO.into(), QUEUED.into()], 2));
}

#[test]
fn a_sink_that_refuses_the_recipient_may_add_another_in_its_place() {
    let sink = |_: &Asked| CommandEdits { added: vec![address("a@o")], ..refused(550, "Not that") };
    let text = format!("{OPEN}RCPT TO:<x@here.example>\nDATA\n.\n");
    let (said, names) = run(&settings(), Kind::RcptTo, &sink, &text);
    assert_eq!((said[0].as_str(), names), ("550 5.7.1 Not that", vec!["<a@o>".to_owned()]));
}

#[test]
fn a_mail_all_of_whose_recipients_are_dropped_has_no_valid_recipient_and_data_does_not_count() {
    let mut settings = settings();
    settings.limits.errors = 2;
    let text = format!("{OPEN}RCPT TO:<x@here.example>\nDATA\nDATA\n");
    let (said, _) = run(&settings, Kind::Data, &|_: &Asked| dropping(&[0]), &text);
    assert_eq!(said, [OK, NOBODY, NOBODY]);
}

#[test]
fn recipients_dropped_at_rcpt_make_room_and_the_others_stay() {
    let mut settings = settings();
    settings.limits.recipients = 1;
    let text = format!("{OPEN}RCPT TO:<x@here.example>\nRCPT TO:<y@here.example>\nDATA\n.\n");
    let (said, names) = run(&settings, Kind::RcptTo, &|_: &Asked| dropping(&[0]), &text);
    assert_eq!((said[..2].to_vec(), names), (vec![OK.to_owned(); 2], vec!["<y@here.example>".to_owned()]));
}

#[test]
fn at_data_added_recipients_count_before_it_is_judged() {
    let text = format!("{OPEN}RCPT TO:<x@other>\nDATA\n.\n");
    let (said, names) = run(&settings(), Kind::Data, &|_: &Asked| adding(&["a@o"]), &text);
    assert_eq!((said, names), (vec![NO_RELAY.into(), GO.into(), QUEUED.into()], vec!["<a@o>".to_owned()]));
    let text = format!("{OPEN}RCPT TO:<x@other>\nBDAT 0 LAST\n");
    let (said, names) = run(&settings(), Kind::Bdat, &|_: &Asked| adding(&["a@o"]), &text);
    assert_eq!((said, names), (vec![NO_RELAY.into(), QUEUED.into()], vec!["<a@o>".to_owned()]));
}

#[test]
fn without_a_mail_there_is_nothing_to_add_to() {
    let (said, _) = run(&settings(), Kind::RcptTo, &|_: &Asked| adding(&["a@o"]), "NOOP\nNOOP\nRCPT TO:<a@o>\n");
    assert_eq!(said, ["503 5.5.1 Say MAIL first"]);
}

fn lmtp() -> SessionSettings {
    SessionSettings { lmtp: true, ..settings() }
}

const THREE: &str =
    "LHLO c\nMAIL FROM:<>\nRCPT TO:<x@here.example>\nRCPT TO:<y@here.example>\nRCPT TO:<x@here.example>\n";

#[test]
fn in_lmtp_those_who_were_told_250_are_answered_dropped_or_not_and_those_whom_sinks_added_are_not() {
    let sink = |_: &Asked| CommandEdits { added: vec![address("a@o")], ..dropping(&[0]) };
    let (said, names) = run(&lmtp(), Kind::Data, &sink, &format!("{THREE}DATA\n.\nNOOP\n"));
    let queued = |to: &str| format!("250 2.1.5 <{to}@here.example> Ok: queued as id.1");
    assert_eq!(said[3..], [GO.into(), queued("x"), queued("y"), queued("x"), "250 2.0.0 Ok".to_owned()]);
    assert_eq!(names, ["<y@here.example>", "<x@here.example>", "<a@o>"]);
}

#[test]
fn in_lmtp_a_mail_of_which_nobody_would_hear_is_not_taken() {
    let text = "LHLO c\nMAIL FROM:<>\nRCPT TO:<x@other>\nDATA\nNOOP\n";
    let (said, _) = run(&lmtp(), Kind::RcptTo, &|_: &Asked| adding(&["a@o"]), text);
    assert_eq!(said, [NO_RELAY, "503 5.5.1 No valid recipient", "250 2.0.0 Ok"]);
    let text = "LHLO c\nMAIL FROM:<>\nRCPT TO:<x@other>\nDATA\n.\n";
    let (said, _) = run(&lmtp(), Kind::RcptTo, &|_: &Asked| adding(&["x@other"]), text);
    assert_eq!(said, [OK, GO, "250 2.1.5 <x@other> Ok: queued as id.1"]);
}

#[test]
fn in_lmtp_each_recipient_that_a_sink_refused_behind_the_content_hears_so_and_one_named_twice_twice() {
    let no = Reply::new(550, 7, 1, "Not for you");
    let mut session = Session::new(Arc::new(lmtp()), Peer::default(), "id");
    session.greeting();
    let mut input = BytesMut::from(format!("{THREE}DATA\n.\n").replace('\n', "\r\n").as_str());
    let mut said = Vec::new();
    while let Some(action) = session.step(&mut input) {
        match action {
            Action::Commit(_) => {
                let refused = [(RcptNo(1), no.clone()), (RcptNo(2), no.clone())];
                session.taken(Taken { id: Some("Q"), refused: &refused });
            }
            Action::Reply(reply) => said.push(reply.to_string()),
            _ => {}
        }
    }
    let no = "550 5.7.1 Not for you";
    assert_eq!(said.split_off(6), ["250 2.1.5 <x@here.example> Ok: queued as Q", no, no]);
}

#[test]
fn a_mail_that_was_discarded_is_taken_without_a_number() {
    for (settings, reply) in [(settings(), "250 2.0.0 Ok"), (lmtp(), "250 2.1.5 <postmaster> Ok")] {
        let mut session = Session::new(Arc::new(settings.clone()), Peer::default(), "id");
        session.greeting();
        let hello = if settings.lmtp { "LHLO c" } else { "EHLO c" };
        let mut input =
            BytesMut::from(format!("{hello}\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n.\r\n").as_str());
        let mut last = String::new();
        while let Some(action) = session.step(&mut input) {
            match action {
                Action::Commit(_) => session.taken(Taken::default()),
                Action::Reply(reply) => last = reply.to_string(),
                _ => {}
            }
        }
        assert_eq!(last, reply);
    }
}
