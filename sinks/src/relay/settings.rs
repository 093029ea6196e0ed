//! What a relay is told: which hosts, who we are, and how long each step may take.
//!
//! Rule: what is written into a dialogue (the name in EHLO) is checked here, once; every wait and size has a name.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use postrider_engine::{Address, Convertible, Downgrade, Host, HostPort, Next, Route, Socket};
use thiserror::Error;

use super::masquerade::Masquerade;

/// Octets that go out in one write. Mail that is not larger goes out, with its final dot, in one.
pub const CONTENT_CHUNK: usize = 128 * 1024;

/// Commands that go out together where PIPELINING is offered. Replies are read before more are sent: two sides that
/// only write would wait for each other for ever (RFC 2920, 3.1).
pub const COMMANDS_IN_FLIGHT: usize = 100;

/// Addresses of one host that are tried in one attempt.
pub const ADDRESSES_PER_HOST: usize = 8;

/// For how long the host that answered last is tried first; then the list counts again.
pub const PREFER_LAST_GOOD: Duration = Duration::from_secs(300);

/// Octets of a mail that is converted for a host that takes less. A larger one is refused there.
pub const MAX_DOWNGRADED: u64 = 64 * 1024 * 1024;

/// How long a conversion is waited for, while the host waits; then the mail is tried again later.
pub const DOWNGRADE_LIMIT: Duration = Duration::from_secs(60);

/// Why settings of a relay are wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RelaySettingsError {
    /// The list of hosts is empty.
    #[error("a relay needs at least one host")]
    NoHost,
    /// The name in EHLO must be a domain or an address literal (RFC 5321, 4.1.1.1).
    #[error("`{0}` is not a name to say in EHLO: write the domain name of this machine, or its address in brackets")]
    Helo(String),
}

/// At most 253 octets of letters, digits, `-`, `_` and dots, without an empty label.
fn is_domain(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    text.len() <= 253 && text.bytes().all(legal) && text.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// How long each step may take (RFC 5321, 4.5.3.2 gives the defaults unless said otherwise).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Looking up the addresses of a host; 30 s, ours.
    pub resolve: Duration,
    /// Until one address accepts the connection; 30 s, ours: the kernel would wait for two minutes.
    pub connect: Duration,
    /// Until the greeting has come; 5 min.
    pub greeting: Duration,
    /// For the reply to EHLO or HELO; 5 min.
    pub hello: Duration,
    /// For the reply to MAIL and RSET, and for writing commands; 5 min.
    pub mail: Duration,
    /// For the reply to RCPT; 5 min.
    pub recipient: Duration,
    /// For the reply to DATA; 2 min.
    pub data: Duration,
    /// For the peer to take [`CONTENT_CHUNK`] octets of content; 3 min. There is no limit over the whole content.
    pub chunk: Duration,
    /// For the reply to the final dot, and to each BDAT; 10 min. Shorter means duplicates (RFC 1047).
    pub end: Duration,
    /// For the reply to QUIT, which nobody needs; 5 s, ours.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let (seconds, minutes) = (Duration::from_secs, |n: u64| Duration::from_secs(60 * n));
        Timeouts {
            resolve: seconds(30),
            connect: seconds(30),
            greeting: minutes(5),
            hello: minutes(5),
            mail: minutes(5),
            recipient: minutes(5),
            data: minutes(2),
            chunk: minutes(3),
            end: minutes(10),
            quit: seconds(5),
        }
    }
}

/// What is spoken with the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// One answer to the end of the content, for all recipients.
    Smtp,
    /// One for each recipient that was accepted (RFC 2033).
    Lmtp,
}

