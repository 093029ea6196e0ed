//! Which mail a file is, and why it is none.

use proptest::prelude::*;

use super::*;
use crate::{Body, Door, Draft, Making, Moment, Notify, QueuePriority, Ret};

const NOW: Moment = Moment(1_795_156_274_000);
const MAKING: Making<'_> = Making { now: NOW, host: "mail.example.org", unique: 0xabc };
const ADDED: &str = "Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n\
                     Message-ID: <00000000000000000000000000000abc@mail.example.org>\r\n";

fn rules(form: FileForm, dots: Dots) -> FileRules {
    FileRules { form, dots, recipients: 3, ..FileRules::default() }
}

fn pickup(octets: &str) -> Result<Draft, FileProblem> {
    read_file(octets.as_bytes(), &rules(FileForm::Pickup, Dots::Plain), &MAKING)
}

fn replay(octets: &str) -> Result<Draft, FileProblem> {
    read_file(octets.as_bytes(), &rules(FileForm::Replay, Dots::Plain), &MAKING)
}

fn stuffed(octets: &str) -> Result<Draft, FileProblem> {
    read_file(octets.as_bytes(), &rules(FileForm::Pickup, Dots::Stuffed), &MAKING)
}

fn text(draft: &Draft) -> String {
    String::from_utf8(draft.content.all(99_999).unwrap().to_vec()).unwrap()
}

/// Sender and recipients as one text.
fn envelope(draft: &Draft) -> String {
    let sender = draft.envelope.sender.as_ref().map_or("<>".into(), ToString::to_string);
    let recipients: Vec<_> = draft.envelope.recipients.iter().map(|(_, one)| one.address.to_string()).collect();
    format!("{sender} > {}", recipients.join(" "))
}

#[test]
fn the_envelope_is_what_the_lines_above_say_or_else_the_header() {
    let table = [
        ("x-sender: a@x\nx-receiver: b@x\nFrom: c@x\nTo: d@x\n\nt", "a@x > b@x"),
        ("X-Sender:<a@x>\r\nX-RECEIVER :  <b@x> \r\nx-receiver:\r\n\tc@x\r\nSubject: x\r\n\r\nt", "a@x > b@x c@x"),
        ("x-receiver: b@x\nFrom: c@x\nTo: d@x\n\nt", "c@x > b@x"),
        ("x-sender: a@x\nFrom: c@x\nTo: d@x\nCc: e@x\nBcc: f@x\n\nt", "a@x > d@x e@x f@x"),
        ("From: c@x, g@x\nSender: c@x\nTo: D <d@x>, d@X\n\nt", "c@x > d@x"),
        ("x-sender: <>\nx-receiver: b@x\nA: b\n\nt", "<> > b@x"),
        ("x-sender: Sender\nx-receiver: root\nA: b\n\nt", "Sender@mail.example.org > root@mail.example.org"),
        ("From: root (Cron Daemon)\nTo: ann\n\nt", "root@mail.example.org > ann@mail.example.org"),
        ("x-receiver: \"a b\"@x\nx-receiver: b@x\nx-receiver: B@X\nx-sender: a@x\nA: b\n\n", "a@x > \"a b\"@x b@x B@X"),
        ("\u{feff}x-sender: a@x\nx-receiver: b@x\nA: b\n\nt", "a@x > b@x"),
        ("From: a@x\nTo: b@x\nX-Sender: of a reader\n\nt", "a@x > b@x"),
        ("x-sender: a@x\nx-receiver: b@x\nX-EndOfInjectedXHeaders:\nX-Receiver: c@x\n\nt", "a@x > b@x"),
    ];
    for (octets, expected) in table {
        let draft = pickup(octets).unwrap_or_else(|problem| panic!("{octets}: {problem}"));
        assert_eq!((envelope(&draft).as_str(), draft.envelope.door), (expected, Door::Pickup), "{octets}");
    }
}

