//! What lists say, and what becomes of clients that are on them.

use std::sync::atomic::{AtomicUsize, Ordering};

use postrider_engine::{
    events::{Caller, Said},
    BoxFuture,
};

use super::*;
use crate::{
    events::given::{draft, mail, parts, rcpt, refused, said, text, told},
    relay::ResolveError,
};

/// A DNS with one answer for each zone.
#[derive(Default)]
struct Dns {
    asked: AtomicUsize,
}

impl LookUpAddresses for Dns {
    fn look_up<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = |octets: [u8; 4]| {
            Ok(Addresses { addresses: vec![octets.into()], lives: Some(Duration::from_secs(86_400)) })
        };
        Box::pin(async move {
            let zone = name.strip_prefix("7.2.0.192.");
            match zone {
                Some("slow.example") => std::future::pending().await,
                Some("down.example") => Err(ResolveError::Trouble("SERVFAIL".into())),
                Some("bad.example" | "good.example") => answer([127, 0, 0, 2]),
                Some("brief.example") => {
                    Ok(Addresses { addresses: vec![[127, 0, 0, 2].into()], lives: Some(Duration::ZERO) })
                }
                Some("policy.example") => answer([127, 0, 0, 10]),
                Some("error.example") => answer([127, 255, 255, 254]),
                Some("parked.example") => answer([203, 0, 113, 1]),
                _ => Ok(Addresses::default()),
            }
        })
    }
}

fn list(zones: Vec<Zone>, change: impl Fn(&mut DnsBlockListSettings)) -> (DnsBlockList, Arc<Dns>) {
    let mut settings = DnsBlockListSettings { zones, ..DnsBlockListSettings::default() };
    change(&mut settings);
    let dns = Arc::new(Dns::default());
    (DnsBlockList::new(settings, dns.clone()).unwrap(), dns)
}

fn of(zones: &[&str]) -> DnsBlockList {
    list(zones.iter().map(|zone| Zone::new(*zone)).collect(), |_| {}).0
}

#[tokio::test]
async fn a_listed_client_is_refused_and_told_by_which_list() {
    let mut sink = of(&["none.example", "bad.example"]);
    let told_client = told::<RcptTo>(&mut sink, rcpt("192.0.2.7", "b@x")).await;
    assert_eq!(told_client.unwrap(), "554 5.7.1 Your address 192.0.2.7 is listed by bad.example");
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.8")).await, None);
    assert!(refused::<Submission>(&mut sink, mail("")).await.is_some());
}

#[tokio::test]
async fn a_client_that_connects_is_refused_and_the_session_ends() {
    let mut sink = of(&["bad.example"]);
    let mut caller = Caller::default();
    caller.peer.ip = "192.0.2.7".parse().ok();
    let verdict = Sink::<Connect>::on(&mut sink, Talk::new(caller, None)).await;
    let edits = verdict.open().0.into_parts().1;
    assert!(edits.closes && edits.reply.is_some_and(|reply| reply.code == 554));
}

#[tokio::test]
async fn postmaster_can_be_written_to_unless_the_settings_say_otherwise() {
    let mut sink = of(&["bad.example"]);
    assert_eq!(told::<RcptTo>(&mut sink, rcpt("192.0.2.7", "Postmaster@x")).await, None);
    sink.settings.spare_postmaster = false;
    assert!(told::<RcptTo>(&mut sink, rcpt("192.0.2.7", "Postmaster@x")).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_answer_or_answers_with_an_error_refuses_nobody() {
    let mut sink = of(&["slow.example", "down.example", "error.example", "parked.example"]);
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await, None);
    let mut sink = of(&["slow.example", "bad.example"]);
    assert!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await.is_some(), "the others still count");
}

#[tokio::test]
async fn weights_are_added_up_and_lists_of_good_ones_take_away() {
    let two = || vec![Zone::new("bad.example"), Zone::new("policy.example")];
    let (mut sink, _) = list(two(), |settings| settings.threshold = 2);
    assert!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await.unwrap().ends_with("bad.example, policy.example"));
    let three = [two(), vec![Zone::new("good.example").weighing(-1)]].concat();
    let (mut sink, _) = list(three, |settings| settings.threshold = 2);
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await, None);
}

