//! Every limit, on both of its sides.

use super::*;

fn with(change: impl Fn(&mut Limits)) -> SessionSettings {
    let mut settings = settings();
    change(&mut settings.limits);
    settings
}

#[test]
fn a_command_line_has_a_longest_length() {
    let settings = with(|limits| limits.command_line = 20);
    let found = events(&settings, [b"NOOP 6789012345678\r\nNOOP 67890123456789\r\nNOOP\r\n" as &[u8]]);
    let ok = "250 2.0.0 Ok";
    assert_eq!(replies(&found), [ok, "500 5.5.2 The command line is too long", ok]);
}

#[test]
fn a_line_without_end_ends_the_connection() {
    let settings = with(|limits| limits.skip = 3000);
    let found = events(&settings, [b"x".repeat(3001).as_slice()]);
    let expected = ["500 5.5.2 The command line is too long", "421 4.5.2 A command line without end"];
    assert_eq!(replies(&found), expected);
    assert_eq!(found.last(), Some(&Event::Close));
}

#[test]
fn too_many_bad_commands_end_the_connection() {
    let settings = with(|limits| limits.errors = 3);
    dialogue(
        &settings,
        r"
        C: garbage
        S: 500 5.5.2 What is that?
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        C: MAIL
        S: 421 4.7.0 Too many bad commands
        = Close
        C: NOOP
        ",
    );
}

#[test]
fn what_was_sent_along_with_a_refused_mail_does_not_count() {
    let settings = with(|limits| (limits.errors, limits.message_size) = (2, 10));
    let mail = [
        b"MAIL FROM:<> SIZE=11\r\nRCPT TO:<x@here.example>\r\nRCPT TO:<y@here.example>\r\nDATA\r\n" as &[u8],
        b"MAIL FROM:<>\r\nRCPT TO:<x@other.example>\r\nDATA\r\nRSET\r\n",
    ];
    let found = replies(&events(&settings, [b"EHLO c\r\n" as &[u8], mail[0], mail[1], b"DATA\r\nDATA\r\n"]));
    let first = "503 5.5.1 Say MAIL first";
    assert_eq!(found[1..5], ["552 5.3.4 The mail is too big", first, first, first]);
    assert_eq!(found[7], "554 5.5.1 No valid recipient");
    assert_eq!(found[9..], [first, "421 4.7.0 Too many bad commands"]);
}

#[test]
fn pipelined_garbage_ends_soon() {
    let found = events(&settings(), [b"<html>\r\n".repeat(100).as_slice()]);
    assert_eq!(replies(&found).len(), 10);
    assert_eq!(found.last(), Some(&Event::Close));
}

#[test]
fn too_many_recipients_are_told_to_come_apart() {
    let settings = with(|limits| limits.recipients = 1);
    let head = b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\nRCPT TO:<y@here.example>\r\nDATA\r\n.\r\n";
    let found = replies(&events(&settings, [head as &[u8]]));
    assert_eq!(found[3], "452 4.5.3 Too many recipients, send the others their own");
    assert_eq!(found[5], "250 2.0.0 Ok: queued as id.1");
}

#[test]
fn enough_mails_end_the_connection() {
    let settings = with(|limits| limits.mails = 1);
    let all = b"HELO c\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\n";
    let found = events(&settings, [all as &[u8]]);
    assert_eq!(replies(&found)[3], "421 4.7.0 Enough mails for one connection");
    assert_eq!(found.last(), Some(&Event::Close));
}

#[test]
fn a_mail_too_big_is_drained_and_refused_exactly() {
    let settings = with(|limits| (limits.message_size, limits.drain) = (10, 20));
    let mail = |octets: usize| [b"x".repeat(octets - 2).as_slice(), b"\r\n.\r\nNOOP\r\n"].concat();
    assert_eq!(replies(&data(&settings, &mail(10))), ["250 2.0.0 Ok: queued as id.1", "250 2.0.0 Ok"]);
    for octets in [11, 30] {
        let found = data(&settings, &mail(octets));
        assert_eq!(replies(&found), ["552 5.3.4 The mail is too big", "250 2.0.0 Ok"], "{octets}");
    }
    let found = data(&settings, &mail(31));
    assert_eq!(replies(&found), ["421 4.3.4 The mail is far too big"]);
    assert_eq!(found[found.len() - 1], Event::Close);
}

