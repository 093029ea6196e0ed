//! A file layer in memory that loses power: the double under which the spool is tested.
//!
//! It keeps what was synced, and of everything else what the test chooses: any of the versions that an unsynced sector
//! had, any of the changes of names that no sync of their folder covered. It can crash at every call, fail writes and
//! syncs, run out of space, lie about syncs, and be damaged. Folders themselves are always there.
//!
//! It is here, and not among the tests, for those who test what stands on a spool.

#![allow(clippy::disallowed_types, reason = "a double stands for the disk, which everybody shares; no engine uses it")]

mod disk;
mod foreign;
mod inode;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use postrider_engine::{Files, LockError, OpenFile};

pub use disk::Trouble;
use disk::{Change, Disk};

/// The double. A clone is the same disk.
#[derive(Clone, Default)]
pub struct FaultyFiles(Arc<Mutex<Disk>>);

/// Chooses one of so many possibilities, counted from 0.
pub type Choose<'a> = &'a mut dyn FnMut(usize) -> usize;

/// Chooses by a seed; 0 and 1 choose nothing and everything.
#[cfg(test)]
pub(crate) fn chooser(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |count| match seed {
        0 => 0,
        1 => count - 1,
        _ => {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as usize % count
        }
    }
}

impl FaultyFiles {
    /// An empty disk without faults.
    pub fn new() -> Self {
        FaultyFiles::default()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The n-th call from now on, counted from 1, does not return with success, nor does any after it: what it was to
    /// write may be on the disk or not.
    pub fn crash_at(&self, call: u64) {
        let mut disk = self.disk();
        disk.crash_at = Some(disk.calls + call);
    }

    /// It has crashed.
    pub fn has_crashed(&self) -> bool {
        self.disk().crashed
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.disk().calls
    }

    /// How many syncs of files there were.
    pub fn syncs(&self) -> u64 {
        self.disk().syncs
    }

    /// What goes wrong from now on.
    pub fn trouble(&self, trouble: Trouble) {
        self.disk().trouble = trouble;
    }

    /// From now on so many octets are free.
    pub fn set_free(&self, octets: u64) {
        self.disk().free = octets;
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<String> {
        self.disk().names.keys().cloned().collect()
    }

    /// The octets of a file.
    pub fn octets(&self, name: &str) -> Option<Vec<u8>> {
        self.disk().inode(name).map(|inode| inode.data.clone())
    }

    /// Overwrites octets of a file behind everybody's back, durably.
    pub fn damage(&self, name: &str, offset: u64, octets: &[u8]) {
        if let Some(inode) = self.disk().inode_mut(name) {
            inode.write(offset, octets);
            inode.sync();
        }
    }

    /// The disk after a loss of power. `choose` says which version of each unsynced sector is there (0: the synced one),
    /// and of each change of names that no sync covered, whether it is there (1) or not (0).
    pub fn after_power_loss(&self, choose: Choose<'_>) -> Self {
        FaultyFiles(Arc::new(Mutex::new(self.disk().after_power_loss(choose))))
    }

    /// The disk after the process was killed: everything is there, nothing more is synced.
    pub fn after_kill(&self) -> Self {
        FaultyFiles(Arc::new(Mutex::new(self.disk().after_kill())))
    }

    fn file(&self, inode: usize) -> Arc<dyn OpenFile> {
        Arc::new(FaultyFile { files: self.clone(), inode })
    }
}

impl Files for FaultyFiles {
    fn make_folder(&self, _name: &str) -> io::Result<()> {
        self.disk().call(|_| Ok(()))
    }

    fn lock(&self, _name: &str) -> Result<Box<dyn Send>, LockError> {
        let mut disk = self.disk();
        if disk.locked {
            return Err(LockError::InUse { pid: Some(std::process::id()) });
        }
        disk.call(|disk| {
            disk.locked = true;
            Ok(())
        })?;
        Ok(Box::new(Locked(self.clone())))
    }

    fn create_new(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        let inode = self.disk().call(|disk| disk.create(name))?;
        Ok(self.file(inode))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        let found = self.disk().call(|disk| disk.names.get(name).copied().ok_or(io::ErrorKind::NotFound.into()));
        Ok(self.file(found?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk().call(|disk| disk.change(Change::Rename(from.to_owned(), to.to_owned())))
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        self.disk().call(|disk| disk.change(Change::Unlink(name.to_owned())))
    }

    fn sync_folder(&self, name: &str) -> io::Result<()> {
        self.disk().call_sync(|disk| disk.sync_folder(name))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk().call(|disk| Ok(disk.list(folder)))
    }

    fn free_octets(&self) -> io::Result<u64> {
        self.disk().call(|disk| Ok(disk.free))
    }
}

struct Locked(FaultyFiles);

impl Drop for Locked {
    fn drop(&mut self) {
        self.0.disk().locked = false;
    }
}

struct FaultyFile {
    files: FaultyFiles,
    inode: usize,
}

impl OpenFile for FaultyFile {
    fn size(&self) -> io::Result<u64> {
        self.files.disk().call(|disk| Ok(disk.inodes[self.inode].data.len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.files.disk().call(|disk| Ok(disk.inodes[self.inode].read(offset, buffer)))
    }

    fn write_at(&self, offset: u64, octets: &[u8]) -> io::Result<()> {
        self.files.disk().call(|disk| {
            if disk.trouble.writes_fail {
                return Err(io::Error::other("a write error by the test's wish"));
            }
            disk.grow(self.inode, offset + octets.len() as u64)?;
            disk.inodes[self.inode].write(offset, octets);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.files.disk().call_sync(|disk| {
            disk.syncs += 1;
            if disk.trouble.syncs_fail {
                return Err(io::Error::other("a sync error by the test's wish"));
            }
            disk.inodes[self.inode].sync();
            Ok(())
        })
    }

    fn reserve(&self, octets: u64) -> io::Result<()> {
        self.files.disk().call(|disk| {
            disk.grow(self.inode, octets)?;
            disk.inodes[self.inode].reserve(octets);
            Ok(())
        })
    }
}
