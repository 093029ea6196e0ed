//! Asks lists in the DNS (RFC 5782) about a client's address.
//!
//! Rule: only a list's own word against a client refuses it: a list that does not answer, or answers with an error, has
//! said nothing. Whoever is refused is told by which list.

mod lookup;
mod settings;
#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use postrider_engine::{
    events::{
        BeforeCommit, Command, Connect, EndOfData, MailFrom, Message, Properties, RcptTo, Sink, Submission, Talk,
        Verdict,
    },
    Address, Peer, Reply,
};
use tokio::time::{timeout, Instant};
use tracing::{info, warn};

use self::lookup::name_in;
use super::{aged::Aged, network::has};

pub use lookup::{Addresses, LookUpAddresses};
pub use settings::{DnsBlockListError, DnsBlockListSettings, Listed, Zone, CACHED_ANSWERS, MOST_ZONES};

/// The property that says which zones have the client, with their weights: `a.example=1 b.example=-2`.
pub const DNS_LISTED: &str = "dns-listed";
/// The field that says the same.
const FIELD: &str = "X-DNS-Listed";

/// With answers from here lists say that they cannot answer: too many questions, an open resolver.
const ERRORS: [u8; 3] = [127, 255, 255];
const REFUSED: Reply = Reply::new(554, 7, 1, "");

/// Asks lists about clients at `connect`, `mail_from`, `rcpt_to` (where mail for postmaster can pass), `end_of_data` or
/// `submission`.
///
/// Any number of guests: each remembers answers of its own, and the resolver, which all share, does too.
pub struct DnsBlockList {
    settings: DnsBlockListSettings,
    resolver: Arc<dyn LookUpAddresses>,
    /// By zone and client: whether it is listed, and until when that holds.
    cache: Aged<(usize, IpAddr), (bool, Instant)>,
}

impl Clone for DnsBlockList {
    /// Another guest: it asks by the same resolver, and remembers nothing yet.
    fn clone(&self) -> Self {
        let (settings, resolver) = (self.settings.clone(), Arc::clone(&self.resolver));
        DnsBlockList { cache: Aged::new(settings.cached), settings, resolver }
    }
}

impl DnsBlockList {
    /// A sink that asks by this resolver.
    ///
    /// # Errors
    /// [`DnsBlockListError`]: the settings make no sense.
    pub fn new(settings: DnsBlockListSettings, resolver: Arc<dyn LookUpAddresses>) -> Result<Self, DnsBlockListError> {
        settings.check()?;
        let cache = Aged::new(settings.cached);
        Ok(DnsBlockList { settings, resolver, cache })
    }

    /// The zones that have the client, if they weigh enough.
    async fn listed(&mut self, peer: &Peer) -> Option<Vec<usize>> {
        let ip = peer.ip.filter(|ip| peer.identity.is_none() && !has(&self.settings.exempt, *ip))?.to_canonical();
        let now = Instant::now();
        let known = |at: usize| self.cache.get(&(at, ip)).filter(|(_, until)| *until > now).map(|(is_hit, _)| *is_hit);
        let (unknown, mut hits): (Vec<usize>, Vec<usize>) =
            (0..self.settings.zones.len()).filter(|at| known(*at) != Some(false)).partition(|at| known(*at).is_none());
        let answers = join_all(unknown.into_iter().map(|at| self.ask(at, ip))).await;
        for (at, is_hit, lives) in answers.into_iter().flatten() {
            hits.extend(is_hit.then_some(at));
            self.cache.put((at, ip), (is_hit, now + lives));
        }
        hits.sort_unstable();
        let weigh = |sum: i32, at: &usize| sum.saturating_add(self.settings.zones[*at].weight);
        (hits.iter().fold(0, weigh) >= self.settings.threshold).then_some(hits)
    }

