//! Settings as the parts of the engine want them.

use postrider_engine::{
    session::settings::{Limits, RelayPolicy},
    Domains, Next, RouteError, Routes, SessionSettings,
};

use super::{Delivery, Settings, SettingsError};

impl Settings {
    /// What every session is told.
    pub fn session(&self) -> SessionSettings {
        let mut session = SessionSettings::new(self.hostname.as_str());
        session.relay = RelayPolicy::new(self.relay.networks.clone(), &self.relay.domains);
        session.bare_newlines_from = self.session.bare_newlines_from.clone();
        session.strict_8bit = self.session.strict_8bit;
        session.submission = self.session.submission;
        session.limits = self.session_limits();
        session
    }

    /// How large what may be that comes in.
    pub(crate) fn session_limits(&self) -> Limits {
        let is = &self.limits;
        let mut limits = Limits::default();
        limits.message_size = is.message_size;
        limits.drain = is.overrun;
        limits.recipients = is.recipients_per_mail;
        limits.mails = is.mails_per_connection;
        limits.errors = is.errors_per_connection;
        limits.received = is.received_fields;
        limits.command_line = is.command_line;
        limits.skip = is.command_skip;
        limits.header_line = is.header_line;
        limits.header = is.header_size;
        limits.text_line = is.text_line;
        limits
    }

    /// The route table: each `[[route]]`, and the smart host for all others; without one they are kept.
    ///
    /// # Errors
    /// The first pair of routes that do not go together.
    pub fn routes(&self) -> Result<Routes, SettingsError> {
        let mut lines = Vec::new();
        for route in &self.routes {
            let mut way = way(route.next.clone(), route.queue.clone(), &route.delivery);
            way.hold_for_etrn = route.hold_for_etrn;
            lines.extend(route.domains.iter().map(|domains| (domains.clone(), way.clone())));
        }
        let local = way(Next::Maildir, None, &self.delivery);
        lines.extend(self.local_domains.iter().map(|domains| (domains.clone(), local.clone())));
        if !self.smart_host.is_empty() {
            let next = Next::Relay { hosts: self.smart_host.clone() };
            lines.push((Domains::All, way(next, None, &self.delivery)));
        } else if !self.has_default_route() && !self.keeps_some() {
            lines.push((Domains::All, way(Next::Keep, None, &self.delivery)));
        }
        Routes::new(&self.origin(), lines).map_err(|error| match error {
            RouteError::Twice(Domains::All) if !self.smart_host.is_empty() => {
                SettingsError::new("smart_host", "a route for \"*\" is there as well", "keep one of the two")
            }
            RouteError::Twice(domains) if self.local_domains.contains(&domains) => {
                let problem = format!("{domains} is there twice, or a route is for it as well");
                SettingsError::new("local_domains", problem, "keep one of the two")
            }
            RouteError::Twice(_) => SettingsError::new("route", error.to_string(), "remove one of them"),
            RouteError::Differ(_) => {
                SettingsError::new("route", error.to_string(), "add queue = \"name\", or give them the same keys")
            }
            other => SettingsError::new("route", other.to_string(), "correct the route"),
        })
    }

    /// A smart host or a route for `*` is there.
    pub(super) fn has_default_route(&self) -> bool {
        let local = self.local_domains.contains(&Domains::All);
        local || !self.smart_host.is_empty() || self.routes.iter().any(|route| route.domains.contains(&Domains::All))
    }

    /// A route keeps mail: what has no route is kept in the same queue.
    fn keeps_some(&self) -> bool {
        self.routes.iter().any(|route| route.next == Next::Keep && route.queue.is_none())
    }
}

fn way(next: Next, queue: Option<String>, delivery: &Delivery) -> postrider_engine::Route {
    let mut route = postrider_engine::Route::new(next);
    route.queue = queue;
    route.retry = delivery.retry.clone();
    route.connections = delivery.connections;
    route.recipients_per_transaction = delivery.recipients_per_transaction;
    route.mails_per_connection = delivery.mails_per_connection;
    route.idle = delivery.idle;
    route.mails_per_second = delivery.mails_per_second;
    route.fallback = delivery.fallback.clone();
    route.perhaps = delivery.perhaps;
    route.source = delivery.source;
    route.helo = delivery.helo.clone();
    route.masquerade = delivery.masquerade.clone();
    route.downgrade = delivery.downgrade;
    route
}
