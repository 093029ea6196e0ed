//! The content of one mail while it comes in: what of it is kept, and why it is refused.
//!
//! Rule: a refused content is read to its real end, so that the stream stays in step, and only the first octets that a
//! limit allows are read for that.

use bytes::{Bytes, BytesMut};

use super::{
    inspector::{HeaderSeen, Inspector},
    replies,
    scanner::{Newlines, Piece, Scanner},
    settings::Limits,
};
use crate::Reply;

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
    readable: u64,
    /// The caller's reason, which comes before any of ours.
    refusal: Option<Reply>,
    /// The caller knows that nothing of this content is kept.
    abandoned: bool,
}

impl Content {
    pub(super) fn new(limits: &Limits, newlines: Newlines) -> Self {
        Content {
            scanner: Scanner::new(newlines),
            inspector: Inspector::new(limits.clone(), newlines == Newlines::Keep),
            size: 0,
            max: limits.message_size,
            readable: limits.readable(),
            refusal: None,
            abandoned: false,
        }
    }

    pub(super) fn stuffed(&mut self, input: &mut BytesMut) -> Piece {
        let piece = self.scanner.stuffed(input, &mut self.inspector);
        self.count(piece)
    }

    pub(super) fn chunk(&mut self, input: &mut BytesMut, left: &mut u64) -> Piece {
        let piece = self.scanner.chunk(input, left, &mut self.inspector);
        self.count(piece)
    }

    /// A chunk of this size was announced: `false` if it is so big that it is not even drained.
    pub(super) fn announce(&mut self, octets: u64) -> bool {
        let size = self.size.saturating_add(octets);
        if size > self.max {
            self.inspector.note(Fault::TooBig);
        }
        size <= self.readable
    }

    fn count(&mut self, piece: Piece) -> Piece {
        if let Piece::Octets(octets) = &piece {
            self.add(octets.len());
        }
        piece
    }

    fn add(&mut self, octets: usize) {
        self.size = self.size.saturating_add(octets as u64);
        if self.size > self.max {
            self.inspector.note(Fault::TooBig);
        }
    }

    /// More came than is read even of a refused mail.
    pub(super) fn overflows(&self) -> bool {
        self.size > self.readable
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

    pub(super) fn header(&self) -> HeaderSeen {
        self.inspector.seen
    }
}
