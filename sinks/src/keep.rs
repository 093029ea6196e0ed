//! Keeps mail where it is: the target of recipients for whom no way is known.

use std::sync::Arc;

use postrider_engine::{After, BoxFuture, Diagnosis, Lease, Outcome, Reply, Scope, Target};

const NO_WAY: Reply = Reply::new(451, 4, 4, "no way to this domain is known: set smart_host or a route");

/// Defers every recipient.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep;

impl Target for Keep {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let why = Diagnosis::own(Scope::Hop, NO_WAY);
        let recipients = lease.slip().map(|slip| slip.recipients.clone()).unwrap_or_default();
        lease.settle(recipients.into_iter().map(|no| (no, Outcome::Deferred(Arc::clone(&why)))).collect());
        Box::pin(std::future::ready(After::Reusable))
    }
}
