//! The route table: from the domain of a recipient to its next hop.
//!
//! The most specific line wins: the domain itself, then the longest `.suffix`, then `*`. Where no line matches, mail is
//! kept: a missing route loses nothing. A lookup allocates only for a domain that is not ASCII.

use std::{borrow::Cow, collections::HashMap, fmt, net::IpAddr, str::FromStr, sync::Arc};

use thiserror::Error;

use crate::{host_port::host_name, Address, Hop, Next, Recipient, Route};

/// Which domains a line of the table is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Domains {
    /// `example.org`: this one.
    One(Arc<str>),
    /// `.example.org`: all below it, but not itself.
    Below(Arc<str>),
    /// `[192.0.2.1]` or `[IPv6:2001:db8::1]`: this address literal.
    Literal(IpAddr),
    /// `*`: all that no other line is for.
    All,
}

/// Why a table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Not a domain, not `.domain`, not `[address]` and not `*`.
    #[error("a route is for a domain, for .domain (all below it), for [192.0.2.1] or for *")]
    Domains,
    /// Two lines are for the same domains.
    #[error("two routes are for {0}")]
    Twice(Domains),
    /// Two lines lead to one queue and want it served differently.
    #[error("two routes lead to \"{0}\" and differ in how it is served; give one of them a queue of its own")]
    Differ(Hop),
    /// A relay without a host.
    #[error("a route names at least one host")]
    NoHost,
    /// A limit of nothing: nothing would ever go out.
    #[error("the limits of a route are at least 1")]
    Nothing,
}

/// All routes, looked up by domain.
#[derive(Clone, Debug)]
pub struct Routes {
    list: Vec<Arc<Route>>,
    by_hop: HashMap<Hop, usize>,
    one: HashMap<Arc<str>, usize>,
    below: HashMap<Arc<str>, usize>,
    literals: HashMap<IpAddr, usize>,
    /// The route of all that have no other.
    default: usize,
    /// The route of a bare `postmaster`.
    local: usize,
}

impl Default for Routes {
    /// Everything is kept.
    fn default() -> Self {
        let mut routes = Routes::empty();
        routes.complete(None);
        routes
    }
}

impl Routes {
    /// A table of these lines. `local` is the host name whose route a bare `postmaster` takes (RFC 5321, 4.5.1).
    ///
    /// # Errors
    /// [`RouteError`] names the first line that does not fit.
    pub fn new(local: &str, lines: impl IntoIterator<Item = (Domains, Route)>) -> Result<Self, RouteError> {
        let mut routes = Routes::empty();
        let mut default = None;
        for (domains, route) in lines {
            let at = routes.add(route)?;
            let before = match &domains {
                Domains::One(name) => routes.one.insert(Arc::clone(name), at),
                Domains::Below(name) => routes.below.insert(Arc::clone(name), at),
                Domains::Literal(ip) => routes.literals.insert(*ip, at),
                Domains::All => default.replace(at),
            };
            if before.is_some() {
                return Err(RouteError::Twice(domains));
            }
        }
        routes.complete(default);
        routes.local = routes.find(&normal(local));
        Ok(routes)
    }

    fn empty() -> Self {
        let (one, below) = (HashMap::new(), HashMap::new());
        let (list, by_hop, literals) = (Vec::new(), HashMap::new(), HashMap::new());
        Routes { list, by_hop, one, below, literals, default: 0, local: 0 }
    }

    fn add(&mut self, mut route: Route) -> Result<usize, RouteError> {
        check(&route)?;
        route.name();
        match self.by_hop.get(&route.hop) {
            Some(at) if *self.list[*at] == route || route.next.is_an_end() => Ok(*at),
            Some(_) => Err(RouteError::Differ(route.hop)),
            None => Ok(self.push(route)),
        }
    }

    fn push(&mut self, route: Route) -> usize {
        self.by_hop.insert(route.hop.clone(), self.list.len());
        self.list.push(Arc::new(route));
        self.list.len() - 1
    }

