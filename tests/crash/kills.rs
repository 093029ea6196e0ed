//! The end of the daemon while it works: without a warning nothing is lost, with one nothing is repeated.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    account::{marked, Account},
    daemon::{
        client::Client,
        home::{route, Home},
        load::{content, hash, Kind, Load, Promise},
        process::Daemon,
        seconds,
        sink::Sink,
        within,
    },
};

const KIND: Kind = Kind { threads: 8, mails: usize::MAX, domain: "live.example", octets: 6000 };
const RETRY: &str = "retry = [\"200 ms\"]\nthen = \"1 s\"";

fn home(sink: &Sink) -> Home {
    Home::new("segment_size = \"4 MiB\"", &route("*", sink.port, RETRY))
}

/// A hop that takes a moment for every mail, so that at any time some are on their way.
fn slow_sink() -> Sink {
    let sink = Sink::start();
    sink.delay(Duration::from_millis(3));
    sink
}

/// Load for 300 to 500 ms, different each time.
fn load(daemon: &Daemon, round: usize) -> Load {
    let load = Load::start(daemon.address, &format!("r{round}"), &KIND);
    let odd = hash(format!("{round} {:?}", Instant::now()).as_bytes()) % 200;
    sleep(Duration::from_millis(300 + odd));
    load
}

/// A clean run: until every promised mail has arrived and nothing more comes.
fn finish(home: &Home, sink: &Sink, account: &mut Account, promises: &[Promise]) {
    let daemon = home.start();
    within(Duration::from_secs(120), || {
        account.take(sink.taken());
        account.has_all(promises)
    });
    let mut quiet = Instant::now();
    within(Duration::from_secs(60), || {
        let taken = sink.taken();
        if !taken.is_empty() {
            quiet = Instant::now();
        }
        account.take(taken);
        quiet.elapsed() > Duration::from_secs(2)
    });
    let code = daemon.drain();
    account.take(sink.taken());
    assert_eq!(code, Some(0), "the last run ends in order\n{}", home.log_tail());
}

#[test]
#[ignore = "needs minutes; .ci/run runs it"]
fn kill_nine_under_load_fifty_times_loses_nothing_that_was_promised() {
    let (sink, begin) = (slow_sink(), Instant::now());
    let (home, mut account, mut promises) = (home(&sink), Account::default(), Vec::new());
    for round in 0..50 {
        let daemon = home.start();
        let load = load(&daemon, round);
        daemon.kill();
        promises.extend(load.wait().promises);
        account.take(sink.taken());
    }
    finish(&home, &sink, &mut account, &promises);
    account.settle(&promises);
    let log = home.log();
    let repeated = account.explain(&promises, &log);
    println!(
        "50 kills in {}: {} promised, {} arrived, {repeated} of them twice or more, all marked; {} marked in all",
        seconds(begin.elapsed()),
        promises.len(),
        account.mails(),
        marked(&log).len()
    );
    assert!(promises.len() > 50, "there was no load");
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn sigterm_under_load_twenty_times_repeats_nothing() {
    let (sink, begin) = (slow_sink(), Instant::now());
    let (home, mut account, mut promises) = (home(&sink), Account::default(), Vec::new());
    for round in 0..20 {
        let daemon = home.start();
        let load = load(&daemon, round);
        assert_eq!(daemon.drain(), Some(0), "round {round}\n{}", home.log_tail());
        promises.extend(load.wait().promises);
        account.take(sink.taken());
    }
    finish(&home, &sink, &mut account, &promises);
    account.settle(&promises);
    let (took, mails) = (seconds(begin.elapsed()), account.mails());
    println!("20 ends by SIGTERM in {took}: {} promised, {mails} arrived", promises.len());
    assert_eq!(account.repeated(), Vec::<&str>::new(), "arrived twice");
    assert!(promises.len() > 20, "there was no load");
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn an_idle_engine_killed_a_second_after_its_last_delivery_repeats_nothing() {
    let sink = Sink::start();
    let (home, mut account, mut promises) = (home(&sink), Account::default(), Vec::new());
    for round in 0..3 {
        let daemon = home.start();
        let mut client = Client::connect(daemon.address).expect("the daemon listens");
        for mail in 0..20 {
            let id = format!("r{round}-{mail}");
            let octets = content(&id, 3000);
            let to = format!("{id}@live.example");
            let answer = client.send("sender@from.example", &[&to], &octets).expect("the daemon answers");
            promises.push(Promise { id, queued_as: answer.expect("it takes mail"), sum: hash(&octets) });
        }
        within(Duration::from_secs(10), || {
            account.take(sink.taken());
            account.has_all(&promises)
        });
        sleep(Duration::from_secs(1));
        daemon.kill();
    }
    finish(&home, &sink, &mut account, &promises);
    account.settle(&promises);
    assert_eq!(account.repeated(), Vec::<&str>::new(), "arrived twice");
    assert!(marked(&home.log()).is_empty(), "nothing was in doubt");
}
