//! The octets of one mail as they come: lines that end with CRLF, LF or a mix of both, up to a lone dot or the end.
//!
//! Rule: however the octets are split, what is kept is the same. No octet is lost but line ends that were mended; a mail with a NUL,
//! or one that is too large, is refused, and no more of it is kept than the limit says.

use std::io::{self, Read};

/// Octets of a mail that are read before anybody is asked how many it may have: as few mails have.
pub const UNASKED: u64 = 1 << 20;
/// Octets that are read at once.
const CHUNK: usize = 64 << 10;

/// Why the input is no mail.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// It has a NUL, in this line.
    Nul(usize),
    /// It has more octets than it may have.
    TooLarge(u64),
    /// It cannot be read.
    Broken(String),
}

/// Lines as they come in.
#[derive(Debug, Default)]
pub struct Lines {
    kept: Vec<u8>,
    /// Where in `kept` the line begins that comes in.
    line: usize,
    /// Lines that are complete.
    lines: usize,
    /// CRs at the end of what came: of a line end, or blanks.
    returns: usize,
    /// A lone dot is a line like others.
    ignores_dots: bool,
}

impl Lines {
    /// No octets yet.
    pub fn new(ignores_dots: bool) -> Self {
        Lines { ignores_dots, ..Lines::default() }
    }

    /// Takes the next octets. `true`: a lone dot has come, and what is behind it is not of this mail.
    ///
    /// # Errors
    /// [`Unread::Nul`]
    pub fn take(&mut self, mut octets: &[u8]) -> Result<bool, Unread> {
        while let Some(at) = memchr::memchr3(b'\r', b'\n', 0, octets) {
            self.text(&octets[..at]);
            match octets[at] {
                b'\r' => self.returns += 1,
                b'\n' if self.is_lone_dot() => {
                    self.kept.truncate(self.line);
                    return Ok(true);
                }
                b'\n' => self.end_line(),
                _ => return Err(Unread::Nul(self.lines + 1)),
            }
            octets = &octets[at + 1..];
        }
        self.text(octets);
        Ok(false)
    }

    /// A CR that ends no line is a blank, as it is in mail that comes through the socket.
    fn text(&mut self, octets: &[u8]) {
        if !octets.is_empty() {
            self.kept.resize(self.kept.len() + std::mem::take(&mut self.returns), b' ');
            self.kept.extend_from_slice(octets);
        }
    }

    fn end_line(&mut self) {
        self.kept.extend_from_slice(b"\r\n");
        (self.returns, self.line) = (0, self.kept.len());
        self.lines += 1;
    }

    fn is_lone_dot(&self) -> bool {
        !self.ignores_dots && &self.kept[self.line..] == b"."
    }

    /// Octets that are kept.
    pub fn len(&self) -> u64 {
        (self.kept.len() + self.returns) as u64
    }

    /// All has come: a last line without an end gets one, or is the lone dot.
    pub fn finish(mut self) -> Vec<u8> {
        if self.is_lone_dot() {
            self.kept.truncate(self.line);
        } else if self.kept.len() > self.line {
            self.end_line();
        }
        self.kept
    }
}

