//! Before, beside and after the dialogue: greeting, strangers, time, stopping, TLS, and the caller's own refusals.

use super::*;

fn fresh(settings: SessionSettings) -> Session {
    Session::new(Arc::new(settings), Peer::default(), "id")
}

fn steps(session: &mut Session, octets: &[u8]) -> Vec<String> {
    let mut input = BytesMut::from(octets);
    std::iter::from_fn(|| session.step(&mut input)).map(|action| shown(&action)).collect()
}

fn shown(action: &Action) -> String {
    match action {
        Action::Reply(reply) => reply.to_string(),
        Action::Content(octets) => octets.escape_ascii().to_string(),
        Action::Commit(arrival) => format!("commit {}", arrival.id),
        other => format!("{other:?}"),
    }
}

#[test]
fn who_talks_before_the_greeting_is_sent_away() {
    let mut session = fresh(settings());
    assert!(steps(&mut session, b"").is_empty());
    assert_eq!(session.phase(), Phase::Greeting);
    assert_eq!(steps(&mut session, b"E"), ["554 5.5.0 You spoke before the greeting", "Close"]);
    assert_eq!(session.phase(), Phase::Closed);
    assert!(steps(&mut session, b"HLO c\r\n").is_empty());
}

#[test]
fn the_greeting_names_the_host_and_no_enhanced_code() {
    assert_eq!(fresh(settings()).greeting().to_string(), "220 mx.here.example ESMTP Postrider");
    let table = [
        (Refusal::Busy, "421 4.3.2 Too many connections, come back later"),
        (Refusal::TooManyFromNetwork, "421 4.7.0 Too many connections from your network"),
        (Refusal::Stopping, "421 4.3.2 Stopping, come back later"),
        (Refusal::NotServed, "554 5.7.1 No service for you here"),
    ];
    for (refusal, reply) in table {
        let mut session = fresh(settings());
        assert_eq!(session.refuse(refusal).to_string(), reply);
        assert_eq!(session.phase(), Phase::Closed);
    }
}

#[test]
fn http_and_tls_are_sent_away_at_once() {
    for stranger in
        [b"GET / HTTP/1.1\r\nHost: x\r\n" as &[u8], b"PRI * HTTP/2.0\r\n\r\n", b"post /\r\n", b"\x16\x03\x01"]
    {
        let mut session = fresh(settings());
        session.greeting();
        assert_eq!(steps(&mut session, stranger), ["554 5.5.0 This is SMTP", "Close"]);
    }
}

#[test]
fn last_words_are_said_in_every_phase() {
    let mut session = fresh(settings());
    session.greeting();
    assert_eq!(session.timed_out().to_string(), "421 4.4.2 Timed out");
    assert_eq!(fresh(settings()).stopping().to_string(), "421 4.3.2 Stopping, come back later");
    let mut session = in_data(settings());
    assert!(session.eof(), "content had begun");
    assert!(!session.eof());
}

const TO_DATA: &[u8] = b"EHLO c\r\nMAIL FROM:<a@b> SIZE=7\r\nRCPT TO:<postmaster>\r\nDATA\r\n";

/// A session that has said 354.
fn in_data(settings: SessionSettings) -> Session {
    let mut session = fresh(settings);
    session.greeting();
    let said = steps(&mut session, TO_DATA);
    assert_eq!(said[3..], ["BeginContent { declared: Some(7) }", "354 End with a dot on a line of its own"]);
    session
}

#[test]
fn a_phase_tells_which_time_limit_holds() {
    let mut session = in_data(settings());
    assert_eq!(session.phase(), Phase::Content);
    steps(&mut session, b"a\nb\r\n");
    assert_eq!(session.phase(), Phase::Draining);
    steps(&mut session, b".\r\n");
    assert_eq!(session.phase(), Phase::Command);
    steps(&mut session, b"NO\nOP");
    assert_eq!(session.phase(), Phase::Draining);
    steps(&mut session, b"\r\nBDAT 5\r\nx");
    assert_eq!(session.phase(), Phase::Draining);
    let mut session = in_data(settings());
    assert_eq!(steps(&mut session, b".\r\n"), ["commit id.1"]);
    assert_eq!((session.phase(), session.mail_id().as_str()), (Phase::Committing, "id.1"));
}

