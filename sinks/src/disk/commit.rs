//! How entries become frames: what is refused is refused before anything of it is written.

use std::io;

use postrider_engine::{Claim, Content, Draft, Entry, Fact, Kept, NoSpace, NotWritten, Piece, Place, QueueId, Receipt};
use tracing::error;

use super::{
    index::Leaves,
    log::Log,
    packing::{Packed, PackedMemo},
    segment::Segment,
};

/// Octets that one entry may have in memory. What is larger belongs into a side file.
const LARGEST: u64 = 1 << 30;

/// What can be done with an entry that was added to the frame in the making.
enum Room {
    /// The frame can be written with it.
    Enough,
    /// It belongs into the next frame.
    NextFrame,
    /// It is refused.
    None,
}

impl Log {
    /// Writes entries: in one frame, unless they are larger than a segment. After an error nothing is known about any.
    pub(super) fn enter(&mut self, entries: Vec<Entry>) -> io::Result<Vec<Result<Receipt, NotWritten>>> {
        let mut receipts = Vec::with_capacity(entries.len());
        self.packing.begin();
        self.pool.keep_room_for(self.index.len());
        let from_outside = entries.iter().any(|entry| entry.claim() == Claim::Free);
        self.accepts = from_outside && self.pool.may_accept()?;
        for entry in entries {
            let claim = entry.claim();
            let receipt = self.enter_one(entry)?;
            if matches!(receipt, Err(NotWritten::NoSpace(_))) {
                self.counters.refused.add(1);
                self.pool.press(claim);
            }
            receipts.push(receipt);
        }
        self.flush()?;
        Ok(receipts)
    }

    fn enter_one(&mut self, entry: Entry) -> io::Result<Result<Receipt, NotWritten>> {
        if let Err(why) = self.index.memos.admit(&entry) {
            return Ok(Err(why));
        }
        let Some(entry) = self.inlined(entry) else { return Ok(Err(NoSpace.into())) };
        let (mark, next_id) = (self.packing.mark(), self.tail.next_id);
        let alone = self.packing.is_empty();
        let ids = self.packing.add_mails(&entry, next_id);
        match self.room_for(&entry, alone)? {
            Room::Enough => {}
            Room::None => {
                self.packing.undo(&mark);
                return Ok(Err(NoSpace.into()));
            }
            Room::NextFrame => {
                self.packing.undo(&mark);
                self.flush()?;
                return self.enter_one(entry);
            }
        }
        self.tail.next_id += ids.len() as u64;
        self.remember(&ids, &entry);
        let Log { packing, index, .. } = self;
        entry.facts.iter().for_each(|fact| packing.add_fact(index, fact));
        self.counters.mails.add(ids.len() as u64);
        #[allow(clippy::disallowed_methods, reason = "this is a spool; nobody sees the receipt before the write")]
        Ok(Ok(Receipt::after_write(ids, entry)))
    }

    /// From here on the keys of an entry are known: the next entry may be in the same frame.
    fn remember(&mut self, ids: &[QueueId], entry: &Entry) {
        for (id, memo) in ids.iter().zip(&entry.new).filter_map(|(id, mail)| Some((*id, mail.memo()?))) {
            let unneeded = self.index.memos.insert(id, memo);
            self.packing.leaves.extend(unneeded.into_iter().map(Leaves::of_record));
        }
    }

    /// Makes sure that the frame can be written, with this entry at its end. Room for facts is made when it is written, but
    /// for the drafts of stages, which are as large as mails.
    fn room_for(&mut self, entry: &Entry, alone: bool) -> io::Result<Room> {
        let claim = entry.claim();
        let (length, room) = (self.packing.length() + entry.advanced_octets(), self.tail.segment.room());
        if claim == Claim::Reserve {
            return Ok(Room::Enough);
        }
        if !alone && length > self.settings.segment_octets {
            return Ok(Room::NextFrame);
        }
        if length > LARGEST || (claim == Claim::Free && !self.accepts) {
            return Ok(Room::None);
        }
        let fits = length <= room;
        let next = match claim {
            Claim::Free if fits => return Ok(Room::Enough),
            Claim::Free => self.pool.take_for_mail(length)?,
            _ if fits && self.may_spare(room - length)? => return Ok(Room::Enough),
            _ if fits => None,
            _ => match self.pool.take_to_spare(length, false)? {
                None if !self.wins_space() => self.pool.take_to_spare(length, true)?,
                next => next,
            },
        };
        let Some(segment) = next else { return Ok(Room::None) };
        self.go_on_in(segment);
        self.accepts = self.accepts && self.pool.may_accept()?; // not from what is left for what is ours
        Ok(Room::Enough)
    }

