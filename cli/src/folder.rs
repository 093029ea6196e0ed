//! A folder into which files are put whose names somebody else has chosen.
//!
//! Rule: a file comes to be in this folder and nowhere else: by its descriptor, by a name without any folder, and never through a
//! link that somebody has put there. What is there already stays, unless it is to be replaced.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{self, AtFlags, FileType, Mode, OFlags},
    io::Errno,
};

use crate::{
    exit,
    failure::{Done, Failure},
    page,
};

/// Names that are tried for a file before it has its own.
const MOST_TRIED: usize = 100;

/// A folder that is there.
pub struct Folder {
    path: PathBuf,
    held: OwnedFd,
}

impl Folder {
    /// Opens it. It may be a link itself: whoever calls has named it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let held = fs::open(path, flags, Mode::empty()).map_err(|error| {
            let text = format!("{}: {error}; name a folder that is there", page::told(&path.to_string_lossy()));
            Failure::new(exit::CANNOT_CREATE, text)
        })?;
        Ok(Folder { path: path.to_owned(), held })
    }

    /// Something of this name is there, be it a link that leads nowhere.
    pub fn has(&self, name: &Path) -> bool {
        fs::statat(&self.held, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// A new file.
    pub fn create(&self, name: &Path, octets: &[u8]) -> Done {
        checked(name).and_then(|name| self.put(name, octets, None)).map_err(|error| self.not_written(name, &error))
    }

    /// A file in the place of what has this name. A link is replaced, and what it leads to stays.
    pub fn replace(&self, name: &Path, octets: &[u8]) -> Done {
        self.replace_all(&[(name, octets)])
    }

    /// The same for many. None takes its place before all of them are there, so a disk that is full costs nobody what he had.
    pub fn replace_all(&self, files: &[(&Path, &[u8])]) -> Done {
        let mut parts = Parts { folder: self, names: VecDeque::new() };
        for (name, octets) in files {
            checked(name).and_then(|name| parts.put(name, octets)).map_err(|error| self.not_written(name, &error))?;
        }
        for (name, _) in files {
            parts.rename_first(name).map_err(|error| self.not_written(name, &error))?;
        }
        Ok(())
    }

    fn put(&self, name: &Path, octets: &[u8], mode: Option<Mode>) -> io::Result<()> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        let usual = Mode::from_raw_mode(0o666); // less what the user's mask takes
        let mut file = File::from(fs::openat(&self.held, name, flags, usual)?);
        let same = mode.map_or(Ok(()), |mode| fs::fchmod(&file, mode).map_err(io::Error::from));
        same.and_then(|()| file.write_all(octets)).inspect_err(|_| {
            let _ = fs::unlinkat(&self.held, name, AtFlags::empty()); // half a file is none
        })
    }

    /// Who may read and write the file that has this name: whoever hides it wants it hidden afterwards.
    fn mode(&self, name: &Path) -> Option<Mode> {
        let found = fs::statat(&self.held, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        is_file.then(|| Mode::from_raw_mode(found.st_mode & 0o777))
    }

    fn not_written(&self, name: &Path, error: &io::Error) -> Failure {
        let path = self.path.join(name);
        let (code, remedy) = match error.kind() {
            io::ErrorKind::AlreadyExists => (exit::CANNOT_CREATE, "remove it, or say --force"),
            kind if is_full(kind) => (exit::IO, "free some space"),
            _ => (exit::CANNOT_CREATE, "name a folder that can be written"),
        };
        Failure::new(code, format_args!("{}: {error}; {remedy}", page::told(&path.to_string_lossy())))
    }
}

/// Files that are to take their places. Those that have not are gone with this.
struct Parts<'f> {
    folder: &'f Folder,
    names: VecDeque<PathBuf>,
}

impl Parts<'_> {
    /// One more, for this name.
    fn put(&mut self, name: &Path, octets: &[u8]) -> io::Result<()> {
        let mode = self.folder.mode(name);
        // Another program of the same number, which was killed here or runs elsewhere, may have left its own.
        for number in 0..MOST_TRIED {
            let part = PathBuf::from(format!(".postrider.{}.{}.{number}.part", std::process::id(), self.names.len()));
            match self.folder.put(&part, octets, mode) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                put => return put.map(|()| self.names.push_back(part)),
            }
        }
        Err(io::Error::other("too many files named .postrider.*.part are there, and may be removed"))
    }

    /// The first of those that are left gets its name.
    fn rename_first(&mut self, name: &Path) -> io::Result<()> {
        let Some(part) = self.names.front() else { return Ok(()) };
        fs::renameat(&self.folder.held, part, &self.folder.held, name)?;
        self.names.pop_front();
        Ok(())
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        for part in &self.names {
            let _ = fs::unlinkat(&self.folder.held, part, AtFlags::empty()); // what failed first is told
        }
    }
}

/// There is no room for more.
pub fn is_full(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The name of a file, and no way to one.
fn checked(name: &Path) -> io::Result<&Path> {
    match name.file_name() == Some(name.as_os_str()) {
        true => Ok(name),
        false => Err(Errno::INVAL.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{symlink, PermissionsExt},
    };

    use super::*;

    #[test]
    fn a_file_comes_to_be_in_the_folder_and_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let (inside, outside) = (root.path().join("inside"), root.path().join("outside"));
        fs::create_dir(&inside).unwrap();
        let folder = Folder::open(&inside).unwrap();
        for name in ["../outside", "/tmp/outside", "a/b", "..", ".", ""] {
            assert!(folder.create(Path::new(name), b"x").is_err(), "{name}");
            assert!(folder.replace(Path::new(name), b"x").is_err(), "{name}");
        }
        symlink(&outside, inside.join("link")).unwrap();
        assert_eq!(folder.create(Path::new("link"), b"x").unwrap_err().code, exit::CANNOT_CREATE);
        assert!(folder.has(Path::new("link")) && !outside.exists());
        folder.replace(Path::new("link"), b"x").unwrap();
        assert!(!outside.exists() && fs::symlink_metadata(inside.join("link")).unwrap().is_file());
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 1, "nothing half made is left");
    }

    #[test]
    fn what_is_replaced_is_hidden_from_whom_it_was() {
        let root = tempfile::tempdir().unwrap();
        let (file, folder) = (root.path().join("a"), Folder::open(root.path()).unwrap());
        fs::write(&file, b"one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        folder.replace(Path::new("a"), b"two").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_half_file_that_somebody_has_left_is_in_nobodys_way() {
        let root = tempfile::tempdir().unwrap();
        let left = root.path().join(format!(".postrider.{}.0.0.part", std::process::id()));
        fs::write(&left, b"half").unwrap();
        Folder::open(root.path()).unwrap().replace(Path::new("a"), b"two").unwrap();
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"two");
        assert_eq!(fs::read(&left).unwrap(), b"half", "it may be another program's");
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.create(Path::new("a"), b"one").unwrap();
        let error = folder.create(Path::new("a"), b"two").unwrap_err();
        assert!(error.text.contains("--force"), "{}", error.text);
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"one");
        folder.replace(Path::new("a"), b"two").unwrap();
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"two");
        // Where one cannot be made, none takes its place, and nothing half made is left.
        let files: [(&Path, &[u8]); 2] = [(Path::new("a"), b"three"), (Path::new("../b"), b"x")];
        assert!(folder.replace_all(&files).is_err());
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"two");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert_eq!(Folder::open(&root.path().join("none")).err().unwrap().code, exit::CANNOT_CREATE);
    }
}
