//! The very end of an engine: its spool is closed, and whoever waits for the end hears it.
//!
//! Rule: when an engine has ended its folder is free, and can be opened by the next.

use std::{
    sync::{mpsc, Arc},
    time::Duration,
};

use postrider_engine::{Applied, Batch, BoxFuture, Origin, QueueId, Reader, Spool, SpoolFailed, Staging};

/// What hangs at the end (a disk that does not answer) is waited for no longer than this.
const LONGEST: Duration = Duration::from_secs(10);

/// A spool whose end is noticed.
pub(super) struct Noticed {
    spool: Box<dyn Spool>,
    /// Dropped after the spool is.
    _open: mpsc::Sender<()>,
}

/// Waits for the end of a spool.
pub(super) struct Closing(mpsc::Receiver<()>);

impl Noticed {
    pub fn new(spool: Box<dyn Spool>) -> (Self, Closing) {
        let (open, closed) = mpsc::channel();
        (Noticed { spool, _open: open }, Closing(closed))
    }
}

impl Closing {
    /// Until nobody has the spool any more.
    pub fn wait(self) {
        let _ = self.0.recv_timeout(LONGEST); // nothing is ever sent: its end is the news
    }
}

impl Spool for Noticed {
    fn apply(&mut self, batch: Batch) -> BoxFuture<'static, Result<Applied, SpoolFailed>> {
        self.spool.apply(batch)
    }

    fn take_mails(&mut self) -> Vec<QueueId> {
        self.spool.take_mails()
    }

    fn origin(&self) -> Origin {
        self.spool.origin()
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.spool.reader()
    }

    fn staging(&self) -> Arc<dyn Staging> {
        self.spool.staging()
    }
}
