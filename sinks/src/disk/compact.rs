//! Moving mails together: what still counts in the oldest segment is written once more, so that the segment can go.
//!
//! It is done when nothing else is to be done, a little at a time. A mail and the sum of its facts become one record;
//! that is synced before the old one loses its worth, by the same rule as everything else.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use postrider_engine::{Claim, Files, OpenFile, QueueId};
use tracing::error;

use super::{
    index::Live,
    log::Log,
    packing::{Packed, PackedMemo},
    record::{record_at, Record, MAIL, MEMO},
    record_mail::{put_again, put_broken, read_head},
    record_memo::{put_memo_again, read_memo},
    segment::segment_name,
};

/// Octets that are moved between two looks at what else is to be done.
const STEP: u64 = 256 << 10;
/// While space is short a segment is emptied only if this part of one is left for facts that come meanwhile.
const LEFT_FOR_FACTS: u64 = 8;
/// And only if at least this part of it is gained: more for mail from outside, which would have a disk that is always
/// full copied over and over.
const GAIN_FOR_NEW: u64 = 4;
const GAIN_FOR_OURS: u64 = 16;
/// Where no segment alone is worth it, all are moved in their order, if at least this part of the log is won by that: what
/// speaks of mails in older segments goes with these. What is ours asks for less, but for more than the ends of segments that
/// moving leaves behind, or it would go on for ever.
const GAIN_OF_ALL: u64 = 4;
const GAIN_OF_ALL_FOR_OURS: u64 = 32;

/// What an end that came since may add to a memo: the reply of a host, as long as most are.
const OCTETS_OF_AN_END: u64 = 512;

/// Which segment is being emptied.
#[derive(Default)]
pub(super) struct Compaction {
    files: Option<Arc<dyn Files>>,
    victim: Option<(u64, Arc<dyn OpenFile>, Vec<Live>)>,
    /// Segments that were emptied; each is free when the frame of this number is synced.
    emptied: BTreeMap<u64, u64>,
    /// The last frame with moved mails.
    moved: u64,
    /// Segments with a mail that cannot be read: they stay.
    unreadable: BTreeSet<u64>,
}

impl Compaction {
    /// Compaction of the log in these files.
    pub fn of(files: Arc<dyn Files>) -> Self {
        Compaction { files: Some(files), ..Compaction::default() }
    }

    /// What was moved gives its space back only when it is synced.
    pub fn wants_sync(&self, synced: u64) -> bool {
        self.victim.is_none() && self.moved > synced
    }

