//! Where clients come in: sockets of the network, and sockets in the file system. What their sessions are told differs.
//!
//! Rule: a stream leaves as the system's own, because it may go to another thread.

use std::{
    fmt, io,
    net::IpAddr,
    os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use postrider_engine::{session::Refusal, Session, SessionSettings};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tracing::warn;

use super::{Came, Listener};
use crate::connection::{Connection, Hall};

/// After a failed accept (no descriptors, no memory) nothing is gained by trying again at once.
const AFTER_TROUBLE: Duration = Duration::from_millis(100);

/// A socket, and what is spoken there.
pub struct Entrance {
    /// It listens and does not block.
    pub socket: Bound,
    /// What its sessions are.
    pub guests: Guests,
}

/// Who comes in, and what is spoken with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guests {
    /// Hosts and programs, by SMTP.
    Smtp,
    /// Hosts, by LMTP over the network.
    Lmtp,
    /// Programs of this host that may open the socket's file, by LMTP.
    LmtpByFile,
}

/// What sessions are told. May be replaced while the engine runs: it is for sessions that begin then.
#[derive(Clone)]
pub struct Sessions {
    smtp: Arc<SessionSettings>,
    lmtp: Arc<SessionSettings>,
    lmtp_by_file: Arc<SessionSettings>,
}

impl Sessions {
    /// The same for all, but for what is spoken, and for whoever may open a socket in the file system: he may send to
    /// anybody.
    pub fn new(session: SessionSettings) -> Self {
        let (mut lmtp, mut by_file) = (session.clone(), session.clone());
        lmtp.lmtp = true;
        (by_file.lmtp, by_file.trusted) = (true, true);
        let [smtp, lmtp, lmtp_by_file] = [session, lmtp, by_file].map(Arc::new);
        Sessions { smtp, lmtp, lmtp_by_file }
    }

    pub(super) fn of(&self, guests: Guests) -> Arc<SessionSettings> {
        Arc::clone(match guests {
            Guests::Smtp => &self.smtp,
            Guests::Lmtp => &self.lmtp,
            Guests::LmtpByFile => &self.lmtp_by_file,
        })
    }
}

/// A socket that is bound.
pub enum Bound {
    /// Of the network.
    Tcp(std::net::TcpListener),
    /// In the file system, at this path. Its clients have no address.
    Unix(StdUnixListener, Arc<Path>),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Tcp(socket) => match socket.local_addr() {
                Ok(address) => address.fmt(f),
                Err(_) => f.write_str("an unknown address"),
            },
            Bound::Unix(_, path) => path.display().fmt(f),
        }
    }
}

/// A client's stream.
pub(super) enum Stream {
    Tcp(std::net::TcpStream),
    Unix(StdUnixStream),
}

impl Stream {
    /// The dialogue, on the thread that this is called on. A stream that cannot be used ends at once.
    pub(super) fn serve<G: 'static>(
        self,
        ctx: &mut Context<Connection>,
        session: Session,
        refusal: Option<Refusal>,
        hall: Hall,
        seat: G,
    ) -> Connection {
        match self {
            Stream::Tcp(stream) => {
                let _ = stream.set_nodelay(true);
                match TcpStream::from_std(stream) {
                    Ok(stream) => Connection::serve(ctx, stream, session, refusal, hall, seat),
                    Err(_) => Connection::serve(ctx, tokio::io::empty(), session, refusal, hall, seat),
                }
            }
            Stream::Unix(stream) => match UnixStream::from_std(stream) {
                Ok(stream) => Connection::serve(ctx, stream, session, refusal, hall, seat),
                Err(_) => Connection::serve(ctx, tokio::io::empty(), session, refusal, hall, seat),
            },
        }
    }
}

/// What tokio accepts from.
enum Open {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Open {
    fn new(socket: Bound) -> io::Result<Self> {
        match socket {
            Bound::Tcp(socket) => TcpListener::from_std(socket).map(Open::Tcp),
            Bound::Unix(socket, _) => UnixListener::from_std(socket).map(Open::Unix),
        }
    }

    async fn accept(&self) -> io::Result<(Stream, Option<IpAddr>)> {
        match self {
            Open::Tcp(socket) => {
                let (stream, from) = socket.accept().await?;
                Ok((Stream::Tcp(stream.into_std()?), Some(from.ip().to_canonical())))
            }
            Open::Unix(socket) => {
                let (stream, _) = socket.accept().await?;
                Ok((Stream::Unix(stream.into_std()?), None))
            }
        }
    }
}

/// Accepts for ever.
pub(super) async fn accept(Entrance { socket, guests }: Entrance, listener: Addr<Listener>) {
    let socket = match Open::new(socket) {
        Ok(socket) => socket,
        Err(error) => return warn!(%error, "a socket can not be listened to"),
    };
    loop {
        match socket.accept().await {
            Ok((stream, client)) => listener.do_send(Came { stream, client, guests }),
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
        }
    }
}
