//! Compressed RTF (\[MS-OXRTFCP\]): `PidTagRtfCompressed`, both ways.
//!
//! Rule: the header is believed where the octets bear it out. What is cut short, or has another checksum, is given as far as it
//! goes, with its flaws.

use crate::{Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// What a header has for compressed octets.
const LZFU: u32 = 0x7546_5A4C;
/// And for octets that are as they are.
const MELA: u32 = 0x414C_454D;
/// Octets of a header: COMPSIZE, RAWSIZE, COMPTYPE, CRC.
const HEADER: usize = 16;
/// COMPSIZE counts what stands behind itself: twelve octets of the header, and the contents.
const COUNTED: usize = 12;

/// The dictionary: a ring, and what it has at the beginning.
const RING: usize = 4096;
const BEGINNING: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// The shortest match that is worth a reference, and the longest that one can say.
const SHORTEST: usize = 2;
const LONGEST: usize = 17;

/// How RTF is put into a `PidTagRtfCompressed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// `LZFu`: by references into a dictionary.
    #[default]
    Lzfu,
    /// `MELA`: as it is.
    Uncompressed,
}

/// The RTF that these octets hold.
///
/// # Errors
/// [`ConvertError`]: there is no header of this format, or the result is too large.
///
/// ```
/// use postrider_convert::{rtf::compressed::{compress, decompress, Compression}, Limits};
/// let rtf = br"{\rtf1\ansi\deff0 Hello Hello Hello}";
/// let packed = compress(rtf, Compression::Lzfu);
/// assert_eq!(decompress(&packed, Limits::default())?.output, rtf);
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn decompress(octets: &[u8], limits: Limits) -> Result<Converted<Vec<u8>>, ConvertError> {
    let (mut flaws, mut allowance) = (Flaws::default(), Allowance::new(limits));
    let header = Header::read(octets)?;
    let contents = contents(octets, header.size, &mut flaws);
    allowance.step(contents.len())?;
    let output = match header.kind {
        Compression::Uncompressed => {
            let size = contents.len().min(header.raw_size);
            allowance.make(size)?;
            contents[..size].to_vec()
        }
        Compression::Lzfu => {
            if checksum(contents) != header.checksum {
                flaws.note(Trouble::Checksum, COUNTED, "CRC");
            }
            unpacked(contents, header.raw_size, &mut allowance, &mut flaws)?
        }
    };
    if output.len() < header.raw_size {
        flaws.note(Trouble::Truncated, octets.len(), "RAWSIZE");
    }
    Ok(Converted { output, flaws })
}

struct Header {
    /// Octets of the contents.
    size: usize,
    raw_size: usize,
    kind: Compression,
    checksum: u32,
}

impl Header {
    fn read(octets: &[u8]) -> Result<Self, ConvertError> {
        let not = |why| ConvertError::NotThis { format: "compressed RTF", why };
        let header = octets.get(..HEADER).ok_or(not("it has fewer octets than its header"))?;
        let mut numbers =
            header.chunks_exact(4).map(|four| four.iter().rev().fold(0, |sum, octet| sum << 8 | u32::from(*octet)));
        let mut next = || numbers.next().unwrap_or_default();
        let (size, raw_size, kind, checksum) = (next() as usize, next() as usize, next(), next());
        let kind = match kind {
            LZFU => Compression::Lzfu,
            MELA => Compression::Uncompressed,
            _ => return Err(not("its COMPTYPE is neither LZFu nor MELA")),
        };
        Ok(Header { size: size.saturating_sub(COUNTED), raw_size, kind, checksum })
    }
}

/// What the header says that there is, as far as it is there. Octets behind it are left out: some writers pad.
fn contents<'a>(octets: &'a [u8], size: usize, flaws: &mut Flaws) -> &'a [u8] {
    let contents = &octets[HEADER..];
    if contents.len() > size {
        flaws.note(Trouble::Trailing, HEADER + size, "COMPSIZE");
    } else if contents.len() < size {
        flaws.note(Trouble::Truncated, octets.len(), "COMPSIZE");
    }
    &contents[..size.min(contents.len())]
}

