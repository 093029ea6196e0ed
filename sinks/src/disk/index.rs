//! The index: per mail where its record lies and how it stands, what is remembered of it, and nothing else.
//!
//! Whoever adds a mail or a fact here has written it before, or has just read it.

use std::collections::{BinaryHeap, HashMap};

use postrider_engine::{Fact, HeldWhy, Kept, Look, MailStatus, Memos, Place, QueueId, Seen, Standing};

use super::intern::Interner;

/// All mails that are not done.
#[derive(Default)]
pub(super) struct Index {
    mails: HashMap<QueueId, Kept>,
    /// Beyond the life of the mails.
    pub memos: Memos,
    /// Only for the few that have some.
    sides: HashMap<QueueId, Box<[Box<str>]>>,
    interner: Interner,
}

/// A record that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Live {
    /// That of a mail.
    Mail(QueueId),
    /// What is remembered of one.
    Memo(QueueId),
}

/// What is no longer needed of a mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leaves {
    /// The record that no longer counts.
    pub place: Place,
    /// Side files that one mail fewer names.
    pub sides: Box<[Box<str>]>,
}

impl Leaves {
    /// A record that names no side file.
    pub fn of_record(place: Place) -> Self {
        Leaves { place, sides: Box::default() }
    }

    /// Side files alone.
    pub fn of_sides(sides: &[String]) -> Self {
        let place = Place { segment: 0, offset: 0, length: 0 };
        Leaves { place, sides: sides.iter().map(|side| side.as_str().into()).collect() }
    }
}

impl Index {
    /// How many mails there are.
    pub fn len(&self) -> usize {
        self.mails.len()
    }

    /// Adds a mail, or puts a later record in the place of an earlier one, which then leaves.
    pub fn insert(&mut self, id: QueueId, kept: Kept, sides: &[String]) -> Option<Leaves> {
        let before = self.remove(id);
        if !sides.is_empty() {
            self.sides.insert(id, sides.iter().map(|side| side.as_str().into()).collect());
        }
        self.mails.insert(id, kept);
        before
    }

    /// Adds a fact. If it was the last one, the mail leaves.
    pub fn note(&mut self, mut fact: Fact) -> Option<Leaves> {
        let id = fact.mail();
        self.interner.share(&mut fact);
        self.memos.note(&fact, self.mails.get(&id).map(|kept| &kept.standing));
        let kept = self.mails.get_mut(&id)?;
        kept.standing.note(&fact);
        if kept.standing.is_done() {
            self.remove(id)
        } else {
            None
        }
    }

    /// Takes a mail out.
    pub fn remove(&mut self, id: QueueId) -> Option<Leaves> {
        let kept = self.mails.remove(&id)?;
        Some(Leaves { place: kept.place, sides: self.sides.remove(&id).unwrap_or_default() })
    }

    /// A mail that is not done.
    pub fn get(&self, id: QueueId) -> Option<&Kept> {
        self.mails.get(&id)
    }

    /// The side files that a mail names.
    pub fn sides(&self, id: QueueId) -> Vec<String> {
        self.sides.get(&id).map_or_else(Vec::new, |sides| sides.iter().map(ToString::to_string).collect())
    }

    /// All ids, ascending.
    pub fn ids(&self) -> Vec<QueueId> {
        let mut ids: Vec<QueueId> = self.mails.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The records that lie in this segment and count, in the order of their places.
    pub fn in_segment(&self, segment: u64) -> Vec<Live> {
        let inside = self.mails.iter().filter(|(_, kept)| kept.place.segment == segment);
        let mails = inside.map(|(id, kept)| (kept.place.offset, Live::Mail(*id)));
        let memos = self.memos.in_segment(segment).map(|(offset, id)| (offset, Live::Memo(id)));
        let mut found: Vec<(u32, Live)> = mails.chain(memos).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, live)| live).collect()
    }

    /// Where a record lies.
    pub fn place(&self, live: Live) -> Option<Place> {
        match live {
            Live::Mail(id) => self.mails.get(&id).map(|kept| kept.place),
            Live::Memo(id) => self.memos.get(id).map(|memo| memo.place),
        }
    }

    /// The segments with a record of this mail.
    pub fn segments_of(&self, id: QueueId) -> impl Iterator<Item = u64> + '_ {
        let places = [self.place(Live::Mail(id)), self.place(Live::Memo(id))];
        places.into_iter().flatten().map(|place| place.segment)
    }

    /// Answers a question; not what is overdue, which is the log's to ask.
    pub fn look(&self, look: Look) -> Seen {
        match look {
            Look::Left(id) => {
                let standing = self.mails.get(&id).map(|kept| &kept.standing);
                let left = standing.map(|standing| (standing.left(), standing.priority()));
                Seen::Left(id, left, standing.map(Standing::aside).unwrap_or_default())
            }
            Look::Kept(id, who) => Seen::Kept(id, who, self.mails.get(&id).cloned()),
            Look::Held => Seen::Held(self.held()),
            Look::All => Seen::All(self.mails.iter().map(|(id, kept)| (*id, kept.standing.aside())).collect()),
            Look::Behind(behind, most) => Seen::Behind(self.behind(behind, most)),
            Look::Key(key) => Seen::Key(key, self.memos.of_key(key)),
            Look::Status(id) => {
                let standing = self.mails.get(&id).map(|kept| (&kept.standing, kept.place));
                Seen::Status(id, MailStatus::of(standing, self.memos.get(id)).map(Box::new))
            }
            Look::Ticket(id) => Seen::Ticket(id, self.memos.get(id).map(|memo| memo.ticket)),
            Look::Overdue(_) => Seen::Overdue(Vec::new(), self.memos.next()),
        }
    }

    /// One pass, and no more in memory than what is asked for.
    fn behind(&self, behind: QueueId, most: usize) -> Vec<QueueId> {
        let mut found = BinaryHeap::with_capacity(most.min(self.mails.len()) + 1);
        for id in self.mails.keys().filter(|id| **id > behind) {
            found.push(*id);
            if found.len() > most {
                found.pop(); // the largest
            }
        }
        found.into_sorted_vec()
    }

    fn held(&self) -> Vec<(QueueId, HeldWhy)> {
        let held = |(id, kept): (&QueueId, &Kept)| Some((*id, kept.standing.held()?.clone()));
        let mut held: Vec<_> = self.mails.iter().filter_map(held).collect();
        held.sort_unstable_by_key(|(id, _)| *id);
        held
    }
}
