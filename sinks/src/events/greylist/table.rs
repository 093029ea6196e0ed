//! What a greylist remembers, and what it answers.
//!
//! Rule: strangers never push out whom we know: each kind has a table of its own, with its own limit. Every change is also
//! a line for the file, so the tables can be made again from the lines.

use std::time::Duration;

use ipnet::IpNet;
use postrider_engine::Moment;

use super::super::aged::Aged;

/// How old what is noted of a known one may get before it is noted anew: not every mail needs a line in the file.
const REFRESH: Duration = Duration::from_secs(3600);

/// Who sends what to whom, without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Triplet {
    pub network: IpNet,
    /// Empty for the null sender.
    pub sender: String,
    pub recipient: String,
}

/// How long things take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub delay: Duration,
    pub retry_until: Duration,
    pub keep: Duration,
    /// Triplets of a network that must have come back until it is known; 0: no network ever is.
    pub successes: u32,
    /// Entries of each table.
    pub most: usize,
}

/// Whether a mail may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Known,
    /// Not before this time has passed.
    Wait(Duration),
}

/// A network whose triplets came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub successes: u32,
    pub last: Moment,
}

/// What changed: a line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A triplet came for the first time.
    Waits(Triplet, Moment),
    /// It is known, and was last seen then.
    Known(Triplet, Moment),
    /// So many triplets of a network came back.
    Network(IpNet, Network),
}

#[derive(Debug)]
pub(super) struct Table {
    terms: Terms,
    waiting: Aged<Triplet, Moment>,
    known: Aged<Triplet, Moment>,
    networks: Aged<IpNet, Network>,
}

impl Table {
    pub(super) fn new(terms: Terms) -> Self {
        let most = terms.most;
        Table { terms, waiting: Aged::new(most), known: Aged::new(most), networks: Aged::new(most) }
    }

    /// May this mail come in now? What changes by the question is said to `note`, and is in the tables already.
    pub(super) fn ask(&mut self, triplet: Triplet, now: Moment, mut note: impl FnMut(&Change)) -> Answer {
        self.expire(now);
        let mut changed = |table: &mut Self, change: Change| {
            note(&change);
            table.apply(change);
        };
        if let Some(network) = self.known_network(&triplet.network) {
            if network.last.until(now) >= REFRESH {
                changed(self, Change::Network(triplet.network, Network { last: now, ..network }));
            }
            return Answer::Known;
        }
        if let Some(last) = self.known.get(&triplet).copied() {
            if last.until(now) >= REFRESH {
                changed(self, Change::Known(triplet, now));
            }
            return Answer::Known;
        }
        match self.waiting.get(&triplet).copied().filter(|first| *first <= now) {
            Some(first) if first + self.terms.delay > now => Answer::Wait(now.until(first + self.terms.delay)),
            Some(_) => {
                let successes = self.networks.get(&triplet.network).map_or(0, |network| network.successes);
                let network = Network { successes: successes.saturating_add(1), last: now };
                changed(self, Change::Network(triplet.network, network));
                changed(self, Change::Known(triplet, now));
                Answer::Known
            }
            // Never seen, or seen in a future that a clock was set back from.
            None => {
                changed(self, Change::Waits(triplet, now));
                Answer::Wait(self.terms.delay)
            }
        }
    }

    /// Puts in what a line says.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Waits(triplet, first) => self.waiting.put(triplet, first),
            Change::Known(triplet, last) => {
                self.waiting.take(&triplet);
                self.known.put(triplet, last);
            }
            Change::Network(net, network) => self.networks.put(net, network),
        }
    }

    /// Lets go of what is too old.
    pub(super) fn expire(&mut self, now: Moment) {
        let Terms { retry_until, keep, .. } = self.terms;
        self.waiting.expire(|first| first.until(now) > retry_until);
        self.known.expire(|last| last.until(now) > keep);
        self.networks.expire(|network| network.last.until(now) > keep);
    }

    /// All, as changes that make an empty table this one.
    pub(super) fn all(&self) -> impl Iterator<Item = Change> + '_ {
        let waiting = self.waiting.iter().map(|(triplet, first)| Change::Waits(triplet.clone(), *first));
        let known = self.known.iter().map(|(triplet, last)| Change::Known(triplet.clone(), *last));
        waiting.chain(known).chain(self.networks.iter().map(|(net, network)| Change::Network(*net, *network)))
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.known.len() + self.networks.len()
    }

    fn known_network(&self, net: &IpNet) -> Option<Network> {
        let enough = self.terms.successes;
        self.networks.get(net).copied().filter(|network| enough > 0 && network.successes >= enough)
    }
}
