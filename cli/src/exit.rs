//! How commands end, as codes that scripts and service managers can tell apart (`sysexits.h`). They are in docs/command.md.

/// It is done; for the daemon: everything under way was finished.
pub const OK: u8 = 0;
/// The command line could not be read.
pub const USAGE: u8 = 64;
/// What was given is wrong: a file that is no mail, for example.
pub const DATA: u8 = 65;
/// There is no such file or mail.
pub const NO_INPUT: u8 = 66;
/// What was given as an address is none.
pub const NO_USER: u8 = 67;
/// Nobody is there who could do it, and it may work later: the daemon is down, for example.
pub const UNAVAILABLE: u8 = 69;
/// A fault of the program.
pub const SOFTWARE: u8 = 70;
/// The system does not do what is asked of it: no memory, no thread.
pub const SYSTEM: u8 = 71;
/// A file cannot be made.
pub const CANNOT_CREATE: u8 = 73;
/// The disk could not be trusted any more, so the engine stopped: what was promised is on disk. Or: a file cannot be read
/// or written.
pub const IO: u8 = 74;
/// Not now: do it again later. For the daemon: the deadline passed or a second signal came; what was not done is on disk,
/// for the next start.
pub const TEMPORARY: u8 = 75;
/// Whoever asks may not.
pub const NOT_PERMITTED: u8 = 77;
/// The settings are wrong, or the machine does not give what they ask for; nothing was started.
pub const SETTINGS: u8 = 78;
