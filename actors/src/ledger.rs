//! The way from a lease to the spooler, and the one log line per attempt.

use std::sync::Arc;

use actix::Recipient;
use postrider_engine::{BoxFuture, Custodian, Diagnosis, Fact, Outcome, Outcomes, Slip, SpoolGone, Told};
use tokio::sync::oneshot;
use tracing::info;

use crate::{
    clock::Clock,
    counters::{Counters, Event},
    messages::{Attempt, Record},
};

/// Tells the spooler what leases have to say.
pub struct Ledger {
    record: Recipient<Record>,
    /// `None`: attempts are not noted at all.
    attempt: Option<Recipient<Attempt>>,
    clock: Clock,
    counters: Arc<Counters>,
}

impl Ledger {
    /// A ledger that this spooler keeps.
    pub fn new(
        record: Recipient<Record>,
        attempt: Option<Recipient<Attempt>>,
        clock: Clock,
        counters: Arc<Counters>,
    ) -> Self {
        Ledger { record, attempt, clock, counters }
    }
}

impl Custodian for Ledger {
    fn tell(&self, told: Told) {
        self.record.do_send(Record(told));
    }

    fn attempting(&self, fact: Fact) -> BoxFuture<'static, Result<(), SpoolGone>> {
        let Some(attempt) = &self.attempt else { return Box::pin(std::future::ready(Ok(()))) };
        let (answer, answered) = oneshot::channel();
        attempt.do_send(Attempt { fact, answer });
        Box::pin(async { answered.await.unwrap_or(Err(SpoolGone)) })
    }

    fn ended(&self, slip: &Slip, outcomes: &Outcomes) {
        let now = self.clock.now();
        let delay = slip.draft.envelope.arrived.until(now);
        for (no, recipient) in slip.addressees() {
            let (status, event, diagnosis) = status(outcomes.get(&no));
            event.into_iter().for_each(|event| self.counters.count(event));
            let relay = diagnosis.and_then(|why| why.remote.as_deref()).unwrap_or("none");
            let reply = diagnosis.map(|why| why.reply.to_string()).unwrap_or_default();
            let (id, to) = (slip.id(), recipient.address.as_str());
            info!(%id, to, relay, delay = delay.as_secs_f64(), status, reply, "attempt");
        }
    }
}

type Status<'a> = (&'static str, Option<Event>, Option<&'a Arc<Diagnosis>>);

fn status(outcome: Option<&Outcome>) -> Status<'_> {
    match outcome {
        Some(Outcome::Delivered(why) | Outcome::Relayed { why, .. }) => {
            ("delivered", Some(Event::Delivered), why.as_ref())
        }
        Some(Outcome::Failed(why)) => ("failed", Some(Event::Failed), Some(why)),
        Some(Outcome::Deferred(why)) => ("deferred", Some(Event::Deferred), Some(why)),
        Some(Outcome::PerhapsDelivered(why)) => ("perhaps delivered", Some(Event::Perhaps), why.as_ref()),
        Some(Outcome::Abandoned) | None => ("abandoned", None, None),
    }
}
