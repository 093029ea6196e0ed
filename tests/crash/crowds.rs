//! A dead hop with very much mail, beside one that lives.

use std::time::{Duration, Instant};

use crate::daemon::{
    client::Client,
    free_port,
    home::{route, Home},
    load::{content, Kind, Load},
    process::Daemon,
    seconds,
    sink::Sink,
};

/// How many mails: as the environment says, or what fits into a minute.
fn mails() -> usize {
    let default = if cfg!(debug_assertions) { 20_000 } else { 100_000 };
    let said = std::env::var("CRASH_TEST_MAILS").ok();
    said.map_or(default, |number| number.parse().expect("CRASH_TEST_MAILS is a number"))
}

fn mebibytes(octets: u64) -> u64 {
    octets >> 20
}

/// How long one mail for the live hop takes, from the first octet to its arrival.
fn passes(daemon: &Daemon, sink: &Sink, id: &str) -> Duration {
    let begin = Instant::now();
    let mut client = Client::connect(daemon.address).expect("the daemon listens");
    let answer = client.send("sender@from.example", &["joe@live.example"], &content(id, 2000));
    answer.expect("the daemon answers").expect("it takes mail");
    assert!(sink.next(Duration::from_secs(30)).is_some(), "mail for the live hop is held up");
    begin.elapsed()
}

/// Mails for the live hop all the while; the slowest of them.
fn slowest_during(load: &Load, until: usize, daemon: &Daemon, sink: &Sink) -> Duration {
    let (mut slowest, begin) = (Duration::ZERO, Instant::now());
    while load.promised() < until && begin.elapsed() < Duration::from_secs(600) {
        slowest = slowest.max(passes(daemon, sink, "during"));
        std::thread::sleep(Duration::from_millis(100));
    }
    slowest
}

#[test]
#[ignore = "needs a minute and a quiet machine for its figures; .ci/run runs it"]
fn a_hundred_thousand_mails_for_a_dead_hop_do_not_hold_up_a_live_one() {
    let (sink, dead, mails) = (Sink::start(), free_port(), mails());
    let routes = route("dead.example", dead, "retry = [\"1 h\"]\njitter = 0") + &route("*", sink.port, "");
    let home = Home::new("", &routes);
    let daemon = home.start();
    passes(&daemon, &sink, "warm");
    let (empty, begin) = (daemon.memory(), Instant::now());
    let kind = Kind { threads: 20, mails, domain: "dead.example", octets: 1000 };
    let load = Load::start(daemon.address, "dead", &kind);
    let during = slowest_during(&load, mails, &daemon, &sink);
    let sent = load.wait();
    let queued_in = begin.elapsed();
    assert_eq!(sent.promises.len(), mails, "refused: {:?}", sent.refusals);
    let after = passes(&daemon, &sink, "after");
    let memory = daemon.memory();
    daemon.kill();
    let daemon = home.start();
    let reopened = passes(&daemon, &sink, "reopened");
    println!("{mails} mails for a dead hop, queued in {}", seconds(queued_in));
    println!("a mail for the live hop: {} at most meanwhile, {} then", seconds(during), seconds(after));
    println!("memory: {} MiB empty, {} MiB above it then", mebibytes(empty), mebibytes(memory.saturating_sub(empty)));
    println!("after kill -9: open in {}, the next live mail in {}", seconds(daemon.opened_in), seconds(reopened));
    println!("memory after that: {} MiB above empty", mebibytes(daemon.memory().saturating_sub(empty)));
    // The mark is 1 s, on a machine of one's own; to be held up would be minutes. Behind a start all that waits is read back first.
    for took in [during, after, reopened] {
        assert!(took < Duration::from_secs(20), "a mail for the live hop took {}", seconds(took));
    }
}
