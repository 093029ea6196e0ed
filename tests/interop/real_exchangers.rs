//! Postfix and Exim as mail exchangers that the DNS names, behind better ones that have faults: each mail comes to them
//! once, and twice only where the log says so.

use std::{net::Ipv4Addr, thread::sleep, time::Duration};

use crate::{
    daemon::{
        home::{route, Home},
        names::{Names, Says},
        process::Daemon,
        sink::Sink,
        within,
    },
    gate::{Fault, Gate},
    mail::{shown, Mail, LONG},
    peers::{Peer, SmtpSink},
    senders,
};

/// Where the better exchanger is; the peer is at 127.0.0.1, on the same port.
const BETTER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const LOGGED: &str = "perhaps delivered: no answer to the final dot";

/// A daemon that asks a DNS server of ours; all exchangers listen on the port of the peer.
struct World {
    home: Home,
    daemon: Daemon,
    names: Names,
    reports: Sink,
    peer: Peer,
}

impl World {
    fn around(kind: &str) -> Self {
        let (names, reports, peer) = (Names::start(), Sink::start(), Peer::start(kind, &[]));
        let rest = format!(
            "[log]\nfilter = \"info,postrider_sinks=debug\"\n[dns]\nservers = [\"{}\"]\nmx_port = {}\n[delivery.timeouts]\nconnect = \"2 s\"\ngreeting = \"500 ms\"\n\
             [[route]]\ndomain = \"*\"\nto = \"mx\"\nretry = [\"300 ms\"]\nthen = \"300 ms\"\njitter = 0\n",
            names.address, peer.port
        );
        let home = Home::new("segment_size = \"1 MiB\"", &(rest + &route("from.example", reports.port, "")));
        names.say("peer.example", Says::Address(Ipv4Addr::LOCALHOST));
        World { daemon: home.start(), home, names, reports, peer }
    }

    /// Mail for this domain goes to a host of its own and, if that fails, to the peer.
    fn has_a_better_one(&self, domain: &str, host: &'static str, ip: Ipv4Addr) {
        self.names.say(domain, Says::Exchangers(vec![(20, "peer.example."), (10, host)]));
        self.names.say(host.trim_end_matches('.'), Says::Address(ip));
    }

    fn send(&self, mark: &str, to: &[&str]) -> Mail {
        let mail = Mail::new(mark, LONG);
        senders::smtplib(self.daemon.address, to, "BODY=8BITMIME", &mail);
        mail
    }

    /// Waits until a better exchanger was tried in vain.
    fn was_tried(&self, host: &str) {
        let port = self.peer.port;
        let words = format!("no delivery by this address relay={host}:{port} ");
        assert!(within(Duration::from_secs(20), || self.home.log().contains(&words)), "{}", self.home.log_tail());
    }

    /// Each of these came through so many times to the peer, nothing else did, and nobody was told anything.
    fn ends_with(self, mails: &[Mail], times: usize) {
        self.peer.mails(mails.len() * times);
        sleep(Duration::from_secs(1)); // more than two pauses between attempts
        let log = self.home.log_tail();
        assert_eq!(self.daemon.drain(), Some(0), "{log}");
        let there = self.peer.mails(mails.len() * times);
        for mail in mails {
            let came = there.iter().filter(|other| mail.came_through_in(other)).count();
            assert_eq!(came, times, "{} came {came} times\n{}\n{log}", mail.mark, shown(&there));
        }
        assert_eq!(there.len(), mails.len() * times, "{log}");
        assert!(self.reports.taken().is_empty(), "what arrives is not reported");
    }
}

/// One mail to a peer behind a better exchanger with this fault: how often it arrives, and whether the log marks it.
fn behind(kind: &str, fault: Fault, times: usize) {
    let world = World::around(kind);
    world.has_a_better_one("a.example", "better.example.", BETTER);
    let gate = Gate::start(BETTER, world.peer.port, fault);
    let mail = world.send("behind", &["ann@a.example"]);
    assert_eq!(world.peer.mails(times).len(), times, "{}", world.home.log_tail());
    let log = world.home.log();
    if fault == Fault::Hangs {
        world.was_tried("better.example");
    }
    let cuts = matches!(fault, Fault::CutsAtTheDot | Fault::CutsAtTheReply);
    assert_eq!(gate.has_struck(), fault != Fault::Hangs);
    assert_eq!(log.matches(LOGGED).count(), usize::from(cuts), "{log}");
    assert_eq!(log.contains("status=\"deferred\""), fault == Fault::Greylists, "{log}");
    world.ends_with(&[mail], times);
}

