//! A file layer whose syncs take longer than the disk's: for benches that ask how many syncs a mail costs.

use std::{
    io,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    thread,
    time::Duration,
};

use postrider_engine::{Files, LockError, OpenFile};

/// Passes every call on, and takes at least so long for each sync of a file's data.
pub struct SlowSync<F> {
    files: F,
    pause: Duration,
    syncs: Arc<AtomicU64>,
}

impl<F: Files> SlowSync<F> {
    /// Syncs of `files` take `pause` longer. Zero only counts them.
    pub fn new(files: F, pause: Duration) -> Self {
        SlowSync { files, pause, syncs: Arc::default() }
    }

    /// Counts the syncs of files; it may be read at any time.
    pub fn syncs(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.syncs)
    }

    fn slow(&self, file: Arc<dyn OpenFile>) -> Arc<dyn OpenFile> {
        Arc::new(SlowFile { file, pause: self.pause, syncs: self.syncs() })
    }
}

impl<F: Files> Files for SlowSync<F> {
    fn make_folder(&self, name: &str) -> io::Result<()> {
        self.files.make_folder(name)
    }

    fn lock(&self, name: &str) -> Result<Box<dyn Send>, LockError> {
        self.files.lock(name)
    }

    fn create_new(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        Ok(self.slow(self.files.create_new(name)?))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        Ok(self.slow(self.files.open(name)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.files.rename(from, to)
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        self.files.unlink(name)
    }

    fn sync_folder(&self, name: &str) -> io::Result<()> {
        self.files.sync_folder(name)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.files.list(folder)
    }

    fn free_octets(&self) -> io::Result<u64> {
        self.files.free_octets()
    }
}

struct SlowFile {
    file: Arc<dyn OpenFile>,
    pause: Duration,
    syncs: Arc<AtomicU64>,
}

impl OpenFile for SlowFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, octets: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, octets)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        thread::sleep(self.pause);
        self.file.sync_data()
    }

    fn reserve(&self, octets: u64) -> io::Result<()> {
        self.file.reserve(octets)
    }

    fn forget_cached(&self) {
        self.file.forget_cached();
    }
}
