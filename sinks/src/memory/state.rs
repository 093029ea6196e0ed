//! What is in the memory spool: owned by one thread, which does one thing after the other.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{atomic::Ordering, mpsc, Arc},
    thread,
    time::Duration,
};

use postrider_engine::{
    Applied, Batch, Claim, Draft, Entry, Fact, FetchError, Kept, Look, Mail, MailStatus, Memos, NoSpace, NotWritten,
    Place, QueueId, Receipt, Received, Seen, SpoolFailed, Standing,
};

use super::{asking::Pause, Names, Order, Space};

/// All that the thread owns.
pub(super) struct State {
    pub mails: BTreeMap<QueueId, Stored>,
    pub memos: Memos,
    /// Whom the mails were for that are remembered.
    pub names: HashMap<QueueId, Names>,
    pub next: u64,
    pub failed: Option<Arc<str>>,
    pub pause: Duration,
    pub space: Arc<Space>,
}

pub(super) struct Stored {
    standing: Standing,
    draft: Draft,
    /// Counts the drafts of this mail: a place names one of them.
    version: u32,
    octets: u64,
}

impl Stored {
    fn place(&self) -> Place {
        Place { segment: 0, offset: self.version, length: 0 }
    }
}

impl State {
    /// Runs until nobody can ask any more.
    pub fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            match order {
                Order::Apply(batch, pause, answer) => {
                    let left = if pause == Pause::Here { self.pause } else { Duration::ZERO };
                    if pause == Pause::There && !batch.entries.is_empty() {
                        thread::sleep(self.pause);
                    }
                    answer((self.apply(batch), left));
                }
                Order::Fetch(id, place, answer) => answer(self.fetch(id, place)),
                Order::Mails(answer) => drop(answer.send((self.mails.keys().copied().collect(), QueueId(self.next)))),
                Order::Names(id, answer) => answer(self.names(id)),
                Order::Remember(most) => {
                    let unneeded = self.memos.limit(most);
                    self.forget(unneeded);
                }
                Order::Fail(reason) => self.failed = Some(reason),
                Order::Slow(pause) => self.pause = pause,
            }
        }
    }

    fn apply(&mut self, batch: Batch) -> Result<Applied, SpoolFailed> {
        if let Some(reason) = &self.failed {
            return Err(SpoolFailed { reason: Arc::clone(reason) });
        }
        if !batch.entries.is_empty() {
            self.space.batches.fetch_add(1, Ordering::Relaxed);
        }
        let receipts = batch.entries.into_iter().map(|entry| self.enter(entry)).collect();
        let seen = batch.looks.into_iter().map(|look| self.look(look)).collect();
        Ok(Applied { receipts, seen })
    }

    fn enter(&mut self, entry: Entry) -> Result<Receipt, NotWritten> {
        self.memos.admit(&entry)?;
        let octets: u64 = entry.new.iter().map(|mail| mail.draft().content.len()).sum();
        let limit = self.space.limit.load(Ordering::Relaxed);
        let has_space = match entry.claim() {
            Claim::Free => self.space.used.load(Ordering::Relaxed).saturating_add(octets) <= limit,
            Claim::Spare => self.space.spare.load(Ordering::Relaxed),
            Claim::Reserve => true,
        };
        if !has_space {
            return Err(NoSpace.into());
        }
        let ids = entry.new.iter().map(|mail| self.store(mail)).collect();
        entry.facts.iter().for_each(|fact| self.note(fact));
        #[allow(clippy::disallowed_methods, reason = "this is a spool, and the entry is in it")]
        Ok(Receipt::after_write(ids, entry))
    }

    fn store(&mut self, mail: &Mail<Received>) -> QueueId {
        let id = QueueId(self.next);
        self.next += 1;
        let (draft, standing) = (mail.draft(), mail.standing());
        let octets = draft.content.len();
        if !standing.is_done() {
            self.space.used.fetch_add(octets, Ordering::Relaxed);
            self.mails.insert(id, Stored { standing, draft: draft.clone(), version: 0, octets });
        }
        if let Some(memo) = mail.memo() {
            let to = draft.envelope.recipients.iter().map(|(no, to)| (no, to.address.clone()));
            self.names.insert(id, to.collect());
            let unneeded = self.memos.insert(id, memo);
            self.memos.place(id, Place { segment: id.0, offset: 0, length: 1 }); // by which it is forgotten
            self.forget(unneeded);
        }
        id
    }

    fn forget(&mut self, unneeded: Vec<Place>) {
        unneeded.into_iter().for_each(|place| drop(self.names.remove(&QueueId(place.segment))));
    }

    fn names(&self, id: QueueId) -> Result<Names, FetchError> {
        let of_draft =
            |mail: &Stored| mail.draft.envelope.recipients.iter().map(|(no, to)| (no, to.address.clone())).collect();
        self.names.get(&id).cloned().or_else(|| self.mails.get(&id).map(of_draft)).ok_or(FetchError::Moved)
    }

    fn note(&mut self, fact: &Fact) {
        self.memos.note(fact, self.mails.get(&fact.mail()).map(|mail| &mail.standing));
        let Some(mail) = self.mails.get_mut(&fact.mail()) else { return };
        mail.standing.note(fact);
        if let Fact::Advanced { draft, .. } = fact {
            mail.draft = Draft::clone(draft);
            mail.version += 1;
        }
        if mail.standing.is_done() {
            self.space.used.fetch_sub(mail.octets, Ordering::Relaxed);
            self.mails.remove(&fact.mail());
        }
    }

    fn look(&mut self, look: Look) -> Seen {
        match look {
            Look::Left(id) => {
                let standing = self.mails.get(&id).map(|mail| &mail.standing);
                let left = standing.map(|standing| (standing.left(), standing.priority()));
                Seen::Left(id, left, standing.map(Standing::aside).unwrap_or_default())
            }
            Look::Kept(id, who) => {
                let kept = |mail: &Stored| Kept { standing: mail.standing.clone(), place: mail.place() };
                Seen::Kept(id, who, self.mails.get(&id).map(kept))
            }
            Look::All => Seen::All(self.mails.iter().map(|(id, mail)| (*id, mail.standing.aside())).collect()),
            Look::Behind(behind, most) => {
                let range = self.mails.range((Bound::Excluded(behind), Bound::Unbounded));
                Seen::Behind(range.take(most).map(|(id, _)| *id).collect())
            }
            Look::Key(key) => Seen::Key(key, self.memos.of_key(key)),
            Look::Status(id) => {
                let standing = self.mails.get(&id).map(|mail| (&mail.standing, mail.place()));
                Seen::Status(id, MailStatus::of(standing, self.memos.get(id)).map(Box::new))
            }
            Look::Ticket(id) => Seen::Ticket(id, self.memos.get(id).map(|memo| memo.ticket)),
            Look::Overdue(now) => {
                let found = self.memos.overdue(now);
                self.forget(found.forgotten);
                Seen::Overdue(found.unredeemed, self.memos.next())
            }
            Look::Held => {
                let held = |(id, mail): (&QueueId, &Stored)| Some((*id, mail.standing.held()?.clone()));
                Seen::Held(self.mails.iter().filter_map(held).collect())
            }
        }
    }

    fn fetch(&self, id: QueueId, place: Place) -> Result<Draft, FetchError> {
        let mail = self.mails.get(&id).filter(|mail| mail.place() == place).ok_or(FetchError::Moved)?;
        Ok(Draft::new(mail.draft.envelope.clone(), mail.draft.content.clone()))
    }
}
