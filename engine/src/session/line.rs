//! Takes command lines out of the octets (RFC 5321, 2.3.8).
//!
//! Rule: a line ends in CRLF only. A bare CR or LF makes the whole line, up to its CRLF, one refused command: what
//! stands behind it is never read as a command of its own.

use bytes::{Buf, BytesMut};
use memchr::memchr2;

/// What stands at the front of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// No whole line yet.
    Partial,
    /// A line without its end; it is taken out of the input.
    Whole(BytesMut),
    /// A line with a bare CR or LF; it is still in the input, to be skipped.
    Bare,
    /// A line above the limit; it is still in the input, to be skipped.
    TooLong,
}

/// Takes the next line. `limit` counts the CRLF; with `lenient` a bare LF ends a line, too.
pub(super) fn take(input: &mut BytesMut, limit: usize, lenient: bool) -> Line {
    let Some(at) = memchr2(b'\r', b'\n', input) else {
        return if input.len() + 2 > limit { Line::TooLong } else { Line::Partial };
    };
    if at + 2 > limit {
        return Line::TooLong;
    }
    let end = match (input[at], input.get(at + 1)) {
        (b'\r', None) => return Line::Partial,
        (b'\r', Some(b'\n')) => 2,
        (b'\n', _) if lenient => 1,
        _ => return Line::Bare,
    };
    let line = input.split_to(at);
    input.advance(end);
    Line::Whole(line)
}

/// Drops octets up to the end of the line and counts them. `true`: the end was reached.
pub(super) fn skip(input: &mut BytesMut, skipped: &mut usize, lenient: bool) -> bool {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\n', &input[from..]).map(|at| from + at) {
        if lenient || (at > 0 && input[at - 1] == b'\r') {
            *skipped += at + 1;
            input.advance(at + 1);
            return true;
        }
        from = at + 1;
    }
    // A last CR may be the first half of the end: it stays.
    let kept = usize::from(input.last() == Some(&b'\r'));
    let dropped = input.len() - kept;
    *skipped += dropped;
    input.advance(dropped);
    false
}
