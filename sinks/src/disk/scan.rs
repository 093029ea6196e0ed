//! Reads frames out of one segment, through a buffer, and says what lies where one may begin.

use std::{io, sync::Arc};

use postrider_engine::OpenFile;

use super::frame::{self, Frame, HEADER, MAGIC};

/// Octets that are read at once.
const CHUNK: u64 = 1 << 20;

/// What lies somewhere in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A whole frame.
    Frame(Frame),
    /// Nothing was written there.
    Clean,
    /// Something that is no frame, or no longer one; the next may begin so many octets further on.
    Bad(u64),
    /// A frame of a later version.
    Version(u32),
}

/// One segment that is read.
pub(super) struct Scan {
    pub sequence: u64,
    pub size: u64,
    salt: u64,
    file: Arc<dyn OpenFile>,
    start: u64,
    octets: Vec<u8>,
}

impl Scan {
    /// Begins to read a segment, in the memory of the one before.
    pub fn new(salt: u64, sequence: u64, file: Arc<dyn OpenFile>, memory: Vec<u8>) -> io::Result<Self> {
        let size = file.size()?;
        let mut octets = memory;
        octets.clear();
        Ok(Scan { sequence, size, salt, file, start: 0, octets })
    }

    /// The memory, for the next.
    pub fn into_memory(self) -> Vec<u8> {
        self.octets
    }

    /// Some octets; fewer at the end of the file.
    pub fn get(&mut self, offset: u64, length: u64) -> io::Result<&[u8]> {
        let end = offset.saturating_add(length).min(self.size).max(offset);
        if offset < self.start || end > self.start + self.octets.len() as u64 {
            self.fill(offset, length.max(CHUNK).min(self.size.saturating_sub(offset)))?;
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX).min(self.octets.len());
        let to = usize::try_from(end - self.start).unwrap_or(usize::MAX).min(self.octets.len());
        Ok(&self.octets[from..to])
    }

    /// Reads so many octets from there on; what is here already is not read again.
    fn fill(&mut self, offset: u64, want: u64) -> io::Result<()> {
        let skip = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = skip.unwrap_or(usize::MAX).min(self.octets.len());
        self.octets.copy_within(skip.., 0);
        let kept = self.octets.len() - skip;
        self.octets.resize(usize::try_from(want).map_err(|_| io::ErrorKind::FileTooLarge)?.max(kept), 0);
        self.start = offset;
        let read = self.file.read_at(offset + kept as u64, &mut self.octets[kept..])?;
        self.octets.truncate(kept + read);
        Ok(())
    }

    /// What lies there.
    pub fn at(&mut self, offset: u64) -> io::Result<At> {
        let (salt, sequence) = (self.salt, self.sequence);
        let (frame, sum) = match frame::look(self.get(offset, HEADER as u64)?, salt, sequence) {
            frame::Found::Header(frame, sum) => (frame, sum),
            frame::Found::Zeros => return Ok(At::Clean),
            frame::Found::Garbage => return Ok(At::Bad(1)),
            frame::Found::Version(version) => return Ok(At::Version(version)),
        };
        let whole = HEADER as u64 + u64::from(frame.length);
        if offset.saturating_add(whole) > self.size || crc32fast::hash(self.body(offset, &frame)?) != sum {
            return Ok(At::Bad(whole));
        }
        Ok(At::Frame(frame))
    }

    /// The records of a frame that lies there.
    pub fn body(&mut self, offset: u64, frame: &Frame) -> io::Result<&[u8]> {
        self.get(offset + HEADER as u64, u64::from(frame.length))
    }

    /// The next whole frame from there on, wherever it lies.
    pub fn next_from(&mut self, mut offset: u64) -> io::Result<Option<(u64, Frame)>> {
        while offset < self.size {
            let chunk = self.get(offset, CHUNK)?;
            let length = chunk.len() as u64;
            match memchr::memmem::find(chunk, &MAGIC) {
                Some(at) => {
                    offset += at as u64;
                    match self.at(offset)? {
                        At::Frame(frame) => return Ok(Some((offset, frame))),
                        At::Bad(skip) => offset += skip,
                        At::Clean | At::Version(_) => offset += 1,
                    }
                }
                None if offset + length >= self.size => break,
                None => offset += length.saturating_sub(MAGIC.len() as u64 - 1).max(1),
            }
        }
        Ok(None)
    }
}
