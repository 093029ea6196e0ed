//! How sockets are written, and the mode of those in the file system.

use std::{path::Path, sync::Arc};

use postrider_engine::{HostPort, Socket};

use super::{
    raw::ValueKind,
    value::{parsed, text, Readable, Wrong},
};

impl Readable for Socket {
    /// A path, or an address and a port: nobody is asked for a name, and the port is not that of SMTP (RFC 2033, 5).
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write a whole path, as in \"/run/postrider/lmtp\", or an address with a port that is not 25, as in \"127.0.0.1:24\"";
        let socket: Socket = parsed(value, REMEDY)?;
        match &socket {
            Socket::Tcp(host) if host.port == HostPort::SMTP || host.socket().is_none() => Err(REMEDY),
            _ => Ok(socket),
        }
    }
}

/// Octets of the path of a socket (`sun_path` less its final NUL).
const MAX_PATH: usize = 107;

/// The path of a socket in the file system.
pub(super) struct SocketPath(pub Arc<Path>);

impl Readable for SocketPath {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let remedy = "write a whole path of at most 107 octets, as in \"/run/postrider/send\"";
        match parsed(value, remedy)? {
            Socket::Unix(path) if path.as_os_str().len() <= MAX_PATH => Ok(SocketPath(path)),
            _ => Err(remedy),
        }
    }
}

/// The mode of a socket: its owner may write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SocketMode(pub u32);

impl Readable for SocketMode {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let mode = text(value).filter(|text| text.len() <= 4).and_then(|text| u32::from_str_radix(text, 8).ok());
        let good = mode.filter(|mode| (0o600..=0o777).contains(mode));
        good.map(SocketMode).ok_or("write a mode in octal from \"0600\" to \"0777\"")
    }
}