    /// It was emptied, or cannot be.
    fn is_settled(&self, segment: u64) -> bool {
        self.emptied.contains_key(&segment) || self.unreadable.contains(&segment)
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

    /// Chooses a segment and begins to empty it.
    fn choose(&mut self) -> io::Result<bool> {
        let synced = self.tail.synced;
        self.compaction.emptied.retain(|_, number| *number > synced);
        let victim = self.sparse().or_else(|| self.pressed());
        let (Some(segment), Some(files)) = (victim, &self.compaction.files) else { return Ok(false) };
        let file = files.open(&segment_name(segment))?;
        let mut records = self.index.in_segment(segment);
        records.reverse();
        self.compaction.victim = Some((segment, file, records));
        Ok(true)
    }

    /// The oldest segment, if the log is long for what is in it: all that speaks of its mails is kept for their sake.
    fn sparse(&self) -> Option<u64> {
        let (segment, live) = self.ledger.oldest()?;
        let many = self.ledger.segments() >= self.settings.compact_from;
        let sparse = many && self.ledger.octets() / self.settings.compact_above > self.ledger.live_octets();
        (sparse && live > 0 && !self.compaction.is_settled(segment)).then_some(segment)
    }

    /// A segment for whoever was refused for want of space: the cheapest, or, if moving all in their order wins more for what
    /// it costs, the oldest.
    fn pressed(&self) -> Option<u64> {
        let claim = self.pool.pressed()?;
        let (gain, enough) = match claim {
            Claim::Free => (GAIN_FOR_NEW, self.settings.segment_octets.max(self.ledger.octets() / GAIN_OF_ALL)),
            _ => (GAIN_FOR_OURS, self.enough_for_ours()),
        };
        let victim = match (self.cheapest(gain), self.in_order(enough)) {
            (Some((cheapest, live)), Some(oldest)) => match self.is_worth_more_than_all(live) {
                true => cheapest,
                false => oldest,
            },
            (Some((cheapest, _)), None) => cheapest,
            (None, oldest) => oldest?,
        };
        self.compaction.emptied.is_empty().then_some(victim)
    }

    /// Space will come back by itself, or by moving.
    pub(super) fn wins_space(&self) -> bool {
        let is_emptied = self.compaction.emptied.values().any(|number| *number > self.tail.synced);
        let moving = self.compaction.victim.is_some() || is_emptied || self.ledger.is_freeing();
        let may_move = || self.cheapest(GAIN_FOR_OURS).is_some() || self.in_order(self.enough_for_ours()).is_some();
        moving || may_move()
    }

    fn enough_for_ours(&self) -> u64 {
        (2 * self.settings.segment_octets).max(self.ledger.octets() / GAIN_OF_ALL_FOR_OURS)
    }

    /// Octets that moving all would win.
    fn garbage(&self) -> u64 {
        self.ledger.octets().saturating_sub(self.ledger.live_octets() + self.tail.segment.room())
    }

    /// What this wins for each octet that is moved is more than moving all would.
    fn is_worth_more_than_all(&self, live: u64) -> bool {
        let won = self.settings.segment_octets.saturating_sub(live);
        u128::from(won) * u128::from(self.ledger.live_octets()) >= u128::from(live) * u128::from(self.garbage())
    }

    /// The oldest segment, if moving all, one segment after the other, wins enough: with a segment goes all that speaks of its
    /// mails and of none older. What is free is enough for one; the next goes where that was.
    fn in_order(&self, enough: u64) -> Option<u64> {
        let (segment, live) = self.ledger.oldest().filter(|(segment, _)| !self.compaction.is_settled(*segment))?;
        let fits = live + self.settings.segment_octets / LEFT_FOR_FACTS <= self.room_for_moves();
        (live > 0 && fits && self.garbage() >= enough).then_some(segment)
    }

    fn room_for_moves(&self) -> u64 {
        self.tail.segment.room() + self.pool.waiting_octets()
    }

    /// The segment that is cheapest to empty, if this part of one is gained by it, and the octets that are moved.
    fn cheapest(&self, gain: u64) -> Option<(u64, u64)> {
        let (segment, live) = self.ledger.emptiest(|segment| self.compaction.is_settled(segment))?;
        let (room, whole) = (self.room_for_moves(), self.settings.segment_octets);
        (live + whole / LEFT_FOR_FACTS <= room && live + whole / gain <= whole).then_some((segment, live))
    }

    fn move_some(&mut self, segment: u64, file: Arc<dyn OpenFile>, mut left: Vec<Live>) -> io::Result<bool> {
        self.packing.begin();
        let room = left.last().and_then(|live| self.room_that_takes(*live, segment));
        while let (Some(live), Some(room)) = (left.last().copied().filter(|_| self.packing.length() < STEP), room) {
            if self.packing.length() + self.octets_of(live, segment) > room {
                break;
            }
            left.pop();
            self.move_one(live, segment, file.as_ref());
        }
        let moved = !self.packing.is_empty();
        self.counters.moved.add(u64::from(self.packing.count));
        self.flush()?;
        if moved {
            self.compaction.moved = self.tail.number;
        }
        if left.is_empty() {
            self.compaction.emptied.insert(segment, self.tail.number);
        } else if moved {
            self.compaction.victim = Some((segment, file, left));
        } // else there is no room now; who needs it asks again
        Ok(moved)
    }

    /// Where the first of some moves fits: what is left of the segment at hand, lest that be wasted, or the next one.
    fn room_that_takes(&self, live: Live, segment: u64) -> Option<u64> {
        let slack = (self.settings.segment_octets / LEFT_FOR_FACTS).min(4 << 10);
        let next = if self.pool.has_one() { self.settings.segment_octets } else { 0 };
        let needed = self.packing.length() + self.octets_of(live, segment) + slack;
        [self.tail.segment.room(), next].into_iter().find(|room| needed <= *room).map(|room| room - slack)
    }

    /// What a record takes when it is written again.
    fn octets_of(&self, live: Live, segment: u64) -> u64 {
        let length = self.index.place(live).filter(|place| place.segment == segment).map_or(0, |place| place.length);
        let ends = match live {
            Live::Memo(id) => self.index.memos.get(id).map_or(0, |memo| memo.ends.len() as u64),
            Live::Mail(_) => 0,
        };
        u64::from(length) + ends * OCTETS_OF_AN_END
    }

    fn move_one(&mut self, live: Live, segment: u64, file: &dyn OpenFile) {
        let Some(place) = self.index.place(live).filter(|place| place.segment == segment) else { return };
        let mut octets = vec![0; place.length as usize];
        match file.read_at(u64::from(place.offset), &mut octets) {
            Ok(read) => octets.truncate(read),
            Err(error) => {
                error!(?live, segment, %error, "a record cannot be read; it stays where it is, and its segment with it");
                self.compaction.unreadable.insert(segment);
                return;
            }
        }
        self.packing.refers.push(segment);
        match live {
            Live::Mail(id) => self.move_mail(id, segment, &octets),
            Live::Memo(id) => self.move_memo(id, segment, &octets),
        }
    }

    fn move_memo(&mut self, id: QueueId, segment: u64, octets: &[u8]) {
        let Some(memo) = self.index.memos.get(id) else { return };
        let is_whole = |record: &Record<'_>| {
            (record.kind, record.id) == (MEMO, id) && read_memo(id, record.fields, memo.place).is_ok()
        };
        let record = record_at(octets, 0).ok().filter(is_whole);
        if record.is_none() {
            error!(%id, segment, "what is remembered of a mail is damaged; its recipients are not known any more");
        }
        let offset = self.packing.octets.len();
        let fields = record.map_or(&[][..], |record| record.fields);
        let length = put_memo_again(&mut self.packing.octets, id, fields, memo);
        self.packing.packed_memo(PackedMemo { id, offset, length });
    }

    fn move_mail(&mut self, id: QueueId, segment: u64, octets: &[u8]) {
        let Some(kept) = self.index.get(id) else { return };
        let (offset, out) = (self.packing.octets.len(), &mut self.packing.octets);
        let record = record_at(octets, 0).ok().filter(|record| (record.kind, record.id) == (MAIL, id));
        let length = match record.filter(|record| read_head(id, record.fields).is_ok()) {
            Some(record) => put_again(out, id, record.fields, &kept.standing),
            None => {
                error!(%id, segment, "the record of a mail is damaged; what is left of it is kept");
                put_broken(out, id, octets, &kept.standing)
            }
        };
        let sides = self.index.sides(id);
        self.packing.packed(Packed { id, offset, length, new: None, sides });
    }
}
