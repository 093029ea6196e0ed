//! Why an engine does not start, or does not answer: each with the remedy.

use std::{io, sync::Arc};

use postrider_actors::chain::BindError;
use postrider_sinks::disk::OpenError;
use thiserror::Error;

use crate::{SettingsError, SettingsErrors};

/// The engine did not start. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// Something in the settings.
    #[error(transparent)]
    Settings(#[from] SettingsErrors),
    /// A socket could not be opened.
    #[error("{key}: {address}: {problem}")]
    Listen {
        /// The key that names it.
        key: &'static str,
        /// Which one: an address, or a path.
        address: String,
        /// What the system says, and what to do.
        problem: String,
        /// What the system says.
        source: io::Error,
    },
    /// The spool could not be opened.
    #[error("spool.folder: {folder}: {source}")]
    Spool {
        /// Which folder.
        folder: String,
        /// What is the matter.
        source: OpenError,
    },
    /// A folder for files could not be opened.
    #[cfg(feature = "maildir")]
    #[error("pickup.folder: {0}")]
    Folder(#[from] postrider_sinks::pickup::PickupError),
    /// A sink could not be bound.
    #[error(transparent)]
    Binding(#[from] BindError),
    /// A thread could not be started.
    #[error("the engine's threads could not be started: {0}")]
    Threads(io::Error),
}

impl From<SettingsError> for StartError {
    fn from(error: SettingsError) -> Self {
        StartError::Settings(error.into())
    }
}

impl StartError {
    pub(super) fn listen(key: &'static str, address: String, source: io::Error) -> Self {
        let is_path = address.starts_with('/');
        let problem = match source.kind() {
            io::ErrorKind::AddrInUse if is_path => {
                "a living process listens there; stop it or choose another path".into()
            }
            io::ErrorKind::AlreadyExists => "there is a file that is no socket; choose another path".into(),
            io::ErrorKind::NotFound => "its folder is not there; make it (systemd: RuntimeDirectory=)".into(),
            io::ErrorKind::PermissionDenied if is_path => {
                "not permitted; let the user of the program write its folder".into()
            }
            io::ErrorKind::AddrInUse => {
                "the address is in use; stop the program that has it or choose another port".into()
            }
            io::ErrorKind::PermissionDenied => {
                "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE (see docs/postrider.service)".into()
            }
            io::ErrorKind::AddrNotAvailable => "this machine has no such address; choose one of its own".into(),
            _ => source.to_string(),
        };
        StartError::Listen { key, address, problem, source }
    }
}

/// The engine is not running any more.
#[derive(Clone, Debug, Error)]
#[error("the engine has stopped{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
#[non_exhaustive]
pub struct Stopped {
    /// Why, if it did not end in order.
    pub reason: Option<Arc<str>>,
}

/// A binding was not made or changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindingError {
    /// Why; nothing was changed.
    #[error(transparent)]
    Refused(#[from] BindError),
    /// The engine is not running any more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Other settings were not put in force; the old ones are.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// Something in the settings, or in a file that they name.
    #[error(transparent)]
    Settings(#[from] SettingsErrors),
    /// The engine is not running any more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// No thread could be started to read files on.
    #[error("no thread could be started: {0}")]
    Thread(io::Error),
}