    /// Asks one zone; `None`: it has said nothing.
    async fn ask(&self, at: usize, ip: IpAddr) -> Option<(usize, bool, Duration)> {
        let zone = &self.settings.zones[at];
        let name = name_in(&zone.name, ip);
        let found = match timeout(self.settings.time_limit, self.resolver.look_up(&name)).await {
            Ok(Ok(found)) => found,
            Ok(Err(trouble)) => {
                warn!(zone = zone.name, %trouble, "a DNS list does not answer: the client passes as far as it goes");
                return None;
            }
            Err(_) => {
                warn!(zone = zone.name, "a DNS list does not answer in time: the client passes as far as it goes");
                return None;
            }
        };
        if let Some(error) = found.addresses.iter().find(|answer| is_error(answer)) {
            warn!(zone = zone.name, answer = %error, "a DNS list refuses to answer: see what it says about this code");
            return None;
        }
        let is_hit = found.addresses.iter().any(|answer| zone.answers.iter().any(|net| net.contains(answer)));
        let ttl = if found.addresses.is_empty() { Some(self.settings.miss_ttl) } else { found.lives };
        Some((at, is_hit, ttl.unwrap_or(self.settings.miss_ttl).min(self.settings.most_ttl)))
    }

    fn reply(&self, peer: &Peer, hits: &[usize]) -> Reply {
        let bad = hits.iter().map(|at| &self.settings.zones[*at]).filter(|zone| zone.weight > 0);
        let names: Vec<_> = bad.map(|zone| zone.name.as_str()).collect();
        let ip = peer.ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
        info!(%ip, zones = names.join(" "), "a client is on DNS lists and is refused");
        REFUSED.with_text(format!("Your address {ip} is listed by {}", names.join(", ")))
    }

    fn mark(&self, hits: &[usize]) -> String {
        let zones = hits.iter().map(|at| &self.settings.zones[*at]);
        zones.map(|zone| format!("{}={}", zone.name, zone.weight)).collect::<Vec<_>>().join(" ")
    }

    /// What a command is refused with, if it is; a mark goes to the session.
    async fn command(&mut self, peer: &Peer, properties: &mut Properties) -> Option<Reply> {
        let hits = self.listed(peer).await?;
        if self.settings.listed == Listed::Refuse {
            return Some(self.reply(peer, &hits));
        }
        if properties.set(DNS_LISTED, self.mark(&hits)).is_err() {
            warn!("a session has no room for what DNS lists say of its client");
        }
        None
    }

    async fn mail<E: BeforeCommit>(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let Some(hits) = self.listed(&mail.envelope().peer.clone()).await else { return mail.next() };
        if self.settings.listed == Listed::Refuse {
            let reply = self.reply(&mail.envelope().peer, &hits);
            return mail.reject(reply);
        }
        let mark = self.mark(&hits);
        if let Err(trouble) = mail.content_mut().edit_header(|header| header.add(FIELD, &mark)) {
            warn!(%trouble, "a mail cannot be marked with what DNS lists say of its client");
        }
        if mail.set_property(DNS_LISTED, mark).is_err() {
            warn!("a mail has no room for what DNS lists say of its client");
        }
        mail.next()
    }
}

fn is_error(answer: &Ipv4Addr) -> bool {
    answer.octets()[..3] == ERRORS
}

fn is_postmaster(address: &Address) -> bool {
    address.local_part().eq_ignore_ascii_case("postmaster")
}

impl Sink<Connect> for DnsBlockList {
    async fn on(&mut self, mut talk: Talk<Connect>) -> Verdict<Connect> {
        let peer = talk.caller().peer.clone();
        match self.command(&peer, talk.properties_mut()).await {
            Some(reply) => talk.refuse(reply),
            None => talk.next(),
        }
    }
}

impl Sink<MailFrom> for DnsBlockList {
    async fn on(&mut self, mut command: Command<MailFrom>) -> Verdict<MailFrom> {
        let peer = command.caller().peer.clone();
        if let Some(reply) = self.command(&peer, command.properties_mut()).await {
            command.refuse(reply);
        }
        command.next()
    }
}

impl Sink<RcptTo> for DnsBlockList {
    async fn on(&mut self, mut command: Command<RcptTo>) -> Verdict<RcptTo> {
        let is_spared = self.settings.spare_postmaster && command.recipient().is_some_and(is_postmaster);
        let is_refused = command.reply().is_some_and(|reply| !reply.is_positive());
        if is_spared || is_refused {
            return command.next();
        }
        let peer = command.caller().peer.clone();
        if let Some(reply) = self.command(&peer, command.properties_mut()).await {
            command.refuse(reply);
        }
        command.next()
    }
}

impl Sink<EndOfData> for DnsBlockList {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        self.mail(mail).await
    }
}

impl Sink<Submission> for DnsBlockList {
    async fn on(&mut self, mail: Message<Submission>) -> Verdict<Submission> {
        self.mail(mail).await
    }
}
