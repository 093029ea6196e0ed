//! Goes through the parts of a mail (RFC 2045, RFC 2046), those of mails within it too, and tells their names and types.
//!
//! Rule: the way has an end however a mail is made: octets, parts and depth have limits, and nothing calls itself. Where
//! a mail can be read in two ways, both are looked at; where that would take too long, it is not called read.

use bytes::Bytes;
use mail_parser::{
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
    Header, HeaderName, HeaderValue, MessageParser,
};
use postrider_engine::MAX_HEADER;

use crate::mime::{body_start, boundary, content_types, split, HeaderReader, LargeHeader, MAX_PART_HEADER};

/// Octets of bodies that may be gone through besides as many as the mail has for each depth.
const FREE_WORK: u64 = 1 << 20;

/// How far a mail is looked into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub parts: usize,
    pub depth: usize,
}

/// What a part says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// All names that it gives, decoded.
    pub names: Vec<String>,
    /// `type/subtype` in lower case, as often as the header says so.
    pub kinds: Vec<String>,
}

/// Why a mail was not looked into to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSeen {
    TooLarge,
    TooManyParts,
    TooDeep,
    /// A header in it has too many octets, or parameters.
    LargeHeader,
    /// A mail within it, or its own header, is written in a way that cannot be read.
    Unreadable,
}

impl std::fmt::Display for NotSeen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NotSeen::TooLarge => "it is too large to be looked into",
            NotSeen::TooManyParts => "it has too many parts to be looked into",
            NotSeen::TooDeep => "its parts are too deep to be looked into",
            NotSeen::LargeHeader => "a header in it is too large to be looked into",
            NotSeen::Unreadable => "a mail within it cannot be read",
        })
    }
}

impl From<LargeHeader> for NotSeen {
    fn from(_: LargeHeader) -> Self {
        NotSeen::LargeHeader
    }
}

/// Octets that lie within each other: a mail, or a part of one.
struct Entity {
    octets: Bytes,
    depth: usize,
    /// Within `multipart/digest` what says nothing is a mail (RFC 2046, 5.1.5).
    in_digest: bool,
    /// Octets that its header may have: a mail's own has more in it than a part's.
    most_header: usize,
}

/// Shows each part to `found`, until it says that it has seen enough.
pub(super) fn walk(mail: Bytes, bounds: Bounds, mut found: impl FnMut(Part) -> bool) -> Result<(), NotSeen> {
    let reader = HeaderReader::new();
    let mail_len = mail.len() as u64;
    let mut open = vec![Entity { octets: mail, depth: 0, in_digest: false, most_header: MAX_HEADER }];
    let mut seen = 0;
    // Each octet lies in one part of each depth. Only where two readings of a header make two ways are there more.
    let mut work = mail_len.saturating_mul(bounds.depth as u64 + 2) + FREE_WORK;
    while let Some(entity) = open.pop() {
        seen += 1;
        if seen > bounds.parts {
            return Err(NotSeen::TooManyParts);
        }
        let (header, body) = entity.octets.split_at(body_start(&entity.octets));
        let parsed = reader.read(header, entity.most_header)?;
        let fields = parsed.as_ref().and_then(|mail| mail.parts.first()).map_or(&[][..], |part| &part.headers[..]);
        let part = part(header, fields, entity.in_digest);
        let mut within = Vec::new();
        for content_type in content_types(fields) {
            let Some(boundary) = boundary(content_type) else { continue };
            work = work.checked_sub(body.len() as u64).ok_or(NotSeen::TooManyParts)?;
            let in_digest = content_type.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("digest"));
            let room = (bounds.parts + 1).saturating_sub(seen + open.len() + within.len());
            let (depth, most_header) = (entity.depth + 1, MAX_PART_HEADER);
            let part = |octets| Entity { octets: entity.octets.slice_ref(octets), depth, in_digest, most_header };
            within.extend(split(body, boundary).take(room).map(part));
        }
        if part.kinds.iter().any(|kind| is_mail(kind)) {
            let octets = decoded(&entity.octets, body, fields)?;
            within.push(Entity { octets, depth: entity.depth + 1, in_digest: false, most_header: MAX_HEADER });
        }
        if !within.is_empty() && entity.depth >= bounds.depth {
            return Err(NotSeen::TooDeep);
        }
        open.extend(within);
        if found(part) {
            return Ok(());
        }
    }
    Ok(())
}

fn part(header: &[u8], fields: &[Header<'_>], in_digest: bool) -> Part {
    let mut part = Part::default();
    for field in fields {
        let HeaderValue::ContentType(value) = &field.value else { continue };
        for attribute in value.attributes.iter().flatten() {
            // Also `name*0` and the like, where the parts of a name do not fit together.
            if attribute.name.starts_with("name") || attribute.name.starts_with("filename") {
                part.names.push(attribute.value.to_string());
            }
        }
        let written = header.get(field.offset_start as usize..field.offset_end as usize);
        part.names.extend(loose_names(written.unwrap_or_default()));
    }
    part.kinds.extend(content_types(fields).map(|kind| {
        let subtype = kind.subtype().unwrap_or_default();
        format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase()
    }));
    if part.kinds.is_empty() {
        part.kinds.push(if in_digest { "message/rfc822" } else { "text/plain" }.to_owned());
    }
    part
}

/// Names as readers may see them that allow blanks and comments where the grammar has none (RFC 2045, 5.1).
fn loose_names(value: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(value).replace(['\r', '\n'], "");
    let is_name = |left: &str| left.to_ascii_lowercase().contains("name");
    let pairs = text.split(';').filter_map(|pair| pair.split_once('=')).filter(|(left, _)| is_name(left));
    pairs.map(|(_, right)| with_words(right.trim_matches([' ', '\t', '"', '\'']))).collect()
}

/// A text with its encoded words decoded (RFC 2047): blanks between two of them are none.
fn with_words(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let field = format!("Subject: {text}\r\n\r\n");
    let parsed = MessageParser::new().header_text(HeaderName::Subject).parse_headers(field.as_bytes());
    let decoded = parsed.as_ref().and_then(|mail| mail.subject());
    decoded.unwrap_or(text).to_owned()
}

fn is_mail(kind: &str) -> bool {
    matches!(kind, "message/rfc822" | "message/global" | "message/news")
}

/// The mail within a part. RFC 2046, 5.2.1 forbids to encode it, but it is done and read.
fn decoded(whole: &Bytes, body: &[u8], fields: &[Header<'_>]) -> Result<Bytes, NotSeen> {
    let encoding = fields.iter().rev().find(|field| field.name == HeaderName::ContentTransferEncoding);
    let encoding = match encoding.map(|field| &field.value) {
        Some(HeaderValue::Text(text)) => text.trim().to_ascii_lowercase(),
        _ => String::new(),
    };
    let octets = match encoding.as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => return Ok(whole.slice_ref(body)),
    };
    octets.map(Bytes::from).ok_or(NotSeen::Unreadable)
}
