//! Sinks behind the commit: what they make of a mail is one entry, and what goes wrong costs a delay.

use postrider::{
    events::{Categorize, Message, PostCategorize, PreCategorize, Route, Routing},
    rules::{Next, RcptNo, Recipient},
    Binding,
};

use super::*;
use crate::world::{address, UNKNOWN};

#[test]
fn what_the_sinks_of_a_stage_change_is_one_entry_before_the_mail_goes_on() {
    run(|| async {
        let habits = Habits { takes: SECOND, ..Habits::default() };
        let control = habits.spool.control();
        let world = World::new(habits);
        let adds = || {
            |mut mail: Message<Categorize>| async move {
                mail.recipients_mut().add(address("more@mx.example"));
                mail.next()
            }
        };
        let marks = || {
            |mut mail: Message<PostCategorize>| async move {
                let recipients = mail.envelope().recipients.len();
                mail.content_mut().prepend(format!("X-Recipients: {recipients}\r\n"));
                mail.next()
            }
        };
        world.bind(Binding::new("adds", adds).on(Categorize)).await;
        world.bind(Binding::new("marks", marks).on(PostCategorize)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        assert_eq!(world.attempts("mx.example"), 0);
        let before = control.batches();
        pass(3 * SECOND).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["a@mx.example", "more@mx.example"]);
        assert!(control.batches() - before >= 1);
        assert!(world.last_content().starts_with("X-Recipients: 2\r\n"));
        pass(MINUTE).await;
        assert_eq!(control.used(), 0);
    });
}

#[test]
fn a_sink_that_changes_nothing_costs_no_entry() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.always("mx.example", crate::world::Act::Hang);
        let looks = || |mail: Message<PreCategorize>| async move { mail.next() };
        world.bind(Binding::new("looks", looks).on(PreCategorize)).await;
        pass(SECOND).await;
        let before = control.batches();
        world.send(&["a@mx.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!((control.batches() - before, world.attempts("mx.example")), (1, 1), "the mail, and nothing else");
    });
}

#[test]
fn mail_leaves_the_stage_in_its_order_and_who_is_slow_is_overtaken() {
    run(|| async {
        let world = World::new(Habits::default());
        let slow = || {
            |mail: Message<PreCategorize>| async move {
                let name = mail.envelope().recipients.iter().next().map(|(_, to)| to.address.to_string());
                let takes = match name.as_deref() {
                    Some("slow@mx.example") => 10 * SECOND,
                    Some("first@mx.example") => SECOND / 5,
                    _ => SECOND / 100,
                };
                tokio::time::sleep(takes).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(PreCategorize)).await;
        for to in ["first@mx.example", "second@mx.example", "slow@mx.example", "last@mx.example"] {
            world.send(&[to]).await.unwrap();
        }
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["first@mx.example", "second@mx.example", "last@mx.example"]);
        pass(MINUTE).await;
        assert_eq!(world.delivered().last().unwrap(), "slow@mx.example");
    });
}

