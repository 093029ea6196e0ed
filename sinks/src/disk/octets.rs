//! Recovery of octets that never were a spool: what a fuzzer calls.

use std::{io, sync::Arc};

use bytes::Bytes;
use postrider_engine::{OpenFile, QueueId};

use super::{
    frame::{self, Frame},
    record::{put_record, record_at},
    record_draft::read_draft,
    recovery::{Found, Recovery},
    settings::OpenError,
};

/// Recovers a log whose octets are given, and says how many mails are in it.
///
/// The first octet says what the others are: 0, one segment as it is, of the spool with the random number 0; anything
/// else, pieces that are put into records and a frame with the checksums they need. A piece is a kind and a length of
/// one octet each, and the fields of a record.
///
/// # Errors
/// Those of opening a spool.
pub fn recover_octets(octets: &[u8]) -> Result<usize, OpenError> {
    let Some((mode, rest)) = octets.split_first() else { return Ok(0) };
    let segment = if *mode == 0 { rest.to_vec() } else { framed(rest) };
    let found = [Found { sequence: 1, file: Arc::new(Octets(segment)) }];
    let mut recovery = Recovery::new(0, &found);
    recovery.run()?;
    Ok(recovery.replay.index.ids().len())
}

/// A segment with one frame with one record for each piece; reads the drafts of those that are mails as well.
fn framed(mut pieces: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    frame::begin(&mut octets);
    let mut count = 0;
    while let [kind, length, rest @ ..] = pieces {
        let (fields, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        let start = octets.len();
        put_record(&mut octets, u16::from(*kind), QueueId(u64::from(kind % 4)), |out| out.extend_from_slice(fields));
        let record = Bytes::copy_from_slice(&octets[start..]);
        if let Ok(record_fields) = record_at(&record, 0).map(|record| record.fields) {
            let _ = read_draft(&record, record_fields, |_| Err(io::ErrorKind::NotFound.into()));
        }
        (pieces, count) = (rest, count + 1);
    }
    let length = u32::try_from(octets.len() - frame::HEADER).unwrap_or(0);
    let (segment, number, previous, synced_through) = (1, 1, 0, 0);
    let frame = Frame { salt: 0, segment, number, previous, synced_through, next_id: 1, length, count };
    frame::finish(&mut octets, frame, 0, u64::MAX);
    octets
}

/// A file in memory that is only read.
struct Octets(Vec<u8>);

impl OpenFile for Octets {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let n = buffer.len().min(self.0.len() - start);
        buffer[..n].copy_from_slice(&self.0[start..start + n]);
        Ok(n)
    }

    fn write_at(&self, _offset: u64, _octets: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn reserve(&self, _octets: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}
