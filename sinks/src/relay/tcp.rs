//! Opens connections over TCP.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// A connection to this address, from this one of ours or from any. Small writes are sent at once: they are commands.
pub(super) async fn connect(address: SocketAddr, source: Option<IpAddr>, limit: Duration) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let connected = timeout(limit, socket.connect(address)).await;
    let stream = connected.map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer in time"))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
