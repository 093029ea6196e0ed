//! The handle of a disk spool: hands over to the log's thread and gives futures back.

use std::{
    sync::{mpsc, Arc},
    thread::JoinHandle,
};

use postrider_engine::{Applied, Batch, BoxFuture, Files, Origin, QueueId, Reader, Spool, SpoolFailed, Staging};
use tokio::sync::oneshot;

use super::{
    counters::{Counters, Counts},
    orders::Order,
    reader::DiskReader,
    replay::Recovered,
    staging::DiskStaging,
};

/// What the handle, reader and staging share.
#[derive(Clone)]
pub(super) struct Shared {
    pub files: Arc<dyn Files>,
    pub orders: mpsc::Sender<Order>,
    pub counters: Arc<Counters>,
}

/// A spool on disk. Dropping it syncs what is written, ends its threads and gives the folder free.
pub struct DiskSpool {
    shared: Shared,
    mails: Vec<QueueId>,
    origin: Origin,
    recovered: Recovered,
    staging: Arc<DiskStaging>,
    thread: Option<JoinHandle<()>>,
}

/// Reads the counters of a spool, also when the spool itself is elsewhere.
#[derive(Clone)]
pub struct Gauge(Arc<Counters>);

impl Gauge {
    /// The counters now.
    pub fn read(&self) -> Counts {
        self.0.read()
    }
}

impl DiskSpool {
    pub(super) fn new(
        shared: Shared,
        mails: Vec<QueueId>,
        number: u64,
        recovered: Recovered,
        staging: Arc<DiskStaging>,
        thread: JoinHandle<()>,
    ) -> Self {
        let origin = Origin { spool: number, first: recovered.next };
        DiskSpool { shared, mails, origin, recovered, staging, thread: Some(thread) }
    }

    /// What was found when it was opened.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// What reads its counters.
    pub fn gauge(&self) -> Gauge {
        Gauge(Arc::clone(&self.shared.counters))
    }
}

impl Spool for DiskSpool {
    fn apply(&mut self, batch: Batch) -> BoxFuture<'static, Result<Applied, SpoolFailed>> {
        let (answer, applied) = oneshot::channel();
        let _ = self.shared.orders.send(Order::Apply(batch, answer));
        let ended = || SpoolFailed { reason: "the log's thread has ended".into() };
        Box::pin(async move { applied.await.unwrap_or_else(|_| Err(ended())) })
    }

    fn take_mails(&mut self) -> Vec<QueueId> {
        std::mem::take(&mut self.mails)
    }

    fn origin(&self) -> Origin {
        self.origin
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(DiskReader { files: Arc::clone(&self.shared.files), orders: self.shared.orders.clone() })
    }

    fn staging(&self) -> Arc<dyn Staging> {
        Arc::clone(&self.staging) as Arc<dyn Staging>
    }
}

impl Drop for DiskSpool {
    fn drop(&mut self) {
        let _ = self.shared.orders.send(Order::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
