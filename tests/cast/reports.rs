//! Senders are told once: of failures, delays and successes, also across crashes at every write; what can be told to
//! nobody is kept.

use std::{
    collections::BTreeSet,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{channel, Receiver, Sender},
        Arc,
    },
    time::Duration,
};

use postrider::{
    rules::{Bad, BadMail, BadMailError, BoxFuture, Draft, Moment, Notify, Recipient, Scope},
    sinks::Memory,
};
use postrider_actors::clock::Clock;

use crate::world::{address, draft, pass, run, Act, Habits, World, BEGIN, BUSY, DAY, DOWN, MINUTE, SECOND, UNKNOWN};

const HOUR: Duration = Duration::from_secs(3600);
const SUCCESS: Notify = Notify { success: true, ..Notify::NEVER };

/// Keeps the names of bad mail, after so many times that it does not.
struct Bin(Sender<String>, AtomicU64);

impl Bin {
    fn failing(times: u64) -> (Arc<dyn BadMail>, Receiver<String>) {
        let (tell, told) = channel();
        (Arc::new(Bin(tell, AtomicU64::new(times))), told)
    }
}

impl BadMail for Bin {
    fn keep(&self, bad: Bad) -> BoxFuture<'static, Result<(), BadMailError>> {
        let fails = self.1.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        let who: Vec<String> = bad.who.keys().map(ToString::to_string).collect();
        let (tell, name) = (self.0.clone(), format!("{} {}", bad.id, who.join(",")));
        Box::pin(async move {
            if fails {
                return Err(BadMailError("as told".into()));
            }
            tell.send(name).unwrap();
            Ok(())
        })
    }
}

fn late() -> Habits {
    Habits { warn_after: Some(4 * HOUR), ..Habits::default() }
}

/// A mail whose only recipient has this to be told.
fn notified(at: Moment, to: &str, notify: Notify) -> Draft {
    let mut draft = draft(at, Some("me@home.example"), &[]);
    draft.envelope.recipients.add(Recipient { notify: Some(notify), ..address(to).into() });
    draft
}

/// The names of all reports with this subject that went out; one that went out twice is one.
fn reports(world: &World, subject: &str) -> BTreeSet<String> {
    let script = world.script.borrow();
    let some = script.contents.iter().filter(|text| text.contains(&format!("Subject: {subject}\r\n")));
    let name = |text: &String| text.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned);
    some.filter_map(name).collect()
}

const LATE: &str = "Your mail is late";

#[test]
fn a_mail_that_is_late_is_said_to_be_once_and_tried_on() {
    run(|| async {
        let world = World::new(late());
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        world.send(&["a@mx.example", "b@mx.example"]).await.unwrap();
        pass(4 * HOUR - MINUTE).await;
        assert!(reports(&world, LATE).is_empty());
        pass(2 * MINUTE).await;
        assert_eq!(reports(&world, LATE).len(), 1, "one for both");
        let text = world.script.borrow().contents.last().unwrap().clone();
        assert_eq!(text.matches("\r\nAction: delayed\r\nStatus: 4.3.0\r\n").count(), 2, "{text}");
        assert!(text.contains("Will-Retry-Until: Wed, 25 Nov 2026 00:00:00 +0000\r\n"), "{text}");
        pass(3 * DAY).await;
        assert_eq!(reports(&world, LATE).len(), 1);
        world.always("mx.example", Act::Deliver);
        pass(5 * HOUR).await;
        assert_eq!(world.delivered(), ["me@home.example", "a@mx.example", "b@mx.example"]);
    });
}

#[test]
fn who_waits_for_a_hop_that_is_down_is_told_of_in_time_and_comes_when_it_is_up() {
    run(|| async {
        let world = World::new(late());
        world.always("dead.example", Act::Reply(Scope::Hop, DOWN));
        for no in 0..5 {
            world.send(&[&format!("{no}@dead.example")]).await.unwrap();
        }
        pass(4 * HOUR + MINUTE).await;
        assert_eq!(reports(&world, LATE).len(), 5, "each of them, tried or not");
        pass(DAY).await;
        assert_eq!(reports(&world, LATE).len(), 5);
        world.always("dead.example", Act::Deliver);
        pass(7 * HOUR).await;
        assert_eq!(world.delivered().iter().filter(|to| to.ends_with("@dead.example")).count(), 5);
    });
}

#[test]
fn who_does_not_want_to_hear_of_delays_hears_nothing() {
    run(|| async {
        let world = World::new(late());
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        let failure = Notify { failure: true, ..Notify::NEVER };
        world.submit(notified(world.clock.now(), "a@mx.example", failure)).await.unwrap();
        world.submit(draft(world.clock.now(), None, &["b@mx.example"])).await.unwrap();
        pass(2 * DAY).await;
        assert!(reports(&world, LATE).is_empty());
    });
}

#[test]
fn a_notice_that_waits_for_a_slow_disk_is_not_made_again() {
    run(|| async {
        let retry = postrider::rules::Retry { first: Vec::new(), then: 90 * SECOND, ..late().retry };
        // So many wait for the disk that slips come again before their notice is there.
        let world = World::new(Habits { takes: 3 * MINUTE, retry, ..late() });
        world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        let names: Vec<String> = (0..16).map(|no| format!("{no}@mx.example")).collect();
        let sent = names.iter().map(|name| {
            let (world, to) = (&world, [name.as_str()]);
            async move { world.send(&to).await }
        });
        assert!(futures_util::future::join_all(sent).await.iter().all(Result::is_ok));
        pass(5 * HOUR).await;
        assert_eq!(reports(&world, LATE).len(), 16);
    });
}

