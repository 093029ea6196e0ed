//! A session with an engine: what came in by SMTP is read where the engine has delivered it, also after a reload.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // the other tests use the rest
#[path = "daemon/client.rs"]
mod client;

use std::{
    fs,
    future::Future,
    path::Path,
    time::{Duration, Instant},
};

use client::Client;
use postrider::{
    inbox::{Inbox, Message},
    settings::NoInbox,
    sinks::Memory,
    Engine, Session, Settings,
};

fn wait<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Mail for `home.example` into mailboxes; for `drop.example` into this folder.
fn settings(folder: &Path, drop: &str) -> Settings {
    let (folder, drop) = (folder.display(), folder.join(drop));
    fs::create_dir_all(&drop).unwrap();
    let text = format!(
        "hostname = \"inbox.localhost\"\nlocal_domains = \"home.example\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
         [maildir]\nfolder = \"{folder}/mail/{{user}}\"\nusers = \"any\"\n\
         [[route]]\ndomain = \"drop.example\"\nto = \"drop:{}\"\n",
        drop.display()
    );
    Settings::from_toml(&text).unwrap()
}

fn send(engine: &Engine, to: &[&str]) {
    let mut client = Client::connect(engine.addresses()[0]).unwrap();
    client.send("me@far.example", to, b"Subject: hi\r\n\r\nHello.\r\n").unwrap().unwrap();
}

/// The only message, once it is there.
fn only(session: &Session) -> Message {
    let (begin, look) =
        (Instant::now(), || session.inbox().ok().and_then(|inbox: Inbox| inbox.messages().unwrap().next()));
    loop {
        if let Some(message) = look() {
            return message.unwrap();
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_session_reads_what_the_engine_delivered_for_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(settings(folder.path(), "drop")).spool(Box::new(Memory::new())).start().unwrap();
    let session = |address: &str| engine.session("Somebody", address.parse().unwrap());
    let (ann, bob, far) = (session("ann@home.example"), session("bob@drop.example"), session("x@far.example"));
    assert!(matches!(ann.inbox(), Err(NoInbox::NothingYet(_))));
    assert!(matches!(far.inbox(), Err(NoInbox::Elsewhere(_))));
    send(&engine, &["ann@home.example", "bob@drop.example"]);
    send(&engine, &["carol@drop.example"]);
    for session in [&ann, &bob] {
        let message = only(session);
        assert_eq!((message.subject(), session.name()), (Some("hi"), "Somebody"));
        assert_eq!(message.read().unwrap().text().unwrap().trim_end(), "Hello.");
        message.delete().unwrap();
        assert_eq!(session.inbox().unwrap().count().unwrap(), 0, "{}", session.address());
    }
    only(&session("carol@drop.example"));
    wait(engine.reload(settings(folder.path(), "other"))).unwrap();
    assert_eq!(bob.inbox().unwrap().path(), folder.path().join("other"));
    wait(engine.drain(Duration::from_secs(5)));
}
