//! Who goes first: the urgent before others, senders and mails in turn, and nobody waits without end.

use postrider::rules::{QueuePriority, Scope};

use crate::world::{address, draft, pass, run, Act, Habits, World, BUSY, SECOND};

/// A mail of one sender for so many recipients, of this urgency.
async fn newsletter(world: &World, recipients: usize, priority: QueuePriority) {
    let mut mail = draft(world.clock.now(), Some("news@home.example"), &[]);
    for no in 0..recipients {
        mail.envelope.recipients.add(address(&format!("n{no}@mx.example")));
    }
    mail.envelope.priority = priority;
    world.submit(mail).await.unwrap();
}

async fn single(world: &World, from: &str, to: &str, priority: QueuePriority) {
    let mut mail = draft(world.clock.now(), Some(from), &[to]);
    mail.envelope.priority = priority;
    world.submit(mail).await.unwrap();
}

fn delivered(world: &World, name: &str) -> usize {
    world.delivered().iter().filter(|to| to.starts_with(name)).count()
}

fn slow() -> Act {
    Act::Late(SECOND, Box::new(Act::Deliver))
}

use QueuePriority::{High, Low, Normal};

#[test]
fn a_newsletter_holds_up_no_mail_behind_it_whoever_sent_that() {
    for from in ["news@home.example", "me@home.example"] {
        run(|| async {
            let world = World::new(Habits::default());
            world.always("mx.example", slow());
            newsletter(&world, 30_000, Normal).await;
            pass(10 * SECOND).await;
            single(&world, from, "single@mx.example", Normal).await;
            pass(2 * SECOND + SECOND / 2).await;
            assert_eq!(delivered(&world, "single"), 1, "{from}");
            assert!(delivered(&world, "n") < 25_000, "the newsletter is still on its way");
            pass(20 * SECOND).await;
            assert_eq!(delivered(&world, "n"), 30_000);
        });
    }
}

#[test]
fn pieces_of_a_newsletter_that_wait_for_their_next_attempt_keep_no_mail_out() {
    run(|| async {
        let world = World::new(Habits { share: 10, ..Habits::default() });
        world.tell("mx.example", vec![Act::Reply(Scope::Recipient, BUSY); 50]);
        newsletter(&world, 5000, Normal).await;
        pass(5 * SECOND).await;
        assert_eq!(world.attempts("mx.example"), 50);
        single(&world, "me@home.example", "single@mx.example", Normal).await;
        pass(SECOND).await;
        assert_eq!(delivered(&world, "single"), 1);
        pass(120 * SECOND).await;
        assert_eq!(delivered(&world, "n"), 5000);
    });
}

#[test]
fn mails_that_wait_for_their_next_attempt_leave_room_for_those_who_come() {
    run(|| async {
        let world = World::new(Habits { share: 10, ..Habits::default() });
        world.tell("mx.example", vec![Act::Reply(Scope::Recipient, BUSY); 30]);
        for no in 0..30 {
            single(&world, "news@home.example", &format!("n{no}@mx.example"), Normal).await;
        }
        pass(5 * SECOND).await;
        single(&world, "me@home.example", "single@mx.example", Normal).await;
        pass(SECOND).await;
        assert_eq!(delivered(&world, "single"), 1);
        pass(1200 * SECOND).await;
        assert_eq!(delivered(&world, "n"), 30);
    });
}

#[test]
fn with_a_full_room_and_a_full_queue_an_urgent_mail_goes_next() {
    for (room, share) in [(30, 1000), (1000, 10), (30, 10)] {
        run(|| async {
            let world = World::new(Habits { room, share, ..Habits::default() });
            world.always("mx.example", slow());
            for no in 0..300 {
                single(&world, "news@home.example", &format!("n{no}@mx.example"), Low).await;
            }
            pass(3 * SECOND).await;
            single(&world, "news@home.example", "high@mx.example", High).await;
            pass(2 * SECOND + SECOND / 2).await;
            assert_eq!(delivered(&world, "high"), 1, "room {room}, share {share}");
            assert!(delivered(&world, "n") < 150, "others wait");
        });
    }
}

#[test]
fn who_is_less_urgent_is_not_starved() {
    for (room, share) in [(10_000, 1000), (15, 1000), (10_000, 10)] {
        run(|| async {
            let world = World::new(Habits { room, share, ..Habits::default() });
            world.always("mx.example", slow());
            for no in 0..600 {
                single(&world, "a@home.example", &format!("high{no}@mx.example"), High).await;
                if no % 3 == 0 {
                    single(&world, "b@home.example", &format!("low{no}@mx.example"), Low).await;
                    single(&world, "c@home.example", &format!("normal{no}@mx.example"), Normal).await;
                }
            }
            pass(22 * SECOND).await;
            let [high, normal, low] = ["high", "normal", "low"].map(|name| delivered(&world, name));
            let all = high + normal + low;
            assert!(low * 12 >= all && normal * 6 >= all, "{high}, {normal}, {low} with room {room}, share {share}");
            assert!(high * 2 > all, "{high}, {normal}, {low} with room {room}, share {share}");
        });
    }
}

#[test]
fn mails_of_one_sender_begin_in_the_order_in_which_they_were_taken() {
    run(|| async {
        let world = World::new(Habits { room: 50, ..Habits::default() });
        world.always("mx.example", slow());
        for no in 0..200 {
            single(&world, "me@home.example", &format!("{no}@mx.example"), Normal).await;
        }
        pass(60 * SECOND).await;
        assert_eq!(world.delivered(), (0..200).map(|no| format!("{no}@mx.example")).collect::<Vec<_>>());
    });
}
