//! Where file calls are made that a caller waits for: on a thread that may block.

use std::future::Future;

/// Runs `work` at once on tokio's blocking threads; without a runtime, right here. `None`: the runtime has ended.
pub(super) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Option<T>> + Send + 'static {
    let task = match tokio::runtime::Handle::try_current() {
        Ok(runtime) => Ok(runtime.spawn_blocking(work)),
        Err(_) => Err(work()),
    };
    async move {
        match task {
            Ok(task) => task.await.ok(),
            Err(done) => Some(done),
        }
    }
}
