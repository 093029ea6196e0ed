//! Where a local service listens, as settings write it: `/run/dovecot/lmtp` or `127.0.0.1:24`.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use crate::{host_port::HostPortError, HostPort};

/// A socket in the file system, or one of a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Socket {
    /// A Unix socket: an absolute path, so that it means the same wherever the program was started.
    Unix(Arc<Path>),
    /// A host and its port.
    Tcp(HostPort),
}

impl FromStr for Socket {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        match text.starts_with('/') && !text.contains(char::is_control) {
            true => Ok(Socket::Unix(PathBuf::from(text).into())),
            false => text.parse().map(Socket::Tcp),
        }
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Socket::Unix(path) => path.display().fmt(f),
            Socket::Tcp(host) => host.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_a_path_or_a_host_and_is_written_as_it_is_read() {
        for text in ["/run/dovecot/lmtp", "127.0.0.1:24", "mail.example:24", "[::1]:24"] {
            assert_eq!(text.parse::<Socket>().unwrap().to_string(), text);
        }
        for bad in ["run/lmtp", "", "/run/\n/lmtp", "::1"] {
            assert!(bad.parse::<Socket>().is_err(), "{bad:?}");
        }
    }
}
