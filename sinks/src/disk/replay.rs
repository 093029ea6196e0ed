//! Replay: what the records of a log add up to.

use std::sync::Arc;

use postrider_engine::{Kept, Memo, Place, QueueId};

use super::{
    frame::{Frame, HEADER},
    index::{Index, Leaves},
    ledger::Ledger,
    record::{records, BadRecord, Record, MAIL, MEMO},
    record_fact::read_fact,
    record_mail::read_head,
    record_memo::read_memo,
    segment::segment_name,
    settings::OpenError,
    sides::Sides,
};

/// The state of a spool, as far as its log was read.
#[derive(Default)]
pub(super) struct Replay {
    pub index: Index,
    pub ledger: Ledger,
    pub sides: Sides,
    /// The number of the last frame.
    pub last: Option<u64>,
    /// The id that the next new mail gets.
    pub next_id: u64,
    pub frames: u64,
    /// The highest number that some frame knew to be synced.
    pub synced_through: u64,
    /// Segments with their last frame, as far as it is not known to be synced.
    pub unsynced: Vec<(u64, u64)>,
}

impl Replay {
    /// Adds a whole frame that lies there.
    pub fn add(&mut self, frame: &Frame, offset: u64, body: &[u8]) -> Result<(), OpenError> {
        for record in records(body) {
            let added = record.and_then(|record| self.add_record(frame, offset, &record));
            added.map_err(|error| unknown(frame.segment, offset, error))?;
        }
        self.last = Some(frame.number);
        self.next_id = self.next_id.max(frame.next_id);
        self.frames += 1;
        self.note_synced(frame);
        for side in self.ledger.synced(frame.number, frame.segment) {
            self.sides.left(&side);
        }
        Ok(())
    }

    fn note_synced(&mut self, frame: &Frame) {
        self.synced_through = self.synced_through.max(frame.synced_through);
        self.unsynced.retain(|(segment, last)| *last > self.synced_through && *segment != frame.segment);
        self.unsynced.push((frame.segment, frame.number));
    }

    fn add_record(&mut self, frame: &Frame, offset: u64, record: &Record<'_>) -> Result<(), BadRecord> {
        let Record { kind, id, fields, .. } = *record;
        match kind {
            MAIL => self.add_mail(frame, offset, record),
            MEMO => {
                let memo = read_memo(id, fields, place(frame, offset, record)?)?;
                self.add_memo(frame, id, memo);
                Ok(())
            }
            kind => {
                let fact = read_fact(kind, id, fields)?;
                self.index.segments_of(id).for_each(|segment| self.ledger.refer(frame.segment, segment));
                let leaves = self.index.note(fact);
                leaves.into_iter().for_each(|leaves| self.ledger.leave(frame.number, leaves));
                Ok(())
            }
        }
    }

    fn add_memo(&mut self, frame: &Frame, id: QueueId, memo: Memo) {
        self.ledger.record(frame.segment, memo.place.length);
        for before in self.index.memos.insert(id, memo) {
            self.ledger.refer(frame.segment, before.segment);
            self.ledger.leave(frame.number, Leaves::of_record(before));
        }
    }

    fn add_mail(&mut self, frame: &Frame, offset: u64, record: &Record<'_>) -> Result<(), BadRecord> {
        let Record { id, fields, .. } = *record;
        let head = read_head(id, fields)?;
        let sides: Vec<String> = head.sides.into_iter().map(str::to_owned).collect();
        sides.iter().for_each(|side| self.sides.named(side));
        let kept = Kept { standing: head.standing, place: place(frame, offset, record)? };
        let before = self.insert(record, kept, &sides, frame);
        if let Some(before) = before {
            self.ledger.refer(frame.segment, before.place.segment);
            self.ledger.leave(frame.number, before);
        }
        Ok(())
    }

    fn insert(&mut self, record: &Record<'_>, kept: Kept, sides: &[String], frame: &Frame) -> Option<Leaves> {
        if kept.standing.is_done() {
            self.ledger.leave(frame.number, Leaves::of_sides(sides));
            return self.index.remove(record.id);
        }
        self.ledger.record(frame.segment, kept.place.length);
        self.index.insert(record.id, kept, sides)
    }
}

/// Where a record lies of a frame that lies there.
fn place(frame: &Frame, offset: u64, record: &Record<'_>) -> Result<Place, BadRecord> {
    let at = u32::try_from(offset + (HEADER + record.offset) as u64);
    let offset = at.map_err(|_| BadRecord::Malformed("a record lies beyond 4 GiB"))?;
    let length = u32::try_from(record.length).unwrap_or(u32::MAX);
    Ok(Place { segment: frame.segment, offset, length })
}

fn unknown(segment: u64, offset: u64, error: BadRecord) -> OpenError {
    let place = format!("{} at {offset}", segment_name(segment));
    OpenError::UnknownRecord { place, what: error.to_string() }
}

/// What recovery found, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Mails that are not done.
    pub mails: usize,
    /// The number that the next mail gets.
    pub next: QueueId,
    /// Frames that were read.
    pub frames: u64,
    /// Segments that were read.
    pub segments: usize,
    /// Where the log was damaged: what was written and synced there is lost, and a copy is kept in `damaged/`.
    pub damage: Vec<Damage>,
    /// The end of the log was torn, and was cut: nothing that was promised was in it.
    pub torn: bool,
}

/// A place where the log was damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The file.
    pub file: Arc<str>,
    /// Octets from its beginning.
    pub offset: u64,
    /// How many frames are missing.
    pub frames: u64,
}
