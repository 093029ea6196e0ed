//! A plain model of a spool: what is in it after each batch. Recovery must find one of these states, and none older than
//! what was acknowledged.
//!
//! Entries are atomic, and a batch is one frame, unless it is larger than a segment: of such a batch, while nobody has an
//! answer to it, a crash may leave the first entries without those behind them.

use std::collections::BTreeMap;

use postrider_engine::{
    Applied, Batch, BoxFuture, Claim, Draft, Durability, Entry, Fact, HeldBy, HeldWhy, Look, Moment, NotWritten,
    QueueId, RcptNo, Seen, Spool, SpoolFailed, Standing, Success,
};
use proptest::prelude::*;

use super::{super::DiskSpool, harness::*, model_memos::*};

/// One thing that a history does. Numbers choose among what is there.
#[derive(Clone, Debug)]
pub enum Step {
    Mail {
        recipients: u32,
        octets: usize,
    },
    Fact {
        mail: usize,
        kind: u8,
        recipient: u32,
    },
    /// A mail of which something is remembered: under a key, with a ticket, or neither.
    Remembered {
        key: Option<u8>,
        prepared: bool,
        octets: usize,
    },
    /// A ticket is redeemed, or swept.
    Ticket {
        mail: usize,
        /// `None`: its key is given up.
        redeemed: Option<bool>,
    },
    /// The end of a stage in which others took the place of a recipient, with a mail for the members of a list.
    Expand {
        mail: usize,
        recipient: u32,
        octets: usize,
    },
}

/// Steps written together.
#[derive(Clone, Debug)]
pub struct Together {
    pub steps: Vec<Step>,
    pub synced: bool,
    /// The next batch is handed over only when this one, and those before, are answered.
    pub waits: bool,
}

pub fn step() -> impl Strategy<Value = Step> {
    let mail = (1..4_u32, 0..6000_usize).prop_map(|(recipients, octets)| Step::Mail { recipients, octets });
    let fact =
        (any::<usize>(), 0..14_u8, 0..4_u32).prop_map(|(mail, kind, recipient)| Step::Fact { mail, kind, recipient });
    let expand = (any::<usize>(), 0..4_u32, 0..3000_usize).prop_map(|(mail, recipient, octets)| Step::Expand {
        mail,
        recipient,
        octets,
    });
    let remembered = (prop::option::of(0..KEYS), any::<bool>(), 0..3000_usize)
        .prop_map(|(key, prepared, octets)| Step::Remembered { key, prepared, octets });
    let ticket = (any::<usize>(), any::<Option<bool>>()).prop_map(|(mail, redeemed)| Step::Ticket { mail, redeemed });
    prop_oneof![2 => mail, 5 => fact, 1 => expand, 2 => remembered, 1 => ticket]
}

pub fn together() -> impl Strategy<Value = Together> {
    (prop::collection::vec(step(), 1..4), prop::bool::weighted(0.7), any::<bool>())
        .prop_map(|(steps, synced, waits)| Together { steps, synced, waits })
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub mails: BTreeMap<u64, (Standing, Vec<u8>)>,
    pub memos: BTreeMap<u64, Remembered>,
    pub keys: BTreeMap<u8, u64>,
    pub next: u64,
}

/// The states after each batch that was handed over, and how many of them are acknowledged.
pub struct Model {
    pub states: Vec<State>,
    /// States within a batch that may take more than one frame, each with the number of the state after that batch.
    within: Vec<(State, usize)>,
    pub synced: usize,
    pub written: usize,
    /// Batches without an answer so far: which states they made, and whether the answer means that they are synced.
    pending: Vec<(usize, bool, Answer)>,
}

type Answer = BoxFuture<'static, Result<Applied, SpoolFailed>>;

pub fn octets(id: u64, length: usize) -> Vec<u8> {
    (0..length).map(|n| (id as u8).wrapping_mul(31).wrapping_add(n as u8)).collect()
}

impl Model {
    pub fn new() -> Self {
        let states = vec![State { next: 1, ..State::default() }];
        Model { states, within: Vec::new(), synced: 0, written: 0, pending: Vec::new() }
    }

    fn now(&self) -> State {
        self.states.last().unwrap().clone()
    }