/// All that a relay is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RelaySettings {
    hosts: Vec<HostPort>,
    /// How many of them, from the first, are equally good, then how many more, and so on.
    ranks: Vec<usize>,
    /// The hosts are a person's choice, not what the DNS said.
    pub is_smart_host: bool,
    /// What is spoken.
    pub(super) protocol: Protocol,
    /// In place of hosts.
    pub(super) unix: Option<Arc<Path>>,
    helo: String,
    /// What senders of ours are called in MAIL FROM; not by LMTP.
    pub masquerade: Option<Masquerade>,
    /// Converts mail that a host cannot take as it is; `None`: it is refused.
    pub downgrade: Option<Arc<dyn Downgrade>>,
    /// Which mail may be converted.
    pub convertible: Convertible,
    /// From which of our addresses we connect; hosts are then reached by addresses of its family only.
    pub source: Option<IpAddr>,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// How long a connection may stand idle; 10 s. Peers close after 5 minutes, many sooner.
    pub idle_limit: Duration,
    /// Mails over one connection, at most; 1000. A peer's MAILMAX (RFC 9422) may lower it.
    pub mails_per_connection: usize,
    /// Recipients of one transaction; 100 (RFC 5321, 4.5.3.1.8). For the queue, which lends slips of no more: the relay
    /// takes a slip as one transaction.
    pub recipients_per_transaction: usize,
    /// Content goes by BDAT where the peer offers CHUNKING (RFC 3030); true.
    pub chunking: bool,
    /// Octets of one BDAT chunk, at most; 4 MiB. Each chunk but the last is answered before the next is sent.
    pub chunk_size: u64,
}

impl RelaySettings {
    /// Settings with every default.
    ///
    /// # Errors
    /// [`RelaySettingsError`]: no host, or a name that cannot be said in EHLO.
    pub fn new(hosts: Vec<HostPort>, helo: impl Into<String>) -> Result<Self, RelaySettingsError> {
        let helo = helo.into();
        let literal = helo.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let is_literal = literal.is_some_and(|ip| ip.strip_prefix("IPv6:").unwrap_or(ip).parse::<IpAddr>().is_ok());
        match hosts.is_empty() {
            true => return Err(RelaySettingsError::NoHost),
            false if !is_literal && !is_domain(&helo) => return Err(RelaySettingsError::Helo(helo)),
            false => {}
        }
        Ok(RelaySettings {
            protocol: Protocol::Smtp,
            unix: None,
            ranks: vec![1; hosts.len()],
            is_smart_host: true,
            hosts,
            helo,
            masquerade: None,
            downgrade: None,
            convertible: Convertible::default(),
            source: None,
            timeouts: Timeouts::default(),
            idle_limit: Duration::from_secs(10),
            mails_per_connection: 1000,
            recipients_per_transaction: 100,
            chunking: true,
            chunk_size: 4 * 1024 * 1024,
        })
    }

    /// Settings of a relay to a local service that speaks LMTP (RFC 2033).
    ///
    /// # Errors
    /// [`RelaySettingsError`]: a name that cannot be said in LHLO.
    pub fn lmtp(socket: &Socket, helo: impl Into<String>) -> Result<Self, RelaySettingsError> {
        let (host, unix) = match socket {
            Socket::Tcp(host) => (host.clone(), None),
            // It stands for the socket in the order of places to try; it is not connected to.
            Socket::Unix(path) => (HostPort { host: Host::Ip(Ipv4Addr::LOCALHOST.into()), port: 24 }, Some(path)),
        };
        let mut settings = RelaySettings::new(vec![host], helo)?;
        (settings.protocol, settings.unix) = (Protocol::Lmtp, unix.cloned());
        Ok(settings)
    }

