//! Says which guest has the thread at this moment, and since when: what the watchdog looks at.
//!
//! Rule: written by the thread of the guests alone, read by the watchdog; a look costs nobody anything.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    sync::{
        atomic::{AtomicU64, AtomicUsize, Ordering},
        Arc, Weak,
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use crate::chain::BindingKey;

/// Who had the thread when it was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The token of the mail that its guest was serving.
    pub mail: usize,
    /// Its binding.
    pub binding: BindingKey,
}

impl Culprit {
    /// The thread does not answer, and it is not known why.
    pub const UNKNOWN: Culprit = Culprit { mail: 0, binding: BindingKey(u64::MAX) };
}

thread_local! {
    /// A guest has this thread at this moment.
    static GUEST_IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// The code that calls this is that of a guest, while it serves a mail: it may wait for nothing that waits for it.
pub fn is_guest_here() -> bool {
    GUEST_IS_HERE.get()
}

/// The beat of one thread.
#[derive(Clone, Debug)]
pub struct Beat(Arc<State>);

#[derive(Debug)]
struct State {
    began: Instant,
    /// Milliseconds after `began`, and one; zero: no guest has the thread.
    since: AtomicU64,
    mail: AtomicUsize,
    binding: AtomicU64,
}

impl Default for Beat {
    fn default() -> Self {
        let (since, mail, binding) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicU64::new(0));
        Beat(Arc::new(State { began: Instant::now(), since, mail, binding }))
    }
}

impl Beat {
    /// Work of a guest, under watch whenever it has the thread.
    pub fn watch<F: Future + Unpin>(&self, culprit: Culprit, work: F) -> impl Future<Output = F::Output> {
        Watched { beat: self.clone(), culprit, work }
    }

    /// The same for what is no future: letting a guest go is its code as well.
    pub fn during<T>(&self, culprit: Culprit, work: impl FnOnce() -> T) -> T {
        self.begin(culprit);
        let _turn = Turn(self);
        work()
    }

    /// By which it can be told later whether the thread has ended.
    pub fn shadow(&self) -> Shadow {
        Shadow(Arc::downgrade(&self.0))
    }

    /// Who has had the thread for this long.
    pub fn blocked_by(&self, limit: Duration) -> Option<Culprit> {
        let state = &self.0;
        let since = state.since.load(Ordering::Acquire).checked_sub(1)?;
        let for_so_long = state.began.elapsed().checked_sub(Duration::from_millis(since))?;
        let culprit = Culprit {
            mail: state.mail.load(Ordering::Acquire),
            binding: BindingKey(state.binding.load(Ordering::Acquire)),
        };
        // The same guest's turn still: what was read belongs to it.
        let is_same = state.since.load(Ordering::Acquire) == since + 1;
        (for_so_long >= limit && is_same).then_some(culprit)
    }

    /// It is of the same thread.
    pub fn is(&self, other: &Beat) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The engine has come to its end: nobody looks any more.
    pub fn is_watched_by_nobody_else(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    fn begin(&self, culprit: Culprit) {
        GUEST_IS_HERE.set(true);
        self.0.mail.store(culprit.mail, Ordering::Release);
        self.0.binding.store(culprit.binding.0, Ordering::Release);
        let since = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.0.since.store(since + 1, Ordering::Release);
    }
}

/// Says whether anything of a thread is left.
#[derive(Debug)]
pub struct Shadow(Weak<State>);

impl Shadow {
    /// Guests of the thread are still there.
    pub fn lives(&self) -> bool {
        self.0.strong_count() > 0
    }
}

struct Watched<F> {
    beat: Beat,
    culprit: Culprit,
    work: F,
}

/// The thread is free again, whatever way the turn ends.
struct Turn<'a>(&'a Beat);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        GUEST_IS_HERE.set(false);
        self.0 .0.since.store(0, Ordering::Release);
    }
}

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.beat.begin(this.culprit);
        let _turn = Turn(&this.beat);
        Pin::new(&mut this.work).poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CULPRIT: Culprit = Culprit { mail: 7, binding: BindingKey(3) };

    #[tokio::test]
    async fn who_keeps_the_thread_is_known_as_long_as_it_does() {
        let (beat, seen) = (Beat::default(), Beat::default());
        let inner = beat.clone();
        let work = Box::pin(async move {
            std::thread::sleep(Duration::from_millis(20));
            inner.blocked_by(Duration::from_millis(10))
        });
        assert_eq!(beat.watch(CULPRIT, work).await, Some(CULPRIT));
        assert_eq!(beat.blocked_by(Duration::ZERO), None);
        assert_eq!(seen.blocked_by(Duration::ZERO), None);
    }

    #[tokio::test]
    async fn who_waits_does_not_keep_the_thread() {
        let beat = Beat::default();
        let waits = beat.watch(CULPRIT, Box::pin(std::future::pending::<()>()));
        let _ = tokio::time::timeout(Duration::from_millis(5), waits).await;
        assert_eq!(beat.blocked_by(Duration::ZERO), None);
    }
}
