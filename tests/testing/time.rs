//! Time passes when it is told to, and only as far.

use std::time::Duration;

use postrider::{
    assert_delivered,
    rules::Moment,
    testing::{draft, At, TestEngine, BEGIN},
};

use crate::{send, DAY, HELLO, MINUTE, SECOND};

#[test]
fn time_passes_exactly_as_far_as_it_is_told_to() {
    let engine = TestEngine::start();
    engine.peer().always(At::Mail, (451, "4.3.2 Not now"));
    send(&engine, &["ann@example.org"]);
    let mut now = BEGIN;
    for step in [1, 7, 999, 60_000, 61_234, 3_600_000, 1, 86_400_000] {
        let step = Duration::from_millis(step);
        engine.advance(step);
        now = now + step;
        assert_eq!(engine.now(), now);
    }
    std::thread::sleep(SECOND / 10);
    assert_eq!(engine.now(), now, "it stands still while the test does something else");
}

#[test]
fn many_short_steps_are_the_same_as_a_long_one() {
    let connections = |steps: u32| {
        let engine = TestEngine::start();
        engine.peer().always(At::Mail, (451, "4.3.2 Not now"));
        send(&engine, &["ann@example.org"]);
        (0..steps).for_each(|_| engine.advance(DAY / steps));
        let lines = engine.peer().dialogue();
        lines.into_iter().filter(|line| line.text.starts_with("MAIL")).map(|line| line.at).collect::<Vec<_>>()
    };
    let at_once = connections(1);
    assert!(at_once.len() > 5);
    assert_eq!(at_once, connections(288));
}

#[test]
fn an_engine_can_begin_at_any_time() {
    let engine = TestEngine::builder().begin(Moment(1000)).start();
    engine.advance(SECOND);
    assert_eq!(engine.now(), Moment(2000));
}

#[test]
fn a_large_mail_that_is_read_by_another_thread_is_delivered_without_time() {
    let engine = TestEngine::start();
    let content = format!("Subject: large\r\n\r\n{}", "0123456789\r\n".repeat(400_000));
    engine.send(draft("me@home.example", ["ann@example.org"], content.clone())).unwrap();
    assert_eq!(engine.peer().taken()[0].text(), content);
    assert_eq!(engine.now(), BEGIN);
}

#[test]
fn a_crowd_of_mails_is_delivered_before_time_passes() {
    let engine = TestEngine::start();
    for n in 0..200 {
        let to = format!("user{n}@example{}.org", n % 20);
        engine.send(draft("me@home.example", [to], format!("Subject: {n}\r\n\r\n"))).unwrap();
    }
    assert_eq!(engine.peer().taken().len(), 200);
    engine.peer().down();
    engine.peer().up();
    engine.settle();
    assert_eq!(engine.now(), BEGIN);
}

#[tokio::test]
async fn it_works_within_a_runtime_whose_time_goes_on() {
    let engine = TestEngine::start();
    engine.send(draft("me@home.example", ["ann@example.org"], HELLO)).unwrap();
    engine.advance(MINUTE);
    assert_delivered!(engine, "ann@example.org");
    assert!(engine.engine().held().await.unwrap().is_empty());
}
