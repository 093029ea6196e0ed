//! Opens the door to clients: accepts connections, counts them in all and per network, and gives each to a thread.
//!
//! A connection has a seat, which tells the listener when it is dropped: so nobody forgets to give it back.

mod entrance;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use actix::prelude::*;
use ipnet::IpNet;
use postrider_engine::{session::Refusal, Peer, Session};
use tokio::{sync::oneshot, task::JoinHandle};
use tracing::info;

use entrance::Stream;
pub use entrance::{Bound, Entrance, Guests, Sessions};

use crate::{
    connection::{Connection, Hall, Patience},
    messages::Drain,
};

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
    entrances: Vec<Entrance>,
    accepting: Vec<JoinHandle<()>>,
    sessions: Sessions,
    seats: Seats,
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
struct Came {
    stream: Stream,
    /// `None`: it came through a socket in the file system.
    client: Option<IpAddr>,
    guests: Guests,
}

/// A connection is over.
#[derive(Message)]
#[rtype(result = "()")]
struct Left {
    no: u64,
    refused: bool,
    network: Option<IpAddr>,
}

/// Tells the listener when it is dropped.
struct Seat {
    no: u64,
    /// It is for a client that is told that it is not served.
    refused: bool,
    /// Where it counts; clients without an address count in all only.
    network: Option<IpAddr>,
    listener: Recipient<Left>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.listener.do_send(Left { no: self.no, refused: self.refused, network: self.network });
    }
}

impl Listener {
    /// A listener at these entrances. Its connections run on these threads in turn.
    pub fn new(
        entrances: Vec<Entrance>,
        sessions: Sessions,
        seats: Seats,
        hall: Hall,
        threads: Vec<ArbiterHandle>,
    ) -> Self {
        let run = format!("{:x}", hall.clock.now().0);
        Listener {
            entrances,
            accepting: Vec::new(),
            sessions,
            seats,
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

    fn refusal(&self, client: Option<IpAddr>, network: Option<IpAddr>) -> Option<Refusal> {
        if !self.draining.is_empty() {
            return Some(Refusal::Stopping);
        }
        let from_network = network.and_then(|network| self.networks.get(&network)).copied().unwrap_or(0);
        let is_free = |client: IpAddr| self.seats.free.iter().any(|free| free.contains(&client));
        match () {
            () if self.connections.len() >= self.seats.all.saturating_add(self.refusals) => Some(Refusal::Busy),
            () if client.is_none_or(is_free) => None,
            () if from_network >= self.seats.per_network => Some(Refusal::TooManyFromNetwork),
            () => None,
        }
    }

    fn seat(&mut self, network: Option<IpAddr>, refused: bool, ctx: &mut Context<Self>) -> Seat {
        self.arrivals += 1;
        match (refused, network) {
            (true, _) => self.refusals += 1,
            (false, Some(network)) => *self.networks.entry(network).or_default() += 1,
            (false, None) => {}
        }
        Seat { no: self.arrivals, refused, network, listener: ctx.address().recipient() }
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

impl Actor for Listener {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the connections there may be
        for entrance in std::mem::take(&mut self.entrances) {
            let protocol = if entrance.guests == Guests::Smtp { "SMTP" } else { "LMTP" };
            info!(address = %entrance.socket, protocol, "listening");
            self.accepting.push(actix_rt::spawn(entrance::accept(entrance, ctx.address())));
        }
    }
}

impl Handler<Came> for Listener {
    type Result = ();

    fn handle(&mut self, Came { stream, client, guests }: Came, ctx: &mut Context<Self>) {
        let network = client.map(|client| network(client, &self.seats));
        let refusal = self.refusal(client, network);
        if refusal.is_some() && self.refusals >= MOST_REFUSALS {
            return; // it is closed without a word
        }
        let seat = self.seat(network, refusal.is_some(), ctx);
        let (no, hall) = (seat.no, self.hall.clone());
        let mut peer = Peer::default();
        peer.ip = client;
        let session = Session::new(self.sessions.of(guests), peer, format!("{}-{no:x}", self.run));
        let Some(thread) = self.threads.get(no as usize % self.threads.len().max(1)) else { return };
        let connection =
            Connection::start_in_arbiter(thread, move |ctx| stream.serve(ctx, session, refusal, hall, seat));
        self.connections.insert(no, connection);
    }
}

/// transport -> listener, told: this is for clients who come from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Admit {
    /// What their sessions are told.
    pub sessions: Sessions,
    /// How many there may be.
    pub seats: Seats,
    /// How long is waited for them.
    pub patience: Patience,
}

impl Handler<Admit> for Listener {
    type Result = ();

    /// Clients who are here go on as they began. Seats are counted by network: where the prefixes change, those who are here
    /// are counted as they came.
    fn handle(&mut self, Admit { sessions, seats, patience }: Admit, _: &mut Context<Self>) {
        (self.sessions, self.seats, self.hall.patience) = (sessions, seats, patience);
    }
}

impl Handler<Left> for Listener {
    type Result = ();

    fn handle(&mut self, Left { no, refused, network }: Left, ctx: &mut Context<Self>) {
        self.connections.remove(&no);
        match network {
            _ if refused => self.refusals = self.refusals.saturating_sub(1),
            None => {}
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
