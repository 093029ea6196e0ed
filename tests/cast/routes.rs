//! Routes change while mail is on its way: whoever waits finds the new way, and nobody is lost or met twice.

use std::time::Duration;

use postrider::rules::{AliasScope, Aliases, Scope};

use crate::world::{pass, run, Act, Habits, World, BUSY, DOWN, MINUTE, SECOND};

fn sorted(world: &World) -> Vec<String> {
    let mut delivered = world.delivered();
    delivered.sort();
    delivered
}

#[test]
fn mail_that_waits_for_a_hop_that_is_down_takes_its_new_way_at_once() {
    run(|| async {
        let world = World::new(Habits { share: 10, ..Habits::default() });
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..50 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap();
        }
        pass(MINUTE).await;
        assert!(world.delivered().is_empty());
        world.lead("dead.example", "live.example", 1).await;
        pass(5 * SECOND).await;
        let mut delivered = sorted(&world);
        delivered.dedup();
        assert!(delivered.len() >= 49, "{} of 50: only the probe may wait for its time", delivered.len());
        pass(10 * MINUTE).await;
        assert_eq!((sorted(&world).len(), world.attempts("live.example") >= 49), (50, true));
        assert_eq!(world.audit().await.on_disk, 0);
    });
}

#[test]
fn attempts_under_way_end_as_they_would_have_and_what_is_left_of_them_takes_the_new_way() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("old.example", [Act::Late(30 * SECOND, Box::new(Act::Some(vec![0], BUSY)))]);
        world.send(&["a@old.example", "b@old.example"]).await.unwrap();
        pass(SECOND).await;
        world.lead("old.example", "new.example", 1).await;
        world.send(&["c@old.example"]).await.unwrap();
        pass(5 * SECOND).await;
        assert_eq!(
            world.delivered(),
            ["b@old.example", "c@old.example"],
            "the first list is of what will be delivered"
        );
        assert_eq!((world.attempts("old.example"), world.attempts("new.example")), (1, 1));
        pass(10 * MINUTE).await;
        assert_eq!(world.delivered(), ["b@old.example", "c@old.example", "a@old.example"]);
        assert_eq!((world.attempts("old.example"), world.attempts("new.example")), (1, 2));
        assert_eq!(world.audit().await.on_disk, 0);
    });
}

#[test]
fn routes_that_change_two_hundred_times_under_load_lose_nobody_and_double_nobody() {
    run(|| async {
        let world = World::new(Habits { room: 40, share: 10, ..Habits::default() });
        world.tell("down.example", (0..30).map(|_| Act::Reply(Scope::Hop, DOWN)));
        let hops = ["one.example", "ask.two.example", "down.example"];
        for round in 0..200_u32 {
            for hop in hops {
                world.send(&[&format!("{round}@{hop}")]).await.unwrap();
            }
            world.lead("nobody.example", "else.example", round + 1).await;
            pass(Duration::from_millis(u64::from(round % 7) * 300)).await;
        }
        pass(60 * MINUTE).await;
        let (delivered, all) = (sorted(&world), hops.len() * 200);
        let mut once = delivered.clone();
        once.dedup();
        assert_eq!((delivered.len(), once.len()), (all, all));
        let audit = world.audit().await;
        assert_eq!((audit.on_disk, audit.strays), (0, vec![]));
    });
}

#[test]
fn a_way_that_was_being_asked_for_when_routes_changed_is_not_taken_any_more() {
    run(|| async {
        let world = World::new(Habits::default());
        world.send(&["a@ask.two.example"]).await.unwrap();
        pass(SECOND / 2).await;
        world.lead("ask.two.example", "new.example", 1).await;
        pass(10 * SECOND).await;
        assert_eq!((world.attempts("ask.two.example"), world.attempts("new.example")), (0, 1));
        assert_eq!(world.delivered(), ["a@ask.two.example"]);
    });
}

#[test]
fn aliases_that_are_new_when_a_mail_is_under_way_are_for_later_mail_and_none_of_its_parts_is_lost() {
    run(|| async {
        let world = World::new(Habits::default());
        // One is under way for half a minute and then deferred, the others wait for a hop that is down.
        world.tell("slow.example", [Act::Late(30 * SECOND, Box::new(Act::Reply(Scope::Recipient, BUSY)))]);
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        world.send(&["probe@dead.example"]).await.unwrap();
        pass(SECOND).await;
        world.send(&["a@slow.example", "b@dead.example", "c@ask.late.example"]).await.unwrap();
        pass(SECOND / 2).await;
        let mut aliases = Aliases::new(AliasScope::new("home.example"));
        let table = "a@slow.example x@live.example\nb@dead.example y@live.example\nc@ask.late.example z@live.example\n";
        aliases.read_table("table", table, &mut |_| Err("none".into())).unwrap();
        world.lead_by(aliases, ("dead.example", "live.example"), 1).await;
        pass(20 * MINUTE).await;
        let expected = ["a@slow.example", "b@dead.example", "c@ask.late.example", "probe@dead.example"];
        assert_eq!(sorted(&world), expected);
        assert_eq!(world.audit().await.on_disk, 0);
        world.send(&["b@dead.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered().last().unwrap(), "y@live.example");
    });
}
