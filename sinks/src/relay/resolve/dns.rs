//! Asks the servers of the DNS itself: addresses, mail exchangers and lists.

use std::{
    net::{IpAddr, SocketAddr},
    sync::OnceLock,
};

use hickory_resolver::{
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    lookup::Lookup,
    net::{runtime::TokioRuntimeProvider, NetError},
    proto::rr::{RData, Record},
    TokioResolver,
};
use postrider_engine::{exchangers::Exchanger, BoxFuture};

use super::{Resolve, ResolveError};

/// Looks names up as the system does: `/etc/hosts`, then the servers of `/etc/resolv.conf`; answers are kept as long as
/// their TTL allows.
///
/// The files are read at the first lookup, so a relay to IP literals needs neither.
#[derive(Default)]
pub struct SystemResolver {
    servers: Vec<SocketAddr>,
    resolver: OnceLock<TokioResolver>,
}

impl SystemResolver {
    /// A resolver that has read nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A resolver that asks these servers, whatever the system's files say.
    pub fn asking(servers: Vec<SocketAddr>) -> Self {
        SystemResolver { servers, resolver: OnceLock::new() }
    }

    fn resolver(&self) -> Result<&TokioResolver, ResolveError> {
        if let Some(resolver) = self.resolver.get() {
            return Ok(resolver);
        }
        let built = match self.servers.is_empty() {
            true => TokioResolver::builder_tokio().and_then(|builder| builder.build()),
            false => TokioResolver::builder_with_config(asking(&self.servers), TokioRuntimeProvider::default()).build(),
        };
        let resolver = built.map_err(|e| ResolveError::Trouble(format!("/etc/resolv.conf: {e}").into()))?;
        Ok(self.resolver.get_or_init(|| resolver))
    }

    /// The A records of a name, as it stands.
    #[cfg_attr(not(feature = "stock"), allow(dead_code))] // only lists in the DNS are asked for like this
    pub(crate) async fn ipv4_records(&self, name: &str) -> Result<Lookup, ResolveError> {
        self.resolver()?.ipv4_lookup(whole(name)).await.map_err(|error| trouble(&error))
    }
}

fn asking(servers: &[SocketAddr]) -> ResolverConfig {
    let at = |server: &SocketAddr| {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        connections.iter_mut().for_each(|connection| connection.port = server.port());
        NameServerConfig::new(server.ip(), true, connections)
    };
    ResolverConfig::from_name_servers(servers.iter().map(at).collect())
}

/// As it stands: nothing of the machine's own domain is added to it.
fn whole(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

/// Only "there is none" is certain; a server that fails or refuses has said nothing.
fn trouble(error: &NetError) -> ResolveError {
    match error.is_no_records_found() {
        true => ResolveError::NotFound,
        false => ResolveError::Trouble(error.to_string().into()),
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async move {
            match self.resolver()?.lookup_ip(name).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) => Err(trouble(&error)),
            }
        })
    }

    fn exchangers<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>> {
        Box::pin(async move {
            let found = match self.resolver()?.mx_lookup(whole(domain)).await {
                Err(error) if error.is_nx_domain() => return Err(ResolveError::NotFound),
                Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
                found => found.map_err(|error| trouble(&error))?,
            };
            let exchanger = |record: &Record| match &record.data {
                RData::MX(mx) => Some(Exchanger { preference: mx.preference, host: mx.exchange.to_ascii() }),
                _ => None,
            };
            Ok(found.answers().iter().filter_map(exchanger).collect())
        })
    }
}
