//! The parts of a mail (RFC 2045, RFC 2046), level by level: where a body begins, what parts it, and into what.
//!
//! Rule: nothing here calls itself, and a step takes as long as what it is given is long; a header that would take longer is
//! not parsed. Whoever goes through a mail bounds how often.

// Each of the two that go through mails has a part of its own here.
#![cfg_attr(not(all(feature = "maildir", feature = "stock")), allow(dead_code))]

use mail_parser::{ContentType, Header, HeaderName, HeaderValue, Message, MessageParser};

/// Octets of the header of a part that is parsed. Real ones have some hundred; a name of 255 signs takes three thousand.
pub(crate) const MAX_PART_HEADER: usize = 64 * 1024;
/// Parameters of one field that is parsed. Real ones have three, a long name in pieces (RFC 2231, 3) some twenty. The parser
/// compares each piece with all parameters before it.
pub(crate) const MAX_PARAMETERS: usize = 100;

/// A header is larger than its limit, or a field of it has more than [`MAX_PARAMETERS`]: it was not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LargeHeader;

/// Parses what headers say of content (RFC 2045).
pub(crate) struct HeaderReader {
    /// Finds the same fields, and does not look into them.
    outline: MessageParser,
    parser: MessageParser,
}

impl HeaderReader {
    pub(crate) fn new() -> Self {
        let outline = MessageParser::new().ignore_header(HeaderName::ContentType).default_header_ignore();
        HeaderReader { outline, parser: MessageParser::new().with_mime_headers() }
    }

    /// `None`: it has no fields.
    pub(crate) fn read<'a>(&self, header: &'a [u8], most: usize) -> Result<Option<Message<'a>>, LargeHeader> {
        if header.len() > most {
            return Err(LargeHeader);
        }
        let outline = self.outline.parse_headers(header);
        let has_too_many = |field: &Header<'_>| {
            let has_parameters = matches!(field.name, HeaderName::ContentType | HeaderName::ContentDisposition);
            let written = header.get(field.offset_start as usize..field.offset_end as usize);
            has_parameters && written.is_none_or(|written| parameters(written) > MAX_PARAMETERS)
        };
        match outline.is_some_and(|mail| mail.headers().iter().any(has_too_many)) {
            true => Err(LargeHeader),
            false => Ok(self.parser.parse_headers(header)),
        }
    }
}

/// At least as many as the parser sees: whatever can end one parameter, the next has a `=` of its own behind it.
fn parameters(field: &[u8]) -> usize {
    let (mut count, mut has_ended) = (0, true);
    for octet in field {
        match octet {
            b';' | b'"' | b'(' | b')' | b'\n' => has_ended = true,
            b'=' if has_ended => (count, has_ended) = (count + 1, false),
            _ => {}
        }
    }
    count
}

pub(crate) fn content_types<'a>(fields: &'a [Header<'a>]) -> impl Iterator<Item = &'a ContentType<'a>> {
    fields.iter().filter(|field| field.name == HeaderName::ContentType).filter_map(|field| match &field.value {
        HeaderValue::ContentType(value) => Some(value),
        _ => None,
    })
}

pub(crate) fn boundary<'a>(content_type: &'a ContentType<'a>) -> Option<&'a str> {
    let is_multipart = content_type.ctype().eq_ignore_ascii_case("multipart");
    content_type.attribute("boundary").filter(|boundary| is_multipart && !boundary.is_empty())
}

/// Where the body begins: behind the first empty line, with or without a CR.
pub(crate) fn body_start(octets: &[u8]) -> usize {
    let mut start = 0;
    while start < octets.len() {
        let end = memchr::memchr(b'\n', &octets[start..]).map_or(octets.len(), |at| start + at + 1);
        if matches!(&octets[start..end], b"\n" | b"\r\n") {
            return end;
        }
        start = end;
    }
    octets.len()
}

/// The parts between the lines that part them (RFC 2046, 5.1.1); the last one may lack its end. What stands behind the
/// boundary on a line is not looked at: some readers do not either.
pub(crate) fn split<'a>(body: &'a [u8], boundary: &'a str) -> impl Iterator<Item = &'a [u8]> {
    split_at(body, move |line| line.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes()))
}

/// The same as most readers have it: nothing but blanks stands behind a boundary, so one may begin as another does.
pub(crate) fn split_exactly<'a>(body: &'a [u8], boundary: &'a str) -> impl Iterator<Item = &'a [u8]> {
    split_at(body, move |line| {
        let rest = line.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?;
        rest.strip_prefix(b"--").unwrap_or(rest).trim_ascii().is_empty().then_some(rest)
    })
}

/// `delimiter` gives what stands behind the boundary, if the line is one that parts.
fn split_at<'a>(body: &'a [u8], delimiter: impl Fn(&'a [u8]) -> Option<&'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    let (mut at, mut start, mut is_over) = (0, None, false);
    std::iter::from_fn(move || {
        while at < body.len() && !is_over {
            let line = at;
            at = memchr::memchr(b'\n', &body[at..]).map_or(body.len(), |end| at + end + 1);
            let Some(rest) = delimiter(&body[line..at]) else { continue };
            is_over = rest.starts_with(b"--");
            let before = start.replace(at);
            if let Some(before) = before {
                return Some(&body[before..line]);
            }
        }
        let last = start.take().filter(|_| !is_over)?;
        Some(&body[last..])
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_parser_never_sees_more_parameters_than_are_counted(
            value in "a/b;?(a|b|c|\\*|0|1|=|\"|'|;|\\(|\\)|\\\\| |\n |\r\n\t|/|=\\?utf-8\\?q\\?x\\?=){0,60}",
        ) {
            let field = format!("Content-Type: {value}\r\n\r\n");
            let parsed = HeaderReader::new().read(field.as_bytes(), MAX_PART_HEADER).unwrap();
            let fields = parsed.as_ref().map_or(&[][..], Message::headers);
            let seen = content_types(fields).filter_map(|kind| kind.attributes()).flatten();
            // Beside it, each may have a language (RFC 2231, 4).
            let seen = seen.filter(|attribute| !attribute.name.ends_with("-language")).count();
            prop_assert!(seen <= parameters(field.as_bytes()), "{seen}: {field:?}");
        }
    }
}
