//! The folders of a pickup folder on a real disk, held open: whoever may write there can move what is in them while we work.
//!
//! Rule: no link is followed at or below the folder, and nothing is reached but by a descriptor that was opened at the start.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::Path,
    sync::Arc,
};

use postrider_engine::{FileKind, FileSeen, Files, ForeignFile, ForeignFiles, LockError, Moment, OpenFile};
use rustix::{
    fs::{
        fchmod, fstatvfs, fsync, mkdirat, open, openat, renameat, statat, unlinkat, AtFlags, Dir, FileType, Mode,
        OFlags, Stat,
    },
    io::Errno,
};

use super::{CLAIMED, HIGH, LOW};
use crate::disk::{lock, read_at};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const READ: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// The folder and those below it.
pub(super) struct Held {
    top: OwnedFd,
    below: BTreeMap<&'static str, OwnedFd>,
}

impl Held {
    /// Opens the folder, and makes what is missing of it: itself and the urgent and the other with this mode, that of claims
    /// for us alone.
    pub fn open(path: &Path, mode: u32) -> io::Result<Self> {
        if !path.is_dir() {
            make_all(path, mode)?;
        }
        let top = open(path, FOLDER, Mode::empty())?;
        let below = [(HIGH, mode), (LOW, mode), (CLAIMED, 0o700)];
        let below = below.into_iter().map(|(name, mode)| Ok((name, open_or_make(&top, name, mode)?)));
        let held = Held { below: below.collect::<io::Result<_>>()?, top };
        fsync(&held.top)?;
        held.is_ours(CLAIMED)?;
        Ok(held)
    }

    /// Somebody else could take claims away, or put files among them.
    fn is_ours(&self, name: &str) -> io::Result<()> {
        let found = rustix::fs::fstat(self.folder(name)?)?;
        let is_ours = found.st_uid == rustix::process::geteuid().as_raw() && found.st_mode & 0o077 == 0;
        let wrong = || {
            let text = format!("the folder {name} in it was made by somebody else, or others may open it: remove it");
            io::Error::new(io::ErrorKind::PermissionDenied, text)
        };
        is_ours.then_some(()).ok_or_else(wrong)
    }

    fn folder(&self, name: &str) -> io::Result<&OwnedFd> {
        match name {
            "" => Ok(&self.top),
            name => self.below.get(name).ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }

    /// The folder of a name, and the rest.
    fn place<'a>(&self, name: &'a str) -> io::Result<(&OwnedFd, &'a str)> {
        match name.split_once('/') {
            Some((folder, name)) if !name.contains('/') => Ok((self.folder(folder)?, name)),
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
            None => Ok((&self.top, name)),
        }
    }
}

/// Makes the folder and those above it. Only itself has the mode.
fn make_all(path: &Path, mode: u32) -> io::Result<()> {
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty() && !above.is_dir()) {
        make_all(above, 0o755)?;
    }
    fs::create_dir(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?; // whatever the umask
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(above)?.sync_all()
}

fn open_or_make(top: &OwnedFd, name: &str, mode: u32) -> io::Result<OwnedFd> {
    let flags = FOLDER | OFlags::NOFOLLOW;
    match openat(top, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => {
            mkdirat(top, name, Mode::from_raw_mode(0o700))?;
            let made = openat(top, name, flags, Mode::empty())?;
            fchmod(&made, Mode::from_raw_mode(mode))?;
            Ok(made)
        }
        Err(Errno::NOTDIR | Errno::LOOP) => {
            let text = format!("{name} in it is no folder, or a link: remove it");
            Err(io::Error::new(io::ErrorKind::NotADirectory, text))
        }
        opened => Ok(opened?),
    }
}

impl Files for Held {
    /// All there are were made at the start.
    fn make_folder(&self, name: &str) -> io::Result<()> {
        self.folder(name).map(|_| ())
    }

