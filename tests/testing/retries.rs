//! What a peer does to a mail, and what becomes of it.

use std::time::{Duration, Instant};

use postrider::{
    assert_delivered, assert_failed, assert_no_duplicates, assert_not_delivered, assert_reported,
    testing::{draft, Act, At, Peer, TestEngine},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

fn send(engine: &TestEngine, to: &[&str]) {
    engine.send(draft("me@home.example", to, "Subject: Hello\r\n\r\nHi!\r\n")).unwrap();
}

#[test]
fn a_mail_is_delivered_at_once_and_no_time_passes() {
    let engine = TestEngine::start();
    let begin = engine.now();
    send(&engine, &["ann@example.org"]);
    assert_delivered!(engine, "ann@example.org", subject = "Hello", contains = "Hi!", times = 1);
    assert_eq!(engine.now(), begin);
}

#[test]
fn the_third_of_three_is_put_off_and_retried_after_its_pause_and_the_other_two_are_delivered() {
    let engine = TestEngine::start();
    engine.peer().once(At::Rcpt(3), (450, "4.2.1 The mailbox is busy"));
    send(&engine, &["ann@example.org", "bob@example.org", "eve@example.org"]);
    assert_delivered!(engine, "ann@example.org");
    assert_delivered!(engine, "bob@example.org");
    assert_not_delivered!(engine, "eve@example.org");
    engine.advance(HOUR);
    assert_delivered!(engine, "eve@example.org", times = 1);
    assert_no_duplicates!(engine);
    eprintln!("{}", postrider::testing::Witness::story(&engine));
}

#[test]
fn five_days_of_retries_take_less_than_a_second() {
    let engine = TestEngine::start();
    engine.peer().always(At::rcpt_to("ann@example.org"), (450, "4.2.1 The mailbox is busy"));
    let begun = Instant::now();
    send(&engine, &["ann@example.org"]);
    engine.advance(5 * DAY);
    eprintln!("{:?} {}", begun.elapsed(), postrider::testing::Witness::story(&engine));
    assert_reported!(engine, "ann@example.org", "delayed", times = 1);
    assert_failed!(engine, "ann@example.org", to = "me@home.example");
}
