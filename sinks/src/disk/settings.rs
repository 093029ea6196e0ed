//! What can be set about a disk spool, and why it may refuse to open.

use std::io;

use thiserror::Error;

/// How a disk spool is kept. The defaults suit a server with some gigabytes of disk.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Octets of a segment of the log; 64 MiB by default, at least 16 KiB. A single entry that is larger gets a segment
    /// of its own size.
    pub segment_octets: u64,
    /// How many segments are kept ready beside the one that is reserved for facts; 1 by default.
    pub prepared_segments: usize,
    /// Segments are filled with zeros before they are used, which makes each sync cheaper; on by default. Otherwise
    /// their space is only reserved.
    pub fill_segments: bool,
    /// New mail is refused when log and side files would have more octets than this; no limit by default.
    pub max_octets: u64,
    /// New mail is refused when the disk has fewer free octets than this; 64 MiB by default.
    pub min_free_octets: u64,
    /// How many mails are remembered beyond their life at the same time; a million by default, which takes about 150 MB
    /// of memory. Beyond, those on which nobody relies are forgotten, and new keys and tickets are refused.
    pub most_remembered: usize,
    /// Mail is moved together when the log has more than this many octets for each octet of mail in it; 4 by default,
    /// at least 2.
    pub compact_above: u64,
    /// A log with fewer segments than this is left as it is while there is space; 5 by default.
    pub compact_from: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            segment_octets: 64 << 20,
            prepared_segments: 1,
            fill_segments: true,
            max_octets: u64::MAX,
            min_free_octets: 64 << 20,
            most_remembered: 1_000_000,
            compact_above: 4,
            compact_from: 5,
        }
    }
}

impl Settings {
    /// The same with every value within its bounds.
    pub(super) fn bounded(mut self) -> Self {
        self.segment_octets = self.segment_octets.clamp(16 << 10, 1 << 30);
        self.compact_above = self.compact_above.max(2);
        self
    }
}

/// Why a disk spool does not open. Nothing was changed but what a torn end made necessary.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another engine has the folder.
    #[error("the spool folder is in use by process {}", pid.map_or("(unknown)".to_owned(), |pid| pid.to_string()))]
    SpoolInUse {
        /// The process that has it, if it says so.
        pid: Option<u32>,
    },
    /// The folder has files of a log, but not the one that says what it is.
    #[error("the folder is not a spool: it has a log, and no readable file `format`")]
    NotASpool,
    /// None of several segments has a frame: what says which frames are ours is damaged. Nothing is deleted.
    #[error("none of the {segments} segments of the log can be read: the file `format` is that of another spool")]
    NothingReadable {
        /// How many there are.
        segments: usize,
    },
    /// A later version wrote it.
    #[error("the spool was written by a later version (format {found}, this program reads up to {known}): {place}")]
    LaterVersion {
        /// What it says.
        found: u32,
        /// What this program reads.
        known: u32,
        /// Which file says so.
        place: String,
    },
    /// A record, intact by its checksum, is of a kind that this version does not know, or makes no sense to it.
    #[error("{place}: {what}; a later version wrote it, or this one is at fault: nothing is guessed about mail")]
    UnknownRecord {
        /// Where it lies.
        place: String,
        /// What is unknown about it.
        what: String,
    },
    /// A file call failed: the folder is missing, not writable, or the disk is damaged.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, and with which file.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Says what was tried when a file call failed.
pub(super) trait Doing<T> {
    /// Puts it into the error.
    fn doing(self, what: &str, name: &str) -> Result<T, OpenError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &str, name: &str) -> Result<T, OpenError> {
        self.map_err(|source| OpenError::Io { what: format!("cannot {what} `{name}` of the spool"), source })
    }
}
