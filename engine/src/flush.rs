//! What may be asked to go out now: by the operator, or by a host that has come on line (ETRN, RFC 1985).

use std::sync::Arc;

use crate::{domain_key, Address, Domains, Hop, Next, QueueId, Recipient, Routes};

/// Octets of the name of a queue in ETRN.
const QUEUE_NAME: usize = 100;

/// Which mail is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flush {
    /// All that waits.
    All,
    /// What waits for this next hop. For one that the DNS has named (`mx ...`), all mail that goes to exchangers: which
    /// ones those are is known when they are asked for again.
    Hop(Hop),
    /// What waits on the routes with this `queue`.
    Queue(Arc<str>),
    /// What is for this domain.
    Domain(String),
    /// What is for this domain and all below it.
    Within(String),
    /// One mail.
    Mail(QueueId),
}

impl Flush {
    /// What stands behind `ETRN`: a domain, `@domain` with all below it, or `#queue` (RFC 1985, 5.3).
    pub fn parse(text: &str) -> Option<Self> {
        let name = |text: &str| match text.parse() {
            Ok(Domains::One(name)) => Some(name.to_string()),
            _ => None,
        };
        let is_word = |text: &str| text.len() <= QUEUE_NAME && text.chars().all(|c| !c.is_whitespace());
        match (text.strip_prefix('@'), text.strip_prefix('#')) {
            (Some(domain), _) => name(domain).map(Flush::Within),
            (_, Some(queue)) => (!queue.is_empty() && is_word(queue)).then(|| Flush::Queue(queue.into())),
            _ => name(text).map(Flush::Domain),
        }
    }

    /// The same with domains as keys, so that they can be compared.
    #[must_use]
    pub fn normal(self) -> Self {
        match self {
            Flush::Domain(domain) => Flush::Domain(domain_key(&domain)),
            Flush::Within(domain) => Flush::Within(domain_key(&domain)),
            other => other,
        }
    }

    /// Mail for this recipient is asked for, and where it goes does not matter. For domains in normal form.
    pub fn names(&self, recipient: &Address) -> bool {
        match self {
            Flush::All => true,
            Flush::Hop(_) | Flush::Queue(_) | Flush::Mail(_) => false,
            Flush::Domain(domain) => recipient.domain_key() == *domain,
            Flush::Within(domain) => {
                let key = recipient.domain_key();
                key.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }

    /// All mail of this hop is asked for.
    pub fn names_hop(&self, hop: &Hop) -> bool {
        match self {
            Flush::All => true,
            Flush::Hop(asked) => asked == hop,
            Flush::Queue(queue) => hop.as_str().strip_suffix(&**queue).is_some_and(|rest| rest.ends_with(" queue ")),
            Flush::Domain(_) | Flush::Within(_) | Flush::Mail(_) => false,
        }
    }

    /// It is this mail alone that is asked for.
    pub fn names_mail(&self, id: QueueId) -> bool {
        *self == Flush::Mail(id)
    }

    /// Mail for this recipient, which these routes lead, is asked for.
    pub fn is_for(&self, recipient: &Recipient, routes: &Routes) -> bool {
        let route = routes.route(recipient);
        match self {
            Flush::Hop(hop) => route.hop == *hop || (route.next == Next::Direct && hop.as_str().starts_with("mx ")),
            Flush::Queue(queue) => route.queue.as_deref() == Some(&**queue),
            _ => self.names(&recipient.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HostPort, Route};

    #[test]
    fn a_node_is_a_domain_a_tree_of_domains_or_a_queue() {
        let table = [
            ("Example.ORG", Some(Flush::Domain("example.org".into()))),
            ("bücher.example", Some(Flush::Domain("xn--bcher-kva.example".into()))),
            ("\u{f6}konomie.example", Some(Flush::Domain("xn--konomie-80a.example".into()))),
            ("@example.org", Some(Flush::Within("example.org".into()))),
            ("#bulk", Some(Flush::Queue("bulk".into()))),
        ];
        for (text, flush) in table {
            assert_eq!(Flush::parse(text), flush, "{text}");
        }
        for bad in ["", "@", "#", "#a b", "*", ".example.org", "[192.0.2.1]", "a b", "-", "ü@"] {
            assert_eq!(Flush::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_tree_has_its_root_and_what_is_below_it_and_nothing_else() {
        let names = |flush: Flush, to: &str| flush.normal().names(&Address::parse(to).unwrap());
        for (to, domain, within) in [
            ("a@Example.org", true, true),
            ("a@mail.example.org", false, true),
            ("a@myexample.org", false, false),
            ("postmaster", false, false),
        ] {
            assert_eq!(names(Flush::Domain("EXAMPLE.org".into()), to), domain, "{to}");
            assert_eq!(names(Flush::Within("example.ORG".into()), to), within, "{to}");
        }
    }

    #[test]
    fn one_mail_is_that_mail_and_nothing_else_of_its_domain_or_hop() {
        let one = Flush::Mail(QueueId(42)).normal();
        assert!(one.names_mail(QueueId(42)) && !one.names_mail(QueueId(43)) && !Flush::All.names_mail(QueueId(42)));
        assert!(!one.names(&Address::parse("a@example.org").unwrap()) && !one.names_hop(&Hop::new("smtp a:25")));
    }

    #[test]
    fn a_hop_has_the_mail_that_the_routes_lead_there() {
        let mut held = Route::relay(["10.0.0.1:25".parse::<HostPort>().unwrap()]);
        held.queue = Some("held".into());
        let lines = [("a.example".parse().unwrap(), held), ("*".parse().unwrap(), Route::new(Next::Direct))];
        let routes = Routes::new("host", lines).unwrap();
        let is_for = |flush: &Flush, to: &str| flush.is_for(&Recipient::from(Address::parse(to).unwrap()), &routes);
        let (hop, queue) = (Flush::Hop(Hop::new("smtp 10.0.0.1:25 queue held")), Flush::Queue("held".into()));
        for flush in [&hop, &queue] {
            assert!(is_for(flush, "x@a.example") && !is_for(flush, "x@b.example"));
            assert!(flush.names_hop(&Hop::new("smtp 10.0.0.1:25 queue held")));
            assert!(!flush.names_hop(&Hop::new("smtp 10.0.0.1:25 queue upheld")));
        }
        assert!(is_for(&Flush::Hop(Hop::new("mx b:25")), "x@b.example"), "it may be one of its exchangers");
        assert!(!is_for(&Flush::Hop(Hop::new("smtp b:25")), "x@b.example"));
    }
}
