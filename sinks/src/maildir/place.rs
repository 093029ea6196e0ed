//! Where mailboxes are: a path with the name of the user in it, and perhaps that of the domain.
//!
//! Rule: a name stands for a whole part of the path, and is checked to be one: the path leads below its fixed
//! beginning, always.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use postrider_engine::{Mailboxes, UserName};
use thiserror::Error;

const USER: &str = "{user}";
const DOMAIN: &str = "{domain}";

/// A path such as `/var/mail/{domain}/{user}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    base: PathBuf,
    parts: Vec<Part>,
    /// Stands for the domain of the bare `postmaster`.
    host: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(PathBuf),
    User,
    Domain,
}

/// Why a path is no place for mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// All users would have one mailbox.
    #[error("it has no {USER}")]
    NoUser,
    /// A name with something before or behind it, or a name that is none.
    #[error("{USER} and {DOMAIN} stand between slashes, and there are no other names in braces")]
    Braces,
    /// It would lead to other places than it says.
    #[error("it has .. behind a name")]
    Up,
}

impl Place {
    /// Reads a path. `host` is our name.
    ///
    /// # Errors
    /// [`PlaceError`]: mailboxes would not be where the path says.
    pub fn new(path: &Path, host: &str) -> Result<Self, PlaceError> {
        let (mut base, mut parts) = (PathBuf::new(), Vec::new());
        for component in path.components() {
            let part = match component.as_os_str().to_string_lossy() {
                name if name == USER => Part::User,
                name if name == DOMAIN => Part::Domain,
                name if name.contains(['{', '}']) => return Err(PlaceError::Braces),
                _ => Part::Fixed(component.as_os_str().into()),
            };
            match part {
                Part::Fixed(name) if parts.is_empty() => base.push(name),
                Part::Fixed(_) if component == Component::ParentDir => return Err(PlaceError::Up),
                part => parts.push(part),
            }
        }
        match parts.contains(&Part::User) {
            true => Ok(Place { base, parts, host: host.to_owned() }),
            false => Err(PlaceError::NoUser),
        }
    }

    /// The beginning that is the same for all; empty for the working directory.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Our name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The mailbox of this user; `None`: the domain cannot be the name of a folder.
    pub fn path(&self, user: &UserName, domain: &str) -> Option<PathBuf> {
        let domain = UserName::new(if domain.is_empty() { &self.host } else { domain });
        let mut path = self.base.clone();
        for part in &self.parts {
            match part {
                Part::Fixed(name) => path.push(name),
                Part::User => path.push(user),
                Part::Domain => path.push(domain.as_ref().ok()?),
            }
        }
        Some(path)
    }
}

impl Mailboxes for Place {
    /// A place whose beginning is missing (a disk that is not mounted) says nothing about users.
    fn has(&self, user: &UserName, domain: &str) -> io::Result<bool> {
        let Some(path) = self.path(user, domain) else { return Ok(false) };
        match path.metadata() {
            Ok(found) => Ok(found.is_dir()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                let base = if self.base.as_os_str().is_empty() { Path::new(".") } else { &self.base };
                base.metadata().map(|_| false)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> UserName {
        UserName::new("ann").unwrap()
    }

    #[test]
    fn names_take_their_place_in_the_path() {
        let table = [
            ("/var/mail/{user}", "/var/mail", "/var/mail/ann"),
            ("mail/{domain}/{user}/Maildir", "mail", "mail/example.org/ann/Maildir"),
            ("/{user}", "/", "/ann"),
            ("../mail/./{user}/", "../mail", "../mail/ann"),
            ("{domain}/{user}/{user}", "", "example.org/ann/ann"),
        ];
        for (text, base, path) in table {
            let place = Place::new(Path::new(text), "host").unwrap();
            assert_eq!(place.base(), Path::new(base), "{text}");
            assert_eq!(place.path(&ann(), "example.org"), Some(path.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_says_why() {
        let table = [
            ("/var/mail", PlaceError::NoUser),
            ("/var/mail/{domain}", PlaceError::NoUser),
            ("/var/mail/x{user}", PlaceError::Braces),
            ("/var/mail/{usr}/{user}", PlaceError::Braces),
            ("/var/mail/{user}/..", PlaceError::Up),
        ];
        for (text, why) in table {
            assert_eq!(Place::new(Path::new(text), "host"), Err(why), "{text}");
        }
    }

    #[test]
    fn a_domain_is_a_folder_or_no_place_at_all() {
        let place = Place::new(Path::new("mail/{domain}/{user}"), "host.example").unwrap();
        assert_eq!(place.path(&ann(), ""), Some("mail/host.example/ann".into()), "the bare postmaster's");
        assert_eq!(place.path(&ann(), "[192.0.2.1]"), Some("mail/[192.0.2.1]/ann".into()));
        assert_eq!(place.path(&ann(), ".."), None);
        assert_eq!(place.path(&ann(), "a/../b"), None);
    }

    #[test]
    fn who_has_a_folder_is_known_and_a_missing_disk_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = |text: &str| Place::new(&folder.path().join(text), "host").unwrap();
        std::fs::create_dir_all(folder.path().join("mail/ann")).unwrap();
        let bob = UserName::new("bob").unwrap();
        std::fs::write(folder.path().join("mail/bob"), "a file").unwrap();
        let has = |place: &Place, user: &UserName| place.has(user, "x").map_err(|error| error.kind());
        assert_eq!(has(&place("mail/{user}"), &ann()), Ok(true));
        assert_eq!(has(&place("mail/{user}"), &bob), Ok(false));
        assert_eq!(has(&place("mail/{user}/box"), &bob), Ok(false));
        assert_eq!(has(&place("gone/{user}"), &ann()), Err(io::ErrorKind::NotFound));
    }
}
