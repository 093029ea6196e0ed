//! Waiting for a future where no runtime is.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// As long as a thread can wait: nobody sees its end.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future in a plain test, without any runtime: for the answers of [`Engine`](crate::Engine).
///
/// ```
/// use postrider::testing::{wait, TestEngine};
///
/// let engine = TestEngine::start();
/// assert!(wait(engine.engine().held()).unwrap().is_empty());
/// ```
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Some(done) = wait_for(future.as_mut(), FOR_EVER) {
            return done;
        }
    }
}

/// As [`wait`], but not for longer than this.
pub(super) fn wait_for<T>(future: impl Future<Output = T>, limit: Duration) -> Option<T> {
    let (mut future, end) = (pin!(future), Instant::now() + limit);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(done);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}
