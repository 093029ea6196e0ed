//! Delivers mail by SMTP to other hosts, and by LMTP to local services: one relay has at most one connection, which it
//! keeps between mails.
//!
//! Rule: an attempt tries one host after the other, as long as nothing can have been delivered; trouble with hosts
//! delays mail and never ends it.

mod cargo;
mod connect;
mod connection;
mod content;
mod fitted;
mod greeting;
mod masquerade;
mod offers;
mod outcome;
mod plan;
mod resolve;
mod settings;
mod stuffing;
mod talk;
mod tcp;
#[cfg(test)]
pub(crate) mod tests;
mod transaction;
mod trouble;
mod words;

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use postrider_engine::{After, BoxFuture, Diagnosis, Host, HostPort, Lease, Outcome, Outcomes, Scope, Target};
use tokio::time::{timeout, Instant};

pub use self::{
    connect::{Connect, Destination, Stream, SystemSockets},
    masquerade::Masquerade,
    resolve::{Resolve, ResolveError, SystemResolver},
    settings::{
        RelaySettings, RelaySettingsError, Timeouts, ADDRESSES_PER_HOST, COMMANDS_IN_FLIGHT, CONTENT_CHUNK,
        DOWNGRADE_LIMIT, MAX_DOWNGRADED, PREFER_LAST_GOOD,
    },
};
use self::{
    connection::Connection,
    transaction::{Ended, Fit, Job},
    trouble::{own, Trouble},
};

type Line = Box<dyn Stream>;

/// Carries slips to a smart host, one at a time, over a connection that it keeps as long as it serves.
///
/// A slip is one transaction, so it should have no more recipients than
/// [`RelaySettings::recipients_per_transaction`]. Every lease is answered; the relay can be used again after any
/// attempt but one that found the spool gone. A relay that is dropped while it delivers leaves its lease to its `Drop`.
pub struct Relay {
    settings: Arc<RelaySettings>,
    resolver: Arc<dyn Resolve>,
    connector: Arc<dyn Connect>,
    connection: Option<Connection<Line>>,
    /// The host that answered last, by its place in the list, and when.
    last_good: Option<(usize, Instant)>,
}

impl Relay {
    /// A relay without a connection. All relays of a hop share settings and resolver.
    pub fn new(settings: Arc<RelaySettings>, resolver: Arc<dyn Resolve>) -> Self {
        Relay { settings, resolver, connector: Arc::new(SystemSockets), connection: None, last_good: None }
    }

    /// Opens its streams like this, not by sockets of the system.
    #[must_use]
    pub fn connecting(mut self, connector: Arc<dyn Connect>) -> Self {
        self.connector = connector;
        self
    }

    async fn attempt(&mut self, lease: Lease) -> After {
        let job = Job { lease, known: Outcomes::new() };
        let job = match self.over_kept_connection(job).await {
            Ok(after) => return after,
            Err(job) => job,
        };
        let (mut job, mut why) = (job, None);
        let settings = Arc::clone(&self.settings);
        for at in self.order() {
            let carried = match &settings.unix {
                Some(path) => self.over_socket(path, job).await,
                None => self.over_host(at, job).await,
            };
            match carried {
                Ok(after) => return after,
                Err((back, trouble)) => (job, why) = (back, Some(trouble)),
            }
        }
        let why = why.unwrap_or_else(|| own(Scope::Hop, (451, 3, 5), format_args!("no host is configured")));
        defer(job, &why);
        After::Reusable
    }

    /// The connection that was kept, if it still lives. Its end is nobody's fault: the same host may be tried again.
    async fn over_kept_connection(&mut self, job: Job) -> Result<After, Job> {
        let Some(mut connection) = self.connection.take() else { return Err(job) };
        if !connection.is_usable(&self.settings) {
            return Err(job);
        }
        let ended = connection.carry(job, &self.settings).await;
        self.after(connection, ended).await.map_err(|(job, _)| job)
    }

    /// A local service.
    async fn over_socket(&mut self, path: &Path, job: Job) -> Result<After, (Job, Arc<Diagnosis>)> {
        let (settings, name): (_, Arc<str>) = (Arc::clone(&self.settings), path.display().to_string().into());
        let opened = match self.open(Destination::Unix(path)).await {
            Ok(stream) => Connection::greet(stream, Arc::clone(&name), &settings).await,
            Err(trouble) => Err(trouble),
        };
        match opened {
            Err(trouble) => Err((job, trouble.diagnosis(Scope::Hop, &name, "before the first mail"))),
            Ok(mut connection) => {
                let ended = connection.carry(job, &settings).await;
                self.after(connection, ended).await
            }
        }
    }

    /// All addresses of one host.
    async fn over_host(&mut self, at: usize, mut job: Job) -> Result<After, (Job, Arc<Diagnosis>)> {
        let settings = Arc::clone(&self.settings);
        let Some(host) = settings.hosts().get(at) else { return Err((job, nowhere("the list of hosts"))) };
        let addresses = match self.addresses(host).await {
            Ok(addresses) => addresses,
            Err(why) => return Err((job, why)),
        };
        let mut why = nowhere(&host.to_string());
        for ip in addresses {
            (job, why) = match self.connect(host, ip).await {
                Err(trouble) => (job, trouble),
                Ok(mut connection) => {
                    self.last_good = Some((at, Instant::now()));
                    let ended = connection.carry(job, &settings).await;
                    match self.after(connection, ended).await {
                        Ok(after) => return Ok(after),
                        Err(lost) => lost,
                    }
                }
            };
            tracing::debug!(relay = %host, %ip, %why, "no delivery by this address");
        }
        Err((job, why))
    }

