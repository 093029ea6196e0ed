//! From the name of a smart host to its addresses.
//!
//! Rule: trouble with a lookup is never the mail's: it delays, and says in the log what a person has to mend.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use hickory_resolver::TokioResolver;
use postrider_engine::BoxFuture;
use thiserror::Error;

/// Looks up the addresses of a host by name.
pub trait Resolve: Send + Sync + 'static {
    /// Its IPv4 and IPv6 addresses, in the order in which they are to be tried.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>>;
}

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The name does not exist, or has no address. For a smart host that is a mistake in the settings or in the DNS.
    #[error("the name does not exist or has no address")]
    NotFound,
    /// Nobody could say at present.
    #[error("it cannot be looked up at present: {0}")]
    Trouble(Arc<str>),
}

/// Looks names up as the system does: `/etc/hosts`, then the servers of `/etc/resolv.conf`; answers are kept as long as
/// their TTL allows.
///
/// The files are read at the first lookup, so a relay to IP literals needs neither.
#[derive(Default)]
pub struct SystemResolver(OnceLock<TokioResolver>);

impl SystemResolver {
    /// A resolver that has read nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn resolver(&self) -> Result<&TokioResolver, ResolveError> {
        if let Some(resolver) = self.0.get() {
            return Ok(resolver);
        }
        let built = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        let resolver = built.map_err(|e| ResolveError::Trouble(format!("/etc/resolv.conf: {e}").into()))?;
        Ok(self.0.get_or_init(|| resolver))
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async move {
            match self.resolver()?.lookup_ip(name).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) if error.is_no_records_found() => Err(ResolveError::NotFound),
                Err(error) => Err(ResolveError::Trouble(error.to_string().into())),
            }
        })
    }
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
