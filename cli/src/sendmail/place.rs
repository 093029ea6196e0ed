//! Where the engine of this host is, as far as whoever calls may know: the settings that name its socket and its folders.
//!
//! Rule: sendmail needs no right of its own. Settings that its user may not read are not needed: then the usual places are tried.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use postrider::{
    rules::pickup::{Dots, FileForm},
    settings::Pickup,
    Settings,
};

use crate::{arguments::Config, exit, failure::Failure};

/// The settings of the daemon, where nobody names others.
const USUAL_SETTINGS: &str = "/etc/postrider/postrider.toml";
/// The socket for programs, where no settings can be read.
const USUAL_SOCKET: &str = "/run/postrider/send";
/// The pickup folder, where no settings can be read.
const USUAL_PICKUP: &str = "/var/spool/postrider/pickup";

/// What is known of the engine.
#[derive(Debug)]
pub struct Place {
    /// The settings as they could be read.
    pub settings: Settings,
    /// Its socket for programs.
    pub socket: Option<Arc<Path>>,
    /// Folders from which it takes mail.
    pub pickup: Vec<Pickup>,
}

impl Place {
    /// Reads the settings: of this file, else of the one that the environment names, else those of the daemon if they are there and
    /// may be read.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn find(named: Option<PathBuf>) -> Result<Self, Failure> {
        let file = Config { config: named }.file().or_else(|| Some(USUAL_SETTINGS.into())).filter(is_for_us);
        let settings = Settings::load(file.as_deref()).map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
        let (socket, pickup) = (settings.send.socket.clone(), pickup_folders(&settings));
        Ok(match file {
            Some(_) => Place { settings, socket, pickup },
            None => {
                let usual_pickup = Path::new(USUAL_PICKUP);
                let is_there = pickup.is_empty() && usual_pickup.is_dir();
                Place {
                    settings,
                    socket: socket.or_else(|| Some(Path::new(USUAL_SOCKET).into())),
                    pickup: if is_there { vec![Pickup::new(usual_pickup)] } else { pickup },
                }
            }
        })
    }

    /// The name that addresses without a domain get.
    pub fn host(&self) -> &str {
        &self.settings.hostname
    }
}

/// The daemon's settings may be missing, or not be for everybody; others were named, so what is wrong with them is told.
fn is_for_us(file: &PathBuf) -> bool {
    let is_closed = |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::PermissionDenied);
    file != Path::new(USUAL_SETTINGS) || !File::open(file).is_err_and(|error| is_closed(error.kind()))
}

/// Those in which a file is read as it is written here. A path that begins in the daemon's own folder leads elsewhere from here.
fn pickup_folders(settings: &Settings) -> Vec<Pickup> {
    let is_ours = |one: &&Pickup| one.form == FileForm::Pickup && one.dots == Dots::Plain && one.folder.is_absolute();
    settings.pickup.iter().filter(is_ours).cloned().collect()
}
