//! The file layer that has a disk under it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use postrider_engine::{Files, LockError, OpenFile};
use rustix::{
    fs::{fadvise, fallocate, flock, Advice, FallocateFlags, FlockOperation, OFlags},
    process::{test_kill_process, Pid},
};

/// Who may do what with folders and files that are made: the bits of `chmod`, less those that the umask of the process takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Of folders.
    pub folder: u32,
    /// Of files.
    pub file: u32,
}

impl Modes {
    /// What the umask leaves.
    pub const USUAL: Modes = Modes { folder: 0o777, file: 0o666 };
    /// For the user of this process alone.
    pub const PRIVATE: Modes = Modes { folder: 0o700, file: 0o600 };
}

/// A link is not followed, and a pipe is not waited for.
#[allow(clippy::cast_possible_wrap)] // these are flags
const NOT_FOLLOWED: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits() as i32;

/// The files of one folder.
#[derive(Clone, Debug)]
pub struct RealFiles {
    top: PathBuf,
    modes: Modes,
}

impl RealFiles {
    /// The files of this folder, which is made with those above it if need be.
    ///
    /// # Errors
    /// Those of the file system; the text names the folder.
    pub fn at(top: impl Into<PathBuf>) -> io::Result<Self> {
        RealFiles::with_modes(top, Modes::USUAL)
    }

    /// The same, and all that is made has these modes. What is there already keeps its own.
    ///
    /// # Errors
    /// Those of the file system; the text names the folder.
    pub fn with_modes(top: impl Into<PathBuf>, modes: Modes) -> io::Result<Self> {
        let top = top.into();
        let made = make_durable(&top, modes.folder);
        made.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", top.display())))?;
        Ok(RealFiles { top, modes })
    }

    /// The files of a folder that is there. Nothing is made.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::NotFound`] if there is none.
    pub fn of(top: impl Into<PathBuf>) -> io::Result<Self> {
        let top = top.into();
        match fs::metadata(&top)?.is_dir() {
            true => Ok(RealFiles { top, modes: Modes::USUAL }),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn to_write(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(self.modes.file);
        options
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }
}

/// The process that has the spool in this folder; `None`: nobody. Nothing is made or changed.
///
/// # Errors
/// Those of the file system, but for a folder without a spool: nobody has that.
pub fn holder(folder: &Path) -> io::Result<Option<u32>> {
    let file = match File::open(folder.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut text = String::new();
    (&file).take(LONGEST_PID).read_to_string(&mut text)?;
    let number = text.trim().parse::<u32>().ok();
    let pid = number.and_then(|number| Pid::from_raw(number.try_into().ok()?));
    // The lock is only tried where its process still runs: whoever is about to start must not find it taken.
    let is_gone = pid.is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH));
    match is_gone || flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        true => Ok(None),
        false => Ok(number),
    }
}

/// The file whose lock says who has the spool.
pub(super) const LOCK: &str = "lock";
/// Octets of the number of a process, and more than that.
const LONGEST_PID: u64 = 32;

/// Makes a folder, those above it first, and syncs each into the one above.
fn make_durable(folder: &Path, mode: u32) -> io::Result<()> {
    if folder.is_dir() || folder.as_os_str().is_empty() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    make_durable(above, mode)?;
    match DirBuilder::new().mode(mode).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
    File::open(above)?.sync_all()
}

impl Files for RealFiles {
    fn make_folder(&self, name: &str) -> io::Result<()> {
        match DirBuilder::new().mode(self.modes.folder).create(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    fn lock(&self, name: &str) -> Result<Box<dyn Send>, LockError> {
        let open = self.to_write().create(true).truncate(false).open(self.path(name));
        lock(open?)
    }

    fn create_new(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        let file = self.to_write().create_new(true).open(self.path(name))?;
        Ok(Arc::new(RealFile(file)))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        Ok(Arc::new(RealFile(self.to_write().custom_flags(NOT_FOLLOWED).open(self.path(name))?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync_folder(&self, name: &str) -> io::Result<()> {
        File::open(self.path(name))?.sync_all()
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(folder))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    }

    fn free_octets(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.top)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

/// Locks an open file for this process, whose number it has then.
pub(crate) fn lock(mut file: File) -> Result<Box<dyn Send>, LockError> {
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid)?;
            return Err(LockError::InUse { pid: pid.trim().parse().ok() });
        }
        locked => locked.map_err(io::Error::from)?,
    }
    file.set_len(0)?;
    file.write_all(format!("{}\n", std::process::id()).as_bytes())?;
    Ok(Box::new(file))
}

/// Fills the buffer, unless the file ends before.
pub(crate) fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

struct RealFile(File);

impl OpenFile for RealFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(&self.0, offset, buffer)
    }

    fn write_at(&self, offset: u64, octets: &[u8]) -> io::Result<()> {
        self.0.write_all_at(octets, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn reserve(&self, octets: u64) -> io::Result<()> {
        match fallocate(&self.0, FallocateFlags::empty(), 0, octets) {
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => self.fill(octets),
            reserved => Ok(reserved?),
        }
    }

    fn forget_cached(&self) {
        let _ = fadvise(&self.0, 0, None, Advice::DontNeed);
    }
}

impl RealFile {
    /// Where space cannot be reserved, zeros take it.
    fn fill(&self, octets: u64) -> io::Result<()> {
        static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
        let mut at = self.size()?;
        while at < octets {
            let n = (octets - at).min(ZEROS.len() as u64);
            self.write_at(at, &ZEROS[..usize::try_from(n).unwrap_or(ZEROS.len())])?;
            at += n;
        }
        Ok(())
    }
}
