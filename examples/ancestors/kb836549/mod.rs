//! KB836549: in the ancestor a sink bound to end-of-data with a priority below that of the service's own handler was
//! called when the mail was on its way already, and touched it after it had been delivered and deleted.
//!
//! Rule: the harness is one, and what it sends, edits and compares is the same for the engine and for the ancestor's
//! design; so what passes here would have been seen to fail.

mod changes;
mod client;
mod edit;
mod editor;
mod engine;
mod mail;
mod naive;
mod server;
mod target;
mod verdict;
mod versions;

use std::{
    cell::Cell,
    future::Future,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use editor::Deeds;
use tokio::task::LocalSet;

use crate::{arguments::Arguments, Shown};

/// Mails in all, where the command line says nothing.
const MAILS: usize = 2000;
const MAILS_OF_THE_NAIVE: usize = 400;

/// How the harness itself fails.
type Problem = Box<dyn std::error::Error>;

/// Runs the stress program.
///
/// # Errors
/// The harness could not work.
pub fn run(arguments: &Arguments) -> Result<Shown, String> {
    let shown = match arguments.naive {
        true => naive::run(arguments, arguments.mails.unwrap_or(MAILS_OF_THE_NAIVE)),
        false => engine::run(arguments, arguments.mails.unwrap_or(MAILS)),
    };
    shown.map_err(|problem| problem.to_string())
}

/// Clients and whatever steers them live on one thread, which is not the engine's.
fn on_this_thread<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(LocalSet::new().block_on(&runtime, work))
}

/// All clients, until every mail has come to an end for them.
async fn clients(
    arguments: &Arguments,
    server: SocketAddr,
    mails: usize,
    clock: versions::Clock,
) -> Result<Vec<client::Attempt>, Problem> {
    let until = Instant::now() + arguments.time;
    let work = Rc::new(client::Work { server, clock, mails, until, next: Cell::new(0) });
    let all: Vec<_> =
        (0..arguments.clients).map(|_| tokio::task::spawn_local(client::hand_in(Rc::clone(&work)))).collect();
    let mut attempts = Vec::new();
    for client in all {
        attempts.extend(client.await?);
    }
    attempts.sort_by_key(|attempt| attempt.id);
    Ok(attempts)
}

/// Asks every few milliseconds, for a while.
async fn until<F: Future<Output = bool>>(time: Duration, mut is_so: impl FnMut() -> F) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < time {
        if is_so().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn tell(attempts: &[client::Attempt], came: usize) {
    use client::Ended;
    let count = |of: fn(&Ended) -> bool| attempts.iter().filter(|attempt| of(&attempt.ended)).count();
    println!(
        "attempts: {} ({} taken, {} refused, {} hung up in DATA, {} hung up behind the dot, {} not answered)",
        attempts.len(),
        count(|ended| *ended == Ended::Taken),
        count(|ended| *ended == Ended::Refused),
        count(|ended| *ended == Ended::BrokenOff),
        count(|ended| *ended == Ended::InDoubt),
        count(|ended| matches!(ended, Ended::Unanswered(_))),
    );
    println!("came out: {came}");
}

/// The mails that were sent at all.
fn mails_of(attempts: &[client::Attempt]) -> usize {
    let mut all: Vec<usize> = attempts.iter().map(|attempt| attempt.id.mail).collect();
    all.dedup();
    all.len()
}
