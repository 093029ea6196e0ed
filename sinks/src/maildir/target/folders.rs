//! The folders of one mailbox, held open: whoever may write into a mailbox can move what is in it while we work there.
//!
//! Rule: no symbolic link is followed at or below the mailbox itself, and a folder that was made is on disk, with its
//! name, before anything is put into it.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{fchown, DirBuilderExt, PermissionsExt},
    },
    path::Path,
};

use rustix::{
    fs::{fsync, mkdirat, open, openat, unlinkat, AtFlags, Dir, Mode, OFlags},
    io::Errno,
};

use super::{MaildirSettings, Owner};
use crate::mailfile::publish;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const NEW_FILE: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The four folders.
pub(super) struct Mailbox {
    pub base: OwnedFd,
    pub tmp: OwnedFd,
    pub new: OwnedFd,
    pub cur: OwnedFd,
}

/// How folders and files are made.
#[derive(Clone, Copy)]
pub(super) struct Making {
    mode: u32,
    owner: Option<Owner>,
}

impl Making {
    pub fn of(settings: &MaildirSettings) -> Self {
        Making { mode: settings.mode, owner: settings.owner }
    }

    /// Mode and owner of what was just made, whatever the umask.
    fn dress(self, made: &File, mode: u32) -> io::Result<()> {
        made.set_permissions(Permissions::from_mode(mode))?;
        match self.owner {
            Some(Owner { uid, gid }) => fchown(made, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }
}

impl Mailbox {
    /// Opens a mailbox, and makes what is missing of it.
    pub fn open(path: &Path, making: Making) -> io::Result<Self> {
        let base = match open(path, FOLDER, Mode::empty()) {
            Err(Errno::NOENT) => {
                make_all(path, making)?;
                open(path, FOLDER, Mode::empty())?
            }
            opened => opened?,
        };
        let [tmp, new, cur] = ["tmp", "new", "cur"].map(|name| open_or_make(&base, name, making));
        Ok(Mailbox { tmp: tmp?, new: new?, cur: cur?, base })
    }

    /// Makes a file in `tmp`. What has the name already is ours, of an attempt that was cut short, or a trap; either
    /// way it is not written to, but replaced.
    pub fn create(&self, name: &str, making: Making) -> io::Result<File> {
        let mode = making.mode & 0o666;
        self.remove(name)?;
        let file = File::from(openat(&self.tmp, name, NEW_FILE, Mode::from_raw_mode(mode))?);
        making.dress(&file, mode)?;
        Ok(file)
    }

    /// Takes a file out of `tmp`, if it is there.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match unlinkat(&self.tmp, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a file back out of `new`.
    pub fn take_back(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.new, name, AtFlags::empty())?)
    }

    /// Moves a file from `tmp` to `new`. False: `new` has one of this name, and keeps it.
    pub fn publish(&self, name: &str) -> io::Result<bool> {
        publish(&self.tmp, name, &self.new, name)
    }
}

/// Makes the names in a folder survive a loss of power.
pub(super) fn sync(folder: impl AsFd) -> io::Result<()> {
    Ok(fsync(folder)?)
}

/// A folder in a folder; `None`: there is none, or it is none.
pub(super) fn below(folder: impl AsFd, name: &[u8]) -> io::Result<Option<OwnedFd>> {
    match openat(folder, name, FOLDER, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Goes through the names in a folder until `each` has found what it wants.
pub(super) fn each_name<T>(
    folder: impl AsFd,
    mut each: impl FnMut(&[u8]) -> io::Result<Option<T>>,
) -> io::Result<Option<T>> {
    let mut names = Dir::read_from(folder)?;
    while let Some(entry) = names.read() {
        if let Some(found) = each(entry?.file_name().to_bytes())? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn open_or_make(base: &OwnedFd, name: &str, making: Making) -> io::Result<OwnedFd> {
    match openat(base, name, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) => {}
        opened => return Ok(opened?),
    }
    match mkdirat(base, name, Mode::from_raw_mode(making.mode)) {
        Ok(()) | Err(Errno::EXIST) => {} // another target was faster
        Err(error) => return Err(error.into()),
    }
    let made = File::from(openat(base, name, FOLDER, Mode::empty())?);
    making.dress(&made, making.mode)?;
    sync(base)?;
    Ok(made.into())
}

/// Makes a folder and those above it that are missing.
fn make_all(path: &Path, making: Making) -> io::Result<()> {
    let mut missing: Vec<&Path> = Vec::new();
    let mut nearest = path;
    while let Err(error) = fs::symlink_metadata(nearest) {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error);
        }
        missing.push(nearest);
        nearest = above(nearest);
    }
    for folder in missing.into_iter().rev() {
        match DirBuilder::new().mode(making.mode).create(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        making.dress(&File::from(open(folder, FOLDER, Mode::empty())?), making.mode)?;
        File::open(above(folder))?.sync_all()?;
    }
    Ok(())
}

fn above(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
