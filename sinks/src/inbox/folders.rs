//! The folders that messages lie in, held open: whoever may write there can move what is around them while we read.
//!
//! Rule: a file is reached by one name in an open folder, never by a path, and no symbolic link is followed. A file that
//! is being written is not seen: writers give a whole file the name under which it is looked for, and an empty one is none
//! yet.

use std::{
    fs::File,
    io,
    os::fd::OwnedFd,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::{
    fs::{fstat, fsync, open, openat, statat, unlinkat, AtFlags, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::{InboxError, MessageProblem};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// Octets of a name, on every file system that this runs on.
const MAX_NAME: usize = 255;
/// A pipe or a device is not waited for.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// A drop folder, or `new` and `cur` of a Maildir. Mail moves from the first to the last, so they are gone through in this
/// order.
pub(super) struct Folders {
    folders: Vec<OwnedFd>,
    is_maildir: bool,
    /// What the system says of a file; tests have it fail.
    pub(super) stat: fn(&OwnedFd, &[u8]) -> rustix::io::Result<Stat>,
}

/// A file that may be a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// When it came to where it is: first, so that the oldest is the least.
    pub time: (i64, i64),
    /// The name of the message.
    pub name: String,
    pub size: u64,
    /// The name of the file, and in which folder it is.
    file: Vec<u8>,
    folder: usize,
    node: (u64, u64),
    is_regular: bool,
}

impl Found {
    pub fn received(&self) -> Option<SystemTime> {
        let (seconds, rest) = self.time;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = match seconds < 0 {
            true => UNIX_EPOCH.checked_sub(whole),
            false => UNIX_EPOCH.checked_add(whole),
        };
        base?.checked_add(Duration::from_nanos(u64::try_from(rest).unwrap_or(0)))
    }

    /// It is the same file, and nobody has written to it.
    fn is_still(&self, now: &Found) -> bool {
        (self.node, self.time, self.size) == (now.node, now.time, now.size)
    }

    /// What stands behind the colon in the name of a file in a Maildir.
    pub fn info(&self) -> &[u8] {
        let colon = self.file.iter().position(|octet| *octet == b':');
        colon.map_or(&[], |colon| &self.file[colon + 1..])
    }

    /// No reader has seen it in its Maildir yet.
    pub fn is_first(&self) -> bool {
        self.folder == 0
    }
}

impl Folders {
    pub fn of_drop_folder(path: &Path) -> Result<Self, InboxError> {
        let folder = open(path, FOLDER, Mode::empty()).map_err(|error| InboxError::at(path)(error.into()))?;
        Ok(Folders { folders: vec![folder], is_maildir: false, stat })
    }

    /// Nothing is made.
    pub fn of_maildir(path: &Path) -> Result<Self, InboxError> {
        let base = open(path, FOLDER, Mode::empty()).map_err(|error| InboxError::at(path)(error.into()))?;
        let part = |name| match openat(&base, name, FOLDER.union(OFlags::NOFOLLOW), Mode::empty()) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
                Err(InboxError::NoMaildir { folder: path.to_owned(), missing: name })
            }
            opened => opened.map_err(|error| InboxError::at(&path.join(name))(error.into())),
        };
        Ok(Folders { folders: vec![part("new")?, part("cur")?], is_maildir: true, stat })
    }

    pub fn is_maildir(&self) -> bool {
        self.is_maildir
    }

    /// Shows each file that may be a message. What vanishes meanwhile is not shown; what moves may be shown twice. A file that
    /// cannot be looked at is shown as the oldest: when its turn comes it is looked at again, and its error is its own.
    pub fn each(&self, mut each: impl FnMut(Found)) -> io::Result<()> {
        self.each_of(|_| true, &mut |folder, file, looked| match looked {
            Ok(found) => found.into_iter().for_each(&mut each),
            Err(_) => each(self.unseen(folder, file)),
        })
    }

    /// Those of names that are `wanted`; no others are looked at.
    fn each_of(&self, wanted: impl Fn(&[u8]) -> bool, each: &mut Each<'_>) -> io::Result<()> {
        for (folder, open) in self.folders.iter().enumerate() {
            let mut names = Dir::read_from(open)?;
            while let Some(entry) = names.read() {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if wanted(name) {
                    each(folder, name, self.look(folder, name));
                }
            }
        }
        Ok(())
    }

    /// Opens what was found, also where another reader has moved it since, and says what it is now.
    pub fn open(&self, found: &Found) -> Result<(File, Found), MessageProblem> {
        let found = self.where_it_is(found)?;
        if !found.is_regular {
            return Err(MessageProblem::NoFile);
        }
        let folder = &self.folders[found.folder];
        let opened = openat(folder, &*found.file, FILE, Mode::empty()).map_err(|error| match error {
            Errno::LOOP | Errno::NXIO => MessageProblem::NoFile,
            error => MessageProblem::when("opening it")(error.into()),
        })?;
        let is = fstat(&opened).map_err(|error| MessageProblem::when("looking at it")(error.into()))?;
        let now = Found { is_regular: is_regular(&is), ..found.with(&is) };
        match now.is_regular {
            true => Ok((opened.into(), now)),
            false => Err(MessageProblem::NoFile),
        }
    }

    /// The message of this name; `None`: there is none, and none can be.
    pub fn find(&self, name: &str) -> Result<Found, MessageProblem> {
        let is_plain = !name.starts_with('.') && !name.contains(['/', '\0']) && (1..=MAX_NAME).contains(&name.len());
        if !is_plain || (self.is_maildir && name.contains(':')) {
            return Err(MessageProblem::Name);
        }
        let step = MessageProblem::when("looking for it");
        let found = match self.is_maildir {
            true => self.search(name),
            false => self.look(0, name.as_bytes()),
        };
        found.map_err(step)?.ok_or(MessageProblem::Gone)
    }

    /// Deletes the file that was found, if it is still that one. Of several readers one alone hears that it is deleted.
    pub fn remove(&self, found: &Found) -> Result<(), MessageProblem> {
        let now = self.where_it_is(found)?;
        if !found.is_still(&now) {
            return Err(MessageProblem::Changed);
        }
        unlinkat(&self.folders[now.folder], &*now.file, AtFlags::empty())
            .map_err(|error| MessageProblem::when("deleting it")(error.into()))
    }

    /// Opens the very file that was found.
    pub fn reopen(&self, found: &Found) -> Result<File, MessageProblem> {
        let (file, now) = self.open(found)?;
        match found.is_still(&now) {
            true => Ok(file),
            false => Err(MessageProblem::Changed),
        }
    }

    /// What was deleted is not there again after a loss of power.
    pub fn sync(&self) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| Ok(fsync(folder)?))
    }

    fn where_it_is(&self, found: &Found) -> Result<Found, MessageProblem> {
        let step = MessageProblem::when("looking for it");
        let here = self.look(found.folder, &found.file).map_err(step)?;
        match here {
            Some(here) => Ok(here),
            None if self.is_maildir => self.find(&found.name),
            None => Err(MessageProblem::Gone),
        }
    }

    /// A message of a Maildir whatever its flags are.
    fn search(&self, name: &str) -> io::Result<Option<Found>> {
        let (mut last, mut trouble) = (None, None);
        let is_it =
            |file: &[u8]| file.strip_prefix(name.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b':', ..]));
        self.each_of(is_it, &mut |_, _, looked| match looked {
            Ok(found) => last = found.or(last.take()),
            Err(error) => trouble = Some(error),
        })?;
        match (last, trouble) {
            (None, Some(error)) => Err(error),
            (last, _) => Ok(last),
        }
    }

    /// `None`: it is hidden, gone, a folder, or still empty.
    fn look(&self, folder: usize, file: &[u8]) -> io::Result<Option<Found>> {
        if file.starts_with(b".") {
            return Ok(None);
        }
        let is = match (self.stat)(&self.folders[folder], file) {
            Err(Errno::NOENT) => return Ok(None),
            is => is?,
        };
        if FileType::from_raw_mode(is.st_mode) == FileType::Directory || (is_regular(&is) && is.st_size == 0) {
            return Ok(None);
        }
        Ok(Some(Found { is_regular: is_regular(&is), ..self.unseen(folder, file).with(&is) }))
    }

    /// A file of which nothing but the name is known.
    fn unseen(&self, folder: usize, file: &[u8]) -> Found {
        let end = file.iter().position(|octet| *octet == b':' && self.is_maildir).unwrap_or(file.len());
        let name = String::from_utf8_lossy(&file[..end]).into_owned();
        Found { time: (0, 0), name, size: 0, file: file.to_vec(), folder, node: (0, 0), is_regular: false }
    }
}

/// What is told of each file: its folder, its name, and what a look at it came to.
type Each<'a> = dyn FnMut(usize, &[u8], io::Result<Option<Found>>) + 'a;

fn stat(folder: &OwnedFd, file: &[u8]) -> rustix::io::Result<Stat> {
    statat(folder, file, AtFlags::SYMLINK_NOFOLLOW)
}

impl Found {
    #[allow(clippy::unnecessary_cast)] // the types differ from system to system
    fn with(self, is: &Stat) -> Self {
        let time = (is.st_mtime as i64, is.st_mtime_nsec as i64);
        let size = u64::try_from(is.st_size).unwrap_or(0);
        Found { time, size, node: (is.st_dev as u64, is.st_ino as u64), ..self }
    }
}

fn is_regular(is: &Stat) -> bool {
    FileType::from_raw_mode(is.st_mode) == FileType::RegularFile
}
