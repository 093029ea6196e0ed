//! How a relay opens its stream to a peer: by sockets of the system, unless somebody brings another way.
//!
//! Rule: a way only opens streams. Which host is tried, in what order, and what is said there is the relay's alone.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

use postrider_engine::{BoxFuture, HostPort};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::UnixStream,
};

use super::tcp;

/// A stream of octets to a peer and back.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

/// Where a stream is to lead.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Destination<'a> {
    /// To a host of the network.
    Tcp {
        /// The host as the settings or the DNS name it.
        host: &'a HostPort,
        /// The address of it that is tried now.
        address: SocketAddr,
        /// From which address of ours; `None`: the system chooses.
        source: Option<IpAddr>,
    },
    /// To a socket in the file system.
    Unix(&'a Path),
}

/// Opens streams for a [`Relay`](super::Relay). The one that is used unless another is given is [`SystemSockets`].
pub trait Connect: Send + Sync + 'static {
    /// Opens one. It should take no longer than `limit`; the relay waits no longer in any case.
    ///
    /// # Errors
    /// Nothing answers there. The relay tries the next address, and puts the mail off when there is none.
    fn connect<'a>(&'a self, to: Destination<'a>, limit: Duration) -> BoxFuture<'a, io::Result<Box<dyn Stream>>>;
}

/// Sockets of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSockets;

impl Connect for SystemSockets {
    fn connect<'a>(&'a self, to: Destination<'a>, limit: Duration) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            Ok(match to {
                Destination::Tcp { address, source, .. } => Box::new(tcp::connect(address, source, limit).await?),
                Destination::Unix(path) => Box::new(UnixStream::connect(path).await?) as Box<dyn Stream>,
            })
        })
    }
}