    /// Hands a batch over to both; says whether the spool still lives.
    pub fn apply(&mut self, spool: &mut DiskSpool, together: &Together) -> bool {
        let entries = self.enter(&together.steps);
        let durability = if together.synced { Durability::Synced } else { Durability::Written };
        let synced = together.synced && !entries.is_empty();
        let answer = spool.apply(Batch { entries, looks: Vec::new(), durability });
        self.pending.push((self.states.len() - 1, synced, answer));
        !together.waits || self.answered()
    }

    /// The entries of a batch; the states that it makes are noted.
    fn enter(&mut self, steps: &[Step]) -> Vec<Entry> {
        let (mut state, mut octets, mut entries) = (self.now(), 0, Vec::new());
        let known = state.next;
        for step in steps {
            let before = state.clone();
            let Some(entry) = entry(&mut state, known, step) else { continue };
            // Nothing is in the state of an entry whose key is known.
            octets += at_most(&entry);
            if octets > small().segment_octets && entry.claim() != Claim::Reserve {
                self.within.push((before, self.states.len()));
            }
            entries.push(entry);
        }
        self.states.push(state);
        entries
    }

    /// Waits for all answers; says whether the spool still lives.
    pub fn answered(&mut self) -> bool {
        let mut lives = true;
        for (state, synced, answer) in std::mem::take(&mut self.pending) {
            match wait(answer) {
                Ok(applied) => {
                    let is_good = |receipt: &Result<_, _>| matches!(receipt, Ok(_) | Err(NotWritten::KeyKnown(_)));
                    assert!(applied.receipts.iter().all(is_good), "there is space");
                    self.written = state;
                    self.synced = if synced { state } else { self.synced };
                }
                Err(_) => lives = false,
            }
        }
        lives
    }

    /// What was recovered is a state of the history, none older than this one; the history goes on from there.
    pub fn rebase(&mut self, spool: &mut DiskSpool, at_least: usize) -> Result<(), TestCaseError> {
        let found = state_of(spool);
        let same = |state: &&State| **state == found;
        let within = self.within.iter().filter(|(_, batch)| *batch > at_least).map(|(state, _)| state);
        let Some(state) = self.states[at_least..].iter().chain(within).find(same).cloned() else {
            let older = self.states.iter().rposition(|state| *state == found);
            let ids = (found.mails.keys().collect::<Vec<_>>(), &found.memos, &found.keys, found.next);
            return Err(TestCaseError::fail(format!(
                "found {ids:?}, which is state {older:?} of 0..{}, wanted at least {at_least}: {:?}",
                self.states.len(),
                self.states[at_least]
            )));
        };
        *self = Model { states: vec![state], ..Model::new() };
        Ok(())
    }
}

/// More octets than this an entry does not add to a frame.
fn at_most(entry: &Entry) -> u64 {
    const ENVELOPE_AND_FACTS: u64 = 1 << 10;
    let new = entry.new.iter().map(|mail| mail.draft().content.octets_in_memory() as u64 + ENVELOPE_AND_FACTS);
    new.sum::<u64>() + entry.advanced_octets() + ENVELOPE_AND_FACTS
}

/// All that is in a spool.
pub fn state_of(spool: &mut DiskSpool) -> State {
    let mut found = State { next: spool.recovered().next.0, ..State::default() };
    for QueueId(id) in spool.take_mails() {
        let standing = spool.kept(id).unwrap().standing;
        let text = text_of(spool, id);
        found.mails.insert(id, (standing, text));
    }
    for id in 1..found.next {
        found.memos.extend(remembered(spool, id).map(|memo| (id, memo)));
    }
    for key in 0..KEYS {
        if let Seen::Key(_, Some(id)) = spool.look(Look::Key(hash(key))) {
            found.keys.insert(key, id.0);
        }
    }
    found
}

