//! The body of a message: its text, its HTML and what is attached.
//!
//! Rule: every part is one of the three, so nothing is lost; the way through the parts has an end however a mail is made.
//! A mail within a mail is an attachment, and is not looked into.

use std::fmt;

use bytes::Bytes;
use mail_parser::{
    decoders::{base64::base64_decode, charsets::map::charset_decoder, quoted_printable::quoted_printable_decode},
    ContentType, MessagePart, MimeHeaders,
};

use super::{MessageProblem, MOST_HEADER};
use crate::mime::{body_start, boundary, split_exactly, HeaderReader, MAX_PARAMETERS, MAX_PART_HEADER};

/// Parts of a message, those that hold others included. People send less than a hundred.
pub const MOST_PARTS: usize = 1000;
/// Parts within parts. People send four.
pub const MOST_DEPTH: usize = 20;
/// Octets of the header of a part.
pub const MOST_PART_HEADER: usize = MAX_PART_HEADER;
/// Parameters of `Content-Type` or `Content-Disposition`, of the message or of a part. Real ones have three, and twenty where
/// a long name is in pieces.
pub const MOST_PARAMETERS: usize = MAX_PARAMETERS;
/// Octets of the name that a file is given for an attachment: fits every file system, with something in front.
const MAX_FILE_NAME: usize = 200;

/// What is in a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MessageBody {
    text: Option<String>,
    html: Option<String>,
    attachments: Vec<Attachment>,
}

/// A part that is neither the text nor the HTML of its message. What it says of itself, the sender has written.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    name: Option<String>,
    kind: String,
    content_id: Option<String>,
    octets: Bytes,
    is_damaged: bool,
}

impl fmt::Debug for MessageBody {
    /// How much there is, and nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = |text: &Option<String>| text.as_ref().map(String::len);
        let (text, html) = (octets(&self.text), octets(&self.html));
        f.debug_struct("MessageBody")
            .field("text", &text)
            .field("html", &html)
            .field("attachments", &self.attachments)
            .finish()
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("kind", &self.kind)
            .field("octets", &self.octets.len())
            .finish_non_exhaustive()
    }
}

impl MessageBody {
    /// The text: the first part of type `text/plain` that is not attached. As it stands in the message; ends of lines are CRLF or LF.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The HTML: the first part of type `text/html` that is not attached. It may hold whatever its sender likes.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// All other parts, in their order: also images that the HTML shows, further texts, and mails that were passed on.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }
}

impl Attachment {
    /// The name that its sender gave it, decoded (RFC 2231, RFC 2047). It may be a path, or hold anything: see
    /// [`file_name`](Attachment::file_name).
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A name that can be given to a file in a folder of the program's: the last part of [`name`](Attachment::name), without
    /// control characters, dots in front and more than 200 octets. Two attachments may have the same.
    pub fn file_name(&self) -> Option<String> {
        let last = self.name.as_deref()?.rsplit(['/', '\\']).next()?;
        let mut name: String = last.chars().filter(|c| !c.is_control()).collect();
        name = name.trim_end().trim_start_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
        while name.len() > MAX_FILE_NAME {
            name.pop();
        }
        Some(name).filter(|name| !name.is_empty())
    }

    /// Its type in lower case, as `"image/png"`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// `Content-ID` without brackets: how the HTML names it (RFC 2392).
    pub fn content_id(&self) -> Option<&str> {
        self.content_id.as_deref()
    }