/// As System.Net.Mail writes them.
#[test]
fn a_name_before_an_address_in_brackets_is_passed_over() {
    let table = [
        ("\"Ann @ Work\" <a@x>", "<a@x>", "a@x > a@x"),
        ("=?utf-8?Q?M=C3=BCller?= <a@x> RET=HDRS", "B C <b@x> NOTIFY=NEVER", "a@x > b@x"),
        ("\"\"<a@x>", "\"a \\\"<q@x>\\\" b\" <b@x>", "a@x > b@x"),
        ("A <>", "\"a <b\"@x", "<> > \"a <b\"@x"),
    ];
    for (sender, receiver, expected) in table {
        let octets = format!("X-Sender: {sender}\r\nX-Receiver: {receiver}\r\nA: b\r\n\r\n");
        let draft = pickup(&octets).unwrap_or_else(|problem| panic!("{octets}: {problem}"));
        assert_eq!(envelope(&draft), expected, "{octets}");
    }
    for two in ["b@x <a@x>", "b@x, A <a@x>", "b, A <a@x>", "\"b\"@x <a@x>", "B <a@x> c@x", "\"b <a@x>"] {
        assert!(pickup(&format!("x-sender: a@x\nx-receiver: {two}\nA: b\n\n")).is_err(), "{two}");
    }
}

#[test]
fn what_senders_and_recipients_ask_for_is_kept() {
    let draft = pickup(
        "x-sender: <a@x> BODY=7bit ENVID=12345ABCD RET=HDRS auth=<someone>\n\
         x-receiver: <b@x> NOTIFY=NEVER ORcpt=mary+hugo@contoso.com\n\
         x-receiver: c@x notify=Success,DELAY ORCPT=rfc822;c+2Bd@x\nFrom: a@x\n\n",
    );
    let envelope = draft.unwrap().envelope;
    assert_eq!((envelope.ret, envelope.envid.as_deref()), (Some(Ret::Headers), Some("12345ABCD")));
    let all: Vec<_> = envelope.recipients.iter().map(|(_, one)| (one.notify, one.orcpt.as_deref())).collect();
    let some = Notify { success: true, failure: false, delay: true };
    let original = "rfc822;mary+2Bhugo@contoso.com";
    assert_eq!(all, [(Some(Notify::NEVER), Some(original)), (Some(some), Some("rfc822;c+2Bd@x"))]);
}

#[test]
fn only_ends_of_lines_change_and_what_is_missing_is_added() {
    let above = "x-sender: a@x\nx-receiver: b@x\n";
    let full = "Date: x\r\nMessage-ID: <y>\r\nFrom: a@x\r\n";
    let table = [
        (
            format!("{full}To: b@x,\r\n\tc@x\r\n\r\n.\r\n..x\r\nt"),
            format!("{full}To: b@x,\r\n\tc@x\r\n\r\n.\r\n..x\r\nt\r\n"),
        ),
        (format!("{full}\r\n.\n. \n").replace("\r\n", "\n"), format!("{full}\r\n.\r\n. \r\n")),
        ("From: a@x\n\nt\n".into(), format!("{ADDED}From: a@x\r\n\r\nt\r\n")),
        ("\nt\n".into(), format!("From: <a@x>\r\n{}\r\nt\r\n", swapped())),
        (format!("{full}Bcc: c@x,\n d@x\nresent-bcc: e@x\n\nBcc: t\n"), format!("{full}\r\nBcc: t\r\n")),
    ];
    for (octets, expected) in table {
        assert_eq!(text(&pickup(&format!("{above}{octets}")).unwrap()), expected, "{octets:?}");
    }
    let replayed =
        replay(&format!("{above}x-createdby: us\nX-EndOfInjectedXHeaders: o\nX-Source: s\nBcc: c@x\n\nt")).unwrap();
    assert_eq!(text(&replayed), "X-Source: s\r\nBcc: c@x\r\n\r\nt\r\n");
}

/// Where there is no header at all, the date is the first field that there is.
fn swapped() -> String {
    let mut lines: Vec<&str> = ADDED.split_inclusive("\r\n").collect();
    lines.reverse();
    lines.concat()
}

