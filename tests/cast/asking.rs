//! Mail that is asked for before it is due: by ETRN and by `Engine::flush`. None is lost, none comes twice.

use postrider::rules::{program::admin::MailPlace, session::Flushed, Flush, Hop, QueueId, Scope};

use crate::world::{pass, run, Act, Habits, World, BUSY, DAY, DOWN, MINUTE, SECOND};

/// So many mails for each domain, put off for long by their recipients.
async fn put_off(world: &World, mails: usize, domains: &[&str]) {
    for domain in domains {
        world.tell(domain, vec![Act::Reply(Scope::Recipient, BUSY); mails * 4]);
        for no in 0..mails {
            world.send(&[&format!("{no}@{domain}")]).await.unwrap();
        }
    }
    // The first pauses are over, the next one lasts half an hour.
    pass(23 * MINUTE).await;
    for domain in domains {
        world.script.borrow_mut().acts.remove(*domain);
    }
    assert_eq!(world.delivered(), [""; 0], "they wait");
}

fn delivered_once(world: &World, mails: usize) {
    let mut delivered = world.delivered();
    assert_eq!(delivered.len(), mails, "{delivered:?}");
    delivered.sort();
    delivered.dedup();
    assert_eq!(delivered.len(), mails, "some came twice");
}

#[test]
fn mail_that_rests_for_a_domain_goes_out_when_it_is_asked_for_and_other_mail_stays() {
    run(|| async {
        let world = World::new(Habits::default());
        put_off(&world, 50, &["a.example", "b.example", "x.a.example"]).await;
        assert_eq!(world.flush(Flush::Domain("A.example".into())).await, 50);
        pass(SECOND).await;
        delivered_once(&world, 50);
        assert!(world.delivered().iter().all(|to| to.ends_with("@a.example")));
        assert_eq!(world.flush(Flush::Within("a.example".into())).await, 50);
        assert_eq!(world.flush(Flush::All).await, 50);
        pass(SECOND).await;
        delivered_once(&world, 150);
        assert_eq!(world.flush(Flush::All).await, 0);
        pass(DAY).await;
        delivered_once(&world, 150);
    });
}

#[test]
fn only_those_recipients_of_a_mail_go_out_who_are_asked_for() {
    run(|| async {
        let world = World::new(Habits::default());
        for domain in ["a.example", "b.example"] {
            world.tell(domain, vec![Act::Reply(Scope::Recipient, BUSY); 4]);
        }
        world.send(&["1@a.example", "2@b.example", "3@a.example"]).await.unwrap();
        pass(23 * MINUTE).await;
        assert_eq!(world.flush(Flush::Hop(Hop::new("a.example"))).await, 1);
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["1@a.example", "3@a.example"]);
        pass(DAY).await;
        assert_eq!(world.delivered().len(), 3);
    });
}

#[test]
fn slips_that_wait_in_their_queue_go_out_at_once() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("a.example", [Act::Reply(Scope::Recipient, BUSY)]);
        world.tell("b.example", [Act::Reply(Scope::Recipient, BUSY)]);
        world.send(&["1@a.example"]).await.unwrap();
        world.send(&["2@b.example"]).await.unwrap();
        // Less than a minute, so they are kept in memory.
        pass(SECOND).await;
        assert_eq!(world.flush(Flush::Domain("a.example".into())).await, 1);
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["1@a.example"]);
        assert_eq!(world.flush(Flush::All).await, 1);
        pass(SECOND).await;
        delivered_once(&world, 2);
    });
}

#[test]
fn one_mail_that_is_asked_for_goes_out_alone_where_it_rests() {
    run(|| async {
        let world = World::new(Habits::default());
        put_off(&world, 3, &["a.example"]).await;
        assert_eq!(world.flush(Flush::Mail(QueueId(2))).await, 1);
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["1@a.example"]);
        assert_eq!(world.flush(Flush::Mail(QueueId(2))).await, 0, "it is done");
        assert_eq!(world.flush(Flush::Mail(QueueId(999))).await, 0, "there is none");
        pass(DAY).await;
        delivered_once(&world, 3);
    });
}

#[test]
fn one_mail_that_is_asked_for_goes_out_alone_where_it_waits_in_the_memory_of_its_queue() {
    run(|| async {
        let world = World::new(Habits::default());
        world.tell("a.example", [Act::Reply(Scope::Recipient, BUSY), Act::Reply(Scope::Recipient, BUSY)]);
        let (first, second) =
            (world.send(&["1@a.example"]).await.unwrap(), world.send(&["2@a.example"]).await.unwrap());
        pass(SECOND).await;
        let listed = world.queue(QueueId(0), 1).await;
        assert_eq!(listed.lines[0].state, MailPlace::Out, "its pause is short, so its queue has it");
        assert_eq!(world.flush(Flush::Mail(first)).await, 1);
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["1@a.example"]);
        assert_eq!(world.flush(Flush::Mail(second)).await, 1);
        pass(SECOND).await;
        delivered_once(&world, 2);
    });
}

#[test]
fn one_mail_that_stands_aside_for_a_dead_hop_tries_it() {
    run(|| async {
        let world = World::new(Habits { share: 10, ..Habits::default() });
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..60 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap();
        }
        pass(60 * MINUTE).await;
        let before = world.attempts("dead.example");
        assert_eq!(world.flush(Flush::Mail(QueueId(60))).await, 1);
        pass(SECOND).await;
        let tried = world.attempts("dead.example") - before;
        assert!((1..=2).contains(&tried), "{tried} attempts for one question");
    });
}

