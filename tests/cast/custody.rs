//! Who answers for a mail: whatever happens to those who have it, each recipient comes to one end.

use postrider::{
    rules::{HeldBy, Scope},
    QueueId,
};

use crate::world::{draft, pass, run, Act, Habits, World, BUSY, DAY, MINUTE, SECOND, UNKNOWN};

#[test]
fn a_mail_is_delivered_once_and_then_forgotten() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.send(&["a@one.example", "b@two.example", "c@one.example"]).await.unwrap();
        pass(DAY).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["a@one.example", "b@two.example", "c@one.example"]);
        assert_eq!((world.attempts("one.example"), world.attempts("two.example")), (1, 1));
        assert_eq!(control.used(), 0, "nothing is left in the spool");
    });
}

#[test]
fn who_was_refused_for_now_is_tried_again_and_nobody_else() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("mx.example", [Act::Some(vec![1], BUSY), Act::Reply(Scope::Recipient, BUSY)]);
        world.send(&["a@mx.example", "b@mx.example", "c@mx.example"]).await.unwrap();
        pass(30 * SECOND).await;
        assert_eq!(world.delivered(), ["a@mx.example", "c@mx.example"]);
        pass(2 * MINUTE).await;
        assert_eq!(world.attempts("mx.example"), 2);
        pass(8 * MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example", "c@mx.example", "b@mx.example"]);
        assert_eq!(world.attempts("mx.example"), 3);
    });
}

#[test]
fn a_failure_is_reported_once_to_the_sender_by_the_same_door() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.tell("mx.example", [Act::Some(vec![0], UNKNOWN)]);
        world.send(&["nobody@mx.example", "a@mx.example"]).await.unwrap();
        pass(DAY).await;
        assert_eq!(world.delivered(), ["a@mx.example", "me@home.example"]);
        let contents = world.script.borrow().contents.clone();
        let report = contents.last().unwrap();
        assert!(report.contains("nobody@mx.example") && report.contains("550"), "{report}");
        assert_eq!(control.used(), 0);
    });
}

#[test]
fn a_failed_report_is_not_reported() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.always("mx.example", Act::Reply(Scope::Recipient, UNKNOWN));
        let null = draft(world.clock.now(), None, &["nobody@mx.example"]);
        world.submit(null).await.unwrap();
        pass(DAY).await;
        assert!(world.delivered().is_empty());
        assert_eq!(control.used(), 0);
    });
}

#[test]
fn what_cannot_be_delivered_in_five_days_is_reported() {
    run(|| async {
        let world = World::new(Habits::default());
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        world.send(&["a@mx.example"]).await.unwrap();
        pass(5 * DAY - MINUTE).await;
        assert!(world.delivered().is_empty());
        pass(DAY).await;
        assert_eq!(world.delivered(), ["me@home.example"]);
        let attempts = world.attempts("mx.example");
        assert!((30..45).contains(&attempts), "{attempts} attempts in five days");
    });
}

#[test]
fn a_target_that_panics_costs_its_mail_a_delay_and_then_the_mail_is_held() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("mx.example", [Act::Panic, Act::Deliver, Act::Panic, Act::Panic]);
        let poison = world.send(&["poison@mx.example"]).await.unwrap();
        world.send(&["innocent@mx.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["innocent@mx.example"]);
        pass(10 * MINUTE).await;
        let held = world.held().await;
        assert_eq!(held.iter().map(|(id, why)| (*id, why.by)).collect::<Vec<_>>(), [(poison, HeldBy::Fault)]);
        assert_eq!(world.attempts("mx.example"), 4, "it is not tried any more");
        assert!(world.release(poison).await);
        assert!(!world.release(QueueId(999)).await);
        pass(10 * MINUTE).await;
        assert_eq!(world.delivered(), ["innocent@mx.example", "poison@mx.example"]);
        assert!(world.held().await.is_empty());
    });
}

#[test]
fn a_dot_without_an_answer_is_counted_and_tried_again() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("mx.example", [Act::CutAfterDot]);
        world.send(&["a@mx.example"]).await.unwrap();
        pass(10 * MINUTE).await;
        assert_eq!((world.counts().perhaps, world.counts().delivered), (1, 1));
    });
}

#[test]
fn a_dot_without_an_answer_can_hold_the_mail_instead() {
    run(|| async {
        let world = World::new(Habits { hold_perhaps: true, ..Habits::default() });
        world.tell("mx.example", [Act::CutAfterDot]);
        let id = world.send(&["a@mx.example"]).await.unwrap();
        pass(DAY).await;
        assert_eq!(world.attempts("mx.example"), 1);
        assert_eq!(world.held().await[0].0, id);
        assert!(world.release(id).await);
        pass(10 * MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn after_a_crash_everything_is_taken_up_and_nothing_is_delivered_twice() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.always("busy.example", Act::Reply(Scope::Recipient, BUSY));
        world.always("hang.example", Act::Hang);
        for no in 0..10 {
            let to = [format!("{no}@live.example"), format!("{no}@busy.example"), format!("{no}@hang.example")];
            world.send(&[&to[0], &to[1], &to[2]]).await.unwrap();
        }
        pass(SECOND).await;
        assert_eq!(world.delivered().len(), 10);
        // the old world goes on, but its spool is not the new one's any more
        let next = World::at(Habits { spool: control.reopen(), ..Habits::default() }, world.clock);
        pass(DAY).await;
        let mut delivered = next.delivered();
        delivered.sort();
        let mut expected: Vec<String> =
            (0..10).flat_map(|no| [format!("{no}@busy.example"), format!("{no}@hang.example")]).collect();
        expected.sort();
        assert_eq!(delivered, expected);
    });
}

#[test]
fn a_drain_waits_for_attempts_under_way_and_lends_no_more() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("mx.example", [Act::Reply(Scope::Recipient, BUSY)]);
        world.send(&["a@mx.example"]).await.unwrap();
        pass(SECOND).await;
        world.drain().await;
        pass(DAY).await;
        assert_eq!(world.attempts("mx.example"), 1);
    });
}
