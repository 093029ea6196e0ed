//! One bad mail, opened: why it is here, whom it did not reach, and its octets.

use std::{io, sync::Arc};

use postrider_engine::{Address, Body, Content, OpenFile, Piece, SideFile};
use serde_json::{Map, Value};

use super::{entry::cut, note, Entry};

/// Octets of a header that are shown.
pub const MOST_HEADER: usize = 256 * 1024;
/// Octets of a text of a note.
const MOST_TEXT: usize = 8000;
/// Octets that are read at once to find the end of the header.
const PART: usize = 16 * 1024;

/// One bad mail.
#[non_exhaustive]
pub struct BadMessage {
    /// What a listing says of it.
    pub entry: Entry,
    /// Whom it did not reach.
    pub recipients: Vec<BadRecipient>,
    /// The kind of content that was announced.
    pub body: Body,
    /// The folder that it was in as a file.
    pub folder: Option<String>,
    /// The user that the file belonged to.
    pub owner: Option<u32>,
    /// The header field, or the line before the header, that its reason is about.
    pub field: Option<String>,
    /// The line that its reason is about.
    pub line: Option<u64>,
    file: Option<Arc<File>>,
}

/// Whom a mail did not reach, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRecipient {
    /// The address.
    pub address: Address,
    /// The original recipient (RFC 3461, 4.2).
    pub original: Option<String>,
    /// What was said last: the status of RFC 3463, the text.
    pub why: String,
    /// The host that said so; `None`: we did.
    pub said_by: Option<String>,
    /// It may have the mail nevertheless.
    pub perhaps_delivered: bool,
}

impl BadMessage {
    pub(super) fn of(
        entry: Entry,
        note: &Map<String, Value>,
        file: Option<(Arc<dyn OpenFile>, u64)>,
    ) -> io::Result<Self> {
        let word = |field: &str| text(note, field);
        let recipients = note.get("recipients").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let named = format!("badmail/{}", entry.name);
        Ok(BadMessage {
            recipients: recipients.iter().filter_map(|one| BadRecipient::of(one.as_object()?)).collect(),
            body: note::body_of(note.get("body").and_then(Value::as_str)),
            folder: word("folder"),
            owner: note.get("owner").and_then(Value::as_u64).and_then(|owner| u32::try_from(owner).ok()),
            field: word("field"),
            line: note.get("line").and_then(Value::as_u64),
            file: file.map(|(file, size)| Arc::new(File { name: named, file, size })),
            entry,
        })
    }

    /// Its octets, which are read when they are needed; `None`: there are none here.
    pub fn content(&self) -> Option<Content> {
        let file = Arc::clone(self.file.as_ref()?);
        let size = file.size;
        Some(Content::from_pieces(vec![Piece::Side(file, 0..size)]))
    }

    /// Its header without the empty line behind it, as far as [`MOST_HEADER`].
    ///
    /// # Errors
    /// Those of the file system.
    pub fn header(&self) -> io::Result<Vec<u8>> {
        let (mut header, mut part) = (Vec::new(), vec![0; PART]);
        let Some(file) = &self.file else { return Ok(header) };
        while header.len() < MOST_HEADER {
            let read = file.read_at(header.len() as u64, &mut part)?;
            let before = header.len().saturating_sub(3);
            header.extend_from_slice(&part[..read]);
            if let Some(end) = end_of_header(&header[before..]) {
                header.truncate(before + end);
                return Ok(header);
            }
            if read == 0 {
                break;
            }
        }
        header.truncate(MOST_HEADER);
        Ok(header)
    }
}

/// Where the header ends, with the end of its last line.
fn end_of_header(octets: &[u8]) -> Option<usize> {
    let ends = |pair: (usize, &u8)| *pair.1 == b'\n';
    let mut lines = octets.iter().enumerate().filter(|pair| ends(*pair)).map(|(at, _)| at + 1);
    lines.find(|at| octets[*at..].starts_with(b"\n") || octets[*at..].starts_with(b"\r\n"))
}

impl BadRecipient {
    fn of(note: &Map<String, Value>) -> Option<Self> {
        let (status, said) = (text(note, "status").unwrap_or_default(), text(note, "text").unwrap_or_default());
        let code = note.get("code").and_then(Value::as_u64).map(|code| format!("{code} ")).unwrap_or_default();
        Some(BadRecipient {
            address: Address::parse(note.get("address")?.as_str()?).ok()?,
            original: text(note, "original"),
            why: format!("{code}{status} {said}").trim().to_owned(),
            said_by: text(note, "said_by"),
            perhaps_delivered: note.get("perhaps_delivered") == Some(&Value::Bool(true)),
        })
    }
}

fn text(note: &Map<String, Value>, field: &str) -> Option<String> {
    note.get(field).and_then(Value::as_str).map(|text| cut(text, MOST_TEXT))
}

/// A file with a mail, as content reads it.
struct File {
    name: String,
    file: Arc<dyn OpenFile>,
    size: u64,
}

impl SideFile for File {
    fn name(&self) -> &str {
        &self.name
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }
}
