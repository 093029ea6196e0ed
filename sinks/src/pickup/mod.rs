//! A folder into which programs put files that are mails.
//!
//! Rule: a file is claimed by moving it into a folder of ours; both folders are synced before anything is mailed, and the claim
//! is the mail's key: so it is mailed once, wherever a kill or a loss of power cuts. It is removed when it is mailed, and not
//! before. What cannot be claimed is not mailed.

mod held;
mod hint;
mod names;
mod put;
mod scan;
mod settle;
mod take;
#[cfg(test)]
mod tests;
mod watched;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use postrider_engine::{
    pickup::{FileRules, Pickup, Round, Settled, Tick},
    ForeignFiles, LockError, QueueId,
};
use thiserror::Error;
use tracing::warn;

pub use hint::FolderHint;
pub use put::{put, PutError};

use self::{
    names::Claim,
    settle::Pause,
    watched::{Reported, Watched},
};
use crate::BadMailFolder;

/// Files below here are urgent.
pub const HIGH: &str = "high";
/// Nobody waits for files below here.
pub const LOW: &str = "low";
/// Where claims are: the engine's own.
const CLAIMED: &str = ".claimed";
/// Held by the one process that has the folder.
const LOCK: &str = ".claimed/.lock";

/// Files that are claimed in one round, before both folders are synced: with more no mail would cost less.
const MOST_FILES: usize = 1000;
/// Octets of the mails of one round, in memory. One file that is larger goes alone.
const MOST_OCTETS: u64 = 32 << 20;
/// Claims that wait for another try. While there are so many, nothing is claimed: the disk is full perhaps.
const MOST_CLAIMS: usize = 10_000;
/// Those among them of one owner: nobody takes the room of all others by files that cannot be read or kept any more.
const MOST_OF_ONE: usize = 2500;

/// How a folder is looked after.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PickupSettings {
    /// How its files are read.
    pub rules: FileRules,
    /// A file is complete when its size and time have rested so long.
    pub rest: Duration,
    /// The mode of the folder when it is made.
    pub mode: u32,
    /// How long a key is remembered: a claim that is older when the engine starts may have been mailed or not.
    pub key_life: Duration,
    /// A file that sinks put off is given up when it was claimed so long ago.
    pub give_up: Duration,
    /// Our name, and the domain of addresses without one.
    pub host: Arc<str>,
}

impl PickupSettings {
    /// A folder for a host of this name, with the defaults of everything else.
    pub fn new(host: impl Into<Arc<str>>) -> Self {
        let rules = FileRules { recipients: 1000, ..FileRules::default() };
        let days = |days: u64| Duration::from_secs(days * 86_400);
        let (rest, key_life, give_up) = (Duration::from_secs(1), days(7), days(5));
        PickupSettings { rules, rest, mode: 0o700, key_life, give_up, host: host.into() }
    }
}

/// A folder cannot be looked after.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PickupError {
    /// Another engine has it.
    #[error("{}: {source}; one engine at a time may have it", .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Who has it.
        source: LockError,
    },
    /// It cannot be opened or made.
    #[error("{}: {source}; let the user of the engine own the folder", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// One folder and all that is known of its files.
pub struct PickupFolder {
    files: Arc<dyn ForeignFiles>,
    bad: BadMailFolder,
    is: PickupSettings,
    folder: PathBuf,
    /// Part of the names of its claims: no other process has it.
    process: String,
    claims: u64,
    watched: Watched,
    reported: Reported,
    /// Claims that are not settled, by name, and when they are read again; those that are being mailed are not among them.
    waiting: BTreeMap<String, (Claim, Pause)>,
    /// Claims that are being mailed.
    out: HashMap<Arc<str>, (Claim, Pause)>,
    /// The last round took as much as it may.
    was_full: bool,
    /// The last round might have taken something.
    had_room: bool,
    /// Where the next round goes on in a folder that one round could not look through.
    behind: BTreeMap<&'static str, String>,
    /// Folders from which files went that are not synced.
    unsynced: BTreeSet<&'static str>,
    /// Claims were removed, which is not synced; they were those of these mails.
    has_removed: bool,
    removed: Vec<QueueId>,
    _lock: Box<dyn Send>,
}

