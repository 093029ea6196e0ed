//! Writes a mail into its file: lines of ours, then the content as it is but for the ends of its lines.
//!
//! Rule: one part of the content is in hand, however large it is; what is shorter than it says is an error.

use std::{
    io::{self, Write},
    ops::Range,
};

use memchr::memchr;
use postrider_engine::{Content, Piece, SideFile};

/// Octets of a side file that are in hand at once.
const PART: usize = 64 * 1024;

/// Why it was not written whole.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The file.
    File(io::Error),
    /// The spool's side of it.
    Content(io::Error),
}

/// Writes lines of ours, which end in CRLF, and all of the content, and says how many octets that were. `lf`: lines end in
/// LF in the file.
pub(crate) fn write(out: impl Write, above: &str, mail: &Content, lf: bool) -> Result<u64, WriteError> {
    let mut lines = Lines { out, lf, cr: false, written: 0 };
    lines.add(above.as_bytes()).map_err(WriteError::File)?;
    content(mail, &mut lines)?;
    lines.end().map_err(WriteError::File)
}

fn content(content: &Content, lines: &mut Lines<impl Write>) -> Result<(), WriteError> {
    for piece in content.pieces() {
        match piece {
            Piece::Memory(octets) => lines.add(octets).map_err(WriteError::File)?,
            Piece::Side(file, range) => side(file.as_ref(), range.clone(), lines)?,
        }
    }
    Ok(())
}

fn side(file: &dyn SideFile, range: Range<u64>, lines: &mut Lines<impl Write>) -> Result<(), WriteError> {
    let (mut at, mut part) = (range.start, vec![0; PART]);
    while at < range.end {
        let most = usize::try_from(range.end - at).unwrap_or(PART).min(PART);
        let read = file.read_at(at, &mut part[..most]).map_err(WriteError::Content)?;
        if read == 0 {
            return Err(WriteError::Content(io::ErrorKind::UnexpectedEof.into()));
        }
        lines.add(&part[..read]).map_err(WriteError::File)?;
        at += read as u64;
    }
    Ok(())
}

/// Octets on their way into the file.
struct Lines<W> {
    out: W,
    /// CRLF becomes LF; a CR or LF alone stays what it is.
    lf: bool,
    /// The last octet was a CR, and is not written yet.
    cr: bool,
    written: u64,
}

impl<W: Write> Lines<W> {
    fn add(&mut self, mut octets: &[u8]) -> io::Result<()> {
        if !self.lf {
            return self.put(octets);
        }
        if let (true, Some(next)) = (self.cr, octets.first()) {
            self.cr = false;
            if *next != b'\n' {
                self.put(b"\r")?;
            }
        }
        while let Some(at) = memchr(b'\r', octets) {
            let (before, rest) = (&octets[..at], &octets[at + 1..]);
            self.put(before)?;
            match rest.first() {
                None => self.cr = true,
                Some(b'\n') => {}
                Some(_) => self.put(b"\r")?,
            }
            octets = rest;
        }
        self.put(octets)
    }

    fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        self.written += octets.len() as u64;
        self.out.write_all(octets)
    }

    fn end(mut self) -> io::Result<u64> {
        if self.cr {
            self.put(b"\r")?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn converted(parts: &[&[u8]], lf: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let mut lines = Lines { out: &mut out, lf, cr: false, written: 0 };
        parts.iter().for_each(|part| lines.add(part).unwrap());
        let written = lines.end().unwrap();
        assert_eq!(written, out.len() as u64);
        out
    }

    #[test]
    fn only_the_ends_of_lines_change() {
        let table: [(&[u8], &[u8]); 6] = [
            (b"a\r\nb\r\n", b"a\nb\n"),
            (b"a\nb", b"a\nb"),
            (b"a\rb\r", b"a\rb\r"),
            (b"\r\r\n\n", b"\r\n\n"),
            (b"\0\xff\r\n", b"\0\xff\n"),
            (b"", b""),
        ];
        for (from, to) in table {
            assert_eq!(converted(&[from], true), to, "{from:?}");
            assert_eq!(converted(&[from], false), from, "{from:?}");
        }
    }

    proptest! {
        #[test]
        fn however_content_is_cut_it_is_written_alike(octets in "[\r\na]{0,30}", cuts in proptest::collection::vec(0usize..30, 0..5)) {
            let octets = octets.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < octets.len()).collect();
            cuts.sort_unstable();
            cuts.push(octets.len());
            let (mut parts, mut from) = (Vec::new(), 0);
            for cut in cuts {
                parts.push(&octets[from..cut]);
                from = cut;
            }
            prop_assert_eq!(converted(&parts, true), converted(&[octets], true));
        }
    }
}
