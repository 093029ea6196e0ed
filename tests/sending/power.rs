//! Power goes away at every file call of sending, of a key and of a ticket: what was promised holds, and nothing happens twice.
//!
//! In the first life mail is kept; in the second it is delivered, and the program does what a program does after a crash: it
//! sends again under its key, and redeems the tickets that are in its tables.

use std::{
    sync::{mpsc, Arc},
    time::{Duration, Instant},
};

use postrider::{
    rules::{After, BoxFuture, Lease, Outcome, Target},
    sinks::disk::{self, faulty::FaultyFiles},
    Engine, Flush, RedeemError, SendError, Settings, Ticket,
};

use super::{end, mail};

/// What the program knows when its engine has gone.
#[derive(Debug, Default)]
struct Known {
    plain: bool,
    buffered: bool,
    keyed: bool,
    /// In its tables: the transaction was committed.
    ticket: Option<Ticket>,
    redeemed: bool,
    /// It was prepared, and the transaction rolled back.
    rolled_back: bool,
}

/// Takes every mail, and says to whom it went.
struct Taker(mpsc::Sender<String>);

impl Target for Taker {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        Box::pin(async move {
            let slip = lease.slip().unwrap();
            for (_, to) in slip.addressees() {
                let _ = self.0.send(to.address.to_string());
            }
            let each = slip.recipients.iter().map(|no| (*no, Outcome::Delivered(None))).collect();
            lease.settle(each);
            After::Reusable
        })
    }
}

fn small() -> disk::Settings {
    disk::Settings { segment_octets: 64 << 10, prepared_segments: 0, min_free_octets: 0, ..disk::Settings::default() }
}

fn settings(to: &str) -> Settings {
    let mut settings = Settings::from_toml(&format!(
        "hostname = \"mail.example.org\"\n[report]\nbadmail = \"off\"\n[[route]]\ndomain = \"*\"\nto = \"{to}\"\n"
    ))
    .unwrap();
    settings.listen.sockets.clear();
    settings
}

/// `None`: the disk was gone before the engine was.
fn begin(files: &FaultyFiles, to: &str, taken: &mpsc::Sender<String>) -> Option<Engine> {
    let spool = disk::open(small(), Arc::new(files.clone())).ok()?;
    let taken = taken.clone();
    let builder = Engine::builder(settings(to)).spool(Box::new(spool)).target("taker", move || Taker(taken.clone()));
    Some(builder.start().unwrap())
}

fn first_life(files: &FaultyFiles) -> Known {
    let mut known = Known::default();
    let Some(engine) = begin(files, "keep", &mpsc::channel().0) else { return known };
    known.plain = engine.send_blocking(mail("plain@example.net")).is_ok();
    known.keyed = engine.send_with_key("k", mail("keyed@example.net")).blocking().is_ok();
    known.ticket = engine.prepare(mail("ticket@example.net")).blocking().ok();
    known.rolled_back = engine.prepare(mail("rolled-back@example.net")).blocking().is_ok();
    known.redeemed = known.ticket.is_some_and(|ticket| engine.redeem_blocking(&ticket).is_ok());
    known.buffered = engine.send(mail("buffered@example.net")).buffered().blocking().is_ok();
    pollster::block_on(engine.drain(Duration::from_secs(10)));
    known
}

