//! Another domain in the place of our own in MAIL FROM, for hosts outside.
//!
//! Rule: only what is said to the next host changes. The spool, reports and local services have the true sender.

use std::{borrow::Cow, sync::Arc};

use postrider_engine::{Address, DomainSet, Domains};

/// Whose domain is replaced, and by which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masquerade {
    into: Arc<str>,
    of: DomainSet,
}

impl Masquerade {
    /// Senders at `host`, and in these domains, are said to be at `into`. `*` is no domain of ours.
    pub fn new(into: impl Into<Arc<str>>, host: &str, ours: &[Domains]) -> Self {
        let host = host.parse().ok();
        let of = ours.iter().cloned().chain(host).filter(|domains| *domains != Domains::All).collect();
        Masquerade { into: into.into(), of }
    }

    /// The sender as the next host is to see it. One that would be no address stays as it is.
    pub(super) fn said<'a>(&self, sender: &'a Address) -> Cow<'a, Address> {
        match self.of.has_domain_of(sender) {
            true => match Address::parse(&format!("{}@{}", sender.local_part(), self.into)) {
                Ok(masked) => Cow::Owned(masked),
                Err(_) => Cow::Borrowed(sender),
            },
            false => Cow::Borrowed(sender),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelaySettings;

    #[test]
    fn a_local_service_has_the_true_sender() {
        let ann = Address::parse("ann@host.example.org").unwrap();
        let mut local = RelaySettings::lmtp(&"127.0.0.1:24".parse().unwrap(), "host.example.org").unwrap();
        let mut other = RelaySettings::new(vec!["mx".parse().unwrap()], "host.example.org").unwrap();
        let mask = Some(Masquerade::new("example.org", "host.example.org", &[]));
        (local.masquerade, other.masquerade) = (mask.clone(), mask);
        assert_eq!((local.said(&ann).as_str(), other.said(&ann).as_str()), (ann.as_str(), "ann@example.org"));
    }

    #[test]
    fn only_senders_of_our_own_domains_are_said_to_be_elsewhere() {
        let ours: Vec<Domains> = ["intern.example.org", ".lan.example.org", "*"].map(|d| d.parse().unwrap()).into();
        let mask = Masquerade::new("example.org", "Host.example.org", &ours);
        for (sender, said) in [
            ("ann@host.example.org", "ann@example.org"),
            ("ann@INTERN.example.org", "ann@example.org"),
            ("\"a b\"@pc1.lan.example.org", "\"a b\"@example.org"),
            ("ann@lan.example.org", "ann@lan.example.org"),
            ("ann@elsewhere.example", "ann@elsewhere.example"),
            ("ann@example.org", "ann@example.org"),
        ] {
            assert_eq!(mask.said(&Address::parse(sender).unwrap()).as_str(), said);
        }
    }
}
