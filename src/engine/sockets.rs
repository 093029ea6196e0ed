//! Sockets in the file system that are bound and listen, before any thread is started.
//!
//! Rule: a socket that a dead process has left is replaced, that of a living one never. Its mode is set before it listens,
//! so there is no moment in which anybody else could have come in.

use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixListener,
    },
    path::Path,
    sync::Arc,
};

use postrider_actors::programs::ProgramSocket;
use socket2::{Domain, SockAddr, Socket, Type};

use super::StartError;
use crate::settings::Send;

/// Connections that the kernel keeps for us while we are busy.
pub(super) const BACKLOG: i32 = 1024;

/// Binds the socket by which other programs send, if these settings name one.
///
/// # Errors
/// It cannot be bound, with the remedy.
pub(super) fn programs(settings: &Send) -> Result<Option<ProgramSocket>, StartError> {
    let Some(path) = &settings.socket else { return Ok(None) };
    let owner = rustix::process::geteuid().as_raw();
    let bound = unix(path, settings.socket_mode).map(|socket| ProgramSocket { socket, path: Arc::clone(path), owner });
    bound.map(Some).map_err(|error| StartError::listen("send.socket", path.display().to_string(), error))
}

/// A socket in the file system, with this mode.
pub(super) fn unix(path: &Path, mode: u32) -> io::Result<UnixListener> {
    clear(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(UnixListener::from(socket))
}

/// Takes away what a dead process has left there.
fn clear(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => return Err(ErrorKind::AlreadyExists.into()),
        Ok(_) => {}
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?; // one that is too busy to answer lives, too
    match socket.connect(&SockAddr::unix(path)?) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
        _ => Err(ErrorKind::AddrInUse.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(opened: io::Result<UnixListener>) -> Option<ErrorKind> {
        opened.err().map(|error| error.kind())
    }

    #[test]
    fn what_a_dead_process_left_is_replaced_and_a_living_one_keeps_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lmtp");
        let living = unix(&path, 0o600).unwrap();
        assert_eq!(kind(unix(&path, 0o600)), Some(ErrorKind::AddrInUse));
        drop(living);
        assert!(path.exists(), "nobody takes it away");
        let again = unix(&path, 0o600).unwrap();
        assert!(std::os::unix::net::UnixStream::connect(&path).is_ok());
        drop(again);
    }

    #[test]
    fn a_file_that_is_no_socket_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lmtp");
        fs::write(&path, "precious").unwrap();
        assert_eq!(kind(unix(&path, 0o600)), Some(ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(kind(unix(&folder.path().join("none/lmtp"), 0o600)), Some(ErrorKind::NotFound));
    }

    #[test]
    fn the_mode_is_that_of_the_settings_whatever_the_umask() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o600, 0o660, 0o666] {
            let path = folder.path().join(format!("{mode:o}"));
            let _open = unix(&path, mode).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, mode);
        }
    }
}
