//! Mail as files: what deliveries into mailboxes and into drop folders have in common.
//!
//! Rule: whatever step is the last, the place has the mail whole or not at all.

#[cfg(test)]
pub(crate) mod faults;
mod write;

use std::{io, os::fd::OwnedFd};

pub(crate) use write::{write, WriteError};

use rustix::{
    fs::{linkat, renameat_with, unlinkat, AtFlags, RenameFlags},
    io::Errno,
};

/// Octets that are gathered before they are written.
pub(crate) const BUFFER: usize = 64 * 1024;

/// When a mail came to where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// By this attempt.
    Now,
    /// By an earlier one.
    Before,
}

/// The steps of a delivery, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its folders are opened, and made if need be.
    Open,
    /// The file is made in `tmp`.
    Create,
    /// Its octets are handed to the system.
    Write,
    /// They are brought to disk.
    Sync,
    /// The file is moved to `new`.
    Publish,
    /// Its name is brought to disk.
    Keep,
    /// It is called delivered.
    Tell,
}

/// Sees a delivery go by; a test lets a step fail, or ends all there.
pub(crate) trait Watch {
    /// This step is next; with an error it fails without being tried.
    fn before(&self, _: Step) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody looks.
pub(crate) struct Unwatched;

impl Watch for Unwatched {}

/// Gives a whole file the name under which it is looked for. False: there is one of this name, and it stays.
pub(crate) fn publish(from: &OwnedFd, hidden: &str, into: &OwnedFd, name: &str) -> io::Result<bool> {
    match renameat_with(from, hidden, into, name, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // A file system that cannot rename without replacing.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link(from, hidden, into, name),
        Err(error) => Err(error.into()),
    }
}

fn link(from: &OwnedFd, hidden: &str, into: &OwnedFd, name: &str) -> io::Result<bool> {
    match linkat(from, hidden, into, name, AtFlags::empty()) {
        Ok(()) => Ok(unlinkat(from, hidden, AtFlags::empty()).map(|()| true)?),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