#[test]
fn who_wants_to_hear_of_success_is_told_by_the_last_who_can() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.tell("last.example", [Act::Deliver]);
        world.tell("silent.example", [Act::Relay(false)]);
        world.tell("tells.example", [Act::Relay(true)]);
        for hop in ["last.example", "silent.example", "tells.example"] {
            world.submit(notified(world.clock.now(), &format!("a@{hop}"), SUCCESS)).await.unwrap();
        }
        world.send(&["b@last.example"]).await.unwrap();
        pass(DAY).await;
        assert_eq!(reports(&world, "Your mail was delivered").len(), 1);
        assert_eq!(reports(&world, "Your mail was passed on").len(), 1);
        assert_eq!(world.delivered().iter().filter(|to| *to == "me@home.example").count(), 2);
        assert_eq!(control.used(), 0);
    });
}

/// One world whose spool fails after so many batches, then another on what is left, hours later. Says whether the mail was
/// accepted, and which reports went out of both.
fn across_a_crash(batches: u64, act: &Act, mail: Draft, bad: &Arc<dyn BadMail>, subject: &str) -> Option<usize> {
    let spool = Memory::new();
    let control = spool.control();
    let (tell, told) = channel();
    let habits = |spool, batches| Habits { spool, batches, bad: Some(Arc::clone(bad)), ..late() };
    run(|| async {
        let world = World::new(habits(spool, Some(batches)));
        world.always("mx.example", act.clone());
        let accepted = world.submit(mail).await.is_ok();
        pass(5 * HOUR).await;
        tell.send((accepted, reports(&world, subject))).unwrap();
    });
    run(|| async {
        let world = World::at(habits(control.reopen(), None), Clock::following_tokio(BEGIN + 5 * HOUR));
        world.always("mx.example", act.clone());
        pass(20 * HOUR).await;
        tell.send((true, reports(&world, subject))).unwrap();
        world.always("mx.example", Act::Deliver);
        pass(5 * HOUR).await;
        assert_eq!(control.used(), 0, "after {batches} batches something is left");
    });
    let all: Vec<_> = told.try_iter().collect();
    let names: BTreeSet<String> = all.iter().flat_map(|(_, names)| names.clone()).collect();
    all[0].0.then_some(names.len())
}

#[test]
fn a_crash_at_any_write_repeats_no_report_and_loses_none() {
    let busy = Act::Reply(Scope::Recipient, BUSY);
    let failed = Act::Reply(Scope::Recipient, UNKNOWN);
    let plain = || draft(BEGIN, Some("me@home.example"), &["a@mx.example"]);
    let (bin, _) = Bin::failing(0);
    let mut accepted = 0;
    for batches in 0..16 {
        for (act, mail, subject) in [
            (&busy, plain(), LATE),
            (&failed, plain(), "Your mail could not be delivered"),
            (&Act::Deliver, notified(BEGIN, "a@mx.example", SUCCESS), "Your mail was delivered"),
            (&Act::Relay(false), notified(BEGIN, "a@mx.example", SUCCESS), "Your mail was passed on"),
        ] {
            let told = across_a_crash(batches, act, mail, &bin, subject);
            assert!(told.is_none_or(|told| told == 1), "{subject}: {told:?} after {batches} batches");
            accepted += u32::from(told.is_some());
        }
    }
    assert!(accepted >= 60, "{accepted}");
}

#[test]
fn bad_mail_is_kept_before_its_mail_goes_whatever_crashes() {
    let failed = Act::Reply(Scope::Recipient, UNKNOWN);
    for batches in 0..6 {
        let (bin, kept) = Bin::failing(0);
        let mail = draft(BEGIN, None, &["a@mx.example"]);
        let accepted = across_a_crash(batches, &failed, mail, &bin, "no report").is_some();
        let names: BTreeSet<String> = kept.try_iter().collect();
        assert_eq!(names.len(), usize::from(accepted), "after {batches} batches: {names:?}");
    }
}

#[test]
fn bad_mail_that_cannot_be_kept_waits_and_holds_up_nobody_else() {
    run(|| async {
        let (bad, kept) = Bin::failing(20);
        let world = World::new(Habits { bad: Some(bad), alert: Some("keeper@home.example"), ..Habits::default() });
        world.always("mx.example", Act::Reply(Scope::Recipient, UNKNOWN));
        let null = draft(world.clock.now(), None, &["a@mx.example", "b@mx.example"]);
        let id = world.submit(null).await.unwrap();
        world.send(&["c@mx.example"]).await.unwrap();
        pass(SECOND).await;
        assert_eq!(world.delivered(), ["me@home.example"]);
        assert_eq!(kept.try_iter().count(), 0);
        pass(5 * MINUTE).await;
        assert_eq!(kept.try_iter().collect::<Vec<_>>(), [format!("{id} 0,1")]);
        assert_eq!(world.delivered(), ["me@home.example", "keeper@home.example"]);
    });
}

#[test]
fn a_failure_that_nobody_wants_to_hear_of_is_no_bad_mail_and_an_alert_that_fails_makes_no_alert() {
    run(|| async {
        let (bad, kept) = Bin::failing(0);
        let world = World::new(Habits { bad: Some(bad), alert: Some("keeper@mx.example"), ..Habits::default() });
        world.always("mx.example", Act::Reply(Scope::Recipient, UNKNOWN));
        world.submit(notified(world.clock.now(), "a@mx.example", Notify::NEVER)).await.unwrap();
        pass(DAY).await;
        assert_eq!(kept.try_iter().count(), 0);
        world.submit(draft(world.clock.now(), None, &["b@mx.example"])).await.unwrap();
        pass(DAY).await;
        assert_eq!(kept.try_iter().count(), 2, "the mail, and the alert about it");
        assert_eq!(world.attempts("mx.example"), 3);
    });
}
