//! BDAT: chunks in order, out of order, refused and cut anywhere (RFC 3030).

use super::*;

const HEAD: &str = r"
        C+ EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\n
";

/// A dialogue behind MAIL and RCPT.
fn after_rcpt(settings: &SessionSettings, parameters: &str, text: &str) {
    let text = text.trim_start_matches(['\n', ' ']);
    let hello: Vec<String> = written(&Event::Reply(super::super::replies::ehlo(settings, &Peer::default())));
    let head = HEAD.replace("<a@b>", &format!("<a@b>{parameters}"));
    let all = format!("{head}{}\nS: 250 2.1.0 Sender ok\nS: 250 2.1.5 Recipient ok\n{text}", hello.join("\n"));
    dialogue(settings, &all);
}

#[test]
fn chunks_become_one_mail_and_dots_are_no_more_than_dots() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 9\r\nA: b\r\n\r\n.
        = Begin
        S: 250 2.0.0 9 octets taken
        C+ BDAT 0\r\nBDAT 8 last\r\n\r\n.\r\nx\r\nNOOP\r\n
        S: 250 2.0.0 0 octets taken
        = id.1 <a@b> <x@here.example>: A: b\r\n\r\n.\r\n.\r\nx\r\n
        S: 250 2.0.0 Ok: queued as id.1
        S: 250 2.0.0 Ok
        ",
    );
}

#[test]
fn an_empty_last_chunk_ends_the_mail() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 6\r\nA: b\r\n
        = Begin
        S: 250 2.0.0 6 octets taken
        C: BDAT 0 LAST
        = id.1 <a@b> <x@here.example>: A: b\r\n
        S: 250 2.0.0 Ok: queued as id.1
        ",
    );
}

#[test]
fn a_chunk_out_of_order_is_read_and_refused() {
    dialogue(
        &settings(),
        r"
        C+ BDAT 6\r\nQUIT\r\nNOOP\r\n
        S: 503 5.5.1 Say MAIL first
        S: 250 2.0.0 Ok
        C+ HELO c\r\nMAIL FROM:<>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n
        S: 250 mx.here.example
        S: 250 2.1.0 Sender ok
        S: 503 5.5.1 Say RCPT first
        S: 250 2.0.0 Ok
        C+ RCPT TO:<x@other>\r\nBDAT 0 LAST\r\n
        S: 550 5.7.1 We do not relay for you
        S: 554 5.5.1 No valid recipient
        ",
    );
}

#[test]
fn between_chunks_only_some_commands_are_legal() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 2\r\nab
        = Begin
        S: 250 2.0.0 2 octets taken
        C: DATA
        S: 503 5.5.1 Go on with BDAT, or say RSET
        C: RCPT TO:<y@here.example>
        S: 503 5.5.1 Go on with BDAT, or say RSET
        C: MAIL FROM:<>
        S: 503 5.5.1 One mail at a time
        C: NOOP
        S: 250 2.0.0 Ok
        C: RSET
        = Abandon
        S: 250 2.0.0 Flushed
        C: BDAT 0 LAST
        S: 503 5.5.1 Say MAIL first
        ",
    );
}

#[test]
fn a_refused_chunk_leaves_the_stream_in_step_and_the_mail_refused() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 6\r\na\nb\r\nxBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n
        = Begin
        = Abandon
        S: 550 5.6.11 A bare CR or LF in the mail
        S: 550 5.6.11 A bare CR or LF in the mail
        S: 550 5.6.11 A bare CR or LF in the mail
        S: 250 2.0.0 Ok
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        ",
    );
}

#[test]
fn a_line_end_may_be_cut_by_a_chunk() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 2\r\na\rBDAT 2\r\n\nbBDAT 1 LAST\r\n\r
        = Begin
        S: 250 2.0.0 2 octets taken
        S: 250 2.0.0 2 octets taken
        = Abandon
        S: 550 5.6.11 A bare CR or LF in the mail
        ",
    );
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 2\r\na\rBDAT 0\r\nBDAT 2 LAST\r\n\nb
        = Begin
        S: 250 2.0.0 2 octets taken
        S: 250 2.0.0 0 octets taken
        = id.1 <a@b> <x@here.example>: a\r\nb
        S: 250 2.0.0 Ok: queued as id.1
        ",
    );
}

#[test]
fn binary_mail_keeps_every_octet_and_goes_by_bdat_only() {
    after_rcpt(
        &settings(),
        " BODY=BINARYMIME",
        r"
        C: DATA
        S: 503 5.5.1 BINARYMIME goes by BDAT only
        C+ BDAT 7\r\nA: b\r\n\rBDAT 13 LAST\r\n\n\0\n.\n\r.\r\r\n.\r\n
        = Begin
        S: 250 2.0.0 7 octets taken
        = id.1 <a@b> <x@here.example>: A: b\r\n\r\n\x00\n.\n\r.\r\r\n.\r\n
        S: 250 2.0.0 Ok: queued as id.1
        ",
    );
}

#[test]
fn text_by_bdat_is_text() {
    after_rcpt(
        &settings(),
        "",
        r"
        C+ BDAT 2 LAST\r\na\0
        = Begin
        = Abandon
        S: 550 5.6.11 A NUL in the mail
        ",
    );
    after_rcpt(
        &lenient(),
        "",
        r"
        C+ BDAT 3\r\na\n\rBDAT 2\r\nb\rBDAT 1 LAST\r\nc
        = Begin
        S: 250 2.0.0 3 octets taken
        S: 250 2.0.0 2 octets taken
        = id.1 <a@b> <x@here.example>: a\r\n b c
        S: 250 2.0.0 Ok: queued as id.1
        ",
    );
}

#[test]
fn a_chunk_whose_size_is_not_known_ends_the_connection() {
    for line in ["BDAT", "BDAT x", "BDAT -1", "BDAT 1 LATE", "BDAT 1 LAST x", "BDAT 99999999999999999999"] {
        let found = events(&settings(), [format!("{line}\r\nNOOP\r\n").as_bytes()]);
        assert_eq!(replies(&found), ["501 5.5.4 Say BDAT size [LAST]; the size was lost, so this ends"], "{line}");
        assert_eq!(found.last(), Some(&Event::Close));
    }
}
