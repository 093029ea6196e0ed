//! What a sink may answer before the commit, and what becomes of the mail.

use postrider::{
    events::{Message, Submission},
    rules::{RcptNo, Reply},
    Binding,
};
use postrider_actors::door::NotTaken;

use super::*;
use crate::world::{address, UNKNOWN};

#[test]
fn a_rejected_mail_is_not_written_and_its_sender_keeps_it() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        let rejects = || |mail: Message<Submission>| async move { mail.reject(UNKNOWN) };
        world.bind(Binding::new("rejects", rejects).on(Submission)).await;
        let before = control.batches();
        assert!(matches!(world.send(&["a@mx.example"]).await, Err(NotTaken::Rejected(reply)) if reply == UNKNOWN));
        pass(SECOND).await;
        assert_eq!((control.batches(), control.used()), (before, 0));
    });
}

#[test]
fn a_rejection_with_a_number_that_is_none_is_a_refusal_for_now() {
    run(|| async {
        let world = World::new(Habits::default());
        let odd = || |mail: Message<Submission>| async move { mail.reject(Reply::new(250, 0, 0, "fine")) };
        world.bind(Binding::new("odd", odd).on(Submission)).await;
        let answer = world.send(&["a@mx.example"]).await;
        assert!(matches!(answer, Err(NotTaken::Rejected(reply)) if reply.is_transient()));
    });
}

#[test]
fn a_discarded_mail_is_taken_and_gone_and_what_was_made_of_it_stays() {
    run(|| async {
        let world = World::new(Habits::default());
        let turns = || {
            |mail: Message<Submission>| async move {
                let mut copy = postrider::rules::Draft::new(mail.envelope().clone(), mail.content().clone());
                copy.envelope.recipients = [address("copy@mx.example")].into_iter().collect();
                mail.discard().with(copy)
            }
        };
        world.bind(Binding::new("turns", turns).on(Submission)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["copy@mx.example"]);
    });
}

#[test]
fn a_held_mail_waits_for_a_person_and_then_goes_on() {
    run(|| async {
        let world = World::new(Habits::default());
        let holds = || {
            |mut mail: Message<Submission>| async move {
                mail.hold("looks odd");
                mail.next()
            }
        };
        world.bind(Binding::new("holds", holds).on(Submission)).await;
        world.bind(Binding::new("marks", || marks("x")).on(Submission).priority(Priority::LAST)).await;
        let id = world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), [] as [&str; 0]);
        let held = world.held().await;
        assert_eq!((held[0].0, held[0].1.reason.as_str(), held.len()), (id, "looks odd", 1));
        assert!(world.release(id).await);
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
        assert!(world.last_content().starts_with("X-Trail: x\r\n"), "those behind it have seen it");
    });
}

#[test]
fn a_refused_recipient_is_reported_and_the_others_get_the_mail() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        let refuses = || {
            |mut mail: Message<Submission>| async move {
                if mail.envelope().sender.is_some() {
                    mail.refuse(RcptNo(1), UNKNOWN);
                }
                mail.next()
            }
        };
        world.bind(Binding::new("refuses", refuses).on(Submission)).await;
        world.send(&["a@mx.example", "b@mx.example", "c@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["a@mx.example", "c@mx.example", "me@home.example"]);
        let contents = world.script.borrow().contents.clone();
        assert!(contents.iter().any(|text| text.contains("b@mx.example") && text.contains("no such user")));
        assert_eq!(control.used(), 0);
    });
}

#[test]
fn when_all_recipients_are_refused_so_is_the_mail() {
    run(|| async {
        let world = World::new(Habits::default());
        let refuses = || {
            |mut mail: Message<Submission>| async move {
                let all: Vec<RcptNo> = mail.envelope().recipients.numbers().collect();
                all.into_iter().for_each(|no| mail.refuse(no, UNKNOWN));
                mail.next()
            }
        };
        world.bind(Binding::new("refuses", refuses).on(Submission)).await;
        let answer = world.send(&["a@mx.example", "b@mx.example"]).await;
        assert!(matches!(answer, Err(NotTaken::Rejected(reply)) if reply == UNKNOWN));
    });
}

#[test]
fn our_own_reports_pass_the_same_sinks() {
    run(|| async {
        let world = World::new(Habits::default());
        world.bind(Binding::new("marks", || marks("seen")).on(Submission)).await;
        world.always("mx.example", crate::world::Act::Reply(postrider::rules::Scope::Recipient, UNKNOWN));
        world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["me@home.example"]);
        assert!(world.last_content().starts_with("X-Trail: seen\r\n"), "{}", world.last_content());
    });
}

#[test]
fn a_report_that_a_sink_does_not_take_now_waits_and_others_pass_it_by() {
    run(|| async {
        let world = World::new(Habits::default());
        let first = Arc::<AtomicUsize>::default();
        let waits = {
            let first = Arc::clone(&first);
            move || {
                let first = Arc::clone(&first);
                move |mail: Message<Submission>| {
                    let is_report = mail.envelope().door == postrider::rules::Door::Report;
                    let is_first = is_report && first.fetch_add(1, Ordering::Relaxed) == 0;
                    async move {
                        if is_first {
                            mail.reject(crate::world::BUSY)
                        } else {
                            mail.next()
                        }
                    }
                }
            }
        };
        world.bind(Binding::new("waits", waits).on(Submission)).await;
        world.always("mx.example", crate::world::Act::Reply(postrider::rules::Scope::Recipient, UNKNOWN));
        world.send(&["a@mx.example"]).await.unwrap();
        world.send(&["b@mx.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered().len(), 1);
        pass(MINUTE).await;
        assert_eq!(world.delivered().len(), 2);
    });
}

#[test]
fn others_do_not_wait_for_the_report_about_a_refused_recipient() {
    run(|| async {
        let world = World::new(Habits::default());
        let refuses = || {
            |mut mail: Message<Submission>| async move {
                if mail.envelope().door == postrider::rules::Door::Report {
                    return mail.reject(crate::world::BUSY); // for a while
                }
                mail.refuse(RcptNo(1), UNKNOWN);
                mail.next()
            }
        };
        let adds = || {
            |mut mail: Message<postrider::events::PostCategorize>| async move {
                mail.content_mut().prepend("X-Stage: passed\r\n");
                mail.next()
            }
        };
        world.bind(Binding::new("refuses", refuses).on(Submission)).await;
        world.bind(Binding::new("adds", adds).on(postrider::events::PostCategorize)).await;
        world.send(&["a@mx.example", "b@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
        world.unbind("refuses").await;
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example", "me@home.example"]);
    });
}

#[test]
fn in_lmtp_what_was_forked_stays_when_all_others_are_refused() {
    run(|| async {
        let world = World::new(Habits::default());
        let forks = || {
            |mut mail: Message<postrider::events::EndOfData>| async move {
                let fork = mail.fork(&[RcptNo(1)]).unwrap();
                mail.refuse(RcptNo(0), UNKNOWN);
                mail.next().with(fork)
            }
        };
        world.bind(Binding::new("forks", forks).on(postrider::events::EndOfData)).await;
        let mut mail = draft(world.clock.now(), None, &["a@mx.example", "b@mx.example"]);
        mail.envelope.door = postrider::rules::Door::Lmtp;
        let taken = world.door.submit(mail, &mut SessionGuests::default(), None).await.unwrap();
        assert_eq!((taken.id, taken.refused), (None, vec![(RcptNo(0), UNKNOWN)]));
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["b@mx.example"]);
    });
}
