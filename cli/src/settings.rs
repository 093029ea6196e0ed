//! The settings that a command line asks for.

use std::path::PathBuf;

use postrider::{Settings, SettingsErrors};

use crate::{
    arguments::{Config, Serve},
    exit,
    failure::{Done, Failure},
};

/// Names the file of settings where no `--config` does.
const VARIABLE: &str = "POSTRIDER_CONFIG";

impl Config {
    /// The file, if there is one.
    pub fn file(&self) -> Option<PathBuf> {
        let named = || std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
        self.config.clone().or_else(|| named().map(PathBuf::from))
    }

    /// The settings that are in the file and the environment.
    pub fn load(&self) -> Result<Settings, SettingsErrors> {
        Settings::load(self.file().as_deref())
    }
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
    println!("the settings are good");
    Ok(())
}
