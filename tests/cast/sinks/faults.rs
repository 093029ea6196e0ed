//! A sink that panics, hangs, answers with something else: the mail in its hands waits, and nothing else.

use std::{future::pending, sync::atomic::AtomicBool};

use postrider::{
    events::{Fault, Message, Submission, Verdict},
    rules::WhenSuspended,
    Binding,
};
use postrider_actors::door::NotTaken;

use super::*;

/// Whoever sent it keeps it.
fn is_later(answer: Result<postrider::QueueId, NotTaken>) -> bool {
    matches!(answer, Err(NotTaken::Rejected(reply)) if reply.is_transient())
}

#[test]
fn a_panic_costs_one_mail_and_the_next_finds_a_new_guest() {
    run(|| async {
        let world = World::new(Habits::default());
        let panics = || {
            |mail: Message<Submission>| {
                let bad = mail.envelope().recipients.iter().any(|(_, to)| to.address.as_str() == "bad@mx.example");
                assert!(!bad, "as the test asks");
                std::future::ready(mail.next())
            }
        };
        world.bind(Binding::new("panics", panics).on(Submission).pool(1)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        assert!(is_later(world.send(&["bad@mx.example"]).await));
        world.send(&["b@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example", "b@mx.example"]);
        let status = world.bindings().await;
        assert_eq!((status[0].served, status[0].faults, status[0].faults_in_a_row), (2, 1, 0));
    });
}

#[test]
fn a_hung_sink_costs_one_mail_not_the_next() {
    run(|| async {
        let world = World::new(Habits::default());
        let hung = Arc::<AtomicBool>::default();
        let hangs = {
            let hung = Arc::clone(&hung);
            move || {
                let hung = Arc::clone(&hung);
                move |mail: Message<Submission>| {
                    let first = !hung.swap(true, Ordering::Relaxed);
                    async move {
                        if first {
                            pending::<()>().await;
                        }
                        mail.next()
                    }
                }
            }
        };
        world.bind(Binding::new("hangs", hangs).on(Submission).time_limit(SECOND).pool(2)).await;
        let (hung, next) = tokio::join!(world.send(&["a@mx.example"]), world.send(&["b@mx.example"]));
        assert!(is_later(hung));
        next.unwrap();
        assert_eq!(world.bindings().await[0].in_hand, 0);
    });
}

#[test]
fn with_four_of_sixteen_guests_hanging_no_innocent_mail_is_refused() {
    run(|| async {
        let world = World::new(Habits::default());
        let some_hang = || {
            |mail: Message<Submission>| async move {
                let hangs = mail.envelope().recipients.iter().any(|(_, to)| to.address.as_str().starts_with("hang"));
                if hangs {
                    pending::<()>().await;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                mail.next()
            }
        };
        world.bind(Binding::new("some", some_hang).on(Submission).faults(1000)).await;
        let all = (0..400).map(|n| {
            let (world, hangs) = (&world, n % 100 == 0);
            let to = if hangs { format!("hang{n}@mx.example") } else { format!("r{n}@mx.example") };
            async move { (hangs, world.submit(draft(world.clock.now(), None, &[&to])).await.is_ok()) }
        });
        let ends = futures_util::future::join_all(all).await;
        assert!(ends.iter().all(|(hangs, taken)| hangs != taken));
        assert_eq!(ends.iter().filter(|(hangs, _)| *hangs).count(), 4);
    });
}

#[test]
fn who_waits_too_long_for_a_guest_is_refused_for_now() {
    run(|| async {
        let world = World::new(Habits::default());
        let slow = || {
            |mail: Message<Submission>| async move {
                tokio::time::sleep(10 * SECOND).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(Submission).pool(1).waiting_limit(SECOND)).await;
        let (first, second) = tokio::join!(world.send(&["a@mx.example"]), world.send(&["b@mx.example"]));
        first.unwrap();
        assert!(is_later(second));
        world.send(&["c@mx.example"]).await.unwrap();
    });
}

#[test]
fn an_old_mail_in_the_place_of_the_new_one_is_a_fault_and_never_sent() {
    run(|| async {
        let world = World::new(Habits::default());
        let swaps = || {
            let mut old: Option<Message<Submission>> = None;
            move |mail: Message<Submission>| {
                let answer = match old.take() {
                    Some(before) => {
                        old = Some(mail);
                        before.next()
                    }
                    None => {
                        old = postrider::events::Given::spare(&mail).into();
                        mail.next()
                    }
                };
                std::future::ready(answer)
            }
        };
        world.bind(Binding::new("swaps", swaps).on(Submission).pool(1)).await;
        world.send(&["a@mx.example"]).await.unwrap();
        assert!(is_later(world.send(&["b@mx.example"]).await));
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@mx.example"]);
    });
}

/// Edits the mail, and then fails.
fn edits_and_panics() -> impl FnMut(Message<Submission>) -> std::future::Ready<Verdict<Submission>> + Send {
    |mut mail| {
        mail.content_mut().prepend("X-Half: done\r\n");
        assert!(mail.envelope().recipients.is_empty(), "as the test asks");
        std::future::ready(mail.next())
    }
}

#[test]
fn a_bypassed_sink_leaves_no_half_edit() {
    run(|| async {
        let world = World::new(Habits::default());
        world.bind(bypassing(Binding::new("half", edits_and_panics).on(Submission))).await;
        world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert!(world.last_content().starts_with("Subject"), "{}", world.last_content());
    });
}

#[test]
fn where_the_binding_says_so_mail_is_held_for_a_sink_that_fails() {
    run(|| async {
        let world = World::new(Habits::default());
        world.bind(Binding::new("half", edits_and_panics).on(Submission).on_fault(OnFault::Hold)).await;
        let id = world.send(&["a@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        let held = world.held().await;
        assert_eq!((held[0].0, held[0].1.reason.as_str()), (id, "half failed: it panicked"));
    });
}

#[test]
fn after_so_many_faults_in_a_row_a_binding_is_suspended_until_it_is_enabled() {
    run(|| async {
        let world = World::new(Habits::default());
        let binding = Binding::new("half", edits_and_panics).on(Submission);
        world.bind(binding.faults(3).when_suspended(WhenSuspended::Bypass)).await;
        for _ in 0..3 {
            assert!(is_later(world.send(&["a@mx.example"]).await));
        }
        world.send(&["b@mx.example"]).await.unwrap();
        assert!(world.bindings().await[0].suspended);
        world.change("half", postrider::Change::Enabled(true)).await;
        assert!(is_later(world.send(&["c@mx.example"]).await));
    });
}

#[test]
fn mails_that_are_too_much_for_a_sink_do_not_suspend_it() {
    run(|| async {
        let world = World::new(Habits::default());
        let picks = || |mail: Message<Submission>| std::future::ready(mail.failed(Fault::NotThisMail));
        world.bind(Binding::new("picks", picks).on(Submission).faults(3).when_suspended(WhenSuspended::Bypass)).await;
        for _ in 0..10 {
            assert!(is_later(world.send(&["a@mx.example"]).await));
        }
        let status = &world.bindings().await[0];
        assert_eq!((status.faults, status.faults_in_a_row, status.suspended), (10, 0, false));
    });
}

#[test]
fn a_mail_without_a_recipient_left_is_a_fault() {
    run(|| async {
        let world = World::new(Habits::default());
        let empties = || {
            |mut mail: Message<Submission>| async move {
                mail.recipients_mut().retain(|_| false);
                mail.next()
            }
        };
        world.bind(Binding::new("empties", empties).on(Submission)).await;
        assert!(is_later(world.send(&["a@mx.example"]).await));
    });
}

/// Panics once more when it goes.
struct Sore;

impl Drop for Sore {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "as the test asks");
    }
}

#[test]
fn a_guest_that_panics_when_it_is_let_go_costs_its_mail_and_not_the_next() {
    run(|| async {
        let world = World::new(Habits::default());
        let hangs = || {
            |mail: Message<Submission>| async move {
                if mail.envelope().recipients.iter().any(|(_, to)| to.address.as_str() == "hang@mx.example") {
                    let _sore = Sore;
                    pending::<()>().await;
                }
                mail.next()
            }
        };
        world.bind(Binding::new("hangs", hangs).on(Submission).time_limit(SECOND).pool(1)).await;
        assert!(is_later(world.send(&["hang@mx.example"]).await));
        world.send(&["b@mx.example"]).await.unwrap();
        assert_eq!(world.bindings().await[0].faults, 1);
    });
}
