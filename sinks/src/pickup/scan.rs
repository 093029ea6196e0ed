//! Looks through the folder and claims what is complete.
//!
//! Rule: the files with the smallest names come first, the urgent before all others, and no more of them are in memory than
//! one round takes. A file that cannot be taken is passed over the next time, so it stops nobody: where too much is known
//! already to know it too, the next round goes on behind it.

use std::{
    collections::{BTreeSet, BinaryHeap, HashMap},
    io,
    time::Duration,
};

use postrider_engine::{
    pickup::{FileCode, FileProblem, Tick},
    FileKind, FileSeen, QueuePriority,
};
use tracing::warn;

use super::{
    names, names::Claim, settle::Pause, take::MOST_KEPT, PickupFolder, CLAIMED, HIGH, LOW, MOST_CLAIMS, MOST_FILES,
    MOST_OF_ONE,
};

/// The folders, the urgent first.
const FOLDERS: [(&str, QueuePriority); 3] =
    [(HIGH, QueuePriority::High), ("", QueuePriority::Normal), (LOW, QueuePriority::Low)];

/// A name that is not looked at because so much is known of it.
const NOT_TEXT: &str = "(a name that is no text)";

impl PickupFolder {
    /// Claims as much as a round takes, less what waits already.
    pub(super) fn claim_some(&mut self, tick: Tick) {
        let due = self.waiting.values().filter(|(_, pause)| pause.until <= tick.passed).count();
        let all = self.waiting.len() + self.out.len();
        let mut room = MOST_FILES.saturating_sub(due).min(MOST_CLAIMS.saturating_sub(all));
        self.had_room = room > 0;
        let (mut there, mut owners) = (BTreeSet::new(), self.owners());
        for (folder, priority) in FOLDERS {
            let names = match self.candidates(folder, room, tick, &mut there) {
                Ok(names) => names,
                Err(error) => {
                    warn!(folder = %self.folder.join(folder).display(), %error, "the pickup folder cannot be read");
                    continue;
                }
            };
            let (most, mut claimed) = (room, 0);
            for name in &names {
                claimed += usize::from(self.claim((folder, priority), name, &mut owners, tick));
            }
            room = room.saturating_sub(claimed);
            match names.last() {
                _ if most == 0 => {} // nothing was looked at
                Some(last) if names.len() == most && claimed < most => drop(self.behind.insert(folder, last.clone())),
                _ => drop(self.behind.remove(folder)),
            }
        }
        self.was_full = self.had_room && room == 0;
        self.watched.keep(|name| there.contains(name));
        let waiting = &self.waiting;
        self.reported.keep(|name| there.contains(name) || waiting.contains_key(name));
    }

    /// How many claims of whom wait.
    fn owners(&self) -> HashMap<u32, usize> {
        let mut owners = HashMap::new();
        self.waiting.values().for_each(|(_, pause)| *owners.entry(pause.owner).or_default() += 1);
        owners
    }

    /// The smallest names of a folder that are worth a look, in their order. `there`: those of which something is known.
    fn candidates(
        &mut self,
        folder: &'static str,
        room: usize,
        tick: Tick,
        there: &mut BTreeSet<String>,
    ) -> io::Result<Vec<String>> {
        let (mut smallest, mut is_nameless) = (BinaryHeap::new(), false);
        let (watched, reported, behind) = (&self.watched, &self.reported, self.behind.get(folder));
        self.files.each_name(folder, &mut |name| {
            let Some(name) = name else { return is_nameless = true };
            if names::is_unfinished(name) || (folder.is_empty() && [HIGH, LOW].contains(&name)) {
                return;
            }
            let path = join(folder, name);
            if reported.has(&path) || watched.has(&path) {
                there.insert(path.clone());
            }
            let rests = reported.rests(&path, tick) || watched.rests(&path, tick);
            if room > 0 && !rests && behind.is_none_or(|behind| path > *behind) {
                smallest.push(path);
                if smallest.len() > room {
                    smallest.pop();
                }
            }
        })?;
        if is_nameless {
            let path = join(folder, NOT_TEXT);
            self.report_once(&path, "its name is not UTF-8; rename it", tick);
            there.insert(path);
        }
        let names = smallest.into_sorted_vec();
        there.extend(names.iter().cloned());
        Ok(names)
    }

