//! A whole engine on loopback with a spool on disk, without sinks and with ten that do nothing, one round after the other:
//! how many mails a second, as a ratio.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use actix_rt::System;
use postrider::{
    events::{Message, PostCategorize, Submission},
    Binding, Engine, Settings,
};

use crate::{client::Client, Result};

const ROUNDS: usize = 3;
const CONNECTIONS: usize = 20;
const MAILS: usize = 300;

pub fn run(folder: &Path) -> Result<()> {
    for round in 0..ROUNDS {
        let (none, ten) = (measure(folder, 0)?, measure(folder, 10)?);
        println!("round {round}: {none:.0} mails/s without a sink, {ten:.0} with ten: {:.2}", ten / none);
    }
    Ok(())
}

/// Mails in a second, from the first connection to the last 250.
fn measure(folder: &Path, sinks: usize) -> Result<f64> {
    let spool = folder.join(format!("postrider-sinks-{}", std::process::id()));
    let settings = Settings::from_toml(&format!(
        "hostname = \"mail.example.org\"\nlisten.sockets = [\"127.0.0.1:0\"]\nrelay.networks = [\"127.0.0.0/8\"]\n\
         spool.folder = {:?}\n[[route]]\ndomain = \"*\"\nto = \"discard\"\n",
        spool.display().to_string()
    ))?;
    let mut builder = Engine::builder(settings);
    for n in 0..sinks {
        let name = format!("sink {n}");
        builder = match n % 2 {
            0 => builder.bind(
                Binding::new(name, || |mail: Message<Submission>| std::future::ready(mail.next())).on(Submission),
            ),
            _ => builder.bind(
                Binding::new(name, || |mail: Message<PostCategorize>| std::future::ready(mail.next()))
                    .on(PostCategorize),
            ),
        };
    }
    let engine = builder.start()?;
    let address = engine.addresses().first().copied().ok_or("it does not listen")?;
    let begun = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| thread::spawn(move || send(address))).collect();
    for client in clients {
        client.join().map_err(|_| "a client has panicked")??;
    }
    let rate = (CONNECTIONS * MAILS) as f64 / begun.elapsed().as_secs_f64();
    System::new().block_on(engine.drain(Duration::from_secs(25)));
    fs::remove_dir_all(&spool)?;
    Ok(rate)
}

fn send(address: std::net::SocketAddr) -> Result<()> {
    let (mut client, body) = (Client::connect(address)?, "Some words in a line.\r\n".repeat(180));
    (0..MAILS).try_for_each(|_| client.mail(format!("Subject: x\r\n\r\n{body}").as_bytes()))
}
