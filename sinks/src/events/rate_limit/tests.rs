//! Who may come how often.

use postrider_engine::events::Said;

use super::*;
use crate::events::given::{address, draft, now_as_duration, parts, pass, rcpt, refused, said, told};

const MINUTE: Duration = Duration::from_secs(60);

fn limit(by: RateBy, most: u32) -> RateLimit {
    let rates = vec![Rate { by, most, within: MINUTE }];
    RateLimit::new(RateLimitSettings { rates, now: now_as_duration, ..RateLimitSettings::default() }).unwrap()
}

#[tokio::test]
async fn a_network_may_send_so_much_at_once_and_then_evenly() {
    let mut sink = limit(RateBy::Network, 3);
    for host in 1..=3 {
        assert_eq!(told::<MailFrom>(&mut sink, said(&format!("192.0.2.{host}"))).await, None);
    }
    let told_fourth = told::<MailFrom>(&mut sink, said("192.0.2.4")).await;
    assert_eq!(told_fourth.unwrap(), "451 4.7.1 Too much at once: try again in 20 seconds");
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.3.1")).await, None, "another network");
    pass(Duration::from_secs(20));
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.4")).await, None);
    assert!(told::<MailFrom>(&mut sink, said("192.0.2.4")).await.is_some());
    pass(MINUTE);
    for _ in 0..3 {
        assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.4")).await, None);
    }
}

#[tokio::test]
async fn senders_and_identities_are_counted_each_and_the_null_sender_is_not() {
    let mut sink = limit(RateBy::Sender, 1);
    let from = |sender: Option<&str>| Said { sender: Some(sender.map(address)), ..said("192.0.2.1") };
    assert_eq!(told::<MailFrom>(&mut sink, from(Some("a@x"))).await, None);
    assert!(told::<MailFrom>(&mut sink, from(Some("A@x"))).await.is_some());
    assert_eq!(told::<MailFrom>(&mut sink, from(Some("b@x"))).await, None);
    for _ in 0..3 {
        assert_eq!(told::<MailFrom>(&mut sink, from(None)).await, None);
    }
    let mut sink = limit(RateBy::Identity, 1);
    let mut me = said("192.0.2.1");
    me.caller.peer.identity = Some("me".into());
    assert_eq!(told::<MailFrom>(&mut sink, me.clone()).await, None);
    assert!(told::<MailFrom>(&mut sink, me).await.is_some());
    assert_eq!(told::<MailFrom>(&mut sink, said("192.0.2.1")).await, None, "nobody has signed in");
}

#[tokio::test]
async fn a_recipient_beyond_its_rate_is_put_off_alone() {
    let mut sink = limit(RateBy::Recipient, 1);
    assert_eq!(told::<RcptTo>(&mut sink, rcpt("192.0.2.1", "b@x")).await, None);
    let second = told::<RcptTo>(&mut sink, rcpt("192.0.2.1", "b@x")).await;
    assert!(second.unwrap().starts_with("450 4.2.1 "));
    let of_mail = parts::<Submission>(&mut sink, draft("", &["b@x", "c@x"])).await;
    assert_eq!(of_mail.refused.iter().map(|(no, _)| no.0).collect::<Vec<_>>(), [0]);
    assert!(refused::<EndOfData>(&mut sink, draft("", &["b@x"])).await.unwrap().starts_with("450 4.2.1 "));
}

#[tokio::test]
async fn the_longest_wait_is_told_and_what_is_refused_anyway_is_not_counted() {
    let rates = vec![
        Rate { by: RateBy::Network, most: 1, within: MINUTE },
        Rate { by: RateBy::Sender, most: 1, within: 60 * MINUTE },
    ];
    let settings = RateLimitSettings { rates, now: now_as_duration, ..RateLimitSettings::default() };
    let mut sink = RateLimit::new(settings).unwrap();
    let no = Said { native: Some(Reply::new(550, 7, 1, "no")), ..said("192.0.2.1") };
    assert_eq!(told::<MailFrom>(&mut sink, no).await, None);
    assert_eq!(refused::<Submission>(&mut sink, draft("", &["b@x"])).await, None);
    let wait = refused::<Submission>(&mut sink, draft("", &["b@x"])).await.unwrap();
    assert!(wait.ends_with("in 3600 seconds"), "{wait}");
}

#[tokio::test]
async fn what_is_remembered_has_a_limit_and_goes_when_it_means_nothing() {
    let mut sink = limit(RateBy::Network, 1);
    sink.rates[0].2 = Aged::new(5);
    for n in 0..20 {
        assert_eq!(told::<MailFrom>(&mut sink, said(&format!("10.0.{n}.1"))).await, None);
    }
    assert_eq!(sink.rates[0].2.len(), 5);
    assert!(told::<MailFrom>(&mut sink, said("10.0.19.1")).await.is_some());
    pass(MINUTE);
    assert_eq!(told::<MailFrom>(&mut sink, said("10.0.19.1")).await, None);
    assert_eq!(sink.rates[0].2.len(), 1);
}

#[test]
fn rates_that_make_no_sense_are_refused() {
    let with = |most, within, keys| {
        let rates = vec![Rate { by: RateBy::Network, most, within }];
        RateLimit::new(RateLimitSettings { rates, keys, ..RateLimitSettings::default() }).map(drop)
    };
    assert_eq!(with(0, MINUTE, 1), Err(RateLimitError::Nothing));
    assert_eq!(with(10, Duration::ZERO, 1), Err(RateLimitError::NoTime));
    assert_eq!(with(1, MINUTE, 0), Err(RateLimitError::NoKeys));
}
