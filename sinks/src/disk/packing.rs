//! A frame in the making, and what the index and the ledger are to learn when it is written.

use postrider_engine::{Draft, Entry, Fact, Mail, QueueId, Received, Standing};

use super::{
    frame,
    index::{Index, Leaves},
    record_fact::put_fact,
    record_mail::put_mail,
    record_memo::put_memo,
};

/// A mail's record within a frame.
pub(super) struct Packed {
    pub id: QueueId,
    /// Octets from the beginning of the frame.
    pub offset: usize,
    pub length: usize,
    /// `None`: it takes the place of an earlier record of the same mail, which stands as the index says.
    pub new: Option<Standing>,
    pub sides: Vec<String>,
}

/// The record of a memo within a frame.
pub(super) struct PackedMemo {
    pub id: QueueId,
    /// Octets from the beginning of the frame.
    pub offset: usize,
    pub length: usize,
}

/// A frame in the making.
#[derive(Default)]
pub(super) struct Packing {
    pub octets: Vec<u8>,
    pub count: u32,
    pub mails: Vec<Packed>,
    pub memos: Vec<PackedMemo>,
    /// Segments whose mails the frame speaks of.
    pub refers: Vec<u64>,
    /// What has lost its worth by it.
    pub leaves: Vec<Leaves>,
}

/// A frame as it was before an entry.
pub(super) struct Mark {
    octets: usize,
    count: u32,
    mails: usize,
    memos: usize,
}

impl Packing {
    /// Begins the next frame, in the memory of the last.
    pub fn begin(&mut self) {
        frame::begin(&mut self.octets);
        self.count = 0;
        self.mails.clear();
        self.memos.clear();
        self.refers.clear();
        self.leaves.clear();
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Octets of the frame so far.
    pub fn length(&self) -> u64 {
        self.octets.len() as u64
    }

    /// To undo an entry of new mails only.
    pub fn mark(&self) -> Mark {
        Mark { octets: self.octets.len(), count: self.count, mails: self.mails.len(), memos: self.memos.len() }
    }

    /// Takes new mails out again.
    pub fn undo(&mut self, mark: &Mark) {
        self.octets.truncate(mark.octets);
        self.mails.truncate(mark.mails);
        self.memos.truncate(mark.memos);
        self.count = mark.count;
    }

    /// Adds the new mails of an entry; their ids begin with `next`.
    pub fn add_mails(&mut self, entry: &Entry, next: u64) -> Vec<QueueId> {
        let ids: Vec<QueueId> = (next..).map(QueueId).take(entry.new.len()).collect();
        for (id, mail) in ids.iter().zip(&entry.new) {
            self.add(*id, mail);
        }
        ids
    }

    fn add(&mut self, id: QueueId, mail: &Mail<Received>) {
        let (offset, standing, draft) = (self.octets.len(), mail.standing(), mail.draft());
        let sum = (!mail.is_plain()).then_some(&standing);
        let length = put_mail(&mut self.octets, id, draft, sum);
        self.packed(Packed { id, offset, length, new: Some(standing), sides: sides(draft) });
        if let Some(memo) = mail.memo() {
            let offset = self.octets.len();
            let length = put_memo(&mut self.octets, id, &memo, draft);
            self.packed_memo(PackedMemo { id, offset, length });
        }
    }

    /// Adds the record of a memo that was written to `octets` already.
    pub fn packed_memo(&mut self, packed: PackedMemo) {
        self.count += 1;
        self.memos.push(packed);
    }

    /// Adds what was written to `octets` already.
    pub fn packed(&mut self, packed: Packed) {
        self.count += 1;
        self.mails.push(packed);
    }

    /// Adds a fact, here and to the index, which has it before it is written: if that fails, the spool has failed too.
    /// A fact about a mail that is gone is nothing.
    pub fn add_fact(&mut self, index: &mut Index, fact: &Fact) {
        let id = fact.mail();
        // What becomes of a ticket or a key is remembered beyond the life of its mail.
        let of_memo = matches!(fact, Fact::Redeemed { .. } | Fact::Swept { .. } | Fact::Unkeyed { .. });
        if index.get(id).is_none() && !(of_memo && index.memos.get(id).is_some()) {
            return;
        }
        self.refers.extend(index.segments_of(id));
        match fact {
            Fact::Advanced { draft, .. } => self.add_draft(index, fact, draft),
            _ => {
                put_fact(&mut self.octets, fact);
                self.count += 1;
                self.leaves.extend(index.note(fact.clone()));
            }
        }
    }

    /// What a stage has made of a mail takes the place of its record.
    fn add_draft(&mut self, index: &mut Index, fact: &Fact, draft: &Draft) {
        let id = fact.mail();
        let Some(mut standing) = index.get(id).map(|kept| kept.standing.clone()) else { return };
        standing.note(fact);
        self.leaves.extend(index.note(fact.clone()));
        let offset = self.octets.len();
        let length = put_mail(&mut self.octets, id, draft, Some(&standing));
        self.packed(Packed { id, offset, length, new: None, sides: sides(draft) });
    }
}

/// The side files that a draft names, each once.
fn sides(draft: &Draft) -> Vec<String> {
    let name = |piece: &postrider_engine::Piece| match piece {
        postrider_engine::Piece::Side(file, _) => Some(file.name().to_owned()),
        postrider_engine::Piece::Memory(_) => None,
    };
    let mut sides: Vec<String> = draft.content.pieces().iter().filter_map(name).collect();
    sides.sort_unstable();
    sides.dedup();
    sides
}
