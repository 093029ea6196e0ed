//! What is made of the octets of a mail and of a command line: the envelope, the fields that were missing, and what is refused.

use postrider::{
    rules::{Body, Making, Moment},
    Draft, Ret,
};

use super::{
    author::Author,
    input::Lines,
    mail::mail,
    options::{read, Called},
};
use crate::{exit, failure::Failure};

const MAKING: Making<'_> = Making { now: Moment(1_795_156_274_000), host: "h.example", unique: 0xabc };
const DATE: &str = "Date: Fri, 20 Nov 2026 06:31:14 +0000\n";
const ID: &str = "Message-ID: <00000000000000000000000000000abc@h.example>\n";

fn made(line: &[&str], octets: &[u8]) -> Result<Draft, Failure> {
    let options = read(Called::Sendmail, line.iter().map(|&word| word.to_owned())).unwrap();
    let mut lines = Lines::new(options.ignores_dots);
    lines.take(octets).unwrap();
    let who = Author { login: "ann".into(), full_name: Some("Ann, the Example".into()) };
    mail(&options, lines.finish(), &who, &MAKING)
}

fn content(draft: &Draft) -> String {
    String::from_utf8(draft.content.all(999_999).unwrap().to_vec()).unwrap().replace("\r\n", "\n")
}

fn recipients(draft: &Draft) -> Vec<String> {
    draft.envelope.recipients.iter().map(|(_, one)| one.address.to_string()).collect()
}

fn sender(draft: &Draft) -> Option<String> {
    draft.envelope.sender.as_ref().map(ToString::to_string)
}

#[test]
fn recipients_are_those_of_the_line_or_with_t_those_of_the_header_too() {
    let mail = "To: ann@x, Bob <bob>\nCc: carol@x\nBcc: dora@x\n\nHello.\n";
    let table: [(&[&str], &[&str]); 5] = [
        (&["eve@x"], &["eve@x"]),
        (&["root"], &["root@h.example"]),
        (&["a@x, B <b>", "a@x"], &["a@x", "b@h.example"]),
        (&["-t"], &["ann@x", "bob@h.example", "carol@x", "dora@x"]),
        (&["-t", "eve@x", "ann@x"], &["eve@x", "ann@x", "bob@h.example", "carol@x", "dora@x"]),
    ];
    for (line, expected) in table {
        let draft = made(line, mail.as_bytes()).unwrap();
        assert_eq!(recipients(&draft), expected, "{line:?}");
        assert!(!content(&draft).contains("dora"), "{line:?}: nobody else is to read a Bcc");
    }
}

#[test]
fn a_mail_that_is_sent_again_goes_to_those_of_its_first_resent_block() {
    let mail = "Received: by x\nResent-To: bob\nResent-Bcc: carol@x\nX-Y: z\nResent-To: dora@x\nTo: eve@x\n\n";
    let draft = made(&["-t"], mail.as_bytes()).unwrap();
    assert_eq!(recipients(&draft), ["bob@h.example", "carol@x"]);
    let text = content(&draft);
    assert!(text.contains("Resent-To: bob@h.example\nX-Y: z\nResent-To: dora@x\nTo: eve@x\n"), "{text}");
}

#[test]
fn the_sender_is_whoever_calls_unless_another_is_given() {
    let table: [(&[&str], Option<&str>); 8] = [
        (&[], Some("ann@h.example")),
        (&["-f", "bob@x"], Some("bob@x")),
        (&["-f", "bob"], Some("bob@h.example")),
        (&["-f", "<bob@x>"], Some("bob@x")),
        (&["-f", "Bob Example <bob@x>"], Some("bob@x")),
        (&["-r", "bob@x"], Some("bob@x")),
        (&["-f", ""], None),
        (&["-f<>"], None),
    ];
    for (line, expected) in table {
        let line: Vec<&str> = line.iter().chain(&["root"]).copied().collect();
        let draft = made(&line, b"From: someone@else\n\n").unwrap();
        assert_eq!(sender(&draft).as_deref(), expected, "{line:?}");
    }
}

