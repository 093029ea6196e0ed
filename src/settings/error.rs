//! What is wrong with the settings: one line each, with the key, the problem and the remedy.

use std::{fmt, io, net::SocketAddr, path::Path};

/// One thing that is wrong, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}; {remedy}")]
pub struct SettingsError {
    /// Which key, as `section.key`; `route[2].to` is in the second `[[route]]`.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// All that is wrong: one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsErrors(pub Vec<SettingsError>);

impl SettingsError {
    /// One problem with this key. Line ends in what comes from outside become blanks.
    pub fn new(key: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        let [key, problem, remedy] = [key.into(), problem.into(), remedy.into()].map(line);
        SettingsError { key, problem, remedy }
    }

    /// A listener could not be bound to this socket.
    pub fn socket(socket: SocketAddr, error: &io::Error) -> Self {
        let (problem, remedy) = match error.kind() {
            io::ErrorKind::AddrInUse => {
                ("is in use".into(), "stop the program that listens there, or choose another port")
            }
            io::ErrorKind::AddrNotAvailable => {
                ("is not an address of this machine".into(), "see `ip address` for those that are, or listen on [::]")
            }
            io::ErrorKind::PermissionDenied => (
                "may not be listened on".into(),
                "choose a port from 1024 on, or give the program CAP_NET_BIND_SERVICE",
            ),
            _ => (format!("cannot be listened on: {error}"), "choose another address or port"),
        };
        SettingsError::new("listen.sockets", format!("{socket} {problem}"), remedy)
    }

    /// What the key says cannot live in this folder.
    pub fn folder(key: &str, folder: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "choose a path where no file is in the way",
            io::ErrorKind::ReadOnlyFilesystem => "choose a folder on a file system that can be written",
            _ => "let the user of the program own it, or choose another folder",
        };
        SettingsError::new(key, format!("{} cannot be written: {error}", folder.display()), remedy)
    }
}

impl fmt::Display for SettingsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(SettingsError::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for SettingsErrors {}

impl From<SettingsError> for SettingsErrors {
    fn from(error: SettingsError) -> Self {
        SettingsErrors(vec![error])
    }
}

impl SettingsErrors {
    /// `value`, if nothing is wrong.
    pub(super) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

fn line(text: String) -> String {
    text.replace(char::is_control, " ")
}
