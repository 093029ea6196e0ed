//! What is blocked, how far mails are looked into, and what becomes of them.

use thiserror::Error;

use super::globs::MOST_GLOBS;

/// Octets of a mail that is looked into, by default.
pub const LOOK_OCTETS: usize = 32 * 1024 * 1024;
/// Parts of a mail that are looked at, by default.
pub const LOOK_PARTS: usize = 1000;
/// Mails within mails, and parts within parts, by default. A forwarded mail with an attachment takes two.
pub const LOOK_DEPTH: usize = 20;

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It is refused with 554 5.7.1; after the commit its sender gets a report.
    Reject,
    /// It is kept until a person releases it.
    Hold,
    /// It goes on with a field `X-Blocked-Attachment` and the property [`super::BLOCKED`], for sinks behind.
    Mark,
    /// It goes on.
    Pass,
}

/// What is blocked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttachmentBlockSettings {
    /// Names of files: `*.exe`, `invoice?.*`. Case does not matter. At most 500.
    pub names: Vec<String>,
    /// Types: `application/x-msdownload`, `video/*`. At most 500.
    pub types: Vec<String>,
    /// What becomes of a mail with such a part; it is rejected by default.
    pub blocked: Treatment,
    /// What becomes of a mail that cannot be looked into to its end; it is held by default.
    pub not_seen: Treatment,
    /// Octets of a mail that is looked into; 32 MiB. It is in memory meanwhile.
    pub octets: usize,
    /// Parts that are looked at; 1000.
    pub parts: usize,
    /// Parts within parts; 20.
    pub depth: usize,
}

impl Default for AttachmentBlockSettings {
    /// Nothing is blocked.
    fn default() -> Self {
        AttachmentBlockSettings {
            names: Vec::new(),
            types: Vec::new(),
            blocked: Treatment::Reject,
            not_seen: Treatment::Hold,
            octets: LOOK_OCTETS,
            parts: LOOK_PARTS,
            depth: LOOK_DEPTH,
        }
    }
}

/// What is wrong with the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AttachmentBlockError {
    /// The list of names.
    #[error("there are too many names, or they are too long: {MOST_GLOBS} are the most")]
    Names,
    /// The list of types.
    #[error("there are too many types, or they are too long: {MOST_GLOBS} are the most")]
    Types,
    /// No mail could be looked into.
    #[error("octets and parts must be 1 or more")]
    Nothing,
}
