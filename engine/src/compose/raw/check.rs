//! Whether octets are a mail.
//!
//! Rule: what passes has CRLF line ends only, a header that all readers end at the same place, and no line that a host may
//! cut.

use bytes::Bytes;

use super::super::{ComposeError, RawProblem, MAX_COMPOSED_HEADER, MAX_MAIL};
use crate::{header::header_len, MAX_HEADER_LINE};

/// The octets with CRLF line ends; the very same memory if they have them already.
pub(super) fn mail(octets: &Bytes) -> Result<Bytes, ComposeError> {
    if octets.len() as u64 >= MAX_MAIL {
        return Err(ComposeError::TooLarge);
    }
    if let Some(at) = memchr::memchr(0, octets) {
        return Err(RawProblem::Nul { at }.into());
    }
    let octets = if has_bare_lf(octets)? { super::super::media::with_crlf(octets).into() } else { octets.clone() };
    if octets.len() as u64 >= MAX_MAIL {
        return Err(ComposeError::TooLarge);
    }
    lines(&octets)?;
    header(&octets)?;
    Ok(octets)
}

/// Some line ends with LF alone; none has a CR alone.
fn has_bare_lf(octets: &[u8]) -> Result<bool, RawProblem> {
    let mut has = false;
    for at in memchr::memchr2_iter(b'\r', b'\n', octets) {
        if octets[at] == b'\n' {
            has |= at == 0 || octets[at - 1] != b'\r';
        } else if octets.get(at + 1) != Some(&b'\n') {
            return Err(RawProblem::BareCr { at });
        }
    }
    Ok(has)
}

fn lines(octets: &[u8]) -> Result<(), RawProblem> {
    let (mut from, mut line) = (0, 1);
    for end in memchr::memchr_iter(b'\n', octets) {
        if end - from > MAX_HEADER_LINE + 1 {
            return Err(RawProblem::LongLine { line });
        }
        (from, line) = (end + 1, line + 1);
    }
    if octets.len() - from > MAX_HEADER_LINE {
        return Err(RawProblem::LongLine { line });
    }
    Ok(())
}

fn header(octets: &[u8]) -> Result<(), ComposeError> {
    let end = header_len(octets);
    if end == 0 {
        return Err(RawProblem::NoHeader.into());
    }
    if end > MAX_COMPOSED_HEADER {
        return Err(ComposeError::LongHeader);
    }
    if !octets[end..].is_empty() && !octets[end..].starts_with(b"\r\n") {
        let line = memchr::memchr_iter(b'\n', &octets[..end]).count() + 1;
        return Err(RawProblem::NotAField { line }.into());
    }
    std::str::from_utf8(&octets[..end]).map_err(|_| RawProblem::NotUtf8)?;
    Ok(())
}
