//! Sending from a program, as programs do it: engines on disk, from threads and runtimes of every kind, and on a disk that
//! loses power.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod handles;
mod power;

use std::{path::Path, time::Duration};

use postrider::{Engine, NewMail, Settings};

/// An engine whose mail is kept: nobody carries it further.
fn keeping(folder: &Path) -> Engine {
    Engine::builder(settings(folder)).start().unwrap()
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::embedded(folder.join("spool"));
    (settings.hostname, settings.spool.segment_size) = ("mail.example.org".into(), 1 << 20);
    settings.report.badmail = Some(folder.join("badmail"));
    settings
}

fn mail(to: &str) -> NewMail {
    NewMail::new().from("me@example.org").to(to).subject("Hello").text("Hi!")
}

fn end(engine: Engine) {
    pollster::block_on(engine.drain(Duration::from_secs(10)));
}
