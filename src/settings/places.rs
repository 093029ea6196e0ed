//! Which folders pickup folders must not be, nor lie in, nor have in them.
//!
//! Rule: what one part of the engine writes, no other takes for a file that somebody wants mailed.

use std::path::{Path, PathBuf};

use postrider_engine::Next;

use super::{Settings, SettingsError};

impl Settings {
    /// What is wrong with the places of pickup folders. `real` says where a path leads.
    pub(super) fn pickup_places(&self, real: impl Fn(&Path) -> PathBuf) -> Vec<SettingsError> {
        let spool = real(&self.spool.folder);
        let bad = self.badmail().map(|folder| real(&folder)).filter(|folder| !folder.starts_with(&spool));
        let drops = self.drop_folders(&real);
        let mut wrong = Vec::new();
        let mut before: Vec<(&Path, PathBuf)> = Vec::new();
        for one in &self.pickup {
            let folder = real(&one.folder);
            let twice =
                before.iter().find(|(_, other)| *other == folder).map(|(named, _)| match *named == one.folder {
                    true => (format!("{} is named twice", named.display()), "name each folder once"),
                    false => (
                        format!("{} and {} are one folder", named.display(), one.folder.display()),
                        "name each folder once",
                    ),
                });
            let spoiled = || {
                meets(&folder, &spool, "the folder of the spool")
                    .or_else(|| meets(&folder, bad.as_deref()?, "the folder of bad mail"))
                    .or_else(|| drops.iter().find_map(|drop| drop.meets(&folder)))
                    .or_else(|| before.iter().find_map(|(_, other)| meets(&folder, other, "another pickup folder")))
                    .map(|how| (format!("{} {how}", one.folder.display()), "choose a folder of its own for it"))
            };
            let problem = twice.or_else(spoiled);
            wrong.extend(problem.map(|(problem, remedy)| SettingsError::new("pickup.folder", problem, remedy)));
            before.push((&one.folder, folder));
        }
        wrong
    }

    fn drop_folders(&self, real: impl Fn(&Path) -> PathBuf) -> Vec<Drops> {
        let drops = self.routes.iter().filter_map(|route| match &route.next {
            Next::Drop { place, .. } => {
                let below = place.below("example.org");
                let has_folders = below.is_none_or(|below| !below.as_os_str().is_empty());
                Some(Drops { base: real(&place.base()), has_folders })
            }
            _ => None,
        });
        drops.collect()
    }
}

/// Where a route drops mail.
struct Drops {
    base: PathBuf,
    /// Each domain has a folder of its own in it.
    has_folders: bool,
}

impl Drops {
    fn meets(&self, folder: &Path) -> Option<String> {
        let may_be = !self.has_folders && folder != self.base && folder.starts_with(&self.base);
        meets(folder, &self.base, "a drop folder").filter(|_| !may_be)
    }
}

/// How a folder and another are not apart.
fn meets(folder: &Path, other: &Path, what: &str) -> Option<String> {
    match (folder.starts_with(other), other.starts_with(folder)) {
        (true, true) => Some(format!("is {what}")),
        (true, false) => Some(format!("is within {what}")),
        (false, true) => Some(format!("has {what} in it")),
        (false, false) => None,
    }
}

/// The path from the root on, as it is written.
pub(super) fn as_written(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Where the path leads on this machine, behind all links of what is there of it.
pub(super) fn on_machine(path: &Path) -> PathBuf {
    let path = as_written(path);
    let found = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let Some((above, real)) = found else { return path };
    path.strip_prefix(above).map_or(real.clone(), |rest| real.join(rest))
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::named;

    #[test]
    fn a_pickup_folder_has_a_place_of_its_own() {
        let table = [
            ("spool.folder = \"/s\"\n[[pickup]]\nfolder = \"/s/\"", "/s/ is the folder of the spool"),
            ("spool.folder = \"/s\"\n[[pickup]]\nfolder = \"/s/p\"", "/s/p is within the folder of the spool"),
            ("spool.folder = \"/s/t\"\n[[pickup]]\nfolder = \"/s\"", "/s has the folder of the spool in it"),
            ("report.badmail = \"/b\"\n[[pickup]]\nfolder = \"/b\"", "/b is the folder of bad mail"),
            ("[[route]]\ndomain = \"*\"\nto = \"drop:/d\"\n[[pickup]]\nfolder = \"/d\"", "/d is a drop folder"),
            (
                "[[route]]\ndomain = \"*\"\nto = \"drop:/d/high\"\n[[pickup]]\nfolder = \"/d\"",
                "/d has a drop folder in it",
            ),
            (
                "[[route]]\ndomain = \"*\"\nto = \"drop:/d/{domain}\"\n[[pickup]]\nfolder = \"/d/x.example\"",
                "/d/x.example is within a drop folder",
            ),
            ("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/p/low\"", "/p/low is within another pickup folder"),
            ("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/p\"", "/p is named twice"),
            ("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/p/.\"", "/p is named twice"),
        ];
        for (text, line) in table {
            let wrong = named(text).unwrap_err().to_string();
            assert!(
                wrong.starts_with(&format!("pickup.folder: {line}; ")) && wrong.lines().count() == 1,
                "{text}: {wrong}"
            );
        }
        let apart = "[[route]]\ndomain = \"*\"\nto = \"drop:/d\"\n[[pickup]]\nfolder = \"/d/p\"\n[[pickup]]\nfolder = \"/d/pq\"";
        assert!(named(apart).is_ok());
    }
}