/// Reads a mail to its end. `most` says how many octets it may have, and is asked only of one that has more than [`UNASKED`].
///
/// # Errors
/// [`Unread`]
pub fn read(mut from: impl Read, ignores_dots: bool, most: impl FnOnce() -> u64) -> Result<Vec<u8>, Unread> {
    let (mut lines, mut chunk) = (Lines::new(ignores_dots), vec![0; CHUNK]);
    let (mut may_have, mut most) = (UNASKED, Some(most));
    loop {
        let came = match from.read(&mut chunk) {
            Ok(0) => return Ok(lines.finish()),
            Ok(came) => came,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Unread::Broken(error.to_string())),
        };
        if lines.take(&chunk[..came])? {
            return Ok(lines.finish());
        }
        if lines.len() > may_have {
            may_have = most.take().map_or(may_have, |most| most());
            if lines.len() > may_have {
                return Err(Unread::TooLarge(may_have));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(octets: &[u8], ignores_dots: bool, step: usize) -> Result<Vec<u8>, Unread> {
        let mut lines = Lines::new(ignores_dots);
        for part in octets.chunks(step) {
            if lines.take(part)? {
                break;
            }
        }
        Ok(lines.finish())
    }

    #[test]
    fn lines_end_with_crlf_however_they_came_and_however_they_are_split() {
        let table: [(&[u8], &[u8]); 10] = [
            (b"", b""),
            (b"a", b"a\r\n"),
            (b"a\nb\n", b"a\r\nb\r\n"),
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"a\r\nb\nc", b"a\r\nb\r\nc\r\n"),
            (b"a\r\r\n\r\r\nb", b"a\r\n\r\nb\r\n"),
            (b"1%\r2%\r\n", b"1% 2%\r\n"),
            (b"a\r\rb\n", b"a  b\r\n"),
            (b"\n\n", b"\r\n\r\n"),
            (b"a\r", b"a\r\n"),
        ];
        for (came, kept) in table {
            for step in 1..=came.len().max(1) {
                assert_eq!(mended(came, false, step), Ok(kept.to_vec()), "{came:?} by {step}");
            }
        }
    }

    #[test]
    fn a_lone_dot_ends_the_mail_unless_it_is_to_be_ignored() {
        let table: [(&[u8], &[u8], &[u8]); 7] = [
            (b"a\n.\nb\n", b"a\r\n", b"a\r\n.\r\nb\r\n"),
            (b"a\r\n.\r\nb\r\n", b"a\r\n", b"a\r\n.\r\nb\r\n"),
            (b"a\n.", b"a\r\n", b"a\r\n.\r\n"),
            (b".\n", b"", b".\r\n"),
            (b"..\na\n", b"..\r\na\r\n", b"..\r\na\r\n"),
            (b".a\n. \n", b".a\r\n. \r\n", b".a\r\n. \r\n"),
            (b"a.\n", b"a.\r\n", b"a.\r\n"),
        ];
        for (came, by_dot, by_end) in table {
            for step in 1..=came.len() {
                assert_eq!(mended(came, false, step), Ok(by_dot.to_vec()), "{came:?} by {step}");
                assert_eq!(mended(came, true, step), Ok(by_end.to_vec()), "{came:?} by {step}, -i");
            }
        }
    }

    #[test]
    fn a_nul_is_refused_with_its_line() {
        assert_eq!(mended(b"a\nb\0c\n", false, 99), Err(Unread::Nul(2)));
        assert_eq!(mended(b"a\n.\n\0", false, 99), Ok(b"a\r\n".to_vec()), "it is behind the mail");
    }

    #[test]
    fn a_mail_that_is_too_large_is_not_read_to_its_end() {
        let endless = io::repeat(b'\n').take(8 << 20);
        assert_eq!(read(endless, true, || 3 << 20), Err(Unread::TooLarge(3 << 20)));
        let returns = io::repeat(b'\r').take(8 << 20);
        assert_eq!(read(returns, true, || 3 << 20), Err(Unread::TooLarge(3 << 20)));
        let small = read(&b"a\n"[..], true, || panic!("nobody is to be asked"));
        assert_eq!(small, Ok(b"a\r\n".to_vec()));
        let large = vec![b'x'; 2 << 20];
        assert_eq!(read(&large[..], true, || 3 << 20).map(|kept| kept.len()), Ok((2 << 20) + 2));
        assert_eq!(read(&large[..], true, || 1 << 20), Err(Unread::TooLarge(1 << 20)));
    }

    #[test]
    fn a_long_line_is_kept_whole() {
        let long = vec![b'x'; 100_000];
        assert_eq!(mended(&long, false, 999), Ok([&long[..], b"\r\n"].concat()));
    }
}