#[tokio::test]
async fn only_the_answers_that_a_zone_is_asked_for_count() {
    let answers = vec!["127.0.0.10/31".parse().unwrap()];
    let zone = |name: &str| Zone { answers: answers.clone(), ..Zone::new(name) };
    let (mut sink, _) = list(vec![zone("bad.example")], |_| {});
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await, None);
    let (mut sink, _) = list(vec![zone("policy.example")], |_| {});
    assert!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn answers_are_remembered_but_not_longer_than_the_limit_and_trouble_is_not() {
    let zones = ["bad.example", "none.example", "down.example"].map(Zone::new).to_vec();
    let (mut sink, dns) = list(zones, |_| {});
    let asked = || dns.asked.load(Ordering::SeqCst);
    for (pause, so_far) in [(0, 3), (1, 4), (301, 6), (600, 9)] {
        tokio::time::advance(Duration::from_secs(pause)).await;
        assert!(told::<MailFrom>(&mut sink, said("192.0.2.7")).await.is_some());
        assert_eq!(asked(), so_far, "after {pause} s");
    }
}

#[tokio::test]
async fn an_answer_counts_also_where_there_is_no_room_or_time_to_remember_it() {
    let zones = ["bad.example", "brief.example", "none.example", "policy.example"].map(Zone::new).to_vec();
    let (mut sink, _) = list(zones, |settings| (settings.cached, settings.threshold) = (1, 3));
    for _ in 0..2 {
        let told_client = told::<MailFrom>(&mut sink, said("192.0.2.7")).await;
        assert!(told_client.unwrap().ends_with("bad.example, brief.example, policy.example"));
    }
}

#[tokio::test]
async fn what_is_remembered_has_a_limit() {
    let (mut sink, _) = list(vec![Zone::new("bad.example")], |settings| settings.cached = 4);
    for n in 0..20 {
        told::<MailFrom>(&mut sink, said(&format!("192.0.2.{n}"))).await;
    }
    assert_eq!(sink.cache.len(), 4);
}

#[tokio::test]
async fn a_mark_is_left_on_the_session_and_on_the_mail() {
    let (mut sink, _) = list(vec![Zone::new("bad.example").weighing(3)], |settings| settings.listed = Listed::Mark);
    let command = Command::<MailFrom>::new(said("192.0.2.7"));
    let (mut said, edits) = Sink::<MailFrom>::on(&mut sink, command).await.open().0.into_parts();
    assert_eq!((said.caller.properties.remove(DNS_LISTED), edits.dialogue.reply), (Some("bad.example=3".into()), None));
    let marked = parts::<EndOfData>(&mut sink, draft("Subject: x\r\n\r\n", &["b@x"])).await;
    assert_eq!(text(&marked.draft.content), "X-DNS-Listed: bad.example=3\r\nSubject: x\r\n\r\n");
    assert_eq!(marked.draft.envelope.properties[DNS_LISTED], "bad.example=3");
}

#[tokio::test]
async fn private_networks_and_whoever_has_signed_in_are_not_asked_about() {
    let (mut sink, dns) = list(vec![Zone::new("bad.example")], |_| {});
    let mut me = said("192.0.2.7");
    me.caller.peer.identity = Some("me".into());
    for said in [said("10.1.2.3"), said("::1"), said("none"), me, Said { ..said("::ffff:127.0.0.1") }] {
        assert_eq!(told::<MailFrom>(&mut sink, said).await, None);
    }
    assert_eq!(dns.asked.load(Ordering::SeqCst), 0);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let with = |zones: &[&str], threshold| {
        let zones = zones.iter().map(|zone| Zone::new(*zone)).collect();
        let settings = DnsBlockListSettings { zones, threshold, ..DnsBlockListSettings::default() };
        DnsBlockList::new(settings, Arc::new(Dns::default())).map(drop)
    };
    assert_eq!(with(&[], 1), Err(DnsBlockListError::Zones(0)));
    assert_eq!(with(&["a b"], 1), Err(DnsBlockListError::Zone("a b".into())));
    assert_eq!(with(&["a"], 0), Err(DnsBlockListError::Threshold(0)));
}
