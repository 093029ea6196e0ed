//! Where files of a drop folder go: a path, perhaps with the name of the recipient's domain in it.
//!
//! Rule: a name stands for a whole part of the path, and is checked to be one: the path leads below its fixed beginning, always.

use std::{
    fmt,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;

use crate::UserName;

const DOMAIN: &str = "{domain}";

/// A path such as `/var/drop`, or `/var/drop/{domain}`: then each domain has a folder of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropPlace(Arc<Path>);

/// Why a path is no place for files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DropPlaceError {
    /// A name with something before or behind it, or a name that is none.
    #[error("{DOMAIN} stands between slashes, and there are no other names in braces")]
    Braces,
    /// It would lead to other places than it says.
    #[error("it has .. behind {DOMAIN}")]
    Up,
}

impl DropPlace {
    /// Reads a path.
    ///
    /// # Errors
    /// [`DropPlaceError`]: files would not be where the path says.
    pub fn new(path: &Path) -> Result<Self, DropPlaceError> {
        let mut by_domain = false;
        for part in path.components() {
            match part.as_os_str().to_string_lossy() {
                name if name == DOMAIN => by_domain = true,
                name if name.contains(['{', '}']) => return Err(DropPlaceError::Braces),
                _ if by_domain && part == Component::ParentDir => return Err(DropPlaceError::Up),
                _ => {}
            }
        }
        Ok(DropPlace(path.into()))
    }

    /// Each domain has a folder of its own.
    pub fn is_by_domain(&self) -> bool {
        self.parts().any(is_domain)
    }

    /// The beginning that is the same for all; it has to be there.
    pub fn base(&self) -> PathBuf {
        self.parts().take_while(|part| !is_domain(*part)).collect()
    }

    /// What follows the base for this domain, one folder after the other, which are made at need. `None`: the domain cannot be
    /// the name of a folder.
    pub fn below(&self, domain: &str) -> Option<PathBuf> {
        let domain = UserName::new(domain);
        let mut below = PathBuf::new();
        for part in self.parts().skip_while(|part| !is_domain(*part)) {
            match is_domain(part) {
                true => below.push(domain.as_ref().ok()?),
                false => below.push(part),
            }
        }
        Some(below)
    }

    fn parts(&self) -> impl Iterator<Item = Component<'_>> {
        self.0.components()
    }
}

fn is_domain(part: Component<'_>) -> bool {
    part.as_os_str() == DOMAIN
}

impl fmt::Display for DropPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_folder_or_one_for_each_domain() {
        let table = [
            ("/var/drop", "/var/drop", "", false),
            ("/var/drop/{domain}", "/var/drop", "d.example", true),
            ("/var/{domain}/./in/{domain}/", "/var", "d.example/in/d.example", true),
            ("/../var/{domain}", "/../var", "d.example", true),
            ("/{domain}", "/", "d.example", true),
        ];
        for (text, base, below, by_domain) in table {
            let place = DropPlace::new(Path::new(text)).unwrap();
            assert_eq!((place.base(), place.is_by_domain()), (base.into(), by_domain), "{text}");
            assert_eq!(place.below("d.example"), Some(below.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_says_why() {
        for (text, why) in [
            ("/var/drop/x{domain}", DropPlaceError::Braces),
            ("/var/drop/{user}", DropPlaceError::Braces),
            ("/var/drop/{domain}/..", DropPlaceError::Up),
        ] {
            assert_eq!(DropPlace::new(Path::new(text)), Err(why), "{text}");
        }
    }

    #[test]
    fn a_domain_is_one_folder_or_no_place_at_all() {
        let place = DropPlace::new(Path::new("/var/drop/{domain}")).unwrap();
        assert_eq!(place.below("[IPv6:2001:db8::1]"), Some("[IPv6:2001:db8::1]".into()));
        for domain in ["", ".", "..", ".hidden", "a/b", "../a", "a\0", &"x".repeat(256)] {
            assert_eq!(place.below(domain), None, "{domain:?}");
        }
    }
}
