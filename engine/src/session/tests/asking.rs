//! Sinks are asked about commands: what they are told, what they may change, and what follows from it.

use super::*;
use crate::events::KINDS;

/// The replies to these lines, with sinks that answer so.
fn said(kinds: &[Kind], sinks: &dyn Sinks, text: &str) -> Vec<String> {
    replies(&consulted(&settings(), kinds, sinks, text.replace('\n', "\r\n").as_bytes()))
}

fn with_argument(argument: &str) -> CommandEdits {
    CommandEdits { argument: Some(argument.into()), ..CommandEdits::default() }
}

#[test]
fn every_verb_is_its_event_and_comes_with_what_we_would_say() {
    let text =
        "NOOP x\nHELO c\nmail from:<a@b>\nRCPT TO:<x@here.example>\nRCPT TO:<x@other>\nRCPT x\nDATA x\nRSET\nDATA
VRFY x\nETRN a.example\nHELP\nAUTH PLAIN\nSTARTTLS\nEXPN x\nWHAT ever\nQUIT\n";
    let mut settings = settings();
    settings.limits.errors = 100;
    let found = consulted(&settings, &KINDS, &Idle, text.replace('\n', "\r\n").as_bytes());
    let asked: Vec<String> = found
        .iter()
        .filter_map(|event| match event {
            Event::Ask(kind, command, native) => Some(format!("{kind}: {command}: {}", native.as_ref()?.code)),
            _ => None,
        })
        .collect();
    let expected = [
        "noop: NOOP x: 250",
        "helo: HELO c: 250",
        "mail_from: MAIL from:<a@b>: 250",
        "rcpt_to: RCPT TO:<x@here.example>: 250",
        "rcpt_to: RCPT TO:<x@other>: 550",
        "rcpt_to: RCPT x: 501",
        "data: DATA x: 501",
        "rset: RSET: 250",
        "data: DATA: 503",
        "vrfy: VRFY x: 252",
        "etrn: ETRN a.example: 459",
        "help: HELP: 214",
        "auth: AUTH PLAIN: 502",
        "start_tls: STARTTLS: 502",
        "unknown_command: EXPN x: 502",
        "unknown_command: WHAT ever: 500",
        "quit: QUIT: 221",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn what_is_no_command_and_who_is_no_client_are_not_asked_about() {
    for text in ["GET /\r\n", "\x16\x03\x01", "NO\rOP\r\n", "\0\r\n", &format!("NOOP {}\r\n", "x".repeat(3000))] {
        let found = consulted(&settings(), &KINDS, &Idle, text.as_bytes());
        assert!(!found.iter().any(|event| matches!(event, Event::Ask(..))), "{found:?}");
    }
}

#[test]
fn a_sink_sees_the_mail_that_is_open_and_what_the_command_would_make_of_it() {
    let look = |asked: &Asked| {
        let said = &asked.said;
        let names = said.recipients.iter().map(|(_, recipient)| format!("{:?}", recipient.address));
        let text = format!("{:?} {:?} {:?}", said.sender, said.recipient, names.collect::<Vec<_>>());
        let dialogue = DialogueEdits { appended: vec![text], ..DialogueEdits::default() };
        CommandEdits { dialogue, ..CommandEdits::default() }
    };
    let kinds = [Kind::MailFrom, Kind::RcptTo, Kind::Rset];
    let text = "HELO c\nRSET\nMAIL FROM:<>\nRCPT TO:<x@here.example>\nRCPT TO:<y@other>\n";
    let expected = [
        "250 mx.here.example",
        "250 2.0.0 Flushed None None []",
        "250 2.1.0 Sender ok Some(None) None []",
        "250 2.1.5 Recipient ok Some(None) Some(<x@here.example>) []",
        "550 5.7.1 We do not relay for you Some(None) Some(<y@other>) [\"<x@here.example>\"]",
    ];
    assert_eq!(said(&kinds, &look, text), expected);
}

#[test]
fn what_sinks_leave_on_the_session_is_there_at_the_next_command() {
    let count = |asked: &Asked| {
        let appended = vec![asked.said.caller.properties.get("asked").unwrap_or("none").to_owned()];
        CommandEdits { dialogue: DialogueEdits { appended, ..Default::default() }, ..CommandEdits::default() }
    };
    assert_eq!(
        said(&[Kind::Noop], &count, "NOOP\nRSET\nNOOP\n"),
        ["250 2.0.0 Ok none", "250 2.0.0 Flushed", "250 2.0.0 Ok 1"]
    );
}

#[test]
fn a_mail_that_a_sink_refuses_is_none_and_what_was_sent_along_with_it_does_not_count() {
    let mut settings = settings();
    settings.limits.errors = 2;
    let text = "HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nDATA\r\nMAIL FROM:<c@d>\r\n";
    let sink = |asked: &Asked| match asked.said.argument.contains("a@b") {
        true => refused(550, "Not you"),
        false => CommandEdits::default(),
    };
    let found = consulted(&settings, &[Kind::MailFrom], &sink, text.as_bytes());
    let first = "503 5.5.1 Say MAIL first";
    assert_eq!(replies(&found)[1..], ["550 5.7.1 Not you", first, first, "250 2.1.0 Sender ok"]);
}

#[test]
fn each_command_that_a_sink_refuses_leaves_all_as_it_was() {
    let open = "HELO c\nMAIL FROM:<>\nRCPT TO:<x@here.example>\n";
    let (ok, no) = ("250 2.0.0 Ok", "450 4.7.1 No");
    let queued = "250 2.0.0 Ok: queued as id.1";
    let go = "354 End with a dot on a line of its own";
    let table = [
        (Kind::Helo, "EHLO d\nDATA\n.\n", vec![no, "503 5.5.1 Say MAIL first"]),
        (Kind::Rset, "RSET\nDATA\n.\n", vec![no, go, queued]),
        (Kind::Quit, "QUIT\nNOOP\n", vec![no, ok]),
        (Kind::Noop, "NOOP\n", vec![no]),
        (Kind::Data, "DATA\nNOOP\nDATA\n", vec![no, ok, no]),
        (Kind::RcptTo, "RCPT TO:<y@here.example>\n", vec![no]),
        (Kind::UnknownCommand, "WHAT\n", vec![no]),
    ];
    for (kind, text, expected) in table {
        let sink = |_: &Asked| refused(450, "No");
        let mut found = said(&[kind], &sink, &format!("{open}{text}"));
        let behind = if kind == Kind::Helo || kind == Kind::RcptTo { vec![] } else { found.split_off(3) };
        if behind.is_empty() {
            assert!(found.contains(&expected[0].to_owned()), "{kind}: {found:?}");
        } else {
            assert_eq!(behind, expected, "{kind}");
        }
    }
}

#[test]
fn a_bad_command_counts_whatever_refusal_a_sink_gives_and_not_when_a_sink_knows_it() {
    let mut settings = settings();
    settings.limits.errors = 3;
    let no = |_: &Asked| refused(550, "No");
    let found = replies(&consulted(&settings, &[Kind::UnknownCommand], &no, b"A\r\nB\r\nC\r\nD\r\n"));
    assert_eq!(found, ["550 5.7.1 No", "550 5.7.1 No", "421 4.7.0 Too many bad commands"]);
    let yes = |_: &Asked| refused(250, "Yes");
    let found = replies(&consulted(&settings, &[Kind::UnknownCommand], &yes, b"A\r\nB\r\nC\r\nD\r\n"));
    assert_eq!(found, ["250 2.7.1 Yes"; 4]);
    let found = replies(&consulted(&settings, &[Kind::Noop], &no, &b"NOOP\r\n".repeat(5)));
    assert_eq!(found, ["550 5.7.1 No"; 5], "it was no bad command");
}

#[test]
fn the_last_bad_command_is_asked_about_with_its_421() {
    let mut settings = settings();
    settings.limits.errors = 1;
    let found = consulted(&settings, &[Kind::UnknownCommand], &Idle, b"A\r\n");
    let Event::Ask(_, _, Some(native)) = &found[0] else { panic!("{found:?}") };
    assert_eq!((native.code, replies(&found).len()), (421, 1));
}

#[test]
fn a_yes_is_taken_only_where_it_means_nothing_for_a_mail() {
    let yes = |_: &Asked| refused(250, "Yes");
    let table = [
        ("VRFY x", "250 2.7.1 Yes"),
        ("NOOP", "250 2.7.1 Yes"),
        ("HELP", "250 2.7.1 Yes"),
        ("WHAT", "250 2.7.1 Yes"),
        ("MAIL FROM:<>", "503 5.5.1 Say EHLO first"),
        ("RCPT TO:<x@here.example>", "503 5.5.1 Say MAIL first"),
        ("DATA", "503 5.5.1 Say MAIL first"),
        ("AUTH PLAIN", "502 5.5.1 Not offered here"),
        ("STARTTLS", "502 5.5.1 Not offered here"),
        ("HELO", "501 Say your host name or address literal"),
    ];
    for (line, reply) in table {
        assert_eq!(said(&KINDS, &yes, &format!("{line}\n")), [reply], "{line}");
    }
}

#[test]
fn etrn_is_not_begun_when_a_sink_answers_and_its_answer_can_have_more_lines_and_end_the_session() {
    let mut settings = settings();
    settings.relay.networks = vec!["192.0.2.0/24".parse().unwrap()];
    let run = |sinks: &dyn Sinks| consulted(&settings, &[Kind::Etrn], sinks, b"HELO c\r\nETRN a.example\r\nNOOP\r\n");
    let found = run(&|_: &Asked| refused(250, "Done"));
    assert!(!found.iter().any(|event| matches!(event, Event::Flush(_))), "{found:?}");
    assert_eq!(replies(&found)[1..], ["250 2.7.1 Done", "250 2.0.0 Ok"]);
    let found = run(&|_: &Asked| CommandEdits {
        dialogue: DialogueEdits { appended: vec!["more".into()], closes: true, reply: None },
        ..CommandEdits::default()
    });
    assert!(found.contains(&Event::Flush(Flush::Domain("a.example".into()))), "{found:?}");
    assert_eq!(replies(&found)[1..], ["250 2.0.0 Queuing for node a.example started more"]);
    assert_eq!(found.last(), Some(&Event::Close));
}

#[test]
fn an_argument_that_a_sink_sets_is_read_as_if_the_client_had_said_it() {
    let table = [
        (Kind::Helo, "HELO c\n", "", "501 Say your host name or address literal"),
        (Kind::Helo, "EHLO bad name\n", "good", "250 mx.here.example PIPELINING"),
        (Kind::MailFrom, "HELO c\nMAIL FROM:<>\n", "FROM:<a@b> SIZE=x", "501 5.5.4 Bad value of a parameter"),
        (Kind::MailFrom, "HELO c\nMAIL x\n", "FROM:<a@b>", "250 2.1.0 Sender ok"),
        (Kind::RcptTo, "HELO c\nMAIL FROM:<>\nRCPT TO:<x@here.example>\n", "TO:<x@other>", "550 5.7.1 We do not relay"),
        (Kind::RcptTo, "HELO c\nMAIL FROM:<>\nRCPT TO:<x@other>\n", "TO:<x@here.example>", "250 2.1.5 Recipient ok"),
        (Kind::Vrfy, "VRFY x\n", "", "501 5.5.4 The command needs an argument"),
        (Kind::Vrfy, "VRFY x\n", "y\r\nQUIT", "500 5.5.2 Commands are text without controls"),
        (Kind::UnknownCommand, "WHAT\n", "QUIT", "500 5.5.2 What is that?"),
        (Kind::Noop, "NOOP\n", "ignored", "250 2.0.0 Ok"),
    ];
    for (kind, text, argument, reply) in table {
        let found = said(&[kind], &|_: &Asked| with_argument(argument), text);
        assert!(found.last().unwrap().starts_with(reply), "{text:?} {argument}: {found:?}");
    }
    let long = "x".repeat(2041);
    let found = said(&[Kind::Vrfy], &|_: &Asked| with_argument(&long[..2041]), "VRFY x\n");
    assert_eq!(found, ["252 2.0.0 Send it and see: addresses are not verified here"]);
    let long = "x".repeat(2042);
    let found = said(&[Kind::Vrfy], &|_: &Asked| with_argument(&long), "VRFY x\n");
    assert_eq!(found, ["500 5.5.2 The command line is too long"]);
}

#[test]
fn a_changed_sender_is_the_one_of_the_mail() {
    let text = b"HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n.\r\n";
    let found = consulted(&settings(), &[Kind::MailFrom], &|_: &Asked| with_argument("FROM:<c@d>"), text);
    let Some(Event::Mail(names, ..)) = found.iter().find(|event| matches!(event, Event::Mail(..))) else { panic!() };
    assert_eq!(names[..], ["id.1", "<c@d>", "<x@here.example>"]);
}

#[test]
fn a_sink_ends_the_session_with_the_reply_or_with_421_where_the_client_would_go_on() {
    let open = "HELO c\nMAIL FROM:<>\nRCPT TO:<x@here.example>\n";
    let ends = |_: &Asked| CommandEdits {
        dialogue: DialogueEdits { closes: true, ..DialogueEdits::default() },
        ..CommandEdits::default()
    };
    let end = "421 4.7.0 The session ends";
    let table = [
        (Kind::Noop, "NOOP\n", "250 2.0.0 Ok"),
        (Kind::RcptTo, "", "250 2.1.5 Recipient ok"),
        (Kind::MailFrom, "", "250 2.1.0 Sender ok"),
        (Kind::Data, "DATA\n", end),
        (Kind::Data, "RSET\nDATA\n", "503 5.5.1 Say MAIL first"),
        (Kind::Bdat, "BDAT 3\nabcNOOP\n", end),
    ];
    for (kind, text, reply) in table {
        let found =
            consulted(&settings(), &[kind], &ends, format!("{open}{text}NOOP\n").replace('\n', "\r\n").as_bytes());
        assert_eq!(replies(&found).last().unwrap(), reply, "{kind}");
        assert_eq!(found.last(), Some(&Event::Close), "{kind}");
    }
    let found = consulted(&settings(), &[Kind::Noop], &|_: &Asked| refused(421, "Go"), b"NOOP\r\nNOOP\r\n");
    assert_eq!((replies(&found), found.last()), (vec!["421 4.7.1 Go".to_owned()], Some(&Event::Close)));
}
