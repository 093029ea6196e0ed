//! Finds the ways of recipients: the route table, and the DNS where a route leads to the exchangers of the domain itself.
//!
//! Rule: what the table says needs no question. A question is answered in limited time, and trouble with the DNS never ends a
//! mail: it waits on a way of its own, and the next attempt asks again.

use std::{sync::Arc, time::Duration};

use postrider_actors::chain::{Ended, Events, SessionGuests};
use postrider_engine::{
    events::{DnsResolve, Kind, Lookup},
    exchangers::{exchangers, undecided, unknown, Exchanger},
    BoxFuture, Domains, Host, HostPort, Next, Recipient, Reply, Route, Routes, Way, Wayfinder,
};
use postrider_sinks::relay::{Resolve, ResolveError};
use tokio::time::timeout;

use crate::Settings;

/// The route table and the DNS.
#[derive(Clone)]
pub(super) struct Finder {
    routes: Arc<Routes>,
    resolver: Arc<dyn Resolve>,
    /// Our names, in normal form: mail for exchangers of these names would come back.
    own: Arc<[String]>,
    port: u16,
    limit: Duration,
    events: Events,
}

impl Finder {
    pub(super) fn new(settings: &Settings, routes: Arc<Routes>, resolver: Arc<dyn Resolve>, events: Events) -> Self {
        let own = vec![settings.hostname.trim_end_matches('.').to_ascii_lowercase()];
        let (port, limit) = (settings.dns.mx_port, settings.delivery_timeouts.resolve);
        Finder { routes, resolver, own: own.into(), port, limit, events }
    }

    /// The way to the exchangers of this domain.
    async fn find(self, domain: Arc<str>) -> Arc<Route> {
        let route = self.routes.of_domain(&domain);
        let fallback = route.fallback.iter().map(|host| vec![host.clone()]); // one after the other
        let next = match self.look_up(&domain).await {
            Ok(ranks) => Next::Exchangers { ranks: ranks.into_iter().chain(fallback).collect() },
            Err(reply) if reply.is_permanent() => Next::Refuse(reply),
            Err(_) if !route.fallback.is_empty() => Next::Exchangers { ranks: fallback.collect() },
            Err(reply) => Next::Defer(reply),
        };
        Arc::new(route.leading_to(next))
    }

    async fn look_up(&self, domain: &Arc<str>) -> Result<Vec<Vec<HostPort>>, Reply> {
        let found = match self.ask_sinks(domain).await? {
            Some(found) => found,
            None => self.exchangers(domain).await?,
        };
        if found.is_empty() {
            // Its own exchanger is the domain itself: then it must have an address.
            self.in_time(domain, self.resolver.resolve(domain)).await?;
        }
        exchangers(domain, &found, &self.own, self.port)
    }

    /// What a sink answers in the place of the DNS.
    async fn ask_sinks(&self, domain: &Arc<str>) -> Result<Option<Vec<Exchanger>>, Reply> {
        if !self.events.has(Kind::DnsResolve) {
            return Ok(None);
        }
        let lookup = Lookup::new(Arc::clone(domain));
        match self.events.run::<DnsResolve>(&mut SessionGuests::default(), lookup).await {
            Ended::Passed(lookup, _) => lookup.into_answer().transpose(),
            Ended::Failed { sink, fault } => Err(undecided(domain, &format!("{sink} failed: {fault}"))),
        }
    }

    async fn exchangers(&self, domain: &str) -> Result<Vec<Exchanger>, Reply> {
        self.in_time(domain, self.resolver.exchangers(domain)).await
    }

    async fn in_time<T>(&self, domain: &str, asked: BoxFuture<'_, Result<T, ResolveError>>) -> Result<T, Reply> {
        match timeout(self.limit, asked).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(ResolveError::NotFound)) => Err(unknown(domain)),
            Ok(Err(ResolveError::Trouble(why))) => Err(undecided(domain, &why)),
            Ok(Err(error)) => Err(undecided(domain, &error.to_string())),
            Err(_) => Err(undecided(domain, "no answer in time")),
        }
    }

    /// A domain that is not written as a name is its own exchanger, or none.
    fn without_dns(&self, route: &Route, domain: &str) -> Way {
        let next = match domain.parse() {
            Ok(Domains::Literal(ip)) => {
                Next::Exchangers { ranks: vec![vec![HostPort { host: Host::Ip(ip), port: self.port }]] }
            }
            _ => Next::Refuse(unknown(domain)),
        };
        Way::Known(Arc::new(route.leading_to(next)))
    }
}

impl Wayfinder for Finder {
    fn way(&self, recipient: &Recipient) -> Way {
        let route = self.routes.route(recipient);
        if route.next != Next::Direct {
            return Way::Known(Arc::clone(route));
        }
        let domain = match recipient.address.domain() {
            "" => &self.own[0], // a bare postmaster
            domain => domain,
        };
        match domain.parse() {
            Ok(Domains::One(name)) => Way::Ask(name),
            _ => self.without_dns(route, domain),
        }
    }

    fn ask(&self, question: Arc<str>) -> BoxFuture<'static, Arc<Route>> {
        Box::pin(self.clone().find(question))
    }
}

#[cfg(test)]
mod tests;
