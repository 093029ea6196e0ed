//! A send that is being made ready: how durable, under which key, whether it waits. It begins when it is awaited.

use std::{fmt, future::IntoFuture};

use postrider_actors::clerk::Terms;
use postrider_engine::{BoxFuture, KeyHash, Outgoing, Ticket};

use super::{Post, Receipt, SendError};

/// A send that begins when it is awaited (or by [`Sending::blocking`]), and is over when the mail is on disk.
///
/// A future that is dropped before it is over may have sent the mail or not; under a key it can be sent again.
#[must_use = "nothing is sent before it is awaited"]
pub struct Sending<M> {
    post: Post,
    mail: M,
    terms: Terms,
}

impl<M: Outgoing + 'static> Sending<M> {
    pub(crate) fn new(post: Post, mail: M) -> Self {
        Sending { post, mail, terms: Terms::default() }
    }

    /// Under this key it is sent once: whoever sends under it again gets the first receipt, also after a crash, for as long
    /// as `send.key_life` says (7 days). What the second mail says is not looked at.
    pub fn key(mut self, key: impl AsRef<str>) -> Self {
        self.terms.key = Some(KeyHash::of(key.as_ref()));
        self
    }

    /// It returns when the mail is written and not yet synced: it survives the death of the process, and is synced 50 ms
    /// later at the latest, but a loss of power in between loses it. Otherwise it is synced.
    pub fn buffered(mut self) -> Self {
        self.terms.buffered = true;
        self
    }

    /// Where too many mails are being sent already (1000, or 64 MiB of them), it gives [`SendError::Busy`] at once. Otherwise
    /// it waits.
    pub fn or_busy(mut self) -> Self {
        self.terms.or_busy = true;
        self
    }

    /// Sends it and waits on this thread. In an async function await it instead: this would block its thread.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn blocking(self) -> Result<Receipt, SendError> {
        pollster::block_on(self.into_future())
    }
}

impl<M: Outgoing + 'static> IntoFuture for Sending<M> {
    type Output = Result<Receipt, SendError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Sending { post, mail, terms } = self;
        Box::pin(async move {
            let sent = post.send(mail, terms).await?;
            Ok(Receipt::new(post, sent.posted))
        })
    }
}

impl<M> fmt::Debug for Sending<M> {
    /// Without the mail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("terms", &self.terms).finish_non_exhaustive()
    }
}

impl<M> fmt::Debug for Preparing<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preparing")
    }
}

/// A mail that is put on disk and not sent yet, when this is awaited.
#[must_use = "nothing is prepared before it is awaited"]
pub struct Preparing<M>(Sending<M>);

impl<M: Outgoing + 'static> Preparing<M> {
    pub(crate) fn new(post: Post, mail: M) -> Self {
        let mut sending = Sending::new(post, mail);
        sending.terms.prepared = true;
        Preparing(sending)
    }

    /// As [`Sending::or_busy`].
    pub fn or_busy(self) -> Self {
        Preparing(self.0.or_busy())
    }

    /// As [`Sending::blocking`].
    ///
    /// # Errors
    /// [`SendError`]
    pub fn blocking(self) -> Result<Ticket, SendError> {
        pollster::block_on(self.into_future())
    }
}

impl<M: Outgoing + 'static> IntoFuture for Preparing<M> {
    type Output = Result<Ticket, SendError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Sending { post, mail, terms } = self.0;
        Box::pin(async move {
            let sent = post.send(mail, terms).await?;
            Ok(Ticket::new(sent.spool, sent.posted.id))
        })
    }
}
