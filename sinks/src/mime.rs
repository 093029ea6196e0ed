//! The parts of a mail (RFC 2045, RFC 2046), level by level: where a body begins, what parts it, and into what.
//!
//! Rule: nothing here calls itself, and a step takes as long as what it is given is long. Whoever goes through a mail bounds
//! how often.

// Each of the two that go through mails has a part of its own here.
#![cfg_attr(not(all(feature = "maildir", feature = "stock")), allow(dead_code))]

use mail_parser::{ContentType, Header, HeaderName, HeaderValue};

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
