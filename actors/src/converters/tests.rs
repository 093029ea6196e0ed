//! The pool with converters that do what no converter should.

use std::{
    rc::Rc,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    thread::{self, ThreadId},
    time::Duration,
};

use actix::Arbiter;
use bytes::Bytes;
use postrider_engine::{Converter, NotConverted};

use super::*;

/// What a mail makes of it is what the mail says; it counts itself, and must not leave its thread.
struct Told {
    place: ThreadId,
    alive: Rc<()>,
    counts: Counts,
    gate: Arc<AtomicBool>,
}

#[derive(Clone, Default)]
struct Counts {
    started: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Drop for Told {
    fn drop(&mut self) {
        assert_eq!(self.place, thread::current().id(), "it ends where it began");
        assert_eq!(Rc::strong_count(&self.alive), 1);
        self.counts.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Converter for Told {
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted> {
        assert_eq!(self.place, thread::current().id(), "it is used where it began");
        match mail {
            b"panic" => panic!("as the mail says"),
            b"wait" => wait_until(|| self.gate.load(Ordering::SeqCst)),
            b"no" => return Err(NotConverted::Impossible("the mail says so".into())),
            b"nothing" => return Ok(Conversion::default()),
            _ => {}
        }
        Ok(Conversion { mail: Some(Bytes::from(mail.to_ascii_uppercase())), flaws: String::new() })
    }
}

fn wait_until(is: impl Fn() -> bool) {
    while !is() {
        thread::sleep(Duration::from_millis(1));
    }
}

struct Fixture {
    converters: Converters,
    pool: Addr<ConverterPool>,
    kind: ConverterKind,
    counts: Counts,
    /// Mails that wait go on.
    gate: Arc<AtomicBool>,
}

impl Fixture {
    fn new(limits: ConverterLimits) -> Self {
        let (counts, gate) = (Counts::default(), Arc::<AtomicBool>::default());
        let (kept, closed) = (counts.clone(), Arc::clone(&gate));
        let kind = ConverterKind::new("told", move || {
            kept.started.fetch_add(1, Ordering::SeqCst);
            Told { place: thread::current().id(), alive: Rc::new(()), counts: kept.clone(), gate: Arc::clone(&closed) }
        });
        let converters = Converters::default();
        let pool = ConverterPool::start(limits, &converters, &Arbiter::current());
        Fixture { converters, pool, kind, counts, gate }
    }

    fn ask(&self, mail: &'static str) -> BoxFuture<'static, Result<Conversion, ConversionFault>> {
        self.converters.convert(&self.kind, &Content::new(mail), 100)
    }

    async fn drain(&self) {
        let (answer, end) = oneshot::channel();
        self.pool.do_send(Drain(answer));
        let _ = end.await;
    }

    fn counts(&self) -> (usize, usize) {
        (self.counts.started.load(Ordering::SeqCst), self.counts.ended.load(Ordering::SeqCst))
    }
}

fn limits(hosts: usize, waiting: usize, milliseconds: u64) -> ConverterLimits {
    let time_limit = Duration::from_millis(milliseconds);
    ConverterLimits { hosts, waiting, waiting_limit: Duration::from_millis(LONG), time_limit }
}

const LONG: u64 = 60_000;
/// Long enough for what would come at once.
const SHORT: Duration = Duration::from_millis(50);

fn mail(octets: &'static str) -> Result<Conversion, ConversionFault> {
    Ok(Conversion { mail: Some(octets.into()), flaws: String::new() })
}

#[actix::test]
async fn a_converter_is_started_before_its_first_mail_and_ended_after_its_last() {
    let fixture = Fixture::new(limits(1, 10, LONG));
    assert_eq!(fixture.counts(), (0, 0));
    assert_eq!(fixture.ask("one").await, mail("ONE"));
    assert_eq!(fixture.ask("nothing").await, Ok(Conversion::default()));
    assert_eq!(fixture.ask("no").await, Err(NotConverted::Impossible("the mail says so".into()).into()));
    assert_eq!(fixture.counts(), (1, 0), "one converter served them all");
    fixture.drain().await;
    assert_eq!(fixture.counts(), (1, 1));
    assert!(tokio::time::timeout(SHORT, fixture.ask("late")).await.is_err(), "it stays in the spool as it is");
}

#[actix::test]
async fn at_the_end_a_mail_in_hand_is_converted_and_those_who_wait_are_not_told_that_nobody_converts() {
    let fixture = Fixture::new(limits(1, 10, LONG));
    let (in_hand, waits) = (fixture.ask("wait"), fixture.ask("waits"));
    let (answer, end) = oneshot::channel();
    fixture.pool.do_send(Drain(answer));
    fixture.gate.store(true, Ordering::SeqCst);
    assert_eq!(in_hand.await, mail("WAIT"));
    assert!(end.await.is_err(), "dropping the answer tells");
    assert_eq!(fixture.counts(), (1, 1));
    assert!(tokio::time::timeout(SHORT, waits).await.is_err(), "it stays in the spool as it is");
}

#[actix::test]
async fn an_end_waits_for_a_conversion_no_longer_than_its_limit() {
    let fixture = Fixture::new(limits(1, 10, 50));
    let hangs = fixture.ask("wait");
    let ends = tokio::time::timeout(Duration::from_secs(10), fixture.drain()).await;
    fixture.gate.store(true, Ordering::SeqCst);
    assert!(ends.is_ok(), "it waits for ever");
    assert_eq!(hangs.await, Err(ConversionFault::Overran));
}

/// A timer that is due in the same turn in which the host's answer arrives was that of the mail before.
#[actix::test]
async fn a_conversion_that_ends_at_its_limit_does_not_cost_the_next_mail_its_own() {
    let fixture = Fixture::new(limits(1, 10, 500));
    let (ends_late, next) = (fixture.ask("wait"), fixture.ask("next"));
    let gate = Arc::clone(&fixture.gate);
    let answering = actix::spawn(async move {
        tokio::time::sleep(Duration::from_millis(250)).await;
        gate.store(true, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(100)); // the answer arrives, and nobody looks
    });
    tokio::time::sleep(SHORT).await; // the first has its host
    thread::sleep(Duration::from_millis(600)); // both timers are due at the next look, that one first
    let _ = (answering.await, ends_late.await);
    assert_eq!(next.await, mail("NEXT"));
}

#[actix::test]
async fn a_panic_costs_one_mail_its_conversion_and_the_next_finds_a_new_converter() {
    let fixture = Fixture::new(limits(1, 10, LONG));
    let (before, panics, after) = (fixture.ask("before"), fixture.ask("panic"), fixture.ask("after"));
    assert_eq!(before.await, mail("BEFORE"));
    assert_eq!(panics.await, Err(ConversionFault::Panicked));
    assert_eq!(after.await, mail("AFTER"));
    assert_eq!(fixture.counts(), (2, 1));
    fixture.drain().await;
    assert_eq!(fixture.counts(), (2, 2));
}

#[actix::test]
async fn who_overruns_is_left_alone_and_the_next_mail_goes_to_another_thread() {
    let fixture = Fixture::new(limits(1, 10, 50));
    let (hangs, next) = (fixture.ask("wait"), fixture.ask("next"));
    assert_eq!(hangs.await, Err(ConversionFault::Overran));
    assert_eq!(next.await, mail("NEXT"));
    fixture.drain().await; // which does not wait for the one that hangs
    assert_eq!(fixture.counts(), (2, 1));
    fixture.gate.store(true, Ordering::SeqCst);
    wait_until(|| fixture.counts() == (2, 2)); // its converter ends when it comes back
}

#[actix::test]
async fn who_hang_one_after_the_other_do_not_take_all_threads_of_the_machine() {
    let fixture = Fixture::new(limits(2, 1000, 20));
    for _ in 0..MOST_LEFT_ALONE {
        assert_eq!(fixture.ask("wait").await, Err(ConversionFault::Overran));
    }
    let mut waits = fixture.ask("waits");
    let early = tokio::time::timeout(Duration::from_millis(50), &mut waits).await;
    assert!(early.is_err(), "no thread was left for it");
    assert_eq!(fixture.counts().0, MOST_LEFT_ALONE);
    fixture.gate.store(true, Ordering::SeqCst);
    assert_eq!(waits.await, mail("WAITS"), "as soon as one of those has ended");
}

#[actix::test]
async fn more_than_may_wait_are_told_so_at_once_and_those_who_have_gone_are_not_counted() {
    let fixture = Fixture::new(limits(1, 2, LONG));
    let under_way = fixture.ask("wait");
    let (first, gone) = (fixture.ask("first"), fixture.ask("gone"));
    assert_eq!(fixture.ask("third").await, Err(ConversionFault::Busy));
    drop(gone);
    let last = fixture.ask("last");
    fixture.gate.store(true, Ordering::SeqCst);
    assert_eq!(under_way.await, mail("WAIT"));
    assert_eq!((first.await, last.await), (mail("FIRST"), mail("LAST")));
}

#[actix::test]
async fn who_waits_for_too_long_is_told_that_all_are_busy() {
    let fixture = Fixture::new(ConverterLimits { waiting_limit: 4 * SHORT, ..limits(1, 10, LONG) });
    let under_way = fixture.ask("wait");
    assert_eq!(fixture.ask("first").await, Err(ConversionFault::Busy));
    assert_eq!(fixture.ask("second").await, Err(ConversionFault::Busy));
    fixture.gate.store(true, Ordering::SeqCst);
    assert_eq!(under_way.await, mail("WAIT"));
    assert_eq!(fixture.ask("next").await, mail("NEXT"), "nobody stands in line any more");
}

#[actix::test]
async fn a_mail_that_is_too_large_is_not_even_read() {
    let fixture = Fixture::new(limits(1, 2, LONG));
    let asked = fixture.converters.convert(&fixture.kind, &Content::new("four"), 3).await;
    assert_eq!(asked, Err(ConversionFault::TooLarge { octets: 4, most: 3 }));
    assert_eq!(Converters::default().convert(&fixture.kind, &Content::new("x"), 9).await, Err(ConversionFault::Gone));
    assert_eq!(fixture.counts(), (0, 0));
}

#[actix::test]
async fn what_cannot_even_be_started_costs_the_mail_that_asked_for_it() {
    let fixture = Fixture::new(limits(1, 10, LONG));
    let bad = ConverterKind::new("bad", || -> Told { panic!("no such program") });
    let asked = fixture.converters.convert(&bad, &Content::new("x"), 9).await;
    assert_eq!((asked, fixture.ask("good").await), (Err(ConversionFault::Panicked), mail("GOOD")));
}
