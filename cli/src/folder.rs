//! A folder into which files are put whose names somebody else has chosen.
//!
//! Rule: a file comes to be in this folder and nowhere else: by its descriptor, by a name without any folder, and never through a
//! link that somebody has put there. What is there already stays, unless it is to be replaced.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{self, AtFlags, Mode, OFlags},
    io::Errno,
};

use crate::{
    exit,
    failure::{Done, Failure},
    page,
};

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
        checked(name).and_then(|name| self.put(name, octets)).map_err(|error| self.not_written(name, &error))
    }

    /// A file in the place of what has this name. A link is replaced, and what it leads to stays.
    pub fn replace(&self, name: &Path, octets: &[u8]) -> Done {
        checked(name).and_then(|name| self.put_over(name, octets)).map_err(|error| self.not_written(name, &error))
    }

    fn put_over(&self, name: &Path, octets: &[u8]) -> io::Result<()> {
        let new = PathBuf::from(format!(".postrider.{}.part", std::process::id()));
        self.put(&new, octets)?;
        fs::renameat(&self.held, &new, &self.held, name).map_err(|error| {
            let _ = fs::unlinkat(&self.held, &new, AtFlags::empty()); // what failed first is told
            error.into()
        })
    }

    fn put(&self, name: &Path, octets: &[u8]) -> io::Result<()> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666); // less what the user's mask takes
        let mut file = File::from(fs::openat(&self.held, name, flags, mode)?);
        file.write_all(octets).inspect_err(|_| {
            let _ = fs::unlinkat(&self.held, name, AtFlags::empty()); // half a file is none
        })
    }

    fn not_written(&self, name: &Path, error: &io::Error) -> Failure {
        let path = self.path.join(name);
        let (code, remedy) = match error.kind() {
            io::ErrorKind::AlreadyExists => (exit::CANNOT_CREATE, "remove it, or say --force"),
            io::ErrorKind::StorageFull => (exit::IO, "free some space"),
            _ => (exit::CANNOT_CREATE, "name a folder that can be written"),
        };
        Failure::new(code, format_args!("{}: {error}; {remedy}", page::told(&path.to_string_lossy())))
    }
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
    use std::{fs, os::unix::fs::symlink};

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
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.create(Path::new("a"), b"one").unwrap();
        let error = folder.create(Path::new("a"), b"two").unwrap_err();
        assert!(error.text.contains("--force"), "{}", error.text);
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"one");
        folder.replace(Path::new("a"), b"two").unwrap();
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"two");
        assert_eq!(Folder::open(&root.path().join("none")).err().unwrap().code, exit::CANNOT_CREATE);
    }
}
