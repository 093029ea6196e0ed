//! Finds the end of a mail and takes the dots out (RFC 5321, 4.1.1.4 and 4.5.2); walks over chunks (RFC 3030).
//!
//! Rule: only `CRLF . CRLF` ends a mail, and its first CRLF may be the one of the DATA line. Nothing else does: a bare
//! CR or LF is an octet of the line in which it stands, also where it is mended afterwards.

use bytes::{Buf, Bytes, BytesMut};
use memchr::{memchr3, memmem};

use super::{content::Fault, inspector::Inspector};

/// What becomes of a CR or LF that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newlines {
    /// A fault.
    Refuse,
    /// A bare LF becomes CRLF and a bare CR a blank: kept as they are they could end the mail at the next host.
    Mend,
    /// BINARYMIME: they are data, and so is NUL.
    Keep,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// More octets are needed.
    More,
    /// Content, as it is to be kept.
    Octets(Bytes),
    /// The end of the mail was taken out of the input.
    End,
}

/// What stands before the next octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// CRLF, or nothing: a dot may be the end.
    Crlf,
    /// A mended LF: a dot may be stuffed, but is never the end.
    BareLf,
    /// The line has begun.
    Text,
}

/// Octets to keep, then octets to drop.
struct Run {
    keep: usize,
    drop: usize,
}

#[derive(Debug)]
pub(super) struct Scanner {
    newlines: Newlines,
    before: Before,
    /// Stands in the place of what was just dropped.
    mended: Option<&'static [u8]>,
    /// The last chunk ended in CR: the next one must begin with LF.
    held_cr: bool,
}

impl Scanner {
    pub(super) fn new(newlines: Newlines) -> Self {
        Scanner { newlines, before: Before::Crlf, mended: None, held_cr: false }
    }

    /// The next piece of content that comes by DATA.
    pub(super) fn stuffed(&mut self, input: &mut BytesMut, seen: &mut Inspector) -> Piece {
        if let Some(piece) = self.take_mended() {
            return piece;
        }
        if self.before != Before::Text && input.first() == Some(&b'.') {
            if self.before == Before::Crlf && input.starts_with(b".\r\n") {
                input.advance(3);
                return Piece::End;
            }
            if self.before == Before::Crlf && b".\r\n".starts_with(input) {
                return Piece::More;
            }
            input.advance(1);
            self.before = Before::Text;
        }
        let run = self.run(input, true, seen);
        self.take_run(input, run, seen)
    }

    /// The next piece of a chunk of which `left` octets are still to come; counts them down. [`Piece::More`] with
    /// nothing left is the end of the chunk.
    pub(super) fn chunk(&mut self, input: &mut BytesMut, left: &mut u64, seen: &mut Inspector) -> Piece {
        if let Some(piece) = self.take_mended() {
            return piece;
        }
        let size = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
        if size == 0 {
            return Piece::More;
        }
        let before = input.len();
        let piece = self.chunk_window(input, size, size as u64 == *left, seen);
        *left -= (before - input.len()) as u64;
        piece
    }

    fn chunk_window(&mut self, input: &mut BytesMut, size: usize, is_last: bool, seen: &mut Inspector) -> Piece {
        if std::mem::take(&mut self.held_cr) {
            return Piece::Octets(Bytes::from_static(self.settle_cr(input, seen)));
        }
        if self.newlines == Newlines::Keep && !seen.in_header() {
            return self.take_run(input, Run { keep: size, drop: 0 }, seen);
        }
        let run = self.run(&input[..size], false, seen);
        if run.keep == 0 && run.drop == 0 && is_last {
            // A CR alone is left of the chunk; what follows in the input is a command.
            self.held_cr = true;
            input.advance(1);
            return Piece::More;
        }
        self.take_run(input, run, seen)
    }

    /// The content is over: what was held back, if anything.
    pub(super) fn finish(&mut self, seen: &mut Inspector) -> Option<Bytes> {
        let held = std::mem::take(&mut self.held_cr);
        held.then(|| Bytes::from_static(self.bare_cr(seen)))
    }

