//! A receipt: the mail is ours. It says which mail, and what becomes of it for each of its recipients.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{stream::FusedStream, Stream, StreamExt};
use postrider_actors::{clerk::Posted, messages::MailOf, watching::StatusChange};
use postrider_engine::{Address, DeliveryStatus, QueueId, RcptNo};
use tokio::sync::mpsc;

use super::{client::Watching, post::Found, Post, StatusError};

/// The mail is on disk: it is the engine's from here on.
///
/// A receipt can be found again by its mail's number ([`Engine::receipt`](crate::Engine::receipt)), also after a restart. It
/// does not keep the engine running.
#[derive(Clone)]
pub struct Receipt {
    post: Post,
    posted: Posted,
}

/// What has become of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientStatus {
    /// Its number within the mail.
    pub number: RcptNo,
    /// Its address.
    pub address: Address,
    /// What has become of it.
    pub status: DeliveryStatus,
}

impl Receipt {
    pub(crate) fn new(post: Post, posted: Posted) -> Self {
        Receipt { post, posted }
    }

    /// The number of the mail: as logs have it, and as it is found again.
    pub fn id(&self) -> QueueId {
        self.posted.id
    }

    /// The mail was there before, under the same key: nothing was sent again.
    pub fn is_repetition(&self) -> bool {
        self.posted.repeated
    }

    /// What has become of each recipient so far.
    ///
    /// # Errors
    /// [`StatusError`]
    pub async fn status(&self) -> Result<Vec<RecipientStatus>, StatusError> {
        Ok(listed(self.post.status(self.id()).await?))
    }

    /// As [`Receipt::status`], waiting on this thread.
    ///
    /// # Errors
    /// [`StatusError`]
    pub fn status_blocking(&self) -> Result<Vec<RecipientStatus>, StatusError> {
        pollster::block_on(self.status())
    }

    /// What becomes of the recipients, one after the other: first how each stands, then what changes, until all have come to
    /// their end or the engine ends. Whoever listens late hears the last of what was said, and every end.
    ///
    /// # Errors
    /// [`StatusError`]
    pub async fn outcomes(&self) -> Result<Outcomes, StatusError> {
        Ok(Outcomes::new(self.post.watch(self.id()).await?))
    }

    /// Waits until all recipients have come to their end, and says to which. That may take days.
    ///
    /// # Errors
    /// [`StatusError`]; [`StatusError::Stopped`] if the engine ends before, [`StatusError::NoEngine`] if that of another process
    /// does.
    pub async fn outcome(&self) -> Result<Vec<RecipientStatus>, StatusError> {
        let Found { mail: mut found, _watching } = self.post.watch(self.id()).await?;
        while let Some((no, later)) = found.changes.recv().await {
            if let Ok(at) = found.recipients.binary_search_by_key(&no, |(no, ..)| *no) {
                found.recipients[at].2 = later;
            }
        }
        match found.recipients.iter().all(|(.., status)| status.is_final()) {
            true => Ok(listed(found)),
            false => Err(self.post.gone()),
        }
    }

    /// As [`Receipt::outcome`], waiting on this thread.
    ///
    /// # Errors
    /// [`StatusError`]
    pub fn outcome_blocking(&self) -> Result<Vec<RecipientStatus>, StatusError> {
        pollster::block_on(self.outcome())
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("id", &self.id()).field("is_repetition", &self.is_repetition()).finish()
    }
}

fn listed(found: MailOf) -> Vec<RecipientStatus> {
    let named = |(number, address, status)| RecipientStatus { number, address, status };
    found.recipients.into_iter().map(named).collect()
}

/// What becomes of the recipients of a mail, as a stream of [`RecipientStatus`].
#[derive(Debug)]
pub struct Outcomes {
    /// Not told yet; the first comes last.
    first: Vec<(RcptNo, DeliveryStatus)>,
    names: Vec<(RcptNo, Address)>,
    changes: mpsc::Receiver<StatusChange>,
    open: usize,
    ended: bool,
    _watching: Option<Watching>,
}

impl Outcomes {
    fn new(found: Found) -> Self {
        let Found { mail: MailOf { recipients, changes }, _watching } = found;
        let open = recipients.iter().filter(|(.., status)| !status.is_final()).count();
        let (mut first, mut names) = (Vec::new(), Vec::new());
        for (no, address, status) in recipients {
            first.push((no, status));
            names.push((no, address));
        }
        first.reverse();
        Outcomes { first, names, changes, open, ended: false, _watching }
    }

    /// The next thing that is known; `None`: there is nothing more.
    pub async fn next(&mut self) -> Option<RecipientStatus> {
        StreamExt::next(self).await
    }

    /// Every recipient has come to its end. If the stream has ended and this is false, the engine has.
    pub fn is_complete(&self) -> bool {
        self.open == 0
    }

    fn named(&self, (number, status): StatusChange) -> Option<RecipientStatus> {
        let at = self.names.binary_search_by_key(&number, |(no, _)| *no).ok()?;
        Some(RecipientStatus { number, address: self.names[at].1.clone(), status })
    }
}

impl Stream for Outcomes {
    type Item = RecipientStatus;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RecipientStatus>> {
        if let Some(known) = self.first.pop().and_then(|known| self.named(known)) {
            return Poll::Ready(Some(known));
        }
        loop {
            match self.changes.poll_recv(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(change)) => {
                    self.open -= usize::from(change.1.is_final());
                    if let Some(named) = self.named(change) {
                        return Poll::Ready(Some(named));
                    } // one who was not there when it was sent
                }
            }
        }
    }
}

impl FusedStream for Outcomes {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}
