//! HTML, as mail carries it: decoded, read as text, written, escaped and safe to be shown.

mod decode;
pub(crate) mod escape;
mod plain;
mod prescan;
pub(crate) mod reading;

pub use decode::{decode, CharsetSource, Decoded};
pub use plain::{to_text, TextOptions};

/// A page that was made, and what it shows besides its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The page. Pictures are named in it by `cid:`.
    pub html: String,
    /// The pictures.
    pub parts: Vec<InlinePart>,
}

/// What a page shows by a content id (RFC 2392).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinePart {
    /// Its id, without brackets. It is unique within the page; who sends the page makes it unique in the world.
    pub content_id: String,
    /// Its type, as in `Content-Type`.
    pub media_type: &'static str,
    /// Its octets.
    pub octets: Vec<u8>,
}
