//! How each hop is served: which target its carriers have, and how its queue behaves.

use std::{collections::HashMap, net::Ipv4Addr, sync::Arc, time::Duration};

use postrider_actors::{clock::Clock, queue::QueueHabits, transport::HopPlan};
use postrider_engine::{Convert, Domains, Downgrade, Host, HostPort, Next, Origin, Perhaps, Route, Routes, Target};
use postrider_sinks::{
    relay::{Connect, Masquerade, Relay, RelaySettings, Resolve, Timeouts},
    Discard, Keep, MaildirSettings, Refuse,
};

use super::{downgrade::converter, files::Files};
use crate::{Settings, SettingsError};

/// Makes a target, as often as it is asked.
pub(super) type Make = Arc<dyn Fn() -> Box<dyn Target> + Send + Sync>;

/// Targets of the program's own, by name.
pub(super) type Targets = HashMap<Arc<str>, Make>;

/// All hops that the routes know.
pub(super) struct Hops {
    routes: Arc<Routes>,
    helo: String,
    timeouts: Timeouts,
    resolver: Arc<dyn Resolve>,
    connector: Arc<dyn Connect>,
    targets: Targets,
    /// Converts what a host cannot take.
    downgrade: Option<Arc<dyn Downgrade>>,
    files: Files,
    share: usize,
    /// Whose domains are ours: senders there may be masqueraded.
    ours: Vec<Domains>,
    warn_after: Option<Duration>,
    clock: Clock,
}

impl Hops {
    pub(super) fn new(
        settings: &Settings,
        routes: Arc<Routes>,
        (resolver, connector): (Arc<dyn Resolve>, Arc<dyn Connect>),
        targets: Targets,
        converters: Arc<dyn Convert>,
        clock: Clock,
    ) -> Self {
        let (helo, timeouts) = (settings.hostname.clone(), timeouts(settings));
        let (share, ours) = (settings.queue.live_mails_per_hop, settings.local_domains.clone());
        let warn_after = Some(settings.report.delay).filter(|delay| !delay.is_zero());
        let (files, downgrade) = (Files::of(&settings.hostname), converter(converters));
        Hops { routes, helo, timeouts, resolver, connector, targets, downgrade, files, share, ours, warn_after, clock }
    }

    /// Files in drop folders are named after this spool.
    pub(super) fn name_after(&mut self, origin: Origin) {
        self.files.name_after(origin);
    }

    /// Mail for local users goes into mailboxes.
    pub(super) fn deliver_into(&mut self, maildir: MaildirSettings) {
        self.files.deliver_into(maildir);
    }

    /// Every route can be served.
    ///
    /// # Errors
    /// The first that cannot, with the remedy.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        for route in self.routes.iter() {
            self.make(route)?;
            // What stands for all exchangers: its name in EHLO is the only thing that can be wrong.
            if route.next == Next::Direct {
                let anywhere = HostPort { host: Host::Ip(Ipv4Addr::LOCALHOST.into()), port: 25 };
                self.make(&route.leading_to(Next::Exchangers { ranks: vec![vec![anywhere]] }))?;
            }
        }
        Ok(())
    }

    /// How the hop at the end of this way is served.
    pub(super) fn plan(&self, route: &Route) -> HopPlan {
        let make = self.make(route).unwrap_or_else(|_| Arc::new(|| Box::new(Keep)));
        HopPlan { habits: self.habits(route), make: Box::new(move || make()) }
    }

    fn habits(&self, route: &Route) -> QueueHabits {
        let goes_back = route.hold_for_etrn || matches!(route.next, Next::Defer(_));
        QueueHabits {
            connections: route.connections,
            mails_per_second: route.mails_per_second,
            share: self.share,
            recipients: route.recipients_per_transaction,
            // A way that is not known is asked for again at every attempt, and held mail waits to be asked for: both go back.
            keep: if goes_back { Duration::ZERO } else { QueueHabits::KEEP },
            retry: route.retry.clone(),
            hold_perhaps: route.perhaps == Perhaps::Hold,
            warn_after: self.warn_after,
            hold: route.hold_for_etrn,
            clock: self.clock,
        }
    }

    fn make(&self, route: &Route) -> Result<Make, SettingsError> {
        match &route.next {
            Next::Relay { .. } | Next::Exchangers { .. } | Next::Lmtp { .. } => {
                let relay = Arc::new(self.relay(route)?);
                let (resolver, connector) = (Arc::clone(&self.resolver), Arc::clone(&self.connector));
                Ok(Arc::new(move || {
                    let relay = Relay::new(Arc::clone(&relay), Arc::clone(&resolver));
                    Box::new(relay.connecting(Arc::clone(&connector)))
                }))
            }
            Next::Target(name) => self.targets.get(name).cloned().ok_or_else(|| {
                let problem = format!("the program has no target named {name:?}");
                SettingsError::new("route.to", problem, "give it one with Builder::target, or lead the route elsewhere")
            }),
            Next::Discard => Ok(Arc::new(|| Box::new(Discard::new()))),
            Next::Refuse(reply) | Next::Defer(reply) => {
                let reply = reply.clone();
                Ok(Arc::new(move || Box::new(Refuse::new(reply.clone()))))
            }
            next => Ok(self.files.make(next).unwrap_or_else(|| Arc::new(|| Box::new(Keep)))),
        }
    }

    fn relay(&self, route: &Route) -> Result<RelaySettings, SettingsError> {
        let mut relay = RelaySettings::of_route(route, &self.helo)
            .map_err(|error| SettingsError::new("route", error.to_string(), "correct the route"))?;
        relay.timeouts = self.timeouts.clone();
        relay.downgrade = self.downgrade.clone();
        relay.masquerade = route.masquerade.as_deref().map(|into| Masquerade::new(into, &self.helo, &self.ours));
        Ok(relay)
    }
}

fn timeouts(settings: &Settings) -> Timeouts {
    let is = &settings.delivery_timeouts;
    let mut timeouts = Timeouts::default();
    timeouts.resolve = is.resolve;
    timeouts.connect = is.connect;
    timeouts.greeting = is.greeting;
    timeouts.hello = is.hello;
    timeouts.mail = is.mail;
    timeouts.recipient = is.recipient;
    timeouts.data = is.data;
    timeouts.chunk = is.chunk;
    timeouts.end = is.end;
    timeouts.quit = is.quit;
    timeouts
}
