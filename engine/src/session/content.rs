//! The content of one mail while it comes in: what of it is kept, and why it is refused.
//!
//! Rule: a refused content is read to its real end, so that the stream stays in step, and only the first octets that a
//! limit allows are read for that.

use bytes::{Bytes, BytesMut};

use super::{
    header_text::HeaderText,
    inspector::{HeaderSeen, Inspector},
    replies,
    scanner::{Newlines, Piece, Scanner},
    settings::Limits,
};
use crate::Reply;

/// Octets that are kept at most for one that came: a bare LF becomes CRLF.
const MOST_FROM_ONE: u64 = 2;

/// What is wrong with a content, gravest first: the gravest gives the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    BareNewline,
    Nul,
    TooBig,
    HeaderTooBig,
    HeaderLine,
    TextLine,
    Loop,
    EightBit,
}

#[derive(Debug)]
pub(super) struct Content {
    scanner: Scanner,
    inspector: Inspector,
    size: u64,
    max: u64,
    /// Octets that are read beyond `max`.
    drain: u64,
    /// The caller's reason, which comes before any of ours.
    refusal: Option<Reply>,
    /// The caller knows that nothing of this content is kept.
    abandoned: bool,
}

impl Content {
    /// Content that may have `max` octets.
    pub(super) fn new(limits: &Limits, newlines: Newlines, max: u64) -> Self {
        Content {
            scanner: Scanner::new(newlines),
            inspector: Inspector::new(limits.clone(), newlines == Newlines::Keep),
            size: 0,
            max,
            drain: limits.drain,
            refusal: None,
            abandoned: false,
        }
    }

    /// The next piece of what comes by DATA. `weighs`: it matters which octet is the first too many.
    pub(super) fn stuffed(&mut self, input: &mut BytesMut, weighs: bool) -> Piece {
        let most = input.len();
        self.read(input, most, weighs, |scanner, input, seen| scanner.stuffed(input, seen))
    }

    /// The next piece of a chunk.
    pub(super) fn chunk(&mut self, input: &mut BytesMut, left: &mut u64, weighs: bool) -> Piece {
        let most = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
        self.read(input, most, weighs, |scanner, input, seen| scanner.chunk(input, left, seen))
    }

    /// Reads on, `most` octets of the input. If it matters which octet is the first too many, those that cannot be it come
    /// first, and then one after the other: what else is known by then is the same, however they were split before.
    fn read(
        &mut self,
        input: &mut BytesMut,
        mut most: usize,
        weighs: bool,
        mut next: impl FnMut(&mut Scanner, &mut BytesMut, &mut Inspector) -> Piece,
    ) -> Piece {
        let room = usize::try_from(self.max.saturating_sub(self.size) / MOST_FROM_ONE).unwrap_or(usize::MAX);
        let mut part = if weighs && room < most { room.max(1) } else { input.len() };
        loop {
            let rest = input.split_off(part.min(input.len()));
            let before = input.len();
            let piece = next(&mut self.scanner, input, &mut self.inspector);
            let taken = before - input.len();
            input.unsplit(rest);
            most -= taken.min(most);
            part = if taken > 0 { 1 } else { part + 1 };
            if piece != Piece::More || part > most {
                return self.count(piece);
            }
        }
    }

    /// A chunk of this size was announced: `false` if it is so big that it is not even drained.
    pub(super) fn announce(&mut self, octets: u64) -> bool {
        let size = self.size_with(octets);
        self.judge_size(size);
        size <= self.readable()
    }

    /// How big it is with so many octets more.
    pub(super) fn size_with(&self, octets: u64) -> u64 {
        self.size.saturating_add(octets)
    }

    fn count(&mut self, piece: Piece) -> Piece {
        if let Piece::Octets(octets) = &piece {
            self.add(octets.len());
        }
        piece
    }

    fn add(&mut self, octets: usize) {
        self.size = self.size_with(octets as u64);
    }

    /// Refuses it if that is too big.
    pub(super) fn judge_size(&mut self, size: u64) {
        if size > self.max {
            self.inspector.note(Fault::TooBig);
        }
    }

    /// Octets that it may have.
    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// Lets it have so many octets.
    pub(super) fn allow(&mut self, octets: u64) {
        self.max = octets;
    }

    fn readable(&self) -> u64 {
        self.max.saturating_add(self.drain)
    }

    /// More came than is read even of a refused mail.
    pub(super) fn overflows(&self) -> bool {
        self.size > self.readable()
    }

    /// No more octets come: what was held back.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let held = self.scanner.finish(&mut self.inspector);
        self.add(held.as_ref().map_or(0, Bytes::len));
        self.inspector.finish();
        held
    }

    /// 8-bit text came where none may: known at the end only, for the fault to be the same in every order.
    pub(super) fn refuse_eight_bit(&mut self) {
        self.inspector.note(Fault::EightBit);
    }

    /// The caller can not keep it.
    pub(super) fn refuse(&mut self, reply: Reply) {
        self.refusal = Some(reply);
        self.abandoned = true;
    }

    pub(super) fn refusal(&self) -> Option<Reply> {
        self.refusal.clone().or_else(|| self.inspector.fault().map(replies::refusal))
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some() || self.inspector.fault().is_some()
    }

    /// Says once that the content is to be abandoned.
    pub(super) fn abandon(&mut self) -> bool {
        !std::mem::replace(&mut self.abandoned, true)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn is_eight_bit(&self) -> bool {
        self.inspector.eight_bit
    }

    pub(super) fn header_is_whole(&self) -> bool {
        !self.inspector.in_header()
    }

    pub(super) fn header_text(&self) -> HeaderText {
        self.inspector.text
    }

    pub(super) fn header(&self) -> HeaderSeen {
        self.inspector.seen
    }
}