#[test]
fn the_door_may_refuse_a_whole_mail() {
    let mut session = in_data(settings());
    steps(&mut session, b".\r\n");
    session.committed(Err(Reply::new(451, 3, 0, "Not now")));
    assert_eq!(steps(&mut session, b"DATA\r\n"), ["451 4.3.0 Not now", "503 5.5.1 Say MAIL first"]);
    session.committed(Ok("twice"));
    assert!(steps(&mut session, b"").is_empty(), "an answer that nobody waits for is none");
}

#[test]
fn the_caller_may_refuse_content_before_and_while_it_comes() {
    let full = || Reply::new(452, 3, 1, "No space");
    let mut session = fresh(settings());
    session.greeting();
    let mut input = BytesMut::from(TO_DATA);
    while let Some(action) = session.step(&mut input) {
        if let Action::BeginContent { .. } = action {
            session.refuse_content(full());
            break;
        }
    }
    assert_eq!(steps(&mut session, b"NOOP\r\n"), ["452 4.3.1 No space", "250 2.0.0 Ok"]);
    let mut session = in_data(settings());
    assert_eq!(steps(&mut session, b"abc\r\n"), ["abc\\r\\n"]);
    session.refuse_content(full());
    assert_eq!(session.phase(), Phase::Draining);
    assert_eq!(steps(&mut session, b"d\ne\r\n.\r\nNOOP\r\n"), ["452 4.3.1 No space", "250 2.0.0 Ok"]);
}

#[test]
fn start_tls_discards_what_was_read_ahead_and_begins_anew() {
    let mut session = fresh(SessionSettings { starttls: true, ..settings() });
    session.greeting();
    assert!(steps(&mut session, b"EHLO c\r\n")[0].ends_with("STARTTLS"));
    let injected = b"STARTTLS\r\nMAIL FROM:<evil@x>\r\n";
    let mut input = BytesMut::from(&injected[..]);
    let found: Vec<_> = std::iter::from_fn(|| session.step(&mut input)).map(|action| shown(&action)).collect();
    assert_eq!(found, ["220 2.0.0 Start TLS", "StartTls"]);
    assert!(input.is_empty());
    assert_eq!(session.phase(), Phase::StartingTls);
    session.tls_started("TLSv1.3");
    assert_eq!(steps(&mut session, b"MAIL FROM:<a@b>\r\n"), ["503 5.5.1 Say EHLO first"]);
    assert!(!steps(&mut session, b"EHLO c\r\n")[0].contains("STARTTLS"));
    assert_eq!(steps(&mut session, b"STARTTLS\r\n"), ["503 5.5.1 This is TLS already"]);
    assert_eq!(session.peer().tls.as_deref(), Some("TLSv1.3"));
}

#[test]
fn the_header_is_whole_with_the_line_behind_it_and_the_envelope_is_there_meanwhile() {
    let mut session = in_data(settings());
    let pieces: [(&[u8], bool); 4] = [(b"A: b", false), (b"\r\n", false), (b" c\r\n", false), (b"\r\nbody", true)];
    for (piece, whole) in pieces {
        steps(&mut session, piece);
        assert_eq!(session.header_is_whole(), whole, "{}", piece.escape_ascii());
        assert_eq!(session.envelope().map(|envelope| envelope.recipients.len()), Some(1));
    }
    let mut session = in_data(settings());
    steps(&mut session, b"no field\r\n");
    assert!(session.header_is_whole(), "there is none");
    steps(&mut session, b".\r\n");
    assert!(!session.header_is_whole() && session.envelope().is_none(), "the mail is the caller's now");
}
