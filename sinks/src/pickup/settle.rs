//! What becomes of a claim when it is known what became of its mail.
//!
//! Rule: a claim is taken away when its mail is on disk or it is kept as bad mail, and never otherwise. One that cannot be
//! taken away is not read again: its mail was sent.

use std::{io, sync::Arc, time::Duration};

use postrider_engine::{
    pickup::{FileCode, FileProblem, Settled, Tick},
    FileKind, FileSeen, ForeignFile, Moment, OpenFile, QueueId, Reply,
};
use tracing::{info, warn};

use super::{names::Claim, take::MOST_KEPT, PickupFolder};
use crate::badmail::{BadFile, Why};

/// The first pause of a mail that is not taken now.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest. It doubles.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// When a claim is read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pause {
    /// How long the last pause is; zero: there was none.
    pub(super) length: Duration,
    /// When it ends; zero: it is due now.
    pub until: Duration,
    /// It is so old that its key may be forgotten: nobody knows whether it was mailed.
    pub is_doubtful: bool,
    /// Whose file it is.
    pub owner: u32,
    /// A process before has claimed it, and has perhaps mailed it.
    pub is_inherited: bool,
    /// What was read of it: how many octets, and when they were written.
    pub read: Option<(u64, Moment)>,
}

impl Pause {
    /// The next one is twice as long, and at least so long.
    pub fn next(self, least: Duration, tick: Tick) -> Self {
        let length = (self.length * 2).max(least).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        Pause { length, until: tick.passed + length, ..self }
    }
}

/// A claimed file, as far as it could be looked at.
#[derive(Default)]
pub(super) struct Found {
    pub seen: Option<FileSeen>,
    /// Its octets, if it is one that may be read.
    pub file: Option<Arc<dyn ForeignFile>>,
}

impl PickupFolder {
    pub(super) fn settle_one(&mut self, claim: Claim, pause: Pause, settled: Settled, tick: Tick) {
        match settled {
            Settled::Mailed(id) => self.mailed(claim, pause, Some(id), tick),
            Settled::Discarded => self.mailed(claim, pause, None, tick),
            Settled::Later => self.wait(claim, pause, tick),
            Settled::PutOff(reply) if claim.at + self.is.give_up <= tick.now => {
                self.refused(claim, pause, &reply, tick);
            }
            Settled::PutOff(reply) => {
                self.report_once(&claim.name, format!("a sink does not want it now; it is tried again: {reply}"), tick);
                self.wait(claim, pause, tick);
            }
            Settled::Refused(reply) => self.refused(claim, pause, &reply, tick),
        }
    }

    /// It is read again after a pause that is longer each time.
    pub(super) fn wait(&mut self, claim: Claim, pause: Pause, tick: Tick) {
        self.waiting.insert(claim.name.clone(), (claim, pause.next(Duration::ZERO, tick)));
    }

    fn mailed(&mut self, claim: Claim, pause: Pause, id: Option<QueueId>, tick: Tick) {
        let (folder, file) = (self.folder.display(), &claim.file);
        match id {
            Some(id) => info!(%id, %folder, file, claim = claim.id(), "picked up"),
            None => info!(%folder, file, claim = claim.id(), "picked up, and discarded by a sink"),
        }
        if self.has_changed(&claim, pause) {
            let text =
                "the file was mailed as it was read, and somebody wrote to it after that: see what the mail lacks";
            return self.keep(claim, pause, &FileProblem::new(FileCode::Changed, text), tick);
        }
        match self.files.unlink(&PickupFolder::path(&claim.name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // Its key is remembered, and it is not read again by this process.
                let why = format!("it was mailed, and cannot be removed: {error}; remove it by hand");
                warn!(folder = %self.folder.display(), file, claim = claim.name, why, "a claim stays");
            }
            _ => {
                self.has_removed = true;
                self.removed.extend(id);
            }
        }
    }

    /// Whoever has it open can write to it still.
    fn has_changed(&self, claim: &Claim, pause: Pause) -> bool {
        let seen = self.files.look(&PickupFolder::path(&claim.name)).ok();
        pause.read.zip(seen).is_some_and(|(read, seen)| read != (seen.size, seen.modified))
    }

