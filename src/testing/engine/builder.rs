//! How an engine under test is made: settings, peers, and what the program brings along.

use std::{collections::BTreeMap, fmt, sync::Arc};

use postrider_engine::Moment;
use postrider_sinks::Memory;

use super::{
    streets::{normal, Streets},
    TestEngine,
};
use crate::{
    testing::{
        still::{still, Keeper},
        Peer,
    },
    Builder, Engine, Placement, Settings, SettingsErrors, StartError,
};

/// 2026-11-20, 00:00 UTC: the first moment of every test, unless it says otherwise.
pub const BEGIN: Moment = Moment(1_795_132_800_000);

/// What is in force unless a test brings settings of its own: all mail goes to the exchangers of its domain, retries have no
/// chance in them, and nothing is written to a disk.
const SETTINGS: &str = r#"
hostname = "engine.test"
[delivery]
jitter = 0.0
[report]
badmail = "off"
[[route]]
domain = "*"
to = "mx"
"#;

type Configure = Arc<dyn Fn(Builder) -> Builder + Send + Sync>;

/// An engine under test that is not started yet.
#[derive(Clone)]
#[must_use = "an engine that is not started does nothing"]
pub struct TestEngineBuilder {
    settings: Result<Settings, SettingsErrors>,
    pub(super) peer: Peer,
    pub(super) others: BTreeMap<String, Peer>,
    configure: Configure,
    pub(super) begin: Moment,
}

impl fmt::Debug for TestEngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestEngineBuilder").field("others", &self.others.keys()).finish_non_exhaustive()
    }
}

impl TestEngineBuilder {
    pub(super) fn new() -> Self {
        TestEngineBuilder {
            settings: Settings::from_toml(SETTINGS),
            peer: Peer::start(),
            others: BTreeMap::new(),
            configure: Arc::new(|builder| builder),
            begin: BEGIN,
        }
    }

    /// Settings of the test's own, in the place of the kit's. Sockets in them are not opened, and mail is kept in memory.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Ok(settings);
        self
    }

    /// Changes what is in force, as `|settings| settings.queue.live_mails = 10`.
    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// A text of TOML, in the place of the kit's settings.
    pub fn toml(mut self, text: &str) -> Self {
        self.settings = Settings::from_toml(text);
        self
    }

    /// Where all mail goes for whose host there is no peer of its own.
    pub fn peer(mut self, peer: &Peer) -> Self {
        self.peer = peer.clone();
        self
    }

    /// This peer stands for a host: the exchanger of its domain, a smart host, an address, or the path of a socket that the
    /// settings name.
    pub fn peer_for(mut self, host: &str, peer: &Peer) -> Self {
        self.others.insert(normal(host), peer.clone());
        self
    }

    /// What the program brings along: sinks, targets. It is asked at each start, so also after a crash.
    pub fn configure(mut self, configure: impl Fn(Builder) -> Builder + Send + Sync + 'static) -> Self {
        self.configure = Arc::new(configure);
        self
    }

    /// The time at which the test begins; [`BEGIN`] by default.
    pub fn begin(mut self, at: Moment) -> Self {
        self.begin = at;
        self
    }

    /// Starts the engine.
    ///
    /// # Panics
    /// The settings are wrong. [`TestEngineBuilder::try_start`] gives the error.
    #[allow(clippy::panic, reason = "a test without its engine has failed")]
    #[track_caller]
    pub fn start(self) -> TestEngine {
        match self.try_start() {
            Ok(engine) => engine,
            Err(error) => panic!("the engine under test does not start: {error}"),
        }
    }

    /// Starts the engine.
    ///
    /// # Errors
    /// What [`Builder::start`] says.
    pub fn try_start(self) -> Result<TestEngine, StartError> {
        TestEngine::made(self)
    }

    /// Starts an engine on this spool whose clock shows `at`.
    pub(super) fn run(&self, spool: Memory, at: Moment) -> Result<(Engine, Keeper), StartError> {
        let mut settings = self.settings.clone()?;
        settings.listen.sockets.clear();
        settings.listen.lmtp.clear();
        let (still, keeper) = still(at).map_err(StartError::Threads)?;
        let by_name = self.others.iter().map(|(name, peer)| (name.clone(), peer.clerk().clone()));
        let by_name = Arc::new(by_name.collect());
        let streets = Arc::new(Streets { everybody: self.peer.clerk().clone(), by_name, clock: keeper.clock });
        let builder = (self.configure)(Engine::builder(settings));
        let builder = builder
            .spool(Box::new(spool.prompt()))
            .resolver(streets.clone())
            .connector(streets)
            .placement(Placement { connections: 0, queues: 0, guests: 0 })
            .standing_still(still);
        Ok((builder.start()?, keeper))
    }
}
