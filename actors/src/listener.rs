//! Opens the door to clients: accepts connections, counts them in all and per network, and gives each to a thread.
//!
//! A connection has a seat, which tells the listener when it is dropped: so nobody forgets to give it back.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use ipnet::IpNet;
use postrider_engine::{session::Refusal, Peer, Session, SessionSettings};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tracing::{info, warn};

use crate::{
    connection::{Connection, Hall},
    messages::Drain,
};

/// After a failed accept (no descriptors, no memory) nothing is gained by trying again at once.
const AFTER_TROUBLE: Duration = Duration::from_millis(100);
/// Refused connections that are being told so; beyond it they are just closed.
const MOST_REFUSALS: usize = 64;

/// How many connections there may be.
#[derive(Clone, Debug)]
pub struct Seats {
    /// In all.
    pub all: usize,
    /// From one network.
    pub per_network: usize,
    /// How long the prefix of an IPv4 network is, in bits.
    pub prefix_v4: u8,
    /// How long the prefix of an IPv6 network is, in bits.
    pub prefix_v6: u8,
    /// Networks without a bound of their own: our own programs.
    pub free: Vec<IpNet>,
}

/// Accepts connections.
pub struct Listener {
    sockets: Vec<std::net::TcpListener>,
    accepting: Vec<JoinHandle<()>>,
    seats: Seats,
    settings: Arc<SessionSettings>,
    hall: Hall,
    threads: Vec<ArbiterHandle>,
    /// What all session ids of this run begin with.
    run: String,
    arrivals: u64,
    connections: HashMap<u64, Addr<Connection>>,
    /// Seats that are taken, by network.
    networks: HashMap<IpAddr, usize>,
    /// Connections that are being told that they are not served.
    refusals: usize,
    draining: Vec<oneshot::Sender<()>>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Came(std::net::TcpStream, SocketAddr);

/// A connection is over.
#[derive(Message)]
#[rtype(result = "()")]
struct Left(u64, Option<IpAddr>);

/// Tells the listener when it is dropped.
struct Seat {
    no: u64,
    /// `None`: it was refused.
    network: Option<IpAddr>,
    listener: Recipient<Left>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.listener.do_send(Left(self.no, self.network));
    }
}

impl Listener {
    /// A listener on sockets that are bound and do not block. Its connections run on these threads in turn.
    pub fn new(
        sockets: Vec<std::net::TcpListener>,
        seats: Seats,
        settings: Arc<SessionSettings>,
        hall: Hall,
        threads: Vec<ArbiterHandle>,
    ) -> Self {
        let run = format!("{:x}", hall.clock.now().0);
        Listener {
            sockets,
            accepting: Vec::new(),
            seats,
            settings,
            hall,
            threads,
            run,
            arrivals: 0,
            connections: HashMap::new(),
            networks: HashMap::new(),
            refusals: 0,
            draining: Vec::new(),
        }
    }

    fn refusal(&self, client: IpAddr, network: IpAddr) -> Option<Refusal> {
        if !self.draining.is_empty() {
            return Some(Refusal::Stopping);
        }
        let from_network = self.networks.get(&network).copied().unwrap_or(0);
        match () {
            () if self.connections.len() >= self.seats.all.saturating_add(self.refusals) => Some(Refusal::Busy),
            () if self.seats.free.iter().any(|free| free.contains(&client)) => None,
            () if from_network >= self.seats.per_network => Some(Refusal::TooManyFromNetwork),
            () => None,
        }
    }

    fn seat(&mut self, network: IpAddr, refusal: Option<Refusal>, ctx: &mut Context<Self>) -> Seat {
        self.arrivals += 1;
        let network = match refusal {
            Some(_) => {
                self.refusals += 1;
                None
            }
            None => {
                *self.networks.entry(network).or_default() += 1;
                Some(network)
            }
        };
        Seat { no: self.arrivals, network, listener: ctx.address().recipient() }
    }

    fn end_if_drained(&mut self, ctx: &mut Context<Self>) {
        if !self.draining.is_empty() && self.connections.is_empty() {
            self.draining.clear(); // dropping the answers tells
            ctx.stop();
        }
    }
}

/// The network of a client, as its first address.
fn network(ip: IpAddr, seats: &Seats) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let bits = u32::from(ip) & u32::MAX.checked_shl(32 - u32::from(seats.prefix_v4.min(32))).unwrap_or(0);
            IpAddr::V4(bits.into())
        }
        IpAddr::V6(ip) => {
            let bits = u128::from(ip) & u128::MAX.checked_shl(128 - u32::from(seats.prefix_v6.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
    }
}

/// Accepts for ever. A stream leaves as the system's own: it may go to another thread.
async fn accept(socket: std::net::TcpListener, listener: Addr<Listener>) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => return warn!(%error, "a socket can not be listened to"),
    };
    loop {
        match socket.accept().await.and_then(|(stream, from)| Ok((stream.into_std()?, from))) {
            Ok((stream, from)) => listener.do_send(Came(stream, from)),
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
        }
    }
}

impl Actor for Listener {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the connections there may be
        for socket in std::mem::take(&mut self.sockets) {
            if let Ok(address) = socket.local_addr() {
                info!(%address, "listening");
            }
            self.accepting.push(actix_rt::spawn(accept(socket, ctx.address())));
        }
    }
}

impl Handler<Came> for Listener {
    type Result = ();

    fn handle(&mut self, Came(stream, from): Came, ctx: &mut Context<Self>) {
        let client = from.ip().to_canonical();
        let network = network(client, &self.seats);
        let refusal = self.refusal(client, network);
        if refusal.is_some() && self.refusals >= MOST_REFUSALS {
            return; // it is closed without a word
        }
        let seat = self.seat(network, refusal, ctx);
        let (no, hall) = (seat.no, self.hall.clone());
        let mut peer = Peer::default();
        peer.ip = Some(client);
        let session = Session::new(Arc::clone(&self.settings), peer, format!("{}-{no:x}", self.run));
        let Some(thread) = self.threads.get(no as usize % self.threads.len().max(1)) else { return };
        let connection = Connection::start_in_arbiter(thread, move |ctx| {
            let _ = stream.set_nodelay(true);
            match TcpStream::from_std(stream) {
                Ok(stream) => Connection::serve(ctx, stream, session, refusal, hall, seat),
                Err(_) => Connection::serve(ctx, tokio::io::empty(), session, refusal, hall, seat),
            }
        });
        self.connections.insert(no, connection);
    }
}

impl Handler<Left> for Listener {
    type Result = ();

    fn handle(&mut self, Left(no, network): Left, ctx: &mut Context<Self>) {
        self.connections.remove(&no);
        match network {
            None => self.refusals = self.refusals.saturating_sub(1),
            Some(network) => {
                if let Some(count) = self.networks.get_mut(&network) {
                    *count -= 1;
                    if *count == 0 {
                        self.networks.remove(&network);
                    }
                }
            }
        }
        self.end_if_drained(ctx);
    }
}

impl Handler<Drain> for Listener {
    type Result = ();

    fn handle(&mut self, Drain(answer): Drain, ctx: &mut Context<Self>) {
        self.draining.push(answer);
        self.accepting.drain(..).for_each(|task| task.abort());
        for connection in self.connections.values() {
            connection.do_send(Drain(oneshot::channel().0));
        }
        self.end_if_drained(ctx);
    }
}
