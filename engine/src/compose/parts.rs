//! The parts of a mail and how they lie within each other (RFC 2046, 5.1; RFC 2387; RFC 2557).
//!
//! Rule: what an attachment has encoded is shared, not copied; a boundary is in no part.

use bytes::Bytes;
use mail_builder::headers::{content_type::ContentType, Header};
use memchr::memmem;

use super::{media::Encoded, Attachment, ComposeError, Making, MAX_MAIL};
use crate::{header::LIKE_ENCODED, Content, Piece};

/// Octets of a part from which on it is a piece of its own: below, copying costs less than another piece.
const SHARED_FROM: usize = 4096;
/// Octets that a part costs beside its fields and its content: its boundary and line ends.
const PART_FRAME: u64 = 64;

/// One part.
pub(super) enum Part {
    Leaf {
        /// Its fields, each with its CRLF.
        fields: Vec<u8>,
        encoded: Encoded,
    },
    Multi {
        kind: &'static str,
        /// The type of the root (RFC 2387, 3.1).
        root: Option<&'static str>,
        parts: Vec<Part>,
    },
}

impl Part {
    /// A text, a page or a calendar, in UTF-8.
    pub(super) fn text(kind: ContentType<'_>, text: &str) -> Self {
        let encoded = Encoded::text(text);
        let mut fields = Vec::new();
        mime_field("Content-Type", kind.attribute("charset", "utf-8"), &mut fields);
        encoding_field(&encoded, &mut fields);
        Part::Leaf { fields, encoded }
    }

    /// A file.
    pub(super) fn file(file: &Attachment) -> Self {
        let mut fields = Vec::new();
        let mut kind = ContentType::new(file.media_type());
        if let Some(charset) = file.charset() {
            kind = kind.attribute("charset", charset);
        }
        mime_field("Content-Type", kind, &mut fields);
        encoding_field(file.encoded(), &mut fields);
        disposition_field(file, &mut fields);
        if let Some(id) = &file.content_id {
            fields.extend_from_slice(format!("Content-ID:{}<{id}>\r\n", before(id.len())).as_bytes());
        }
        if let Some(location) = &file.location {
            fields.extend_from_slice(format!("Content-Location:{}{location}\r\n", before(location.len())).as_bytes());
        }
        Part::Leaf { fields, encoded: file.encoded().clone() }
    }

    /// Several parts; one alone stands for itself, unless `always`.
    pub(super) fn multi(kind: &'static str, mut parts: Vec<Part>, always: bool) -> Option<Self> {
        match parts.len() {
            0 => None,
            1 if !always => parts.pop(),
            _ => Some(Part::Multi { kind, root: None, parts }),
        }
    }

    /// A page and what it shows.
    pub(super) fn related(page: Part, shown: Vec<Part>) -> Self {
        if shown.is_empty() {
            return page;
        }
        let parts = [page].into_iter().chain(shown).collect();
        Part::Multi { kind: "multipart/related", root: Some("text/html"), parts }
    }

    /// Every leaf, from the first on.
    fn leaves(&self) -> Vec<&Part> {
        match self {
            Part::Leaf { .. } => vec![self],
            Part::Multi { parts, .. } => parts.iter().flat_map(Part::leaves).collect(),
        }
    }

    /// It has octets above 127.
    pub(super) fn is_eight_bit(&self) -> bool {
        self.leaves().iter().any(|leaf| matches!(leaf, Part::Leaf { encoded, .. } if encoded.how == "8bit"))
    }

    /// How much it is written out; boundaries counted generously.
    fn size(&self) -> u64 {
        let size = |leaf: &&Part| match leaf {
            Part::Leaf { fields, encoded } => (fields.len() + encoded.octets.len()) as u64 + PART_FRAME,
            Part::Multi { .. } => 0,
        };
        self.leaves().iter().map(size).sum()
    }

    /// The mail: these fields, those of this part, and its content.
    pub(super) fn content(&self, header: Vec<u8>, making: &Making<'_>) -> Result<Content, ComposeError> {
        if header.len() as u64 + self.size() >= MAX_MAIL {
            return Err(ComposeError::TooLarge);
        }
        let mut pieces = Pieces { content: Content::default(), open: header, stem: self.stem(making), boundaries: 0 };
        pieces.part(self);
        if matches!(self, Part::Leaf { encoded, .. } if !encoded.octets.ends_with(b"\r\n")) {
            pieces.open.extend_from_slice(b"\r\n");
        }
        Ok(pieces.finish())
    }

