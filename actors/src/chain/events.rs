//! How a runner leads an event past its sinks: with the chain of this moment, kept to the end of the run.
//!
//! Rule: when a guest blocks the thread of all, the runs there begin anew elsewhere from an untouched copy; only the run
//! whose guest it was is charged.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;

use postrider_engine::{
    events::{Event, Fault, Given, Kind, Turn},
    OnFault,
};
use tokio::sync::watch;

use super::{
    drive::{drive, without_it, Without},
    Chains, Ended, Link, Links, SessionGuests,
};
use crate::guests::Culprit;

/// How often a run begins anew because others block its thread.
const BEGINNINGS: usize = 5;

/// The chains as they are at each moment. Clones see the same.
#[derive(Clone)]
pub struct Events {
    latest: watch::Receiver<Arc<Chains>>,
}

impl Events {
    pub(super) fn new(latest: watch::Receiver<Arc<Chains>>) -> Self {
        Events { latest }
    }

    /// Nothing is bound, and nothing ever will be.
    pub fn none() -> Self {
        Events { latest: watch::channel(Arc::default()).1 }
    }

    /// The chains of this moment.
    pub fn now(&self) -> Arc<Chains> {
        Arc::clone(&self.latest.borrow())
    }

    /// Some sink is bound to this event.
    pub fn has(&self, kind: Kind) -> bool {
        self.latest.borrow().of(kind).is_some()
    }

    /// Leads an event past its sinks.
    pub async fn run<E: Event>(&self, own: &mut SessionGuests, mut given: E::Given) -> Ended<E> {
        let mut without = Without::default();
        for _ in 0..BEGINNINGS {
            let chains = self.now();
            let Some(links) = own.links(E::KIND, &chains) else { return Ended::Passed(given, Turn::Next) };
            let subject = given.subject();
            let Some(first) = links.iter().find(|link| link.concerns(&subject)) else {
                return Ended::Passed(given, Turn::Next); // no thread is woken for nothing
            };
            let Some(quarters) = &chains.quarters else {
                return Ended::Failed { sink: first.settings.id.clone(), fault: Fault::Gone };
                // none could be started
            };
            let spare = given.spare();
            let (run, skipped) = (Links::clone(&links), without.clone());
            let run = move || AssertUnwindSafe(drive::<E>(run, skipped, given)).catch_unwind();
            let culprit = match quarters.run(run).await {
                Ok(Ok(ended)) => return ended,
                Ok(Err(_)) => return Ended::Failed { sink: "the chain".into(), fault: Fault::Panicked },
                Err(culprit) => culprit,
            };
            own.forget();
            given = match charge::<E>(&links, culprit, spare, &mut without) {
                Ok(given) => given,
                Err(failed) => return failed,
            };
            self.moved(&chains).await;
        }
        Ended::Failed { sink: "another".into(), fault: Fault::Crowded }
    }

    /// Waits for the chains in other quarters.
    async fn moved(&self, from: &Arc<Chains>) {
        let mut latest = self.latest.clone();
        let _ = latest.wait_for(|chains| chains.version != from.version).await;
    }
}

/// What the run begins anew with; if its own sink was the one, without that one, or not at all.
fn charge<E: Event>(
    links: &[Link],
    culprit: Option<Culprit>,
    spare: E::Given,
    without: &mut Without,
) -> Result<E::Given, Ended<E>> {
    let own = culprit.filter(|culprit| culprit.mail == spare.token().key());
    let Some(link) = own.and_then(|own| links.iter().find(|link| link.key == own.binding)) else { return Ok(spare) };
    link.tally.failed(&link.settings, E::KIND, Fault::Blocked);
    match link.settings.on_fault {
        OnFault::Refuse => Err(Ended::Failed { sink: link.settings.id.clone(), fault: Fault::Blocked }),
        _ => {
            without.0.push(link.key);
            Ok(without_it::<E>(link, spare, Fault::Blocked))
        }
    }
}
