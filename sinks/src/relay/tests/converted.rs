//! Mail that is converted for a peer that takes less.
//!
//! Rule: what converts is a double here that says what it was asked for and answers as told. That conversions are right is shown where
//! they are.
#![allow(clippy::disallowed_types, reason = "a double notes what it was asked for, and tests look")]

use std::sync::Mutex;

use postrider_engine::{Body, BoxFuture, Convertible, Downgrade, NotDowngraded, Piece, Takes};

use super::*;

/// What a double does.
#[derive(Clone, Debug)]
enum Does {
    Makes(&'static str),
    Fails(NotDowngraded),
    Hangs,
}

#[derive(Debug)]
struct Double {
    does: Does,
    asked: Mutex<Vec<(String, Takes, Convertible)>>,
}

impl Downgrade for Double {
    fn downgrade(
        &self,
        content: Content,
        takes: Takes,
        which: Convertible,
    ) -> BoxFuture<'static, Result<Content, NotDowngraded>> {
        let text = String::from_utf8_lossy(&content.all(1 << 20).unwrap()).into_owned();
        self.asked.lock().unwrap().push((text, takes, which));
        let does = self.does.clone();
        Box::pin(async move {
            match does {
                Does::Makes(text) => Ok(text.into()),
                Does::Fails(why) => Err(why),
                Does::Hangs => std::future::pending().await,
            }
        })
    }
}

fn converting(does: Does) -> (RelaySettings, Arc<Double>) {
    let double = Arc::new(Double { does, asked: Mutex::default() });
    let mut settings = settings();
    settings.downgrade = Some(Arc::clone(&double) as Arc<dyn Downgrade>);
    (settings, double)
}

impl Double {
    fn was_asked(&self, body: Body, utf8: bool) {
        let asked = self.asked.lock().unwrap();
        let asked: Vec<_> = asked.iter().map(|(_, takes, which)| (*takes, *which)).collect();
        assert_eq!(asked, [(Takes { body, utf8 }, Convertible::Unsigned)]);
    }

    fn was_not_asked(&self) {
        assert!(self.asked.lock().unwrap().is_empty());
    }
}

const FOREIGN: &str = "Subject: ü\r\n\r\nü\r\n";

fn foreign(change: impl FnOnce(&mut Envelope)) -> Draft {
    let mut draft = mail(1, FOREIGN);
    change(&mut draft.envelope);
    draft
}

/// The dialogue of a mail that is taken: the line of MAIL, and the content.
fn taken(offers: &str, mail_line: &str, content: &str) -> String {
    let content: String = content.split_terminator("\r\n").map(|line| format!("C: {line}\n")).collect();
    let rest = "S: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 354 go\n";
    greeted(offers, &format!("C: {mail_line}\n{rest}{content}C: .\nS: 250 ok"))
}

const ASCII: &str = "Subject: u\r\n\r\nue\r\n";

#[tokio::test]
async fn a_host_without_8bitmime_gets_what_was_made_for_it_and_its_size_is_that() {
    let (settings, double) = converting(Does::Makes(ASCII));
    let script = taken("SIZE", "MAIL FROM:<a@x.org> SIZE=18", ASCII);
    play_with(&script, vec![foreign(|envelope| envelope.body = Body::EightBitMime)], &settings)
        .await
        .came_to(&["0 relayed: 250 ok"]);
    double.was_asked(Body::SevenBit, false);
}

#[tokio::test]
async fn a_host_that_takes_the_mail_gets_it_as_it_is() {
    let (settings, double) = converting(Does::Makes(ASCII));
    let draft = || foreign(|envelope| envelope.smtputf8 = true);
    let script = taken("8BITMIME\nSMTPUTF8", "MAIL FROM:<a@x.org> BODY=8BITMIME SMTPUTF8", FOREIGN);
    play_with(&script, vec![draft()], &settings).await.came_to(&["0 relayed: 250 ok"]);
    let script = taken("", "MAIL FROM:<a@x.org>", "hi\r\n");
    play_with(&script, vec![mail(1, "hi\r\n")], &settings).await.came_to(&["0 relayed: 250 ok"]);
    double.was_not_asked();
}

#[tokio::test]
async fn the_next_host_gets_the_mail_as_it_came() {
    let (settings, double) = converting(Does::Makes(ASCII));
    let draft = foreign(|_| {});
    let script = taken("", "MAIL FROM:<a@x.org>", ASCII);
    play_with(&script, vec![draft.clone()], &settings).await.came_to(&["0 relayed: 250 ok"]);
    let script = taken("8BITMIME", "MAIL FROM:<a@x.org> BODY=8BITMIME", FOREIGN);
    play_with(&script, vec![draft], &settings).await.came_to(&["0 relayed: 250 ok"]);
    assert_eq!(double.asked.lock().unwrap()[0].0, FOREIGN);
}

