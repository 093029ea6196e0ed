//! Finds what was there before and refers to it.
//!
//! Rule: of the longest matches the oldest is taken, as the examples of the specification do; so the same RTF is always the same octets.

use super::{BEGINNING, LONGEST, RING, SHORTEST};

/// Places that are looked at for the longest match: more would win little.
const MOST_TRIED: usize = 32;
/// Chains of places with the same two octets at the beginning.
const CHAINS: usize = 1 << 12;
const NOWHERE: u32 = u32::MAX;

/// Finds what was there before.
pub(super) struct Packer {
    all: Vec<u8>,
    /// The last place of each chain, and the place before each.
    last: Vec<u32>,
    before: Vec<u32>,
    packed: Vec<u8>,
    control: usize,
    bits: u8,
}

impl Packer {
    pub fn new(rtf: &[u8]) -> Self {
        let all = [&BEGINNING[..], rtf].concat();
        let mut packer = Packer {
            last: vec![NOWHERE; CHAINS],
            before: vec![NOWHERE; RING],
            packed: Vec::with_capacity(rtf.len() / 2 + 16),
            all,
            control: 0,
            bits: 8,
        };
        (0..BEGINNING.len()).for_each(|at| packer.remember(at));
        packer
    }

    /// The contents of a compressed RTF.
    pub fn pack(mut self) -> Vec<u8> {
        let mut at = BEGINNING.len();
        while at < self.all.len() {
            let (from, length) = self.longest(at);
            if length < SHORTEST {
                self.say(false, &[self.all[at]]);
                self.remember(at);
                at += 1;
                continue;
            }
            self.refer(from % RING, length);
            (at..at + length).for_each(|one| self.remember(one));
            at += length;
        }
        self.refer(at % RING, SHORTEST);
        self.packed
    }

    fn chain(&self, at: usize) -> Option<usize> {
        let two = self.all.get(at..at + SHORTEST)?;
        Some((usize::from(two[0]) << 4 ^ usize::from(two[1])) % CHAINS)
    }

    fn remember(&mut self, at: usize) {
        if let Some(chain) = self.chain(at) {
            self.before[at % RING] = std::mem::replace(&mut self.last[chain], u32::try_from(at).unwrap_or(NOWHERE));
        }
    }

    /// The place of the longest match and its length; zero: there is none.
    fn longest(&self, at: usize) -> (usize, usize) {
        let most = LONGEST.min(self.all.len() - at);
        let (mut best, mut tried) = ((0, 0), 0);
        let mut place = self.chain(at).map_or(NOWHERE, |chain| self.last[chain]);
        while place != NOWHERE && tried < MOST_TRIED && best.1 < most {
            let from = place as usize;
            // One less than the ring: a whole ring back is the place that is written next, which says the end.
            if at - from >= RING {
                break;
            }
            let length = (0..most).take_while(|more| self.all[from + more] == self.all[at + more]).count();
            if length >= best.1 {
                // of equal ones the oldest, as in the examples of the specification
                best = (from, length);
            }
            (place, tried) = (self.before[from % RING], tried + 1);
            if place != NOWHERE && place as usize >= from {
                break; // its place was taken by a younger one
            }
        }
        best
    }

    fn refer(&mut self, offset: usize, length: usize) {
        let reference = offset << 4 | (length - SHORTEST);
        self.say(true, &[(reference >> 8) as u8, (reference & 0xFF) as u8]);
    }

    fn say(&mut self, is_reference: bool, octets: &[u8]) {
        if self.bits == 8 {
            self.control = self.packed.len();
            self.packed.push(0);
            self.bits = 0;
        }
        self.packed[self.control] |= u8::from(is_reference) << self.bits;
        self.bits += 1;
        self.packed.extend_from_slice(octets);
    }
}
