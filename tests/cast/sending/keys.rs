//! A key is sent once.

use postrider::{
    events::{Message, Submission},
    Binding,
};

use super::*;

#[test]
fn a_key_that_is_sent_again_gives_the_first_mail_and_sends_nothing() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let first = program.under("welcome/42", "a@mx.example").await;
        assert!(!first.repeated);
        let again = program.under("welcome/42", "b@mx.example").await;
        assert_eq!((again.id, again.repeated), (first.id, true));
        pass(DAY).await;
        assert_eq!(program.under("welcome/42", "a@mx.example").await.id, first.id, "it is long delivered");
        assert_ne!(program.under("welcome/43", "c@mx.example").await.id, first.id);
        pass(MINUTE).await;
        assert_eq!(program.world.delivered(), ["a@mx.example", "c@mx.example"]);
    });
}

#[test]
fn of_a_hundred_who_send_under_one_key_at_once_one_has_sent() {
    run(|| async {
        let program = Program::new(World::new(Habits { takes: SECOND / 10, ..Habits::default() }));
        let all = (0..100).map(|_| program.under("once", "a@mx.example"));
        let all = futures_util::future::join_all(all).await;
        assert_eq!(all.iter().filter(|posted| !posted.repeated).count(), 1);
        assert!(all.iter().all(|posted| posted.id == all[0].id));
        pass(MINUTE).await;
        assert_eq!(program.world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn a_key_is_known_after_a_restart_and_forgotten_after_its_life() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let program = Program::new(World::new(habits));
        let (first, clock) = (program.under("k", "a@mx.example").await, program.world.clock);
        pass(MINUTE).await;
        program.world.drain().await;
        let again = Program::new(World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock));
        pass(LIVES.key - 3 * MINUTE).await;
        assert_eq!(again.under("k", "a@mx.example").await, Posted { id: first.id, repeated: true });
        pass(4 * MINUTE).await;
        assert!(!again.under("k", "a@mx.example").await.repeated);
    });
}

#[test]
fn a_repetition_passes_no_sink_and_one_that_was_refused_may_be_sent_again() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let seen = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = seen.clone();
        let counts = move || {
            let seen = counter.clone();
            move |mail: Message<Submission>| {
                let first = seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
                async move {
                    if first {
                        mail.reject(UNKNOWN)
                    } else {
                        mail.next()
                    }
                }
            }
        };
        program.world.bind(Binding::new("counts", counts).on(Submission)).await;
        let terms = Terms { key: Some(KeyHash::of("k")), ..Terms::default() };
        let refused = program.send(&["a@mx.example"], terms).await;
        assert!(matches!(refused, Err(NotPosted::Rejected(reply)) if reply == UNKNOWN));
        assert!(!program.under("k", "a@mx.example").await.repeated);
        for _ in 0..5 {
            assert!(program.under("k", "a@mx.example").await.repeated);
        }
        assert_eq!(seen.load(std::sync::atomic::Ordering::Relaxed), 2);
    });
}

#[test]
fn when_as_many_keys_are_remembered_as_may_be_a_new_one_is_refused_and_mail_without_one_is_taken() {
    run(|| async {
        let habits = Habits::default();
        habits.spool.control().remember_at_most(2);
        let program = Program::new(World::new(habits));
        program.under("a", "a@mx.example").await;
        program.under("b", "b@mx.example").await;
        let terms = Terms { key: Some(KeyHash::of("c")), ..Terms::default() };
        assert!(matches!(program.send(&["c@mx.example"], terms).await, Err(NotPosted::TooManyKeys)));
        assert!(program.send(&["d@mx.example"], Terms::default()).await.is_ok());
        let owed = Terms { key: Some(KeyHash::of("file")), owed: true, ..Terms::default() };
        let first =
            program.send(&["e@mx.example"], owed).await.expect("a file of a pickup folder is not stopped by others");
        assert_eq!(program.send(&["e@mx.example"], owed).await.unwrap().id, first.id, "and it is remembered");
        assert!(program.under("a", "a@mx.example").await.repeated);
        pass(LIVES.key + MINUTE).await;
        assert!(program.send(&["c@mx.example"], terms).await.is_ok(), "the others are forgotten");
    });
}
