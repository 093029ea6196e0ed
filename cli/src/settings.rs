//! The settings that a command line asks for.

use std::path::{Path, PathBuf};

use postrider::{Settings, SettingsErrors};

use crate::{
    arguments::{Config, Serve},
    exit,
    failure::{Done, Failure},
    page::Page,
};

/// Names the file of settings where no `--config` does.
const VARIABLE: &str = "POSTRIDER_CONFIG";
/// The file that is read where nobody names one, if it is there.
const USUAL: &str = "/etc/postrider/postrider.toml";

impl Config {
    /// The file, if there is one: that of the command line, else that of the variable, else the usual one.
    pub fn file(&self) -> Option<PathBuf> {
        let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
        which(self.config.clone(), variable, Path::new(USUAL))
    }

    /// The same for people.
    pub fn named(&self) -> String {
        self.file().map_or_else(|| "no file, the defaults".into(), |file| file.display().to_string())
    }

    /// The settings that are in the file and the environment.
    pub fn load(&self) -> Result<Settings, SettingsErrors> {
        Settings::load(self.file().as_deref())
    }
}

/// A usual file of which nobody can say whether it is there is taken for one: what is wrong is said when it is read.
fn which(argument: Option<PathBuf>, variable: Option<PathBuf>, usual: &Path) -> Option<PathBuf> {
    let named = argument.or(variable.filter(|name| !name.as_os_str().is_empty()));
    named.or_else(|| usual.try_exists().unwrap_or(true).then(|| usual.to_owned()))
}

impl Serve {
    /// The settings, with what the command line adds.
    pub fn load(&self) -> Result<Settings, SettingsErrors> {
        let settings = self.config.load()?;
        match self.smart_hosts.is_empty() {
            true => Ok(settings),
            false => settings.with_smart_hosts(&self.smart_hosts),
        }
    }

    /// The same, and this machine has what they ask for.
    pub fn checked(&self) -> Result<Settings, Failure> {
        let checked = self.load().and_then(|settings| settings.check_machine().map(|()| settings));
        checked.map_err(|wrong| Failure::new(exit::SETTINGS, wrong))
    }
}

/// `postrider check`
pub fn check(how: &Serve) -> Done {
    let settings = how.checked()?;
    settings.notes().iter().for_each(|note| eprintln!("postrider: note: {note}"));
    let mut page = Page::new();
    page.line(format_args!("the settings are good: {}", how.config.named()))?;
    page.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_file_is_read_where_nobody_names_another_and_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (there, missing) = (folder.path().join("there"), folder.path().join("missing"));
        std::fs::write(&there, "").unwrap();
        let named = |name: &str| Some(PathBuf::from(name));
        let table = [
            (named("a"), named("b"), &there, named("a")),
            (None, named("b"), &there, named("b")),
            (None, named(""), &there, Some(there.clone())),
            (None, None, &there, Some(there.clone())),
            (None, None, &missing, None),
        ];
        for (argument, variable, usual, file) in table {
            assert_eq!(which(argument.clone(), variable.clone(), usual), file, "{argument:?} {variable:?}");
        }
    }
}
