//! From settings to a running engine: everything is checked and opened first, then the cast is started.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{mpsc, Arc},
    thread,
};

use actix_rt::System;
use postrider_actors::{
    clock::Clock,
    connection::Patience,
    index::Room,
    intake::StageFrom,
    listener::{Entrance, Seats},
    spooler::SpoolerHabits,
    transport::{Cast, Placement, Plan, State, Syncs, Transport},
};
use postrider_engine::{failure_report, session::local::Locals, Failed, Perhaps, Routes, Spool};
use postrider_sinks::{
    disk::{self, RealFiles},
    relay::{Resolve, SystemResolver},
};
use tokio::sync::watch;

use super::{finder::Finder, hops::Hops, locals::LocalRecipients, sockets::Sockets, Engine, Inner, StartError};
use crate::{settings::Attempting, Settings, SettingsError, SettingsErrors};

/// An engine that is not started yet.
#[must_use = "an engine that is not started does nothing"]
pub struct Builder {
    settings: Settings,
    spool: Option<Box<dyn Spool>>,
    resolver: Option<Arc<dyn Resolve>>,
    placement: Placement,
}

impl Builder {
    pub(super) fn new(settings: Settings) -> Self {
        Builder { settings, spool: None, resolver: None, placement: Placement { connections: 0, queues: 0 } }
    }

    /// Keeps mail in this spool, not in the folder of the settings.
    pub fn spool(mut self, spool: Box<dyn Spool>) -> Self {
        self.spool = Some(spool);
        self
    }

    /// Looks up the names of smart hosts like this, not as the system does.
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// How many threads serve connections and queues; zero: they live on the spooler's thread.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Starts the engine, from any thread, inside or outside an async runtime. When this returns it listens.
    ///
    /// # Errors
    /// [`StartError`] says what is wrong and what to do; nothing was changed.
    pub fn start(self) -> Result<Engine, StartError> {
        self.settings.check()?;
        let clock = Clock::wall();
        let routes = Arc::new(self.settings.routes()?);
        let resolver = match self.resolver {
            Some(resolver) => resolver,
            None => Arc::new(SystemResolver::asking(self.settings.dns.servers.clone())),
        };
        let finder = Finder::new(&self.settings, Arc::clone(&routes), Arc::clone(&resolver));
        let local = self.settings.local()?;
        let mut hops = Hops::new(&self.settings, Arc::clone(&routes), resolver, clock);
        hops.check()?;
        let sockets = Sockets::bind(&self.settings.listen)?;
        let addresses = sockets.addresses();
        let (spool, syncs) = match self.spool {
            Some(spool) => (spool, None),
            None => open(&self.settings)?,
        };
        hops.name_after(spool.origin());
        let mut session = self.settings.session();
        if let Some(local) = local {
            hops.deliver_into(self.settings.maildir_settings(local.clone(), spool.origin()));
            let rule =
                LocalRecipients { routes: Arc::clone(&routes), local, unknown: self.settings.maildir.unknown_users };
            session.locals = Locals::new(Arc::new(rule));
        }
        let deadline = self.settings.drain.deadline;
        let plan = plan(
            &self.settings,
            Parts {
                spool,
                syncs,
                entrances: sockets.entrances(session),
                routes,
                finder,
                hops,
                placement: self.placement,
                clock,
            },
        )?;
        let (thread, cast, state) = run(plan)?;
        Ok(Engine(Arc::new(Inner {
            cast,
            state,
            addresses,
            lmtp: self.settings.listen.lmtp,
            deadline,
            thread: Some(thread),
        })))
    }
}

struct Parts {
    spool: Box<dyn Spool>,
    syncs: Option<Syncs>,
    entrances: Vec<Entrance>,
    routes: Arc<Routes>,
    finder: Finder,
    hops: Hops,
    placement: Placement,
    clock: Clock,
}