    /// Mail for which there is no line is kept.
    fn complete(&mut self, default: Option<usize>) {
        self.default = default.unwrap_or_else(|| {
            let keep = Route::new(Next::Keep);
            self.by_hop.get(&keep.hop).copied().unwrap_or_else(|| self.push(keep))
        });
        self.local = self.default;
    }

    /// The way of this recipient.
    pub fn route(&self, recipient: &Recipient) -> &Arc<Route> {
        self.route_of(&recipient.address)
    }

    /// The way of mail for this address.
    pub fn route_of(&self, address: &Address) -> &Arc<Route> {
        let at = match address.domain() {
            "" => self.local,
            literal if literal.starts_with('[') => {
                address_literal(literal).and_then(|ip| self.literals.get(&ip)).copied().unwrap_or(self.default)
            }
            domain => self.lookup(domain),
        };
        &self.list[at]
    }

    /// The way of a domain, in any spelling.
    pub fn of_domain(&self, domain: &str) -> &Arc<Route> {
        &self.list[self.lookup(domain)]
    }

    /// Every next hop once.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.list.iter()
    }

    /// For domains in any spelling.
    fn lookup(&self, domain: &str) -> usize {
        let mut buffer = [0u8; 255];
        match lower(domain, &mut buffer) {
            Some(domain) => self.find(domain),
            None => self.find(&normal(domain)),
        }
    }

    /// For domains in normal form.
    fn find(&self, domain: &str) -> usize {
        if let Some(at) = self.one.get(domain) {
            return *at;
        }
        let mut rest = domain;
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(at) = self.below.get(parent) {
                return *at;
            }
            rest = parent;
        }
        self.default
    }
}

fn check(route: &Route) -> Result<(), RouteError> {
    if matches!(&route.next, Next::Relay { hosts } if hosts.is_empty()) {
        return Err(RouteError::NoHost);
    }
    let limits = [route.connections, route.recipients_per_transaction];
    if limits.contains(&0) || route.mails_per_connection == 0 {
        return Err(RouteError::Nothing);
    }
    Ok(())
}

/// An ASCII domain in lower case, without a dot at its end; `None` if it is not ASCII or too long to be one.
fn lower<'a>(domain: &str, buffer: &'a mut [u8; 255]) -> Option<&'a str> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let into = buffer.get_mut(..domain.len()).filter(|_| domain.is_ascii())?;
    into.copy_from_slice(domain.as_bytes());
    into.make_ascii_lowercase();
    std::str::from_utf8(into).ok()
}

/// The normal form of a domain: A-labels in lower case. What is no domain stays as it is and matches nothing but `*`.
fn normal(domain: &str) -> Cow<'_, str> {
    host_name(domain).map_or(Cow::Borrowed(domain), Cow::Owned)
}

/// Reads `[192.0.2.1]` and `[IPv6:2001:db8::1]` (RFC 5321, 4.1.3).
pub(crate) fn address_literal(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => Some(IpAddr::V6(inner[5..].parse().ok()?)),
        _ => Some(IpAddr::V4(inner.parse().ok()?)),
    }
}

impl Domains {
    /// A domain, in any spelling, is one of these.
    pub fn cover(&self, domain: &str) -> bool {
        match self {
            Domains::One(name) => normal(domain) == **name,
            Domains::Below(name) => {
                normal(domain).strip_suffix(&**name).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            Domains::Literal(ip) => address_literal(domain) == Some(*ip),
            Domains::All => true,
        }
    }
}

impl FromStr for Domains {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        let domains = match text {
            "*" => Some(Domains::All),
            literal if literal.starts_with('[') => address_literal(literal).map(Domains::Literal),
            text => match text.strip_prefix('.') {
                Some(parent) => host_name(parent).map(|name| Domains::Below(name.into())),
                None => host_name(text).map(|name| Domains::One(name.into())),
            },
        };
        domains.ok_or(RouteError::Domains)
    }
}

impl fmt::Display for Domains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Domains::One(name) => name.fmt(f),
            Domains::Below(name) => write!(f, ".{name}"),
            Domains::Literal(IpAddr::V4(ip)) => write!(f, "[{ip}]"),
            Domains::Literal(IpAddr::V6(ip)) => write!(f, "[IPv6:{ip}]"),
            Domains::All => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests;
