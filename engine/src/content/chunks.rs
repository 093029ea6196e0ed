//! Reading a content piece by piece, however large it is.
//!
//! Rule: memory is handed out as it is, without a copy; of a side file no more than one chunk is held at a time.

use std::{
    io,
    ops::{Bound, Range, RangeBounds},
};

use bytes::Bytes;
use thiserror::Error;

use super::{read_side, Content, Piece};

/// Octets that [`ContentChunks`] gives at a time, at most.
pub const MAX_CHUNK: usize = 64 * 1024;

/// What was asked for has more octets than were allowed: it is within an [`io::Error`] of the kind
/// [`io::ErrorKind::FileTooLarge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there are more than {limit} octets")]
pub struct ContentTooLarge {
    /// How many were allowed.
    pub limit: usize,
}

impl From<ContentTooLarge> for io::Error {
    fn from(error: ContentTooLarge) -> Self {
        io::Error::new(io::ErrorKind::FileTooLarge, error)
    }
}

/// The octets of a content, in chunks of at most [`MAX_CHUNK`]; none is empty. It ends behind the first error.
#[derive(Clone, Debug)]
pub struct ContentChunks<'a> {
    pieces: &'a [Piece],
    /// Octets of the first piece that are not wanted any more.
    skip: u64,
    left: u64,
    /// The most that one chunk of memory has.
    of_memory: u64,
}

impl Content {
    /// The octets of this range in chunks of at most [`MAX_CHUNK`]: memory as it is, side files read chunk by chunk. So
    /// a mail of any size can be gone through in little memory. What lies beyond the end is left out.
    pub fn chunks(&self, range: impl RangeBounds<u64>) -> ContentChunks<'_> {
        let range = within(range, self.len());
        let left = range.end - range.start;
        ContentChunks { pieces: self.pieces(), skip: range.start, left, of_memory: MAX_CHUNK as u64 }
    }

    /// All octets, if there are no more than `limit`; what is one piece of memory is not copied.
    ///
    /// # Errors
    /// Those of reading a side file, and [`ContentTooLarge`].
    pub fn all(&self, limit: usize) -> io::Result<Bytes> {
        match usize::try_from(self.len()) {
            Ok(length) if length <= limit => ContentChunks::of(self.pieces()).joined(length),
            _ => Err(ContentTooLarge { limit }.into()),
        }
    }
}

impl<'a> ContentChunks<'a> {
    /// All of these pieces; one in memory is one chunk, whatever its size.
    pub(crate) fn of(pieces: &'a [Piece]) -> Self {
        ContentChunks { pieces, skip: 0, left: u64::MAX, of_memory: u64::MAX }
    }

    /// The next octets in one piece: the memory itself, if it has all of them.
    pub(super) fn joined(mut self, length: usize) -> io::Result<Bytes> {
        self.left = length as u64;
        let first = self.next().transpose()?.unwrap_or_default();
        if first.len() == length {
            return Ok(first);
        }
        let mut all = Vec::with_capacity(length);
        all.extend_from_slice(&first);
        for chunk in self {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.into())
    }

    fn read(&mut self, piece: &Piece) -> io::Result<Bytes> {
        let wanted = (piece.len() - self.skip).min(self.left);
        let chunk = match piece {
            Piece::Memory(octets) => {
                let length = wanted.min(self.of_memory);
                octets.slice(to_usize(self.skip)..to_usize(self.skip + length))
            }
            Piece::Side(file, range) => {
                let length = wanted.min(MAX_CHUNK as u64);
                let from = range.start + self.skip;
                let mut octets = Vec::new();
                read_side(file.as_ref(), &(from..from + length), MAX_CHUNK, &mut octets)?;
                octets.into()
            }
        };
        self.skip += chunk.len() as u64;
        self.left -= chunk.len() as u64;
        Ok(chunk)
    }
}

impl Iterator for ContentChunks<'_> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        let mut piece = self.pieces.first()?;
        while self.skip >= piece.len() {
            self.skip -= piece.len();
            self.pieces = &self.pieces[1..];
            piece = self.pieces.first()?;
        }
        if self.left == 0 {
            return None;
        }
        let chunk = self.read(piece);
        if chunk.is_err() {
            self.left = 0;
        }
        Some(chunk)
    }
}

/// The range as it lies within so many octets.
pub(super) fn within(range: impl RangeBounds<u64>, length: u64) -> Range<u64> {
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(last) => last.saturating_add(1),
        Bound::Excluded(end) => *end,
        Bound::Unbounded => length,
    };
    let end = end.min(length);
    start.min(end)..end
}

/// An offset into a piece of memory: its length is a `usize`, so no octet of it is beyond one.
pub(super) fn to_usize(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