#[test]
fn a_mail_that_is_put_off_begins_its_stage_anew_then() {
    run(|| async {
        let world = World::new(Habits::default());
        let clock = world.clock;
        let defers = move || {
            move |mail: Message<PreCategorize>| async move {
                let until = mail.envelope().arrived + 5 * MINUTE;
                match until > clock.now() {
                    true => mail.defer(until),
                    false => mail.next(),
                }
            }
        };
        world.bind(Binding::new("defers", defers).on(PreCategorize)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        pass(4 * MINUTE).await;
        assert!(world.delivered().is_empty());
        assert_eq!(world.audit().await.resting, 1);
        pass(2 * MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn a_failed_recipient_is_reported_and_the_others_go_on() {
    run(|| async {
        let world = World::new(Habits::default());
        let fails = || {
            |mut mail: Message<PostCategorize>| async move {
                if mail.envelope().sender.is_some() {
                    mail.fail(RcptNo(0), UNKNOWN);
                }
                mail.next()
            }
        };
        world.bind(Binding::new("fails", fails).on(PostCategorize)).await;
        world.send(&["a@mx.example", "b@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["b@mx.example", "me@home.example"]);
    });
}

#[test]
fn a_fork_is_written_with_its_origin_and_each_goes_its_way() {
    run(|| async {
        let world = World::new(Habits::default());
        let forks = || {
            |mut mail: Message<PostCategorize>| async move {
                match mail.envelope().generation {
                    0 => {
                        let mut fork = mail.fork(&[RcptNo(1)]).unwrap();
                        fork.content.prepend("X-Fork: yes\r\n");
                        mail.next().with(fork)
                    }
                    _ => mail.next(),
                }
            }
        };
        world.bind(Binding::new("forks", forks).on(PostCategorize)).await;
        world.send(&["a@mx.example", "b@other.example"]).await.unwrap();
        pass(MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["a@mx.example", "b@other.example"]);
        let contents = world.script.borrow().contents.clone();
        assert_eq!(contents.iter().filter(|text| text.starts_with("X-Fork")).count(), 1);
    });
}

#[test]
fn mails_made_of_mails_without_end_are_stopped_and_held() {
    run(|| async {
        let world = World::new(Habits::default());
        let breeds = || {
            |mail: Message<PreCategorize>| async move {
                let mut copy = postrider::rules::Draft::new(mail.envelope().clone(), mail.content().clone());
                copy.envelope.recipients = [Recipient::from(address("x@mx.example"))].into_iter().collect();
                mail.next().with(copy)
            }
        };
        world.bind(Binding::new("breeds", breeds).on(PreCategorize)).await;
        world.send(&["x@mx.example"]).await.unwrap();
        pass(10 * MINUTE).await;
        assert_eq!((world.delivered().len(), world.held().await.len()), (10, 1));
    });
}

#[test]
fn a_sink_that_fails_behind_the_commit_costs_a_delay_and_then_the_mail_is_held() {
    run(|| async {
        let world = World::new(Habits::default());
        let tries = Arc::<AtomicUsize>::default();
        let panics = {
            let tries = Arc::clone(&tries);
            move || {
                let tries = Arc::clone(&tries);
                move |mail: Message<PreCategorize>| {
                    let bad = mail.envelope().recipients.iter().any(|(_, to)| to.address.as_str() == "bad@mx.example");
                    let fails = bad || tries.fetch_add(1, Ordering::Relaxed) == 0;
                    assert!(!fails, "as the test asks");
                    std::future::ready(mail.next())
                }
            }
        };
        world.bind(Binding::new("panics", panics).on(PreCategorize)).await;
        world.send(&["once@mx.example"]).await.unwrap();
        world.send(&["bad@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["once@mx.example"]);
        assert_eq!(world.held().await.len(), 1);
    });
}

#[test]
fn a_held_mail_goes_on_behind_the_stage_when_it_is_released() {
    run(|| async {
        let world = World::new(Habits::default());
        let holds = || {
            |mut mail: Message<PostCategorize>| async move {
                mail.hold("for the auditor");
                mail.content_mut().prepend("X-Held: once\r\n");
                mail.next()
            }
        };
        world.bind(Binding::new("holds", holds).on(PostCategorize)).await;
        let id = world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.held().await.len(), 1);
        assert!(world.release(id).await);
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
        assert_eq!(world.last_content().matches("X-Held").count(), 1);
    });
}

#[test]
fn discard_and_reject_behind_the_commit_end_the_mail_in_silence_and_with_a_report() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        let judges = || {
            |mail: Message<PostCategorize>| async move {
                let to = mail.envelope().recipients.iter().next().map(|(_, to)| to.address.to_string());
                match to.as_deref() {
                    Some("drop@mx.example") => mail.discard(),
                    Some("no@mx.example") => mail.reject(UNKNOWN),
                    _ => mail.next(),
                }
            }
        };
        world.bind(Binding::new("judges", judges).on(PostCategorize)).await;
        world.send(&["drop@mx.example"]).await.unwrap();
        world.send(&["no@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["me@home.example"]);
        assert!(world.last_content().contains("no such user"));
        assert_eq!(control.used(), 0);
    });
}

#[test]
fn a_sink_of_route_leads_a_recipient_elsewhere() {
    run(|| async {
        let world = World::new(Habits::default());
        let leads = || {
            |mut mail: Routing| async move {
                mail.lead(RcptNo(1), Next::Relay { hosts: vec!["elsewhere.example:25".parse().unwrap()] });
                mail.next()
            }
        };
        world.bind(Binding::new("leads", leads).on(Route)).await;
        world.send(&["a@mx.example", "b@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!((world.attempts("mx.example"), world.delivered().len()), (1, 2));
        let hops: Vec<String> = world.script.borrow().seen.iter().map(|seen| seen.hop.clone()).collect();
        assert!(hops.iter().any(|hop| hop.contains("elsewhere.example")), "{hops:?}");
    });
}