/// Facts are about mails that were there before the batch: nobody knows the ids of those in it.
fn entry(state: &mut State, known: u64, step: &Step) -> Option<Entry> {
    match step {
        Step::Mail { recipients, octets: length } => {
            let id = state.next;
            state.next += 1;
            let draft = draft(*recipients, octets(id, *length));
            let standing = Standing::new(draft.envelope.recipients.numbers());
            state.mails.insert(id, (standing, draft.content.head(usize::MAX).unwrap()));
            Some(Entry::mail(draft))
        }
        Step::Remembered { key, prepared, octets: length } => Some(remembered_entry(state, *key, *prepared, *length)),
        Step::Ticket { mail, redeemed } => {
            let known: Vec<u64> = state.memos.range(..known).map(|(id, _)| *id).collect();
            let (mail, until) = (QueueId(*known.get(mail % known.len().max(1))?), Moment(9_000));
            let fact = match redeemed {
                Some(true) => Fact::Redeemed { mail, until },
                Some(false) => Fact::Swept { mail, until },
                None => Fact::Unkeyed { mail, until },
            };
            if redeemed.is_none() {
                state.keys.retain(|_, id| *id != mail.0);
            }
            note(state, mail.0, &fact);
            Some(Entry::facts(vec![fact]))
        }
        Step::Fact { mail, kind, recipient } => {
            let id = chosen(state, known, *mail)?;
            let fact = fact(id, *kind, *recipient);
            note(state, id, &fact);
            Some(Entry::facts(vec![fact]))
        }
        Step::Expand { mail, recipient, octets } => {
            let id = chosen(state, known, *mail)?;
            let facts = expanded(id, RcptNo(*recipient), state.mails.get(&id)?.0.known());
            facts.iter().for_each(|fact| note(state, id, fact));
            let list = entry(state, known, &Step::Mail { recipients: 2, octets: *octets })?;
            Some(Entry { facts, ..list })
        }
    }
}

fn chosen(state: &State, known: u64, mail: usize) -> Option<u64> {
    let count = state.mails.range(..known).count().max(1);
    state.mails.range(..known).nth(mail % count).map(|(id, _)| *id)
}

fn note(state: &mut State, id: u64, fact: &Fact) {
    let standing = state.mails.get(&id).map(|(standing, _)| standing);
    if let Some(remembered) = state.memos.get_mut(&id) {
        note_memo(remembered, fact, standing);
    }
    let Some((standing, text)) = state.mails.get_mut(&id) else { return };
    standing.note(fact);
    if let Fact::Advanced { draft, .. } = fact {
        *text = draft.content.head(usize::MAX).unwrap();
    }
    if standing.is_done() {
        state.mails.remove(&id);
    }
}

/// Two stand for one of four recipients, and one of the two fails.
fn expanded(id: u64, from: RcptNo, next: u32) -> Vec<Fact> {
    let mail = QueueId(id);
    let mut draft = advanced(id, from.0);
    let others = (0..4.max(next)).map(RcptNo).filter(|no| *no != from);
    let to = |no: RcptNo| (no, postrider_engine::Address::parse(&format!("to{no}@example.net")).unwrap().into());
    let into = vec![RcptNo(4.max(next)), RcptNo(4.max(next) + 1)];
    let list = others.chain(into.iter().copied()).map(to).collect();
    draft.envelope.recipients = postrider_engine::Recipients::restore(list, 4.max(next) + 2).unwrap();
    let failing = into[1].0;
    vec![Fact::Expanded { mail, from, into }, Fact::Advanced { mail, draft }, failed(id, &[failing])]
}

fn fact(id: u64, kind: u8, recipient: u32) -> Fact {
    let mail = QueueId(id);
    let recipients = vec![RcptNo(recipient)];
    match kind {
        0..=2 => delivered(id, &[0, 1, 2, 3]),
        3 => delivered(id, &[recipient]),
        4 => failed(id, &[recipient]),
        5 => scheduled(id, &[recipient], recipient + 1),
        6 => Fact::Attempting { mail, recipients, host: "mx".into() },
        7 => Fact::Reported { mail, recipients },
        8 => Fact::Warned { mail, recipients },
        9 => confirmed(id, &[recipient], Success::Delivered),
        10 => confirmed(id, &[recipient], Success::Relayed),
        11 => confirmed(id, &[recipient], Success::Expanded),
        12 => Fact::Held { mail, why: HeldWhy { by: HeldBy::Operator, reason: "look".into() } },
        _ => Fact::Advanced { mail, draft: advanced(id, recipient) },
    }
}

fn advanced(id: u64, length: u32) -> Box<Draft> {
    Box::new(draft(4, octets(id + 7, length as usize * 700)))
}