fn alone(kind: &str) {
    let world = World::around(kind);
    world.names.say("a.example", Says::Exchangers(vec![(10, "peer.example.")]));
    let mail = world.send("alone", &["ann@a.example"]);
    world.ends_with(&[mail], 1);
}

fn behind_a_dead_one(kind: &str) {
    let world = World::around(kind);
    world.has_a_better_one("a.example", "dead.example.", Ipv4Addr::new(127, 0, 0, 9));
    let mail = world.send("dead", &["ann@a.example"]);
    world.was_tried("dead.example");
    world.ends_with(&[mail], 1);
}

fn behind_one_that_hangs(kind: &str) {
    behind(kind, Fault::Hangs, 1);
}

fn behind_one_that_greylists(kind: &str) {
    behind(kind, Fault::Greylists, 1);
}

fn behind_one_that_cuts_at_the_dot(kind: &str) {
    behind(kind, Fault::CutsAtTheDot, 1);
}

fn behind_one_that_cuts_at_the_reply(kind: &str) {
    behind(kind, Fault::CutsAtTheReply, 2);
}

/// Faults of a host, before the final dot: the next host is tried at once.
const FAULTS: [(&str, &str, &[&str]); 6] = [
    ("d0.example", "b0.example.", &["-r", "CONNECT"]),
    ("d1.example", "b1.example.", &["-r", "EHLO,HELO"]),
    ("d2.example", "b2.example.", &["-q", "EHLO"]),
    ("d3.example", "b3.example.", &["-q", "MAIL"]),
    ("d4.example", "b4.example.", &["-q", "RCPT"]),
    ("d5.example", "b5.example.", &["-q", "DATA"]),
];

fn behind_smtp_sinks(kind: &str) {
    let world = World::around(kind);
    let (mut sinks, mut mails) = (Vec::new(), Vec::new());
    for ((domain, host, options), last) in FAULTS.iter().zip(10..) {
        let ip = Ipv4Addr::new(127, 0, 0, last);
        sinks.push(SmtpSink::start_at(ip, world.peer.port, options));
        world.has_a_better_one(domain, host, ip);
        mails.push(world.send(domain, &[&format!("ann@{domain}")]));
    }
    let all = within(Duration::from_secs(30), || world.peer.mails(FAULTS.len()).len() == FAULTS.len());
    FAULTS.iter().for_each(|(_, host, _)| world.was_tried(host.trim_end_matches('.')));
    let log = world.home.log();
    assert!(all && !log.contains(LOGGED), "before the dot nothing is in doubt\n{log}");
    world.ends_with(&mails, 1);
}

macro_rules! exchangers {
    ($($sentence:ident: $case:ident($peer:literal);)*) => {$(
        #[test]
        #[ignore = "needs mail programs; .ci/run runs it"]
        fn $sentence() {
            $case($peer);
        }
    )*};
}

exchangers! {
    mail_reaches_postfix_where_the_dns_says: alone("postfix-maildir");
    mail_reaches_exim_where_the_dns_says: alone("exim");
    mail_reaches_postfix_when_the_better_exchanger_refuses_connections: behind_a_dead_one("postfix-maildir");
    mail_reaches_exim_when_the_better_exchanger_refuses_connections: behind_a_dead_one("exim");
    mail_reaches_postfix_when_the_better_exchanger_never_greets: behind_one_that_hangs("postfix-maildir");
    mail_reaches_exim_when_the_better_exchanger_never_greets: behind_one_that_hangs("exim");
    mail_that_is_greylisted_reaches_postfix_once: behind_one_that_greylists("postfix-maildir");
    mail_that_is_greylisted_reaches_exim_once: behind_one_that_greylists("exim");
    mail_cut_off_before_postfix_has_it_is_marked_and_comes_once: behind_one_that_cuts_at_the_dot("postfix-maildir");
    mail_cut_off_before_exim_has_it_is_marked_and_comes_once: behind_one_that_cuts_at_the_dot("exim");
    mail_cut_off_when_postfix_has_it_is_marked_and_comes_again: behind_one_that_cuts_at_the_reply("postfix-maildir");
    mail_cut_off_when_exim_has_it_is_marked_and_comes_again: behind_one_that_cuts_at_the_reply("exim");
    mail_reaches_postfix_behind_each_fault_of_smtp_sink: behind_smtp_sinks("postfix-maildir");
    mail_reaches_exim_behind_each_fault_of_smtp_sink: behind_smtp_sinks("exim");
}
