//! The file layer: every file call of a spool goes through these traits, so that a double can fail at each of them.
//!
//! Names are relative to the folder that a layer was made for; folders are parted by `/`, and `""` is the top. Nothing
//! here does any I/O.

use std::{io, sync::Arc};

use thiserror::Error;

use crate::Moment;

/// The calls that change or list names.
pub trait Files: Send + Sync {
    /// Makes one folder; it may exist already.
    ///
    /// # Errors
    /// Those of the file system.
    fn make_folder(&self, name: &str) -> io::Result<()>;

    /// Locks a file, which is made if need be, for this process alone, until what it gives is dropped.
    ///
    /// # Errors
    /// [`LockError::InUse`] if somebody has it.
    fn lock(&self, name: &str) -> Result<Box<dyn Send>, LockError>;

    /// Makes a file that does not exist yet, for reading and writing.
    ///
    /// # Errors
    /// Those of the file system.
    fn create_new(&self, name: &str) -> io::Result<Arc<dyn OpenFile>>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::NotFound`] if there is none.
    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>>;

    /// Gives a file another name. After a loss of power it has the one or the other, until the folder is synced.
    ///
    /// # Errors
    /// Those of the file system.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Takes a file's name away.
    ///
    /// # Errors
    /// Those of the file system.
    fn unlink(&self, name: &str) -> io::Result<()>;

    /// Makes all changes of names in a folder survive a loss of power.
    ///
    /// # Errors
    /// Those of the file system.
    fn sync_folder(&self, name: &str) -> io::Result<()>;

    /// The names of the files in a folder, without the folder's, in no order.
    ///
    /// # Errors
    /// Those of the file system.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// How many octets are free for us on the disk.
    ///
    /// # Errors
    /// Those of the file system.
    fn free_octets(&self) -> io::Result<u64>;
}

/// The calls on one open file. It may be read and written from several threads; its name may change or go meanwhile.
pub trait OpenFile: Send + Sync {
    /// Its length in octets.
    ///
    /// # Errors
    /// Those of the file system.
    fn size(&self) -> io::Result<u64>;

    /// Reads up to `buffer.len()` octets; fewer only at the end of the file.
    ///
    /// # Errors
    /// Those of the file system.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes all octets. After a loss of power any of the sectors may have them, until the file is synced.
    ///
    /// # Errors
    /// Those of the file system; nothing is known about any of the octets then.
    fn write_at(&self, offset: u64, octets: &[u8]) -> io::Result<()>;

    /// Makes all that was written before the call survive a loss of power; not the file's name.
    ///
    /// # Errors
    /// Those of the file system; what was written since the last sync cannot be trusted any more, ever.
    fn sync_data(&self) -> io::Result<()>;

    /// Takes space for the first `octets` of the file, which reads as zeros where nothing was written: to write there
    /// cannot run out of space any more.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] if there is not enough; the file may have grown then.
    fn reserve(&self, octets: u64) -> io::Result<()>;

    /// Advice: what is cached of the file will not be needed soon.
    fn forget_cached(&self) {}
}

/// What has a name in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A file with octets.
    File,
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// A pipe, a socket or a device.
    Other,
}

/// A file, as it is seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// What it is.
    pub kind: FileKind,
    /// Its number: that of no other file of its disk.
    pub number: u64,
    /// How many names it has.
    pub links: u64,
    /// The user that it belongs to.
    pub owner: u32,
    /// Octets.
    pub size: u64,
    /// When it was written last, by the clock of its disk.
    pub modified: Moment,
    /// Differs when something about the file does: its octets, its size, its times. Means nothing by itself.
    pub version: u128,
}

/// Files that others put there, and may change while we look.
///
/// Nothing here follows a link: names are looked for in folders that are held open.
pub trait ForeignFiles: Files {
    /// Calls for each name in a folder, of whatever kind, in no order; `None` for one that is no text. Names that come and go
    /// meanwhile may be there or not.
    ///
    /// # Errors
    /// Those of the file system.
    fn each_name(&self, folder: &str, found: &mut dyn FnMut(Option<&str>)) -> io::Result<()>;

    /// What has this name, without opening it.
    ///
    /// # Errors
    /// Those of the file system.
    fn look(&self, name: &str) -> io::Result<FileSeen>;

    /// Opens a file for reading. A pipe without a writer does not make it wait.
    ///
    /// # Errors
    /// Those of the file system; that of a link among them.
    fn open_to_read(&self, name: &str) -> io::Result<Arc<dyn ForeignFile>>;
}

/// An open file that others may write to. The calls that write fail.
pub trait ForeignFile: OpenFile {
    /// What it is now.
    ///
    /// # Errors
    /// Those of the file system.
    fn seen(&self) -> io::Result<FileSeen>;
}

/// Why a file could not be locked.
#[derive(Debug, Error)]
pub enum LockError {
    /// A running process has it; `None`: it does not say which.
    #[error("it is in use by process {}", pid.map_or("(unknown)".to_owned(), |pid| pid.to_string()))]
    InUse {
        /// The process that has it.
        pid: Option<u32>,
    },
    /// The file cannot be made, or cannot be locked.
    #[error(transparent)]
    Io(#[from] io::Error),
}