    /// Those of a route that leads to a relay; `name` is ours, for a route that has none of its own.
    ///
    /// # Errors
    /// [`RelaySettingsError`]: the route leads elsewhere, or the name cannot be said in EHLO.
    pub fn of_route(route: &Route, name: &str) -> Result<Self, RelaySettingsError> {
        let name = route.helo.as_deref().unwrap_or(name);
        let mut settings = match &route.next {
            Next::Relay { hosts } => RelaySettings::new(hosts.clone(), name)?,
            Next::Exchangers { ranks } => RelaySettings::new(ranks.concat(), name)?.in_ranks(ranks),
            Next::Lmtp { socket } => RelaySettings::lmtp(socket, name)?,
            _ => return Err(RelaySettingsError::NoHost),
        };
        settings.source = route.source;
        settings.convertible = route.downgrade;
        settings.idle_limit = route.idle;
        settings.mails_per_connection = usize::try_from(route.mails_per_connection).unwrap_or(usize::MAX);
        settings.recipients_per_transaction = route.recipients_per_transaction;
        Ok(settings)
    }

    /// Who converts what a host cannot take, if any of it may be.
    pub(super) fn converter(&self) -> Option<&dyn Downgrade> {
        self.downgrade.as_deref().filter(|_| self.convertible != Convertible::Never)
    }

    fn in_ranks(mut self, ranks: &[Vec<HostPort>]) -> Self {
        (self.ranks, self.is_smart_host) = (ranks.iter().map(Vec::len).collect(), false);
        self
    }

    /// The places of the hosts as they are to be tried: equally good ones in an order that `chance` gives.
    pub(super) fn order(&self, chance: impl Fn(usize) -> u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.hosts.len()).collect();
        let mut begin = 0;
        for rank in &self.ranks {
            let end = (begin + rank).min(order.len());
            order[begin..end].sort_by_cached_key(|at| chance(*at));
            begin = end;
        }
        order
    }

    /// The sender as the peer is to see it.
    pub(super) fn said<'a>(&self, sender: &'a Address) -> Cow<'a, Address> {
        match (&self.masquerade, self.protocol) {
            (Some(masquerade), Protocol::Smtp) => masquerade.said(sender),
            _ => Cow::Borrowed(sender),
        }
    }

    /// The hosts, in the order in which they are tried; never empty.
    pub fn hosts(&self) -> &[HostPort] {
        &self.hosts
    }

    /// What we say in EHLO.
    pub fn helo(&self) -> &str {
        &self.helo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_name_is_said_in_ehlo() {
        let host: HostPort = "mx".parse().unwrap();
        for good in ["mail.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
            assert!(RelaySettings::new(vec![host.clone()], good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a\r\nRSET", "[x]"] {
            assert!(RelaySettings::new(vec![host.clone()], bad).is_err(), "{bad:?}");
        }
        assert_eq!(RelaySettings::new(Vec::new(), "a").unwrap_err(), RelaySettingsError::NoHost);
    }

    #[test]
    fn exchangers_of_one_preference_take_turns_and_never_pass_a_better_one() {
        let hosts = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<HostPort>>();
        let ranks = vec![hosts(&["a", "b"]), hosts(&["c"]), hosts(&["d", "e", "f"])];
        let settings = RelaySettings::of_route(&Route::new(Next::Exchangers { ranks }), "here.example.org").unwrap();
        assert_eq!(settings.order(|at| at as u64), [0, 1, 2, 3, 4, 5]);
        assert_eq!(settings.order(|at| 10 - at as u64), [1, 0, 2, 5, 4, 3]);
        let smart = RelaySettings::new(hosts(&["a", "b", "c"]), "here.example.org").unwrap();
        assert_eq!(smart.order(|at| 10 - at as u64), [0, 1, 2], "a list of smart hosts has an order");
    }

    #[test]
    fn a_route_brings_its_own_limits_and_may_bring_its_own_name() {
        let mut route = Route::relay(["mx".parse().unwrap()]);
        (route.mails_per_connection, route.helo) = (7, Some("out.example.org".into()));
        let settings = RelaySettings::of_route(&route, "here.example.org").unwrap();
        assert_eq!((settings.mails_per_connection, settings.helo()), (7, "out.example.org"));
        let nowhere = RelaySettings::of_route(&Route::new(Next::Discard), "here.example.org");
        assert_eq!(nowhere.unwrap_err(), RelaySettingsError::NoHost);
    }
}
