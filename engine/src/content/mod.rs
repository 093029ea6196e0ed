//! Content of a mail: immutable pieces, shared by all who read, replaced by those who edit.
//!
//! An edit changes the list and never an octet: what was not edited goes out as it came in, octet for octet.

mod chunks;
mod parts;
#[cfg(test)]
mod tests;

use std::{fmt, io, ops::Range, sync::Arc};

use bytes::Bytes;

pub use chunks::{ContentChunks, ContentTooLarge, MAX_CHUNK};

/// A file beside the log that holds large content, reached through a descriptor that stays open.
///
/// Its name may be unlinked while it is read. Implemented by spools.
pub trait SideFile: Send + Sync {
    /// The name by which the spool finds it again.
    fn name(&self) -> &str;

    /// Reads up to `buffer.len()` octets from `offset`; 0 only at the end.
    ///
    /// # Errors
    /// Those of the file system.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Some octets of a mail that nobody changes any more.
#[derive(Clone)]
pub enum Piece {
    /// In memory.
    Memory(Bytes),
    /// A range of a side file.
    Side(Arc<dyn SideFile>, Range<u64>),
}

impl Piece {
    /// How many octets it has.
    pub fn len(&self) -> u64 {
        match self {
            Piece::Memory(octets) => octets.len() as u64,
            Piece::Side(_, range) => range.end.saturating_sub(range.start),
        }
    }

    /// It has no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Memory(octets) => write!(f, "Memory({} octets)", octets.len()),
            Piece::Side(file, range) => write!(f, "Side({}, {range:?})", file.name()),
        }
    }
}

/// The octets of a mail as a list of shared pieces: header, empty line, body.
///
/// A clone shares every piece. The header is always in memory, at the front.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pieces: Vec<Piece>,
}

impl Content {
    /// Content that is one piece of memory.
    pub fn new(octets: impl Into<Bytes>) -> Self {
        Content { pieces: vec![Piece::Memory(octets.into())] }
    }

    /// Content of these pieces, in this order.
    pub fn from_pieces(pieces: Vec<Piece>) -> Self {
        Content { pieces }
    }

    /// Puts whole header fields, with their final CRLF, on top; the pieces below stay shared.
    pub fn prepend(&mut self, fields: impl Into<Bytes>) {
        self.pieces.insert(0, Piece::Memory(fields.into()));
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    /// The list.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How many octets there are in all.
    pub fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of the octets are in memory.
    pub fn octets_in_memory(&self) -> usize {
        let memory = |piece: &Piece| match piece {
            Piece::Memory(octets) => octets.len(),
            Piece::Side(..) => 0,
        };
        self.pieces.iter().map(memory).sum()
    }

    /// The first octets, at most `limit` of them; for what needs the header.
    ///
    /// # Errors
    /// Those of reading a side file.
    pub fn head(&self, limit: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        for piece in &self.pieces {
            let room = limit.saturating_sub(head.len());
            match piece {
                _ if room == 0 => break,
                Piece::Memory(octets) => head.extend_from_slice(&octets[..room.min(octets.len())]),
                Piece::Side(file, range) => read_side(file.as_ref(), range, room, &mut head)?,
            }
        }
        Ok(head)
    }
}

impl From<Bytes> for Content {
    fn from(octets: Bytes) -> Self {
        Content::new(octets)
    }
}

impl From<Vec<u8>> for Content {
    fn from(octets: Vec<u8>) -> Self {
        Content::new(octets)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content::new(text)
    }
}

impl From<&'static str> for Content {
    fn from(text: &'static str) -> Self {
        Content::new(text)
    }
}

/// Reads at most `room` octets of a range to the end of `into`.
fn read_side(file: &dyn SideFile, range: &Range<u64>, room: usize, into: &mut Vec<u8>) -> io::Result<()> {
    let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX).min(room);
    let (start, mut filled) = (into.len(), 0);
    into.resize(start + length, 0);
    while filled < length {
        match file.read_at(range.start + filled as u64, &mut into[start + filled..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => filled += n,
        }
    }
    Ok(())
}
