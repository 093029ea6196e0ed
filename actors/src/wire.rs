//! One client's octets: read and written with a deadline, and with an ear for the order to stop.
//!
//! One timer serves a connection for its whole life, and an idle connection owns no buffer.

use std::{
    cell::RefCell,
    future::{poll_fn, Future},
    io,
    pin::Pin,
    task::{ready, Context, Poll},
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
    time::{Instant, Sleep},
};

/// Octets that are read at once. Larger ones save system calls for large mail and cost nothing: there is one for all
/// connections of a thread.
const READ: usize = 64 << 10;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    /// Octets, at the end of the input.
    Octets,
    /// The other side closed.
    End,
    /// The time is over.
    Timeout,
    /// The engine stops.
    Stop,
    /// The connection broke.
    Broken,
}

/// A stream with its buffers.
pub struct Wire<S> {
    stream: S,
    /// Octets that were read and not yet understood.
    pub input: BytesMut,
    /// Octets that are to be written.
    pub output: BytesMut,
    timer: Option<Pin<Box<Sleep>>>,
    stop: Option<oneshot::Receiver<()>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A wire that listens to this order to stop.
    pub fn new(stream: S, stop: oneshot::Receiver<()>) -> Self {
        Wire { stream, input: BytesMut::new(), output: BytesMut::new(), timer: None, stop: Some(stop) }
    }

    /// The order to stop was heard.
    pub fn is_stopping(&mut self) -> bool {
        let is_waiting = |stop: &mut oneshot::Receiver<()>| stop.try_recv() == Err(oneshot::error::TryRecvError::Empty);
        if !self.stop.as_mut().is_some_and(is_waiting) {
            self.stop = None;
        }
        self.stop.is_none()
    }

    /// Waits for the order to stop, and reads nothing.
    pub async fn stopped(&mut self) {
        poll_fn(|cx| self.poll_stop(cx)).await;
    }

    /// Reads what there is. The order to stop ends it only if `stoppable`.
    pub async fn read(&mut self, limit: Duration, stoppable: bool) -> Came {
        if self.input.is_empty() {
            self.input = BytesMut::new(); // an idle connection keeps no buffer
        }
        let deadline = Instant::now() + limit;
        poll_fn(|cx| self.poll_read(cx, deadline, stoppable)).await
    }

    /// The other side has closed, or the connection broke. What it has sent ahead is read, at most one buffer of it.
    pub async fn is_gone(&mut self) -> bool {
        matches!(self.read(Duration::ZERO, false).await, Came::End | Came::Broken)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, deadline: Instant, stoppable: bool) -> Poll<Came> {
        let (stream, input) = (&mut self.stream, &mut self.input);
        let read = SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            let done = ready!(Pin::new(stream).poll_read(cx, &mut buffer));
            input.extend_from_slice(buffer.filled());
            Poll::Ready(done.map(|()| buffer.filled().len()))
        });
        match read {
            Poll::Ready(Ok(0)) => return Poll::Ready(Came::End),
            Poll::Ready(Ok(_)) => return Poll::Ready(Came::Octets),
            Poll::Ready(Err(_)) => return Poll::Ready(Came::Broken),
            Poll::Pending => {}
        }
        if stoppable && self.poll_stop(cx).is_ready() {
            return Poll::Ready(Came::Stop);
        }
        self.poll_deadline(cx, deadline).map(|()| Came::Timeout)
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(stop) = &mut self.stop else { return Poll::Ready(()) };
        let _ = ready!(Pin::new(stop).poll(cx));
        self.stop = None;
        Poll::Ready(())
    }

    /// The timer may stand for an earlier time: then it is set on. So most waits touch no timer at all.
    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Writes all of the output; the limit is for each step forward.
    ///
    /// # Errors
    /// The connection broke, or the other side reads nothing.
    pub async fn flush(&mut self, limit: Duration) -> io::Result<()> {
        while !self.output.is_empty() {
            let deadline = Instant::now() + limit;
            let written = poll_fn(|cx| self.poll_write(cx, deadline)).await?;
            self.output.advance(written);
        }
        self.output = BytesMut::new();
        poll_fn(|cx| Pin::new(&mut self.stream).poll_flush(cx)).await
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, &self.output) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => self.poll_deadline(cx, deadline).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Says that nothing more will be written.
    pub async fn shut_down(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, AsyncReadExt, AsyncWriteExt};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_stands_for_an_earlier_wait_does_not_end_a_later_one() {
        let (near, mut far) = duplex(64);
        let (_keep, stop) = oneshot::channel();
        let mut wire = Wire::new(near, stop);
        let feed = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(200)).await;
            far.write_all(b"a").await.unwrap();
            tokio::time::sleep(Duration::from_secs(299)).await;
            far.write_all(b"b").await.unwrap();
            far
        });
        assert_eq!(wire.read(LIMIT, true).await, Came::Octets);
        assert_eq!(wire.read(LIMIT, true).await, Came::Octets);
        let started = Instant::now();
        assert_eq!(wire.read(LIMIT, true).await, Came::Timeout);
        assert_eq!(started.elapsed().as_secs(), 300);
        drop(feed.await);
    }

    #[tokio::test]
    async fn the_order_to_stop_ends_only_waits_that_may_be_stopped() {
        let (near, mut far) = duplex(64);
        let (order, stop) = oneshot::channel();
        let mut wire = Wire::new(near, stop);
        assert!(!wire.is_stopping());
        order.send(()).unwrap();
        far.write_all(b"a").await.unwrap();
        assert_eq!(wire.read(LIMIT, false).await, Came::Octets);
        assert_eq!(wire.read(LIMIT, true).await, Came::Stop);
        assert!(wire.is_stopping());
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let (near, mut far) = duplex(4);
        let (_keep, stop) = oneshot::channel();
        let mut wire = Wire::new(near, stop);
        wire.output.extend_from_slice(b"0123456789");
        assert_eq!(wire.flush(LIMIT).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut read = [0; 4];
        far.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"0123");
    }
}
