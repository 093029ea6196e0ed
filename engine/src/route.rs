//! A way out: to which next hop, over which connections, and how long it is tried.
//!
//! The name of a hop says what it is and nothing that differs between two runs.

use std::{fmt::Write as _, net::IpAddr, sync::Arc, time::Duration};

use crate::{Convertible, DropPlace, Hop, HostPort, Reply, Retry, Socket};

/// What becomes of mail on a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// It is handed to the first of these hosts that can be reached (a smart host).
    Relay {
        /// In the order in which they are tried; at least one.
        hosts: Vec<HostPort>,
    },
    /// It is handed to the mail exchangers of the recipient's domain, which are asked for in the DNS (RFC 5321, 5.1).
    Direct,
    /// It is handed to these mail exchangers: what became of [`Next::Direct`].
    Exchangers {
        /// Best ones first; those of equal preference are together and take turns.
        ranks: Vec<Vec<HostPort>>,
    },
    /// It is handed to a local service by LMTP (RFC 2033), which answers for each recipient.
    Lmtp {
        /// Where it listens.
        socket: Socket,
    },
    /// It waits and is tried again, for this reason: its exchangers are not known at present.
    Defer(Reply),
    /// It is put into the mailboxes of local users: this host is the last for these domains.
    Maildir,
    /// It becomes a file in a folder, for another program to take.
    Drop {
        /// Where: one folder, or one for each domain.
        place: DropPlace,
        /// With lines `x-sender` and `x-receiver` in front.
        envelope: bool,
    },
    /// It is handed to a target that the program has brought along, by the name that it was given.
    Target(Arc<str>),
    /// It is thrown away as if it were delivered.
    Discard,
    /// It fails with this reply; the sender is told.
    Refuse(Reply),
    /// No way is known: it stays queued until there is one.
    Keep,
}

impl Next {
    /// Mail comes to its end here: how often and over how many connections means nothing.
    pub fn is_an_end(&self) -> bool {
        matches!(self, Next::Discard | Next::Refuse(_))
    }
}

/// What becomes of a mail whose final dot was sent and never answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Perhaps {
    /// It is tried again: it is never lost and may arrive twice.
    #[default]
    Retry,
    /// It is held for a person to decide.
    Hold,
}

/// A next hop and how it is served. Made by [`Route::new`]; what else is asked for is then set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Route {
    /// The name of its queue; given by [`crate::Routes`] from what is set below.
    pub hop: Hop,
    /// What becomes of the mail.
    pub next: Next,
    /// Sets queues to the same hosts apart, each with its own connections and its own schedule.
    pub queue: Option<String>,
    /// When it is tried again.
    pub retry: Retry,
    /// How many connections may be open at once; at least 1.
    pub connections: usize,
    /// How many recipients one transaction may have; at least 1.
    pub recipients_per_transaction: usize,
    /// How many mails one connection carries before it is closed; at least 1.
    pub mails_per_connection: u32,
    /// How long a connection may stand idle before it is closed.
    pub idle: Duration,
    /// How many mails go there in a second, at most; `None`: as many as there are.
    pub mails_per_second: Option<f64>,
    /// With [`Next::Direct`]: hosts that are tried, in this order, when no exchanger can be reached or none is known at
    /// present.
    pub fallback: Vec<HostPort>,
    /// What becomes of mail that was perhaps delivered.
    pub perhaps: Perhaps,
    /// The local address of the connections; `None`: the system chooses.
    pub source: Option<IpAddr>,
    /// What we call ourselves in EHLO; `None`: our host name.
    pub helo: Option<String>,
    /// The domain of senders of ours as the next host sees it; `None`: as it is.
    pub masquerade: Option<String>,
    /// Which mail may be converted for a host that cannot take it as it is.
    pub downgrade: Convertible,
    /// Nothing is tried until it is asked for ([`crate::Flush`], ETRN), and then once for each time.
    pub hold_for_etrn: bool,
}

impl Route {
    /// A route with the default of everything but its end.
    pub fn new(next: Next) -> Self {
        let mut route = Route {
            hop: Hop::new(""),
            next,
            queue: None,
            retry: Retry::default(),
            connections: 20,
            recipients_per_transaction: 100,
            mails_per_connection: 1000,
            idle: Duration::from_secs(30),
            mails_per_second: None,
            fallback: Vec::new(),
            perhaps: Perhaps::Retry,
            source: None,
            helo: None,
            masquerade: None,
            downgrade: Convertible::default(),
            hold_for_etrn: false,
        };
        route.name();
        route
    }

