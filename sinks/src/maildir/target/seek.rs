//! Looks for a file that an earlier attempt has delivered, wherever its reader has put it since.
//!
//! Rule: mail is moved on by its reader from `new` to `cur` and from there to other folders, and is looked for in this
//! order, so that none slips by on its way.

use std::{io, os::fd::OwnedFd};

use super::{
    folders::{below, each_name, Mailbox},
    name::FileName,
};

/// Folders of a Maildir++ (`.Name`) in which a mail is looked for. A mail that was moved into one beyond them, between a
/// crash and the next start, comes once more.
const MAX_FOLDERS: usize = 1000;

/// The folder that has a file of this name, with flags or without.
pub(super) fn find(mailbox: &Mailbox, name: &FileName) -> io::Result<Option<OwnedFd>> {
    for folder in [&mailbox.new, &mailbox.cur] {
        if has(folder, name)? {
            return folder.try_clone().map(Some);
        }
    }
    let mut seen = 0;
    each_name(&mailbox.base, |folder| {
        if !folder.starts_with(b".") || folder == b"." || folder == b".." || seen == MAX_FOLDERS {
            return Ok(None);
        }
        seen += 1;
        in_folder(mailbox, folder, name)
    })
}

fn in_folder(mailbox: &Mailbox, folder: &[u8], name: &FileName) -> io::Result<Option<OwnedFd>> {
    let Some(folder) = below(&mailbox.base, folder)? else { return Ok(None) };
    for part in ["new", "cur"] {
        if let Some(part) = below(&folder, part.as_bytes())? {
            if has(&part, name)? {
                return Ok(Some(part));
            }
        }
    }
    Ok(None)
}

fn has(folder: &OwnedFd, name: &FileName) -> io::Result<bool> {
    Ok(each_name(folder, |found| Ok(name.is_of(found).then_some(())))?.is_some())
}
