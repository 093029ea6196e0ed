//! What comes and goes beside the threads that convert: pools of the engine's converters, and whole engines.
//!
//! Rule: nothing of it waits longer than its own start and end take; what it converts is judged as well.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use actix::{Arbiter, System};
use postrider::{
    rules::{Content, Conversion, Convert, Converter, ConverterKind, NotConverted},
    ConverterLimits, End, Engine, NewMail, Settings,
};
use postrider_actors::{
    converters::{ConverterPool, Converters},
    messages::Drain,
};
use tokio::sync::oneshot;

use super::{
    conversion::{Functions, Outcome},
    threads::Going,
    verdict::Differences,
    work::Work,
    Problem,
};
use crate::draw::chance;

/// Hosts of a pool, and what is handed to it in its life.
const POOL: usize = 4;
const CONVERSIONS: usize = 12;
/// Of the number of a conversion.
const DIGITS: usize = 20;
/// Loops in which pools, and engines, are started and stopped: they have as few turns as any of the many threads.
const POOLS: usize = 4;
const ENGINES: usize = 8;
/// Longer than any engine needs among so many threads on a slow machine.
const DRAINS: Duration = Duration::from_secs(100);

/// What there was.
#[derive(Default)]
pub struct Counted {
    pub pools: usize,
    pub engines: usize,
    pub found: Differences,
}

/// The loops.
pub struct Neighbours<'s> {
    pools: Vec<ScopedJoinHandle<'s, Counted>>,
    engines: Vec<ScopedJoinHandle<'s, Result<usize, Problem>>>,
}

/// Begins all loops; they end when it is over.
pub fn start<'s>(scope: &'s Scope<'s, '_>, going: &'s Going, folder: &Path) -> Neighbours<'s> {
    let engine = |number: usize| {
        let folder = folder.join(number.to_string());
        scope.spawn(move || engines(going, &folder))
    };
    let pools = (0..POOLS).map(|_| scope.spawn(|| pools(going))).collect();
    Neighbours { pools, engines: (0..ENGINES).map(engine).collect() }
}

impl Neighbours<'_> {
    /// Waits for them.
    ///
    /// # Errors
    /// An engine could not be started or stopped.
    pub fn end(self) -> Result<Counted, Problem> {
        let mut counted = Counted::default();
        for pools in self.pools {
            let pools = pools.join().map_err(|_| "the loop of pools has panicked")?;
            counted.pools += pools.pools;
            counted.found = Differences::sum_of([counted.found, pools.found]);
        }
        for engines in self.engines {
            counted.engines += engines.join().map_err(|_| "the loop of engines has panicked")??;
        }
        Ok(counted)
    }
}

fn pools(going: &Going) -> Counted {
    let mut counted = Counted::default();
    loop {
        let found = pool(going.work);
        counted.found = Differences::sum_of([counted.found, found]);
        counted.pools += 1;
        if going.is_over() {
            return counted;
        }
    }
}

/// Converts what a mail is the number of.
struct Converts {
    work: &'static Work,
    tell: mpsc::Sender<(usize, Outcome)>,
}

impl Converter for Converts {
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted> {
        let item = std::str::from_utf8(mail).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        let _ = self.tell.send((item, self.work.convert(item, &Functions)));
        Ok(Conversion::default())
    }
}

/// Starts a pool of the engine's converters, hands it something to convert, and ends it while it is still at it.
fn pool(work: &'static Work) -> Differences {
    let (tell, told) = mpsc::channel();
    let kind = ConverterKind::new("q214685", move || Converts { work, tell: tell.clone() });
    System::new().block_on(async {
        let (converters, limits) =
            (Converters::default(), ConverterLimits { hosts: POOL, ..ConverterLimits::default() });
        let pool = ConverterPool::start(limits, &converters, &Arbiter::current());
        let item = |number: usize| chance((work.items.len() + number) as u64) as usize % work.items.len();
        let ask = |number| converters.convert(&kind, &Content::new(item(number).to_string()), DIGITS);
        let asked: Vec<_> = (0..CONVERSIONS).map(ask).collect();
        for one in asked.into_iter().take(CONVERSIONS / 2) {
            let _ = one.await;
        }
        let (answer, ended) = oneshot::channel();
        pool.do_send(Drain(answer));
        let _ = ended.await;
    });
    drop(kind); // and with it the last who could tell anything
    let mut found = Differences::default();
    told.iter().for_each(|(item, outcome)| found.judge(item, work.golden(item), &outcome));
    found
}

/// How many engines there were.
fn engines(going: &Going, folder: &Path) -> Result<usize, Problem> {
    let mut engines = 0;
    loop {
        let spool: PathBuf = folder.join(engines.to_string());
        fs::create_dir_all(&spool)?;
        engine(&spool)?;
        fs::remove_dir_all(&spool)?;
        engines += 1;
        if going.is_over() {
            return Ok(engines);
        }
    }
}

/// One engine, that takes one mail.
fn engine(spool: &Path) -> Result<(), Problem> {
    let settings = format!(
        "hostname = \"stress.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = \"{}\"\n[[route]]\ndomain = \"*\"\nto = \"discard\"\n",
        spool.display()
    );
    let engine = Engine::builder(Settings::from_toml(&settings)?).start()?;
    engine.send_blocking(NewMail::new().from("a@stress.localhost").to("b@example.org").subject("x").text("Hello"))?;
    match engine.drain_blocking(DRAINS) {
        End::Drained => Ok(()),
        end => Err(format!("an engine did not end in order: {end:?}").into()),
    }
}
