//! From when on and until when a mail goes: not before it may, and not once after it has expired.

use std::time::Duration;

use postrider::rules::{Draft, Flush, Moment, QueueId, Scope};

use crate::world::{draft, pass, run, Act, Habits, World, BEGIN, BUSY, DAY, DOWN, MINUTE, SECOND};

const HOUR: Duration = Duration::from_secs(3600);

fn mail(to: &str) -> Draft {
    draft(BEGIN, Some("me@home.example"), &[to])
}

async fn not_before(world: &World, to: &str, at: Moment) -> QueueId {
    let mut mail = mail(to);
    mail.envelope.not_before = Some(at);
    world.submit(mail).await.unwrap()
}

async fn expiring(world: &World, to: &str, at: Moment) -> QueueId {
    let mut mail = mail(to);
    mail.envelope.expires = Some(at);
    world.submit(mail).await.unwrap()
}

fn reports(world: &World) -> Vec<String> {
    world.script.borrow().contents.iter().filter(|text| text.contains("multipart/report")).cloned().collect()
}

#[test]
fn a_mail_is_not_offered_before_it_may_be_and_then_at_once() {
    run(|| async {
        let world = World::new(Habits::default());
        not_before(&world, "later@mx.example", BEGIN + HOUR).await;
        world.send(&["now@mx.example"]).await.unwrap();
        pass(HOUR - SECOND).await;
        assert_eq!(world.delivered(), ["now@mx.example"]);
        pass(2 * SECOND).await;
        assert_eq!(world.delivered(), ["now@mx.example", "later@mx.example"]);
    });
}

#[test]
fn a_mail_that_may_go_already_goes_at_once() {
    run(|| async {
        let world = World::new(Habits::default());
        not_before(&world, "a@mx.example", BEGIN - HOUR).await;
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn a_restart_makes_no_mail_go_before_it_may_and_none_late() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let clock = {
            let world = World::new(habits);
            not_before(&world, "later@mx.example", BEGIN + HOUR).await;
            pass(MINUTE).await;
            world.drain().await;
            world.clock
        };
        let world = World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock);
        pass(HOUR - MINUTE - SECOND).await;
        assert_eq!(world.attempts("mx.example"), 0);
        pass(2 * SECOND).await;
        assert_eq!(world.delivered(), ["later@mx.example"]);
    });
}

#[test]
fn who_asks_for_mail_gets_none_that_may_not_go_yet() {
    run(|| async {
        let world = World::new(Habits::default());
        not_before(&world, "later@mx.example", BEGIN + HOUR).await;
        pass(MINUTE).await;
        world.flush(Flush::All).await;
        pass(HOUR - MINUTE - SECOND).await;
        assert_eq!(world.attempts("mx.example"), 0);
        pass(2 * SECOND).await;
        assert_eq!(world.delivered(), ["later@mx.example"]);
    });
}

#[test]
fn the_age_of_a_mail_counts_from_when_it_may_go() {
    run(|| async {
        let habits = Habits { warn_after: Some(4 * HOUR), ..Habits::default() };
        let world = World::new(habits);
        world.tell("mx.example", vec![Act::Reply(Scope::Recipient, BUSY); 3]);
        not_before(&world, "a@mx.example", BEGIN + 10 * DAY).await;
        pass(10 * DAY + 2 * MINUTE).await;
        assert_eq!(world.attempts("mx.example"), 2, "it is tried, and again");
        pass(HOUR).await;
        assert_eq!(world.delivered(), ["a@mx.example"], "and nobody is told that it is late or over");
    });
}

#[test]
fn it_is_given_up_when_it_is_too_old_from_then_on() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        not_before(&world, "a@mx.example", BEGIN + 10 * DAY).await;
        pass(15 * DAY - MINUTE).await;
        assert_eq!(reports(&world).len(), 0);
        pass(2 * MINUTE).await;
        assert_eq!(reports(&world).len(), 1, "not up to four hours later");
    });
}

#[test]
fn what_has_expired_is_never_tried_and_fails_once() {
    run(|| async {
        let world = World::new(Habits::default());
        expiring(&world, "a@mx.example", BEGIN - SECOND).await;
        pass(DAY).await;
        assert_eq!((world.attempts("mx.example"), world.delivered()), (0, vec!["me@home.example".into()]));
        assert!(reports(&world)[0].contains("Status: 5.4.7"), "{:?}", reports(&world));
    });
}

