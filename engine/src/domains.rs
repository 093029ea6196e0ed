//! Which domains something is for: one, all below one, an address literal, or all; and sets of those.
//!
//! Rule: domains are compared in their normal form, A-labels in lower case, however they are written.

use std::{borrow::Cow, collections::HashSet, fmt, net::IpAddr, str::FromStr, sync::Arc};

use crate::{host_port::host_name, Address, RouteError};

/// Which domains a line of a table is for.
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

/// Some domains, looked up quickly however many they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainSet {
    lines: HashSet<Domains>,
}

impl FromIterator<Domains> for DomainSet {
    fn from_iter<I: IntoIterator<Item = Domains>>(lines: I) -> Self {
        DomainSet { lines: lines.into_iter().collect() }
    }
}

impl DomainSet {
    /// The domain of this address is one of them; a bare `postmaster` has none.
    pub fn has_domain_of(&self, address: &Address) -> bool {
        self.has(&address.domain_key())
    }

    /// This domain, in its normal form, is one of them.
    pub fn has(&self, key: &str) -> bool {
        if self.lines.is_empty() || key.is_empty() {
            return false;
        }
        let named = match address_literal(key) {
            Some(ip) => self.lines.contains(&Domains::Literal(ip)),
            None => self.lines.contains(&Domains::One(key.into())) || self.has_parent_of(key),
        };
        named || self.lines.contains(&Domains::All)
    }

    fn has_parent_of(&self, key: &str) -> bool {
        let parents = key.match_indices('.').map(|(at, _)| &key[at + 1..]);
        parents.into_iter().any(|parent| self.lines.contains(&Domains::Below(parent.into())))
    }
}

/// The normal form of a domain: A-labels in lower case. What is no domain stays as it is and matches nothing but `*`.
pub(crate) fn normal(domain: &str) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_its_lines_are_for() {
        let set = |lines: &[&str]| lines.iter().map(|line| line.parse().unwrap()).collect::<DomainSet>();
        let some = set(&["a.example", ".b.example", "[192.0.2.1]"]);
        let has = ["a.example", "x.b.example", "y.x.b.example", "[192.0.2.1]"];
        let has_not = ["", "example", "x.a.example", "b.example", "xb.example", "[192.0.2.2]"];
        assert!(has.iter().all(|key| some.has(key)));
        assert!(!has_not.iter().any(|key| some.has(key)), "{has_not:?}");
        assert!(set(&["*"]).has("anything.example") && !set(&["*"]).has(""));
        assert!(some.has_domain_of(&"u@A.Example".parse().unwrap()));
    }
}
