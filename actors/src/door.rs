//! The one way in: whoever brings mail calls this and passes the answer on. The sinks of `submission` have their place
//! here, before the commit.

use actix::Recipient;
use postrider_engine::{Draft, Entry, QueueId, Receipt};
use tokio::sync::oneshot;

use crate::messages::{Commit, Refused};

/// The way to the spooler.
#[derive(Clone)]
pub struct Door {
    spooler: Recipient<Commit>,
}

impl Door {
    /// A door before this spooler.
    pub fn new(spooler: Recipient<Commit>) -> Self {
        Door { spooler }
    }

    /// `Ok`: it is on our disk, we answer for it. Once this was called it is to be awaited to its end: there is no
    /// time-out of a promise.
    ///
    /// # Errors
    /// [`Refused`]: without space nothing was written; after a failure nothing is known, and nothing may be answered.
    pub async fn submit(&self, draft: Draft) -> Result<QueueId, Refused> {
        let receipt = self.commit(Entry::mail(draft)).await?;
        receipt.ids().first().copied().ok_or_else(gone)
    }

    async fn commit(&self, entry: Entry) -> Result<Receipt, Refused> {
        let (answer, answered) = oneshot::channel();
        self.spooler.do_send(Commit { entry, answer });
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> Refused {
    Refused::Failed(postrider_engine::SpoolFailed { reason: "the engine has stopped".into() })
}
