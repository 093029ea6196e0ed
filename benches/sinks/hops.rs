//! Mails past 0, 1 and 10 sinks that do nothing, guests on a thread of their own: what each hop costs, with 64 mails on
//! the way at once, and with one.

use std::time::{Duration, Instant};

use actix::Actor;
use actix_rt::System;
use postrider::{
    events::{Message, MessageParts, Submission},
    rules::{Address, Content, Draft, Envelope, Recipient},
    Binding,
};
use postrider_actors::chain::{Events, SessionGuests, Switchboard};

const MAILS: u32 = 20_000;

pub fn run() {
    for at_once in [64, 1] {
        let [none, one, ten] = [0, 1, 10].map(|sinks| System::new().block_on(pass(sinks, at_once)));
        let hop = (ten.saturating_sub(one)) / 9;
        println!(
            "{at_once} at once: no sink {none:?}, one {one:?}, ten {ten:?} for a mail; {hop:?} for each further hop"
        );
    }
}

/// The time for one mail.
async fn pass(sinks: usize, at_once: u32) -> Duration {
    let (mut switchboard, events) = Switchboard::new(true);
    for n in 0..sinks {
        let binding = Binding::new(format!("sink {n}"), || |mail: Message<Submission>| std::future::ready(mail.next()));
        if let Err(error) = switchboard.add(binding.on(Submission).into(), false) {
            println!("{error}");
        }
    }
    let _switchboard = switchboard.start();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let draft = draft();
    let begun = Instant::now();
    let lanes = (0..at_once).map(|_| lane(&events, &draft, MAILS / at_once));
    futures_util::future::join_all(lanes).await;
    begun.elapsed() / MAILS
}

async fn lane(events: &Events, draft: &Draft, mails: u32) {
    let mut own = SessionGuests::default();
    for _ in 0..mails {
        let message = Message::new(MessageParts::new(draft.clone(), None, None));
        let _ = events.run::<Submission>(&mut own, message).await;
    }
}

fn draft() -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Address::parse("me@example.org").ok();
    envelope.recipients = Address::parse("you@example.org").ok().into_iter().map(Recipient::from).collect();
    Draft::new(envelope, Content::new("Subject: x\r\n\r\nbody\r\n"))
}
