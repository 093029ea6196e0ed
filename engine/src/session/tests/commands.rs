//! Every command, in order and out of order, with its exact reply.

use super::*;

#[test]
fn a_mail_is_taken_and_the_extensions_are_told() {
    dialogue(
        &settings(),
        r#"
        C: EHLO client.example
        S: 250-mx.here.example
        S: 250-PIPELINING
        S: 250-SIZE 52428800
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-CHUNKING
        S: 250-BINARYMIME
        S: 250-DSN
        S: 250 LIMITS MAILMAX=10000 RCPTMAX=1000
        C: MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME
        S: 250 2.1.0 Sender ok
        C: RCPT TO:<x@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<y@sub.here.example>
        S: 250 2.1.5 Recipient ok
        C: DATA
        = Begin
        S: 354 End with a dot on a line of its own
        C: Subject: x
        C:
        C: ..dot
        C: .
        = id.1 <a@b.example> <x@here.example> <y@sub.here.example>: Subject: x\r\n\r\n.dot\r\n
        S: 250 2.0.0 Ok: queued as id.1
        C: QUIT
        S: 221 2.0.0 Bye
        = Close
        "#,
    );
}

#[test]
fn helo_works_and_begins_anew() {
    dialogue(
        &settings(),
        r#"
        C: HELO client.example
        S: 250 mx.here.example
        C: MAIL FROM:<a@b>
        S: 250 2.1.0 Sender ok
        C: helo again
        S: 250 mx.here.example
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        C: EHLO
        S: 501 Say your host name or address literal
        C: EHLO two words
        S: 501 Say your host name or address literal
        C: HELO [192.0.2.1]
        S: 250 mx.here.example
        "#,
    );
}

#[test]
fn commands_out_of_order_are_refused() {
    dialogue(
        &settings(),
        r#"
        C: MAIL FROM:<a@b>
        S: 503 5.5.1 Say EHLO first
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        C: HELO c
        S: 250 mx.here.example
        C: DATA
        S: 503 5.5.1 Say MAIL first
        C: MAIL FROM:<a@b>
        S: 250 2.1.0 Sender ok
        C: MAIL FROM:<a@b>
        S: 503 5.5.1 One mail at a time
        C: DATA
        S: 503 5.5.1 Say RCPT first
        C: RCPT TO:<x@elsewhere.example>
        S: 550 5.7.1 We do not relay for you
        C: DATA
        S: 554 5.5.1 No valid recipient
        C: RSET
        S: 250 2.0.0 Flushed
        C: RCPT TO:<x@here.example>
        S: 503 5.5.1 Say MAIL first
        "#,
    );
}

#[test]
fn small_commands_have_their_replies_at_any_time() {
    dialogue(
        &settings(),
        r#"
        C: NOOP
        S: 250 2.0.0 Ok
        C: noop with words
        S: 250 2.0.0 Ok
        C: RSET
        S: 250 2.0.0 Flushed
        C: VRFY postmaster
        S: 252 2.0.0 Send it and see: addresses are not verified here
        C: VRFY
        S: 501 5.5.4 The command needs an argument
        C: EXPN list
        S: 502 5.5.1 Not offered here
        C: HELP
        S: 214-2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT
        S: 214 2.0.0 See RFC 5321 for what they mean
        C: STARTTLS
        S: 502 5.5.1 Not offered here
        C: AUTH PLAIN AGEAYg==
        S: 502 5.5.1 Not offered here
        C: XCLIENT ADDR=1.2.3.4
        S: 500 5.5.2 What is that?
        C:
        S: 500 5.5.2 What is that?
        C: RSET now
        S: 501 5.5.4 The command takes no argument
        C: RSET
        S: 250 2.0.0 Flushed
        C: QUIT please
        S: 501 5.5.4 The command takes no argument
        "#,
    );
}

#[test]
fn paths_are_read_in_every_form() {
    dialogue(
        &settings(),
        r#"
        C: HELO c
        S: 250 mx.here.example
        C: mail from: <> 
        S: 250 2.1.0 Sender ok
        C: rcpt to:<PostMaster>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<"a > b"@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<"\">"@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<@hop.example,@hop2.example:x@HERE.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@xn--bcher-kva.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@[192.0.2.1]>
        S: 550 5.7.1 We do not relay for you
        C: DATA
        = Begin
        S: 354 End with a dot on a line of its own
        C: x
        C: .
        = id.1 <> <PostMaster> <"a > b"@here.example> <"\">"@here.example> <x@HERE.example> <x@xn--bcher-kva.example>: x\r\n
        S: 250 2.0.0 Ok: queued as id.1
        "#,
    );
}

/// The reply to one MAIL or RCPT after all that has to come before it.
fn reply_to(line: &str, smtputf8: bool) -> String {
    let mail = if smtputf8 { "MAIL FROM:<a@b> SMTPUTF8\r\n" } else { "MAIL FROM:<a@b>\r\n" };
    let head = if line.starts_with("MAIL") { "EHLO c\r\n".to_owned() } else { format!("EHLO c\r\n{mail}") };
    let all = format!("{head}{line}\r\n");
    replies(&events(&settings(), [all.as_bytes()])).pop().unwrap()
}

