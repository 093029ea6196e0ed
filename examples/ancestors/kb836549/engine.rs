//! The engine in the harness: started in this process, with its spool on disk, with sinks at all priorities, one of them
//! bad on purpose, and with bindings that change all the while.
//!
//! Rule: nothing is compared before the engine says that it has no mail left.

use std::{
    sync::{atomic::AtomicUsize, mpsc, Arc},
    time::{Duration, Instant},
};

use postrider::{sinks::Memory, End, Engine, Settings};
use tokio::sync::oneshot;

use super::{
    changes::{binding, bound, saboteur, Changes, PRIORITIES, SABOTEUR},
    client::Attempt,
    clients, mails_of, on_this_thread,
    target::{Came, Counting},
    tell, until, verdict,
    versions::{Clock, Version},
    Deeds, Problem,
};
use crate::{arguments::Arguments, Shown};

/// What is taken is to be out by then.
const COMES_OUT: Duration = Duration::from_secs(10);

/// What a run has left behind.
struct Ran {
    attempts: Vec<Attempt>,
    history: Vec<Version>,
    empty: bool,
}

pub fn run(arguments: &Arguments, mails: usize) -> Result<Shown, Problem> {
    let folder = tempfile::tempdir()?;
    let (deeds, (tell_came, came)) = (Arc::new(Deeds::new(mails)), mpsc::channel());
    let count = Arc::<AtomicUsize>::default();
    let settings = Settings::from_toml(&settings(&folder.path().join("spool").display().to_string()))?;
    let all: Vec<_> = (0..PRIORITIES.len()).map(|place| bound(place, 0)).chain([saboteur()]).collect();
    let mut builder = Engine::builder(settings);
    for one in &all {
        builder = builder.bind(binding(one, (one.id == SABOTEUR).then(|| Arc::clone(&deeds))));
    }
    if arguments.memory {
        builder = builder.spool(Box::new(Memory::new()));
    }
    let counter = Arc::clone(&count);
    let target = move || Counting { tell: tell_came.clone(), count: Arc::clone(&counter) };
    let engine = builder.target("counting", target).start()?;
    let begin = Instant::now();
    let ran = on_this_thread(drive(&engine, arguments, mails, all))??;
    let end = on_this_thread(engine.drain(Duration::from_secs(5)))?;
    let took = begin.elapsed();
    drop(engine);
    let came: Vec<Came> = came.try_iter().collect();
    tell(&ran.attempts, came.len());
    deeds.counted().for_each(|(deed, times)| println!("a sink {deed:?}: {times}"));
    if !ran.empty || end != End::Drained {
        return Err(format!("the engine did not come to rest: {end:?}").into());
    }
    Ok(shown(&ran, &came, &deeds, took))
}

fn settings(spool: &str) -> String {
    format!(
        "hostname = \"stress.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[relay]\nnetworks = [\"127.0.0.0/8\"]\n\
         [limits]\nerrors_per_connection = 1000\n[spool]\nfolder = \"{spool}\"\nstage_from = \"64 KiB\"\n\
         stage_from_when_short = \"64 KiB\"\n[queue]\nfaults_before_held = 100\n\
         [[route]]\ndomain = \"*\"\nto = \"target:counting\"\n"
    )
}

async fn drive(
    engine: &Engine,
    arguments: &Arguments,
    mails: usize,
    bound: Vec<super::versions::Bound>,
) -> Result<Ran, Problem> {
    let server = *engine.addresses().first().ok_or("the engine listens nowhere")?;
    let (clock, (stop, stopped)) = (Clock::default(), oneshot::channel());
    let changes = Changes::new(engine.clone(), clock.clone(), bound);
    let changing = tokio::task::spawn_local(changes.go_on(stopped));
    let attempts = clients(arguments, server, mails, clock).await?;
    let _ = stop.send(());
    let history = changing.await??;
    let empty = until(COMES_OUT, || async { engine.audit().await.is_ok_and(|audit| audit.on_disk == 0) }).await;
    for status in engine.bindings().await?.iter().filter(|status| status.settings.id == SABOTEUR) {
        println!(
            "the engine has charged {SABOTEUR} with {} faults, and was served {} times",
            status.faults, status.served
        );
    }
    Ok(Ran { attempts, history, empty })
}

fn shown(ran: &Ran, came: &[Came], deeds: &Deeds, took: Duration) -> Shown {
    let differences = verdict::judge(&ran.attempts, came, &ran.history);
    let (mails, changes) = (mails_of(&ran.attempts), ran.history.len() - 1);
    let faults: u64 = deeds.counted().map(|(_, times)| times).sum();
    let passed = differences.sum() == 0;
    let line = match passed {
        true => format!(
            "kb836549: {mails} mails, {} edits, {faults} faults, {changes} changes of bindings in {:.1} s: each mail that \
             was taken came out once, with the edits of its chains",
            differences.edits,
            took.as_secs_f64()
        ),
        false => format!("kb836549: {}", differences.told(mails)),
    };
    Shown { line, passed }
}
