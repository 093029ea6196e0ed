//! What is told of each fate, to whom, and how much of the mail comes back.

use super::*;

fn recipient_with(notify: Option<Notify>) -> Recipient {
    Recipient { notify, ..recipient("bob@example.net") }
}

fn of(story: Story, notify: Option<Notify>) -> News {
    news(from_ann([recipient_with(notify)]), Content::new(MAIL), [(0, story)])
}

/// A story with its subject, action, status, some of its words, and the type of what comes back.
type Row = (Story, &'static str, &'static str, &'static str, &'static str, &'static str);

fn rows() -> [Row; 7] {
    let until = NOW + std::time::Duration::from_secs(86_400);
    let late = Story { until: Some(until), ..tried(Fate::Delayed, Reply::new(451, 7, 1, "greylisted")) };
    let (ok, no, said) =
        (Reply::new(250, 1, 5, "ok"), "Your mail could not be delivered", Reply::new(450, 2, 0, "later"));
    let (whole, header) = ("message/rfc822", "text/rfc822-headers");
    let failed = |subject, detail| tried(Fate::Failed, Reply::new(554, subject, detail, "said"));
    let [delivered, relayed] = [Fate::Delivered, Fate::Relayed].map(|fate| tried(fate, ok.clone()));
    let expired = "kept for 60 minutes, and its time is over";
    let list = Story::of(Fate::Expanded, None);
    [
        (failed(2, 2), no, "failed", "5.2.2", "The mailbox is full.", whole),
        (failed(4, 6), no, "failed", "5.4.6", "went in circles", whole),
        (tried(Fate::Failed, said), no, "failed", "4.2.0", expired, whole),
        (late, "Your mail is late", "delayed", "4.7.1", "You need not do anything", header),
        (delivered, "Your mail was delivered", "delivered", "2.1.5", "The mail was delivered.", header),
        (relayed, "Your mail was passed on", "relayed", "2.1.5", "does not confirm deliveries", header),
        (list, "Your mail was passed on", "expanded", "2.0.0", "an address that is a list", header),
    ]
}

#[test]
fn every_fate_has_its_words_and_its_fields() {
    for (story, subject, action, code, words, returned) in rows() {
        let fate = story.fate;
        let (_, octets) = report_on(&of(story, Some(ALL)));
        let (text, status, kind, _) = parts(&octets);
        assert_eq!(MessageParser::new().parse(&octets).unwrap().subject(), Some(subject));
        assert!(status.contains(&format!("\r\nAction: {action}\r\nStatus: {code}\r\n")), "{status}");
        assert!(text.contains(words), "{text}");
        assert_eq!(kind, returned, "{action}");
        let retries = status.contains("Will-Retry-Until: Sat, 21 Nov 2026 06:31:14 +0000\r\n");
        assert_eq!(retries, fate == Fate::Delayed, "{status}");
        assert_eq!(status.contains("Last-Attempt-Date"), fate != Fate::Expanded, "{status}");
    }
}

#[test]
fn who_is_told_of_what_is_what_its_sender_asked_for() {
    let only = |success, failure, delay| Some(Notify { success, failure, delay });
    for (notify, told) in [
        (None, [true, true, false, false, false]),
        (Some(Notify::NEVER), [false; 5]),
        (only(true, false, false), [false, false, true, true, true]),
        (only(false, true, false), [true, false, false, false, false]),
        (only(false, false, true), [false, true, false, false, false]),
    ] {
        for (fate, told) in FATES.into_iter().zip(told) {
            let news = of(tried(fate, Reply::plain(250, "")), notify);
            assert_eq!(report(&news, &settings(), NOW, 1).is_some(), told, "{notify:?} {fate:?}");
        }
    }
}

#[test]
fn one_report_tells_of_recipients_with_different_fates() {
    let names = ["a@x", "b@x", "c@x"].map(|name| Recipient { notify: Some(ALL), ..recipient(name) });
    let who = [Fate::Failed, Fate::Delivered, Fate::Relayed].map(|fate| tried(fate, Reply::plain(250, "said")));
    let (_, octets) = report_on(&news(from_ann(names), Content::new(MAIL), (0..).zip(who)));
    let (text, status, kind, _) = parts(&octets);
    assert_eq!(status.matches("\r\nFinal-Recipient: ").count(), 3);
    assert!(text.contains("<a@x>") && text.contains("was delivered, as you asked") && text.contains("<c@x>"), "{text}");
    assert_eq!(MessageParser::new().parse(&octets).unwrap().subject(), Some("What became of your mail"));
    assert_eq!(kind, "message/rfc822", "somebody has failed");
}

#[test]
fn a_report_that_needs_utf8_says_addresses_as_they_are() {
    let mut to = recipient("jürgen@example.net");
    to.orcpt = Some("utf-8;j\\x{FC}rgen@example.net".into());
    let (draft, octets) =
        report_on(&news(from("grüße@example.org", [to.clone()]), Content::new(MAIL), [(0, refused("nö"))]));
    assert!(draft.envelope.smtputf8 && draft.envelope.body == Body::EightBitMime);
    let text = String::from_utf8(octets.clone()).unwrap();
    assert!(text.contains("Content-Type: message/global-delivery-status\r\n"), "{text}");
    let status = parts(&octets).1;
    assert!(status.contains("Original-Recipient: utf-8;jürgen@example.net\r\n"), "{status}");
    assert!(status.contains("Final-Recipient: utf-8; jürgen@example.net\r\n"), "{status}");
    assert!(status.contains("Diagnostic-Code: smtp; 550 5.1.1 nö\r\n"), "{status}");
    let (_, plain) = report_on(&news(from_ann([to]), Content::new(MAIL), [(0, refused("nö"))]));
    let text = String::from_utf8(plain).unwrap();
    assert!(text.contains("Content-Type: message/delivery-status\r\n") && text.contains("j\\x{FC}rgen"), "{text}");
}

#[test]
fn a_copy_of_a_failure_goes_to_whoever_is_set_and_of_nothing_else() {
    let copy = Address::parse("boss@example.org").unwrap();
    let settings = ReportSettings { copy_to: Some(copy), ..settings() };
    for (fate, to) in [(Fate::Failed, 2), (Fate::Delayed, 1), (Fate::Delivered, 1)] {
        let news = of(tried(fate, Reply::plain(250, "")), Some(ALL));
        let draft = report(&news, &settings, NOW, 1).unwrap();
        assert_eq!(draft.envelope.recipients.len(), to, "{fate:?}");
        let text = String::from_utf8(octets(&draft.content)).unwrap();
        assert!(!text.contains("boss"), "the sender need not know");
    }
}

#[test]
fn whoever_looks_after_the_host_hears_of_failures_without_a_sender() {
    let settings = ReportSettings { alert: Some(Address::parse("keeper@example.org").unwrap()), ..settings() };
    let null = |to: &str| Envelope { sender: None, ..from_ann([recipient(to)]) };
    let bad = news(null("bob@example.net"), Content::new(MAIL), [(0, refused("no"))]);
    assert!(report(&bad, &settings, NOW, 1).is_none());
    let draft = alert(&bad, &settings, NOW, 1).unwrap();
    assert_eq!(draft.envelope.sender, None);
    let octets = octets(&draft.content);
    let (text, status, ..) = parts(&octets);
    assert!(text.contains("It has no sender who could be told"), "{text}");
    assert!(status.contains("Final-Recipient: rfc822; bob@example.net\r\nAction: failed\r\n"), "{status}");
    let own = news(null("Keeper@Example.ORG"), Content::new(MAIL), [(0, refused("no"))]);
    assert!(alert(&own, &settings, NOW, 1).is_none(), "their own mailbox is the trouble");
    // An alias leads the alert to somebody who does not exist.
    let mut elsewhere = of(refused("no"), None);
    let mut led = Draft::clone(&elsewhere.draft);
    led.envelope.sender = None;
    led.envelope.properties = draft.envelope.properties.clone();
    elsewhere.draft = Arc::new(led);
    assert!(alert(&elsewhere, &settings, NOW, 1).is_none(), "an alert about an alert would never end");
    assert!(alert(&of(refused("no"), None), &settings, NOW, 1).is_none(), "the sender is told");
}
