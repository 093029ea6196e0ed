//! A relay against peers that play a script.

use std::{io, sync::Arc};

use postrider_engine::SideFile;

struct File(Vec<u8>);

impl SideFile for File {
    fn name(&self) -> &str {
        "file"
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

/// A side file with these octets.
pub(super) fn side_file(octets: &[u8]) -> Arc<dyn SideFile> {
    Arc::new(File(octets.to_vec()))
}