impl PickupFolder {
    /// Opens this folder, which is made if need be, and finds what an engine before has claimed. Bad mail goes there.
    ///
    /// # Errors
    /// [`PickupError`]
    pub fn open(folder: &Path, is: PickupSettings, bad: BadMailFolder, now: Tick) -> Result<Self, PickupError> {
        let wrong = |source| PickupError::Folder { folder: folder.to_owned(), source };
        let held = held::Held::open(folder, is.mode).map_err(wrong)?;
        PickupFolder::on(Arc::new(held), folder, is, bad, now)
    }

    /// The same on a file layer that is given.
    fn on(
        files: Arc<dyn ForeignFiles>,
        folder: &Path,
        is: PickupSettings,
        bad: BadMailFolder,
        now: Tick,
    ) -> Result<Self, PickupError> {
        let wrong = |source| PickupError::Folder { folder: folder.to_owned(), source };
        let lock = files.lock(LOCK).map_err(|source| match source {
            LockError::Io(source) => wrong(source),
            source => PickupError::InUse { folder: folder.to_owned(), source },
        })?;
        let mut this = PickupFolder {
            files,
            bad,
            is,
            folder: folder.to_owned(),
            process: names::unguessable().map_err(wrong)?,
            claims: 0,
            watched: Watched::default(),
            reported: Reported::default(),
            waiting: BTreeMap::new(),
            out: HashMap::new(),
            was_full: false,
            had_room: false,
            behind: BTreeMap::new(),
            unsynced: BTreeSet::new(),
            has_removed: false,
            removed: Vec::new(),
            _lock: lock,
        };
        this.find_claims(now).map_err(wrong)?;
        Ok(this)
    }

    /// The claims that are there: what was mailed of them and what was not, their keys will tell.
    fn find_claims(&mut self, Tick { now, .. }: Tick) -> io::Result<()> {
        // Moves that a process before has made and not synced count as if they were made now.
        self.unsynced.extend(["", HIGH, LOW]);
        for name in self.files.list(CLAIMED)? {
            match Claim::of(&name) {
                Some(claim) => {
                    let owner = self.files.look(&PickupFolder::path(&name)).map_or(0, |seen| seen.owner);
                    let is_doubtful = claim.at + self.is.key_life < now;
                    let pause = Pause { is_doubtful, owner, is_inherited: true, ..Pause::default() };
                    self.waiting.insert(name, (claim, pause));
                }
                None if name.starts_with('.') => {}
                None => warn!(folder = %self.folder.display(), name, "is no claim of ours and is passed over"),
            }
        }
        self.end_moves()
    }

    /// The path of a claim within the layer.
    fn path(claim: &str) -> String {
        format!("{CLAIMED}/{claim}")
    }

    /// Says something about a file once, as long as it is there. It is looked at again after a while, and not watched before.
    fn report_once(&mut self, file: &str, why: impl std::fmt::Display, tick: Tick) {
        self.watched.forget(file);
        if self.reported.is_new(file, tick) {
            warn!(folder = %self.folder.display(), file, %why, "a file of the pickup folder is not mailed");
        }
    }
}

impl Pickup for PickupFolder {
    fn round(&mut self, tick: Tick) -> Round {
        self.claim_some(tick);
        let forget = match self.sync() {
            Ok(()) => std::mem::take(&mut self.removed),
            Err(error) => {
                warn!(folder = %self.name(), %error, "the pickup folder cannot be synced; nothing is mailed until it can");
                return Round { again: Some(settle::LONGEST_PAUSE), ..Round::default() };
            }
        };
        let mails = self.take_some(tick);
        Round { again: self.again(tick), mails, forget }
    }

    fn settle(&mut self, settled: Vec<(Arc<str>, Settled)>, tick: Tick) {
        for (claim, settled) in settled {
            if let Some((claim, pause)) = self.out.remove(&claim) {
                self.settle_one(claim, pause, settled, tick);
            }
        }
    }

    fn name(&self) -> String {
        self.folder.display().to_string()
    }
}
