//! What a durable send costs a program: mails in a second, by so many threads, beside the plainest other way to keep a mail
//! safe (a file of its own, synced, renamed, its folder synced), in one run on one disk. And one send alone beside the
//! sync of a file to which as much is appended, in turns: what there is to lose.
//!
//! `cargo bench --bench sends`. Read the ratios: the disk and the machine decide the rest.

// What it unwraps is the benchmark failing.
#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use postrider::{Engine, NewMail, Settings};

const FOR: Duration = Duration::from_secs(3);
const THREADS: [usize; 3] = [1, 16, 64];

fn mail() -> NewMail {
    let text = "The quick brown fox jumps over the lazy dog.\n".repeat(80);
    NewMail::new().from("shop@example.org").to("ann@example.net").subject("Your order").text(text)
}

/// Calls it again and again, on so many threads; gives the calls in a second.
fn rate(threads: usize, call: impl Fn(usize, usize) + Sync) -> f64 {
    let begun = Instant::now();
    let calls: usize = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let call = &call;
            scope.spawn(move || {
                let mut calls = 0;
                while begun.elapsed() < FOR {
                    call(thread, calls);
                    calls += 1;
                }
                calls
            })
        };
        let all: Vec<_> = (0..threads).map(work).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    calls as f64 / begun.elapsed().as_secs_f64()
}

fn engine(folder: &Path) -> Engine {
    let mut settings = Settings::from_toml(
        "hostname = \"mail.example.org\"\n[report]\nbadmail = \"off\"\n[[route]]\ndomain = \"*\"\nto = \"discard\"\n",
    )
    .unwrap();
    settings.listen.sockets.clear();
    settings.spool.folder = folder.join("spool");
    Engine::builder(settings).start().unwrap()
}

/// One file for each mail, safe when it has its name.
fn write_file(folder: &Path, thread: usize, no: usize, octets: &[u8]) {
    let (new, name) = (folder.join(format!("tmp-{thread}-{no}")), folder.join(format!("mail-{thread}-{no}")));
    let mut file = File::create_new(&new).unwrap();
    file.write_all(octets).unwrap();
    file.sync_data().unwrap();
    fs::rename(&new, &name).unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
}

/// The median of how long a send takes to how long a bare sync of as many octets takes, each pair at one moment.
fn alone(folder: &Path, octets: &[u8]) -> f64 {
    let engine = engine(&folder.join("alone"));
    let mut file = File::create_new(folder.join("bare")).unwrap();
    let begun = Instant::now();
    let mut ratios = Vec::new();
    while begun.elapsed() < FOR {
        let mail = mail();
        let at = Instant::now();
        drop(engine.send_blocking(mail).unwrap());
        let sent = at.elapsed();
        let at = Instant::now();
        file.write_all(octets).unwrap();
        file.sync_data().unwrap();
        ratios.push(sent.as_secs_f64() / at.elapsed().as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    let octets = vec![b'x'; 4096];
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>12} {:>8}",
        "threads", "send/s", "buffered/s", "with key/s", "files/s", "ratio"
    );
    for threads in THREADS {
        let engine = engine(folder.path());
        let sent = rate(threads, |_, _| drop(engine.send_blocking(mail()).unwrap()));
        let buffered = rate(threads, |_, _| drop(engine.send(mail()).buffered().blocking().unwrap()));
        let keyed = rate(threads, |thread, no| {
            drop(engine.send_with_key(format!("{threads}/{thread}/{no}"), mail()).blocking().unwrap());
        });
        drop(engine);
        let plain = rate(threads, |thread, no| write_file(&files, thread, no, &octets));
        println!("{threads:>8} {sent:>12.0} {buffered:>12.0} {keyed:>12.0} {plain:>12.0} {:>8.1}", sent / plain);
    }
    println!("one send alone: {:.2} of a bare sync of {} octets", alone(folder.path(), &octets), octets.len());
}
