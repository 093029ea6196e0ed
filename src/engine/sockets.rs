//! Sockets that are bound and listen, before any thread is started.
//!
//! Rule: a socket in the file system that a dead process has left is replaced, that of a living one never. Its mode is set
//! before it listens, so there is no moment in which anybody else could have come in.

use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixListener,
    },
    path::Path,
    sync::Arc,
};

use postrider_actors::{
    listener::{Bound, Entrance, Guests},
    programs::ProgramSocket,
};
use postrider_engine::Socket as Place;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::StartError;
use crate::settings::{Listen, Send};

/// Connections that the kernel keeps for us while we are busy.
const BACKLOG: i32 = 1024;

/// All sockets of an engine.
pub(super) struct Sockets {
    smtp: Vec<TcpListener>,
    lmtp: Vec<Bound>,
    programs: Option<ProgramSocket>,
}

impl Sockets {
    /// Binds all that these settings name.
    ///
    /// # Errors
    /// The first that cannot be bound, with the remedy. Those before it are closed again.
    pub(super) fn bind(settings: &Listen, send: &Send) -> Result<Self, StartError> {
        let smtp = settings.sockets.iter().map(|address| {
            tcp(*address).map_err(|error| StartError::listen("listen.sockets", address.to_string(), error))
        });
        let smtp = smtp.collect::<Result<_, _>>()?;
        let lmtp = settings.lmtp.iter().map(|place| {
            let bound = match place {
                Place::Unix(path) => unix(path, settings.lmtp_mode).map(|socket| Bound::Unix(socket, Arc::clone(path))),
                Place::Tcp(host) => {
                    let address = host.socket().ok_or_else(|| io::Error::from(ErrorKind::AddrNotAvailable));
                    address.and_then(tcp).map(Bound::Tcp)
                }
            };
            bound.map_err(|error| StartError::listen("listen.lmtp", place.to_string(), error))
        });
        let lmtp = lmtp.collect::<Result<_, _>>()?;
        let programs = send.socket.as_ref().map(|path| {
            let bound = unix(path, send.socket_mode).map(|socket| ProgramSocket { socket, path: Arc::clone(path) });
            bound.map_err(|error| StartError::listen("send.socket", path.display().to_string(), error))
        });
        Ok(Sockets { smtp, lmtp, programs: programs.transpose()? })
    }

    /// The addresses of those for SMTP.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.smtp.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// The one for programs, which is then nobody else's.
    pub(super) fn take_programs(&mut self) -> Option<ProgramSocket> {
        self.programs.take()
    }

    /// All others, with what is spoken there.
    pub(super) fn entrances(self) -> Vec<Entrance> {
        let smtp = self.smtp.into_iter().map(|socket| Entrance { socket: Bound::Tcp(socket), guests: Guests::Smtp });
        let lmtp = self.lmtp.into_iter().map(|socket| {
            let guests = if matches!(socket, Bound::Unix(..)) { Guests::LmtpByFile } else { Guests::Lmtp };
            Entrance { socket, guests }
        });
        smtp.chain(lmtp).collect()
    }
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?; // 0.0.0.0 and [::] can both be given
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from(socket))
}

fn unix(path: &Path, mode: u32) -> io::Result<UnixListener> {
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
