//! What does not end a mail, and what happens to it (CVE-2023-51764 and its kin).

use super::*;

/// All ways to write an end of mail that some server once took for one.
const FALSE_ENDS: [&[u8]; 14] = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n.\r\r\n",
    b"\r\r\n.\r\r\n",
    b"\n.\r\r\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n\n.\r\n",
    b"\r\n.\n\r\n",
    b"\n\r.\r\n",
];

const SMUGGLED: &[u8] = b"MAIL FROM:<evil@x>\r\nRCPT TO:<x@here.example>\r\nDATA\r\nsmuggled\r\n.\r\n";

fn mails(events: &[Event]) -> Vec<&[u8]> {
    let content = |event: &'_ Event| matches!(event, Event::Mail(..));
    events.iter().filter(|event| content(event)).map(mail_content).collect()
}

fn mail_content(event: &Event) -> &[u8] {
    match event {
        Event::Mail(_, _, content) => content,
        _ => &[],
    }
}

#[test]
fn no_false_end_ends_a_mail_and_nothing_behind_it_is_a_command() {
    for end in FALSE_ENDS {
        let content = [b"A: b\r\n\r\ntext", end, SMUGGLED].concat();
        let found = data(&settings(), &content);
        let name = end.escape_ascii();
        assert_eq!(mails(&found), [&[] as &[u8]; 0], "{name}");
        assert_eq!(found[0], Event::Abandon, "{name}");
        let reply = replies(&found);
        assert!(reply[0].starts_with("550 5.6.11 A "), "{name}: {reply:?}");
        assert_eq!(reply.len(), 1, "{name}: the rest is content up to the real end, {reply:?}");
    }
}

#[test]
fn a_false_end_is_mended_for_named_networks_but_ends_nothing() {
    for end in FALSE_ENDS.into_iter().filter(|end| !end.contains(&0)) {
        let content = [b"A: b\r\n\r\ntext", end, SMUGGLED].concat();
        let found = data(&lenient(), &content);
        let name = end.escape_ascii();
        let [mail] = mails(&found)[..] else { panic!("{name}: {found:?}") };
        assert!(mail.ends_with(b"smuggled\r\n"), "{name}");
        let text = String::from_utf8(mail.to_vec()).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{name}: no bare newline goes on to the next host");
        assert_eq!(replies(&found), ["250 2.0.0 Ok: queued as id.1"], "{name}");
    }
}

#[test]
fn bare_newlines_are_mended_in_a_way_that_can_be_foretold() {
    let table: [(&[u8], &[u8]); 6] = [
        (b"a\nb\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\rb\r\n.\r\n", b"a b\r\n"),
        (b"a\r\r\n.\r\n", b"a \r\n"),
        (b"a\n..b\r\n.\r\n", b"a\r\n.b\r\n"),
        (b"a\n.\r\nb\r\n.\r\n", b"a\r\n\r\nb\r\n"),
        (b"\n\n.\n\r\n.\r\n", b"\r\n\r\n\r\n\r\n"),
    ];
    for (sent, kept) in table {
        // A line that is no field is parted from the trace by the caller; here only the content counts.
        assert_eq!(mails(&data(&lenient(), sent)), [kept], "{}", sent.escape_ascii());
    }
}

#[test]
fn the_connection_is_in_step_after_a_refused_mail() {
    dialogue(
        &settings(),
        r#"
        C+ HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\n
        S: 250 mx.here.example
        S: 250 2.1.0 Sender ok
        S: 250 2.1.5 Recipient ok
        C: DATA
        = Begin
        S: 354 End with a dot on a line of its own
        C+ a bare\nnewline\r\n
        = Abandon
        C+ QUIT\r\n.\n.\r.\n\r\n.\r\n
        S: 550 5.6.11 A bare CR or LF in the mail
        C: DATA
        S: 503 5.5.1 Say MAIL first
        C: NOOP
        S: 250 2.0.0 Ok
        "#,
    );
}

#[test]
fn a_bare_newline_makes_its_whole_line_one_refused_command() {
    dialogue(
        &settings(),
        r#"
        C: HELO c
        S: 250 mx.here.example
        C+ NOOP\nMAIL FROM:<a@b>\r\n
        S: 500 5.5.2 Lines end in CR LF, and in nothing else
        C+ NOOP\rRSET\n\n\r
        S: 500 5.5.2 Lines end in CR LF, and in nothing else
        C+ \n
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        C+ MAIL FROM:<a\0@b>\r\n
        S: 500 5.5.2 Commands are text without controls
        "#,
    );
}

#[test]
fn named_networks_may_end_commands_with_a_bare_lf() {
    dialogue(
        &lenient(),
        r#"
        C+ HELO c\nNOOP\r\nNOOP\rRSET\nNOOP\n
        S: 250 mx.here.example
        S: 250 2.0.0 Ok
        S: 500 5.5.2 Lines end in CR LF, and in nothing else
        S: 250 2.0.0 Ok
        "#,
    );
}

#[test]
fn commands_beyond_utf8_are_refused() {
    let found = replies(&events(&settings(), [b"HELO c\r\nMAIL FROM:<\xff@b>\r\n" as &[u8]]));
    assert_eq!(found[1], "500 5.5.2 Commands are text without controls");
}
