//! A target that puts mails as files into a folder, for another program to take: the drop folder of old mail servers.
//!
//! Rule: a file is there whole or not at all, under a name made of what is on disk about the mail. A delivery that is repeated
//! after a crash finds the file of the one before, as long as nobody has taken it. All file calls run on threads that may
//! wait for a disk.

mod deliver;
mod name;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use postrider_engine::{After, BoxFuture, Diagnosis, Lease, Origin, Outcome, Reply, Scope, Slip, Target};
use tracing::warn;

use crate::mailfile::{Done, Unwatched};
use deliver::{Job, Trouble};

/// How mails are put into a folder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DropSettings {
    /// Where; it has to be there.
    pub folder: Arc<Path>,
    /// Lines `x-sender` and `x-receiver` stand in front of the mail.
    pub envelope: bool,
    /// The spool whose mail is delivered: part of the names of files.
    pub origin: Origin,
}

impl DropSettings {
    /// A folder for mail of this spool, with its envelope.
    pub fn new(folder: Arc<Path>, origin: Origin) -> Self {
        DropSettings { folder, envelope: true, origin }
    }
}

/// Puts mails into a folder: a file for each attempt's recipients.
pub struct DropFolder {
    settings: Arc<DropSettings>,
}

impl DropFolder {
    /// A target like any other; it has opened nothing yet.
    pub fn new(settings: Arc<DropSettings>) -> Self {
        DropFolder { settings }
    }
}

impl Target for DropFolder {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let (settings, job) = (Arc::clone(&self.settings), lease.slip().map(job));
        Box::pin(async move {
            let Some(job) = job else { return After::Reusable };
            let numbers: Vec<_> = job.to.iter().map(|(no, _)| *no).collect();
            match tokio::task::spawn_blocking(move || outcome(&job, deliver::run(&settings, &job, &Unwatched))).await {
                Ok(outcome) => lease.settle(numbers.into_iter().map(|no| (no, outcome.clone())).collect()),
                // It is charged to the mail in hand, as with every target; the lease comes home as abandoned.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => drop(lease),
            }
            After::Reusable
        })
    }
}

fn job(slip: &Slip) -> Job {
    let to = slip.addressees().map(|(no, recipient)| (no, recipient.address.clone())).collect();
    Job { draft: Arc::clone(&slip.draft), id: slip.id(), to }
}

fn outcome(job: &Job, end: Result<Done, Trouble>) -> Outcome {
    let taken = |text| Outcome::Delivered(Some(Diagnosis::own(Scope::Recipient, Reply::new(250, 0, 0, text))));
    match end {
        Ok(Done::Now) => taken("put into the drop folder"),
        Ok(Done::Before) => taken("it was in the drop folder already"),
        Err(trouble) => {
            warn!(id = %job.id, %trouble, "a drop folder cannot be written");
            trouble.outcome()
        }
    }
}
