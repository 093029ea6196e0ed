//! One connection to a peer: octets out, replies in.
//!
//! Rule: each reply belongs to the command that is answered next; what a peer says out of turn is never taken for an
//! answer. Every wait has a limit.

use std::{future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use bytes::{Buf, BytesMut};
use postrider_engine::{Reply, ReplyReader};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{timeout, Instant},
};

use super::{offers::Offers, trouble::Trouble, RelaySettings};

/// Octets read at once, at most.
const READ: usize = 4096;

/// Octets that the buffer for writing may keep between two mails.
const KEPT_OUTPUT: usize = 16 * 1024;

/// How long a peer's last words are waited for when it takes no more octets.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A connection over any stream that carries octets.
pub(super) struct Connection<S> {
    stream: S,
    /// Who the peer is: `host[address]:port`.
    pub name: Arc<str>,
    input: BytesMut,
    replies: ReplyReader,
    /// Where content is made ready for writing; empty between two mails.
    pub output: Vec<u8>,
    /// What the peer offers.
    pub offers: Offers,
    /// How many mails it has carried or refused.
    pub mails: usize,
    /// The peer may have a transaction open: RSET comes first.
    pub open_transaction: bool,
    used: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Around a stream that was just opened; nothing is read yet.
    pub fn new(stream: S, name: Arc<str>) -> Self {
        Connection {
            stream,
            name,
            input: BytesMut::with_capacity(READ),
            replies: ReplyReader::new(),
            output: Vec::new(),
            offers: Offers::default(),
            mails: 0,
            open_transaction: false,
            used: Instant::now(),
        }
    }

    /// The next reply, whole, within `limit`.
    pub async fn reply(&mut self, limit: Duration) -> Result<Reply, Trouble> {
        timeout(limit, self.read()).await.map_err(|_| Trouble::Silent)?
    }

    async fn read(&mut self) -> Result<Reply, Trouble> {
        loop {
            if let Some(reply) = self.replies.next(&mut self.input) {
                return Ok(reply?);
            }
            self.input.reserve(READ);
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(Trouble::Closed);
            }
        }
    }

    /// Writes all of `octets` within `limit`; what is left of them when that fails was not handed over.
    pub async fn write(&mut self, octets: &mut impl Buf, limit: Duration) -> Result<(), Trouble> {
        let writing = async {
            self.stream.write_all_buf(octets).await?;
            self.stream.flush().await
        };
        Ok(timeout(limit, writing).await.map_err(|_| Trouble::Silent)??)
    }

    /// As [`Connection::write`], for what the peer must not have answered yet. What it says too early, or when it takes
    /// no more octets, is the trouble.
    pub async fn write_unasked(&mut self, octets: &mut impl Buf, limit: Duration) -> Result<(), Trouble> {
        self.hush()?;
        let Err(trouble) = self.write(octets, limit).await else { return Ok(()) };
        match self.reply(LAST_WORDS).await {
            Ok(reply) => Err(out_of_turn(reply)),
            Err(_) => Err(trouble),
        }
    }

    /// Looks, without waiting, whether the peer says something now, when it is not asked.
    pub fn hush(&mut self) -> Result<(), Trouble> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match pin!(self.read()).poll(&mut context) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(reply)) => Err(out_of_turn(reply)),
            Poll::Ready(Err(trouble)) => Err(trouble),
        }
    }

    /// It can carry one more mail.
    pub fn is_usable(&mut self, settings: &RelaySettings) -> bool {
        self.may_carry_more(settings) && self.used.elapsed() < settings.idle_limit && self.is_quiet()
    }

    fn is_quiet(&mut self) -> bool {
        match self.hush() {
            Ok(()) => self.input.is_empty() && !self.replies.is_within_reply(),
            Err(trouble) => {
                tracing::debug!(relay = %self.name, %trouble, "an idle connection has ended");
                false
            }
        }
    }

    /// It is below its number of mails.
    pub fn may_carry_more(&self, settings: &RelaySettings) -> bool {
        self.mails < self.offers.max_mails.unwrap_or(usize::MAX).min(settings.mails_per_connection)
    }

    /// A mail is through: it stands idle from now on.
    pub fn rest(&mut self) {
        self.used = Instant::now();
        self.output.clear();
        if self.output.capacity() > KEPT_OUTPUT {
            self.output = Vec::new();
        }
    }

    /// Says good-bye and waits for the answer, but not for long.
    pub async fn quit(mut self, limit: Duration) {
        let farewell = async {
            self.write(&mut &b"QUIT\r\n"[..], limit).await?;
            self.reply(limit).await
        };
        match timeout(limit, farewell).await {
            Ok(Ok(_)) => {}
            _ => tracing::debug!(relay = %self.name, "no answer to QUIT"),
        }
    }
}

/// A refusal counts though it comes too early; anything else has no meaning.
fn out_of_turn(reply: Reply) -> Trouble {
    match reply.is_positive() {
        true => Trouble::OutOfTurn(reply),
        false => Trouble::Said(reply),
    }
}
