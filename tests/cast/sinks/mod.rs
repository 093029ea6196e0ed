//! Sinks in their chains: order, verdicts, and what a sink that fails costs.

mod clients;
mod corners;
mod faults;
mod golden;
mod recorder;
mod stages;
mod verdicts;

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

use postrider::{
    events::{EndOfData, Message, Submission, Verdict},
    rules::Priority,
    Binding, OnFault,
};

use postrider_actors::chain::{AnyBinding, Rebind, SessionGuests};

use crate::world::{draft, pass, run, Habits, World, MINUTE, SECOND};

/// Leaves its mark on the mail.
fn marks(
    name: &'static str,
) -> impl FnMut(Message<Submission>) -> std::future::Ready<Verdict<Submission>> + Send + 'static {
    move |mut mail| {
        let trail = format!("{}{name}", mail.property("trail").unwrap_or_default());
        mail.set_property("trail", trail.clone()).unwrap();
        mail.content_mut().prepend(format!("X-Trail: {trail}\r\n"));
        std::future::ready(mail.next())
    }
}

fn at(priority: u16) -> Priority {
    Priority::new(priority).unwrap()
}

impl World {
    fn last_content(&self) -> String {
        self.script.borrow().contents.last().cloned().unwrap_or_default()
    }
}

#[test]
fn settings_that_are_read_again_leave_the_sinks_in_the_order_of_a_start() {
    run(|| async {
        let world = World::new(Habits::default());
        world.bind(Binding::new("program", || marks("p")).on(Submission)).await;
        let sink = |name: &'static str, made_of: &str| {
            AnyBinding::from(Binding::new(name, move || marks(name)).on(Submission)).made_of(made_of)
        };
        let settings = [
            vec![sink("a", "1"), sink("b", "1"), sink("c", "1")],
            vec![sink("a", "2"), sink("b", "1"), sink("c", "1")],
            vec![sink("c", "1"), sink("d", "1"), sink("b", "3")],
        ];
        for (sinks, expected) in settings.into_iter().zip(["abcp", "abcp", "cdbp"]) {
            world.switchboard.send(Rebind(sinks)).await.unwrap();
            world.send(&["x@mx.example"]).await.unwrap();
            pass(SECOND).await;
            let content = world.last_content();
            assert!(content.starts_with(&format!("X-Trail: {expected}\r\n")), "{expected}: {content}");
        }
    });
}

#[test]
fn sinks_run_by_priority_and_equal_ones_in_the_order_of_binding() {
    run(|| async {
        let world = World::new(Habits::default());
        for (name, priority) in [("d", 24_576), ("b", 24_575), ("a", 0), ("c", 24_575), ("e", 32_767)] {
            world.bind(Binding::new(name, move || marks(name)).on(Submission).priority(at(priority))).await;
        }
        world.send(&["x@mx.example"]).await.unwrap();
        pass(SECOND).await;
        assert!(world.last_content().starts_with("X-Trail: abcde\r\nX-Trail: abcd\r\n"), "{}", world.last_content());
    });
}

#[test]
fn a_run_keeps_the_chain_it_began_with_and_the_next_has_the_new_one() {
    run(|| async {
        let world = World::new(Habits::default());
        let slow = || {
            |mail: Message<Submission>| async move {
                tokio::time::sleep(SECOND).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(Submission).priority(Priority::FIRST)).await;
        world.bind(Binding::new("old", || marks("old")).on(Submission)).await;
        let (first, ()) = tokio::join!(world.send(&["a@mx.example"]), async {
            pass(SECOND / 2).await;
            world.unbind("old").await;
            world.bind(Binding::new("new", || marks("new")).on(Submission)).await;
        });
        first.unwrap();
        pass(MINUTE).await;
        assert!(world.last_content().starts_with("X-Trail: old\r\nSubject"), "{}", world.last_content());
        world.send(&["b@mx.example"]).await.unwrap();
        pass(MINUTE).await;
        assert!(world.last_content().starts_with("X-Trail: new\r\nSubject"), "{}", world.last_content());
    });
}

#[test]
fn sixteen_guests_of_a_hundred_milliseconds_serve_at_least_150_mails_a_second() {
    run(|| async {
        let world = World::new(Habits::default());
        let slow = || {
            |mail: Message<Submission>| async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                mail.next()
            }
        };
        world.bind(Binding::new("slow", slow).on(Submission).waiting_limit(MINUTE)).await;
        let begun = tokio::time::Instant::now();
        let all = (0..1600).map(|n| {
            let (world, to) = (&world, format!("r{n}@mx.example"));
            async move { world.submit(draft(world.clock.now(), None, &[&to])).await.unwrap() }
        });
        futures_util::future::join_all(all).await;
        let seconds = begun.elapsed().as_secs_f64();
        assert!((10.0..10.6).contains(&seconds), "1600 mails by 16 guests took {seconds} s");
    });
}

#[test]
fn guests_of_a_session_keep_its_state_and_end_with_it() {
    struct Counter(Arc<AtomicUsize>, usize);
    impl Drop for Counter {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    impl postrider::events::Sink<Submission> for Counter {
        async fn on(&mut self, mut mail: Message<Submission>) -> Verdict<Submission> {
            self.1 += 1;
            mail.content_mut().prepend(format!("X-Count: {}\r\n", self.1));
            mail.next()
        }
    }
    run(|| async {
        let world = World::new(Habits::default());
        let gone = Arc::<AtomicUsize>::default();
        let make = {
            let gone = Arc::clone(&gone);
            move || Counter(Arc::clone(&gone), 0)
        };
        let scope = postrider::BindingScope::Session;
        world.bind(Binding::new("counter", make).on(Submission).scope(scope)).await;
        let mut sessions = [SessionGuests::default(), SessionGuests::default()];
        for (session, count) in [(0, 1), (0, 2), (1, 1)] {
            let mail = draft(world.clock.now(), None, &["x@mx.example"]);
            world.door.submit(mail, &mut sessions[session], None).await.unwrap();
            pass(SECOND).await;
            assert!(world.last_content().starts_with(&format!("X-Count: {count}\r\n")));
        }
        assert_eq!(gone.load(Ordering::Relaxed), 0);
        drop(sessions);
        pass(SECOND).await;
        assert_eq!(gone.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn what_is_bound_to_end_of_data_does_not_see_mail_of_other_doors() {
    run(|| async {
        let world = World::new(Habits::default());
        let refuses = || |mail: Message<EndOfData>| async move { mail.reject(crate::world::UNKNOWN) };
        world.bind(Binding::new("refuses", refuses).on(EndOfData)).await;
        world.send(&["x@mx.example"]).await.unwrap();
        let mut smtp = draft(world.clock.now(), None, &["x@mx.example"]);
        smtp.envelope.door = postrider::rules::Door::Smtp;
        assert!(world.submit(smtp).await.is_err());
    });
}

/// A fault of each kind, and what the binding says of it.
fn bypassing<S: Send + 'static>(binding: Binding<S>) -> Binding<S> {
    binding.on_fault(OnFault::Bypass)
}
