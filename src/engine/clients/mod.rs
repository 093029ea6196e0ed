//! What an engine has for clients by SMTP and LMTP: sockets that are bound and listen, and how those who come are served.
//!
//! Rule: all sockets listen before any thread is started; whoever may write to one in the file system has been let in.

mod locals;

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use postrider_actors::{
    connection::Patience,
    listener::{Bound, Guests, Seats, Sessions},
    transport::{Admit, Entrance},
};
use postrider_engine::{session::local::Locals, Aliases, Routes, Socket as Place};
use socket2::{Domain, Protocol, Socket, Type};

use self::locals::LocalRecipients;
use super::{
    sockets::{unix, BACKLOG},
    StartError,
};
use crate::{
    settings::{Listen, Local},
    Settings,
};

/// The sockets that clients come by.
pub(super) struct Clients {
    smtp: Vec<TcpListener>,
    lmtp: Vec<Bound>,
}

impl Clients {
    /// Binds all that these settings name.
    ///
    /// # Errors
    /// The first that cannot be bound, with the remedy. Those before it are closed again.
    pub(super) fn bind(settings: &Listen) -> Result<Self, StartError> {
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
        Ok(Clients { smtp, lmtp })
    }

    /// The addresses of those for SMTP.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.smtp.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// All of them, with what is spoken there.
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

/// How they are served by these settings, and by these routes, mailboxes and aliases that were made of them.
pub(super) fn served(settings: &Settings, routes: &Arc<Routes>, local: Option<Local>, aliases: &Arc<Aliases>) -> Admit {
    let mut session = settings.session();
    session.locals = Locals::new(Arc::new(LocalRecipients {
        routes: Arc::clone(routes),
        local,
        aliases: Arc::clone(aliases),
        unknown: settings.maildir.unknown_users,
    }));
    Admit { sessions: Sessions::new(session), seats: seats(settings), patience: patience(settings) }
}

fn seats(settings: &Settings) -> Seats {
    let is = &settings.limits;
    Seats {
        all: is.connections,
        per_network: is.connections_per_network,
        prefix_v4: is.ipv4_prefix,
        prefix_v6: is.ipv6_prefix,
        free: settings.relay.networks.clone(),
    }
}

fn patience(settings: &Settings) -> Patience {
    let is = &settings.timeouts;
    Patience {
        command: is.command,
        content: is.content,
        draining: is.overrun,
        reply: is.reply,
        connection: settings.limits.time_per_connection,
    }
}
