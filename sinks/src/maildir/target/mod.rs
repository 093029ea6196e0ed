//! A target that delivers into Maildirs: a file for each recipient, whole and on disk before it is delivered.
//!
//! Rule: the name of the file is made of what is on disk about the mail and of nothing else. A delivery that is repeated
//! after a crash finds the file of the one before, wherever the user has put it, so nothing is delivered twice and there
//! is no moment of doubt: no note is written before an attempt. All file calls run on threads that may wait for a disk.

mod deliver;
mod folders;
mod name;
mod quota;
mod seek;
#[cfg(test)]
mod tests;
mod trouble;

use std::{sync::Arc, time::Duration};

use postrider_engine::{After, BoxFuture, Diagnosis, Lease, Outcome, Outcomes, Reply, Scope, Slip, Target};
use tracing::warn;

#[cfg(test)]
use super::Place;
use super::{LineEnds, MaildirSettings, Owner, Quota};
use deliver::{Delivery, Done, Job, Unwatched};
use quota::Usages;
use trouble::Trouble;

/// How long a target that nobody needs keeps what it has counted.
const KEEPS_COUNTS: Duration = Duration::from_secs(30);

/// Delivers into the Maildirs of local users.
pub struct Maildir {
    settings: Arc<MaildirSettings>,
    usages: Usages,
}

impl Maildir {
    /// A target like any other; it has opened nothing yet.
    pub fn new(settings: Arc<MaildirSettings>) -> Self {
        Maildir { settings, usages: Usages::default() }
    }
}

impl Target for Maildir {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let (settings, mut usages) = (Arc::clone(&self.settings), std::mem::take(&mut self.usages));
        let jobs: Vec<Job> = lease.slip().map(jobs).unwrap_or_default();
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || (all(&settings, &mut usages, &jobs), usages));
            match work.await {
                Ok((outcomes, usages)) => {
                    self.usages = usages;
                    lease.settle(outcomes);
                }
                // It is charged to the mail in hand, as with every target; the lease comes home as abandoned.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => drop(lease),
            }
            After::Reusable
        })
    }

    fn idle_limit(&self) -> Duration {
        KEEPS_COUNTS
    }
}

/// What is to be done for each recipient of a slip.
fn jobs(slip: &Slip) -> Vec<Job> {
    let job = |(no, recipient): (_, &postrider_engine::Recipient)| Job {
        draft: Arc::clone(&slip.draft),
        id: slip.id(),
        no,
        address: recipient.address.clone(),
        tried: slip.attempts > 0 || slip.history.contains_key(&no),
    };
    slip.addressees().map(job).collect()
}

fn all(settings: &MaildirSettings, usages: &mut Usages, jobs: &[Job]) -> Outcomes {
    let mut delivery = Delivery { settings, usages, watch: &Unwatched };
    jobs.iter().map(|job| (job.no, outcome(job, delivery.run(job)))).collect()
}

fn outcome(job: &Job, end: Result<Done, Trouble>) -> Outcome {
    let taken = |text| Outcome::Delivered(Some(Diagnosis::own(Scope::Recipient, Reply::new(250, 0, 0, text))));
    match end {
        Ok(Done::Now) => taken("delivered to the mailbox"),
        Ok(Done::Before) => taken("it was in the mailbox already"),
        Err(trouble) => {
            if trouble.is_ours() {
                warn!(id = %job.id, to = %job.address, %trouble, "a mailbox cannot be written");
            }
            trouble.outcome()
        }
    }
}
