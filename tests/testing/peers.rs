//! Connections that are cut, peers that are slow, peers that speak as few do.

use postrider::{
    assert_delivered, assert_no_duplicates, assert_not_delivered,
    settings::Settings,
    testing::{draft, duplicates, Act, At, Extension, Peer, TestEngine},
};

use crate::{send, HOUR, MINUTE, SECOND};

/// All but BDAT: content comes by DATA.
fn without_chunks() -> Vec<Extension> {
    let all = Extension::all().into_iter();
    all.filter(|offer| !matches!(offer, Extension::Chunking | Extension::BinaryMime)).collect()
}

#[test]
fn cut_before_the_dot_a_mail_is_delivered_exactly_once() {
    for offers in [Extension::all(), without_chunks()] {
        for act in [Act::Cut, Act::CutAfter(0), Act::CutAfter(20), Act::CutAfter(1_000_000)] {
            let engine = TestEngine::start();
            engine.peer().offers(offers.clone()).once(At::Data, act);
            send(&engine, &["ann@example.org"]);
            assert_not_delivered!(engine, "ann@example.org");
            engine.advance(HOUR);
            assert_delivered!(engine, "ann@example.org", times = 1);
            assert_no_duplicates!(engine);
        }
    }
}

#[test]
fn cut_after_the_dot_a_mail_is_perhaps_delivered_and_by_default_twice() {
    for offers in [Extension::all(), without_chunks()] {
        let engine = TestEngine::start();
        engine.peer().offers(offers).once(At::End, Act::Cut);
        send(&engine, &["ann@example.org"]);
        assert!(!engine.peer().taken()[0].answered);
        engine.advance(HOUR);
        assert_delivered!(engine, "ann@example.org", times = 2);
        let twice = duplicates(&engine);
        assert_eq!((twice.len(), twice[0].recipient.as_str()), (1, "ann@example.org"));
    }
}

#[test]
fn cut_at_any_command_a_mail_is_delivered_once() {
    for at in [At::Connect, At::Hello, At::Mail, At::Rcpt(1), At::Data, At::Quit] {
        let engine = TestEngine::start();
        engine.peer().once(at, Act::Cut);
        send(&engine, &["ann@example.org"]);
        engine.advance(HOUR);
        assert_delivered!(engine, "ann@example.org", times = 1);
    }
}

#[test]
fn a_peer_that_never_answers_costs_the_time_limit_of_the_step() {
    let engine = TestEngine::start();
    engine.peer().once(At::Mail, Act::Hang);
    send(&engine, &["ann@example.org"]);
    engine.advance(5 * MINUTE - SECOND);
    assert_eq!(engine.peer().connections(), 1);
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
}

#[test]
fn a_slow_peer_takes_a_mail_in_as_much_of_the_engines_time() {
    let engine = TestEngine::start();
    let begin = engine.now();
    engine.peer().slow(MINUTE);
    send(&engine, &["ann@example.org"]);
    assert_not_delivered!(engine, "ann@example.org");
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    // Greeting, EHLO, MAIL and RCPT have been answered before the content comes.
    assert_eq!(engine.peer().taken()[0].at, begin + 4 * MINUTE);
}

#[test]
fn one_late_answer_is_waited_for() {
    let engine = TestEngine::start();
    engine.peer().once(At::Mail, Act::Usual.late(4 * MINUTE));
    send(&engine, &["ann@example.org"]);
    engine.advance(4 * MINUTE - SECOND);
    assert_not_delivered!(engine, "ann@example.org");
    engine.advance(SECOND);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_eq!(engine.peer().connections(), 1);
}

#[test]
fn replies_that_drip_in_octet_by_octet_and_in_several_lines_are_understood() {
    let engine = TestEngine::start();
    engine.peer().drip(SECOND / 100).multi_line(true).once(At::Rcpt(2), (550, "5.1.1 No such user"));
    send(&engine, &["ann@example.org", "bob@example.org"]);
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_not_delivered!(engine, "bob@example.org");
}

#[test]
fn a_peer_that_offers_nothing_gets_seven_bits_and_no_parameters() {
    let engine = TestEngine::start();
    engine.peer().offers([]);
    send(&engine, &["ann@example.org"]);
    assert_delivered!(engine, "ann@example.org", times = 1);
    let taken = &engine.peer().taken()[0];
    assert!(taken.parameters.is_empty() && taken.recipients[0].parameters.is_empty() && !taken.by_chunks);
}

#[test]
fn dots_at_the_beginning_of_lines_come_as_they_were() {
    let content = "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n";
    for offers in [Extension::all(), without_chunks()] {
        let engine = TestEngine::start();
        engine.peer().offers(offers);
        engine.send(draft("me@home.example", ["ann@example.org"], content)).unwrap();
        assert_eq!(engine.peer().taken()[0].text(), content);
    }
}

#[test]
fn an_lmtp_service_answers_for_each_recipient() {
    let service = Peer::start_lmtp();
    service.once(At::EndFor(2), (450, "4.2.2 Over quota"));
    let settings = "hostname = \"engine.test\"\n[[route]]\ndomain = \"*\"\nto = \"lmtp:/run/service\"\n";
    let settings = Settings::from_toml(settings).unwrap();
    let engine = TestEngine::builder().settings(settings).peer_for("/run/service", &service).start();
    send(&engine, &["ann@example.org", "bob@example.org"]);
    assert_delivered!(service, "ann@example.org", times = 1);
    assert_not_delivered!(service, "bob@example.org");
    engine.advance(HOUR);
    assert_delivered!(service, "ann@example.org", times = 1);
    assert_delivered!(service, "bob@example.org", times = 1);
}