#[test]
fn bad_paths_and_parameters_have_exact_replies() {
    let path = "501 5.1.7 Bad sender address";
    let parameter = "501 5.5.4 Bad value of a parameter, or given twice";
    let unknown = "555 5.5.4 Unknown parameter";
    let table = [
        ("MAIL", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL a@b", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL FROM:a@b", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL FROM:<a@b", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL FROM:<a@b>SIZE=1", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL TO:<a@b>", "501 5.5.2 Say MAIL FROM:<address>"),
        ("MAIL FROM:<a b@c>", path),
        ("MAIL FROM:<postmaster>", path),
        ("MAIL FROM:<@hop:>", path),
        ("MAIL FROM:<@hop,b:a@b>", path),
        ("MAIL FROM:<a@b> SIZE", parameter),
        ("MAIL FROM:<a@b> SIZE=", parameter),
        ("MAIL FROM:<a@b> SIZE=+1", parameter),
        ("MAIL FROM:<a@b> SIZE=1 SIZE=1", parameter),
        ("MAIL FROM:<a@b> SIZE=99999999999999999999", parameter),
        ("MAIL FROM:<a@b> BODY=9BIT", parameter),
        ("MAIL FROM:<a@b> SMTPUTF8=1", parameter),
        ("MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8", parameter),
        ("MAIL FROM:<a@b> RET=HALF", parameter),
        ("MAIL FROM:<a@b> ENVID=a+0D+0A", parameter),
        ("MAIL FROM:<a@b> AUTH=<>", unknown),
        ("MAIL FROM:<a@b> NOTIFY=NEVER", unknown),
        ("MAIL FROM:<ä@b>", "553 5.6.7 Such an address needs SMTPUTF8"),
        ("MAIL FROM:<a@bücher.example>", "553 5.6.7 Such an address needs SMTPUTF8"),
        ("MAIL FROM:<ä@b> SMTPUTF8", "250 2.1.0 Sender ok"),
        ("MAIL FROM:<a@b> size=1  body=7bit ret=hdrs envid=q+2B", "250 2.1.0 Sender ok"),
        ("MAIL FROM:<a@b> SIZE=52428801", "552 5.3.4 The mail is too big"),
        ("RCPT TO:x@here.example", "501 5.5.2 Say RCPT TO:<address>"),
        ("RCPT TO:<>", "501 5.1.3 Bad recipient address"),
        ("RCPT TO:<x>", "501 5.1.3 Bad recipient address"),
        ("RCPT TO:<x@here.example> NOTIFY=NEVER,SUCCESS", parameter),
        ("RCPT TO:<x@here.example> NOTIFY=SUCCESS,SUCCESS", parameter),
        ("RCPT TO:<x@here.example> NOTIFY=", parameter),
        ("RCPT TO:<x@here.example> ORCPT=x@y", parameter),
        ("RCPT TO:<x@here.example> ORCPT=;x@y", parameter),
        ("RCPT TO:<x@here.example> ORCPT=rfc822;a+0A", parameter),
        ("RCPT TO:<x@here.example> ORCPT=utf-8;ä@b", parameter),
        ("RCPT TO:<x@here.example> SIZE=1", unknown),
        ("RCPT TO:<x@here.example> NOTIFY=SUCCESS,delay ORCPT=rfc822;x+2By@z", "250 2.1.5 Recipient ok"),
        ("RCPT TO:<ä@here.example>", "553 5.6.7 Such an address needs SMTPUTF8"),
        ("RCPT TO:<x@evil-here.example>", "550 5.7.1 We do not relay for you"),
    ];
    for (line, reply) in table {
        assert_eq!(reply_to(line, false), reply, "{line}");
    }
    assert_eq!(reply_to("RCPT TO:<ä@bücher.example> ORCPT=utf-8;ä@b", true), "250 2.1.5 Recipient ok");
}

#[test]
fn parameters_reach_the_envelope() {
    let mut dialogue = Dialogue::new(&settings());
    dialogue.send(b"EHLO c\r\nMAIL FROM:<a@b> RET=HDRS ENVID=Q+2B1 BODY=8BITMIME SMTPUTF8\r\n");
    dialogue.send(b"RCPT TO:<x@here.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;y@z\r\nDATA\r\n.\r\n");
    let envelope = &dialogue.arrivals[0].envelope;
    assert_eq!((envelope.ret, envelope.envid.as_deref()), (Some(crate::Ret::Headers), Some("Q+2B1")));
    assert!(envelope.smtputf8 && envelope.body == Body::EightBitMime && envelope.peer.extended);
    let (_, recipient) = envelope.recipients.iter().next().unwrap();
    assert_eq!(recipient.notify, Some(crate::Notify { success: true, failure: true, delay: false }));
    assert_eq!(recipient.orcpt.as_deref(), Some("rfc822;y@z"));
}

#[test]
fn networks_of_the_settings_may_relay() {
    let mut settings = settings();
    settings.relay.networks = vec!["192.0.2.0/24".parse().unwrap()];
    let head = b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@anywhere.example>\r\nRCPT TO:<u@[192.0.2.9]>\r\n";
    let found = replies(&events(&settings, [head as &[u8]]));
    assert_eq!(found[2..], ["250 2.1.5 Recipient ok", "250 2.1.5 Recipient ok"]);
}
