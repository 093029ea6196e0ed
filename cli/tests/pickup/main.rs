//! Pickup folders as programs use them: the built daemon, real folders, files as other systems write them.
//!
//! Rule: a file is judged by what came of it on disk, to the octet, and by what was said of it, and by nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_types)]

#[path = "../sendmail/daemon.rs"]
mod daemon;

mod ends;
mod foreign;
mod hostile;
mod refused;
mod settings;
mod writers;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use daemon::Home;
use serde_json::Value;

/// Keys of a folder whose files are complete at sight: who writes there renames.
const AT_SIGHT: &str = "scan = \"100 ms\"\nrest = \"0 s\"\n";

/// Writes a file under another name, and renames it into its place below the pickup folder.
fn put(home: &Home, name: &str, octets: impl AsRef<[u8]>) {
    put_into(&home.path("pickup"), name, octets);
}

fn put_into(folder: &Path, name: &str, octets: impl AsRef<[u8]>) {
    let unfinished = folder.join(".unfinished");
    fs::write(&unfinished, octets).unwrap();
    fs::rename(unfinished, folder.join(name)).unwrap();
}

/// A short mail with this subject and its envelope above it.
fn mail(subject: &str) -> String {
    format!("x-sender: me@a.example\nx-receiver: you@b.example\nSubject: {subject}\n\ntext\n")
}

/// Asks until there is something.
fn until<T>(home: &Home, what: &str, ask: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}: it did not come\n{}", home.log_tail());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One bad mail: its note, and its octets, if there are any.
type Bad = (Value, Option<Vec<u8>>);

/// Those that came from the pickup folder, by the names of their files, as soon as there are so many.
fn bad(home: &Home, count: usize) -> Vec<Bad> {
    let folder = home.path("spool/badmail");
    until(home, "bad mail", || {
        let files = fs::read_dir(&folder).ok()?.map(|file| file.unwrap().path());
        let notes = files.filter(|file| file.extension().is_some_and(|name| name == "json"));
        let mut all: Vec<Bad> = notes.map(|note| read_bad(&folder, &note)).collect();
        all.sort_by_key(|(note, _)| note["file"].as_str().unwrap().to_owned());
        (all.len() >= count).then_some(all)
    })
}

fn read_bad(folder: &Path, note: &Path) -> Bad {
    let note: Value = serde_json::from_slice(&fs::read(note).unwrap()).unwrap();
    let octets = note["mail"].as_str().map(|name| fs::read(folder.join(name)).unwrap());
    (note, octets)
}

/// What is still in the pickup folder or claimed.
fn left(home: &Home) -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["pickup", "pickup/high", "pickup/low", "pickup/.claimed"] {
        let files = fs::read_dir(home.path(folder)).into_iter().flatten().map(|file| file.unwrap());
        let files = files.map(|file| file.file_name().into_string().unwrap());
        names.extend(files.filter(|name| ![".claimed", "high", "low", ".lock"].contains(&name.as_str())));
    }
    names
}

/// Waits until nothing but this is left: a file goes when its mail is on disk, which may be behind its delivery.
fn only_left(home: &Home, names: &[&str]) {
    until(home, "the end of all files", || (left(home) == names).then_some(()));
}