    /// A sink has refused it for good, or until it was given up.
    fn refused(&mut self, claim: Claim, pause: Pause, reply: &Reply, tick: Tick) {
        self.keep(claim, pause, &FileProblem::refused(FileCode::Refused, reply), tick);
    }

    /// Keeps a claim as bad mail that was read before.
    fn keep(&mut self, claim: Claim, pause: Pause, problem: &FileProblem, tick: Tick) {
        let path = PickupFolder::path(&claim.name);
        match self.files.look(&path).and_then(|seen| Ok((seen, self.files.open_to_read(&path)?))) {
            Ok((seen, file)) => {
                self.refuse(claim, pause, problem, Found { seen: Some(seen), file: Some(file) }, tick);
            }
            Err(error) => {
                self.report_once(&claim.name, format!("it cannot be kept as bad mail: {error}"), tick);
                self.wait(claim, pause, tick);
            }
        }
    }

    /// A claim of which nobody knows whether it was mailed is for a person.
    pub(super) fn refuse_doubtful(&mut self, claim: Claim, pause: Pause, tick: Tick) {
        let text =
            "the file was claimed so long ago that its key is forgotten (send.key_life), so nobody knows whether it \
                    was mailed: look into the log, and put it there again if it was not";
        let path = PickupFolder::path(&claim.name);
        let found = self.files.look(&path).and_then(|seen| {
            // A link or a pipe has no octets to be kept. A file that cannot be opened now keeps its own until it can.
            let may_read = PickupFolder::is_foreign(&seen).is_none();
            let file = may_read.then(|| self.files.open_to_read(&path)).transpose()?;
            Ok(Found { seen: Some(seen), file })
        });
        match found {
            Ok(found) => self.refuse(claim, pause, &FileProblem::new(FileCode::PerhapsMailed, text), found, tick),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                self.report_once(&claim.name, format!("it cannot be read now: {error}"), tick);
                self.wait(claim, pause, tick);
            }
        }
    }

    /// Keeps it as bad mail, with the reason. Where that cannot be done it waits, and nothing is lost.
    pub(super) fn refuse(&mut self, claim: Claim, pause: Pause, problem: &FileProblem, found: Found, tick: Tick) {
        if found.seen.is_some_and(|seen| seen.kind == FileKind::Folder) {
            // It was swapped for one while it was moved. Whatever is in it, nothing of it is mail, and it is not tried again.
            let why = "it is a folder; remove it by hand";
            return warn!(folder = %self.folder.display(), file = claim.file, claim = claim.name, why, "a claim stays");
        }
        let size = found.file.as_ref().and_then(|file| file.size().ok());
        if size.is_some_and(|size| size > self.most().saturating_mul(MOST_KEPT)) {
            let why = format!("it is no mail ({problem}), and has grown beyond what is kept as bad mail");
            self.report_once(&claim.name, why, tick);
            return self.wait(claim, pause, tick);
        }
        let FileProblem { code, text, field, line, .. } = problem.clone();
        let folder = self.folder.display().to_string();
        let bad = BadFile {
            name: &claim.name,
            octets: found.file.as_deref().map(|file| file as &dyn OpenFile),
            file: &claim.file,
            folder: &folder,
            owner: found.seen.map(|seen| seen.owner),
            size: found.seen.map(|seen| seen.size),
            why: Why { code: code.as_str(), text, field, line },
            at: tick.now,
        };
        let kept = self.bad.keep_file(&bad).and_then(|()| self.files.unlink(&PickupFolder::path(&claim.name)));
        match kept {
            Ok(()) => {
                self.has_removed = true;
                warn!(folder, file = claim.file, %code, why = problem.text, bad = claim.name, "no mail: kept as bad mail");
            }
            Err(error) => {
                let why = format!("it is no mail ({problem}), and cannot be kept as bad mail: {error}");
                self.report_once(&claim.name, why, tick);
                self.wait(claim, pause, tick);
            }
        }
    }
}
