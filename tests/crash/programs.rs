//! Programs that send through the socket while the daemon is killed: under a key a mail is sent once, however often it has to be
//! sent again.

use std::{
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    thread::{sleep, spawn, JoinHandle},
    time::{Duration, Instant},
};

use postrider::{
    rules::{Address, Content, Envelope},
    Client, Draft, Engine,
};

use crate::{
    account::Account,
    daemon::{
        home::{route, Home},
        load::{content, hash, Promise},
        sink::Sink,
        within,
    },
};

/// Programs at once.
const PROGRAMS: usize = 4;
const KILLS: usize = 15;

fn mail(id: &str, octets: &[u8]) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Address::parse("sender@from.example").ok();
    envelope.recipients.add(Address::parse(&format!("{id}@live.example")).expect("an address"));
    Draft::new(envelope, Content::new(octets.to_vec()))
}

fn connect(socket: &PathBuf) -> Client {
    loop {
        match Engine::connect(socket) {
            Ok(client) => return client,
            Err(error) => assert!(error.is_temporary(), "{error}"),
        }
        sleep(Duration::from_millis(5));
    }
}

/// One program: each mail under its key until there is a receipt for it. Says how often nobody knew.
fn program(name: usize, socket: PathBuf, ends: Arc<AtomicBool>) -> JoinHandle<(Vec<Promise>, usize)> {
    spawn(move || {
        let (client, mut promises, mut unknown) = (connect(&socket), Vec::new(), 0);
        while !ends.load(Relaxed) {
            let id = format!("p{name}-{}", promises.len());
            let octets = content(&id, 3000);
            let receipt = loop {
                match client.send_with_key(&id, mail(&id, &octets)).blocking() {
                    Ok(receipt) => break receipt,
                    Err(error) => {
                        assert!(error.is_temporary(), "{error}");
                        unknown += usize::from(error.is_perhaps_taken());
                        sleep(Duration::from_millis(5));
                    }
                }
            };
            promises.push(Promise { id, queued_as: receipt.id().to_string(), sum: hash(&octets) });
        }
        (promises, unknown)
    })
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn kill_nine_while_programs_send_under_keys_and_each_mail_is_sent_once() {
    let sink = Sink::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let socket = folder.path().join("send");
    let send = format!("[send]\nsocket = \"{}\"\n", socket.display());
    let home = Home::new(
        "segment_size = \"4 MiB\"",
        &format!("{send}{}", route("*", sink.port, "retry = [\"200 ms\"]\nthen = \"1 s\"")),
    );
    let (ends, mut account) = (Arc::new(AtomicBool::new(false)), Account::default());
    let programs: Vec<_> = (0..PROGRAMS).map(|name| program(name, socket.clone(), Arc::clone(&ends))).collect();
    for round in 0..KILLS {
        let daemon = home.start();
        let odd = hash(format!("{round} {:?}", Instant::now()).as_bytes()) % 200;
        sleep(Duration::from_millis(300 + odd));
        daemon.kill();
        account.take(sink.taken());
    }
    let daemon = home.start();
    ends.store(true, Relaxed);
    let (mut promises, mut unknown) = (Vec::new(), 0);
    for program in programs {
        let (its, times) = program.join().expect("a program ends");
        promises.extend(its);
        unknown += times;
    }
    within(Duration::from_secs(60), || {
        account.take(sink.taken());
        account.has_all(&promises)
    });
    sleep(Duration::from_secs(3));
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    account.take(sink.taken());
    account.settle(&promises);
    // One that is there twice is one mail whose attempt a kill cut off behind the final dot, and not two mails.
    let repeated = account.explain(&promises, &home.log());
    println!(
        "{KILLS} kills: {} sent, {unknown} times nobody knew, {repeated} arrived twice, all marked",
        promises.len()
    );
    assert_eq!(account.mails(), promises.len(), "nothing arrived that no program had a receipt for");
    assert!(promises.len() > 50 && unknown > 0, "there was no load");
}
