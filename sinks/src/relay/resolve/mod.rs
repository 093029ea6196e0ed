//! From names to addresses, and from a domain to its mail exchangers.
//!
//! Rule: trouble with a lookup is never the mail's: it delays, and says in the log what a person has to mend.

#[cfg_attr(feature = "dns", path = "dns.rs")]
#[cfg_attr(not(feature = "dns"), path = "system.rs")]
mod resolver;

use std::{net::IpAddr, sync::Arc};

use postrider_engine::{exchangers::Exchanger, BoxFuture};
use thiserror::Error;

pub use resolver::SystemResolver;

/// Looks names up.
pub trait Resolve: Send + Sync + 'static {
    /// The IPv4 and IPv6 addresses of a host, in the order in which they are to be tried.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>>;

    /// The mail exchangers of a domain, in any order; none: it exists and has none.
    fn exchangers<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>>;
}

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The name does not exist, or has no address: this is certain. For a smart host it is a mistake in the settings or in
    /// the DNS.
    #[error("the name does not exist or has no address")]
    NotFound,
    /// Nobody could say at present.
    #[error("it cannot be looked up at present: {0}")]
    Trouble(Arc<str>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_known_without_any_server() {
        let found = SystemResolver::new().resolve("localhost").await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
    }
}