#[test]
fn the_queue_is_listed_a_few_mails_at_a_time_and_says_where_each_is() {
    run(|| async {
        let world = World::new(Habits::default());
        put_off(&world, 70, &["a.example"]).await;
        let first = world.queue(QueueId(0), 1000).await;
        let ids: Vec<u64> = first.lines.iter().map(|mail| mail.id.0).collect();
        assert_eq!(
            (ids, first.next),
            ((1..=64).collect(), Some(QueueId(64))),
            "no question reads more than 64 records"
        );
        assert!(first.lines.iter().all(|mail| mail.state == MailPlace::Resting && mail.open == 1));
        let (rest, few) = (world.queue(QueueId(64), 1000).await, world.queue(QueueId(3), 2).await);
        assert_eq!((rest.lines.len(), rest.next), (6, None));
        assert_eq!((few.lines[0].id, few.next), (QueueId(4), Some(QueueId(5))));
        world.always("slow.example", Act::Hang);
        let out = world.send(&["1@slow.example"]).await.unwrap();
        pass(SECOND).await;
        let last = world.queue(QueueId(70), 9).await;
        assert_eq!((last.lines[0].id, last.lines[0].state), (out, MailPlace::Out));
        assert_eq!(last.lines[0].recipients[0].address.as_deref(), Some("1@slow.example"));
    });
}

#[test]
fn a_hop_that_is_down_is_tried_by_one_mail_at_once_and_calls_the_others() {
    for what in [Flush::All, Flush::Hop(Hop::new("dead.example")), Flush::Domain("dead.example".into())] {
        run(|| async {
            let world = World::new(Habits { share: 10, ..Habits::default() });
            world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
            for no in 0..60 {
                world.send(&[&format!("{no}@dead.example")]).await.unwrap();
            }
            pass(60 * MINUTE).await; // probes come every five minutes now
            let before = world.attempts("dead.example");
            world.flush(what.clone()).await;
            pass(SECOND).await;
            let tried = world.attempts("dead.example") - before;
            assert!((1..=2).contains(&tried), "{what:?}: {tried} attempts at a hop that is still down");
            world.always("dead.example", Act::Deliver);
            pass(MINUTE).await;
            let waiting = 60 - world.delivered().len();
            assert!(world.flush(what.clone()).await >= waiting, "{what:?}");
            pass(20 * SECOND).await;
            delivered_once(&world, 60);
        });
    }
}

#[test]
fn mail_on_a_held_route_is_not_tried_until_it_is_asked_for_and_then_each_time_once() {
    run(|| async {
        let world = World::new(Habits { share: 10, room: 30, ..Habits::default() });
        for no in 0..100 {
            world.send(&[&format!("{no}@held.example")]).await.unwrap();
        }
        world.send(&["a@live.example"]).await.unwrap();
        pass(DAY).await;
        assert_eq!((world.attempts("held.example"), world.delivered()), (0, vec!["a@live.example".into()]));
        world.always("held.example", Act::Reply(Scope::Hop, DOWN));
        assert_eq!(world.ask("held.example").await, Flushed::Started);
        pass(DAY).await;
        let tried = world.attempts("held.example");
        assert!((1..=100).contains(&tried), "{tried} attempts for one question");
        world.always("held.example", Act::Deliver);
        pass(6 * 60 * MINUTE).await;
        assert_eq!(world.attempts("held.example"), tried, "nothing is tried by itself");
        assert_eq!(world.ask("held.example").await, Flushed::Started);
        pass(10 * MINUTE).await;
        delivered_once(&world, 101);
        world.send(&["new@held.example"]).await.unwrap();
        pass(60 * MINUTE).await;
        delivered_once(&world, 101);
    });
}

#[test]
fn mail_that_nobody_asks_for_expires_as_all_mail_does() {
    run(|| async {
        let world = World::new(Habits::default());
        world.send(&["a@held.example"]).await.unwrap();
        pass(6 * DAY).await;
        assert_eq!(world.attempts("held.example"), 0);
        assert_eq!(world.delivered(), ["me@home.example"], "its sender was told");
        assert!(world.script.borrow().contents[0].contains("4.4.7"));
    });
}

#[test]
fn a_client_that_asks_again_at_once_hears_so_and_nothing_is_done() {
    run(|| async {
        let world = World::new(Habits::default());
        assert_eq!(world.ask("a.example").await, Flushed::Nothing, "there is no mail at all");
        put_off(&world, 1, &["a.example", "b.example"]).await;
        world.always("a.example", Act::Reply(Scope::Recipient, BUSY));
        let before = world.attempts("a.example");
        assert_eq!(world.ask("a.example").await, Flushed::Started);
        pass(SECOND).await;
        assert_eq!(world.ask("a.example").await, Flushed::TooSoon);
        pass(SECOND).await;
        assert_eq!(world.attempts("a.example"), before + 1);
        assert_eq!(world.ask("b.example").await, Flushed::Started, "another domain");
        pass(30 * SECOND).await;
        assert_eq!(world.ask("a.example").await, Flushed::Started);
        for no in 0..200 {
            world.ask(&format!("d{no}.example")).await;
        }
        assert_eq!(world.ask("new.example").await, Flushed::TooSoon, "there are only so many at once");
    });
}

#[test]
fn after_a_start_mail_is_found_by_what_stands_on_disk() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let clock = {
            let world = World::new(habits);
            put_off(&world, 20, &["a.example", "held.example"]).await;
            world.drain().await;
            world.clock
        };
        let world = World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock);
        pass(5 * SECOND).await;
        assert_eq!(world.delivered(), [""; 0]);
        assert_eq!(world.flush(Flush::Domain("held.example".into())).await, 20);
        assert_eq!(world.flush(Flush::Domain("a.example".into())).await, 20);
        pass(SECOND).await;
        delivered_once(&world, 40);
    });
}
