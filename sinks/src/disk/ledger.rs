//! The ledger: what each segment is still needed for.
//!
//! A segment is freed only when no mail's current record lies in it, nothing in it speaks of a record that lies in an
//! older segment which is not durably freed yet, and a later segment has a synced frame. What makes a record lose its
//! worth counts from the moment it is synced, not when it is written.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::index::Leaves;

#[derive(Default)]
struct Account {
    /// Records of mails that are not done.
    live: u64,
    live_octets: u64,
    /// Octets of the file.
    octets: u64,
    /// Older segments that hold records of mails that this one speaks of.
    refers: BTreeSet<u64>,
    /// It is on its way to be freed.
    freeing: bool,
}

/// What each segment is needed for.
#[derive(Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<u64, Account>,
    /// Records that have lost their worth by a frame that may not be synced yet.
    leaving: VecDeque<(u64, Leaves)>,
    /// The segment in which the last synced frame lies: all before it are synced.
    synced: u64,
}

impl Ledger {
    /// A segment is in use from now on.
    pub fn open(&mut self, segment: u64, octets: u64) {
        self.accounts.entry(segment).or_default().octets = octets;
    }

    /// A mail's record was written there.
    pub fn record(&mut self, segment: u64, octets: u32) {
        let account = self.accounts.entry(segment).or_default();
        account.live += 1;
        account.live_octets += u64::from(octets);
    }

    /// Something in segment `from` speaks of a mail whose record lies in `to`.
    pub fn refer(&mut self, from: u64, to: u64) {
        if from != to && self.accounts.contains_key(&to) {
            self.accounts.entry(from).or_default().refers.insert(to);
        }
    }

    /// This record loses its worth when frame `number` is synced.
    pub fn leave(&mut self, number: u64, leaves: Leaves) {
        self.leaving.push_back((number, leaves));
    }

    /// All frames up to this number are synced; the last lies in `segment`. Gives the side files that lose a mail.
    pub fn synced(&mut self, number: u64, segment: u64) -> Vec<Box<str>> {
        self.synced = self.synced.max(segment);
        let mut sides = Vec::new();
        while self.leaving.front().is_some_and(|(frame, _)| *frame <= number) {
            let Some((_, leaves)) = self.leaving.pop_front() else { break };
            if let Some(account) = self.accounts.get_mut(&leaves.place.segment) {
                account.live = account.live.saturating_sub(1);
                account.live_octets = account.live_octets.saturating_sub(u64::from(leaves.place.length));
            }
            sides.extend(leaves.sides);
        }
        sides
    }

    /// The segments that may be freed now, and their octets. They are on their way from here on.
    pub fn take_free(&mut self) -> Vec<(u64, u64)> {
        let free = |(segment, account): (&u64, &mut Account)| {
            let needed = account.live > 0 || !account.refers.is_empty() || account.freeing || *segment >= self.synced;
            account.freeing |= !needed;
            (!needed).then_some((*segment, account.octets))
        };
        self.accounts.iter_mut().filter_map(free).collect()
    }

    /// A segment is durably freed: what spoke of its mails need not be kept for that any more.
    pub fn freed(&mut self, segment: u64) {
        self.accounts.remove(&segment);
        for account in self.accounts.values_mut() {
            account.refers.remove(&segment);
        }
    }

    /// A segment is on its way to be freed.
    pub fn is_freeing(&self) -> bool {
        self.accounts.values().any(|account| account.freeing)
    }

    /// How many segments are in use.
    pub fn segments(&self) -> usize {
        self.accounts.len()
    }

    /// Octets of all segments in use.
    pub fn octets(&self) -> u64 {
        self.accounts.values().map(|account| account.octets).sum()
    }

    /// Octets of all records that count.
    pub fn live_octets(&self) -> u64 {
        self.accounts.values().map(|account| account.live_octets).sum()
    }

    /// Of the segments that could be freed at once if they were empty, the one that is cheapest to empty: its sequence,
    /// and the octets of its records that count. Not one of which `but` says so.
    pub fn emptiest(&self, but: impl Fn(u64) -> bool) -> Option<(u64, u64)> {
        let may = |segment: u64, account: &Account| {
            !account.freeing && account.live > 0 && account.refers.is_empty() && segment < self.synced && !but(segment)
        };
        let candidates = self.accounts.iter().filter(|(segment, account)| may(**segment, account));
        candidates
            .filter(|(_, account)| account.live_octets < account.octets)
            .max_by_key(|(_, account)| account.octets - account.live_octets)
            .map(|(segment, account)| (*segment, account.live_octets))
    }

    /// The oldest segment that is not on its way to be freed, if a later one has a synced frame: its sequence, and
    /// the octets of its records that count.
    pub fn oldest(&self) -> Option<(u64, u64)> {
        let (segment, account) = self.accounts.iter().find(|(_, account)| !account.freeing)?;
        (*segment < self.synced).then_some((*segment, account.live_octets))
    }
}
