//! Lines that part a mail: the empty one behind a header, and boundaries (RFC 2046, 5.1.1).
//!
//! Rule: nothing but blanks stands behind a boundary, as most readers have it, so one may begin as another does.

use std::ops::Range;

/// The end of the line that begins here.
fn line_end(octets: &[u8], start: usize, end: usize) -> usize {
    memchr::memchr(b'\n', &octets[start..end]).map_or(end, |at| start + at + 1)
}

/// Where the body begins: behind the first empty line, with or without a CR.
pub(super) fn body_start(octets: &[u8], range: Range<usize>) -> usize {
    let mut start = range.start;
    while start < range.end {
        let end = line_end(octets, start, range.end);
        if matches!(&octets[start..end], b"\n" | b"\r\n") {
            return end;
        }
        start = end;
    }
    range.end
}

/// Where the fields end that stand before a body: before the empty line, if there is one.
pub(super) fn header_end(octets: &[u8], range: Range<usize>) -> usize {
    let header = &octets[range.clone()];
    let is_line = |rest: &[u8]| rest.is_empty() || rest.ends_with(b"\n");
    for line in [b"\r\n".as_slice(), b"\n"] {
        if header.strip_suffix(line).is_some_and(is_line) {
            return range.end - line.len();
        }
    }
    range.end
}

/// A part between two boundaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub range: Range<usize>,
    /// Where the boundary before it begins, with the end of the line in front.
    pub delimiter: usize,
}

/// The parts of a body; the last one may lack its end.
pub(super) struct Parts<'s> {
    octets: &'s [u8],
    boundary: &'s str,
    body: Range<usize>,
    at: usize,
    /// The part that is open: where its boundary begins, and where it begins itself.
    open: Option<(usize, usize)>,
    is_closed: bool,
}

/// The parts of the body that stands there.
pub(super) fn split<'s>(octets: &'s [u8], body: Range<usize>, boundary: &'s str) -> Parts<'s> {
    Parts { octets, boundary, at: body.start, body, open: None, is_closed: false }
}

impl Parts<'_> {
    /// The boundary that ends all has been seen.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// What stands behind the boundary, if this line is one that parts.
    fn behind<'l>(&self, line: &'l [u8]) -> Option<&'l [u8]> {
        let rest = line.strip_prefix(b"--")?.strip_prefix(self.boundary.as_bytes())?;
        rest.strip_prefix(b"--").unwrap_or(rest).trim_ascii().is_empty().then_some(rest)
    }

    /// The end of the line before a boundary belongs to the boundary.
    fn before(&self, line: usize, least: usize) -> usize {
        let octets = &self.octets[least..line];
        let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
        least + octets.strip_suffix(b"\r").unwrap_or(octets).len()
    }
}

impl Iterator for Parts<'_> {
    type Item = Split;

    fn next(&mut self) -> Option<Split> {
        while self.at < self.body.end && !self.is_closed {
            let line = self.at;
            self.at = line_end(self.octets, line, self.body.end);
            let Some(rest) = self.behind(&self.octets[line..self.at]) else { continue };
            self.is_closed = rest.starts_with(b"--");
            let least = self.open.map_or(self.body.start, |(_, start)| start);
            let end = self.before(line, least);
            if let Some((delimiter, start)) = self.open.replace((end, self.at)) {
                return Some(Split { range: start..end, delimiter });
            }
        }
        let (delimiter, start) = self.open.take().filter(|_| !self.is_closed)?;
        Some(Split { range: start..self.body.end, delimiter })
    }
}
