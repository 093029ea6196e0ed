//! How a mail stands for whoever sent it.

use std::sync::Arc;

use super::{Open, Standing};
use crate::{DeliveryStatus, Diagnosis, Fate, RcptNo, Reply, Scope};

impl Standing {
    /// The status of those for whom something is left to do or to tell, ascending.
    pub fn statuses(&self) -> Vec<(RcptNo, DeliveryStatus)> {
        let held: Option<Arc<str>> = self.held().map(|why| why.reason.as_str().into());
        let status = |open: &Open| match (open.end, &held) {
            (Some(fate), _) => open.ended(fate),
            (None, Some(reason)) => DeliveryStatus::Held { reason: Arc::clone(reason) },
            (None, None) => open.waiting(),
        };
        self.open.iter().map(|open| (open.no, status(open))).collect()
    }
}

impl Open {
    fn ended(&self, fate: Fate) -> DeliveryStatus {
        let why = self.last.clone();
        match fate {
            Fate::Failed if self.perhaps => DeliveryStatus::PerhapsDelivered { until: None, why },
            Fate::Failed | Fate::Delayed => DeliveryStatus::Failed { why: why.unwrap_or_else(unsaid) },
            Fate::Delivered | Fate::Relayed => DeliveryStatus::Delivered,
            Fate::Expanded => DeliveryStatus::Expanded,
        }
    }

    fn waiting(&self) -> DeliveryStatus {
        let (until, why) = (self.due.unwrap_or_default(), self.last.clone());
        match () {
            () if self.perhaps || self.attempting.is_some() => {
                DeliveryStatus::PerhapsDelivered { until: Some(until), why }
            }
            () if self.attempts > 0 => DeliveryStatus::Deferred { until, why },
            () => DeliveryStatus::Queued,
        }
    }
}

fn unsaid() -> Arc<Diagnosis> {
    Diagnosis::own(Scope::Recipient, Reply::new(550, 0, 0, "it could not be delivered"))
}
