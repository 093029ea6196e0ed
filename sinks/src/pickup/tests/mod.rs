//! A folder and its files, with a model of the engine behind it.

mod ancestors;
mod hostile;
mod power;
mod rounds;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Duration};

use postrider_engine::{
    pickup::{Pickup, Round, Settled, Tick},
    Moment, QueueId, Reply,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{PickupFolder, PickupSettings};
use crate::BadMailFolder;

/// It is so late when a test begins; files of tests are older.
pub const NOW: Moment = Moment(4_000_000_000_000);

pub fn at(seconds: u64) -> Tick {
    Tick { now: NOW + Duration::from_secs(seconds), passed: Duration::from_secs(seconds) }
}

/// What an engine has taken: by key, so nothing twice.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    keys: BTreeMap<Arc<str>, u64>,
    taken: Vec<String>,
    /// It takes nothing: the disk is full.
    pub is_full: bool,
    /// A sink refuses what has this in it.
    pub refuses: Option<&'static str>,
    /// A sink puts everything off.
    pub puts_off: bool,
    /// Keys that it was told to forget.
    pub forgotten: Vec<QueueId>,
}

impl Engine {
    /// Takes the mails of a round; what became of them.
    pub fn take(&mut self, round: Round) -> Vec<(Arc<str>, Settled)> {
        self.keys.retain(|_, id| !round.forget.contains(&QueueId(*id)));
        self.forgotten.extend(round.forget);
        let mut settled = Vec::new();
        for mail in round.mails {
            let text = String::from_utf8_lossy(&mail.draft.content.all(1 << 20).unwrap()).into_owned();
            let what = match self.refuses {
                _ if self.is_full => Settled::Later,
                _ if self.puts_off => Settled::PutOff(Reply::new(451, 7, 1, "Ask me tomorrow")),
                Some(word) if text.contains(word) => Settled::Refused(Reply::new(550, 7, 1, "Not with this word")),
                _ => Settled::Mailed(self.commit(&mail.claim, text)),
            };
            settled.push((mail.claim, what));
        }
        settled
    }

    fn commit(&mut self, key: &Arc<str>, text: String) -> QueueId {
        let next = self.taken.len() as u64;
        let id = *self.keys.entry(Arc::clone(key)).or_insert(next);
        if id == next {
            self.taken.push(text);
        }
        QueueId(id)
    }

    /// The texts of all mails, in the order in which they were taken.
    pub fn texts(&self) -> &[String] {
        &self.taken
    }

    /// What stands in their Subject fields.
    pub fn subjects(&self) -> Vec<String> {
        let subject = |text: &String| {
            text.split("Subject: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap_or("").to_owned()
        };
        self.texts().iter().map(subject).collect()
    }
}

/// A mail with this subject.
pub fn mail(subject: &str) -> String {
    format!("x-sender: a@x\nx-receiver: b@x\nSubject: {subject}\n\ntext\n")
}

/// A folder on the real disk.
pub struct Home {
    folder: TempDir,
    pub engine: Engine,
    pub settings: PickupSettings,
}

impl Home {
    pub fn new() -> Self {
        let mut settings = PickupSettings::new("host.example");
        settings.rest = Duration::ZERO;
        Home { folder: tempfile::tempdir().unwrap(), engine: Engine::default(), settings }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("pickup").join(name)
    }

    /// The folder, as the next process opens it.
    pub fn open(&self) -> PickupFolder {
        let bad = BadMailFolder::new(self.folder.path().join("bad"), 7);
        PickupFolder::open(&self.path(""), self.settings.clone(), bad, at(0)).unwrap()
    }

    pub fn put(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.path(name), octets).unwrap();
    }

    /// One round, with what the engine makes of it.
    pub fn round(&mut self, folder: &mut PickupFolder, tick: Tick) {
        let round = folder.round(tick);
        let settled = self.engine.take(round);
        folder.settle(settled, tick);
    }

    /// All that is bad mail: why, and its octets.
    pub fn bad(&self) -> Vec<(Value, Option<Vec<u8>>)> {
        let Ok(names) = fs::read_dir(self.folder.path().join("bad")) else { return Vec::new() };
        let mut notes: Vec<PathBuf> = names.map(|entry| entry.unwrap().path()).collect();
        notes.retain(|path| path.extension().is_some_and(|end| end == "json"));
        notes.sort();
        let read = |path: PathBuf| {
            (serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(), fs::read(path.with_extension("eml")).ok())
        };
        notes.into_iter().map(read).collect()
    }

    /// The names of all files that are left, claims among them.
    pub fn left(&self) -> Vec<String> {
        let names = |folder: &str| -> Vec<String> {
            let names = fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap());
            names
                .filter(|entry| !entry.file_type().unwrap().is_dir())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect()
        };
        ["", "high", "low", ".claimed"].into_iter().flat_map(names).filter(|name| name != ".lock").collect()
    }
}