#[test]
fn what_may_go_only_when_it_has_expired_fails_when_it_expires() {
    run(|| async {
        let world = World::new(Habits::default());
        let mut mail = mail("a@mx.example");
        (mail.envelope.not_before, mail.envelope.expires) = (Some(BEGIN + 2 * HOUR), Some(BEGIN + HOUR));
        world.submit(mail).await.unwrap();
        pass(HOUR - SECOND).await;
        assert_eq!(reports(&world).len(), 0);
        pass(2 * SECOND).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (0, 1));
    });
}

#[test]
fn what_expires_between_two_attempts_fails_then_and_says_what_was_said_last() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        expiring(&world, "a@mx.example", BEGIN + 40 * MINUTE).await; // tried at 0, 1, 6, 21 and 51 minutes
        pass(40 * MINUTE - SECOND).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (4, 0));
        pass(2 * SECOND).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (4, 1));
        assert!(reports(&world)[0].contains("451 4.3.0 busy"), "{:?}", reports(&world));
        pass(DAY).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (4, 1));
    });
}

#[test]
fn what_expires_while_its_hop_is_down_fails_then_whether_it_probes_or_stands_aside() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..5 {
            expiring(&world, &format!("{no}@dead.example"), BEGIN + 50 * MINUTE).await;
        }
        world.send(&["long@dead.example"]).await.unwrap();
        pass(50 * MINUTE - SECOND).await;
        assert_eq!(reports(&world).len(), 0);
        pass(3 * SECOND).await;
        assert_eq!(reports(&world).len(), 5);
        assert!(reports(&world).iter().all(|report| report.contains("connection refused")), "{:?}", reports(&world));
        world.always("dead.example", Act::Deliver);
        pass(10 * MINUTE).await;
        let delivered: Vec<_> = world.delivered().into_iter().filter(|to| to.ends_with("@dead.example")).collect();
        assert_eq!(delivered, ["long@dead.example"], "the hop is probed by others all the same");
    });
}

#[test]
fn the_one_that_waits_to_probe_its_hop_fails_when_it_expires_and_another_probes() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("dead.example", Act::Late(SECOND, Box::new(Act::Reply(Scope::Hop, DOWN))));
        for no in 0..5 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap(); // as many as are tried at once
        }
        expiring(&world, "probe@dead.example", BEGIN + 30 * SECOND).await;
        pass(30 * SECOND - SECOND / 2).await;
        assert_eq!((world.attempts("dead.example"), reports(&world).len()), (5, 0));
        pass(SECOND).await;
        assert_eq!((world.attempts("dead.example"), reports(&world).len()), (5, 1));
        pass(35 * SECOND).await;
        assert_eq!(world.attempts("dead.example"), 6);
    });
}

#[test]
fn what_nobody_asks_for_fails_when_it_expires() {
    run(|| async {
        let world = World::new(Habits::default());
        expiring(&world, "a@held.example", BEGIN + 2 * HOUR).await;
        pass(2 * HOUR - SECOND).await;
        assert_eq!(reports(&world).len(), 0);
        pass(2 * SECOND).await;
        assert_eq!((world.attempts("held.example"), reports(&world).len()), (0, 1));
    });
}

#[test]
fn what_expires_while_others_are_before_it_is_not_tried_when_it_is_its_turn() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("mx.example", Act::Late(30 * SECOND, Box::new(Act::Deliver)));
        for no in 0..5 {
            world.send(&[&format!("{no}@mx.example")]).await.unwrap();
        }
        expiring(&world, "a@mx.example", BEGIN + 10 * SECOND).await;
        pass(31 * SECOND).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (5, 1));
    });
}

#[test]
fn an_end_that_was_set_holds_across_a_restart() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let clock = {
            let world = World::new(habits);
            world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
            expiring(&world, "a@mx.example", BEGIN + 40 * MINUTE).await;
            pass(25 * MINUTE).await;
            world.drain().await;
            world.clock
        };
        let world = World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock);
        pass(15 * MINUTE - SECOND).await;
        assert_eq!(reports(&world).len(), 0);
        pass(2 * SECOND).await;
        assert_eq!((world.attempts("mx.example"), reports(&world).len()), (0, 1));
    });
}
