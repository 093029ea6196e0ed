//! Walking over the fields of a content that is in pieces.
//!
//! Rule: a field that lies in one piece is a slice of that piece; only one that lies across a seam is copied. Whatever
//! the seams are, the fields are those that the joined octets would have.

use std::io;

use bytes::Bytes;

use super::{colon_of_field, is_blank, line_end};
use crate::{Content, ContentChunks, ContentTooLarge, Piece};

/// Octets behind a seam that are copied at first to find the end of a field; then four times as many.
const BEHIND_SEAM: usize = 256;
/// Octets beyond the limit that are looked at: an empty line there says that the header has ended.
const EMPTY_LINE: usize = 2;

/// Where a header ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderEnd {
    /// Its octets, without the empty line.
    pub(crate) header: u64,
    /// Where the body begins.
    pub(crate) body: u64,
    /// The content ends within the last field, which has no CRLF.
    pub(crate) is_open: bool,
}

/// Goes from field to field.
pub(crate) struct FieldWalk<'a> {
    chunks: ContentChunks<'a>,
    /// What was read and is not given yet; it begins where a field may begin.
    window: Bytes,
    position: usize,
    limit: usize,
    /// No more octets come: the window ends as the content does.
    ended: bool,
    /// More octets are there, but are not looked at.
    is_cut: bool,
    is_open: bool,
}

/// What the first octets of a window are.
enum Step {
    /// So many are a field.
    Field(usize),
    /// They are no field: the header has ended.
    NoField,
    /// That depends on what follows.
    Undecided,
}

impl<'a> FieldWalk<'a> {
    /// All fields; side files are read where the header goes on in one.
    pub(crate) fn over(content: &'a Content, limit: usize) -> Self {
        Self::over_pieces(content.pieces(), limit, false)
    }

    /// The fields that are in memory as a whole; no file is read.
    pub(crate) fn over_memory(content: &'a Content, limit: usize) -> Self {
        let pieces = content.pieces();
        let in_memory = pieces.iter().take_while(|piece| matches!(piece, Piece::Memory(_))).count();
        Self::over_pieces(&pieces[..in_memory], limit, in_memory < pieces.len())
    }

    fn over_pieces(pieces: &'a [Piece], limit: usize, is_cut: bool) -> Self {
        let chunks = ContentChunks::of(pieces);
        FieldWalk { chunks, window: Bytes::new(), position: 0, limit, ended: false, is_cut, is_open: false }
    }

    /// Where the next field begins, as an offset into the content.
    pub(crate) fn position(&self) -> u64 {
        self.position as u64
    }

    /// The next field with its folding and its last CRLF.
    pub(crate) fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let room = self.limit.saturating_sub(self.position);
            let seen = self.window.len().min(room.saturating_add(EMPTY_LINE));
            let at_end = self.ended && seen == self.window.len();
            match first_of(&self.window[..seen], at_end) {
                Step::Field(length) if length <= room => return Ok(Some(self.take(length))),
                Step::NoField => return Ok(None),
                Step::Undecided if seen < room.saturating_add(EMPTY_LINE) => {
                    if let Some(field) = self.read_on()? {
                        return Ok(Some(field));
                    }
                }
                _ => return Err(ContentTooLarge { limit: self.limit }.into()),
            }
        }
    }

    /// Goes to the end of the header.
    pub(crate) fn finish(mut self) -> io::Result<HeaderEnd> {
        while self.next()?.is_some() {}
        Ok(self.end())
    }

    /// Where the header ends; true when [`FieldWalk::next`] has said that there is no further field.
    pub(crate) fn end(&self) -> HeaderEnd {
        let header = self.position();
        let empty_line = if self.window.starts_with(b"\r\n") { EMPTY_LINE as u64 } else { 0 };
        HeaderEnd { header, body: header + empty_line, is_open: self.is_open }
    }

    fn take(&mut self, length: usize) -> Bytes {
        self.position += length;
        let field = self.window.split_to(length);
        self.is_open = !field.ends_with(b"\r\n");
        field
    }

    /// Adds octets to the window. A field that ends with it is given at once, and so stays where it is.
    fn read_on(&mut self) -> io::Result<Option<Bytes>> {
        let Some(chunk) = self.chunks.next().transpose()? else {
            self.ended = true;
            if self.is_cut {
                self.window.clear();
            }
            return Ok(None);
        };
        if self.window.is_empty() {
            self.window = chunk;
            return Ok(None);
        }
        let goes_on = chunk.first().is_some_and(|octet| is_blank(*octet));
        if self.window.ends_with(b"\r\n") && !goes_on {
            let field = self.take(self.window.len());
            self.window = chunk;
            return Ok(Some(field));
        }
        Ok(self.join(chunk))
    }

    /// Copies what lies before the seam and as much behind it as the field has.
    fn join(&mut self, mut chunk: Bytes) -> Option<Bytes> {
        let before = self.window.len();
        let most = self.limit.saturating_sub(self.position).saturating_add(EMPTY_LINE);
        let mut joined = self.window.to_vec();
        let mut more = BEHIND_SEAM;
        loop {
            let behind = joined.len() - before;
            let next = behind.saturating_add(more).min(chunk.len());
            joined.extend_from_slice(&chunk[behind..next]);
            more = more.saturating_mul(4);
            match first_of(&joined, false) {
                Step::Field(length) if length >= before && length + EMPTY_LINE <= most => {
                    joined.truncate(length);
                    self.window = joined.into();
                    let field = self.take(length);
                    self.window = chunk.split_off(length - before);
                    return Some(field);
                }
                Step::Undecided if next < chunk.len() && joined.len() < most => {}
                _ => break,
            }
        }
        self.window = joined.into();
        None
    }
}

/// Looks at the octets where a field may begin. `at_end`: nothing comes behind them.
fn first_of(octets: &[u8], at_end: bool) -> Step {
    let first_line = line_end(octets);
    let line = &octets[..first_line];
    if colon_of_field(line).is_none() {
        return if at_end || line.ends_with(b"\r\n") || is_never_a_field(line) {
            Step::NoField
        } else {
            Step::Undecided
        };
    }
    let mut end = first_line;
    while octets.get(end).is_some_and(|octet| is_blank(*octet)) {
        end += line_end(&octets[end..]);
    }
    if at_end || end < octets.len() {
        Step::Field(end)
    } else {
        Step::Undecided
    }
}

/// Whatever may follow, a line without an end that is not a field yet will not become one.
fn is_never_a_field(line: &[u8]) -> bool {
    let name = line.trim_ascii_end();
    memchr::memchr(b':', line).is_some() || name.iter().any(|octet| !(33..127).contains(octet))
}
