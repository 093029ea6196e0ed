//! Moving mails together: what still counts in the oldest segment is written once more, so that the segment can go.
//!
//! It is done when nothing else is to be done, a little at a time. A mail and the sum of its facts become one record;
//! that is synced before the old one loses its worth, by the same rule as everything else.

use std::{io, sync::Arc};

use postrider_engine::{Files, OpenFile, QueueId};
use tracing::error;

use super::{
    log::Log,
    packing::Packed,
    record::{record_at, MAIL},
    record_mail::{put_again, put_broken, read_head},
    segment::segment_name,
};

/// Octets that are moved between two looks at what else is to be done.
const STEP: u64 = 256 << 10;

/// Which segment is being emptied.
#[derive(Default)]
pub(super) struct Compaction {
    files: Option<Arc<dyn Files>>,
    victim: Option<(u64, Arc<dyn OpenFile>, Vec<QueueId>)>,
    /// The last segment that was emptied; it is free when the frame of this number is synced.
    emptied: (u64, u64),
}

impl Compaction {
    /// Compaction of the log in these files.
    pub fn of(files: Arc<dyn Files>) -> Self {
        Compaction { files: Some(files), ..Compaction::default() }
    }

    /// A segment is empty but for a sync.
    pub fn wants_sync(&self, synced: u64) -> bool {
        self.victim.is_none() && self.emptied.1 > synced
    }
}

impl Log {
    /// Moves some mails, if that is worth it. Says whether it did anything.
    pub(super) fn compact(&mut self) -> bool {
        let step = match self.compaction.victim.take() {
            Some((segment, file, left)) => self.move_some(segment, file, left),
            None => self.choose(),
        };
        step.unwrap_or_else(|error| {
            self.fail("the moving of mail", &error);
            false
        })
    }

    /// Chooses the oldest segment: all that speaks of its mails is kept for their sake.
    fn choose(&mut self) -> io::Result<bool> {
        let Some((segment, live)) = self.ledger.oldest() else { return Ok(false) };
        let (all, counts) = (self.ledger.octets(), self.ledger.live_octets());
        let many = self.ledger.segments() >= self.settings.compact_from;
        let sparse = many && all / self.settings.compact_above > counts;
        let pressed = self.pool.is_pressed() && all.saturating_sub(counts) > self.settings.segment_octets;
        let worth = (sparse || pressed) && live > 0 && segment > self.compaction.emptied.0;
        let Some(files) = self.compaction.files.as_ref().filter(|_| worth) else { return Ok(false) };
        let file = files.open(&segment_name(segment))?;
        let mut mails = self.index.in_segment(segment);
        mails.reverse();
        self.compaction.victim = Some((segment, file, mails));
        Ok(true)
    }

    fn move_some(&mut self, segment: u64, file: Arc<dyn OpenFile>, mut left: Vec<QueueId>) -> io::Result<bool> {
        self.packing.begin();
        while let Some(id) = left.last().copied().filter(|_| self.packing.length() < STEP) {
            if !self.has_room_for(id, segment) {
                break;
            }
            left.pop();
            self.move_one(id, segment, file.as_ref());
        }
        let moved = !self.packing.is_empty();
        self.counters.moved.add(u64::from(self.packing.count));
        self.flush()?;
        if left.is_empty() {
            self.compaction.emptied = (segment, self.tail.number);
        } else {
            self.compaction.victim = Some((segment, file, left));
        }
        Ok(moved)
    }

    /// A move may use the reserve's last octets only if they are in the segment at hand.
    fn has_room_for(&self, id: QueueId, segment: u64) -> bool {
        let length =
            self.index.get(id).filter(|kept| kept.place.segment == segment).map_or(0, |kept| kept.place.length);
        let needed = self.packing.length() + u64::from(length) + (4 << 10);
        needed <= self.tail.segment.room() || (self.pool.has_one() && needed <= self.settings.segment_octets)
    }

    fn move_one(&mut self, id: QueueId, segment: u64, file: &dyn OpenFile) {
        let Some(kept) = self.index.get(id).filter(|kept| kept.place.segment == segment) else { return };
        let mut octets = vec![0; kept.place.length as usize];
        match file.read_at(u64::from(kept.place.offset), &mut octets) {
            Ok(read) => octets.truncate(read),
            Err(error) => {
                error!(%id, segment, %error, "a mail cannot be read; it stays where it is, and its segment with it");
                return;
            }
        }
        let (offset, out) = (self.packing.octets.len(), &mut self.packing.octets);
        let record = record_at(&octets, 0).ok().filter(|record| (record.kind, record.id) == (MAIL, id));
        let length = match record.filter(|record| read_head(id, record.fields).is_ok()) {
            Some(record) => put_again(out, id, record.fields, &kept.standing),
            None => {
                error!(%id, segment, "the record of a mail is damaged; what is left of it is kept");
                put_broken(out, id, &octets, &kept.standing)
            }
        };
        let sides = self.index.sides(id);
        self.packing.refers.push(segment);
        self.packing.packed(Packed { id, offset, length, new: None, sides });
    }
}