/// CRC-32 of zlib's polynomial without its inversions.
fn checksum(octets: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
    hasher.update(octets);
    !hasher.finalize()
}

/// Follows the references. The last RING octets of the output, behind the beginning, are the dictionary.
fn unpacked(
    contents: &[u8],
    raw_size: usize,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Vec<u8>, ConvertError> {
    // Two octets say at most seventeen: whoever claims more is not believed.
    let most = raw_size.min(contents.len().saturating_mul(LONGEST / 2 + 1));
    allowance.make(most)?;
    let mut all = Vec::with_capacity(BEGINNING.len() + most + LONGEST);
    all.extend_from_slice(BEGINNING);
    let end = BEGINNING.len() + raw_size;
    let mut at = 0;
    while at < contents.len() && all.len() < end {
        let control = contents[at];
        at += 1;
        if control == 0 && contents.len() - at >= 8 {
            all.extend_from_slice(&contents[at..at + 8]);
            at += 8;
            continue;
        }
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some(literal) = contents.get(at) else { break };
                all.push(*literal);
                at += 1;
                continue;
            }
            let Some(two) = contents.get(at..at + 2) else {
                at = contents.len();
                break;
            };
            let reference = usize::from(two[0]) << 8 | usize::from(two[1]);
            at += 2;
            let (offset, length) = (reference >> 4, (reference & 15) + SHORTEST);
            if offset == all.len() % RING {
                return Ok(finished(all, end, flaws));
            }
            copy(&mut all, offset, length, at - 2, flaws);
        }
    }
    Ok(finished(all, end, flaws))
}

/// Appends what the dictionary has there. Octets that it gets meanwhile count.
fn copy(all: &mut Vec<u8>, offset: usize, length: usize, at: usize, flaws: &mut Flaws) {
    // How far behind the place that is written next it lies, around the ring.
    let back = (all.len() + RING - offset) % RING;
    match all.len().checked_sub(back) {
        Some(from) if back >= length => all.extend_from_within(from..from + length),
        Some(from) => (from..from + length).for_each(|one| all.push(all[one])),
        // Nobody has written there yet.
        None => {
            flaws.note(Trouble::OutOfBounds, HEADER + at, "reference");
            all.extend(std::iter::repeat_n(b' ', length));
        }
    }
}

/// Without the beginning of the dictionary, and no more than was announced.
fn finished(mut all: Vec<u8>, end: usize, flaws: &mut Flaws) -> Vec<u8> {
    if all.len() > end {
        flaws.note(Trouble::Trailing, end - BEGINNING.len(), "RAWSIZE");
        all.truncate(end);
    }
    all.drain(..BEGINNING.len());
    all
}

/// The octets of a `PidTagRtfCompressed` that hold this RTF. More than 4 GiB cannot be said: the rest is left out.
pub fn compress(rtf: &[u8], how: Compression) -> Vec<u8> {
    let rtf = &rtf[..rtf.len().min(u32::MAX as usize - HEADER)];
    let (kind, contents, checksum) = match how {
        Compression::Uncompressed => (MELA, rtf.to_vec(), 0),
        Compression::Lzfu => {
            let packed = Packer::new(rtf).pack();
            let checksum = checksum(&packed);
            (LZFU, packed, checksum)
        }
    };
    let mut octets = Vec::with_capacity(HEADER + contents.len());
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    for number in [size(contents.len() + COUNTED), size(rtf.len()), kind, checksum] {
        octets.extend_from_slice(&number.to_le_bytes());
    }
    octets.extend_from_slice(&contents);
    octets
}

/// Places that are looked at for the longest match: more would win little.
const MOST_TRIED: usize = 32;
/// Chains of places with the same two octets at the beginning.
const CHAINS: usize = 1 << 12;
const NOWHERE: u32 = u32::MAX;

/// Finds what was there before.
struct Packer {
    all: Vec<u8>,
    /// The last place of each chain, and the place before each.
    last: Vec<u32>,
    before: Vec<u32>,
    packed: Vec<u8>,
    control: usize,
    bits: u8,
}

