//! Where sinks meet what else happens to a mail: aliases, refusals, loops, clients that leave.

use postrider::{
    events::{Categorize, EndOfData, Message, PostCategorize, PreCategorize},
    rules::{AliasScope, Aliases, RcptNo},
    Binding,
};

use super::*;
use crate::{
    dialogue::Call,
    world::{address, UNKNOWN},
};

const MAIL: &str = "MAIL FROM:<me@home.example>\r\nRCPT TO:<a@one.example>\r\nDATA\r\n";

fn team() -> Aliases {
    let mut scope = AliasScope::new("home.example");
    scope.local = ["home.example".parse().unwrap()].into_iter().collect();
    let mut aliases = Aliases::new(scope);
    let text = "team: x@mx.example, y@mx.example\n";
    aliases.read_aliases("aliases", text, &mut |_| Err("there is none".into())).unwrap();
    aliases
}

#[test]
fn a_recipient_added_beside_an_alias_is_on_disk_and_tried_again() {
    run(|| async {
        let world = World::new(Habits { aliases: team(), ..Habits::default() });
        let adds = || {
            |mut mail: Message<Categorize>| async move {
                mail.recipients_mut().add(address("boss@late.example"));
                mail.next()
            }
        };
        world.bind(Binding::new("adds", adds).on(Categorize)).await;
        world.tell("late.example", [crate::world::Act::Reply(postrider::rules::Scope::Recipient, crate::world::BUSY)]);
        world.send(&["team@home.example"]).await.unwrap();
        pass(30 * MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["boss@late.example", "x@mx.example", "y@mx.example"]);
    });
}

#[test]
fn a_rejection_ends_the_mail_as_the_sinks_before_left_it_and_a_fork_is_not_lost() {
    run(|| async {
        let world = World::new(Habits::default());
        let forks = || {
            |mut mail: Message<PostCategorize>| async move {
                match (mail.envelope().generation, mail.envelope().sender.is_some()) {
                    (0, true) => {
                        let fork = mail.fork(&[RcptNo(1)]).unwrap();
                        mail.recipients_mut().remove(RcptNo(0));
                        mail.recipients_mut().add(address("new@mx.example"));
                        mail.next().with(fork)
                    }
                    _ => mail.skip_rest(),
                }
            }
        };
        let rejects = || |mail: Message<PostCategorize>| async move { mail.reject(UNKNOWN) };
        world.bind(Binding::new("forks", forks).on(PostCategorize)).await;
        world.bind(Binding::new("rejects", rejects).on(PostCategorize)).await;
        world.send(&["old@mx.example", "forked@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["forked@mx.example", "me@home.example"]);
        let contents = world.script.borrow().contents.clone();
        assert!(contents.iter().any(|text| text.contains("new@mx.example") && text.contains("no such user")));
    });
}

#[test]
fn what_replaces_a_mail_again_and_again_is_stopped_and_held() {
    run(|| async {
        let world = World::new(Habits::default());
        let replaces = || {
            |mail: Message<PreCategorize>| async move {
                let again = postrider::rules::Draft::new(mail.envelope().clone(), mail.content().clone());
                mail.discard().with(again)
            }
        };
        world.bind(Binding::new("replaces", replaces).on(PreCategorize)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        pass(10 * MINUTE).await;
        assert_eq!((world.delivered().len(), world.held().await.len()), (0, 1));
    });
}

#[test]
fn mail_for_which_no_guest_is_free_waits_and_is_not_held() {
    run(|| async {
        let world = World::new(Habits::default());
        let slow = || {
            |mail: Message<PreCategorize>| async move {
                tokio::time::sleep(8 * SECOND).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(PreCategorize).pool(1).waiting_limit(SECOND)).await;
        for n in 0..12 {
            world.send(&[&format!("r{n}@mx.example")]).await.unwrap();
        }
        pass(60 * MINUTE).await;
        assert_eq!((world.delivered().len(), world.held().await.len()), (12, 0));
        assert!(!world.bindings().await[0].suspended);
    });
}

#[test]
fn a_mail_that_is_put_off_until_now_comes_no_more_often_than_each_second() {
    run(|| async {
        let world = World::new(Habits::default());
        let times = Arc::<AtomicUsize>::default();
        let (count, clock) = (Arc::clone(&times), world.clock);
        let defers = move || {
            let count = Arc::clone(&count);
            move |mail: Message<PreCategorize>| {
                count.fetch_add(1, Ordering::Relaxed);
                std::future::ready(mail.defer(clock.now()))
            }
        };
        world.bind(Binding::new("defers", defers).on(PreCategorize)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert!((30..=61).contains(&times.load(Ordering::Relaxed)), "{times:?}");
    });
}

#[test]
fn a_client_that_hangs_up_while_a_sink_works_keeps_its_mail() {
    run(|| async {
        let (world, intakes, _) = crate::dialogue::world();
        let slow = || {
            |mail: Message<EndOfData>| async move {
                tokio::time::sleep(SECOND).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(EndOfData)).await;
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(&format!("{MAIL}Subject: x\r\n\r\nbody\r\n.\r\n")).await;
        pass(SECOND / 2).await;
        drop(call);
        pass(MINUTE).await;
        assert_eq!(world.counts().accepted, 0);
    });
}
