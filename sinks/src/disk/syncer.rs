//! The thread that syncs the log: what is written meanwhile waits for the next sync, and nothing else waits for this one.

use std::{
    io,
    sync::{mpsc, Arc},
    thread,
};

use postrider_engine::OpenFile;

use super::{
    counters::Counters,
    orders::{Helper, Order},
};

/// One sync: of these files, in this order. All frames up to `number` were written to them before.
pub(super) struct Sync {
    pub number: u64,
    pub segment: u64,
    pub files: Vec<Arc<dyn OpenFile>>,
}

/// Starts the thread. It ends when nobody can ask it for a sync any more.
pub(super) fn start(orders: mpsc::Sender<Order>, counters: Arc<Counters>) -> io::Result<Helper<Sync>> {
    let (asks, inbox) = mpsc::channel::<Sync>();
    let thread = thread::Builder::new().name("spool-sync".into()).spawn(move || {
        while let Ok(Sync { number, segment, files }) = inbox.recv() {
            counters.syncs.add(files.len() as u64);
            let result = files.iter().try_for_each(|file| file.sync_data());
            if orders.send(Order::Synced { number, segment, result }).is_err() {
                break;
            }
        }
    })?;
    Ok((asks, thread))
}