impl Packer {
    fn new(rtf: &[u8]) -> Self {
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

    fn pack(mut self) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// \[MS-OXRTFCP\] 4.1.1 and 4.1.2.
    const SIMPLE: &[u8] = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
    const CROSSING: &[u8] = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4bQA\0\x04 WXYZ\rn}\x01\x0e\xb0";

    fn all(octets: &[u8]) -> (Vec<u8>, Flaws) {
        let Converted { output, flaws } = decompress(octets, Limits::default()).unwrap();
        (output, flaws)
    }

    #[test]
    fn the_examples_of_the_specification_are_read_as_it_says() {
        let table: [(&[u8], &[u8]); 3] = [
            (SIMPLE, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
            (CROSSING, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
            (
                b"\x2e\0\0\0\x22\0\0\0MELA\0\0\0\0{\\rtf1\\ansi\\ansicpg1252\\pard test}",
                b"{\\rtf1\\ansi\\ansicpg1252\\pard test}",
            ),
        ];
        for (octets, rtf) in table {
            assert_eq!(all(octets), (rtf.to_vec(), Flaws::default()), "{octets:x?}");
        }
    }

    #[test]
    fn the_first_example_is_written_as_the_specification_writes_it() {
        assert_eq!(compress(b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", Compression::Lzfu), SIMPLE);
        assert_eq!(compress(b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", Compression::Lzfu), CROSSING);
    }

    #[test]
    fn what_is_cut_short_is_given_as_far_as_it_goes() {
        let whole = all(SIMPLE).0;
        for end in 0..SIMPLE.len() {
            match decompress(&SIMPLE[..end], Limits::default()) {
                Err(error) => assert!(end < HEADER && matches!(error, ConvertError::NotThis { .. }), "{end}: {error}"),
                Ok(Converted { output, flaws }) => {
                    assert!(whole.starts_with(&output) && flaws.has(Trouble::Truncated), "{end}: {output:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_and_a_claim_of_size_takes_no_memory() {
        let changed = |at: usize, octet: u8| {
            let mut octets = SIMPLE.to_vec();
            octets[at] = octet;
            octets
        };
        assert!(all(&changed(12, 0)).1.has(Trouble::Checksum));
        assert!(all(&[SIMPLE, b"padding"].concat()).1.has(Trouble::Trailing));
        let claims = all(&changed(6, 0x7F));
        assert!(claims.1.has(Trouble::Truncated) && claims.0.capacity() < 10_000);
        let nowhere = b"\x12\0\0\0\x04\0\0\0LZFu\0\0\0\0\x01\xf0\x02\0\0\0";
        let (output, flaws) = all(nowhere);
        assert!(flaws.has(Trouble::OutOfBounds) && output == b"    ", "{output:?} {flaws:?}");
        for (octets, limits) in [(SIMPLE, Limits::default().with_output(20)), (SIMPLE, Limits::default().with_work(5))]
        {
            assert!(decompress(octets, limits).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_to_the_octet(
            parts in proptest::collection::vec(("[a-f\\\\{}]{0,40}", 0usize..6), 0..200),
        ) {
            let rtf: String = parts.iter().map(|(part, times)| part.repeat(*times)).collect();
            for how in [Compression::Lzfu, Compression::Uncompressed] {
                let packed = compress(rtf.as_bytes(), how);
                let Converted { output, flaws } = decompress(&packed, Limits::default()).unwrap();
                prop_assert_eq!((&*output, flaws), (rtf.as_bytes(), Flaws::default()));
            }
        }

        #[test]
        fn any_octets_have_an_end(octets in proptest::collection::vec(any::<u8>(), 0..300), raw in 0u32..4000) {
            let mut header = SIMPLE[..HEADER].to_vec();
            header[4..8].copy_from_slice(&raw.to_le_bytes());
            let given = decompress(&[&header[..], &octets].concat(), Limits::default()).unwrap();
            prop_assert!(given.output.len() <= raw as usize);
            let _ = decompress(&octets, Limits::default());
        }
    }
}