    /// Claims a file that is complete. False: it is not, or cannot be claimed.
    fn claim(
        &mut self,
        (folder, priority): (&'static str, QueuePriority),
        path: &str,
        owners: &mut HashMap<u32, usize>,
        tick: Tick,
    ) -> bool {
        let file = match self.files.look(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            Err(error) => {
                self.report_once(path, error, tick);
                return false;
            }
        };
        if file.kind == FileKind::Folder {
            self.report_once(path, "it is a folder; only high and low are looked into", tick);
            return false;
        }
        let of_owner = owners.entry(file.owner).or_default();
        if *of_owner >= MOST_OF_ONE || (file.kind == FileKind::File && !self.is_ready(path, &file, tick)) {
            return false;
        }
        self.claims += 1;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let claim = Claim::new(tick.now, self.claims, &self.process, priority, name);
        match self.files.rename(path, &PickupFolder::path(&claim.name)) {
            Ok(()) => {
                self.unsynced.insert(folder);
                let pause = Pause { owner: file.owner, ..Pause::default() };
                self.waiting.insert(claim.name.clone(), (claim, pause));
                *of_owner += 1;
                true
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_gone(path) => false,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let why = format!("it cannot be moved, because {CLAIMED} was removed; start the engine again");
                self.report_once(path, why, tick);
                false
            }
            Err(error) => {
                let why = format!("it cannot be moved ({error}); let the user of the engine own the folder");
                self.report_once(path, why, tick);
                false
            }
        }
    }

    fn is_gone(&self, path: &str) -> bool {
        self.files.look(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// It is complete, and we may read it: what may not be read stays where it is.
    fn is_ready(&mut self, path: &str, file: &FileSeen, tick: Tick) -> bool {
        let is_whole = names::is_whole(path.rsplit_once('/').map_or(path, |(_, name)| name));
        let rest = if is_whole && file.size > 0 && file.links == 1 { Duration::ZERO } else { self.is.rest };
        if !self.watched.has_rested(path, file, rest, tick) {
            return false;
        }
        if file.size > self.most().saturating_mul(MOST_KEPT) {
            let why = format!("it has {} octets, far more than a mail may have (limits.message_size)", file.size);
            self.report_once(path, why, tick);
            return false;
        }
        match self.files.open_to_read(path) {
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                self.report_once(
                    path,
                    format!("it cannot be read ({error}); let the user of the engine read it"),
                    tick,
                );
                false
            }
        }
    }

    /// A loss of power may leave a file that was being claimed where it was as well: then it is claimed, and not here.
    pub(super) fn end_moves(&self) -> io::Result<()> {
        let mut claimed = BTreeSet::new();
        for claim in self.waiting.keys() {
            claimed.insert(self.files.look(&PickupFolder::path(claim))?.number);
        }
        if claimed.is_empty() {
            return Ok(());
        }
        for (folder, _) in FOLDERS {
            let mut names = Vec::new();
            self.files.each_name(folder, &mut |name| names.extend(name.map(|name| join(folder, name))))?;
            for name in names {
                let seen = self.files.look(&name);
                // One with two names on disk is a link, which is refused when it is read.
                if seen.is_ok_and(|seen| seen.links == 1 && claimed.contains(&seen.number)) {
                    warn!(folder = %self.folder.display(), file = name, "was being claimed when power was lost");
                    self.files.unlink(&name)?;
                }
            }
        }
        Ok(())
    }

    /// What was claimed and removed is on disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced.is_empty() && !self.has_removed {
            return Ok(());
        }
        // That a file is here comes first: there is no moment in which it is nowhere.
        self.files.sync_folder(CLAIMED)?;
        for folder in &self.unsynced {
            self.files.sync_folder(folder)?;
        }
        self.unsynced.clear();
        self.has_removed = false;
        Ok(())
    }

    /// Why something that is no file, or is not only here, is no mail.
    pub(super) fn is_foreign(file: &FileSeen) -> Option<FileProblem> {
        let problem = |code, text| Some(FileProblem::new(code, text));
        match file.kind {
            FileKind::File if file.links == 1 => None,
            FileKind::File => {
                problem(FileCode::Link, "the file has another name elsewhere: copy it into the folder, do not link it")
            }
            FileKind::Link => problem(FileCode::Link, "it is a symbolic link: copy the file into the folder"),
            _ => problem(FileCode::NotAFile, "it is a pipe, a socket or a device: only files are mailed"),
        }
    }

    /// When something that is known will be due.
    pub(super) fn again(&self, tick: Tick) -> Option<Duration> {
        let waiting = self.waiting.values().map(|(_, pause)| pause.until);
        let at_once =
            (self.was_full || self.has_removed || (self.had_room && !self.behind.is_empty())).then_some(tick.passed);
        let watched = self.watched.next().filter(|_| self.had_room);
        let next = waiting.chain(watched).chain(at_once).min()?;
        Some(next.saturating_sub(tick.passed))
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
