//! Engines that die, and what becomes of their mail when they come back.

use std::sync::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    Arc,
};

use postrider::{
    assert_delivered, assert_no_duplicates, assert_not_delivered,
    testing::{draft, wait, Act, At, NotSent, TestEngine},
    End,
};

use crate::{send, HELLO, HOUR, MINUTE};

#[test]
fn after_a_crash_a_mail_that_waited_is_delivered_once() {
    let mut engine = TestEngine::start();
    engine.peer().down();
    send(&engine, &["ann@example.org"]);
    engine.crash();
    engine.peer().up();
    engine.restart();
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_eq!(wait(engine.engine().audit()).unwrap().on_disk, 0);
}

#[test]
fn what_was_delivered_before_a_crash_is_not_delivered_again() {
    let mut engine = TestEngine::start();
    engine.peer().once(At::Rcpt(2), (450, "4.2.1 The mailbox is busy"));
    send(&engine, &["ann@example.org", "bob@example.org"]);
    for _ in 0..3 {
        engine.restart();
    }
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_delivered!(engine, "bob@example.org", times = 1);
}

#[test]
fn a_crash_in_the_middle_of_a_transaction_cuts_it_and_the_mail_comes_again() {
    let mut engine = TestEngine::start();
    engine.peer().once(At::Data, Act::Usual.late(MINUTE));
    send(&engine, &["ann@example.org"]);
    engine.crash();
    assert_not_delivered!(engine, "ann@example.org");
    engine.restart();
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_no_duplicates!(engine);
}

#[test]
fn the_clock_goes_on_where_it_stopped_and_stands_still_while_the_engine_is_down() {
    let mut engine = TestEngine::start();
    let begin = engine.now();
    engine.advance(MINUTE);
    engine.crash();
    assert_eq!(engine.now(), begin + MINUTE);
    engine.restart();
    assert_eq!(engine.now(), begin + MINUTE);
    engine.advance(MINUTE);
    assert_eq!(engine.now(), begin + 2 * MINUTE);
}

#[test]
fn an_engine_that_is_down_takes_no_mail_and_its_handle_says_so() {
    let mut engine = TestEngine::start();
    engine.crash();
    let sent = engine.send(draft("me@home.example", ["ann@example.org"], HELLO));
    assert!(matches!(sent, Err(NotSent::Down)), "{sent:?}");
    assert!(wait(engine.engine().held()).is_err());
    assert!(matches!(wait(engine.engine().ended()), End::Failed { .. }));
}

#[test]
fn what_the_program_brings_along_is_there_again_after_a_restart() {
    let starts = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&starts);
    let builder = TestEngine::builder().configure(move |builder| {
        count.fetch_add(1, Relaxed);
        builder
    });
    let mut engine = builder.start();
    engine.restart();
    assert_eq!(starts.load(Relaxed), 2);
}

#[test]
fn a_drained_engine_can_be_started_again() {
    let mut engine = TestEngine::start();
    engine.peer().down();
    send(&engine, &["ann@example.org"]);
    assert_eq!(wait(engine.engine().drain(MINUTE)), End::Drained);
    engine.peer().up();
    engine.restart();
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
}
