//! Files that others put onto the double: whole and durable, unless a test says otherwise.
//!
//! All of them are files with one name, of user 1000, as old as the test says.

use std::{io, sync::Arc};

use postrider_engine::{FileKind, FileSeen, ForeignFile, ForeignFiles, Moment};

use super::{inode::Inode, FaultyFile, FaultyFiles};

/// The user of all files.
const OWNER: u32 = 1000;

impl FaultyFiles {
    /// Somebody else puts a file there, which is on disk with its name; it was written at this time.
    pub fn put(&self, name: &str, octets: &[u8], modified: Moment) {
        let mut disk = self.disk();
        let mut inode = Inode::default();
        inode.modified = modified;
        inode.write(0, octets);
        inode.sync();
        let number = disk.inodes.len();
        disk.inodes.push(inode);
        disk.put(name, number);
    }

    /// Somebody else writes at the end of a file.
    pub fn write_more(&self, name: &str, octets: &[u8], modified: Moment) {
        if let Some(inode) = self.disk().inode_mut(name) {
            inode.write(inode.data.len() as u64, octets);
            (inode.modified, inode.version) = (modified, inode.version + 1);
        }
    }

    /// This name cannot be taken away, nor the file under it moved.
    pub fn nail(&self, name: &str) {
        self.disk().nailed.insert(name.to_owned());
    }
}

/// What is known of a file.
fn seen(number: usize, inode: &Inode) -> FileSeen {
    let (size, modified, version) = (inode.data.len() as u64, inode.modified, inode.version);
    FileSeen { kind: FileKind::File, number: number as u64, links: 1, owner: OWNER, size, modified, version }
}

impl ForeignFiles for FaultyFiles {
    fn each_name(&self, folder: &str, found: &mut dyn FnMut(Option<&str>)) -> io::Result<()> {
        let names = self.disk().call(|disk| Ok(disk.list(folder)))?;
        names.iter().for_each(|name| found(Some(name)));
        Ok(())
    }

    fn look(&self, name: &str) -> io::Result<FileSeen> {
        self.disk().call(|disk| {
            let number = disk.names.get(name).copied().ok_or(io::ErrorKind::NotFound)?;
            Ok(seen(number, &disk.inodes[number]))
        })
    }

    fn open_to_read(&self, name: &str) -> io::Result<Arc<dyn ForeignFile>> {
        let found = self.disk().call(|disk| match disk.trouble.opens_fail {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => disk.names.get(name).copied().ok_or(io::ErrorKind::NotFound.into()),
        });
        Ok(Arc::new(FaultyFile { files: self.clone(), inode: found? }))
    }
}

impl ForeignFile for FaultyFile {
    fn seen(&self) -> io::Result<FileSeen> {
        self.files.disk().call(|disk| Ok(seen(self.inode, &disk.inodes[self.inode])))
    }
}