    /// A route to these hosts.
    pub fn relay(hosts: impl IntoIterator<Item = HostPort>) -> Self {
        Route::new(Next::Relay { hosts: hosts.into_iter().collect() })
    }

    /// The same route with another end, and the hop that this is.
    #[must_use]
    pub fn leading_to(&self, next: Next) -> Self {
        let mut route = Route { next, ..self.clone() };
        route.name();
        route
    }

    /// Names the hop by what it is.
    pub(crate) fn name(&mut self) {
        let mut name = match &self.next {
            Next::Relay { hosts } => {
                let hosts: Vec<String> = hosts.iter().map(HostPort::to_string).collect();
                format!("smtp {}", hosts.join(","))
            }
            Next::Direct => "mx".into(),
            Next::Exchangers { ranks } => {
                let rank = |hosts: &Vec<HostPort>| hosts.iter().map(HostPort::to_string).collect::<Vec<_>>().join("=");
                format!("mx {}", ranks.iter().map(rank).collect::<Vec<_>>().join(","))
            }
            Next::Lmtp { socket } => format!("lmtp {socket}"),
            Next::Defer(reply) => format!("wait {reply}"),
            Next::Maildir => "maildir".into(),
            Next::Drop { place, .. } => format!("drop {place}"),
            Next::Target(name) => format!("target {name}"),
            Next::Discard => "discard".into(),
            Next::Refuse(reply) => format!("error {reply}"),
            Next::Keep => "keep".into(),
        };
        // A String takes all that is written to it.
        if matches!(self.next, Next::Relay { .. } | Next::Direct | Next::Exchangers { .. } | Next::Lmtp { .. }) {
            if let Some(source) = self.source {
                let _ = write!(name, " from {source}");
            }
            if let Some(helo) = &self.helo {
                let _ = write!(name, " as {helo}");
            }
            if let (Some(domain), false) = (&self.masquerade, matches!(self.next, Next::Lmtp { .. })) {
                let _ = write!(name, " masquerading {domain}");
            }
        }
        if let Some(queue) = &self.queue {
            let _ = write!(name, " queue {queue}");
        }
        self.hop = Hop::new(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(texts: &[&str]) -> Vec<HostPort> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn place(path: &str) -> DropPlace {
        DropPlace::new(std::path::Path::new(path)).unwrap()
    }

    #[test]
    fn the_name_of_a_hop_says_what_it_is() {
        let table = [
            (Next::Relay { hosts: hosts(&["127.0.0.1:2626"]) }, "smtp 127.0.0.1:2626"),
            (Next::Relay { hosts: hosts(&["A.example", "[::1]:26"]) }, "smtp a.example:25,[::1]:26"),
            (Next::Direct, "mx"),
            (Next::Exchangers { ranks: vec![hosts(&["a"]), hosts(&["b", "c:26"])] }, "mx a:25,b:25=c:26"),
            (Next::Lmtp { socket: "/run/lmtp".parse().unwrap() }, "lmtp /run/lmtp"),
            (Next::Defer(Reply::new(451, 4, 3, "no answer")), "wait 451 4.4.3 no answer"),
            (Next::Maildir, "maildir"),
            (Next::Drop { place: place("/var/drop/{domain}"), envelope: true }, "drop /var/drop/{domain}"),
            (Next::Target("archive".into()), "target archive"),
            (Next::Discard, "discard"),
            (Next::Refuse(Reply::new(550, 7, 1, "no mail there")), "error 550 5.7.1 no mail there"),
            (Next::Keep, "keep"),
        ];
        for (next, name) in table {
            assert_eq!(Route::new(next).hop.as_str(), name);
        }
    }

    #[test]
    fn another_source_name_or_queue_is_another_hop() {
        let mut route = Route::relay(hosts(&["a:25"]));
        (route.source, route.helo) = (Some([192, 0, 2, 1].into()), Some("out.example".into()));
        (route.queue, route.masquerade) = (Some("bulk".into()), Some("example.org".into()));
        route.name();
        let name = "smtp a:25 from 192.0.2.1 as out.example masquerading example.org queue bulk";
        assert_eq!(route.hop.as_str(), name);
    }
}
