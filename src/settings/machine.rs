//! What the settings ask of the machine: a name of its own, and a folder that can be written.
//!
//! Asking changes nothing: no folder is made, no socket is bound.

use std::{fs, io, path::Path};

use postrider_engine::Host;
use rustix::fs::{access, Access};

use super::error::SettingsError;

/// The name of this machine, if it is one that can be said in EHLO.
pub(super) fn hostname() -> Option<String> {
    let uname = rustix::system::uname();
    match uname.nodename().to_str().ok()?.parse() {
        Ok(Host::Name(name)) if &*name != "localhost" => Some(name.to_string()),
        _ => None,
    }
}

/// The folder can be written, or can be made.
pub(super) fn folder(key: &str, folder: &Path) -> Result<(), SettingsError> {
    let wrong = |error: io::Error| SettingsError::folder(key, folder, &error);
    let mut nearest = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    loop {
        match nearest.metadata() {
            Ok(found) if !found.is_dir() => return Err(wrong(io::ErrorKind::NotADirectory.into())),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                nearest = match nearest.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
            }
            Err(error) => return Err(wrong(error)),
        }
    }
    access(nearest, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).map_err(|error| wrong(error.into()))
}

/// A drop folder is there and can be written. It is not made: a disk that is not mounted would be filled elsewhere.
pub(super) fn drop_folder(path: &Path) -> Result<(), SettingsError> {
    match path.is_dir() {
        true => folder("route.to", path),
        false => {
            let remedy = "make it, and let the user of the program write to it";
            Err(SettingsError::new("route.to", format!("there is no folder {}", path.display()), remedy))
        }
    }
}

/// The text of a file of settings.
pub(super) fn text(path: &Path) -> Result<String, SettingsError> {
    let name = path.display().to_string();
    fs::read(path).and_then(|octets| String::from_utf8(octets).map_err(|_| io::ErrorKind::InvalidData.into())).map_err(
        |error| match error.kind() {
            io::ErrorKind::NotFound => {
                SettingsError::new(name, "there is no such file", "check the path given with --config")
            }
            io::ErrorKind::InvalidData => SettingsError::new(name, "it is not text in UTF-8", "write it as TOML"),
            _ => SettingsError::new(name, format!("it cannot be read: {error}"), "let the user of the program read it"),
        },
    )
}
