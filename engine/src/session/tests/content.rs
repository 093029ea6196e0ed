//! What becomes of content: dots, 8-bit text, loops, and the fields that are put before it.

use super::*;
use crate::Moment;

fn only_mail(events: &[Event]) -> (Body, &[u8]) {
    let [Event::Mail(_, body, content), Event::Reply(_)] = events else { panic!("{events:?}") };
    (*body, content)
}

#[test]
fn dots_are_taken_out_and_the_first_line_is_a_line() {
    let table: [(&[u8], &[u8]); 8] = [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b".x\r\n.\r\n", b"x\r\n"),
        (b"a.\r\n.b.\r\n..\r\n.\r\n", b"a.\r\nb.\r\n.\r\n"),
        (b"a\r\n\r\n.\r\n", b"a\r\n\r\n"),
        (b". \r\n.\r\n", b" \r\n"),
    ];
    for (sent, kept) in table {
        assert_eq!(only_mail(&data(&settings(), sent)).1, kept, "{}", sent.escape_ascii());
    }
}

#[test]
fn long_runs_are_slices_of_the_input() {
    let mut dialogue = Dialogue::new(&settings());
    dialogue.send(b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n");
    let text = b"0123456789\r\n".repeat(1000);
    let mut input = BytesMut::from(&[&text[..], b".\r\nNOOP\r\n"].concat()[..]);
    let start = input.as_ptr();
    let Some(Action::Content(octets)) = dialogue.session.step(&mut input) else { panic!("no content") };
    assert_eq!((octets.as_ptr(), octets.len()), (start, text.len()));
    assert!(matches!(dialogue.session.step(&mut input), Some(Action::Commit(_))));
    assert!(dialogue.session.step(&mut input).is_none(), "it waits for the answer");
    assert_eq!(&input[..], b"NOOP\r\n", "and leaves what follows in place");
}

#[test]
fn unannounced_8_bit_text_is_taken_for_8bitmime_or_refused_by_the_strict_setting() {
    let content = "Subject: ä\r\n\r\n.\r\n".as_bytes();
    assert_eq!(only_mail(&data(&settings(), content)).0, Body::EightBitMime);
    assert_eq!(only_mail(&data(&settings(), b"A: b\r\n.\r\n")).0, Body::SevenBit);
    let strict = SessionSettings { strict_8bit: true, ..settings() };
    assert_eq!(replies(&data(&strict, content)), ["554 5.6.1 8-bit text without BODY=8BITMIME"]);
    assert_eq!(only_mail(&data(&strict, b"A: b\r\n.\r\n")).0, Body::SevenBit);
}

#[test]
fn a_mail_that_passed_too_many_hosts_goes_in_circles() {
    let hops = |n| [b"received : by x\r\n\tid y\r\n".repeat(n), b"\r\nReceived: no\r\n.\r\n".to_vec()].concat();
    assert_eq!(only_mail(&data(&settings(), &hops(50))).0, Body::SevenBit);
    let reply = replies(&data(&settings(), &hops(51)));
    assert_eq!(reply, ["554 5.4.6 Too many Received fields: the mail goes in circles"]);
}

#[test]
fn the_gravest_fault_gives_the_reply() {
    let content = [b"Received: x\r\n".repeat(60), "ä\0\n\r\n.\r\n".as_bytes().to_vec()].concat();
    assert_eq!(replies(&data(&settings(), &content)), ["550 5.6.11 A bare CR or LF in the mail"]);
    assert_eq!(replies(&data(&settings(), b"a\0b\r\n.\r\n")), ["550 5.6.11 A NUL in the mail"]);
}

/// The fields that are put before this content.
fn stamped(settings: &SessionSettings, content: &[u8]) -> String {
    let mut dialogue = Dialogue::new(settings);
    dialogue.send(b"EHLO client.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n");
    dialogue.send(content);
    let arrival = &mut dialogue.arrivals[0];
    let fields = arrival.stamp(Moment(1_795_156_274_123));
    assert_eq!(arrival.envelope.arrived, Moment(1_795_156_274_123));
    String::from_utf8(fields.to_vec()).unwrap()
}

const RECEIVED: &str = "Received: from client.example ([192.0.2.7]) by mx.here.example with ESMTP\r\n\
    \tid id.1 for <x@here.example>; Fri, 20 Nov 2026 06:31:14 +0000\r\n";

#[test]
fn a_mail_gets_its_received_field_and_nothing_else() {
    assert_eq!(stamped(&settings(), b"Subject: x\r\n\r\n.\r\n"), RECEIVED);
    assert_eq!(stamped(&settings(), b"\r\nbody\r\n.\r\n"), RECEIVED);
    assert_eq!(stamped(&settings(), b"From me Thu Nov\r\nSubject: x\r\n.\r\n"), RECEIVED);
}

#[test]
fn content_without_header_is_parted_from_the_trace() {
    let parted = format!("{RECEIVED}\r\n");
    assert_eq!(stamped(&settings(), b"just text\r\n.\r\n"), parted);
    assert_eq!(stamped(&settings(), b" folded\r\n.\r\n"), parted);
}

#[test]
fn date_and_message_id_are_added_for_submissions_that_lack_them() {
    let submission = SessionSettings { submission: true, ..settings() };
    let both = "Date: Fri, 20 Nov 2026 06:31:14 +0000\r\nMessage-ID: <id.1.1795156274123@mx.here.example>\r\n";
    assert_eq!(stamped(&submission, b"Subject: x\r\n\r\nDate: no\r\n.\r\n"), format!("{RECEIVED}{both}"));
    assert_eq!(stamped(&submission, b"DATE: x\r\nmessage-id: y\r\n\r\n.\r\n"), RECEIVED);
}

#[test]
#[ignore = "a measurement, for an idle machine: cargo test --release -p postrider-engine -- --ignored --nocapture"]
fn content_of_ordinary_lines_passes_at_more_than_a_gigabyte_a_second() {
    let line = [b"x".repeat(76).as_slice(), b"\r\n"].concat();
    let block = [b"Subject: x\r\n\r\n".to_vec(), line.repeat(800)].concat();
    let mut settings = settings();
    settings.limits.message_size = u64::MAX;
    let mut dialogue = Dialogue::new(&settings);
    dialogue.send(b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n");
    let (mut session, mut taken, start) = (dialogue.session, 0, std::time::Instant::now());
    while taken < 4_000_000_000 {
        let mut input = BytesMut::from(&block[..]);
        while let Some(action) = session.step(&mut input) {
            let Action::Content(octets) = action else { panic!("{action:?}") };
            taken += octets.len();
        }
    }
    let rate = taken as f64 / start.elapsed().as_secs_f64() / 1e9;
    println!("{rate:.2} GB/s, copying into the input included");
    assert!(rate > 1.0, "{rate:.2} GB/s");
}
