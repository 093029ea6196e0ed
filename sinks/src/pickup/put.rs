//! Puts a mail into a pickup folder, as any program of the host may.
//!
//! Rule: a name is made without a clock and reserved by making the file under it; nobody sees a file that is not whole. When
//! `put` returns, the file and its name are on disk; when it fails, nothing was left there that could be mailed, or the error
//! says that nobody knows.

use std::{
    cell::OnceCell,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use postrider_engine::{
    pickup::{envelope_lines, Unsayable},
    Draft, Files, QueuePriority,
};
use rustix::fs::syncfs;
use thiserror::Error;

use super::{names, HIGH, LOW};
use crate::disk::{Modes, RealFiles};

/// The engine, which is another user perhaps, reads it. Nobody else finds the name in a folder that cannot be listed.
const MODE: u32 = 0o644;
/// Octets that are written at once.
const PART: usize = 256 * 1024;

/// A mail was not put into the folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PutError {
    /// The folder is not there. Permanent: start the engine once, or correct the path.
    #[error("there is no folder {}: start the engine, or correct the path (pickup.folder)", .0.display())]
    NoFolder(PathBuf),
    /// This user may not write there. Permanent: a folder for everybody has mode 1733.
    #[error("the folder {} may not be written by this user: give it mode 1733", .0.display())]
    NotPermitted(PathBuf),
    /// No space is left. Temporary.
    #[error("no space is left in {}", .0.display())]
    NoSpace(PathBuf),
    /// A file cannot say all of the envelope. Permanent.
    #[error(transparent)]
    Unsayable(#[from] Unsayable),
    /// The content cannot be read. Temporary.
    #[error("the content cannot be read: {0}")]
    Content(io::Error),
    /// It cannot be written. Temporary; nothing was left there.
    #[error("{}: {source}", .folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is there, and it is not known whether it survives a loss of power. It will be mailed if it does.
    #[error("the mail is in {}, but it cannot be brought to disk for certain: {source}", .folder.display())]
    Unknown {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl PutError {
    /// It may work later.
    pub fn is_temporary(&self) -> bool {
        use PutError::{Content, Io, NoSpace};
        matches!(self, NoSpace(_) | Content(_) | Io { .. })
    }
}

/// Puts a mail into this pickup folder (into the folder below it that says how urgent it is) and gives the path of its file.
/// It blocks until it is on disk. The engine may have taken the file by then.
///
/// # Errors
/// [`PutError`]
pub fn put(folder: &Path, draft: &Draft) -> Result<PathBuf, PutError> {
    let folder = match draft.envelope.priority {
        QueuePriority::High => folder.join(HIGH),
        QueuePriority::Normal => folder.to_owned(),
        QueuePriority::Low => folder.join(LOW),
    };
    if !folder.is_dir() {
        return Err(PutError::NoFolder(folder));
    }
    let modes = Modes { folder: 0o700, file: MODE };
    let files = RealFiles::with_modes(&folder, modes).map_err(failed(&folder))?;
    let place = Place { files: &files, folder: &folder, made: OnceCell::new() };
    put_on(&place, draft, &names::unguessable().map_err(failed(&folder))?).map(|name| folder.join(name))
}

/// Where a file is put.
pub(super) trait Ground {
    /// The calls on files.
    fn files(&self) -> &dyn Files;
    /// The folder, for people.
    fn folder(&self) -> &Path;
    /// A file was made.
    fn dress(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
    /// Brings names to disk; the file has this one now.
    fn keep(&self, _: &str) -> io::Result<()> {
        self.files().sync_folder("")
    }
}

struct Place<'a> {
    files: &'a RealFiles,
    folder: &'a Path,
    /// The file, whatever its name is by now.
    made: OnceCell<File>,
}

impl Ground for Place<'_> {
    fn files(&self) -> &dyn Files {
        self.files
    }

    fn folder(&self) -> &Path {
        self.folder
    }

    /// Whatever the umask of a program is.
    fn dress(&self, name: &str) -> io::Result<()> {
        let path = self.folder.join(name);
        fs::set_permissions(&path, Permissions::from_mode(MODE))?;
        let _ = self.made.set(File::open(path)?);
        Ok(())
    }

    /// A folder that may not be read cannot be opened either.
    fn keep(&self, _: &str) -> io::Result<()> {
        match File::open(self.folder) {
            Ok(folder) => folder.sync_all(),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => self.keep_all(),
            Err(error) => Err(error),
        }
    }
}

impl Place<'_> {
    /// Brings all of the file system to disk. It is reached by the open file: the engine may have moved that by now, and not yet
    /// have brought this to disk.
    fn keep_all(&self) -> io::Result<()> {
        match self.made.get() {
            Some(file) => Ok(syncfs(file)?),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// The same where a test likes, under a name that ends like this.
pub(super) fn put_on(ground: &dyn Ground, draft: &Draft, unique: &str) -> Result<String, PutError> {
    let (files, folder) = (ground.files(), ground.folder());
    let mut envelope = draft.envelope.clone();
    envelope.priority = QueuePriority::Normal; // the folder says it
    let lines = envelope_lines(&envelope)?;
    let (hidden, name) = (names::hidden(unique), names::whole(unique));
    write(ground, draft, &lines, &hidden).inspect_err(|_| drop(files.unlink(&hidden)))?;
    files.rename(&hidden, &name).inspect_err(|_| drop(files.unlink(&hidden))).map_err(failed(folder))?;
    let Err(source) = ground.keep(&name) else { return Ok(name) };
    match files.unlink(&name) {
        Ok(()) => Err(PutError::Io { folder: folder.to_owned(), source }),
        // The engine may have it, whose disk that is too: it may not bring it there either.
        Err(_) => Err(PutError::Unknown { folder: folder.to_owned(), source }),
    }
}

fn write(ground: &dyn Ground, draft: &Draft, lines: &str, hidden: &str) -> Result<(), PutError> {
    let folder = ground.folder();
    let file = ground.files().create_new(hidden).map_err(failed(folder))?;
    ground.dress(hidden).map_err(failed(folder))?;
    let (mut at, mut part) = (0, lines.as_bytes().to_vec());
    for chunk in draft.content.chunks(..) {
        part.extend_from_slice(&chunk.map_err(PutError::Content)?);
        if part.len() >= PART {
            file.write_at(at, &part).map_err(failed(folder))?;
            at += part.len() as u64;
            part.clear();
        }
    }
    file.write_at(at, &part).and_then(|()| file.sync_data()).map_err(failed(folder))
}

fn failed(folder: &Path) -> impl Fn(io::Error) -> PutError + '_ {
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            PutError::NotPermitted(folder.to_owned())
        }
        io::ErrorKind::NotFound => PutError::NoFolder(folder.to_owned()),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PutError::NoSpace(folder.to_owned()),
        _ => PutError::Io { folder: folder.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An engine moves the file before its name is on disk; then the disk fails.
    struct Taken<'a>(Place<'a>);

    impl Ground for Taken<'_> {
        fn files(&self) -> &dyn Files {
            self.0.files
        }

        fn folder(&self) -> &Path {
            self.0.folder
        }

        fn dress(&self, name: &str) -> io::Result<()> {
            self.0.dress(name)
        }

        fn keep(&self, name: &str) -> io::Result<()> {
            fs::rename(self.0.folder.join(name), self.0.folder.join("claimed"))?;
            assert!(File::open(self.0.folder.join(name)).is_err());
            self.0.keep_all().expect("by the open file all is brought to disk, wherever it is now");
            Err(io::Error::other("the disk has failed"))
        }
    }

    #[test]
    fn what_an_engine_has_taken_and_what_may_not_be_on_disk_is_not_called_safe() {
        let folder = tempfile::tempdir().unwrap();
        let files = RealFiles::with_modes(folder.path(), Modes { folder: 0o700, file: MODE }).unwrap();
        let place = || Place { files: &files, folder: folder.path(), made: OnceCell::new() };
        assert!(place().keep_all().is_err(), "nothing is there yet");
        let draft = Draft::new(postrider_engine::Envelope::default(), "Subject: x\r\n\r\n".into());
        let put = put_on(&Taken(place()), &draft, "1");
        assert!(matches!(put, Err(PutError::Unknown { .. })), "{put:?}");
    }
}
