//! What a program brings along to its engine under test, and what the kit says when a mail is not taken.

use std::time::Duration;

use postrider::{
    assert_delivered, assert_not_delivered,
    events::{Message, Submission},
    rules::{Reply, Retry},
    testing::{draft, wait, At, NotSent, Peer, TestEngine, Witness},
    AnyBinding, Binding, SendError, Settings,
};

use crate::{send, HELLO, HOUR, SECOND};

const NO: Reply = Reply::new(550, 7, 1, "Not today");

fn refusing() -> AnyBinding {
    Binding::new("no", || |mail: Message<Submission>| async move { mail.reject(NO) }).on(Submission).into()
}

#[test]
fn a_sink_of_the_program_takes_part_and_its_refusal_is_the_answer() {
    let engine = TestEngine::builder().configure(|builder| builder.bind(refusing())).start();
    let sent = engine.send(draft("me@home.example", ["ann@example.org"], HELLO));
    assert!(matches!(&sent, Err(NotSent::Send(SendError::Rejected(reply))) if *reply == NO), "{sent:?}");
    wait(engine.engine().unbind("no")).unwrap();
    send(&engine, &["ann@example.org"]);
    assert_delivered!(engine, "ann@example.org", times = 1);
}

#[test]
fn a_full_spool_takes_no_mail_and_a_slow_one_takes_the_engines_time() {
    let engine = TestEngine::start();
    engine.spool().limit(0);
    let sent = engine.send(draft("me@home.example", ["ann@example.org"], HELLO));
    assert!(matches!(sent, Err(NotSent::Send(SendError::NoSpace))), "{sent:?}");
    engine.spool().limit(u64::MAX);
    engine.spool().slow(SECOND);
    let sent = engine.send(draft("me@home.example", ["ann@example.org"], HELLO));
    assert!(matches!(sent, Err(NotSent::TakesTime)), "{sent:?}");
    engine.advance(SECOND / 2);
    assert_not_delivered!(engine, "ann@example.org");
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1);
}

#[test]
fn a_mail_for_nobody_is_not_sent() {
    let engine = TestEngine::start();
    let sent = engine.send(draft("me@home.example", [""; 0], HELLO));
    assert!(matches!(sent, Err(NotSent::Send(SendError::Compose(_)))), "{sent:?}");
}

#[test]
fn settings_of_the_test_are_in_force_and_a_smart_host_leads_to_its_peer() {
    let smart = Peer::start();
    let text = "hostname = \"home.example\"\nsmart_host = [\"smart.example.org:587\"]\n[delivery]\nretry = [\"7 s\"]\njitter = 0.0\n";
    let engine = TestEngine::builder().toml(text).peer_for("smart.example.org", &smart).start();
    smart.once(At::Data, (451, "4.3.0 Not now"));
    send(&engine, &["ann@example.org"]);
    engine.advance(6 * SECOND);
    assert_not_delivered!(smart, "ann@example.org");
    engine.advance(SECOND);
    assert_delivered!(smart, "ann@example.org", times = 1);
    assert!(engine.peer().taken().is_empty());
    assert!(engine.story().contains("at smart.example.org:\n  +0d 00:00:00.000 #1 S: 220"), "{}", engine.story());
    assert!(engine.story().contains("C: EHLO home.example"));
}

#[test]
fn one_setting_can_be_changed_and_the_others_stay() {
    let mut retry = Retry::default();
    (retry.first, retry.jitter) = (vec![3 * SECOND], 0.0);
    let engine = TestEngine::builder().with(|settings| settings.routes[0].delivery.retry = retry).start();
    engine.peer().once(At::Data, (451, "4.3.0 Not now"));
    send(&engine, &["ann@example.org"]);
    engine.advance(3 * SECOND);
    assert_delivered!(engine, "ann@example.org", times = 1);
}

#[test]
fn what_is_wrong_with_settings_is_said() {
    let wrong = TestEngine::builder().toml("hostnam = \"x\"").try_start().unwrap_err();
    assert!(wrong.to_string().contains("hostnam"), "{wrong}");
    let unknown = "hostname = \"home.example\"\n[[route]]\ndomain = \"*\"\nto = \"target:none\"\n";
    let wrong = TestEngine::builder().settings(Settings::from_toml(unknown).unwrap()).try_start().unwrap_err();
    assert!(wrong.to_string().contains("target named \"none\""), "{wrong}");
}

#[tokio::test]
async fn an_engine_that_does_not_start_within_a_runtime_harms_nobody() {
    let unknown = "hostname = \"home.example\"\n[[route]]\ndomain = \"*\"\nto = \"target:none\"\n";
    assert!(TestEngine::builder().toml(unknown).try_start().is_err());
    tokio::time::sleep(Duration::from_millis(1)).await;
}
