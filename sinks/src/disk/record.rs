//! Records: what a frame is made of. A mail, or a fact about one.
//!
//! A record is `kind u16, flags u16, length u32, checksum u32, payload`, all numbers little-endian; the checksum is over
//! all the rest, so a record can be trusted by itself when it is read back. The payload begins with the mail's id. An
//! unknown kind refuses to be read: to pass over it might repeat or lose a mail.

use postrider_engine::QueueId;
use thiserror::Error;

/// Octets before the payload.
pub(super) const HEADER: usize = 12;

/// A mail: its envelope, its content, and how it stood when the record was written.
pub(super) const MAIL: u16 = 1;

/// What is remembered of a mail beyond its life.
pub(super) const MEMO: u16 = 13;

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum BadRecord {
    /// A later version wrote it, or it never was a record.
    #[error("the record kind {0} is unknown")]
    UnknownKind(u16),
    /// A later version wrote it, and it may not be passed over.
    #[error("the field {0} is unknown")]
    UnknownField(u8),
    /// Its checksum is right and its octets make no sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// Its checksum is wrong.
    #[error("the checksum is wrong")]
    Checksum,
}

/// One record within the octets it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// What it is.
    pub kind: u16,
    /// Which mail it is about.
    pub id: QueueId,
    /// What follows the id.
    pub fields: &'a [u8],
    /// Where it begins.
    pub offset: usize,
    /// All its octets.
    pub length: usize,
}

/// Adds one record and says how long it is.
pub(super) fn put_record(out: &mut Vec<u8>, kind: u16, id: QueueId, write: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&[0; HEADER - 2]);
    out.extend_from_slice(&id.0.to_le_bytes());
    write(out);
    let length = u32::try_from(out.len() - start - HEADER).unwrap_or(u32::MAX);
    out[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
    let sum = checksum(&out[start..start + 8], &out[start + HEADER..]);
    out[start + 8..start + HEADER].copy_from_slice(&sum.to_le_bytes());
    out.len() - start
}

fn checksum(head: &[u8], payload: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(head);
    sum.update(payload);
    sum.finalize()
}

/// The record that begins there, checked.
pub(super) fn record_at(octets: &[u8], offset: usize) -> Result<Record<'_>, BadRecord> {
    let malformed = BadRecord::Malformed("a record is longer than its frame");
    let (head, rest) = octets.get(offset..).and_then(|rest| rest.split_at_checked(HEADER)).ok_or(malformed)?;
    let length = usize::try_from(super::fields::u32_of(&head[4..])?).map_err(|_| malformed)?;
    let payload = rest.get(..length).ok_or(malformed)?;
    if super::fields::u32_of(&head[8..])? != checksum(&head[..8], payload) {
        return Err(BadRecord::Checksum);
    }
    let (id, fields) = payload.split_first_chunk().ok_or(malformed)?;
    let (kind, id) = (u16::from_le_bytes([head[0], head[1]]), QueueId(u64::from_le_bytes(*id)));
    Ok(Record { kind, id, fields, offset, length: HEADER + length })
}

/// All records of a body, one after the other; ends after the first that cannot be read.
pub(super) fn records(body: &[u8]) -> impl Iterator<Item = Result<Record<'_>, BadRecord>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        if offset >= body.len() {
            return None;
        }
        let record = record_at(body, offset);
        offset = record.as_ref().map_or(body.len(), |record| offset + record.length);
        Some(record)
    })
}
