//! Reading mails back that are due: where they are, and what they say. Values in, values out; the spooler judges.

use std::sync::Arc;

use postrider_engine::{Applied, BoxFuture, Draft, FetchError, Kept, QueueId, RcptNo, Reader, Seen, SpoolFailed};

/// A mail that was due.
pub enum Fetched {
    /// It is still there.
    Kept {
        /// Its number.
        id: QueueId,
        /// For whom it is due.
        who: Vec<RcptNo>,
        /// How it stands.
        kept: Box<Kept>,
        /// What it says, or what is wrong with its record.
        draft: Result<Box<Draft>, String>,
    },
    /// It is done, or its record has moved meanwhile: when its hold ends the spooler looks again.
    Gone(QueueId),
}

impl Fetched {
    /// Its number.
    pub fn id(&self) -> QueueId {
        match self {
            Fetched::Kept { id, .. } | Fetched::Gone(id) => *id,
        }
    }
}

/// What the spool looked up, with the drafts, in the same order.
pub async fn fetch(
    looked: BoxFuture<'static, Result<Applied, SpoolFailed>>,
    reader: Arc<dyn Reader>,
) -> Result<Vec<Fetched>, SpoolFailed> {
    let mut all = Vec::new();
    for seen in looked.await?.seen {
        all.push(match seen {
            Seen::Kept(id, who, Some(kept)) => match reader.fetch(id, kept.place).await {
                Ok(draft) => Fetched::Kept { id, who, kept: Box::new(kept), draft: Ok(Box::new(draft)) },
                Err(FetchError::Moved) => Fetched::Gone(id),
                Err(damage) => Fetched::Kept { id, who, kept: Box::new(kept), draft: Err(damage.to_string()) },
            },
            Seen::Kept(id, _, None) | Seen::Left(id, ..) => Fetched::Gone(id),
            _ => continue, // nothing else was asked
        });
    }
    Ok(all)
}
