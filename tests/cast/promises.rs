//! What a promise means: one sync for all who wait, nothing after a failure, and no promise without space.

use postrider::rules::{Batch, Durability, Entry, Scope, Spool};
use postrider_actors::{
    chain::SessionGuests,
    door::NotTaken,
    messages::{Audit, Refused},
};

use crate::world::{draft, pass, run, Act, Habits, World, BUSY, DAY, MINUTE, SECOND};

#[test]
fn all_who_wait_share_one_sync() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.always("live.example", Act::Hang); // no facts of deliveries in between
        pass(SECOND).await;
        let before = control.batches();
        let all = (0..200).map(|no| {
            let to = format!("r{no}@live.example");
            let world = &world;
            async move { world.submit(draft(world.clock.now(), None, &[&to])).await }
        });
        let ids = futures_util::future::join_all(all).await;
        assert!(ids.iter().all(Result::is_ok));
        assert!(ids.windows(2).all(|pair| pair[0].as_ref().unwrap() < pair[1].as_ref().unwrap()));
        let batches = control.batches() - before;
        assert!(batches <= 3, "{batches} batches for 200 mails");
    });
}

#[test]
fn facts_that_come_while_others_are_written_share_one_write() {
    run(|| async {
        let habits = Habits { takes: SECOND / 100, ..Habits::default() };
        let control = habits.spool.control();
        let world = World::new(habits);
        world.send(&["opens@live.example"]).await.unwrap();
        pass(SECOND).await;
        let before = control.batches();
        let all = (0..200).map(|no| {
            let to = format!("r{no}@live.example");
            let world = &world;
            async move { world.submit(draft(world.clock.now(), None, &[&to])).await }
        });
        assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
        pass(SECOND).await;
        assert_eq!(world.delivered().len(), 201);
        // One or two with the mails; of the facts those of the first, those of all others, and the sync that follows.
        let batches = control.batches() - before;
        assert!(batches <= 5, "{batches} batches for 200 mails and what became of them");
    });
}

#[test]
fn without_space_new_mail_is_refused_and_the_engine_goes_on() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        control.limit(0);
        assert!(matches!(world.send(&["a@live.example"]).await, Err(NotTaken::Refused(Refused::NotWritten(_)))));
        control.limit(u64::MAX);
        assert!(world.send(&["b@live.example"]).await.is_ok());
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["b@live.example"]);
        assert!(world.failures.borrow().is_empty());
    });
}

#[test]
fn when_the_spool_fails_nobody_gets_an_answer_and_the_engine_says_so_once() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        control.fail("the disk burns");
        for _ in 0..2 {
            assert!(matches!(world.send(&["a@live.example"]).await, Err(NotTaken::Refused(Refused::Failed(_)))));
        }
        pass(SECOND).await;
        assert_eq!(*world.failures.borrow(), ["the disk burns"]);
        assert!(world.delivered().is_empty());
    });
}

#[test]
fn an_audit_finds_every_mail_in_a_hand_at_rest_or_held() {
    run(|| async {
        let world = World::new(Habits { room: 3, hold_perhaps: true, ..Habits::default() });
        world.always("busy.example", Act::Reply(Scope::Recipient, BUSY));
        world.always("hang.example", Act::Hang);
        world.always("cut.example", Act::CutAfterDot);
        for hop in ["busy", "hang", "cut", "busy", "hang", "live"] {
            world.send(&[&format!("a@{hop}.example")]).await.unwrap();
        }
        let early = world.audit().await;
        assert_eq!(early.strays, [], "{early:?}");
        pass(5 * MINUTE).await;
        let Audit { on_disk, out, resting, held, strays, .. } = world.audit().await;
        assert_eq!((on_disk, out, resting, held), (5, 2, 2, 1));
        assert_eq!(strays, []);
    });
}

#[test]
fn a_mail_of_which_nothing_would_have_become_is_found_by_an_audit_and_delivered() {
    run(|| async {
        let habits = Habits::default();
        let mut outsider = habits.spool.control().reopen();
        let world = World::new(habits);
        let entry = Entry::mail(draft(world.clock.now(), None, &["a@live.example"]));
        let batch = Batch { entries: vec![entry], looks: Vec::new(), durability: Durability::Synced };
        outsider.apply(batch).await.unwrap(); // as if the spooler had forgotten it
        pass(DAY).await;
        assert!(world.delivered().is_empty());
        assert_eq!(world.audit().await.strays.len(), 1);
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@live.example"]);
        assert_eq!(world.audit().await, Audit::default());
    });
}

#[test]
fn an_audit_while_mail_is_being_synced_accuses_nobody_and_doubles_nobody() {
    run(|| async {
        let takes = SECOND / 10;
        let world = World::new(Habits { takes, ..Habits::default() });
        world.always("hang.example", Act::Hang);
        pass(SECOND).await;
        let (door, now) = (world.door.clone(), world.clock.now());
        let sent = tokio::task::spawn_local(async move {
            door.submit(draft(now, None, &["a@hang.example"]), &mut SessionGuests::default(), None).await
        });
        pass(takes / 2).await;
        assert_eq!(world.audit().await.strays, []);
        sent.await.unwrap().unwrap();
        pass(MINUTE).await;
        assert_eq!(world.attempts("hang.example"), 1);
    });
}
