//! Asks the system for addresses (`getaddrinfo`). It knows of no mail exchangers: those need the feature `dns`.

use std::net::{IpAddr, SocketAddr};

use postrider_engine::{exchangers::Exchanger, BoxFuture};
use tokio::net::lookup_host;

use super::{Resolve, ResolveError};

/// Looks names up by the system's own library: as `/etc/nsswitch.conf` says, usually `/etc/hosts` and the DNS.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SystemResolver;

impl SystemResolver {
    /// A resolver; there is nothing to be read.
    pub fn new() -> Self {
        Self
    }

    /// The same: which servers are asked is a matter of the system.
    pub fn asking(_: Vec<SocketAddr>) -> Self {
        Self
    }
}

impl Resolve for SystemResolver {
    /// The system does not say if a name does not exist or cannot be looked up at present, so neither is certain.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async move {
            let found =
                lookup_host((name, 0)).await.map_err(|error| ResolveError::Trouble(error.to_string().into()))?;
            let mut addresses: Vec<IpAddr> = Vec::new();
            found.map(|socket| socket.ip()).for_each(|ip| {
                if !addresses.contains(&ip) {
                    addresses.push(ip);
                }
            });
            Ok(addresses)
        })
    }

    fn exchangers<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>> {
        Box::pin(async { Err(ResolveError::Trouble("the program was built without the feature dns".into())) })
    }
}
