//! How fast a pickup folder is emptied: files that lie there, until each is mailed and its file is gone for good, beside the
//! plainest safe way to take as many over one by one (read it, write it into a queue of files, sync, rename, sync the folder,
//! remove it). In turns, on one disk.
//!
//! `cargo bench --bench pickup`, or with a number of files: `cargo bench --bench pickup -- 50000`. Read the ratio: the disk and
//! the machine decide the rest.

// What it unwraps is the benchmark failing.
#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use postrider::{Engine, Settings};

const FILES: usize = 10_000;
const ROUNDS: usize = 3;

fn fill(folder: &Path, files: usize) {
    let text = "The quick brown fox jumps over the lazy dog.\r\n".repeat(80);
    for number in 0..files {
        let mail = format!(
            "x-sender: shop@example.org\r\nx-receiver: u{number}@example.net\r\nFrom: shop@example.org\r\n\
             To: u{number}@example.net\r\nSubject: Order {number}\r\n\r\n{text}"
        );
        fs::write(folder.join(format!("whole-{number:08}.eml")), mail).unwrap();
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().all(|entry| entry.unwrap().file_type().unwrap().is_dir())
}

/// Files that are still there, or are claimed and not settled.
fn left(folder: &Path) -> bool {
    let claims = fs::read_dir(folder.join(".claimed"));
    let claimed = claims.is_ok_and(|claims| claims.flatten().any(|entry| entry.file_name() != ".lock"));
    claimed || !is_empty(folder)
}

fn engine(home: &Path) -> f64 {
    let pickup = home.join("pickup");
    let text = format!(
        "hostname = \"mail.example.org\"\n[spool]\nfolder = \"{}\"\n[[pickup]]\nfolder = \"{}\"\n\
         [[route]]\ndomain = \"*\"\nto = \"discard\"\n",
        home.join("spool").display(),
        pickup.display()
    );
    let mut settings = Settings::from_toml(&text).unwrap();
    settings.listen.sockets.clear();
    let begun = Instant::now();
    let engine = Engine::builder(settings).start().unwrap();
    while left(&pickup) {
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = begun.elapsed().as_secs_f64();
    engine.drain_blocking(Duration::from_secs(30));
    took
}

fn plain(home: &Path) -> f64 {
    let (pickup, queue) = (home.join("pickup"), home.join("queue"));
    fs::create_dir_all(&queue).unwrap();
    let begun = Instant::now();
    let mut names: Vec<_> =
        fs::read_dir(&pickup).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    names.sort();
    for path in names {
        let octets = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut file = File::create_new(queue.join(format!("{name}.tmp"))).unwrap();
        file.write_all(&octets).unwrap();
        file.sync_data().unwrap();
        fs::rename(queue.join(format!("{name}.tmp")), queue.join(name)).unwrap();
        File::open(&queue).unwrap().sync_all().unwrap();
        fs::remove_file(&path).unwrap();
    }
    begun.elapsed().as_secs_f64()
}

fn main() {
    let files = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(FILES);
    println!("{:>8} {:>12} {:>12} {:>8}", "files", "pickup/s", "plain/s", "ratio");
    for _ in 0..ROUNDS {
        let home = tempfile::tempdir().unwrap();
        let rate = |how: fn(&Path) -> f64| {
            let _ = fs::create_dir(home.path().join("pickup"));
            fill(&home.path().join("pickup"), files);
            rustix::fs::sync();
            files as f64 / how(home.path())
        };
        let (ours, theirs) = (rate(engine), rate(plain));
        println!("{files:>8} {ours:>12.0} {theirs:>12.0} {:>8.1}", ours / theirs);
    }
}
