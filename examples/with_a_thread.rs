//! Postrider in a program without any async runtime: threads that send, wait for what becomes of their mails, and print it.
//!
//! Copy this file into a new crate that depends on `postrider`, `signal-hook` and `tracing-subscriber`.
//!
//! ```text
//! with_a_thread --smart-host HOST:PORT --spool FOLDER [--listen ADDRESS:PORT] RECIPIENT...
//! ```
//!
//! Each recipient gets the newsletter once, however often the program is started: it is sent under a key. SIGTERM and
//! Ctrl-C end the program in order; what was not delivered by then is on disk, and goes out at the next start. With
//! `--listen` it takes mail by SMTP there as well.

use std::{collections::BTreeMap, env, error::Error, io, process::ExitCode, thread, time::Duration};

use postrider::{End, Engine, NewMail, SendError, Settings, StatusError};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const THREADS: usize = 4;
/// How long attempts that are under way may take when the program ends.
const DRAIN: Duration = Duration::from_secs(25);
/// Seconds between the first tries, and then as usual.
const SOON: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// Between two tries to send, where the engine cannot take the mail for now.
const PAUSE: Duration = Duration::from_secs(5);

/// Sends to one recipient, and waits for the end of it.
fn deliver(engine: &Engine, recipient: &str) {
    let receipt = loop {
        match engine.send_with_key(format!("newsletter 7 to {recipient}"), newsletter(recipient)).blocking() {
            Ok(receipt) => break receipt,
            Err(error @ (SendError::Stopped(_) | SendError::Unknown(_))) => {
                return println!("{recipient}: not sent: {error}");
            }
            Err(error) if error.is_temporary() => thread::sleep(PAUSE),
            Err(error) => return println!("{recipient}: never sent: {error}"),
        }
    };
    println!("{recipient}: on disk as {}", receipt.id());
    match receipt.outcome_blocking() {
        Ok(outcome) => outcome.iter().for_each(|to| println!("{}: {}", to.address, to.status)),
        Err(StatusError::Stopped(_)) => println!("{recipient}: goes out at the next start"),
        Err(error) => println!("{recipient}: {error}"),
    }
}

fn newsletter(recipient: &str) -> NewMail {
    NewMail::new()
        .from("The Club <club@example.com>")
        .to(recipient)
        .subject("Newsletter 7")
        .text("Nothing happened this month either.\n")
}

/// A signal drains the engine; whoever waits for an outcome is told that it stops.
fn drain_at_signals(engine: Engine) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            engine.drain_blocking(DRAIN);
        }
    });
    Ok(())
}

/// `--name value` pairs, and the rest.
fn arguments() -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let (mut named, mut rest, mut from) = (BTreeMap::new(), Vec::new(), env::args().skip(1));
    while let Some(argument) = from.next() {
        match argument.strip_prefix("--") {
            Some(name) => {
                let value = from.next().ok_or_else(|| format!("{argument} wants a value"))?;
                named.insert(name.to_owned(), value);
            }
            None => rest.push(argument),
        }
    }
    Ok((named, rest))
}

fn main() -> Result<ExitCode> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let (named, recipients) = arguments()?;
    let smart_host = named.get("smart-host").ok_or("--smart-host HOST:PORT is missing")?;
    let spool = named.get("spool").ok_or("--spool FOLDER is missing")?;
    let mut settings = Settings::embedded(spool).with_smart_hosts(&[smart_host])?;
    settings.delivery.retry.first.splice(0..0, SOON.map(Duration::from_secs));
    if let Some(address) = named.get("listen") {
        settings.listen.sockets.push(address.parse()?);
    }
    let engine = Engine::builder(settings).start()?;
    engine.addresses().iter().for_each(|address| println!("listening on {address}"));
    drain_at_signals(engine.clone())?;

    let (engine, recipients) = (&engine, &recipients);
    thread::scope(|scope| {
        for first in 0..THREADS {
            scope.spawn(move || recipients.iter().skip(first).step_by(THREADS).for_each(|to| deliver(engine, to)));
        }
    });

    let end = engine.drain_blocking(DRAIN);
    println!("{end:?}");
    Ok(if end == End::Drained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