    fn may_spare(&mut self, left: u64) -> io::Result<bool> {
        Ok(self.pool.may_spare(left, false)? || (!self.wins_space() && self.pool.may_spare(left, true)?))
    }

    /// Makes sure that a frame of this length can be written, whatever is in it.
    pub(super) fn room_for_any(&mut self, length: u64) -> io::Result<()> {
        if length > self.tail.segment.room() {
            let segment = self.take_segment(length)?;
            self.go_on_in(segment);
            self.pool.was_taken_for_facts()?;
        }
        Ok(())
    }

    fn go_on_in(&mut self, segment: Segment) {
        self.ledger.open(segment.sequence, segment.octets);
        self.tail.segment = segment;
    }

    /// Writes the frame in the making, and tells index and ledger what is in it now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.packing.is_empty() {
            return Ok(());
        }
        self.room_for_any(self.packing.length())?;
        let mut packing = std::mem::take(&mut self.packing);
        let base = self.tail.append(&mut packing.octets, packing.count)?;
        let (number, segment) = (self.tail.number, self.tail.segment.sequence);
        packing.refers.drain(..).for_each(|to| self.ledger.refer(segment, to));
        packing.leaves.drain(..).for_each(|leaves| self.ledger.leave(number, leaves));
        for packed in packing.mails.drain(..) {
            self.written(packed, number, base);
        }
        for packed in packing.memos.drain(..) {
            self.written_memo(&packed, number, base);
        }
        packing.octets.shrink_to(1 << 20);
        packing.begin();
        self.packing = packing;
        Ok(())
    }

    fn place(&self, base: u64, offset: usize, length: usize) -> Place {
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let (offset, length) = (narrow(base + offset as u64), narrow(length as u64));
        Place { segment: self.tail.segment.sequence, offset, length }
    }

    /// A memo's record is in the log now. It may be forgotten already.
    fn written_memo(&mut self, packed: &PackedMemo, number: u64, base: u64) {
        let PackedMemo { id, offset, length } = *packed;
        if self.index.memos.get(id).is_none() {
            return;
        }
        let place = self.place(base, offset, length);
        self.ledger.record(place.segment, place.length);
        let before = self.index.memos.place(id, place);
        before.into_iter().for_each(|before| self.ledger.leave(number, Leaves::of_record(before)));
    }

    /// A mail's record is in the log now.
    fn written(&mut self, packed: Packed, number: u64, base: u64) {
        let Packed { id, offset, length, new, sides } = packed;
        let place = self.place(base, offset, length);
        let standing = new.or_else(|| Some(self.index.get(id)?.standing.clone()));
        sides.iter().for_each(|side| self.sides.named(side));
        match standing.filter(|standing| !standing.is_done()) {
            Some(standing) => {
                self.ledger.record(place.segment, place.length);
                let before = self.index.insert(id, Kept { standing, place }, &sides);
                before.into_iter().for_each(|before| self.ledger.leave(number, before));
            }
            // Nobody is left to whom it goes: only its side files are to be let go.
            None => self.ledger.leave(number, Leaves::of_sides(&sides)),
        }
    }

    /// The entry with octets in the place of side files that are not ours; `None`: they cannot be read.
    fn inlined(&self, mut entry: Entry) -> Option<Entry> {
        let foreign = |draft: &Draft| {
            let foreign = |piece: &Piece| matches!(piece, Piece::Side(file, _) if !self.sides.knows(file.name()));
            draft.content.pieces().iter().any(foreign)
        };
        let mails = std::mem::take(&mut entry.new);
        for mail in mails {
            match foreign(mail.draft()) {
                true => {
                    let inlined = self.inline(mail.draft())?;
                    entry.new.push(mail.with_draft(inlined));
                }
                false => entry.new.push(mail),
            }
        }
        for fact in &mut entry.facts {
            if let Fact::Advanced { draft, .. } = fact {
                if foreign(draft) {
                    **draft = self.inline(draft)?;
                }
            }
        }
        Some(entry)
    }

    fn inline(&self, draft: &Draft) -> Option<Draft> {
        let mut content = Content::default();
        for piece in draft.content.pieces() {
            match piece {
                Piece::Side(file, _) if !self.sides.knows(file.name()) => {
                    let octets = Content::from_pieces(vec![piece.clone()]).head(usize::MAX);
                    let octets = octets.inspect_err(|error| error!(%error, "content of another spool cannot be read"));
                    content.push(Piece::Memory(octets.ok()?.into()));
                }
                piece => content.push(piece.clone()),
            }
        }
        let mut inlined = draft.clone();
        inlined.content = content;
        Some(inlined)
    }
}
