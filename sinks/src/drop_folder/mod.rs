//! A target that puts mails as files into a folder, for another program to take: the drop folder of old mail servers.
//!
//! Rule: where each domain has a folder of its own, a mail is one file in each, for the recipients there, and each has an outcome
//! of its own. A file is there whole or not at all, under a name made of what is on disk about the mail. A delivery that is repeated
//! after a crash finds the file of the one before, as long as nobody has taken it. All file calls run on threads that may
//! wait for a disk.

mod deliver;
mod folders;
mod name;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use postrider_engine::{
    Address, After, BoxFuture, Diagnosis, DropPlace, Lease, Origin, Outcome, RcptNo, Reply, Scope, Slip, Target,
};
use tracing::warn;

use crate::mailfile::{Done, Unwatched};
use deliver::{Job, Trouble};
use folders::Known;

/// How mails are put into a folder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DropSettings {
    /// Where. What is the same for all has to be there, folders of domains are made.
    pub place: DropPlace,
    /// Our name: the domain of the bare `postmaster`.
    pub host: Arc<str>,
    /// Lines `x-sender` and `x-receiver` stand in front of the mail.
    pub envelope: bool,
    /// The spool whose mail is delivered: part of the names of files.
    pub origin: Origin,
}

impl DropSettings {
    /// A place for mail of this spool, with its envelope.
    pub fn new(place: DropPlace, origin: Origin) -> Self {
        DropSettings { place, host: "localhost".into(), envelope: true, origin }
    }
}

/// Puts mails into a folder: a file for each attempt's recipients, or for those of each domain.
pub struct DropFolder {
    settings: Arc<DropSettings>,
    known: Known,
}

impl DropFolder {
    /// A target like any other; it has opened nothing yet.
    pub fn new(settings: Arc<DropSettings>) -> Self {
        DropFolder { settings, known: Known::default() }
    }
}

impl Target for DropFolder {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let settings = Arc::clone(&self.settings);
        let jobs = lease.slip().map(|slip| jobs(&settings, slip)).unwrap_or_default();
        Box::pin(async move {
            let mut known = std::mem::take(&mut self.known);
            let work = move || (all(&settings, jobs, &mut known), known);
            match tokio::task::spawn_blocking(work).await {
                Ok((outcomes, known)) => {
                    self.known = known;
                    lease.settle(outcomes);
                }
                // It is charged to the mail in hand, as with every target; the lease comes home as abandoned.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => drop(lease),
            }
            After::Reusable
        })
    }
}

/// One job for each folder.
fn jobs(is: &DropSettings, slip: &Slip) -> Vec<Job> {
    let mut folders: BTreeMap<String, Vec<(RcptNo, Address)>> = BTreeMap::new();
    for (no, recipient) in slip.addressees() {
        let domain = match is.place.is_by_domain() {
            true => recipient.address.domain_key_or(&is.host),
            false => String::new(),
        };
        folders.entry(domain).or_default().push((no, recipient.address.clone()));
    }
    let job = |(domain, to)| Job { draft: Arc::clone(&slip.draft), id: slip.id(), domain, to };
    folders.into_iter().map(job).collect()
}

/// What became of whom.
fn all(is: &DropSettings, jobs: Vec<Job>, known: &mut Known) -> BTreeMap<RcptNo, Outcome> {
    let mut outcomes = BTreeMap::new();
    for job in jobs {
        let outcome = outcome(&job, deliver::run(is, &job, known, &Unwatched));
        outcomes.extend(job.to.iter().map(|(no, _)| (*no, outcome.clone())));
    }
    outcomes
}

fn outcome(job: &Job, end: Result<Done, Trouble>) -> Outcome {
    let taken = |text| Outcome::Delivered(Some(Diagnosis::own(Scope::Recipient, Reply::new(250, 0, 0, text))));
    match end {
        Ok(Done::Now) => taken("put into the drop folder"),
        Ok(Done::Before) => taken("it was in the drop folder already"),
        Err(trouble) => {
            warn!(id = %job.id, domain = job.domain, %trouble, "a drop folder cannot be written");
            trouble.outcome(!job.domain.is_empty())
        }
    }
}
