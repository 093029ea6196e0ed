//! Where the mail of an engine under test goes: names without a DNS, streams without a socket, a peer at each end.
//!
//! Rule: nothing leaves the process. A host that no peer stands for leads to the peer for everybody.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use postrider_actors::clock::Clock;
use postrider_engine::{exchangers::Exchanger, BoxFuture, Host};
use postrider_sinks::relay::{Connect, Destination, Resolve, ResolveError, Stream};
use tokio::io::duplex;

use crate::testing::peer::{serve, Clerk};

/// Octets on their way in each direction, as in the buffers of a socket.
const IN_FLIGHT: usize = 64 * 1024;

/// What every name resolves to: an address for documentation (RFC 5737), so that nobody could be reached by mistake.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// All peers, by the names of the hosts that they stand for.
#[derive(Clone)]
pub(super) struct Streets {
    pub everybody: Clerk,
    pub by_name: Arc<BTreeMap<String, Clerk>>,
    pub clock: Clock,
}

/// Without case and a dot at the end.
pub(super) fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl Streets {
    fn clerk(&self, name: &str) -> &Clerk {
        self.by_name.get(&normal(name)).unwrap_or(&self.everybody)
    }

    fn open(&self, to: Destination<'_>) -> io::Result<Box<dyn Stream>> {
        let name = match to {
            Destination::Tcp { host, .. } => match &host.host {
                Host::Name(name) => name.to_string(),
                Host::Ip(ip) => ip.to_string(),
            },
            Destination::Unix(path) => Path::display(path).to_string(),
            _ => return Err(ErrorKind::Unsupported.into()),
        };
        let clerk = self.clerk(&name);
        if !clerk.is_up() {
            return Err(io::Error::new(ErrorKind::ConnectionRefused, "connection refused"));
        }
        let (ours, theirs) = duplex(IN_FLIGHT);
        tokio::spawn(serve(theirs, clerk.clone(), self.clock));
        Ok(Box::new(ours))
    }
}

impl Connect for Streets {
    fn connect<'a>(&'a self, to: Destination<'a>, _: Duration) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(std::future::ready(self.open(to)))
    }
}

/// Every name exists, and every domain is its own exchanger (RFC 5321, 5.1).
impl Resolve for Streets {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(std::future::ready(Ok(vec![ANYWHERE])))
    }

    fn exchangers<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>> {
        let itself = Exchanger { preference: 0, host: normal(domain) };
        Box::pin(std::future::ready(Ok(vec![itself])))
    }
}
