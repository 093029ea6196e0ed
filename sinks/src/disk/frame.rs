//! Frames: what is written with one write, and exists whole or not at all.
//!
//! A frame is a header of [`HEADER`] octets and a body of records. The header names the spool, the segment and the frame
//! before it, and has one checksum over itself, another over the body: nothing that lay in a segment in an earlier life,
//! nothing that a client put into a mail, is ever taken for a frame. Behind each frame there are at least [`HEADER`]
//! zeros: a clean end can be told from a torn one.

use super::fields::{u32_of, u64_of};

/// Octets of a header.
pub(super) const HEADER: usize = 72;

/// What a frame begins with.
pub(super) const MAGIC: [u8; 4] = *b"PRsf";

/// The version that this program writes, and the highest one that it reads.
pub(super) const VERSION: u32 = 1;

/// Writes end at a multiple of this many octets: the page that a write ends in need not be read before.
const PAGE: usize = 4096;

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The random number of its spool.
    pub salt: u64,
    /// The sequence of its segment.
    pub segment: u64,
    /// Its number: one more than that of the frame before it, but where a torn tail was cut.
    pub number: u64,
    /// The number of the frame before it.
    pub previous: u64,
    /// The highest number of which it was known that it is synced.
    pub synced_through: u64,
    /// The id that the next new mail gets.
    pub next_id: u64,
    /// Octets of the body.
    pub length: u32,
    /// Records in the body.
    pub count: u32,
}

/// What lies where a frame may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A header of this spool and segment, and the checksum that its body must have.
    Header(Frame, u32),
    /// Nothing was ever written there.
    Zeros,
    /// Anything else.
    Garbage,
    /// The header of a later version.
    Version(u32),
}

/// The octets of a frame in the making: room for the header, then records.
pub(super) fn begin(out: &mut Vec<u8>) {
    out.clear();
    out.resize(HEADER, 0);
}

/// Completes the octets of a frame that [`begin`] began: the header, and zeros up to the end of a page, of which
/// `offset` says where in its segment the frame will lie. Says how long the frame is without the zeros.
pub(super) fn finish(out: &mut Vec<u8>, frame: Frame, offset: u64, room: u64) -> usize {
    let length = out.len();
    let header = header(&frame, crc32fast::hash(&out[HEADER..]));
    out[..HEADER].copy_from_slice(&header);
    let inside = usize::try_from(offset % PAGE as u64).unwrap_or(0);
    let whole = (inside + length + HEADER).next_multiple_of(PAGE) - inside;
    out.resize(whole.min(usize::try_from(room).unwrap_or(whole)).max(length), 0);
    length
}

fn header(frame: &Frame, body: u32) -> [u8; HEADER] {
    let mut octets = Vec::with_capacity(HEADER);
    octets.extend_from_slice(&MAGIC);
    octets.extend_from_slice(&VERSION.to_le_bytes());
    for number in [frame.salt, frame.segment, frame.number, frame.previous, frame.synced_through, frame.next_id] {
        octets.extend_from_slice(&number.to_le_bytes());
    }
    for number in [frame.length, frame.count, body] {
        octets.extend_from_slice(&number.to_le_bytes());
    }
    octets.extend_from_slice(&crc32fast::hash(&octets).to_le_bytes());
    let mut header = [0; HEADER];
    header.copy_from_slice(&octets);
    header
}

/// Looks at the octets where a frame of this spool and segment may begin.
pub(super) fn look(octets: &[u8], salt: u64, segment: u64) -> Found {
    match octets.first_chunk::<HEADER>() {
        Some(header) if header[..4] == MAGIC => read(header).map_or(Found::Garbage, |found| match found {
            Found::Header(frame, _) if (frame.salt, frame.segment) != (salt, segment) => Found::Garbage,
            found => found,
        }),
        _ if octets.iter().take(HEADER).all(|octet| *octet == 0) => Found::Zeros,
        _ => Found::Garbage,
    }
}

fn read(header: &[u8; HEADER]) -> Result<Found, super::record::BadRecord> {
    if u32_of(&header[HEADER - 4..])? != crc32fast::hash(&header[..HEADER - 4]) {
        return Ok(Found::Garbage);
    }
    let version = u32_of(&header[4..])?;
    if version != VERSION {
        return Ok(Found::Version(version));
    }
    let frame = Frame {
        salt: u64_of(&header[8..])?,
        segment: u64_of(&header[16..])?,
        number: u64_of(&header[24..])?,
        previous: u64_of(&header[32..])?,
        synced_through: u64_of(&header[40..])?,
        next_id: u64_of(&header[48..])?,
        length: u32_of(&header[56..])?,
        count: u32_of(&header[60..])?,
    };
    Ok(Found::Header(frame, u32_of(&header[64..])?))
}