    /// A CR was held back: what it is with the octet that follows.
    fn settle_cr(&mut self, input: &mut BytesMut, seen: &mut Inspector) -> &'static [u8] {
        if input.first() == Some(&b'\n') {
            input.advance(1);
            seen.newline();
            self.before = Before::Crlf;
            b"\r\n"
        } else {
            self.bare_cr(seen)
        }
    }

    /// Notes a bare CR and says what is kept in its place; that is what is looked at, or a field that goes on behind it would
    /// be no field to us and one to all others.
    fn bare_cr(&mut self, seen: &mut Inspector) -> &'static [u8] {
        let kept = if self.newlines == Newlines::Mend { b" " } else { b"\r" };
        seen.text(kept);
        if self.newlines == Newlines::Refuse {
            seen.note(Fault::BareNewline);
        }
        kept
    }

    fn take_mended(&mut self) -> Option<Piece> {
        self.mended.take().map(|octets| Piece::Octets(Bytes::from_static(octets)))
    }

    fn take_run(&mut self, input: &mut BytesMut, run: Run, seen: &mut Inspector) -> Piece {
        let octets = input.split_to(run.keep).freeze();
        input.advance(run.drop);
        if octets.is_empty() {
            return self.take_mended().unwrap_or(Piece::More);
        }
        seen.octets(&octets);
        Piece::Octets(octets)
    }

    /// Walks as far as content can be kept in one piece: up to a dot that begins a line, a newline that is mended, or a
    /// CR whose LF is still to come.
    fn run(&mut self, window: &[u8], dots: bool, seen: &mut Inspector) -> Run {
        if let Some(keep) = self.plain_run(window, dots, seen) {
            return Run { keep, drop: 0 };
        }
        let mut from = 0;
        while let Some(at) = memchr3(b'\r', b'\n', 0, &window[from..]).map(|at| from + at) {
            seen.text(&window[from..at]);
            from = match (window[at], window.get(at + 1)) {
                (b'\r', Some(b'\n')) => {
                    seen.newline();
                    self.before = Before::Crlf;
                    if dots && window.get(at + 2) == Some(&b'.') {
                        return Run { keep: at + 2, drop: 0 };
                    }
                    at + 2
                }
                // It stays in the input, so what stands before it does not matter: it is no dot.
                (b'\r', None) => return Run { keep: at, drop: 0 },
                (lone, _) if self.alone(lone, seen) => return Run { keep: at, drop: 1 },
                _ => at + 1,
            };
        }
        seen.text(&window[from..]);
        if from < window.len() {
            self.before = Before::Text;
        }
        Run { keep: window.len(), drop: 0 }
    }

    /// The octets of a run of body text as nearly all of it is: good lines, of which none needs to be looked at alone.
    /// Where newlines are mended there are runs of a line each, and looking ahead would look at most of it again.
    fn plain_run(&mut self, window: &[u8], dots: bool, seen: &mut Inspector) -> Option<usize> {
        if self.newlines == Newlines::Mend || !seen.is_body_with_room(window.len()) {
            return None;
        }
        let end = if dots { memmem::find(window, b"\r\n.").map(|at| at + 2) } else { None };
        let run = &window[..end.unwrap_or(window.len())];
        let run = run.strip_suffix(b"\r").unwrap_or(run);
        if !is_plain(run) {
            return None;
        }
        seen.lines(run);
        self.before = if run.ends_with(b"\r\n") { Before::Crlf } else { Before::Text };
        Some(run.len())
    }

    /// A NUL, or a CR or LF that stands alone. `true`: it is mended, so the run ends before it.
    fn alone(&mut self, octet: u8, seen: &mut Inspector) -> bool {
        self.before = Before::Text;
        match (octet, self.newlines) {
            (b'\r', Newlines::Mend) => self.mended = Some(self.bare_cr(seen)),
            (b'\n', Newlines::Mend) => {
                seen.newline();
                self.before = Before::BareLf;
                self.mended = Some(b"\r\n");
            }
            (b'\r', _) => {
                self.bare_cr(seen);
            }
            (_, Newlines::Keep) => seen.text(&[octet]),
            _ => {
                seen.text(&[octet]);
                seen.note(if octet == 0 { Fault::Nul } else { Fault::BareNewline });
            }
        }
        self.mended.is_some()
    }
}

/// Not empty, no NUL, and each CR has its LF and each LF its CR. Written so that the compiler takes many octets at once.
fn is_plain(run: &[u8]) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    let odd = run
        .iter()
        .zip(&run[1..])
        .fold(0, |odd, (octet, next)| odd | u8::from((*octet == b'\r') != (*next == b'\n')) | u8::from(*octet == 0));
    odd == 0 && *first != b'\n' && *last != b'\r' && *last != 0
}
