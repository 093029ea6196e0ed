//! One file: what it has, what of it was synced, and every version that its other sectors had since.

use std::collections::BTreeMap;

use postrider_engine::Moment;

use super::Choose;

/// What a disk writes whole or not at all, in octets.
const SECTOR: usize = 512;

/// A file of the double.
#[derive(Clone, Default)]
pub(super) struct Inode {
    /// What a reader finds.
    pub data: Vec<u8>,
    /// What a loss of power cannot take.
    synced: Vec<u8>,
    /// Versions of the sectors written since the last sync, oldest first.
    unsynced: BTreeMap<usize, Vec<Vec<u8>>>,
    /// Octets of the disk that it has.
    pub space: u64,
    /// When somebody else wrote it last.
    pub modified: Moment,
    /// How often.
    pub version: u128,
}

impl Inode {
    /// Reads what is there.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.data.len());
        let n = buffer.len().min(self.data.len() - start);
        buffer[..n].copy_from_slice(&self.data[start..start + n]);
        n
    }

    /// Writes; the sectors have one more version.
    pub fn write(&mut self, offset: u64, octets: &[u8]) {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start + octets.len();
        if self.data.len() < end {
            self.data.resize(end, 0);
        }
        self.data[start..end].copy_from_slice(octets);
        for sector in start / SECTOR..end.div_ceil(SECTOR) {
            let whole = sector * SECTOR..((sector + 1) * SECTOR).min(self.data.len());
            self.unsynced.entry(sector).or_default().push(self.data[whole].to_vec());
        }
    }

    /// Grows, with zeros.
    pub fn reserve(&mut self, octets: u64) {
        let octets = usize::try_from(octets).unwrap_or(usize::MAX);
        if self.data.len() < octets {
            self.data.resize(octets, 0);
        }
    }

    /// What is there stays there.
    pub fn sync(&mut self) {
        self.synced.resize(self.data.len(), 0);
        for sector in std::mem::take(&mut self.unsynced).into_keys() {
            let whole = sector * SECTOR..((sector + 1) * SECTOR).min(self.data.len());
            self.synced[whole.clone()].copy_from_slice(&self.data[whole]);
        }
    }

    /// What a loss of power leaves.
    pub fn after_power_loss(&self, choose: Choose<'_>) -> Inode {
        let mut data = self.synced.clone();
        if self.data.len() > data.len() && choose(2) == 1 {
            data.resize(self.data.len(), 0);
        }
        for (sector, versions) in &self.unsynced {
            let Some(version) = choose(versions.len() + 1).checked_sub(1).and_then(|n| versions.get(n)) else {
                continue;
            };
            let start = sector * SECTOR;
            data.resize(data.len().max(start + version.len()), 0);
            data[start..start + version.len()].copy_from_slice(version);
        }
        Inode { synced: data.clone(), data, unsynced: BTreeMap::new(), ..self.clone() }
    }
}
