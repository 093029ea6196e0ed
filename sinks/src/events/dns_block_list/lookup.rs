//! How a list is asked: the name of an address in a zone, and the address records of that name.
//!
//! Rule: only the DNS's own word counts; trouble with it is neither a yes nor a no.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use hickory_resolver::proto::rr::RData;
use postrider_engine::BoxFuture;

use crate::relay::{ResolveError, SystemResolver};

/// The address records of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// In any order; none: the name is not there.
    pub addresses: Vec<Ipv4Addr>,
    /// How long they may be remembered; `None`: the DNS did not say.
    pub lives: Option<Duration>,
}

/// Looks up the IPv4 addresses of a name. Shared by all guests, so what it remembers is shared as well.
pub trait LookUpAddresses: Send + Sync + 'static {
    /// The address records (A) of a name, which is whole: nothing is added to it.
    ///
    /// # Errors
    /// [`ResolveError::Trouble`]: nobody could say. That there is none is no error, but none.
    fn look_up<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>>;
}

impl LookUpAddresses for SystemResolver {
    fn look_up<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        Box::pin(async move {
            match self.ipv4_records(name).await {
                Err(ResolveError::NotFound) => Ok(Addresses::default()),
                Err(trouble) => Err(trouble),
                Ok(found) => {
                    let address = |data: &RData| match data {
                        RData::A(a) => Some(a.0),
                        _ => None,
                    };
                    let addresses = found.answers().iter().filter_map(|record| address(&record.data)).collect();
                    let lives = Some(found.valid_until().saturating_duration_since(Instant::now()));
                    Ok(Addresses { addresses, lives })
                }
            }
        })
    }
}

/// The name under which a zone lists an address (RFC 5782, 2.1 and 2.4).
pub(super) fn name_in(zone: &str, ip: IpAddr) -> String {
    let mut name = String::new();
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets().iter().rev().for_each(|octet| name.push_str(&format!("{octet}."))),
        IpAddr::V6(ip) => {
            for octet in ip.octets().iter().rev() {
                name.push_str(&format!("{:x}.{:x}.", octet & 0xF, octet >> 4));
            }
        }
    }
    name + zone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_backwards() {
        let name = |ip: &str| name_in("z.example", ip.parse().unwrap());
        assert_eq!(name("192.0.2.99"), "99.2.0.192.z.example");
        assert_eq!(name("::ffff:192.0.2.99"), "99.2.0.192.z.example");
        assert_eq!(
            name("2001:db8:1:2:3:4:567:89ab"),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.z.example"
        );
    }
}
