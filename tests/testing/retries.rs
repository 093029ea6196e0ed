//! What a peer says to a mail, and what becomes of it.

use std::time::Instant;

use postrider::{
    assert_delivered, assert_failed, assert_no_duplicates, assert_not_delivered, assert_reported,
    testing::{draft, Act, At, Peer, TestEngine},
};

use crate::{send, DAY, HOUR, MINUTE, SECOND};

#[test]
fn a_mail_is_delivered_at_once_and_no_time_passes() {
    let engine = TestEngine::start();
    let begin = engine.now();
    send(&engine, &["ann@example.org"]);
    assert_delivered!(engine, "ann@example.org", subject = "Hello", contains = "Hi!", times = 1);
    assert_eq!(engine.now(), begin);
    assert_eq!(engine.peer().taken()[0].at, begin);
}

#[test]
fn the_third_of_three_is_put_off_and_retried_after_its_pause_and_the_other_two_are_delivered() {
    let engine = TestEngine::start();
    engine.peer().once(At::Rcpt(3), (450, "4.2.1 The mailbox is busy"));
    send(&engine, &["ann@example.org", "bob@example.org", "eve@example.org"]);
    assert_delivered!(engine, "ann@example.org");
    assert_delivered!(engine, "bob@example.org");
    engine.advance(MINUTE - SECOND / 1000);
    assert_not_delivered!(engine, "eve@example.org");
    engine.advance(SECOND / 1000);
    assert_delivered!(engine, "eve@example.org", times = 1);
    assert_no_duplicates!(engine);
}

fn five_days() -> TestEngine {
    let engine = TestEngine::start();
    engine.peer().always(At::rcpt_to("ann@example.org"), (450, "4.2.1 The mailbox is busy"));
    send(&engine, &["ann@example.org"]);
    engine.advance(5 * DAY);
    engine
}

#[test]
fn five_days_of_retries_take_less_than_a_second() {
    let begun = Instant::now();
    let mut engine = five_days();
    let mut took = begun.elapsed();
    for _ in 0..5 {
        // The machine may have other things to do.
        if took >= SECOND {
            let begun = Instant::now();
            engine = five_days();
            took = begun.elapsed();
        }
    }
    assert!(took < SECOND, "it took {took:?}");
    assert!(engine.peer().connections() > 30);
    assert_reported!(engine, "ann@example.org", "delayed", times = 1);
    assert_failed!(engine, "ann@example.org", to = "me@home.example", times = 1);
    assert_not_delivered!(engine, "ann@example.org");
}

#[test]
fn an_unknown_recipient_fails_at_once_and_the_sender_is_told() {
    let engine = TestEngine::start();
    engine.peer().always(At::rcpt_to("nobody@example.org"), (550, "5.1.1 No such user"));
    send(&engine, &["ann@example.org", "nobody@example.org"]);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_failed!(engine, "nobody@example.org", status = "5.1.1", times = 1);
    assert_delivered!(engine, "me@home.example", contains = "nobody@example.org");
}

#[test]
fn a_peer_that_refuses_the_next_two_mails_takes_the_third() {
    let engine = TestEngine::start();
    engine.peer().refuse_next(2);
    for to in ["ann@example.org", "bob@example.org", "eve@example.org"] {
        engine.send(draft("me@home.example", [to], format!("Subject: for {to}\r\n\r\n"))).unwrap();
    }
    assert_eq!(engine.peer().taken().len(), 1);
    assert_delivered!(engine, "eve@example.org");
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_delivered!(engine, "bob@example.org", times = 1);
}

#[test]
fn each_step_can_be_refused_for_a_while_and_the_mail_is_delivered_once() {
    for at in [At::Connect, At::Hello, At::Mail, At::mail_from("me@home.example"), At::EveryRcpt, At::Data, At::End] {
        let engine = TestEngine::start();
        engine.peer().once(at.clone(), (451, "4.3.2 Not now"));
        send(&engine, &["ann@example.org"]);
        if at != At::Hello {
            assert_not_delivered!(engine, "ann@example.org"); // after EHLO there is HELO
        }
        engine.advance(HOUR);
        assert_delivered!(engine, "ann@example.org", times = 1);
    }
}

#[test]
fn mail_for_a_host_that_is_down_waits_until_it_is_up() {
    let engine = TestEngine::start();
    engine.peer().down();
    send(&engine, &["ann@example.org"]);
    engine.advance(DAY);
    assert_eq!(engine.peer().connections(), 0);
    engine.peer().up();
    engine.advance(DAY);
    assert_delivered!(engine, "ann@example.org", times = 1);
}

#[test]
fn each_domain_can_have_a_peer_of_its_own() {
    let (here, there) = (Peer::start(), Peer::start());
    let engine = TestEngine::builder().peer(&here).peer_for("Example.net", &there).start();
    there.always(At::Mail, (550, "5.7.1 Not from you"));
    send(&engine, &["ann@example.org", "bob@example.net"]);
    assert_delivered!(here, "ann@example.org");
    assert_not_delivered!(there, "bob@example.net");
    assert_failed!(here, "bob@example.net", status = "5.7.1");
    there.forget();
    send(&engine, &["bob@example.net"]);
    assert_delivered!(there, "bob@example.net", times = 1);
}

#[test]
fn a_host_that_goes_down_cuts_the_connections_that_it_has() {
    let engine = TestEngine::start();
    engine.peer().once(At::Mail, Act::Hang);
    send(&engine, &["ann@example.org"]);
    engine.peer().down();
    engine.settle();
    engine.peer().up();
    engine.advance(2 * MINUTE); // far less than the time limit of MAIL
    assert_delivered!(engine, "ann@example.org", times = 1);
}