#[test]
fn what_is_no_mail_says_why_and_where() {
    let above = "x-sender: a@x\nx-receiver: b@x\n";
    let four = "x-receiver: b@x\nx-receiver: c@x\nx-receiver: d@x\nx-receiver: e@x\n\n";
    let table: [(String, &str, Option<&str>, Option<usize>); 22] = [
        ("".into(), "empty", None, None),
        ("\u{feff}".into(), "empty", None, None),
        ("Subject: x\nTo: b@x\n\nt".into(), "no_sender", Some("From"), None),
        ("From: a@x, b@x\nTo: b@x\n\nt".into(), "no_sender", Some("From"), None),
        ("From: a@x\nSubject: x\n\nt".into(), "no_recipient", Some("To"), None),
        ("x-sender: a@x\nSubject: x\n\nt".into(), "no_recipient", Some("To"), None),
        ("From: a@x\nTo: b@x, <c@\n\nt".into(), "bad_address", Some("To"), None),
        ("x-sender: a@x\nx-receiver: b@\n\n".into(), "bad_address", Some("x-receiver"), Some(2)),
        ("x-sender: a@x\nx-receiver:\n c@x d@x\n\n".into(), "bad_envelope", Some("x-receiver"), Some(2)),
        ("x-sender: a@x\nx-receiver: <b@x\n\n".into(), "bad_envelope", Some("x-receiver"), Some(2)),
        ("x-sender: a@x\nx-sender: b@x\n\n".into(), "bad_envelope", Some("x-sender"), Some(2)),
        ("x-sender:\nx-receiver: b@x\n\n".into(), "bad_envelope", Some("x-sender"), Some(1)),
        ("x-receiver: b@x NOTIFY=NEVER,DELAY\n\n".into(), "bad_envelope", Some("x-receiver"), Some(1)),
        (format!("x-sender: a@x\n{four}"), "too_many_recipients", Some("x-receiver"), Some(5)),
        ("From: a@x\nTo: b@x, c@x, d@x, e@x\n\n".into(), "too_many_recipients", None, None),
        (format!("{above}no header\n"), "no_mail", None, None),
        (format!("{above}x-receiver: {}@x\n\nt", "c".repeat(5000)), "bad_envelope", Some("x-receiver"), Some(3)),
        (format!("{above}A: b\n c\nX-Receiver : c@x\n\nt"), "bad_envelope", Some("x-receiver"), Some(5)),
        ("From: a@x\nTo: b@x\nx-receiver: c@x\n\nt".into(), "bad_envelope", Some("x-receiver"), Some(3)),
        ("x-sender: a@x\nx-receiver: b@x".into(), "bad_envelope", Some("x-receiver"), Some(2)),
        (format!("{above}A: b\n\n\0"), "no_mail", None, None),
        (format!("{above}{}\n", "Received: x\n".repeat(60)), "no_mail", None, None),
    ];
    for (octets, code, field, line) in table {
        let problem = pickup(&octets).map(|draft| text(&draft)).unwrap_err();
        let found = (problem.code.as_str(), problem.field.as_deref(), problem.line);
        assert_eq!(found, (code, field, line), "{octets:?}: {problem}");
        assert!(problem.text.len() > 10, "{octets:?}");
    }
    let mut small = rules(FileForm::Pickup, Dots::Plain);
    small.limits.message_size = 30;
    let large = format!("{above}A: b\n\n{}", "x".repeat(40));
    assert_eq!(read_file(large.as_bytes(), &small, &MAKING).unwrap_err().code, FileCode::TooLarge);
}

#[test]
fn an_exported_mail_needs_its_envelope() {
    for (octets, code) in [
        ("From: a@x\nTo: b@x\n\nt", "no_sender"),
        ("x-receiver: b@x\nFrom: a@x\n\nt", "no_sender"),
        ("x-sender: a@x\nTo: b@x\n\nt", "no_recipient"),
    ] {
        assert_eq!(replay(octets).unwrap_err().code.as_str(), code, "{octets}");
    }
}