#[test]
fn stuffed_dots_do_not_count() {
    let settings = with(|limits| limits.message_size = 3);
    assert_eq!(replies(&data(&settings, b"..\r\n.\r\n")), ["250 2.0.0 Ok: queued as id.1"]);
}

#[test]
fn chunks_too_big_are_refused_before_they_come() {
    let settings = with(|limits| (limits.message_size, limits.drain) = (10, 20));
    let head = b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nBDAT 6\r\n123456";
    let chunk = |octets: usize| format!("BDAT {octets} LAST\r\n{}NOOP\r\n", "x".repeat(octets)).into_bytes();
    let tail = |octets| replies(&events(&settings, [head as &[u8], &chunk(octets)])).split_off(3);
    let (taken, too_big) = ("250 2.0.0 6 octets taken", "552 5.3.4 The mail is too big");
    assert_eq!(tail(4), [taken, "250 2.0.0 Ok: queued as id.1", "250 2.0.0 Ok"]);
    assert_eq!(tail(5), [taken, too_big, "250 2.0.0 Ok"]);
    assert_eq!(tail(24), [taken, too_big, "250 2.0.0 Ok"]);
    assert_eq!(tail(25), [taken, "421 4.3.4 The mail is far too big"]);
    let out_of_order = |octets| replies(&events(&settings, [&chunk(octets)[..]]));
    assert_eq!(out_of_order(30), ["503 5.5.1 Say MAIL first", "250 2.0.0 Ok"]);
    assert_eq!(out_of_order(31), ["421 4.3.4 The mail is far too big"]);
}

#[test]
fn header_and_text_lines_have_limits_of_their_own() {
    let settings = with(|limits| (limits.header_line, limits.header, limits.text_line) = (8, 20, 12));
    let ok = "250 2.0.0 Ok: queued as id.1";
    let header_line = "554 5.6.0 A header line is too long";
    let text_line = "554 5.6.0 A line is too long";
    let table: [(&[u8], &str); 6] = [
        (b"A: 45678\r\n\r\n123456789012\r\n.\r\n", ok),
        (b"A: 456789\r\n\r\n.\r\n", header_line),
        (b"\r\n1234567890123\r\n.\r\n", text_line),
        (b"A: 45678\r\nB: 45678\r\n\r\n.\r\n", ok),
        (b"A: 45678\r\nB: 45678\r\nC:\r\n.\r\n", "552 5.3.4 The header is too big"),
        (b"A: 45678\r\nB: 45678\r\nC:\r\n\n.\r\n\r\n.\r\n", "550 5.6.11 A bare CR or LF in the mail"),
    ];
    for (content, reply) in table {
        assert_eq!(replies(&data(&settings, content)), [reply], "{}", content.escape_ascii());
    }
}

#[test]
fn a_long_line_is_found_however_it_comes() {
    let settings = with(|limits| limits.text_line = 100);
    let lines = |octets: usize| [b"\r\n12\r\n", b"x".repeat(octets).as_slice(), b"\r\n12\r\n.\r\n"].concat();
    for (octets, reply) in [(100, "250 2.0.0 Ok: queued as id.1"), (101, "554 5.6.0 A line is too long")] {
        let head = b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n";
        for cut in [1, 7, 60, 99, 1000] {
            let content = lines(octets);
            let found = events(&settings, [head as &[u8]].into_iter().chain(content.chunks(cut)));
            assert_eq!(replies(&found)[4..], [reply], "{octets} octets, cut every {cut}");
        }
    }
}

#[test]
fn long_lines_are_never_broken() {
    let line = [b"\r\n".to_vec(), b"x".repeat(settings::TEXT_LINE), b"\r\n".to_vec()].concat();
    let found = data(&settings(), &[&line[..], b".\r\n"].concat());
    let Event::Mail(_, _, content) = &found[0] else { panic!("refused") };
    assert!(*content == line);
}
