//! A target that delivers to nowhere: for routes `discard`, and for trying things out.
//!
//! Rule: every recipient counts as delivered; nothing is kept.

use std::sync::Arc;

use postrider_engine::{After, BoxFuture, Diagnosis, Lease, Outcome, Outcomes, Reply, Scope, Target};

/// Takes every mail and keeps nothing of it.
pub struct Discard(Arc<Diagnosis>);

impl Discard {
    /// A target like any other; it needs nothing.
    pub fn new() -> Self {
        Discard(Diagnosis::own(Scope::Mail, Reply::new(250, 0, 0, "discarded")))
    }
}

impl Default for Discard {
    fn default() -> Self {
        Self::new()
    }
}

impl Target for Discard {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let taken = Outcome::Delivered(Some(Arc::clone(&self.0)));
        let all = lease.slip().map(|slip| slip.recipients.iter().map(|no| (*no, taken.clone())).collect::<Outcomes>());
        lease.settle(all.unwrap_or_default());
        Box::pin(async { After::Reusable })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::tests::{mail, spool::Spool};

    #[tokio::test]
    async fn everybody_counts_as_delivered() {
        let spool = Spool::default();
        assert_eq!(Discard::new().deliver(spool.lend(mail(2, "hi"))).await, After::Reusable);
        spool.played().came_to(&["0 delivered: 250 2.0.0 discarded", "1 delivered: 250 2.0.0 discarded"]);
    }
}