    fn lock(&self, name: &str) -> Result<Box<dyn Send>, LockError> {
        let (folder, name) = self.place(name)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        lock(File::from(openat(folder, name, flags, Mode::from_raw_mode(0o600)).map_err(io::Error::from)?))
    }

    /// Nothing is written here.
    fn create_new(&self, _: &str) -> io::Result<Arc<dyn OpenFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        let (folder, name) = self.place(name)?;
        Ok(Arc::new(HeldFile(File::from(openat(folder, name, READ, Mode::empty())?))))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from_folder, from), (to_folder, to)) = (self.place(from)?, self.place(to)?);
        Ok(renameat(from_folder, from, to_folder, to)?)
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        let (folder, name) = self.place(name)?;
        Ok(unlinkat(folder, name, AtFlags::empty())?)
    }

    fn sync_folder(&self, name: &str) -> io::Result<()> {
        Ok(fsync(self.folder(name)?)?)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        self.each_name(folder, &mut |name| names.extend(name.map(str::to_owned)))?;
        Ok(names)
    }

    fn free_octets(&self) -> io::Result<u64> {
        let disk = fstatvfs(&self.top)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

impl ForeignFiles for Held {
    fn each_name(&self, folder: &str, found: &mut dyn FnMut(Option<&str>)) -> io::Result<()> {
        for entry in Dir::read_from(self.folder(folder)?)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") => {}
                name => found(name.ok()),
            }
        }
        Ok(())
    }

    fn look(&self, name: &str) -> io::Result<FileSeen> {
        let (folder, name) = self.place(name)?;
        Ok(seen_from_outside(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    fn open_to_read(&self, name: &str) -> io::Result<Arc<dyn ForeignFile>> {
        let (folder, name) = self.place(name)?;
        Ok(Arc::new(HeldFile(File::from(openat(folder, name, READ, Mode::empty())?))))
    }
}

fn kind(of: FileType) -> FileKind {
    match of {
        FileType::RegularFile => FileKind::File,
        FileType::Symlink => FileKind::Link,
        FileType::Directory => FileKind::Folder,
        _ => FileKind::Other,
    }
}

/// Both times to the nanosecond, and the size.
fn version(modified: (i64, i64), changed: (i64, i64), size: u64) -> u128 {
    let octets =
        |(seconds, nanos): (i64, i64)| (u128::from(seconds.unsigned_abs()) << 30) | u128::from(nanos.unsigned_abs());
    octets(modified).wrapping_mul(0x1_0000_01B3).wrapping_add(octets(changed)).wrapping_mul(0x1_0000_01B3)
        ^ u128::from(size)
}

fn moment(seconds: i64, nanos: i64) -> Moment {
    let millis = u64::try_from(nanos / 1_000_000).unwrap_or(0);
    Moment(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000).saturating_add(millis))
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "types of fields differ between systems")]
fn seen_from_outside(found: &Stat) -> FileSeen {
    let modified = (i64::from(found.st_mtime), found.st_mtime_nsec as i64);
    let changed = (i64::from(found.st_ctime), found.st_ctime_nsec as i64);
    let size = u64::try_from(found.st_size).unwrap_or(0);
    FileSeen {
        kind: kind(FileType::from_raw_mode(found.st_mode)),
        number: found.st_ino as u64,
        links: u64::from(found.st_nlink),
        owner: found.st_uid,
        size,
        modified: moment(modified.0, modified.1),
        version: version(modified, changed, size),
    }
}

/// A file of somebody else's.
struct HeldFile(File);

impl OpenFile for HeldFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(&self.0, offset, buffer)
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn reserve(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl ForeignFile for HeldFile {
    fn seen(&self) -> io::Result<FileSeen> {
        let found = self.0.metadata()?;
        let (modified, changed) = ((found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
        Ok(FileSeen {
            kind: kind(FileType::from_raw_mode(found.mode())),
            number: found.ino(),
            links: found.nlink(),
            owner: found.uid(),
            size: found.len(),
            modified: moment(modified.0, modified.1),
            version: version(modified, changed, found.len()),
        })
    }
}
