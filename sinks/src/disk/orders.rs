//! What the log's thread is told. All that changes the spool arrives here, in one order.

use std::{
    io,
    sync::{mpsc, Arc},
    thread::JoinHandle,
};

use postrider_engine::{Applied, Batch, SpoolFailed};
use tokio::sync::oneshot;

use super::segment::Ready;

/// Where the answer to a batch goes.
pub(super) type Answer = oneshot::Sender<Result<Applied, SpoolFailed>>;

/// A thread that helps the log, and the way to it.
pub(super) type Helper<T> = (mpsc::Sender<T>, JoinHandle<()>);

/// One thing that the log's thread is told.
pub(super) enum Order {
    /// From the owner of the spool: write this.
    Apply(Batch, Answer),
    /// From the syncer: all frames up to this number are synced; the last of them lies in this segment.
    Synced { number: u64, segment: u64, result: io::Result<()> },
    /// From the janitor: a file waits to become a segment, or there is no space for one.
    Prepared(io::Result<Option<Ready>>),
    /// From the janitor: these segments are durably freed, and these files wait again.
    Freed(io::Result<(Vec<u64>, Vec<Ready>)>),
    /// Somebody holds a side file open; it is new, or was there before.
    SideOpened(Arc<str>, bool),
    /// Somebody no longer holds a side file open; it has so many octets.
    SideClosed(Arc<str>, u64),
    /// The owner of the spool has gone.
    Close,
}
