//! A spool that has done what it is asked before the call returns, and answers then or after a pause of the test's time.
//! Where time stands still, waiting for another thread would let it jump.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::Duration,
};

use postrider::rules::{
    Address, Applied, Batch, BoxFuture, Draft, Durability, FetchError, Origin, Place, QueueId, RcptNo, Reader, Spool,
    SpoolFailed, Staging,
};

/// A spool, how long its answers to batches take, and after how many batches with entries it fails.
pub struct Prompt<S>(pub S, pub Duration, pub Option<u64>);

struct PromptReader(Arc<dyn Reader>);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    // Tokio would let a task that has been busy for long wait for others, who cannot run here.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

impl<S: Spool> Spool for Prompt<S> {
    fn apply(&mut self, batch: Batch) -> BoxFuture<'static, Result<Applied, SpoolFailed>> {
        if let (Some(left), false) = (&mut self.2, batch.entries.is_empty()) {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => return Box::pin(std::future::ready(Err(SpoolFailed { reason: "as told".into() }))),
            }
        }
        // As on a disk: a mere look does not wait for a sync that is under way.
        let is_look = batch.durability == Durability::Written && batch.entries.is_empty();
        let pause = if is_look { Duration::ZERO } else { self.1 };
        let applied = now(self.0.apply(batch));
        match pause.is_zero() {
            true => Box::pin(std::future::ready(applied)),
            false => Box::pin(async move {
                tokio::time::sleep(pause).await;
                applied
            }),
        }
    }

    fn take_mails(&mut self) -> Vec<QueueId> {
        self.0.take_mails()
    }

    fn origin(&self) -> Origin {
        self.0.origin()
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(PromptReader(self.0.reader()))
    }

    fn staging(&self) -> Arc<dyn Staging> {
        self.0.staging()
    }
}

impl Reader for PromptReader {
    fn fetch(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Draft, FetchError>> {
        let draft = now(self.0.fetch(id, place));
        Box::pin(std::future::ready(draft))
    }

    fn recipients(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Vec<(RcptNo, Address)>, FetchError>> {
        let names = now(self.0.recipients(id, place));
        Box::pin(std::future::ready(names))
    }
}
