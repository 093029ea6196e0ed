//! The spool on disk: a log of frames in recycled segments, an index in memory, large content in side files.
//!
//! Whoever was told that a batch is synced finds it again after any crash; a frame that was torn never was. The files of
//! this module in the order in which a batch meets them: `spool`, `orders`, `log`, `commit`, `packing` (with `record*`,
//! `fields`), `tail` (with `frame`, `segment`, `pool`), `syncer`, `index`, `ledger`, `compact`, `shortage`, `janitor`; at the next
//! start `open`, `format`, `scan`, `recovery`, `replay`, `repair`; beside the log `reader`, `staging`, `sides`. Every file
//! call goes through the file layer: `real`, or `slow` around it.

mod blocking;
mod commit;
mod compact;
mod counters;
pub mod faulty;
mod fields;
mod format;
mod frame;
mod index;
mod intern;
mod janitor;
mod ledger;
mod log;
mod octets;
mod open;
mod orders;
mod packing;
mod pool;
mod reader;
mod real;
mod record;
mod record_draft;
mod record_fact;
mod record_mail;
mod record_memo;
mod recovery;
mod repair;
mod replay;
mod scan;
mod segment;
mod settings;
mod shortage;
mod sides;
mod slow;
mod spool;
mod staging;
mod syncer;
mod tail;

pub use counters::Counts;
pub use octets::recover_octets;
pub use open::open;
pub use real::{holder, Modes, RealFiles};
#[cfg(feature = "maildir")]
pub(crate) use real::{lock, read_at};
pub use replay::{Damage, Recovered};
pub use settings::{OpenError, Settings};
pub use slow::SlowSync;
pub use spool::{DiskSpool, Gauge};

#[cfg(test)]
mod tests;
