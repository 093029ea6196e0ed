//! A mail of a gibibyte past ten sinks, of which one reads all of it as a stream: how much memory the process had at most.

use std::{fs, path::Path, time::Duration};

use actix_rt::System;
use postrider::{
    events::{EndOfData, Message, Verdict},
    Binding, Engine, Settings,
};

use crate::{client::Client, Result};

const MEBIBYTES: usize = 1024;

pub fn run(folder: &Path) -> Result<()> {
    let spool = folder.join(format!("postrider-large-{}", std::process::id()));
    let settings = Settings::from_toml(&format!(
        "hostname = \"mail.example.org\"\nlisten.sockets = [\"127.0.0.1:0\"]\nrelay.networks = [\"127.0.0.0/8\"]\n\
         limits.message_size = \"2GiB\"\nspool.folder = {:?}\n[[route]]\ndomain = \"*\"\nto = \"discard\"\n",
        spool.display().to_string()
    ))?;
    let mut builder = Engine::builder(settings);
    for n in 0..9 {
        builder = builder.bind(Binding::new(format!("marks {n}"), || marks).on(EndOfData));
    }
    let engine =
        builder.bind(Binding::new("reads", || reads).on(EndOfData).time_limit(Duration::from_secs(600))).start()?;
    let address = engine.addresses().first().copied().ok_or("it does not listen")?;
    let before = most_memory()?;
    let (mut client, line) =
        (Client::connect(address)?, "Sixty-three octets and an end of line, again and again......\r\n");
    client.open()?;
    client.octets(b"Subject: large\r\n\r\n")?;
    let mebibyte = line.repeat((1 << 20) / line.len());
    (0..MEBIBYTES).try_for_each(|_| client.octets(mebibyte.as_bytes()))?;
    client.close()?;
    println!("{MEBIBYTES} MiB past ten sinks: {} KiB of memory at most, {before} before", most_memory()?);
    System::new().block_on(engine.drain(Duration::from_secs(25)));
    Ok(fs::remove_dir_all(&spool)?)
}

async fn marks(mut mail: Message<EndOfData>) -> Verdict<EndOfData> {
    let marked = mail.content_mut().edit_header(|header| header.add("X-Mark", "passed"));
    if let Err(error) = marked {
        println!("{error}");
    }
    mail.next()
}

async fn reads(mail: Message<EndOfData>) -> Verdict<EndOfData> {
    let mut octets = 0;
    for chunk in mail.content().chunks(..) {
        octets += chunk.map_or(0, |chunk| chunk.len());
        tokio::task::yield_now().await; // so that others have their turn
    }
    println!("a sink has read {octets} octets");
    mail.next()
}

/// KiB that the process had in memory at most so far.
fn most_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("the system does not say")?;
    Ok(line.split_whitespace().nth(1).ok_or("the system does not say")?.parse()?)
}
