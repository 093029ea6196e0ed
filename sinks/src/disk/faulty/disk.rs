//! The disk under the double: names, files, space, and when it all ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{inode::Inode, Choose};

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// Writes give an error.
    pub writes_fail: bool,
    /// Syncs give an error.
    pub syncs_fail: bool,
    /// Syncs of files and folders do nothing and say that they did it.
    pub syncs_lie: bool,
    /// Files of others cannot be opened.
    pub opens_fail: bool,
}

/// A change of names.
#[derive(Clone)]
pub(super) enum Change {
    Create(String, usize),
    Rename(String, String),
    Unlink(String),
    /// Half of a move to another folder: it is there.
    Came(String, usize),
    /// The other half: it is not here any more. Never without the first: no file system loses a file that is moved.
    Went(String, usize),
}

impl Change {
    fn folder(&self) -> &str {
        let name = match self {
            Change::Create(name, _) | Change::Unlink(name) | Change::Rename(_, name) => name,
            Change::Came(name, _) | Change::Went(name, _) => name,
        };
        folder(name)
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) -> bool {
        match self {
            Change::Create(name, inode) | Change::Came(name, inode) => names.insert(name.clone(), *inode).is_none(),
            Change::Unlink(name) | Change::Went(name, _) => names.remove(name).is_some(),
            Change::Rename(from, to) => match names.remove(from) {
                Some(inode) => {
                    names.insert(to.clone(), inode);
                    true
                }
                None => false,
            },
        }
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A disk in memory.
#[derive(Clone)]
pub(super) struct Disk {
    pub inodes: Vec<Inode>,
    pub names: BTreeMap<String, usize>,
    synced: BTreeMap<String, usize>,
    pending: Vec<Change>,
    pub locked: bool,
    pub calls: u64,
    pub crash_at: Option<u64>,
    pub crashed: bool,
    pub syncs: u64,
    pub trouble: Trouble,
    pub free: u64,
    /// Names that cannot be taken away.
    pub nailed: BTreeSet<String>,
}

impl Default for Disk {
    fn default() -> Self {
        Disk {
            inodes: Vec::new(),
            names: BTreeMap::new(),
            synced: BTreeMap::new(),
            pending: Vec::new(),
            locked: false,
            calls: 0,
            crash_at: None,
            crashed: false,
            syncs: 0,
            trouble: Trouble::default(),
            free: 1 << 40,
            nailed: BTreeSet::new(),
        }
    }
}

impl Disk {
    /// Counts a call. The one at which the disk crashes may have had its effect, and never says so.
    pub fn call<T>(&mut self, call: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        let crashed = || io::Error::other("the disk has crashed");
        if self.crashed {
            return Err(crashed());
        }
        self.calls += 1;
        let done = call(self);
        self.crashed = self.crash_at == Some(self.calls);
        if self.crashed {
            Err(crashed())
        } else {
            done
        }
    }

    /// Counts a call that may be a lie, and has no effect if the disk crashes at it: power went away before.
    pub fn call_sync(&mut self, call: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let idle = self.trouble.syncs_lie || self.crash_at == Some(self.calls + 1);
        self.call(|disk| if idle { Ok(()) } else { call(disk) })
    }

    pub fn inode(&self, name: &str) -> Option<&Inode> {
        self.inodes.get(*self.names.get(name)?)
    }

    pub fn inode_mut(&mut self, name: &str) -> Option<&mut Inode> {
        self.inodes.get_mut(*self.names.get(name)?)
    }

    pub fn create(&mut self, name: &str) -> io::Result<usize> {
        if self.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.change(Change::Create(name.to_owned(), inode))?;
        Ok(inode)
    }

    /// A file of somebody else's is there, durably.
    pub fn put(&mut self, name: &str, inode: usize) {
        self.names.insert(name.to_owned(), inode);
        self.synced.insert(name.to_owned(), inode);
    }

    /// The same as changes of one folder each.
    fn halves(&self, change: Change) -> Vec<Change> {
        match &change {
            Change::Rename(from, to) if folder(from) != folder(to) => match self.names.get(from) {
                Some(inode) => vec![Change::Came(to.clone(), *inode), Change::Went(from.clone(), *inode)],
                None => vec![change],
            },
            _ => vec![change],
        }
    }

    pub fn change(&mut self, change: Change) -> io::Result<()> {
        let before = match &change {
            Change::Unlink(name) | Change::Rename(_, name) => self.names.get(name).copied(),
            Change::Create(..) | Change::Came(..) | Change::Went(..) => None,
        };
        match &change {
            Change::Unlink(name) | Change::Rename(name, _) if self.nailed.contains(name) => {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            _ => {}
        }
        let halves = self.halves(change.clone());
        if !change.apply(&mut self.names) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if let Some(inode) = before {
            self.free += std::mem::take(&mut self.inodes[inode].space);
        }
        self.pending.extend(halves);
        Ok(())
    }

    pub fn sync_folder(&mut self, folder: &str) -> io::Result<()> {
        if self.trouble.syncs_fail {
            return Err(io::Error::other("a sync error by the test's wish"));
        }
        let all = std::mem::take(&mut self.pending);
        let gone: Vec<usize> = all
            .iter()
            .filter_map(|change| match change {
                Change::Went(_, inode) if change.folder() == folder => Some(*inode),
                _ => None,
            })
            .collect();
        let is_now = |change: &Change| match change {
            Change::Came(_, inode) if gone.contains(inode) => true,
            change => change.folder() == folder,
        };
        let (now, later) = all.into_iter().partition(is_now);
        self.pending = later;
        let now: Vec<Change> = now;
        now.iter().for_each(|change| {
            change.apply(&mut self.synced);
        });
        Ok(())
    }

    pub fn list(&self, folder: &str) -> Vec<String> {
        let inside = |name: &String| match name.rsplit_once('/') {
            Some((above, name)) => (above == folder).then(|| name.to_owned()),
            None => folder.is_empty().then(|| name.clone()),
        };
        self.names.keys().filter_map(inside).collect()
    }

    /// Takes space for a file of so many octets.
    pub fn grow(&mut self, inode: usize, octets: u64) -> io::Result<()> {
        let more = octets.saturating_sub(self.inodes[inode].space);
        if more > self.free {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.free -= more;
        self.inodes[inode].space += more;
        Ok(())
    }

    pub fn after_kill(&self) -> Disk {
        Disk { locked: false, crashed: false, crash_at: None, ..self.clone() }
    }

    pub fn after_power_loss(&self, choose: Choose<'_>) -> Disk {
        let (mut names, mut left) = (self.synced.clone(), BTreeSet::new());
        for change in &self.pending {
            match change {
                Change::Went(_, inode) if left.contains(inode) => {}
                change if choose(2) == 1 => drop(change.apply(&mut names)),
                Change::Came(_, inode) => drop(left.insert(*inode)),
                _ => {}
            }
        }
        let inodes: Vec<Inode> = self.inodes.iter().map(|inode| inode.after_power_loss(choose)).collect();
        let synced = names.clone();
        Disk { inodes, names, synced, pending: Vec::new(), trouble: Trouble::default(), ..self.after_kill() }
    }
}
