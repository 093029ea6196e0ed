//! What happens to an input on its way: it ends too early, or bits of it are others.
//!
//! Rule: which, is drawn from the seed and from names: the same words on the command line give the same copies.

use std::borrow::Cow;

use crate::{arguments::Arguments, draw::draw};

/// All copies of an input that is cut have so many octets together, or it is cut more rarely.
const MOST_OCTETS: usize = 16 << 20;
/// Bits that are flipped in one copy.
const MOST_BITS: u64 = 4;

/// A copy of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    None,
    /// It ends here.
    CutAt(usize),
    /// Bits are flipped, by this number.
    Flipped(u64),
}

/// All copies of an input with so many octets.
pub fn all(length: usize, arguments: &Arguments) -> impl Iterator<Item = Damage> {
    let step = match length <= arguments.long {
        true => 1,
        false => arguments.every.max(length.saturating_mul(length) / 2 / MOST_OCTETS),
    };
    let flips = if length == 0 { 0 } else { arguments.flips as u64 };
    let seed = arguments.seed;
    let cuts = (0..length).step_by(step).map(Damage::CutAt);
    let flipped = (0..flips).map(move |number| Damage::Flipped(draw(u64::MAX, (seed, length, number))));
    [Damage::None].into_iter().chain(cuts).chain(flipped)
}

impl Damage {
    pub fn of(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Damage::None => octets.into(),
            Damage::CutAt(at) => octets[..at.min(octets.len())].into(),
            Damage::Flipped(number) => {
                let mut octets = octets.to_vec();
                for bit in 0..=draw(MOST_BITS, (number, "bits")) {
                    let at = draw(octets.len() as u64 * 8, (number, bit, "bit")) as usize;
                    octets[at / 8] ^= 1 << (at % 8);
                }
                octets.into()
            }
        }
    }
}
