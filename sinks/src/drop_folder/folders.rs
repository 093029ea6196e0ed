//! The folders that files go into, held open: those of domains are made when their first mail comes.
//!
//! Rule: below the base no link is followed, and a folder's own name is on disk before anything in it is called delivered.

use std::{collections::HashSet, io, os::fd::OwnedFd, path::Path};

use rustix::{
    fs::{fstat, fsync, mkdirat, openat, Mode, OFlags},
    io::Errno,
};

const BASE: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const FOLDER: OFlags = BASE.union(OFlags::NOFOLLOW);
/// Less what the umask takes away, as with files.
const MODE: u32 = 0o770;
/// Folders that are remembered.
const MOST_KNOWN: usize = 10_000;

/// Folders whose names are known to be on disk, by what the system numbers them with.
#[derive(Default)]
pub(super) struct Known(HashSet<(u64, u64)>);

/// Opens the base, which has to be there: a disk that is not mounted would be filled elsewhere.
pub(super) fn open(base: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(base, BASE, Mode::empty())?)
}

/// Opens what lies below, and makes what is missing.
pub(super) fn make_below(base: OwnedFd, below: &Path, known: &mut Known) -> io::Result<OwnedFd> {
    let mut folder = base;
    for name in below {
        let (next, made) = open_or_make(&folder, Path::new(name))?;
        known.keep(&folder, &next, made)?;
        folder = next;
    }
    Ok(folder)
}

/// True: it was not there.
fn open_or_make(folder: &OwnedFd, name: &Path) -> io::Result<(OwnedFd, bool)> {
    match openat(folder, name, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) => {}
        opened => return Ok((opened?, false)),
    }
    match mkdirat(folder, name, Mode::from_raw_mode(MODE)) {
        Ok(()) | Err(Errno::EXIST) => {} // another target was faster
        Err(error) => return Err(error.into()),
    }
    Ok((openat(folder, name, FOLDER, Mode::empty())?, true))
}

impl Known {
    /// Brings the name of a folder to disk, whoever has made it: an attempt before a crash may have, and not come to this. One
    /// that was just made may have the number of one that was removed.
    #[allow(clippy::unnecessary_cast)] // the types differ from system to system
    fn keep(&mut self, above: &OwnedFd, folder: &OwnedFd, made: bool) -> io::Result<()> {
        let is = fstat(folder)?;
        let number = (is.st_dev as u64, is.st_ino as u64);
        if !made && self.0.contains(&number) {
            return Ok(());
        }
        fsync(above)?;
        if self.0.len() >= MOST_KNOWN {
            self.0.clear();
        }
        self.0.insert(number);
        Ok(())
    }
}
