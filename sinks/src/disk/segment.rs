//! Segments: the files of the log, and how they are named.
//!
//! `log/SEQUENCE.seg` is a segment in use, its name its sequence in hexadecimal; `log/NUMBER.free` waits to become one.
//! What is recycled gets its new name, and the folder is synced, before the first frame under the new sequence.

use std::sync::Arc;

use postrider_engine::OpenFile;

/// The folder of the log.
pub(super) const LOG: &str = "log";
/// The folder of the side files.
pub(super) const SIDE: &str = "side";
/// The folder for what was found damaged.
pub(super) const DAMAGED: &str = "damaged";

/// A segment that is written, or may be.
#[derive(Clone)]
pub(super) struct Segment {
    pub sequence: u64,
    pub file: Arc<dyn OpenFile>,
    /// Its space.
    pub octets: u64,
    /// Where the next frame goes.
    pub end: u64,
}

impl Segment {
    /// Octets that a frame may have.
    pub fn room(&self) -> u64 {
        self.octets.saturating_sub(self.end)
    }
}

/// A file that waits to become a segment; its space is taken.
pub(super) struct Ready {
    pub name: String,
    pub file: Arc<dyn OpenFile>,
    pub octets: u64,
}

/// The name of a segment in use.
pub(super) fn segment_name(sequence: u64) -> String {
    format!("{LOG}/{sequence:016x}.seg")
}

/// The name of a file that waits.
pub(super) fn free_name(number: u64) -> String {
    format!("{LOG}/{number:016x}.free")
}

/// The name of a side file.
pub(super) fn side_name(name: &str) -> String {
    format!("{SIDE}/{name}")
}

/// What a file in the folder of the log is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A segment with this sequence.
    Segment(u64),
    /// One that waits, with this number.
    Free(u64),
    /// Not ours.
    Other,
}

/// What a file in the folder of the log is, by its name.
pub(super) fn kind(name: &str) -> Kind {
    let number = |hex: &str| u64::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 16);
    match name.split_once('.') {
        Some((hex, "seg")) => number(hex).map_or(Kind::Other, Kind::Segment),
        Some((hex, "free")) => number(hex).map_or(Kind::Other, Kind::Free),
        _ => Kind::Other,
    }
}