fn plan(settings: &Settings, parts: Parts) -> Result<Plan, SettingsErrors> {
    let Parts { spool, syncs, entrances, routes, finder, hops, placement, clock } = parts;
    let report = settings.report()?;
    let seed = RandomState::new(); // keyed by the system: what outsiders cannot guess
    let write = move |failed: &Failed| failure_report(failed, &report, clock.now(), seed.hash_one(failed.hold.id()));
    Ok(Plan {
        spool,
        entrances,
        seats: seats(settings),
        patience: patience(settings),
        data_budget: usize::try_from(settings.limits.octets_in_data).unwrap_or(usize::MAX),
        stage_from: stage_from(settings),
        spooler: habits(settings, Arc::clone(&routes), clock),
        note_attempts: settings.spool.attempting != Attempting::Off,
        finder: Arc::new(finder),
        hops: Arc::new(move |way| hops.plan(way)),
        report: Box::new(write),
        placement,
        syncs,
    })
}

fn stage_from(settings: &Settings) -> StageFrom {
    let octets = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    StageFrom { always: octets(settings.spool.stage_from), when_tight: octets(settings.spool.stage_from_when_short) }
}

fn habits(settings: &Settings, routes: Arc<Routes>, clock: Clock) -> SpoolerHabits {
    let octets = usize::try_from(settings.queue.live_octets).unwrap_or(usize::MAX);
    let asked = Arc::clone(&routes);
    SpoolerHabits {
        room: Room { mails: settings.queue.live_mails, octets },
        attempts_synced: settings.spool.attempting == Attempting::Synced,
        faults: settings.queue.faults_before_held,
        is_asked_for: Arc::new(move |recipient, what| what.is_for(recipient, &asked)),
        holds_in_doubt: Arc::new(move |recipient| routes.route(recipient).perhaps == Perhaps::Hold),
        clock,
    }
}

fn seats(settings: &Settings) -> Seats {
    let is = &settings.limits;
    Seats {
        all: is.connections,
        per_network: is.connections_per_network,
        prefix_v4: is.ipv4_prefix,
        prefix_v6: is.ipv6_prefix,
        free: settings.relay.networks.clone(),
    }
}

fn patience(settings: &Settings) -> Patience {
    let is = &settings.timeouts;
    Patience {
        command: is.command,
        content: is.content,
        draining: is.overrun,
        reply: is.reply,
        connection: settings.limits.time_per_connection,
    }
}

type Opened = (Box<dyn Spool>, Option<Syncs>);

fn open(settings: &Settings) -> Result<Opened, StartError> {
    let is = &settings.spool;
    let wrong = |source| StartError::Spool { folder: is.folder.display().to_string(), source };
    let files = RealFiles::at(&is.folder).map_err(|error| SettingsError::folder("spool.folder", &is.folder, &error))?;
    let how = disk::Settings {
        segment_octets: is.segment_size,
        max_octets: is.max_size.unwrap_or(u64::MAX),
        min_free_octets: is.min_free,
        ..disk::Settings::default()
    };
    let spool = disk::open(how, Arc::new(files)).map_err(wrong)?;
    let gauge = spool.gauge();
    Ok((Box::new(spool), Some(Box::new(move || gauge.read().syncs))))
}

type Running = (thread::JoinHandle<()>, Cast, watch::Receiver<State>);

/// The actix system lives on a thread of the engine's own: no runtime of the caller's is needed or touched.
fn run(plan: Plan) -> Result<Running, StartError> {
    let (tell, told) = mpsc::sync_channel(1);
    let (state, watched) = watch::channel(State::Running);
    let body = move || {
        let system = System::new();
        let cast = system.block_on(Transport::start(plan, state));
        let started = cast.is_ok();
        if tell.send(cast).is_ok() && started {
            let _ = system.run();
        }
    };
    let thread = thread::Builder::new().name("postrider".into()).spawn(body).map_err(StartError::Threads)?;
    let cast = told.recv().map_err(|_| StartError::Threads(std::io::Error::other("the thread died")))?;
    Ok((thread, cast.map_err(StartError::Threads)?, watched))
}
