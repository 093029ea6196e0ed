//! A place within octets, from which numbers and octets are taken.
//!
//! Rule: what is not there is `None`, and the place stays where it was.

use super::model::Guid;

/// A place within octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    octets: &'a [u8],
    /// Where `octets` begins within what the flaws are about.
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(octets: &'a [u8], offset: usize) -> Self {
        Cursor { octets, offset }
    }

    /// Where it is.
    pub fn at(&self) -> usize {
        self.offset
    }

    /// How many octets are left.
    pub fn left(&self) -> usize {
        self.octets.len()
    }

    /// So many octets.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.octets.split_at_checked(count)?;
        self.octets = rest;
        self.offset += count;
        Some(taken)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        self.take(self.left()).unwrap_or_default()
    }

    /// So many octets, or as many as there are.
    pub fn skip(&mut self, count: usize) {
        let _ = self.take(count.min(self.left()));
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn guid(&mut self) -> Option<Guid> {
        self.array().map(Guid)
    }

    /// A number that counts or measures.
    pub fn size(&mut self) -> Option<usize> {
        self.u32().map(|size| size as usize)
    }
}
