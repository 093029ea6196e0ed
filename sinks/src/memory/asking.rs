//! Questions to the thread of the memory spool, and when their answer is waited for.

use std::sync::mpsc;

use postrider_engine::{BoxFuture, Draft, FetchError, Place, QueueId, Reader};
use tokio::sync::oneshot;

use super::{gone, Names, Order};

/// Where the pause of a slow spool passes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pause {
    /// On the thread of the spool: others wait behind.
    There,
    /// In the time of whoever asked.
    Here,
}

/// Called by the spool's thread.
pub(super) type Answer<T> = Box<dyn FnOnce(T) + Send>;

pub(super) struct MemoryReader {
    pub orders: mpsc::Sender<Order>,
    pub is_prompt: bool,
}

impl Reader for MemoryReader {
    fn fetch(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Draft, FetchError>> {
        let asked = ask(&self.orders, self.is_prompt, |answer| Order::Fetch(id, place, answer));
        Box::pin(async move { asked.await.unwrap_or_else(|| Err(FetchError::Damaged(gone().reason))) })
    }

    fn recipients(&self, id: QueueId, _: Place) -> BoxFuture<'static, Result<Names, FetchError>> {
        let asked = ask(&self.orders, self.is_prompt, |answer| Order::Names(id, answer));
        Box::pin(async move { asked.await.unwrap_or_else(|| Err(FetchError::Damaged(gone().reason))) })
    }
}

/// Asks the thread, and waits here and now if that is to be prompt. `None`: the thread has ended.
pub(super) fn ask<T: Send + 'static>(
    orders: &mpsc::Sender<Order>,
    is_prompt: bool,
    order: impl FnOnce(Answer<T>) -> Order,
) -> BoxFuture<'static, Option<T>> {
    if is_prompt {
        let (tell, told) = mpsc::sync_channel(1);
        let _ = orders.send(order(Box::new(move |answer| drop(tell.send(answer)))));
        return Box::pin(std::future::ready(told.recv().ok()));
    }
    let (tell, told) = oneshot::channel();
    let _ = orders.send(order(Box::new(move |answer| drop(tell.send(answer)))));
    Box::pin(async move { told.await.ok() })
}
