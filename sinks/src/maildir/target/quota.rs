//! What is in a mailbox: counted once, and again when somebody has changed its folders.
//!
//! Rule: a count is used only as long as `new` and `cur` are as old as they were when it was made.

use std::{
    collections::HashMap,
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::fs::{fstat, statat, AtFlags};

use super::{
    folders::{each_name, Mailbox},
    Quota, Trouble,
};

/// Mailboxes whose count is kept; beyond it counting begins anew.
const MAX_COUNTED: usize = 1000;

/// Octets and files of some mailboxes.
#[derive(Default)]
pub(super) struct Usages(HashMap<PathBuf, Usage>);

#[derive(Clone, Copy, Default)]
struct Usage {
    octets: u64,
    messages: u64,
    /// When `new` and `cur` were changed last: seconds and nanoseconds.
    changed: [(i64, i64); 2],
}

impl Quota {
    fn is_none(&self) -> bool {
        self.octets.is_none() && self.messages.is_none()
    }

    fn has_room(&self, usage: &Usage, octets: u64) -> bool {
        let within =
            |used: u64, more: u64, limit: Option<u64>| limit.is_none_or(|limit| used.saturating_add(more) <= limit);
        within(usage.octets, octets, self.octets) && within(usage.messages, 1, self.messages)
    }
}

impl Usages {
    /// The mailbox has room for a mail of so many octets.
    pub fn check(&mut self, quota: &Quota, path: &Path, mailbox: &Mailbox, octets: u64) -> Result<(), Trouble> {
        if quota.is_none() {
            return Ok(());
        }
        let usage = self.usage(path, mailbox).map_err(Trouble::when("counting what is in it"))?;
        match quota.has_room(&usage, octets) {
            true => Ok(()),
            false => Err(Trouble::Full { refuse: quota.refuse }),
        }
    }

    /// A mail of so many octets came into it. What cannot be looked at is counted again.
    pub fn add(&mut self, path: &Path, mailbox: &Mailbox, octets: u64) {
        let Some(usage) = self.0.get_mut(path) else { return };
        match changed(mailbox) {
            Ok(changed) => {
                *usage = Usage { octets: usage.octets.saturating_add(octets), messages: usage.messages + 1, changed }
            }
            Err(_) => drop(self.0.remove(path)),
        }
    }

    fn usage(&mut self, path: &Path, mailbox: &Mailbox) -> io::Result<Usage> {
        let changed = changed(mailbox)?;
        if let Some(usage) = self.0.get(path).filter(|usage| usage.changed == changed) {
            return Ok(*usage);
        }
        let mut usage = Usage { changed, ..Usage::default() };
        count(&mailbox.new, &mut usage)?;
        count(&mailbox.cur, &mut usage)?;
        if self.0.len() >= MAX_COUNTED {
            self.0.clear();
        }
        self.0.insert(path.to_owned(), usage);
        Ok(usage)
    }
}

fn changed(mailbox: &Mailbox) -> io::Result<[(i64, i64); 2]> {
    let (new, cur) = (fstat(&mailbox.new)?, fstat(&mailbox.cur)?);
    Ok([new, cur].map(|stat| (stat.st_mtime, stat.st_mtime_nsec as i64)))
}

fn count(folder: &OwnedFd, usage: &mut Usage) -> io::Result<()> {
    each_name(folder, |name| {
        if !name.starts_with(b".") {
            match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => {
                    usage.octets = usage.octets.saturating_add(u64::try_from(stat.st_size).unwrap_or(0));
                    usage.messages += 1;
                }
                Err(rustix::io::Errno::NOENT) => {} // its reader was faster
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None::<()>)
    })?;
    Ok(())
}
