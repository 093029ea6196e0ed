//! Side files in memory: octets that grow until they are sealed.

use std::{
    io,
    ops::Range,
    sync::{atomic::Ordering, Arc},
};

use bytes::Bytes;
use postrider_engine::{BoxFuture, Piece, SideFile, Staged, Staging, StagingError};

use super::Space;

/// Begins side files.
pub(super) struct MemoryStaging {
    pub space: Arc<Space>,
}

struct MemoryFile {
    name: String,
    octets: Vec<u8>,
    space: Arc<Space>,
}

impl Staging for MemoryStaging {
    fn begin(&self) -> BoxFuture<'static, Result<Box<dyn Staged>, StagingError>> {
        let name = format!("{:016x}", self.space.files.fetch_add(1, Ordering::Relaxed));
        let file = MemoryFile { name, octets: Vec::new(), space: Arc::clone(&self.space) };
        Box::pin(async move { Ok(Box::new(file) as Box<dyn Staged>) })
    }
}

impl Staged for MemoryFile {
    fn append(&mut self, octets: Bytes) -> BoxFuture<'_, Result<(), StagingError>> {
        let used = self.space.used.load(Ordering::Relaxed) + (self.octets.len() + octets.len()) as u64;
        let fits = used <= self.space.limit.load(Ordering::Relaxed);
        if fits {
            self.octets.extend_from_slice(&octets);
        }
        Box::pin(async move {
            if fits {
                Ok(())
            } else {
                Err(StagingError::NoSpace)
            }
        })
    }

    fn seal(self: Box<Self>) -> BoxFuture<'static, Result<Piece, StagingError>> {
        let whole: Range<u64> = 0..self.octets.len() as u64;
        Box::pin(async move { Ok(Piece::Side(Arc::new(*self), whole)) })
    }
}

impl SideFile for MemoryFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.octets.len());
        let rest = &self.octets[start..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}