    /// With what all boundaries begin: of `Making::unique`, so that nobody can foretell it; `=_` is in nothing that is
    /// quoted-printable or base64, and in what is not encoded it is looked for.
    fn stem(&self, making: &Making<'_>) -> String {
        let leaves = self.leaves();
        let has = |stem: &String| {
            let finder = memmem::Finder::new(stem);
            leaves.iter().any(|leaf| {
                matches!(leaf, Part::Leaf { encoded, .. }
                    if encoded.how.ends_with("bit") && finder.find(&encoded.octets).is_some())
            })
        };
        let stems = (0..).map(|n: u128| format!("=_{:032x}_", making.unique.wrapping_add(n)));
        stems.skip_while(|stem| has(stem)).take(1).collect()
    }
}

/// What parts a value from the colon: a fold if the line would be too long (RFC 5322, 2.1.1).
fn before(length: usize) -> &'static str {
    if length > 55 {
        "\r\n "
    } else {
        " "
    }
}

fn mime_field(name: &str, value: ContentType<'_>, into: &mut Vec<u8>) {
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(b": ");
    value.write_header(into, name.len() + 2);
}

/// How it is to be shown, and under which name (RFC 2183). Names beyond ASCII are written as RFC 2231 has it, and so is
/// what looks like an encoded word, which many readers decode where there may be none.
fn disposition_field(file: &Attachment, into: &mut Vec<u8>) {
    let kind = if file.is_inline { "inline" } else { "attachment" };
    let name = file.name.as_str();
    if name.is_empty() {
        mime_field("Content-Disposition", ContentType::new(kind), into);
    } else if name.contains(LIKE_ENCODED) {
        let octets = name.bytes().map(percent_encoded).collect::<String>();
        into.extend_from_slice(format!("Content-Disposition: {kind};\r\n filename*=utf-8''{octets}\r\n").as_bytes());
    } else {
        mime_field("Content-Disposition", ContentType::new(kind).attribute("filename", name), into);
    }
}

/// An octet of an extended value (RFC 2231, 7). Even all of a name in this form, not parted, fits on a line of 998.
fn percent_encoded(octet: u8) -> String {
    if octet.is_ascii_alphanumeric() || b"-._".contains(&octet) {
        char::from(octet).to_string()
    } else {
        format!("%{octet:02X}")
    }
}

fn encoding_field(encoded: &Encoded, into: &mut Vec<u8>) {
    into.extend_from_slice(format!("Content-Transfer-Encoding: {}\r\n", encoded.how).as_bytes());
}

/// A content as it grows.
struct Pieces {
    content: Content,
    /// Octets that are not a piece yet.
    open: Vec<u8>,
    stem: String,
    boundaries: usize,
}

impl Pieces {
    /// Fields, empty line, content.
    fn part(&mut self, part: &Part) {
        match part {
            Part::Leaf { fields, encoded } => {
                self.open.extend_from_slice(fields);
                self.open.extend_from_slice(b"\r\n");
                self.shared(&encoded.octets);
            }
            Part::Multi { kind, root, parts } => self.multi(kind, *root, parts),
        }
    }

    fn multi(&mut self, kind: &str, root: Option<&str>, parts: &[Part]) {
        let boundary = format!("{}{}", self.stem, self.boundaries);
        self.boundaries += 1;
        let mut value = ContentType::new(kind);
        if let Some(root) = root {
            value = value.attribute("type", root);
        }
        mime_field("Content-Type", value.attribute("boundary", boundary.as_str()), &mut self.open);
        for part in parts {
            self.open.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
            self.part(part);
        }
        self.open.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    }

    fn shared(&mut self, octets: &Bytes) {
        if octets.len() < SHARED_FROM {
            return self.open.extend_from_slice(octets);
        }
        self.flush();
        self.content.push(Piece::Memory(octets.clone()));
    }

    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            self.content.push(Piece::Memory(open.into()));
        }
    }

    fn finish(mut self) -> Content {
        self.flush();
        self.content
    }
}
