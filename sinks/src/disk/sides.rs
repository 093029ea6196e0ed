//! Side files and who needs them: a file goes when no mail names it and nobody holds it open.
//!
//! A piece that was read back is held open too, so a mail made from another's content never names a file that is gone.

use std::{
    collections::HashMap,
    io,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc, Arc,
    },
};

use postrider_engine::{Files, OpenFile, SideFile};

use super::{orders::Order, segment::side_name};

#[derive(Default)]
struct Use {
    mails: u32,
    handles: u32,
    octets: u64,
    /// It was opened when nobody needed it any more: its name may be gone, whatever the descriptor says.
    nameless: bool,
}

/// Who needs which side file. Owned by the log's thread.
#[derive(Default)]
pub(super) struct Sides {
    uses: HashMap<Box<str>, Use>,
}

/// A side file that nobody needs any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unneeded {
    pub name: Box<str>,
    pub octets: u64,
}

impl Sides {
    /// The file is one of this spool's, and a mail may name it.
    pub fn knows(&self, name: &str) -> bool {
        self.uses.get(name).is_some_and(|held| !held.nameless)
    }

    /// Somebody holds it open, for the first time or once more.
    pub fn opened(&mut self, name: &str, new: bool) {
        let unknown = Use { nameless: !new, ..Use::default() };
        self.uses.entry(name.into()).or_insert(unknown).handles += 1;
    }

    /// Somebody no longer holds it open.
    pub fn closed(&mut self, name: &str, octets: u64) -> Option<Unneeded> {
        let held = self.uses.get_mut(name)?;
        held.handles = held.handles.saturating_sub(1);
        held.octets = octets;
        self.unneeded(name)
    }

    /// A mail that names it was written.
    pub fn named(&mut self, name: &str) {
        self.uses.entry(name.into()).or_default().mails += 1;
    }

    /// A mail that named it is durably done.
    pub fn left(&mut self, name: &str) -> Option<Unneeded> {
        let held = self.uses.get_mut(name)?;
        held.mails = held.mails.saturating_sub(1);
        self.unneeded(name)
    }

    /// It was found on disk with so many octets.
    pub fn found(&mut self, name: &str, octets: u64) {
        self.uses.entry(name.into()).or_default().octets = octets;
    }

    /// Octets of all files.
    pub fn octets(&self) -> u64 {
        self.uses.values().map(|held| held.octets).sum()
    }

    fn unneeded(&mut self, name: &str) -> Option<Unneeded> {
        self.uses.get(name).filter(|held| held.mails == 0 && held.handles == 0)?;
        let (name, Use { octets, .. }) = self.uses.remove_entry(name)?;
        Some(Unneeded { name, octets })
    }
}

/// Keeps a side file from being unlinked, as long as it lives.
pub(super) struct Handle {
    name: Arc<str>,
    octets: AtomicU64,
    orders: mpsc::Sender<Order>,
}

impl Handle {
    /// Tells the log before it returns. `new`: the file is not made yet.
    pub fn new(name: Arc<str>, new: bool, orders: mpsc::Sender<Order>) -> Self {
        let _ = orders.send(Order::SideOpened(Arc::clone(&name), new));
        Handle { name, octets: AtomicU64::new(0), orders }
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file has grown.
    pub fn add(&self, octets: u64) {
        self.octets.fetch_add(octets, Ordering::Relaxed);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let octets = self.octets.load(Ordering::Relaxed);
        let _ = self.orders.send(Order::SideClosed(Arc::clone(&self.name), octets));
    }
}

/// A side file that is complete.
pub(super) struct DiskSide {
    pub handle: Handle,
    pub file: Arc<dyn OpenFile>,
}

impl DiskSide {
    /// Opens one that a mail names.
    pub fn open(files: &dyn Files, name: &str, orders: &mpsc::Sender<Order>) -> io::Result<Arc<dyn SideFile>> {
        let handle = Handle::new(name.into(), false, orders.clone());
        let file = files.open(&side_name(name))?;
        handle.add(file.size()?);
        Ok(Arc::new(DiskSide { handle, file }))
    }
}

impl SideFile for DiskSide {
    fn name(&self) -> &str {
        self.handle.name()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }
}
