//! The file layer: every file call of a spool goes through these traits, so that a double can fail at each of them.
//!
//! Names are relative to the folder that a layer was made for; folders are parted by `/`, and `""` is the top. Nothing
//! here does any I/O.

use std::{io, sync::Arc};

use thiserror::Error;

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