#[test]
fn what_a_mail_lacks_is_added_and_what_it_has_is_left() {
    let table: [(&[&str], &str, String); 9] = [
        (&[], "", format!("From: \"Ann, the Example\" <ann@h.example>\n{DATE}{ID}\n")),
        (
            &[],
            "plain: no\nheader\n",
            format!("From: \"Ann, the Example\" <ann@h.example>\n{DATE}{ID}plain: no\n\nheader\n"),
        ),
        (
            &[],
            "Some plain text\n",
            format!("From: \"Ann, the Example\" <ann@h.example>\n{DATE}{ID}\nSome plain text\n"),
        ),
        (&["-F", "Cron Daemon"], "\nx\n", format!("From: Cron Daemon <ann@h.example>\n{DATE}{ID}\nx\n")),
        (&["-F", "", "-fbob@x"], "\nx\n", format!("From: bob@x\n{DATE}{ID}\nx\n")),
        (&["-F", "Jörg", "-fbob@x"], "\nx\n", format!("From: =?utf-8?Q?J=C3=B6rg?= <bob@x>\n{DATE}{ID}\nx\n")),
        (&["-f<>", "-FX"], "\nx\n", format!("From: X <ann@h.example>\n{DATE}{ID}\nx\n")),
        (
            &["-FX"],
            "from: root\nDATE: now\nMessage-Id: <1>\nSubject:  s \n\nx\n",
            "from: root@h.example\nDATE: now\nMessage-Id: <1>\nSubject:  s \n\nx\n".into(),
        ),
        (&["-FX"], "From root Fri\nFrom: a@x\nDate: d\n\n", format!("{ID}From: a@x\nDate: d\n\n")),
    ];
    for (line, octets, expected) in table {
        let line: Vec<&str> = line.iter().chain(&["root"]).copied().collect();
        let draft = made(&line, octets.as_bytes()).unwrap();
        assert_eq!(content(&draft).to_lowercase(), expected.to_lowercase(), "{line:?} {octets:?}");
    }
}

#[test]
fn no_full_name_can_end_the_from_field() {
    let draft = made(&["-F", "X\r\nBcc: eve@x\r\n\r\nY", "root"], b"\n").unwrap();
    let text = content(&draft);
    assert!(text.starts_with("From: \"XBcc: eve@xY\" <ann@h.example>\nDate"), "{text}");
}

#[test]
fn wishes_about_reports_stand_in_the_envelope() {
    let draft = made(&["-Nfailure,delay", "-Rhdrs", "-V", "a+2Bb", "root"], b"\n").unwrap();
    assert_eq!((draft.envelope.ret, draft.envelope.envid.as_deref()), (Some(Ret::Headers), Some("a+2Bb")));
    let notify = draft.envelope.recipients.iter().next().unwrap().1.notify.unwrap();
    assert_eq!((notify.success, notify.failure, notify.delay), (false, true, true));
    let plain = made(&["-V", "a=b c+", "root"], b"\n").unwrap();
    assert_eq!(plain.envelope.envid.as_deref(), Some("a+3Db+20c+2B"));
}

#[test]
fn the_kind_of_octets_is_found_out_and_long_lines_are_kept() {
    let long = format!("A: b\n\n{}\n", "x".repeat(5000));
    assert!(content(&made(&["root"], long.as_bytes()).unwrap()).ends_with(&long[5..]));
    let table: [(&[u8], Body, bool); 4] = [
        (b"A: b\n\nc\n", Body::SevenBit, false),
        (b"A: b\n\n\xff\n", Body::EightBitMime, false),
        ("A: ü\n\nc\n".as_bytes(), Body::EightBitMime, true),
        (b"A: \xff\n\nc\n", Body::EightBitMime, false),
    ];
    for (octets, body, smtputf8) in table {
        let envelope = made(&["root"], octets).unwrap().envelope;
        assert_eq!((envelope.body, envelope.smtputf8), (body, smtputf8), "{octets:?}");
    }
}

#[test]
fn a_list_of_recipients_on_one_long_line_is_read() {
    let all: Vec<String> = (0..900).map(|n| format!("user{n}@a.example")).collect();
    let draft = made(&["-t"], format!("To: {}\n\n", all.join(",")).as_bytes()).unwrap();
    assert_eq!(recipients(&draft), all);
}

#[test]
fn what_is_no_address_is_refused_with_the_code_for_it() {
    let table: [(&[&str], &[u8], u8); 8] = [
        (&["a@"], b"\n", exit::NO_USER),
        (&["a b c"], b"\n", exit::NO_USER),
        (&["-f", "a@", "root"], b"\n", exit::NO_USER),
        (&["-f", "a@x, b@x", "root"], b"\n", exit::NO_USER),
        (&["-t"], b"To: a@\n\n", exit::NO_USER),
        (&["-t"], b"To: j\xf6rg@x\n\n", exit::NO_USER),
        (&["-t"], b"Subject: x\n\n", exit::DATA),
        (&["-V", "\u{e4}", "root"], b"\n", exit::USAGE),
    ];
    for (line, octets, code) in table {
        let failure = made(line, octets).unwrap_err();
        assert_eq!(failure.code, code, "{line:?}: {}", failure.text);
    }
}
