//! Staging: large content goes into a side file before its mail is committed.
//!
//! A file is synced, and so is its name, before a mail can name it. Until a mail does, the file goes when its last
//! piece is dropped; whatever a crash leaves behind goes when the spool is opened.

use std::{
    io,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc, Arc,
    },
};

use bytes::Bytes;
use postrider_engine::{BoxFuture, Files, OpenFile, Piece, Staged, Staging, StagingError};

use super::{
    blocking::blocking,
    counters::Counters,
    janitor::is_full,
    orders::Order,
    segment::{side_name, SIDE},
    settings::Settings,
    sides::{DiskSide, Handle},
};

/// Begins side files.
pub(super) struct DiskStaging {
    pub files: Arc<dyn Files>,
    pub orders: mpsc::Sender<Order>,
    pub counters: Arc<Counters>,
    pub settings: Settings,
    /// Names begin with this number, which no other opening of the spool has used.
    pub prefix: u64,
    pub next: AtomicU64,
}

/// A side file in the making.
struct Making {
    files: Arc<dyn Files>,
    file: Arc<dyn OpenFile>,
    handle: Handle,
    counters: Arc<Counters>,
    settings: Settings,
    octets: u64,
}

fn failed(error: &io::Error) -> StagingError {
    match is_full(error) {
        true => StagingError::NoSpace,
        false => StagingError::Failed(error.to_string().into()),
    }
}

fn ended() -> StagingError {
    StagingError::Failed("the runtime has ended".into())
}

impl Staging for DiskStaging {
    fn begin(&self) -> BoxFuture<'static, Result<Box<dyn Staged>, StagingError>> {
        let name = format!("{:016x}{:08x}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed));
        let (files, orders) = (Arc::clone(&self.files), self.orders.clone());
        let (counters, settings) = (Arc::clone(&self.counters), self.settings);
        let made = blocking(move || {
            let handle = Handle::new(name.as_str().into(), true, orders);
            let file = files.create_new(&side_name(&name)).map_err(|error| failed(&error))?;
            Ok(Making { files, file, handle, counters, settings, octets: 0 })
        });
        Box::pin(async move { Ok(Box::new(made.await.unwrap_or_else(|| Err(ended()))?) as Box<dyn Staged>) })
    }
}

impl Making {
    /// Within the limits of the settings there is room for so many octets more.
    fn has_room(&self, octets: u64) -> io::Result<bool> {
        let Settings { max_octets, min_free_octets, .. } = self.settings;
        let used = self.counters.log_octets.get() + self.counters.side_octets.get();
        let fits = used.saturating_add(octets) <= max_octets;
        Ok(fits && self.files.free_octets()? >= min_free_octets.saturating_add(octets))
    }
}

impl Staged for Making {
    fn append(&mut self, octets: Bytes) -> BoxFuture<'_, Result<(), StagingError>> {
        let length = octets.len() as u64;
        match self.has_room(length) {
            Ok(true) => {}
            Ok(false) => return Box::pin(async { Err(StagingError::NoSpace) }),
            Err(error) => return Box::pin(async move { Err(failed(&error)) }),
        }
        let (file, at) = (Arc::clone(&self.file), self.octets);
        self.octets += length;
        self.handle.add(length);
        self.counters.side_octets.add(length);
        let written = blocking(move || file.write_at(at, &octets));
        Box::pin(async move { written.await.ok_or_else(ended)?.map_err(|error| failed(&error)) })
    }

    fn seal(self: Box<Self>) -> BoxFuture<'static, Result<Piece, StagingError>> {
        let sealed = blocking(move || {
            let Making { files, file, handle, octets, .. } = *self;
            file.sync_data()?;
            files.sync_folder(SIDE)?;
            Ok(Piece::Side(Arc::new(DiskSide { handle, file }), 0..octets))
        });
        Box::pin(async move { sealed.await.ok_or_else(ended)?.map_err(|error: io::Error| failed(&error)) })
    }
}
