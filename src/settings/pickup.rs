//! Settings of folders into which files are put that are mails.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::{path::PathBuf, time::Duration};

use postrider_engine::pickup::{Dots, FileForm, FileRules};

use super::{machine, reader::Section, receiving::SECOND, Settings, SettingsError};

/// Folders that are looked after: each has a thread's time, and ten are more than anybody needs.
const MOST_FOLDERS: usize = 32;

/// `[[pickup]]`: a folder of files.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pickup {
    /// Where files are put. The engine makes it, and `high` and `low` below it.
    pub folder: PathBuf,
    /// What kind of files they are.
    pub form: FileForm,
    /// What a dot at the beginning of a line is.
    pub dots: Dots,
    /// A file is complete when its size and time have rested so long. Zero: at sight, so all writers must rename.
    pub rest: Duration,
    /// How often it is looked for files, whatever the system says of changes.
    pub scan: Duration,
    /// Recipients that a file may have.
    pub recipients: usize,
    /// The mode of the folder when it is made.
    pub mode: u32,
}

impl Pickup {
    /// A folder with the defaults of everything else.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Pickup {
            folder: folder.into(),
            form: FileForm::Pickup,
            dots: Dots::Plain,
            rest: SECOND,
            scan: 5 * SECOND,
            recipients: 1000,
            mode: 0o700,
        }
    }

    pub(super) fn read(mut from: Section<'_>) -> Option<Self> {
        let is = Self::new("");
        let Some(folder) = from.optional("folder") else {
            from.complain(
                "folder",
                "it is missing",
                "write the folder in quotes, as in \"/var/spool/postrider/pickup\"",
            );
            return None;
        };
        let forms = [("pickup", FileForm::Pickup), ("replay", FileForm::Replay)];
        let pickup = Pickup {
            folder,
            form: from.choice("form", is.form, &forms),
            dots: from.choice("dots", is.dots, &[("plain", Dots::Plain), ("stuffed", Dots::Stuffed)]),
            rest: from.time("rest", is.rest, Duration::ZERO..=3600 * SECOND),
            scan: from.time("scan", is.scan, Duration::from_millis(100)..=3600 * SECOND),
            recipients: from.number("recipients", is.recipients, 1..=10_000),
            mode: mode(&mut from, is.mode),
        };
        from.finish();
        Some(pickup)
    }
}

fn mode(from: &mut Section<'_>, is: u32) -> u32 {
    let Some(text) = from.optional::<String>("mode") else { return is };
    match u32::from_str_radix(&text, 8).ok().filter(|mode| (0o700..=0o1777).contains(mode) && mode & 0o700 == 0o700) {
        Some(mode) => mode,
        None => {
            from.complain(
                "mode",
                format!("{text:?} is no value for it"),
                "write a mode in octal from \"0700\" to \"1777\"",
            );
            is
        }
    }
}

impl Settings {
    /// How the files of this folder are read.
    pub fn file_rules(&self, of: &Pickup) -> FileRules {
        FileRules { form: of.form, dots: of.dots, recipients: of.recipients, limits: self.session_limits() }
    }

    /// What the folders need of each other and of the rest.
    pub(super) fn pickup_errors(&self) -> Vec<SettingsError> {
        let mut wrong = Vec::new();
        if !self.pickup.is_empty() && self.report.badmail.is_none() {
            let problem = "report.badmail is off, so there is no place for files that are no mail";
            wrong.push(SettingsError::new("pickup.folder", problem, "set report.badmail to a folder"));
        }
        if self.pickup.len() > MOST_FOLDERS {
            let problem = format!("there are {} folders", self.pickup.len());
            wrong.push(SettingsError::new("pickup", problem, format!("name at most {MOST_FOLDERS}")));
        }
        for (at, one) in self.pickup.iter().enumerate() {
            if self.pickup[..at].iter().any(|before| before.folder == one.folder) {
                let problem = format!("{} is named twice", one.folder.display());
                wrong.push(SettingsError::new("pickup.folder", problem, "name each folder once"));
            }
        }
        wrong.extend(self.pickup.iter().filter_map(|one| self.taken_for_mail(one)));
        wrong
    }

    /// What is in a pickup folder is taken out of it: the files of the spool, bad mail, which would be bad mail again, and files
    /// of another folder.
    fn taken_for_mail(&self, one: &Pickup) -> Option<SettingsError> {
        let spool = &self.spool.folder;
        let parts = ["log", "side", "damaged"].map(|part| (spool.join(part), "spool.folder"));
        let others = self.pickup.iter().map(|other| (other.folder.clone(), "another pickup.folder"));
        let others = others.filter(|(folder, _)| *folder != one.folder);
        let badmail = self.badmail().map(|folder| (folder, "report.badmail"));
        let of_others = parts.into_iter().chain([(spool.clone(), "spool.folder")]).chain(badmail).chain(others);
        let looked_into = ["", "high", "low", ".claimed"].map(|below| one.folder.join(below));
        let (folder, whose) = of_others.into_iter().find(|(folder, _)| looked_into.contains(folder))?;
        let problem = format!("{} would be looked after as mail, and is of {whose}", folder.display());
        Some(SettingsError::new("pickup.folder", problem, "give the pickup folder a place of its own"))
    }

    /// The folders can be written, or made.
    pub(super) fn pickup_on_machine(&self) -> impl Iterator<Item = SettingsError> + '_ {
        self.pickup.iter().filter_map(|one| machine::folder("pickup.folder", &one.folder).err())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::named;

    #[test]
    fn folders_are_read_with_their_defaults_and_what_cannot_be_is_refused() {
        let read =
            named("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/r\"\nform = \"replay\"\nmode = \"1733\"\n");
        let pickup = read.unwrap().pickup;
        assert_eq!(pickup[0], Pickup::new("/p"));
        assert_eq!(pickup[1], Pickup { form: FileForm::Replay, mode: 0o1733, ..Pickup::new("/r") });
        assert!(named("[[pickup]]\nfolder = \"/s/pickup\"\n[spool]\nfolder = \"/s\"\n").is_ok());
        let table = [
            ("[[pickup]]\nform = \"pickup\"", "pickup[1].folder: it is missing"),
            ("[[pickup]]\nfolder = \"/p\"\nmode = \"0070\"", "pickup[1].mode: "),
            ("[[pickup]]\nfolder = \"/p\"\nscan = \"1 ms\"", "pickup[1].scan: "),
            ("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/p\"", "pickup.folder: /p is named twice"),
            ("[[pickup]]\nfolder = \"/p\"\n[report]\nbadmail = \"off\"", "pickup.folder: report.badmail is off"),
            (
                "[[pickup]]\nfolder = \"/s\"\n[spool]\nfolder = \"/s/\"",
                "/s/ would be looked after as mail, and is of spool.folder",
            ),
            ("[[pickup]]\nfolder = \"/s/log\"\n[spool]\nfolder = \"/s\"", "is of spool.folder"),
            ("[[pickup]]\nfolder = \"/s/badmail\"\n[spool]\nfolder = \"/s\"", "is of report.badmail"),
            ("[[pickup]]\nfolder = \"/p\"\n[report]\nbadmail = \"/p/low\"", "is of report.badmail"),
            ("[[pickup]]\nfolder = \"/p\"\n[[pickup]]\nfolder = \"/p/high\"", "is of another pickup.folder"),
        ];
        for (text, line) in table {
            let wrong = named(text).unwrap_err().to_string();
            assert!(wrong.contains(line), "{text}: {wrong}");
        }
    }
}
