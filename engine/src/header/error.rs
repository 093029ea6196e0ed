//! What can be wrong with a field that a header is to have.
//!
//! Rule: every limit has a name, and every refusal says what to write instead.

use std::io;

use thiserror::Error;

use super::MAX_HEADER;

/// Octets of the name of a field that is written: it stands on one line with its colon and a blank (RFC 5322, 2.1.1: 78).
pub const MAX_FIELD_NAME: usize = 76;
/// Octets of a value that is written, before it is encoded: as much as a session takes as one line.
pub const MAX_FIELD_VALUE: usize = 64 * 1024;
/// Octets of a line of the header that is written, CRLF excluded (RFC 5322, 2.1.1).
pub const MAX_HEADER_LINE: usize = 998;

/// Why a header cannot be edited, or not so.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name has a character that no name may have (RFC 5322, 3.6.8), or none at all.
    #[error("\"{}\" is no name of a field: write letters, digits and hyphens", .0.escape_debug())]
    Name(String),
    /// The name is too long.
    #[error("the name of the field has more than {MAX_FIELD_NAME} octets")]
    LongName,
    /// The value has a CR, LF or NUL.
    #[error("the value has a CR, LF or NUL at {at}: write it as one line, it is folded here")]
    Control {
        /// At which octet of the value.
        at: usize,
    },
    /// The value is too long.
    #[error("the value has more than {MAX_FIELD_VALUE} octets")]
    LongValue,
    /// The value has so many octets without a blank that no line can have it (RFC 5322, 2.1.1).
    #[error("the value has more than {MAX_HEADER_LINE} octets without a blank: put a blank where it may be folded")]
    LongWord,
    /// The header would have too many octets.
    #[error("the header would have more than {MAX_HEADER} octets")]
    LongHeader,
    /// The content cannot be read, or its header does not end within [`MAX_HEADER`]
    /// ([`ContentTooLarge`](crate::ContentTooLarge)).
    #[error("the header cannot be read: {0}")]
    Read(#[from] io::Error),
}