#[test]
fn stuffed_dots_are_taken_out_and_nothing_is_cut_off_in_silence() {
    let above = "x-sender: a@x\nx-receiver: b@x\nDate: x\nMessage-ID: <y>\nFrom: a@x\n\n";
    let body = |octets: &str| {
        let draft = stuffed(&format!("{above}{octets}"))?;
        Ok::<_, FileProblem>(text(&draft).split_once("\r\n\r\n").unwrap().1.to_owned())
    };
    let table = [
        ("..\r\n", ".\r\n"),
        ("..x\n...\n", ".x\r\n..\r\n"),
        ("a\r\n.\r\n", "a\r\n"),
        ("a\n.\n\n \n", "a\r\n"),
        ("a\n.", "a\r\n"),
    ];
    for (octets, expected) in table {
        assert_eq!(body(octets).as_deref(), Ok(expected), "{octets:?}");
    }
    let cut = body("a\n.\nmore\n").unwrap_err();
    assert_eq!((cut.code, cut.line), (FileCode::BehindTheDot, Some(8)));
}

#[test]
fn what_a_file_cannot_say_is_an_error_and_not_left_out() {
    let draft = pickup("x-sender: a@x\nx-receiver: b@x\nA: b\n\n").unwrap();
    let with = |change: fn(&mut crate::Envelope)| {
        let mut envelope = draft.envelope.clone();
        change(&mut envelope);
        envelope_lines(&envelope)
    };
    assert_eq!(with(|envelope| envelope.body = Body::BinaryMime), Err(Unsayable::Binary));
    assert_eq!(with(|envelope| envelope.expires = Some(NOW)), Err(Unsayable::Times));
    assert_eq!(with(|envelope| envelope.priority = QueuePriority::High), Err(Unsayable::Priority));
    assert_eq!(with(|_| {}).as_deref(), Ok("x-sender: <a@x>\r\nx-receiver: <b@x>\r\nx-endofinjectedxheaders:\r\n"));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        sender in proptest::option::of("[a-z+]{1,8}@[a-z]{1,8}\\.org"),
        names in proptest::collection::vec(("\"[ a-z>]{1,5}\"|[a-z=]{1,5}", 0usize..9, any::<bool>()), 1..4),
        ret in 0usize..3,
    ) {
        let mut draft = pickup("x-sender: a@x\nx-receiver: b@x\nA: b\n\n").unwrap();
        draft.envelope.sender = sender.map(|text| text.parse().unwrap());
        draft.envelope.ret = [None, Some(Ret::Full), Some(Ret::Headers)][ret];
        draft.envelope.recipients = names.into_iter().enumerate().map(|(at, (name, notify, original))| {
            let mut one = crate::Recipient::from(crate::Address::parse(&format!("{name}@x{at}.org")).unwrap());
            let bit = |bit: usize| notify & bit != 0;
            one.notify = (notify < 8).then(|| Notify { success: bit(1), failure: bit(2), delay: bit(4) });
            one.orcpt = original.then(|| one.as_orcpt().unwrap());
            one
        }).collect();
        let lines = envelope_lines(&draft.envelope).unwrap();
        let again = pickup(&format!("{lines}X-Receiver: of@others\nA: b\n\n")).unwrap();
        prop_assert!(text(&again).contains("X-Receiver: of@others\r\nA: b\r\n"));
        let again = again.envelope;
        prop_assert_eq!(&again.sender, &draft.envelope.sender);
        prop_assert_eq!(&again.recipients, &draft.envelope.recipients);
        prop_assert_eq!(again.ret, draft.envelope.ret);
    }

    #[test]
    fn any_octets_are_a_mail_or_say_why_not(
        octets in "(x-sender: |x-receiver: |<a@x>|a@x|b@x |NOTIFY=NEVER|From: a@x\n|To: b@x\n|\n|\r\n|\r|\\.|\u{0}|ü|:|<|>|\"| ){0,16}",
        is_replay in any::<bool>(),
        is_stuffed in any::<bool>(),
    ) {
        let form = if is_replay { FileForm::Replay } else { FileForm::Pickup };
        let dots = if is_stuffed { Dots::Stuffed } else { Dots::Plain };
        match read_file(octets.as_bytes(), &rules(form, dots), &MAKING) {
            Ok(draft) => {
                prop_assert!(!draft.envelope.recipients.is_empty());
                prop_assert!(draft.content.all(9999).unwrap().ends_with(b"\r\n"));
            }
            Err(problem) => prop_assert!(!problem.text.is_empty()),
        }
    }
}
