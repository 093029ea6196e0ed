//! Settings of what is kept: the spool on disk, what is live in memory, when a mail is held.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::path::PathBuf;

use super::{
    reader::Section,
    receiving::{GIB, KIB, MIB},
};

/// How durable it is, before the final dot is sent, that it will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attempting {
    /// It is not written down: after a crash nobody knows which mails were perhaps delivered.
    Off,
    /// Written: known after the death of the process.
    #[default]
    Written,
    /// Synced: known after a loss of power; one more sync per delivery.
    Synced,
}

/// `[spool]`: where mail is kept. Sizes are in octets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spool {
    /// The folder; made at start if it is not there.
    pub folder: PathBuf,
    /// What the spool may take of the disk; `None`: all but `min_free`.
    pub max_size: Option<u64>,
    /// What is left free on the disk.
    pub min_free: u64,
    /// One file of the log.
    pub segment_size: u64,
    /// Content from this size on goes to a side file of its own.
    pub stage_from: u64,
    /// The same while memory for content is short (`limits.octets_in_data`).
    pub stage_from_when_short: u64,
    /// How durable it is that a final dot is about to be sent.
    pub attempting: Attempting,
}

impl Default for Spool {
    fn default() -> Self {
        Spool {
            folder: PathBuf::from("postrider-data"),
            max_size: None,
            min_free: 64 * MIB,
            segment_size: 64 * MIB,
            stage_from: MIB,
            stage_from_when_short: 64 * KIB,
            attempting: Attempting::Written,
        }
    }
}

impl Spool {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let segment_size = from.size("segment_size", is.segment_size, 16 * KIB..=GIB);
        let words = [("off", Attempting::Off), ("written", Attempting::Written), ("synced", Attempting::Synced)];
        let max_size = from.size("max_size", u64::MAX, 0..=u64::MAX);
        if max_size < 4 * segment_size {
            from.complain("max_size", "it is below four segments", "make it larger, or spool.segment_size smaller");
        }
        let spool = Spool {
            folder: from.value("folder", is.folder),
            max_size: (max_size != u64::MAX).then_some(max_size),
            min_free: from.size("min_free", is.min_free, 0..=1024 * GIB),
            segment_size,
            stage_from: from.size("stage_from", is.stage_from, 4 * KIB..=GIB),
            stage_from_when_short: from.size("stage_from_when_short", is.stage_from_when_short, 4 * KIB..=GIB),
            attempting: from.choice("attempting", is.attempting, &words),
        };
        from.finish();
        spool
    }
}

/// `[queue]`: what is live in memory, and when a mail is held.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// Mails in memory; the others rest in the spool.
    pub live_mails: usize,
    /// Octets of their content.
    pub live_octets: u64,
    /// Mails in memory for one next hop, of each urgency.
    pub live_mails_per_hop: usize,
    /// A mail that made its handlers fail so often is held.
    pub faults_before_held: u8,
}

impl Default for Queue {
    fn default() -> Self {
        Queue { live_mails: 10_000, live_octets: 32 * MIB, live_mails_per_hop: 1000, faults_before_held: 3 }
    }
}

impl Queue {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let queue = Queue {
            live_mails: from.number("live_mails", is.live_mails, 1..=10_000_000),
            live_octets: from.size("live_octets", is.live_octets, MIB..=1024 * GIB),
            live_mails_per_hop: from.number("live_mails_per_hop", is.live_mails_per_hop, 1..=10_000_000),
            faults_before_held: from.number("faults_before_held", is.faults_before_held, 1..=100),
        };
        from.finish();
        queue
    }
}