#[tokio::test]
async fn a_host_without_smtputf8_gets_a_header_of_ascii_and_bodies_as_they_are() {
    let (settings, double) = converting(Does::Makes("Subject: u\r\n\r\nü\r\n"));
    let script = taken("8BITMIME", "MAIL FROM:<a@x.org> BODY=8BITMIME", "Subject: u\r\n\r\nü\r\n");
    let draft = foreign(|envelope| envelope.smtputf8 = true);
    play_with(&script, vec![draft], &settings).await.came_to(&["0 relayed: 250 ok"]);
    double.was_asked(Body::BinaryMime, false);
}

#[tokio::test]
async fn binary_mail_becomes_lines_for_a_host_that_takes_lines() {
    for (offers, mail_line, body) in [
        ("8BITMIME\nSMTPUTF8", "MAIL FROM:<a@x.org>", Body::EightBitMime),
        ("SMTPUTF8", "MAIL FROM:<a@x.org>", Body::SevenBit),
    ] {
        let (settings, double) = converting(Does::Makes(ASCII));
        let draft = foreign(|envelope| envelope.body = Body::BinaryMime);
        play_with(&taken(offers, mail_line, ASCII), vec![draft], &settings).await.came_to(&["0 relayed: 250 ok"]);
        double.was_asked(body, true);
    }
}

#[tokio::test]
async fn a_domain_goes_in_a_labels_and_a_local_part_cannot() {
    let (settings, _) = converting(Does::Makes(ASCII));
    let draft = foreign(|envelope| {
        (envelope.smtputf8, envelope.sender) = (true, Some(address("a@bücher.example")));
        envelope.recipients.add(address("r1@bücher.example"));
        envelope.recipients.add(address("ü@y.org"));
    });
    let commands = "C: MAIL FROM:<a@xn--bcher-kva.example>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\n\
        C: RCPT TO:<r1@xn--bcher-kva.example>\nS: 250 ok\nC: DATA\nS: 354 go\n";
    let content: String = ASCII.split_terminator("\r\n").map(|line| format!("C: {line}\n")).collect();
    let script = greeted("8BITMIME", &format!("{commands}{content}C: .\nS: 250 ok"));
    let why = |no| {
        format!("{no} failed Mail: (ours) 553 5.6.7 mx[192.0.2.1]:25: the mail needs SMTPUTF8, which the host does not offer")
    };
    play_with(&script, vec![draft], &settings).await.came_to(&["0 relayed: 250 ok", "1 relayed: 250 ok", &why(2)]);
    let sender = foreign(|envelope| envelope.sender = Some(address("ü@x.org")));
    play_with(&greeted("8BITMIME", ""), vec![sender], &settings).await.came_to(&[&why(0)]);
}

#[tokio::test]
async fn what_cannot_be_converted_fails_and_what_could_not_be_now_waits() {
    let needs = "mx[192.0.2.1]:25: the mail needs 8BITMIME";
    let table = [
        (
            Does::Fails(NotDowngraded::Impossible("it is signed".into())),
            format!("0 failed Mail: (ours) 554 5.6.3 {needs}, which the host does not offer, and it cannot be converted: it is signed"),
        ),
        (
            Does::Fails(NotDowngraded::Unavailable("it panicked".into())),
            format!("0 deferred Mail: (ours) 451 4.3.0 {needs}, and could not be converted at present: it panicked"),
        ),
        (
            Does::Makes(FOREIGN),
            format!("0 deferred Mail: (ours) 451 4.3.0 {needs}, and could not be converted at present: what was made of it needs it still"),
        ),
        (
            Does::Makes("Subject: u\r\n\r\nlonger than the host takes\r\n"),
            "0 failed Mail: (ours) 552 5.3.4 mx[192.0.2.1]:25: the mail has 42 octets and the host takes 30".into(),
        ),
    ];
    for (does, outcome) in table {
        let (settings, _) = converting(does);
        play_with(&greeted("SIZE 30", ""), vec![foreign(|_| {})], &settings).await.came_to(&[&outcome]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_conversion_that_never_ends_costs_one_attempt() {
    let (settings, _) = converting(Does::Hangs);
    let why = "0 deferred Mail: (ours) 451 4.3.0 mx[192.0.2.1]:25: the mail needs 8BITMIME, and could not be converted at present: it took too long";
    play_with(&greeted("", ""), vec![foreign(|_| {})], &settings).await.came_to(&[why]);
}

#[tokio::test]
async fn what_is_too_large_or_may_not_be_converted_is_refused_as_ever() {
    let refused =
        "0 failed Mail: (ours) 554 5.6.3 mx[192.0.2.1]:25: the mail needs 8BITMIME, which the host does not offer";
    let (mut settings, double) = converting(Does::Makes(ASCII));
    let mut large = foreign(|_| {});
    let octets = super::super::MAX_DOWNGRADED;
    large.content.push(Piece::Side(side_file(b""), 0..octets));
    let why = format!("{refused}, and it has more than {octets} octets, so it is not converted");
    play_with(&greeted("", ""), vec![large], &settings).await.came_to(&[&why]);
    settings.convertible = Convertible::Never;
    play_with(&greeted("", ""), vec![foreign(|_| {})], &settings).await.came_to(&[refused]);
    double.was_not_asked();
}
