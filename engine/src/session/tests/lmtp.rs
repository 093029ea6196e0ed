//! LMTP (RFC 2033): what is said otherwise than in SMTP.

use super::*;

fn lmtp() -> SessionSettings {
    SessionSettings { lmtp: true, ..settings() }
}

#[test]
fn each_recipient_hears_what_became_of_the_mail_in_their_order_and_twice_if_named_twice() {
    dialogue(
        &lmtp(),
        "C: LHLO c
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
        C: MAIL FROM:<a@b>
        S: 250 2.1.0 Sender ok
        C: RCPT TO:<x@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@elsewhere.example>
        S: 550 5.7.1 We do not relay for you
        C: RCPT TO:<y@here.example>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<x@here.example>
        S: 250 2.1.5 Recipient ok
        C: DATA
        = Begin
        S: 354 End with a dot on a line of its own
        C: hi
        C: .
        = id.1 <a@b> <x@here.example> <y@here.example> <x@here.example>: hi\\r\\n
        S: 250 2.1.5 <x@here.example> Ok: queued as id.1
        S: 250 2.1.5 <y@here.example> Ok: queued as id.1
        S: 250 2.1.5 <x@here.example> Ok: queued as id.1
        C: NOOP
        S: 250 2.0.0 Ok",
    );
}

const TWO: &str = "LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nRCPT TO:<y@here.example>\r\n";

/// The replies to what is said behind two recipients.
fn behind_two(text: &str) -> Vec<String> {
    let mut said = replies(&events(&lmtp(), [format!("{TWO}{text}").as_bytes()]));
    said.split_off(4)
}

#[test]
fn content_that_is_refused_is_refused_to_each_recipient() {
    let refusal = "550 5.6.11 A bare CR or LF in the mail";
    assert_eq!(behind_two("DATA\r\na\nb\r\n.\r\nNOOP\r\n")[1..], [refusal, refusal, "250 2.0.0 Ok"]);
}

#[test]
fn only_the_last_chunk_is_answered_for_each_recipient() {
    let taken = ["250 2.0.0 3 octets taken"];
    let queued = ["<x@here.example>", "<y@here.example>"].map(|to| format!("250 2.1.5 {to} Ok: queued as id.1"));
    assert_eq!(behind_two("BDAT 3\r\na\r\nBDAT 0 LAST\r\n"), [&taken.map(str::to_owned)[..], &queued].concat());
    let refusal = "550 5.6.11 A bare CR or LF in the mail";
    assert_eq!(behind_two("BDAT 3\r\na\nbBDAT 0 LAST\r\nNOOP\r\n"), [refusal, refusal, refusal, "250 2.0.0 Ok"]);
}

#[test]
fn a_mail_that_is_not_kept_is_refused_to_each_and_one_that_is_not_begun_once() {
    let full = || Reply::new(452, 3, 1, "No space");
    let mut session = Session::new(Arc::new(lmtp()), Peer::default(), "id");
    session.greeting();
    let said = |session: &mut Session, text: &str, refuse: bool| {
        let (mut input, mut said) = (BytesMut::from(text), Vec::new());
        while let Some(action) = session.step(&mut input) {
            match action {
                Action::BeginContent { .. } if refuse => session.refuse_content(full()),
                Action::Commit(_) => session.committed(Err(full())),
                Action::Reply(reply) => said.push(reply.to_string()),
                _ => {}
            }
        }
        said.split_off(4)
    };
    assert_eq!(said(&mut session, &format!("{TWO}DATA\r\nhi\r\n.\r\n"), false)[1..], ["452 4.3.1 No space"; 2]);
    assert_eq!(said(&mut session, &format!("{TWO}DATA\r\nNOOP\r\n"), true), ["452 4.3.1 No space", "250 2.0.0 Ok"]);
}

#[test]
fn without_a_valid_recipient_the_code_is_503_and_no_bad_command() {
    let mut settings = lmtp();
    settings.limits.errors = 2;
    dialogue(
        &settings,
        "C+ LHLO c\\r\\nMAIL FROM:<a@b>\\r\\nRCPT TO:<x@elsewhere.example>\\r\\nDATA\\r\\nBDAT 1 LAST\\r\\nxNOOP\\r\\n
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
        S: 250 2.1.0 Sender ok
        S: 550 5.7.1 We do not relay for you
        S: 503 5.5.1 No valid recipient
        S: 503 5.5.1 No valid recipient
        S: 250 2.0.0 Ok",
    );
}

#[test]
fn each_protocol_refuses_the_hello_of_the_other() {
    dialogue(
        &lmtp(),
        "C: EHLO c
        S: 502 5.5.1 This is LMTP: say LHLO
        C: HELO c
        S: 502 5.5.1 This is LMTP: say LHLO
        C: MAIL FROM:<a@b>
        S: 503 5.5.1 Say LHLO first
        C: HELP
        S: 214-2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT
        S: 214 2.0.0 See RFC 2033 for what they mean",
    );
    dialogue(
        &settings(),
        "C: LHLO c
        S: 502 5.5.1 This is SMTP: say EHLO",
    );
    let mut session = Session::new(Arc::new(lmtp()), Peer::default(), "id");
    assert_eq!(session.greeting().to_string(), "220 mx.here.example LMTP Postrider");
}

#[test]
fn who_may_open_the_socket_may_send_to_anybody_and_the_mail_says_by_which_door_it_came() {
    let settings = SessionSettings { trusted: true, ..lmtp() };
    let mut dialogue = Dialogue::new(&settings);
    dialogue.send(b"LHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\nhi\r\n.\r\n");
    let arrival = dialogue.arrivals.pop().expect("it was taken");
    assert_eq!(arrival.envelope.door, crate::Door::Lmtp);
    let trace = arrival.clone().stamp(crate::Moment(0));
    assert!(String::from_utf8_lossy(&trace).contains(" with LMTP"), "{trace:?}");
}
