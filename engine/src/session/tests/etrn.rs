//! ETRN (RFC 1985): who may ask, for what, and what is answered.

use super::*;

fn shown(action: &Action) -> String {
    match action {
        Action::Reply(reply) => reply.to_string(),
        other => format!("{other:?}"),
    }
}

fn for_our_network() -> SessionSettings {
    let mut settings = settings();
    settings.relay.networks = vec!["192.0.2.0/24".parse().unwrap()];
    settings
}

#[test]
fn a_client_of_our_networks_asks_for_a_domain_its_subdomains_or_a_queue() {
    dialogue(
        &for_our_network(),
        "C: ETRN example.org
        S: 503 5.5.1 Say EHLO first
        C: HELO c
        S: 250 mx.here.example
        C: ETRN Example.ORG
        = Flush(Domain(\"example.org\"))
        S: 250 2.0.0 Queuing for node Example.ORG started
        C: ETRN @example.org
        = Flush(Within(\"example.org\"))
        S: 250 2.0.0 Queuing for node @example.org started
        C: etrn #bulk
        = Flush(Queue(\"bulk\"))
        S: 250 2.0.0 Queuing for node #bulk started
        C: ETRN
        S: 501 5.5.4 Say ETRN and a domain, @domain or #queue
        C: ETRN a b
        S: 501 5.5.4 Say ETRN and a domain, @domain or #queue
        C: MAIL FROM:<a@b>
        S: 250 2.1.0 Sender ok
        C: ETRN example.org
        S: 503 5.5.1 Not within a mail",
    );
}

#[test]
fn others_are_not_offered_it_and_hear_459() {
    let ours = replies(&events(&for_our_network(), [b"EHLO c\r\n" as &[u8]]));
    assert!(ours[0].ends_with(" ETRN"), "{ours:?}");
    let others = replies(&events(&settings(), [b"EHLO c\r\nETRN example.org\r\n" as &[u8]]));
    assert!(!others[0].contains("ETRN"), "{others:?}");
    assert_eq!(others[1], "459 4.7.1 Node example.org not allowed: not for your network");
    let mut lmtp = for_our_network();
    lmtp.lmtp = true;
    let by_lmtp = replies(&events(&lmtp, [b"LHLO c\r\nETRN example.org\r\n" as &[u8]]));
    assert!(!by_lmtp[0].contains("ETRN"), "{by_lmtp:?}");
    assert_eq!(by_lmtp[1], "502 5.5.1 Not offered here");
}

#[test]
fn nothing_more_is_understood_before_the_answer_and_the_answer_is_the_reply() {
    let table = [
        (Flushed::Started, "250 2.0.0 Queuing for node a.example started"),
        (Flushed::Nothing, "251 2.0.0 No messages waiting for node a.example"),
        (Flushed::TooSoon, "458 4.3.2 Node a.example was asked for just now, try again later"),
        (Flushed::Unable, "458 4.3.2 Unable to queue messages for node a.example"),
    ];
    for (said, reply) in table {
        let peer = Peer { ip: "192.0.2.7".parse().ok(), ..Peer::default() };
        let mut session = Session::new(Arc::new(for_our_network()), peer, "id");
        session.greeting();
        let mut input = BytesMut::from("HELO c\r\nETRN a.example\r\nNOOP\r\n");
        assert!(matches!(session.step(&mut input), Some(Action::Reply(_))));
        assert!(matches!(session.step(&mut input), Some(Action::Flush(_))));
        assert!(session.step(&mut input).is_none());
        assert_eq!(session.phase(), Phase::Asking);
        session.flushed(said);
        session.flushed(Flushed::Started);
        let rest: Vec<String> = std::iter::from_fn(|| session.step(&mut input)).map(|action| shown(&action)).collect();
        assert_eq!(rest.len(), 2, "an answer that nobody waits for is none: {rest:?}");
        assert!(rest[0] == reply, "{rest:?}");
    }
}
