//! The reader: copies drafts out of the log and never waits for those who write it.
//!
//! A place may have been recycled since it was told. What is read there is taken only if it is, by checksum and id, the
//! record that was asked for.

use std::{
    io,
    sync::{mpsc, Arc},
};

use bytes::Bytes;
use postrider_engine::{Address, BoxFuture, Draft, FetchError, Files, Place, QueueId, RcptNo, Reader};

use super::{
    blocking::blocking,
    orders::Order,
    record::{record_at, Record, MAIL},
    record_draft::read_draft,
    record_memo::read_recipients,
    segment::segment_name,
    sides::DiskSide,
};

/// Reads drafts back. A clone reads the same spool.
#[derive(Clone)]
pub(super) struct DiskReader {
    pub files: Arc<dyn Files>,
    pub orders: mpsc::Sender<Order>,
}

impl Reader for DiskReader {
    fn fetch(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Draft, FetchError>> {
        let reader = self.clone();
        let read = blocking(move || reader.read(id, place));
        Box::pin(async move { read.await.unwrap_or_else(|| Err(ended())) })
    }

    fn recipients(&self, id: QueueId, place: Place) -> BoxFuture<'static, Result<Vec<(RcptNo, Address)>, FetchError>> {
        let reader = self.clone();
        let read = blocking(move || reader.read_names(id, place));
        Box::pin(async move { read.await.unwrap_or_else(|| Err(ended())) })
    }
}

fn ended() -> FetchError {
    FetchError::Damaged("the runtime has ended".into())
}

fn damaged(place: Place, error: &dyn std::fmt::Display) -> FetchError {
    FetchError::Damaged(format!("{}: {error}", segment_name(place.segment)).into())
}

impl DiskReader {
    fn read(&self, id: QueueId, place: Place) -> Result<Draft, FetchError> {
        let octets = self.octets(place)?;
        let record = self.record(&octets, place)?;
        if (record.kind, record.id) != (MAIL, id) {
            return Err(FetchError::Moved);
        }
        let side = |name: &str| DiskSide::open(self.files.as_ref(), name, &self.orders);
        read_draft(&octets, record.fields, side).map_err(|error| damaged(place, &error))
    }

    fn read_names(&self, id: QueueId, place: Place) -> Result<Vec<(RcptNo, Address)>, FetchError> {
        let octets = self.octets(place)?;
        let record = self.record(&octets, place)?;
        if record.id != id {
            return Err(FetchError::Moved);
        }
        read_recipients(record.kind, record.fields).map_err(|error| damaged(place, &error))
    }

    fn octets(&self, place: Place) -> Result<Bytes, FetchError> {
        let file = self.files.open(&segment_name(place.segment)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FetchError::Moved,
            _ => damaged(place, &error),
        })?;
        let mut octets = vec![0; place.length as usize];
        let length = file.read_at(u64::from(place.offset), &mut octets).map_err(|error| damaged(place, &error))?;
        octets.truncate(length);
        Ok(Bytes::from(octets))
    }

    fn record<'a>(&self, octets: &'a [u8], place: Place) -> Result<Record<'a>, FetchError> {
        let name = segment_name(place.segment);
        record_at(octets, 0).map_err(|error| self.moved_or(&name, damaged(place, &error)))
    }

    /// A segment may have been recycled while it was read.
    fn moved_or(&self, name: &str, damaged: FetchError) -> FetchError {
        match self.files.open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => FetchError::Moved,
            _ => damaged,
        }
    }
}