    /// Keeps or ends the connection.
    async fn after(&mut self, mut connection: Connection<Line>, ended: Ended) -> Result<After, (Job, Arc<Diagnosis>)> {
        match ended {
            Ended::Lost(job, why) => Err((job, why)),
            Ended::SpoolGone => Ok(After::Spent),
            Ended::Answered(Fit::No) => Ok(After::Reusable),
            Ended::Answered(Fit::Yes) => {
                connection.rest();
                match connection.may_carry_more(&self.settings) {
                    true => self.connection = Some(connection),
                    false => connection.quit(self.settings.timeouts.quit).await,
                }
                Ok(After::Reusable)
            }
        }
    }

    /// The places of the hosts in the order in which they are tried now: the last good one first, for a while.
    fn order(&self) -> Vec<usize> {
        let first = self.last_good.filter(|(_, since)| since.elapsed() < PREFER_LAST_GOOD).map(|(at, _)| at);
        let chance = RandomState::new();
        let order = self.settings.order(|at| chance.hash_one(at));
        let others = order.into_iter().filter(|at| Some(*at) != first);
        first.into_iter().chain(others).collect()
    }

    /// Where a host is; only addresses of the source's family, if there is one.
    async fn addresses(&self, host: &HostPort) -> Result<Vec<IpAddr>, Arc<Diagnosis>> {
        let mut found = match &host.host {
            Host::Ip(ip) => vec![*ip],
            Host::Name(name) => self.look_up(name).await.map_err(|error| self.not_found(host, &error))?,
        };
        if let Some(source) = self.settings.source {
            found.retain(|ip| ip.is_ipv4() == source.is_ipv4());
        }
        found.truncate(ADDRESSES_PER_HOST);
        match found.is_empty() {
            true => Err(nowhere(&host.to_string())),
            false => Ok(found),
        }
    }

    /// The name of a smart host is a setting: that it does not exist is for a person to mend, while the mail waits. An
    /// exchanger without an address is for its domain to mend.
    fn not_found(&self, host: &HostPort, error: &ResolveError) -> Arc<Diagnosis> {
        let detail = match error {
            ResolveError::NotFound if self.settings.is_smart_host => {
                tracing::warn!(relay = %host, "the name of this smart host does not exist: mend the settings or the DNS; mail waits");
                4
            }
            ResolveError::NotFound => 4,
            ResolveError::Trouble(_) => 3,
        };
        own(Scope::Hop, (451, 4, detail), format_args!("{host}: {error}"))
    }

    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        match timeout(self.settings.timeouts.resolve, self.resolver.resolve(name)).await {
            Ok(Ok(none)) if none.is_empty() => Err(ResolveError::NotFound),
            Ok(found) => found,
            Err(_) => Err(ResolveError::Trouble("no answer in time".into())),
        }
    }

    async fn connect(&self, host: &HostPort, ip: IpAddr) -> Result<Connection<Line>, Arc<Diagnosis>> {
        let name: Arc<str> = name_of(host, ip).into();
        let (address, source) = (SocketAddr::new(ip, host.port), self.settings.source);
        let opened = match self.open(Destination::Tcp { host, address, source }).await {
            Ok(stream) => Connection::greet(stream, Arc::clone(&name), &self.settings).await,
            Err(trouble) => Err(trouble),
        };
        opened.map_err(|trouble| trouble.diagnosis(Scope::Hop, &name, "before the first mail"))
    }

    async fn open(&self, to: Destination<'_>) -> Result<Line, Trouble> {
        let limit = self.settings.timeouts.connect;
        match timeout(limit, self.connector.connect(to, limit)).await {
            Ok(opened) => opened.map_err(|error| Trouble::Unreachable(error.to_string())),
            Err(_) => Err(Trouble::Unreachable("no answer in time".into())),
        }
    }
}

impl Target for Relay {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        Box::pin(self.attempt(lease))
    }

    fn idle_limit(&self) -> Duration {
        self.settings.idle_limit
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(connection) = self.connection.take() {
                connection.quit(self.settings.timeouts.quit).await;
            }
        })
    }
}

/// All of whom nothing is known wait.
fn defer(job: Job, why: &Arc<Diagnosis>) {
    let Job { lease, mut known } = job;
    for no in lease.slip().into_iter().flat_map(|slip| &slip.recipients) {
        known.entry(*no).or_insert_with(|| Outcome::Deferred(Arc::clone(why)));
    }
    lease.settle(known);
}

/// `host[address]:port`
fn name_of(host: &HostPort, ip: IpAddr) -> String {
    match &host.host {
        Host::Name(name) => format!("{name}[{ip}]:{}", host.port),
        Host::Ip(_) => format!("{ip}[{ip}]:{}", host.port),
    }
}

fn nowhere(host: &str) -> Arc<Diagnosis> {
    own(Scope::Hop, (451, 4, 1), format_args!("{host} has no address that can be used"))
}
