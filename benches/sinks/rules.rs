//! Rules that do not hold: what they cost the mail that they are not for.

use std::{hint::black_box, time::Instant};

use postrider::rules::{Address, Content, Draft, Envelope, Recipient, Rule, Subject};

const TIMES: u32 = 1_000_000;

const RULES: [&str; 6] = [
    "MAIL FROM=*billing*@*other.example",
    "RCPT TO=team@other.example",
    "EHLO=*.other.example",
    "CLIENT=192.0.2.0/24,198.51.100.0/24,203.0.113.0/24,2001:db8::/32",
    "DOOR=lmtp",
    "HEADER Subject=*invoice*",
];

pub fn run() {
    let mut envelope = Envelope::default();
    envelope.peer.ip = Some([127, 0, 0, 1].into());
    envelope.peer.helo = Some("client.example.net".into());
    envelope.sender = Address::parse("someone@example.net").ok();
    envelope.recipients = ["a@example.org", "b@example.org", "c@example.com"]
        .iter()
        .filter_map(|to| Address::parse(to).ok())
        .map(Recipient::from)
        .collect();
    let mut header = String::from("Subject: nothing of interest\r\n");
    (0..20).for_each(|n| header.push_str(&format!("X-Field-{n}: some words that mean nothing here\r\n")));
    let draft = Draft::new(envelope, Content::new(header + "\r\nbody\r\n"));
    for text in RULES {
        let Ok(rule) = text.parse::<Rule>() else { continue };
        let begun = Instant::now();
        let held = (0..TIMES).filter(|_| rule.matches(black_box(&Subject::from(&draft)))).count();
        let each = begun.elapsed() / TIMES;
        println!("rule {text}: {} ns, held {held} times", each.as_nanos());
    }
}
