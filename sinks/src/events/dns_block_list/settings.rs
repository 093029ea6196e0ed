//! Which lists are asked, and what is made of their answers.

use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use thiserror::Error;

/// Zones that one sink asks.
pub const MOST_ZONES: usize = 50;
/// Answers that each guest remembers, by default: some 200 octets each.
pub const CACHED_ANSWERS: usize = 10_000;

/// A list in the DNS (RFC 5782).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Zone {
    /// Its name: `zen.example.org`.
    pub name: String,
    /// What being on it counts; below 0 on a list of good ones.
    pub weight: i32,
    /// Answers that count; by default all of 127.0.0.0/8. 127.255.255.0/24 never counts: with it lists say that they
    /// cannot or do not want to answer.
    pub answers: Vec<Ipv4Net>,
}

impl Zone {
    /// A list of bad ones with the weight 1.
    pub fn new(name: impl Into<String>) -> Self {
        Zone { name: name.into(), weight: 1, answers: "127.0.0.0/8".parse().into_iter().collect() }
    }

    /// The same list with another weight.
    #[must_use]
    pub fn weighing(self, weight: i32) -> Self {
        Zone { weight, ..self }
    }
}

/// What is done about a client on the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// It is refused with 554 5.7.1.
    #[default]
    Refuse,
    /// Sinks behind find it in the property [`super::DNS_LISTED`]: of the session, or of the mail, which gets a field
    /// `X-DNS-Listed` as well.
    Mark,
}

/// Which lists are asked, and what about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DnsBlockListSettings {
    /// All are asked at once.
    pub zones: Vec<Zone>,
    /// A client is listed if the weights of the zones that have it come to so much; 1.
    pub threshold: i32,
    /// What is done then.
    pub listed: Listed,
    /// Clients that are not asked about; by default those of private networks, which no list knows.
    pub exempt: Vec<IpNet>,
    /// Mail for `postmaster` passes, so that whoever is listed wrongly can say so (RFC 5321, 4.5.1). Only at `rcpt_to` is
    /// that known.
    pub spare_postmaster: bool,
    /// How long an answer is waited for; 5 s. All are waited for at once.
    pub time_limit: Duration,
    /// How long an answer is remembered at most, whatever the DNS says; 15 min.
    pub most_ttl: Duration,
    /// How long it is remembered that a zone does not have a client; 5 min.
    pub miss_ttl: Duration,
    /// Answers that each guest remembers; the oldest go.
    pub cached: usize,
}

impl Default for DnsBlockListSettings {
    fn default() -> Self {
        DnsBlockListSettings {
            zones: Vec::new(),
            threshold: 1,
            listed: Listed::default(),
            exempt: PRIVATE.iter().filter_map(|net| net.parse().ok()).collect(),
            spare_postmaster: true,
            time_limit: Duration::from_secs(5),
            most_ttl: Duration::from_secs(900),
            miss_ttl: Duration::from_secs(300),
            cached: CACHED_ANSWERS,
        }
    }
}

const PRIVATE: [&str; 8] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// What is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DnsBlockListError {
    /// Nothing would be asked, or too much.
    #[error("there are {0} zones: write 1 to {MOST_ZONES}")]
    Zones(usize),
    /// A zone is no domain.
    #[error("\"{0}\" is no zone: write a domain")]
    Zone(String),
    /// Everybody would be listed.
    #[error("the threshold must be 1 or more: with {0} everybody is listed")]
    Threshold(i32),
}

impl DnsBlockListSettings {
    pub(super) fn check(&self) -> Result<(), DnsBlockListError> {
        let is_domain =
            |name: &str| postrider_engine::Address::parse(&format!("x@{name}")).is_ok_and(|a| !a.has_literal());
        match self.zones.iter().find(|zone| !is_domain(&zone.name)) {
            _ if !(1..=MOST_ZONES).contains(&self.zones.len()) => Err(DnsBlockListError::Zones(self.zones.len())),
            Some(zone) => Err(DnsBlockListError::Zone(zone.name.clone())),
            None if self.threshold < 1 => Err(DnsBlockListError::Threshold(self.threshold)),
            None => Ok(()),
        }
    }
}
