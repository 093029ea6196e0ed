//! From settings to what is in force: the same way at start and when settings change while the engine runs.
//!
//! Rule: all is checked, and all files are read, before anything is changed. What cannot change while the engine runs is
//! said, not passed over.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use postrider_actors::{
    chain::{AnyBinding, Events},
    clerk::Lives,
    clock::Clock,
    index::Room,
    reporter::Reports,
    spooler::SpoolerHabits,
    transport::InForce,
};
use postrider_engine::{alert, report, Aliases, BadMail, Convert, News, Origin, Perhaps, ReportSettings, Routes};
use postrider_sinks::{
    relay::{Connect, Resolve, SystemResolver, SystemSockets},
    BadMailFolder,
};
use tokio::sync::watch;

use super::{
    clients,
    finder::Finder,
    hops::{Hops, Targets},
};
use crate::{
    settings::{Attempting, Local, Means},
    Settings, SettingsErrors,
};

/// What the program brings along.
#[derive(Clone)]
pub(super) struct Brought {
    /// `None`: the one that the settings say.
    pub resolver: Option<Arc<dyn Resolve>>,
    /// `None`: by sockets of the system.
    pub connector: Option<Arc<dyn Connect>>,
    pub targets: Targets,
    pub converters: Arc<dyn Convert>,
    pub events: Events,
    pub clock: Clock,
}

/// Makes what is in force, as often as settings change.
pub(super) struct Maker {
    pub brought: Brought,
    pub origin: Origin,
    /// What the engine was started with.
    pub started: Settings,
    /// What is in force now.
    pub current: watch::Sender<Arc<Settings>>,
}

impl Maker {
    /// What is in force with these settings, and which of them have to wait for the next start.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn make(&self, settings: &Settings) -> Result<(InForce, Vec<String>), SettingsErrors> {
        settings.check_machine()?;
        let checked = Checked::new(settings, self.brought.clone())?;
        Ok((checked.into_force(self.origin), self.later(settings)))
    }

    fn later(&self, new: &Settings) -> Vec<String> {
        let old = &self.started;
        let changed = [
            ("[listen]", old.listen != new.listen),
            ("send.socket", (&old.send.socket, old.send.socket_mode) != (&new.send.socket, new.send.socket_mode)),
            ("[[pickup]]", old.pickup != new.pickup),
            ("[spool]", old.spool != new.spool),
            ("[converters]", old.converters != new.converters),
            ("limits.octets_in_data", old.limits.octets_in_data != new.limits.octets_in_data),
            ("[drain]", old.drain != new.drain),
            ("[log]", old.log != new.log),
        ];
        let keys = changed.into_iter().filter(|(_, changed)| *changed);
        keys.map(|(key, _)| format!("{key} has changed: that takes effect at the next start")).collect()
    }
}

/// Settings of which everything that can be wrong is known to be right.
pub(super) struct Checked<'a> {
    settings: &'a Settings,
    routes: Arc<Routes>,
    finder: Finder,
    local: Option<Local>,
    aliases: Arc<Aliases>,
    hops: Hops,
    report: ReportSettings,
    converters: Arc<dyn Convert>,
    clock: Clock,
}

impl<'a> Checked<'a> {
    /// Checks the settings and reads the files that they name.
    ///
    /// # Errors
    /// All that is wrong with the settings, or the first thing that is wrong with a file.
    pub fn new(settings: &'a Settings, brought: Brought) -> Result<Self, SettingsErrors> {
        settings.check()?;
        let Brought { resolver, connector, targets, converters, events, clock } = brought;
        let routes = Arc::new(settings.routes()?);
        let resolver = match resolver {
            Some(resolver) => resolver,
            None => Arc::new(SystemResolver::asking(settings.dns.servers.clone())),
        };
        let finder = Finder::new(settings, Arc::clone(&routes), Arc::clone(&resolver), events);
        let connector = connector.unwrap_or_else(|| Arc::new(SystemSockets));
        let (local, aliases) = (settings.local()?, Arc::new(settings.aliases()?));
        let hops =
            Hops::new(settings, Arc::clone(&routes), (resolver, connector), targets, Arc::clone(&converters), clock);
        hops.check()?;
        let report = settings.report()?;
        Ok(Checked { settings, routes, finder, local, aliases, hops, report, converters, clock })
    }

    /// What is in force with a spool of this origin.
    pub fn into_force(self, origin: Origin) -> InForce {
        let Checked { settings, routes, finder, local, aliases, mut hops, report, converters, clock } = self;
        hops.name_after(origin);
        if let Some(local) = &local {
            hops.deliver_into(settings.maildir_settings(local.clone(), origin));
        }
        InForce {
            clients: clients::served(settings, &routes, local, &aliases),
            spooler: habits(settings, routes, clock),
            aliases,
            finder: Arc::new(finder),
            hops: Arc::new(move |way| hops.plan(way)),
            reports: reports(settings, report, origin.spool, clock),
            sinks: sinks(settings, converters),
            lives: lives(settings),
            limits: settings.session_limits(),
        }
    }
}

fn lives(settings: &Settings) -> Lives {
    let is = &settings.send;
    Lives { key: is.key_life, ticket: is.ticket_life, other: is.remember }
}

fn sinks(settings: &Settings, converters: Arc<dyn Convert>) -> Vec<AnyBinding> {
    if settings.sinks.is_empty() {
        return Vec::new();
    }
    let resolver = Arc::new(SystemResolver::asking(settings.dns.servers.clone()));
    let means = Means { resolver, converters };
    settings.sinks.iter().map(|sink| sink.bind(&means)).collect()
}

fn reports(settings: &Settings, is: ReportSettings, spool: u64, clock: Clock) -> Reports {
    let seed = RandomState::new(); // keyed by the system: what outsiders cannot guess
    let (same, other) = (is.clone(), seed.clone());
    let bad = settings.badmail().map(|folder| Arc::new(BadMailFolder::new(folder, spool)) as Arc<dyn BadMail>);
    Reports {
        report: Box::new(move |news: &News| report(news, &is, clock.now(), seed.hash_one(news.hold.id()))),
        alert: Box::new(move |news: &News| alert(news, &same, clock.now(), other.hash_one(news.hold.id()))),
        bad,
        clock,
    }
}

fn habits(settings: &Settings, routes: Arc<Routes>, clock: Clock) -> SpoolerHabits {
    let octets = usize::try_from(settings.queue.live_octets).unwrap_or(usize::MAX);
    let asked = Arc::clone(&routes);
    SpoolerHabits {
        room: Room { mails: settings.queue.live_mails, octets },
        attempts_synced: settings.spool.attempting == Attempting::Synced,
        faults: settings.queue.faults_before_held,
        ticket_life: settings.send.ticket_life,
        is_asked_for: Arc::new(move |recipient, what| what.is_for(recipient, &asked)),
        holds_in_doubt: Arc::new(move |recipient| routes.route(recipient).perhaps == Perhaps::Hold),
        clock,
    }
}
