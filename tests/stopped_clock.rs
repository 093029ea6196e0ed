//! An engine whose clock has stopped: what it makes of mails, it cannot make of the time.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used)]

use std::{sync::mpsc, thread, time::Duration};

use postrider::{
    rules::{ComposeError, Making, Moment, RawMail},
    sinks::Memory,
    Draft, Engine, Outgoing, Settings,
};

const STOPPED_AT: Moment = Moment(951_782_400_000);

/// Says of what it is made.
struct Looks(mpsc::Sender<(Moment, u128)>);

impl Outgoing for Looks {
    fn into_draft(self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        self.0.send((making.now, making.unique)).unwrap();
        RawMail::new("Subject: hi\r\n\r\n").from("me@far.example").to("you@far.example").into_draft(making)
    }
}

#[test]
fn mails_that_are_sent_when_the_clock_stands_have_one_time_and_nothing_else_in_common() {
    let settings = "hostname = \"stopped.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
                    [[route]]\ndomain = \"*\"\nto = \"keep\"\n";
    let settings = Settings::from_toml(settings).unwrap();
    let builder = Engine::builder(settings).spool(Box::new(Memory::new())).clock_stopped_at(STOPPED_AT);
    let (engine, (tell, told)) = (builder.start().unwrap(), mpsc::channel());
    let first = engine.send_blocking(Looks(tell.clone())).unwrap();
    thread::sleep(Duration::from_millis(20));
    let second = engine.send_blocking(Looks(tell)).unwrap();
    let told: Vec<(Moment, u128)> = told.iter().collect();
    assert_eq!([told[0].0, told[1].0], [STOPPED_AT; 2]);
    assert_ne!(told[0].1, told[1].1);
    assert_ne!(first.id(), second.id());
}
