//! smtp-sink with its faults as the next hop: mail arrives later or is reported to its sender, and none is lost.

use std::time::{Duration, Instant};

use crate::{
    daemon::{
        free_port,
        home::{route, Home},
        process::Daemon,
        seconds,
        sink::Sink,
        within,
    },
    mail::{shown, Mail, PLAIN},
    peers::SmtpSink,
    senders,
};

/// A daemon before an smtp-sink; reports go to a hop of their own.
struct Way {
    home: Home,
    daemon: Daemon,
    hop: SmtpSink,
    reports: Sink,
    mails: Vec<Mail>,
}

impl Way {
    /// Three mails are queued for a hop with these options.
    fn through(options: &[&str]) -> Self {
        let (hop, reports) = (SmtpSink::start(free_port(), options), Sink::start());
        let retry = "retry = [\"500 ms\"]\nthen = \"500 ms\"\njitter = 0";
        let routes = route("hop.example", hop.port, retry) + &route("from.example", reports.port, "");
        let home = Home::new("segment_size = \"4 MiB\"", &routes);
        let daemon = home.start();
        let mails: Vec<Mail> = (0..3).map(|number| Mail::new(&format!("m{number}"), PLAIN)).collect();
        mails.iter().for_each(|mail| {
            senders::smtplib(daemon.address, &["joe@hop.example"], "BODY=8BITMIME", mail);
        });
        Way { home, daemon, hop, reports, mails }
    }

    fn logged(&self, words: &str) -> bool {
        within(Duration::from_secs(20), || self.home.log().contains(words))
    }

    /// All mails arrive at the hop.
    fn arrive(self) {
        let all = within(Duration::from_secs(90), || {
            let there = self.hop.mails();
            self.mails.iter().all(|mail| there.iter().any(|other| mail.came_through_in(other)))
        });
        assert!(all, "lost:\n{}\n{}", shown(&self.hop.mails()), self.home.log_tail());
        assert!(self.reports.taken().is_empty(), "what arrives is not reported");
        assert_eq!(self.daemon.drain(), Some(0), "{}", self.home.log_tail());
    }

    /// Each mail is reported to its sender, once.
    fn are_reported(self) {
        let reports: Vec<_> = self.mails.iter().filter_map(|_| self.reports.next(Duration::from_secs(20))).collect();
        for mail in &self.mails {
            let times = reports.iter().filter(|report| mail.is_in(&report.content)).count();
            assert_eq!(times, 1, "{} was reported {times} times\n{}", mail.mark, self.home.log_tail());
        }
        assert!(self.reports.next(Duration::from_millis(1500)).is_none(), "reported once");
        assert_eq!(self.daemon.drain(), Some(0), "{}", self.home.log_tail());
    }
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_that_smtp_sink_refuses_for_good_is_reported() {
    for command in ["MAIL", "RCPT", "DATA", "."] {
        println!("-f {command}");
        Way::through(&["-f", command]).are_reported();
    }
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_that_smtp_sink_refuses_for_now_arrives_later() {
    for command in ["CONNECT", "EHLO,HELO", "MAIL", "RCPT", "DATA", "."] {
        println!("-r {command}");
        let mut way = Way::through(&["-r", command]);
        assert!(way.logged("status=\"deferred\""), "{}", way.home.log_tail());
        way.hop.mend();
        way.arrive();
    }
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_for_an_smtp_sink_that_hangs_up_arrives_later() {
    for command in ["EHLO", "MAIL", "RCPT", "DATA"] {
        println!("-q {command}");
        let mut way = Way::through(&["-q", command]);
        assert!(way.logged("status=\"deferred\""), "{}", way.home.log_tail());
        assert!(!way.home.log().contains("perhaps delivered"), "before the dot nothing is in doubt");
        way.hop.mend();
        way.arrive();
    }
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_for_an_smtp_sink_that_hangs_up_at_the_dot_is_marked_and_arrives_later() {
    let mut way = Way::through(&["-q", "."]);
    assert!(way.logged("perhaps delivered: "), "{}", way.home.log_tail());
    way.hop.mend();
    way.arrive();
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_that_smtp_sink_refuses_in_the_middle_of_it_is_reported() {
    for delay in ["0", "1"] {
        println!("-A {delay}");
        Way::through(&["-A", delay]).are_reported();
    }
}

#[test]
#[ignore = "needs smtp-sink; .ci/run runs it"]
fn mail_for_an_smtp_sink_that_is_slow_to_read_arrives() {
    let begin = Instant::now();
    Way::through(&["-H", "2"]).arrive();
    println!("-H 2: after {}", seconds(begin.elapsed()));
}

#[test]
#[ignore = "needs smtp-sink and smtp-source; .ci/run runs it"]
fn a_hundred_mails_of_smtp_source_reach_smtp_sink() {
    let way = Way::through(&[]);
    senders::smtp_source(way.daemon.address, "joe@hop.example", 100, 10, 5000);
    let all = within(Duration::from_secs(30), || way.hop.mails().len() >= 103);
    assert!(all, "{} arrived\n{}", way.hop.mails().len(), way.home.log_tail());
    way.arrive();
}
