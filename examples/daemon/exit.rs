//! How the daemon ends, as codes that a service manager can tell apart (`sysexits.h`). They are in docs/operations.md.

/// Everything under way was finished, or `--check` found nothing wrong.
pub const DRAINED: u8 = 0;
/// The command line could not be read.
pub const USAGE: u8 = 64;
/// The disk could not be trusted any more, so the engine stopped: what was promised is on disk.
pub const FAILED: u8 = 74;
/// The deadline passed or a second signal came: what was not done is on disk, for the next start.
pub const CUT_SHORT: u8 = 75;
/// The settings are wrong, or the machine does not give what they ask for; nothing was started.
pub const SETTINGS: u8 = 78;
