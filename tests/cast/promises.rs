//! What a promise means: one sync for all who wait, nothing after a failure, and no promise without space.

use postrider_actors::messages::Refused;

use crate::world::{draft, pass, run, Act, Habits, World, SECOND};

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
            async move { world.door.submit(draft(world.clock.now(), None, &[&to])).await }
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
            async move { world.door.submit(draft(world.clock.now(), None, &[&to])).await }
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
        assert!(matches!(world.send(&["a@live.example"]).await, Err(Refused::NoSpace(_))));
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
            assert!(matches!(world.send(&["a@live.example"]).await, Err(Refused::Failed(_))));
        }
        pass(SECOND).await;
        assert_eq!(*world.failures.borrow(), ["the disk burns"]);
        assert!(world.delivered().is_empty());
    });
}
