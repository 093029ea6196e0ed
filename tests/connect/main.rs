//! Sending to an engine in another process: over a real socket, from this process and from a child.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod child;
mod ends;
mod errors;
mod fake;
mod operating;
mod sending;

use std::{path::PathBuf, time::Duration};

use postrider::{
    rules::{Address, Content, Envelope},
    Client, Draft, Engine, Settings,
};
use tempfile::TempDir;

/// Where an engine lives.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap() }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("send")
    }

    /// An engine whose only door is the socket.
    fn start(&self) -> Engine {
        self.start_with("")
    }

    fn start_with(&self, more: &str) -> Engine {
        let (spool, socket) = (self.folder.path().join("spool"), self.socket());
        let text = format!(
            "hostname = \"post.example\"\n[listen]\nsockets = []\n[send]\nsocket = \"{}\"\n[spool]\nfolder = \"{}\"\n\
             [[route]]\ndomain = \"gone.example\"\nto = \"discard\"\n\
             [[route]]\ndomain = \"bad.example\"\nerror = \"550 5.1.1 no such user\"\n\
             [[route]]\ndomain = \"*\"\nto = \"keep\"\n{more}",
            socket.display(),
            spool.display(),
        );
        let settings = Settings::from_toml(&text).unwrap();
        // The spool of an engine that ends is locked until it has.
        for _ in 0..500 {
            match Engine::builder(settings.clone()).start() {
                Ok(engine) => return engine,
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        Engine::builder(settings).start().unwrap()
    }

    fn connect(&self) -> Client {
        Engine::connect(self.socket()).unwrap()
    }
}

fn drain(engine: &Engine) {
    block_on(engine.drain(Duration::from_secs(20)));
}

fn block_on<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn mail(to: &str) -> Draft {
    mail_of(to, "Subject: hi\r\n\r\nhello\r\n".to_owned())
}

fn mail_of(to: &str, octets: String) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Some(Address::parse("ann@example.org").unwrap());
    envelope.recipients.add(Address::parse(to).unwrap());
    Draft::new(envelope, Content::new(octets))
}
