//! How a command finds the daemon and speaks with it: by its socket, which `--socket` or the settings name.
//!
//! Rule: where the socket is named no file of settings is read, so who may not read them may ask all the same.

use std::path::PathBuf;

use clap::Args;
use postrider::{AdminError, Client, ConnectError, Engine};

use crate::{arguments::Config, exit, failure::Failure};

/// Where the daemon is.
#[derive(Args, Clone, Debug, Default)]
pub struct Reach {
    /// The daemon's socket for programs; no settings are read then. Without it: send.socket of the settings
    #[arg(long, value_name = "PATH", global = true)]
    pub socket: Option<PathBuf>,
    /// Its settings.
    #[command(flatten)]
    pub config: Config,
}

impl Reach {
    /// The path of its socket.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(socket) = &self.socket {
            return Ok(socket.clone());
        }
        let settings = self.config.load().map_err(|wrong| {
            Failure::new(exit::SETTINGS, format_args!("{wrong}\nor name the daemon's socket: --socket PATH"))
        })?;
        settings.send.socket.map(|socket| socket.to_path_buf()).ok_or_else(|| {
            let named = self.config.named();
            let text = "so no command reaches the daemon: set it, and start the daemon again; or give --socket PATH";
            Failure::new(exit::SETTINGS, format_args!("send.socket is not set ({named}), {text}"))
        })
    }

    /// The daemon.
    pub fn daemon(&self) -> Result<Client, Failure> {
        Ok(Engine::connect(self.path()?)?)
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let code = match &error {
            ConnectError::NotPermitted { .. } => exit::NOT_PERMITTED,
            ConnectError::NoPath { .. } | ConnectError::NotAnEngine { .. } => exit::SETTINGS,
            ConnectError::Threads(_) => exit::SYSTEM,
            ConnectError::Busy { .. } => exit::TEMPORARY,
            _ => exit::UNAVAILABLE,
        };
        Failure::new(code, error)
    }
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        let code = match &error {
            AdminError::NotPermitted(_) => exit::NOT_PERMITTED,
            AdminError::NoSuchSink(_) | AdminError::NotHeld(_) => exit::NO_INPUT,
            AdminError::NoEngine { .. } | AdminError::Stopped(_) => exit::UNAVAILABLE,
            _ if error.is_temporary() => exit::TEMPORARY,
            _ => exit::SOFTWARE,
        };
        Failure::new(code, error)
    }
}