    /// Its octets, decoded.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Its encoding is broken: the octets are those of the message, not decoded.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}

/// Octets that lie within each other: the message, or a part of it.
struct Entity {
    octets: Bytes,
    depth: usize,
    /// Within `multipart/digest` what says nothing is a mail (RFC 2046, 5.1.5).
    in_digest: bool,
}

impl Entity {
    fn most_header(&self) -> usize {
        match self.depth {
            0 => usize::try_from(MOST_HEADER).unwrap_or(usize::MAX),
            _ => MOST_PART_HEADER,
        }
    }
}

/// Goes through all parts.
pub(super) fn read(mail: Bytes) -> Result<MessageBody, MessageProblem> {
    let reader = HeaderReader::new();
    let mut body = MessageBody::default();
    let (mut open, mut seen) = (vec![Entity { octets: mail, depth: 0, in_digest: false }], 0);
    while let Some(entity) = open.pop() {
        seen += 1;
        if seen > MOST_PARTS {
            return Err(MessageProblem::Parts);
        }
        let (header, content) = entity.octets.split_at(body_start(&entity.octets));
        let parsed = reader.read(header, entity.most_header()).map_err(|_| MessageProblem::PartHeader)?;
        let header = parsed.as_ref().and_then(|mail| mail.parts.first());
        let within = parts(&entity, content, header.and_then(|header| header.content_type()), MOST_PARTS + 1 - seen);
        if within.is_empty() {
            body.add(&Leaf { header, in_digest: entity.in_digest, octets: entity.octets.slice_ref(content) });
        } else if entity.depth == MOST_DEPTH {
            return Err(MessageProblem::Parts);
        }
        open.extend(within.into_iter().rev());
    }
    Ok(body)
}

/// The parts of a part; none: it is a leaf, or it lacks what parts it.
fn parts(of: &Entity, content: &[u8], content_type: Option<&ContentType<'_>>, most: usize) -> Vec<Entity> {
    let Some((kind, boundary)) = content_type.and_then(|kind| Some((kind, boundary(kind)?))) else { return Vec::new() };
    let in_digest = kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("digest"));
    let part =
        |octets| Entity { octets: of.octets.slice_ref(without_line_end(octets)), depth: of.depth + 1, in_digest };
    split_exactly(content, boundary).take(most).map(part).collect()
}

/// The end of the line before a boundary belongs to the boundary (RFC 2046, 5.1.1).
fn without_line_end(octets: &[u8]) -> &[u8] {
    let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
    octets.strip_suffix(b"\r").unwrap_or(octets)
}

/// A part that has no parts.
struct Leaf<'a> {
    header: Option<&'a MessagePart<'a>>,
    in_digest: bool,
    octets: Bytes,
}

impl Leaf<'_> {
    fn kind(&self) -> String {
        let said = self.header.and_then(|header| header.content_type());
        match said {
            Some(kind) => format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase(),
            None if self.in_digest => "message/rfc822".to_owned(),
            None => "text/plain".to_owned(), // RFC 2045, 5.2
        }
    }

    /// It has a name, or says that it is attached.
    fn is_attached(&self) -> bool {
        let Some(header) = self.header else { return false };
        header.content_disposition().is_some_and(ContentType::is_attachment) || header.attachment_name().is_some()
    }

    /// The octets, decoded (RFC 2045, 6); as they are, if that fails.
    fn decoded(&self) -> (Bytes, bool) {
        let encoding = self.header.and_then(|header| header.content_transfer_encoding()).unwrap_or_default().trim();
        let decoded = match encoding {
            _ if encoding.eq_ignore_ascii_case("base64") => base64_decode(&self.octets),
            _ if encoding.eq_ignore_ascii_case("quoted-printable") => quoted_printable_decode(&self.octets),
            _ => return (self.octets.clone(), false),
        };
        decoded.map_or((self.octets.clone(), true), |octets| (octets.into(), false))
    }

    /// The octets as text. What its character set has not becomes U+FFFD.
    fn text(&self) -> String {
        let (octets, _) = self.decoded();
        let charset = self.header.and_then(|header| header.content_type()?.attribute("charset"));
        match charset.and_then(|charset| charset_decoder(charset.as_bytes())) {
            Some(decode) => decode(&octets),
            None => String::from_utf8_lossy(&octets).into_owned(),
        }
    }

    fn attachment(&self, kind: String) -> Attachment {
        let (octets, is_damaged) = self.decoded();
        let name = self.header.and_then(|header| header.attachment_name()).map(str::to_owned);
        let content_id = self.header.and_then(|header| header.content_id()).map(str::to_owned);
        Attachment { name, kind, content_id, octets, is_damaged }
    }
}

impl MessageBody {
    fn add(&mut self, leaf: &Leaf<'_>) {
        let kind = leaf.kind();
        match kind.as_str() {
            "text/plain" if self.text.is_none() && !leaf.is_attached() => self.text = Some(leaf.text()),
            "text/html" if self.html.is_none() && !leaf.is_attached() => self.html = Some(leaf.text()),
            _ => self.attachments.push(leaf.attachment(kind)),
        }
    }
}
