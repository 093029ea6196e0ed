//! From settings to a running engine: everything is checked and opened first, then the cast is started.

use std::{
    sync::{mpsc, Arc},
    thread,
};

use postrider_actors::{
    chain::{AnyBinding, Switchboard},
    converters::Converters,
    intake::StageFrom,
    transport::{Cast, Placement, Plan, State, Syncs},
};
use postrider_engine::{Convert, Spool, Target};
use postrider_sinks::{
    disk::{self, RealFiles},
    relay::{Connect, Resolve},
};
use tokio::sync::watch;

use super::{
    clients::Clients,
    closing::Noticed,
    folders::folders,
    force::{Brought, Checked, Maker},
    hops::Targets,
    sockets,
    time::Time,
    Engine, Inner, StartError,
};
use crate::{send::Here, settings::Attempting, Settings, SettingsError};

/// An engine that is not started yet.
#[must_use = "an engine that is not started does nothing"]
pub struct Builder {
    settings: Settings,
    spool: Option<Box<dyn Spool>>,
    resolver: Option<Arc<dyn Resolve>>,
    connector: Option<Arc<dyn Connect>>,
    targets: Targets,
    converters: Converters,
    placement: Placement,
    bindings: Vec<AnyBinding>,
    time: Time,
}

impl Builder {
    pub(super) fn new(settings: Settings) -> Self {
        let placement = Placement { connections: 0, queues: 0, guests: 1 };
        let (targets, bindings, time) = (Targets::new(), Vec::new(), Time::Real);
        let converters = Converters::default();
        Builder {
            settings,
            spool: None,
            resolver: None,
            connector: None,
            targets,
            converters,
            placement,
            bindings,
            time,
        }
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

    /// Opens streams to other hosts and to services like this, not by sockets of the system: through a proxy, or within the
    /// process.
    pub fn connector(mut self, connector: Arc<dyn Connect>) -> Self {
        self.connector = Some(connector);
        self
    }

    /// Brings a target along under a name: routes lead to it with `to = "target:NAME"`. One is made for each connection of
    /// its queue; it carries one mail after the other.
    pub fn target<T: Target>(
        mut self,
        name: impl Into<Arc<str>>,
        make: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        self.targets.insert(name.into(), Arc::new(move || Box::new(make())));
        self
    }

    /// Those who convert mails in the engine that will be started: for sinks that have them do their work, such as
    /// [`UnpackTnef`](crate::sinks::events::UnpackTnef). Until it is started, and when it has ended, they do nothing.
    pub fn converters(&self) -> Arc<dyn Convert> {
        Arc::new(self.converters.clone())
    }

    /// Binds a sink before the first mail comes. See [`Engine::bind`].
    pub fn bind(mut self, binding: impl Into<AnyBinding>) -> Self {
        self.bindings.push(binding.into());
        self
    }

    /// Time passes as the test says.
    #[cfg(feature = "testing")]
    pub(crate) fn standing_still(mut self, still: crate::testing::still::Still) -> Self {
        self.time = Time::Still(Box::new(still));
        self
    }

    /// For stress tests: the wall clock has stopped at this moment, whatever that of the machine says, so that no name and no
    /// number can be made of it. Timers go on; what is put off to a later moment goes out only by [`Engine::flush`].
    #[cfg(feature = "testing")]
    pub fn clock_stopped_at(mut self, at: postrider_engine::Moment) -> Self {
        self.time = Time::Stopped(at);
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
        let Builder { settings, spool, resolver, connector, targets, converters, placement, bindings, time } = self;
        let (mut switchboard, events) = Switchboard::new(placement.guests > 0);
        let clock = time.clock();
        let (events_too, converters_too) = (events.clone(), Arc::new(converters.clone()));
        let brought = Brought { resolver, connector, targets, converters: converters_too, events: events_too, clock };
        let checked = Checked::new(&settings, brought.clone())?;
        for binding in bindings {
            switchboard.add(binding, false)?;
        }
        let (clients, programs) = (Clients::bind(&settings.listen)?, sockets::programs(&settings.send)?);
        let addresses = clients.addresses();
        let (spool, syncs) = match spool {
            Some(spool) => (spool, None),
            None => open(&settings)?,
        };
        let (host, origin): (Arc<str>, _) = (settings.hostname.as_str().into(), spool.origin());
        let current = watch::Sender::new(Arc::new(settings.clone()));
        let maker = Maker { brought, origin, started: settings.clone(), current };
        let plan = Plan {
            spool,
            programs,
            folders: folders(&settings, origin, clock)?,
            entrances: clients.entrances(),
            host: Arc::clone(&host),
            data_budget: usize::try_from(settings.limits.octets_in_data).unwrap_or(usize::MAX),
            stage_from: stage_from(&settings),
            note_attempts: settings.spool.attempting != Attempting::Off,
            in_force: checked.into_force(maker.origin),
            converters: (converters, settings.converters.limits),
            placement,
            switchboard: (switchboard, events),
            syncs,
        };
        let (thread, cast, state, closed) = run(plan, time)?;
        let post = Here {
            clerk: cast.clerk.clone(),
            spooler: cast.spooler.clone(),
            state: state.clone(),
            clock,
            host,
            spool: origin.spool,
        };
        let (lmtp, deadline) = (settings.listen.lmtp, settings.drain.deadline);
        Ok(Engine(Arc::new(Inner {
            cast,
            post,
            state,
            closed,
            addresses,
            lmtp,
            deadline,
            maker,
            thread: Some(thread),
        })))
    }
}

fn stage_from(settings: &Settings) -> StageFrom {
    let octets = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    StageFrom { always: octets(settings.spool.stage_from), when_tight: octets(settings.spool.stage_from_when_short) }
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
        most_remembered: settings.send.most_remembered,
        ..disk::Settings::default()
    };
    let spool = disk::open(how, Arc::new(files)).map_err(wrong)?;
    let gauge = spool.gauge();
    Ok((Box::new(spool), Some(Box::new(move || gauge.read().syncs))))
}

/// What runs: its thread, the addresses of its cast, its state, and until when it is not closed.
type Running = (thread::JoinHandle<()>, Cast, watch::Receiver<State>, watch::Receiver<()>);

/// The actix system lives on a thread of the engine's own: no runtime of the caller's is needed or touched.
fn run(mut plan: Plan, time: Time) -> Result<Running, StartError> {
    let (tell, told) = mpsc::sync_channel(1);
    let (state, watched) = watch::channel(State::Running);
    let (open, closed) = watch::channel(());
    let (spool, closing) = Noticed::new(plan.spool);
    plan.spool = Box::new(spool);
    let body = move || {
        let serving = time.system();
        let cast = serving.start(plan, state);
        let started = cast.is_ok();
        if tell.send(cast).is_ok() && started {
            serving.run();
        }
        closing.wait();
        drop(open); // which tells whoever waits for the end
    };
    let thread = thread::Builder::new().name("postrider".into()).spawn(body).map_err(StartError::Threads)?;
    let cast = told.recv().map_err(|_| StartError::Threads(std::io::Error::other("the thread died")))?;
    Ok((thread, cast.map_err(StartError::Threads)?, watched, closed))
}