/// To whom mail went in the end.
fn second_life(files: &FaultyFiles, known: &Known) -> Vec<String> {
    let (tell, told) = mpsc::channel();
    let engine = begin(files, "target:taker", &tell).unwrap();
    let again = engine.send_with_key("k", mail("keyed@example.net")).blocking().unwrap();
    assert!(again.is_repetition() || !known.keyed, "a key that was promised is known");
    // What the program knows to be redeemed it redeems no more.
    if let Some(ticket) = known.ticket.filter(|_| !known.redeemed) {
        for _ in 0..2 {
            engine.redeem_blocking(&ticket).unwrap();
        }
    }
    let begun = Instant::now();
    loop {
        pollster::block_on(engine.flush(Flush::All)).unwrap(); // what was kept waits for its next attempt
        let audit = pollster::block_on(engine.audit()).unwrap();
        assert_eq!(audit.strays, []);
        if audit.on_disk == audit.prepared {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{audit:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    end(engine);
    drop(tell);
    let mut all: Vec<String> = told.try_iter().map(|to| to.trim_end_matches("@example.net").to_owned()).collect();
    all.sort();
    all
}

fn check(known: &Known, taken: &[String], power_is_lost: bool, what: &str) {
    let times = |to: &str| taken.iter().filter(|taken| *taken == to).count();
    let exactly = |to: &str, promised: bool| match (times(to), promised) {
        (1, _) | (0, false) => {}
        (times, _) => panic!("{what}: {to} was taken {times} times: {known:?}"),
    };
    exactly("plain", known.plain);
    exactly("keyed", true);
    exactly("buffered", known.buffered && !power_is_lost);
    assert_eq!(times("ticket"), usize::from(known.ticket.is_some()), "{what}: {known:?}");
    assert_eq!(times("rolled-back"), 0, "{what}");
}

/// Chooses by a seed; 0 and 1 choose nothing and everything.
fn chooser(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |count| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match seed {
            0 => 0,
            1 => count - 1,
            _ => (state >> 11) as usize % count,
        }
    }
}

#[test]
fn power_goes_away_at_each_call_of_sending_and_every_promise_holds() {
    let whole = FaultyFiles::new();
    let known = first_life(&whole);
    assert!(known.plain && known.keyed && known.redeemed && known.rolled_back && known.buffered, "{known:?}");
    let calls = whole.calls();
    check(&known, &second_life(&whole.after_kill(), &known), false, "killed at the end");
    let (mut before, mut between) = (0, 0);
    for call in 1..=calls {
        let files = FaultyFiles::new();
        files.crash_at(call);
        let known = first_life(&files);
        before += usize::from(!known.plain);
        between += usize::from(known.plain && !known.redeemed);
        let left = files.after_power_loss(&mut chooser(call % 5));
        check(&known, &second_life(&left, &known), true, &format!("crash at call {call} of {calls}"));
    }
    assert!(before > 10 && between > 5, "the crashes were everywhere: {before}, {between} of {calls}");
}

#[test]
fn a_swept_ticket_stays_swept_whatever_power_does() {
    let files = FaultyFiles::new();
    let mut short = settings("keep");
    short.send.ticket_life = Duration::from_secs(1);
    let spool = disk::open(small(), Arc::new(files.clone())).unwrap();
    let engine = Engine::builder(short).spool(Box::new(spool)).start().unwrap();
    let ticket = engine.prepare(mail("a@example.net")).blocking().unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    assert!(matches!(engine.redeem_blocking(&ticket), Err(RedeemError::TicketExpired)));
    // Not even what the engine has not synced by itself is needed for that to be true.
    let left = files.after_power_loss(&mut chooser(0));
    end(engine);
    let again = begin(&left, "keep", &mpsc::channel().0).unwrap();
    assert!(matches!(again.redeem_blocking(&ticket), Err(RedeemError::TicketExpired)));
    end(again);
}

#[test]
fn when_the_disk_cannot_be_trusted_nobody_says_that_a_mail_was_or_was_not_taken() {
    let files = FaultyFiles::new();
    let engine = begin(&files, "keep", &mpsc::channel().0).unwrap();
    files.crash_at(1);
    let lost = engine.send_blocking(mail("a@example.net"));
    assert!(matches!(&lost, Err(error @ SendError::Unknown(_)) if error.is_perhaps_taken()), "{lost:?}");
    let next = engine.send_blocking(mail("b@example.net"));
    assert!(matches!(next, Err(SendError::Unknown(_) | SendError::Stopped(_))), "{next:?}");
}
