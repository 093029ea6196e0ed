//! Counters of the spool: written by its threads, read by anybody, locked by nobody.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What the spool has done since it was opened, and what it has.
        #[derive(Debug, Default)]
        pub(super) struct Counters { $(pub $name: Counter,)* }

        /// What the spool has done since it was opened, and what it has, at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts { $($(#[$doc])* pub $name: u64,)* }

        impl Counters {
            pub fn read(&self) -> Counts {
                Counts { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// New mails written.
    mails,
    /// Frames written.
    frames,
    /// Syncs of the log.
    syncs,
    /// Octets of frames written, padding not counted.
    octets,
    /// Mails written once more to free their segment.
    moved,
    /// Entries refused for want of space.
    refused,
    /// Segments in use at present.
    segments,
    /// Files that wait to become segments at present.
    ready,
    /// Octets of all segments, used or waiting, at present.
    log_octets,
    /// Octets of side files at present.
    side_octets,
    /// Mails that are not done at present.
    live,
}

/// One number that several threads count.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
