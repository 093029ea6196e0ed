//! Every program that sends with every one that keeps: what comes out is what went in, octet for octet.

use std::collections::HashSet;

use crate::{
    daemon::{
        home::{route, Home},
        process::Daemon,
    },
    mail::{body, shown, Mail, LONG, PLAIN},
    peers::Peer,
    senders,
};

/// A daemon before a next hop.
struct Way {
    home: Home,
    daemon: Daemon,
    hop: Peer,
}

impl Way {
    fn to(kind: &str) -> Self {
        let hop = Peer::start(kind, &[]);
        let home = Home::new("segment_size = \"4 MiB\"", &route("*", hop.port, "retry = [\"500 ms\"]"));
        Way { daemon: home.start(), home, hop }
    }

    /// As many mails have arrived, and none more; the daemon ends in order.
    fn arrived(self, count: usize) -> Vec<Vec<u8>> {
        let mails = self.hop.mails(count);
        assert_eq!(mails.len(), count, "arrived\n{}", self.home.log_tail());
        assert_eq!(self.daemon.drain(), Some(0), "{}", self.home.log_tail());
        mails
    }
}

fn swaks_to(kind: &str) {
    let (way, mail) = (Way::to(kind), Mail::new("swaks", LONG));
    senders::swaks(way.daemon.address, "joe@hop.example", &mail);
    let arrived = way.arrived(1);
    assert!(mail.came_through_in(&arrived[0]), "changed:\n{}", shown(&arrived));
}

/// One mail with 8BITMIME, one without a word about its octets, one with names beyond ASCII.
fn smtplib_to(kind: &str) {
    let way = Way::to(kind);
    let mails = ["eight", "silent", "international"].map(|mark| Mail::new(mark, LONG));
    senders::smtplib(way.daemon.address, &["joe@hop.example"], "BODY=8BITMIME", &mails[0]);
    senders::smtplib(way.daemon.address, &["joe@hop.example"], "", &mails[1]);
    senders::smtplib(way.daemon.address, &["jörg@hop.example"], "BODY=8BITMIME SMTPUTF8", &mails[2]);
    let arrived = way.arrived(3);
    for mail in &mails {
        let whole = arrived.iter().filter(|other| mail.came_through_in(other)).count();
        assert_eq!(whole, 1, "{} did not come through:\n{}", mail.mark, shown(&arrived));
    }
}

fn many_recipients_to(kind: &str) {
    let (way, mail) = (Way::to(kind), Mail::new("many", PLAIN));
    let names: Vec<String> = (0..150).map(|number| format!("user{number}@hop.example")).collect();
    let recipients: Vec<&str> = names.iter().map(String::as_str).collect();
    senders::smtplib(way.daemon.address, &recipients, "BODY=8BITMIME", &mail);
    let arrived = way.arrived(150);
    assert!(arrived.iter().all(|other| mail.came_through_in(other)), "changed:\n{}", shown(&arrived));
    let has = |name: &&String| arrived.iter().any(|other| String::from_utf8_lossy(other).contains(name.as_str()));
    let missing: Vec<_> = names.iter().filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "no mail names {missing:?}");
}

fn smtp_source_to(kind: &str) {
    let way = Way::to(kind);
    senders::smtp_source(way.daemon.address, "joe@hop.example", 100, 10, 5000);
    let arrived = way.arrived(100);
    let id = |mail: &Vec<u8>| {
        let text = String::from_utf8_lossy(mail).into_owned();
        text.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:")).map(str::to_owned)
    };
    let ids: HashSet<_> = arrived.iter().filter_map(id).collect();
    assert_eq!(ids.len(), 100, "different mails");
    let bodies: HashSet<&[u8]> = arrived.iter().map(|mail| body(mail)).collect();
    assert_eq!(bodies.len(), 1, "smtp-source sends the same body each time");
    assert!(bodies.iter().all(|body| body.len() >= 5000), "a body is too short");
}

/// One mail for one recipient and one for two.
fn postfix_to(kind: &str) {
    let way = Way::to(kind);
    let relay = way.daemon.address.to_string();
    let sender = Peer::start("postfix-relay", &["--relay", &relay]);
    let (one, two) = (Mail::new("one", PLAIN), Mail::new("two", PLAIN));
    senders::postfix(&sender, &["joe@hop.example"], &one);
    senders::postfix(&sender, &["joe@hop.example", "ann@hop.example"], &two);
    let arrived = way.arrived(3);
    for (mail, times) in [(&one, 1), (&two, 2)] {
        let whole = arrived.iter().filter(|other| mail.has_its_body_in(other)).count();
        assert_eq!(whole, times, "{} did not come through:\n{}", mail.mark, shown(&arrived));
    }
}

macro_rules! pairs {
    ($($sentence:ident: $sender:ident($hop:literal);)*) => {$(
        #[test]
        #[ignore = "needs mail programs; .ci/run runs it"]
        fn $sentence() {
            $sender($hop);
        }
    )*};
}

pairs! {
    what_swaks_sends_reaches_postfix_unchanged: swaks_to("postfix-maildir");
    what_swaks_sends_reaches_exim_unchanged: swaks_to("exim");
    what_swaks_sends_reaches_opensmtpd_unchanged: swaks_to("opensmtpd");
    what_smtplib_sends_reaches_postfix_unchanged: smtplib_to("postfix-maildir");
    what_smtplib_sends_reaches_exim_unchanged: smtplib_to("exim");
    a_mail_for_150_recipients_reaches_postfix_150_times: many_recipients_to("postfix-maildir");
    a_mail_for_150_recipients_reaches_exim_150_times: many_recipients_to("exim");
    a_hundred_mails_of_smtp_source_reach_postfix: smtp_source_to("postfix-maildir");
    a_hundred_mails_of_smtp_source_reach_exim: smtp_source_to("exim");
    what_postfix_sends_reaches_postfix_unchanged: postfix_to("postfix-maildir");
    what_postfix_sends_reaches_exim_unchanged: postfix_to("exim");
}
