//! Hops do not hurt each other: one that is down, slow or flooded costs an index.

use postrider::rules::Scope;

use crate::world::{pass, run, Act, Habits, World, BUSY, DOWN, MINUTE, SECOND};

#[test]
fn a_flood_for_a_dead_hop_does_not_hold_up_a_mail_for_a_live_one() {
    run(|| async {
        let world = World::new(Habits { room: 100, share: 10, ..Habits::default() });
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..200 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap();
        }
        world.send(&["a@live.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["a@live.example"]);
    });
}

#[test]
fn a_flood_for_a_hop_that_hangs_does_not_hold_up_a_mail_for_a_live_one() {
    run(|| async {
        let world = World::new(Habits { room: 100, share: 10, ..Habits::default() });
        world.always("hang.example", Act::Hang);
        for no in 0..200 {
            world.send(&[&format!("{no}@hang.example")]).await.unwrap();
        }
        world.send(&["a@live.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["a@live.example"]);
        assert!(world.attempts("hang.example") <= 20, "no more at once than connections");
    });
}

#[test]
fn a_dead_hop_is_probed_by_one_mail_and_drained_when_it_is_back() {
    run(|| async {
        let world = World::new(Habits { share: 10, ..Habits::default() });
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..150 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap();
        }
        pass(10 * MINUTE).await;
        let attempts = world.attempts("dead.example");
        assert!(attempts < 30, "{attempts} attempts at a dead hop in ten minutes");
        world.always("dead.example", Act::Deliver);
        pass(6 * MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        delivered.dedup();
        assert_eq!((delivered.len(), world.delivered().len()), (150, 150));
    });
}

#[test]
fn a_flood_for_one_live_hop_passes_whole_and_in_order() {
    run(|| async {
        let world = World::new(Habits { room: 50, share: 10, ..Habits::default() });
        for no in 0..200 {
            world.send(&[&format!("{no}@live.example")]).await.unwrap();
        }
        pass(20 * MINUTE).await;
        let mut delivered = world.delivered();
        assert_eq!(delivered.len(), 200);
        delivered.sort();
        delivered.dedup();
        assert_eq!(delivered.len(), 200);
    });
}

#[test]
fn mail_whose_way_is_asked_for_holds_up_nobody_and_each_question_is_asked_once() {
    run(|| async {
        let world = World::new(Habits::default());
        let to: Vec<String> =
            (0..40).map(|n| format!("u{n}@ask.one.example")).chain(["x@now.example".into()]).collect();
        world.send(&to.iter().map(String::as_str).collect::<Vec<_>>()).await.unwrap();
        world.send(&["y@now.example"]).await.unwrap();
        pass(SECOND / 2).await;
        assert_eq!(world.delivered(), ["y@now.example"], "it need not wait for the other mail's way");
        pass(SECOND).await;
        assert_eq!((world.delivered().len(), world.attempts("ask.one.example")), (42, 1));
    });
}

#[test]
fn hundreds_of_mails_with_questions_all_find_their_way() {
    run(|| async {
        let world = World::new(Habits::default());
        for n in 0..300 {
            world.send(&[&format!("u@ask.d{n}.example")]).await.unwrap();
        }
        pass(4 * SECOND).await;
        assert!((64..300).contains(&world.delivered().len()), "not all ask at once: {}", world.delivered().len());
        pass(2 * SECOND).await;
        assert_eq!(world.delivered().len(), 300);
    });
}

#[test]
fn a_finder_that_panics_is_charged_to_the_mail_in_hand_and_to_no_other() {
    run(|| async {
        let world = World::new(Habits::default());
        let bad = world.send(&["a@ask.it.panic"]).await.unwrap();
        world.send(&["b@ask.one.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["b@ask.one.example"]);
        assert_eq!(world.held().await.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [bad]);
    });
}

#[test]
fn a_queue_that_nobody_needs_ends_and_is_opened_again_when_it_is_needed() {
    run(|| async {
        let world = World::new(Habits::default());
        for n in 0..10 {
            world.send(&[&format!("u@d{n}.example")]).await.unwrap();
        }
        world.tell("d0.example", [Act::Reply(Scope::Recipient, BUSY)]);
        pass(MINUTE).await;
        assert_eq!(world.opened(), (10, 10));
        pass(10 * MINUTE).await;
        world.send(&["u@d3.example", "u@new.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered().len(), 12);
        assert_eq!(world.opened(), (12, 2), "ten have ended, one was opened again");
    });
}

#[test]
fn a_hop_with_a_pace_gets_no_more_mails_in_a_second_and_others_are_not_held_up() {
    run(|| async {
        let world = World::new(Habits { mails_per_second: Some(2.0), share: 10, ..Habits::default() });
        for no in 0..40 {
            world.send(&[&format!("{no}@one.example")]).await.unwrap();
        }
        world.send(&["a@two.example"]).await.unwrap();
        pass(10 * SECOND).await;
        let to_one = world.delivered().iter().filter(|to| to.ends_with("@one.example")).count();
        assert!((19..=22).contains(&to_one), "{to_one} in ten seconds");
        assert!(world.delivered().contains(&"a@two.example".into()));
        pass(20 * SECOND).await;
        assert_eq!(world.delivered().len(), 41, "and all arrive");
    });
}
