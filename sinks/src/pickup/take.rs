//! Reads claims: each becomes a mail, or bad mail, or waits.
//!
//! Rule: what is mailed is what was read, at one go, from a file that did not change meanwhile.

use std::{
    io,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
};

use postrider_engine::{
    pickup::{read_file, FileCode, FileMail, FileProblem, Tick, MAX_ENVELOPE},
    Draft, FileSeen, ForeignFile, Making, Trace,
};

use super::{
    names::Claim,
    settle::{Found, Pause},
    PickupFolder, MOST_FILES, MOST_OCTETS,
};

/// So many times as large as a mail a file may be that is kept as bad mail: a file that is nothing but a hole costs its owner
/// nothing, and would fill the disk.
pub(super) const MOST_KEPT: u64 = 4;

/// What a claim came to.
enum Read {
    /// The mail, and the file as it was read.
    Mail(Box<Draft>, FileSeen),
    Problem(FileProblem, Found),
    /// Somebody writes to it still.
    Grows,
    Gone,
}

impl PickupFolder {
    /// The mails of this round: claims that are due, the urgent first, then by name.
    pub(super) fn take_some(&mut self, tick: Tick) -> Vec<FileMail> {
        let (mut mails, mut octets) = (Vec::new(), 0);
        for name in self.due(tick) {
            if mails.len() >= MOST_FILES || octets >= MOST_OCTETS {
                break;
            }
            let Some((claim, pause)) = self.waiting.remove(&name) else { continue };
            if pause.is_doubtful {
                self.refuse_doubtful(claim, pause, tick);
                continue;
            }
            match self.read(&claim, tick) {
                Ok(Read::Mail(draft, seen)) => {
                    octets += seen.size;
                    let pause = Pause { read: Some((seen.size, seen.modified)), ..pause };
                    let key: Arc<str> = claim.name.as_str().into();
                    self.out.insert(Arc::clone(&key), (claim, pause));
                    mails.push(FileMail { claim: key, draft: *draft });
                }
                Ok(Read::Problem(problem, found)) if pause.is_inherited => {
                    self.refuse(claim, pause, &perhaps(&problem), found, tick);
                }
                Ok(Read::Problem(problem, found)) => self.refuse(claim, pause, &problem, found, tick),
                Ok(Read::Grows) => {
                    let pause = pause.next(self.is.rest, tick);
                    self.waiting.insert(name, (claim, pause));
                }
                Ok(Read::Gone) => self.report_once(&claim.name, "somebody has taken the claim away", tick),
                Err(error) => {
                    self.report_once(&claim.name, format!("it cannot be read now: {error}"), tick);
                    self.wait(claim, pause, tick);
                }
            }
        }
        mails
    }

    fn due(&self, tick: Tick) -> Vec<String> {
        let due = self.waiting.values().filter(|(_, pause)| pause.until <= tick.passed);
        let mut due: Vec<&Claim> = due.map(|(claim, _)| claim).collect();
        due.sort_by(|one, other| other.priority.cmp(&one.priority).then_with(|| one.name.cmp(&other.name)));
        due.into_iter().map(|claim| claim.name.clone()).collect()
    }

    fn read(&self, claim: &Claim, tick: Tick) -> io::Result<Read> {
        let path = PickupFolder::path(&claim.name);
        let seen = match self.files.look(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::Gone),
            seen => seen?,
        };
        if let Some(problem) = PickupFolder::is_foreign(&seen) {
            return Ok(Read::Problem(problem, Found { seen: Some(seen), file: None }));
        }
        let file = self.files.open_to_read(&path)?;
        let before = file.seen()?;
        if let Some(problem) = PickupFolder::is_foreign(&before) {
            return Ok(Read::Problem(problem, Found { seen: Some(before), file: None }));
        }
        let most = self.most();
        if before.size > most.saturating_mul(MOST_KEPT) {
            return Err(io::Error::other(format!("it has grown to {} octets since it was claimed", before.size)));
        }
        if before.size > most {
            let text = format!("the file has {} octets, and a mail at most {most} (limits.message_size)", before.size);
            return Ok(Read::Problem(
                FileProblem::new(FileCode::TooLarge, text),
                Found { seen: Some(before), file: Some(file) },
            ));
        }
        let mut octets = vec![0; usize::try_from(before.size).unwrap_or(0)];
        let read = file.read_at(0, &mut octets)?;
        if read as u64 != before.size || file.seen()?.version != before.version {
            return Ok(Read::Grows);
        }
        Ok(self.mail(claim, &octets, before, file, tick))
    }

    /// Octets that a file with a mail may have.
    pub(super) fn most(&self) -> u64 {
        self.is.rules.limits.message_size.saturating_add(MAX_ENVELOPE as u64)
    }

    fn mail(&self, claim: &Claim, octets: &[u8], seen: FileSeen, file: Arc<dyn ForeignFile>, tick: Tick) -> Read {
        let making = Making { now: tick.now, host: &self.is.host, unique: unique_of(&claim.name) };
        let read = AssertUnwindSafe(|| read_file(octets, &self.is.rules, &making));
        let fault = |_| {
            let text = "reading it made a fault of the program, which is in the log: report it, with this file";
            Err(FileProblem::new(FileCode::Unreadable, text))
        };
        // One file that breaks us must not cost the folder.
        match catch_unwind(read).unwrap_or_else(fault) {
            Ok(mut draft) => {
                draft.envelope.priority = claim.priority;
                draft.envelope.peer.identity = Some(format!("uid:{}", seen.owner));
                let (hostname, date) = (&*self.is.host, tick.now.rfc5322());
                let trace = Trace { hostname, id: claim.id(), date: &date };
                draft.content.prepend(trace.received(&draft.envelope));
                Read::Mail(Box::new(draft), seen)
            }
            Err(problem) => Read::Problem(problem, Found { seen: Some(seen), file: Some(file) }),
        }
    }
}

/// A process before has claimed it, when settings were others perhaps, and has perhaps mailed it.
fn perhaps(problem: &FileProblem) -> FileProblem {
    let text =
        format!("{problem}. It was claimed before the last start, so it may have been mailed then: look into the log");
    let mut perhaps = FileProblem::new(FileCode::PerhapsMailed, text);
    (perhaps.field, perhaps.line) = (problem.field.clone(), problem.line);
    perhaps
}

/// A number that no other claim gives, and that is the same when it is read again: the mail's own id is made of it.
fn unique_of(claim: &str) -> u128 {
    let key = postrider_engine::KeyHash::of(claim);
    u128::from_be_bytes(*key.octets())
}
