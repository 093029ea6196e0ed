//! One delivery into a drop folder, step by step.
//!
//! Rule: it is called delivered when file and name are on disk; what may not be there is taken back. Nothing in the folder
//! is followed or written over.

use std::{borrow::Cow, fs::File, io, io::BufWriter, os::fd::OwnedFd, sync::Arc};

use postrider_engine::{Address, Diagnosis, Draft, Outcome, QueueId, RcptNo, Reply, Scope};
use rustix::{
    fs::{fsync, openat, statat, unlinkat, AtFlags, Mode, OFlags},
    io::Errno,
};
use thiserror::Error;

use super::{
    folders::{make_below, open, Known},
    name, DropSettings,
};
use crate::mailfile::{publish, write, Done, Step, Watch, WriteError, BUFFER};

const NEW_FILE: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Less what the umask takes away: who may read is decided by it and by the folder.
const MODE: u32 = 0o660;

/// What is put where.
pub(super) struct Job {
    pub draft: Arc<Draft>,
    pub id: QueueId,
    /// That of all recipients, where each has a folder of its own; else empty.
    pub domain: String,
    pub to: Vec<(RcptNo, Address)>,
}

/// Why the folder does not have the mail. No path is told: replies go to strangers.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("no folder can have the name of this domain")]
    NoFolder,
    /// What is the same for all.
    #[error("the folder cannot be used: opening it: {0}")]
    Base(io::Error),
    #[error("no space is left on the disk of the folder")]
    NoSpace,
    #[error("the folder cannot be used: {step}: {source}")]
    Folder { step: &'static str, source: io::Error },
    #[error("the content cannot be read back: {0}")]
    Content(io::Error),
}

impl Trouble {
    fn when(step: &'static str) -> impl FnOnce(io::Error) -> Trouble {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::NoSpace,
            _ => Trouble::Folder { step, source },
        }
    }

    fn of_base(error: io::Error) -> Trouble {
        match Trouble::when("opening it")(error) {
            Trouble::Folder { source, .. } => Trouble::Base(source),
            other => other,
        }
    }

    /// A folder that cannot be written is a hop that is down. One of a domain holds up nobody else, as long as that which is
    /// the same for all is there.
    pub(super) fn outcome(&self, of_domain: bool) -> Outcome {
        let folder = if of_domain { Scope::Recipient } else { Scope::Hop };
        let (scope, reply) = match self {
            Trouble::NoFolder => (Scope::Recipient, Reply::new(550, 1, 2, "")),
            Trouble::Base(_) => (Scope::Hop, Reply::new(451, 3, 0, "")),
            Trouble::NoSpace => (folder, Reply::new(452, 3, 1, "")),
            Trouble::Folder { .. } => (folder, Reply::new(451, 3, 0, "")),
            Trouble::Content(_) => (Scope::Mail, Reply::new(451, 3, 0, "")),
        };
        Outcome::refused(Diagnosis::own(scope, reply.with_text(Cow::Owned(self.to_string()))))
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::File(source) => Trouble::when("writing")(source),
            WriteError::Content(source) => Trouble::Content(source),
        }
    }
}

/// Puts the mail there, unless an earlier attempt has.
pub(super) fn run(is: &DropSettings, job: &Job, known: &mut Known, watch: &dyn Watch) -> Result<Done, Trouble> {
    let below = is.place.below(&job.domain).ok_or(Trouble::NoFolder)?;
    let base = watch.before(Step::Open).and_then(|()| open(&is.place.base()));
    let folder = make_below(base.map_err(Trouble::of_base)?, &below, known).map_err(Trouble::when("opening it"))?;
    let name = name::name(&is.origin, job.id, job.draft.envelope.arrived, job.to.iter().map(|(no, _)| *no));
    if has(&folder, &name).map_err(Trouble::when("looking into it"))? {
        return keep(&folder, watch).map(|()| Done::Before);
    }
    let hidden = name::hidden(&name);
    fill(is, job, &folder, &hidden, watch).inspect_err(|_| drop(remove(&folder, &hidden)))?;
    let published = watch.before(Step::Publish).and_then(|()| publish(&folder, &hidden, &folder, &name));
    let published = published.map_err(Trouble::when("naming a file"));
    if !published.inspect_err(|_| drop(remove(&folder, &hidden)))? {
        let _ = remove(&folder, &hidden);
        return keep(&folder, watch).map(|()| Done::Before);
    }
    // After a sync that failed nobody knows what is on disk, and a second one would say that all is well.
    keep(&folder, watch).inspect_err(|_| drop(remove(&folder, &name)))?;
    let _ = watch.before(Step::Tell);
    Ok(Done::Now)
}

fn fill(is: &DropSettings, job: &Job, folder: &OwnedFd, hidden: &str, watch: &dyn Watch) -> Result<(), Trouble> {
    let created = watch.before(Step::Create).and_then(|()| create(folder, hidden));
    let file = created.map_err(Trouble::when("making a file"))?;
    watch.before(Step::Write).map_err(Trouble::when("writing"))?;
    let above = if is.envelope { envelope(job) } else { String::new() };
    write(BufWriter::with_capacity(BUFFER, &file), &above, &job.draft.content, false)?;
    watch.before(Step::Sync).and_then(|()| file.sync_all()).map_err(Trouble::when("syncing a file"))
}

/// The lines in front of the mail, as IIS wrote and read them; the null sender is `<>`.
fn envelope(job: &Job) -> String {
    let sender = job.draft.envelope.sender.as_ref().map_or("<>", Address::as_str);
    let receivers = job.to.iter().map(|(_, to)| format!("x-receiver: {to}\r\n"));
    format!("x-sender: {sender}\r\n{}", receivers.collect::<String>())
}

/// What has the hidden name already is ours, of an attempt that was cut short, or a trap; it is replaced.
fn create(folder: &OwnedFd, hidden: &str) -> io::Result<File> {
    remove(folder, hidden)?;
    Ok(File::from(openat(folder, hidden, NEW_FILE, Mode::from_raw_mode(MODE))?))
}

fn remove(folder: &OwnedFd, name: &str) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn has(folder: &OwnedFd, name: &str) -> io::Result<bool> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Brings a name to disk. That of an earlier attempt may not be there yet, so it is synced whoever made it.
fn keep(folder: &OwnedFd, watch: &dyn Watch) -> Result<(), Trouble> {
    let synced = watch.before(Step::Keep).and_then(|()| Ok(fsync(folder)?));
    synced.map_err(Trouble::when("syncing it"))
}
