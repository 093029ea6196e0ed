//! Compressed RTF (\[MS-OXRTFCP\]): `PidTagRtfCompressed`, both ways.
//!
//! Rule: the header is believed where the octets bear it out. What is cut short, or has another checksum, is given as far as it
//! goes, with its flaws.

mod pack;
#[cfg(test)]
mod tests;

use self::pack::Packer;
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
/// How much longer than the contents the RTF can be: an octet that says what follows, and eight of the longest matches.
const MOST_TIMES: usize = 8 * LONGEST / (1 + 8 * 2);

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
    // Whoever claims more is not believed.
    let most = raw_size.min(contents.len().saturating_mul(MOST_TIMES));
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
