//! What the log's thread is told. All that changes the spool arrives here, in one order.

use std::{
    collections::VecDeque,
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

/// Where orders arrive.
pub(super) struct Inbox {
    arriving: mpsc::Receiver<Order>,
    /// What arrived while those who help were waited for.
    set_aside: VecDeque<Order>,
}

impl Inbox {
    pub fn of(arriving: mpsc::Receiver<Order>) -> Self {
        Inbox { arriving, set_aside: VecDeque::new() }
    }

    /// The next order, waited for; `None`: there will be none.
    pub fn next(&mut self) -> Option<Order> {
        self.set_aside.pop_front().or_else(|| self.arriving.recv().ok())
    }

    /// The next order, if there is one.
    pub fn next_if_any(&mut self) -> Result<Order, mpsc::TryRecvError> {
        self.set_aside.pop_front().map_or_else(|| self.arriving.try_recv(), Ok)
    }

    /// The next order of those who help, waited for. What arrives from others meanwhile keeps its place before what is later.
    pub fn next_of_helpers(&mut self) -> Option<Order> {
        loop {
            match self.arriving.recv().ok()? {
                order @ (Order::Synced { .. } | Order::Prepared(_) | Order::Freed(_)) => return Some(order),
                other => self.set_aside.push_back(other),
            }
        }
    }
}
