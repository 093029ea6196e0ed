//! The tail of the log: where frames are appended, and how far they are synced.
//!
//! Frames get their numbers here, without gaps. Each says how far the log was synced when it was written: that is how
//! recovery tells damage from a torn end.

use std::{
    io,
    sync::{mpsc, Arc},
};

use postrider_engine::OpenFile;

use super::{
    counters::Counters,
    frame::{self, Frame},
    segment::Segment,
    syncer::Sync,
};

/// Where the log ends. Owned by the log's thread.
pub(super) struct Tail {
    pub salt: u64,
    pub segment: Segment,
    /// The last frame that was written.
    pub number: u64,
    /// The last frame of which it is known that it is synced.
    pub synced: u64,
    /// The number that the next frame says is the one before it; differs from `number` after a cut only.
    pub previous: u64,
    /// The id that the next new mail gets.
    pub next_id: u64,
    /// Files with frames that are not synced, oldest first.
    pub dirty: Vec<(u64, Arc<dyn OpenFile>)>,
    /// A sync is running.
    pub syncing: bool,
    pub counters: Arc<Counters>,
    pub syncs: mpsc::Sender<Sync>,
}

impl Tail {
    /// Writes one frame that [`frame::begin`] began and that has room here. Says where it lies.
    pub fn append(&mut self, octets: &mut Vec<u8>, count: u32) -> io::Result<u64> {
        let Segment { sequence, end, .. } = self.segment;
        let frame = Frame {
            salt: self.salt,
            segment: sequence,
            number: self.number + 1,
            previous: self.previous,
            synced_through: self.synced,
            next_id: self.next_id,
            length: u32::try_from(octets.len() - frame::HEADER).map_err(|_| io::ErrorKind::FileTooLarge)?,
            count,
        };
        let length = frame::finish(octets, frame, end, self.segment.room()) as u64;
        self.segment.file.write_at(end, octets)?;
        self.segment.end += length;
        (self.number, self.previous) = (frame.number, frame.number);
        if self.dirty.last().is_none_or(|(dirty, _)| *dirty != sequence) {
            self.dirty.push((sequence, Arc::clone(&self.segment.file)));
        }
        self.counters.frames.add(1);
        self.counters.octets.add(length);
        Ok(end)
    }

    /// Has everything synced that was written so far, unless a sync is running already.
    pub fn sync(&mut self) {
        if !self.syncing && self.synced < self.number {
            self.syncing = true;
            let files = self.dirty.iter().map(|(_, file)| Arc::clone(file)).collect();
            let _ = self.syncs.send(Sync { number: self.number, segment: self.segment.sequence, files });
        }
    }

    /// A sync has ended.
    pub fn synced(&mut self, number: u64, segment: u64) {
        (self.syncing, self.synced) = (false, number);
        let all = self.synced == self.number;
        self.dirty.retain(|(dirty, _)| *dirty > segment || (*dirty == segment && !all));
    }
}
