//! Header and body of a content, and ranges of it, as shared pieces.
//!
//! Rule: whoever takes a part, or puts another body behind a header, copies no octet of what stays.

use std::{io, ops::RangeBounds};

use bytes::Bytes;

use super::{
    chunks::{to_usize, within},
    Content, ContentChunks, Piece,
};
use crate::header::{FieldWalk, MAX_HEADER};

impl Content {
    /// The header with its last CRLF, without the empty line behind it; what lies in one piece of memory is not copied.
    ///
    /// # Errors
    /// Those of reading a side file, and [`ContentTooLarge`](crate::ContentTooLarge) if it does not end within `limit`.
    pub fn header(&self, limit: usize) -> io::Result<Bytes> {
        let length = FieldWalk::over(self, limit).finish()?.header;
        ContentChunks::of(self.pieces()).joined(to_usize(length))
    }

    /// Where the body begins: behind the header and, if there is one, the empty line.
    ///
    /// # Errors
    /// Those of reading a side file, and [`ContentTooLarge`](crate::ContentTooLarge) if the header does not end within
    /// [`MAX_HEADER`].
    pub fn body_from(&self) -> io::Result<u64> {
        Ok(FieldWalk::over(self, MAX_HEADER).finish()?.body)
    }

    /// A part of it, which shares the pieces; what lies beyond the end is left out.
    pub fn slice(&self, range: impl RangeBounds<u64>) -> Content {
        let range = within(range, self.len());
        let mut pieces = Vec::new();
        let mut begin = 0;
        for piece in &self.pieces {
            let end = begin + piece.len();
            let (from, to) = (range.start.max(begin), range.end.min(end));
            if from < to {
                pieces.push(piece.part(from - begin, to - begin));
            }
            begin = end;
        }
        Content { pieces }
    }

    /// Puts another body behind the header, whose pieces stay. An empty line parts them afterwards, whether there was
    /// one before or not. What `BODY=` says of the mail (`Envelope::body`) is not looked at.
    ///
    /// # Errors
    /// As [`Content::body_from`]; nothing has changed then.
    pub fn replace_body(&mut self, body: impl Into<Content>) -> io::Result<()> {
        let end = FieldWalk::over(self, MAX_HEADER).finish()?;
        let mut whole = self.slice(..end.body);
        match (end.is_open, end.body > end.header) {
            (true, _) => whole.push(Piece::Memory(Bytes::from_static(b"\r\n\r\n"))),
            (false, false) => whole.push(Piece::Memory(Bytes::from_static(b"\r\n"))),
            (false, true) => {}
        }
        whole.pieces.extend(body.into().pieces);
        *self = whole;
        Ok(())
    }

    /// All pieces of another content at the end.
    pub(crate) fn extend(&mut self, other: Content) {
        self.pieces.extend(other.pieces);
    }
}

impl Piece {
    /// Some of its octets; all of them are the very same piece.
    fn part(&self, from: u64, to: u64) -> Piece {
        match self {
            Piece::Memory(octets) => Piece::Memory(octets.slice(to_usize(from)..to_usize(to))),
            Piece::Side(file, range) => Piece::Side(file.clone(), range.start + from..range.start + to),
        }
    }
}
