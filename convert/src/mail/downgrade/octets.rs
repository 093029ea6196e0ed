//! Bodies in lines of ASCII: quoted-printable and base64 (RFC 2045, 6.7 and 6.8).
//!
//! Rule: whoever decodes what is written here has the very octets that were there, line ends included.

use mail_builder::encoders::Base64Encoder;

/// Octets of a line, without its end (RFC 5322, 2.1.1).
const MAX_LINE: usize = 998;
/// Characters of an encoded line (RFC 2045, 6.7 (5) and 6.8).
const MAX_ENCODED: usize = 76;

/// How lines of a mail end: as its first one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// As mail is sent.
    Crlf,
    /// As many programs keep it in files.
    Lf,
}

impl LineEnd {
    pub fn of(mail: &[u8]) -> Self {
        match memchr::memchr(b'\n', mail) {
            Some(at) if at == 0 || mail[at - 1] != b'\r' => LineEnd::Lf,
            _ => LineEnd::Crlf,
        }
    }

    pub fn octets(self) -> &'static [u8] {
        match self {
            LineEnd::Crlf => b"\r\n",
            LineEnd::Lf => b"\n",
        }
    }

    /// The first line that begins there, without its end, and how long it is with it.
    fn line(self, octets: &[u8]) -> (&[u8], usize) {
        let mut ends = memchr::memchr_iter(b'\n', octets);
        let is_end = |at: &usize| self == LineEnd::Lf || (*at > 0 && octets[at - 1] == b'\r');
        match ends.find(is_end) {
            Some(at) => (&octets[..at + 1 - self.octets().len()], at + 1),
            None => (octets, octets.len()),
        }
    }

    /// The same octets in lines that end so.
    pub fn all(self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len());
        for line in octets.split_inclusive(|one| *one == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                    out.extend_from_slice(self.octets());
                }
                None => out.extend_from_slice(line),
            }
        }
        out
    }

    /// The same with a question mark for each octet that may not stand there.
    pub fn mend(self, octets: &[u8], ascii: bool) -> Vec<u8> {
        let is_alone = |at: usize| octets.get(at + 1) != Some(&b'\n');
        let is_bad =
            |(at, one): (usize, &u8)| *one == 0 || (ascii && !one.is_ascii()) || (*one == b'\r' && is_alone(at));
        let good = |found: (usize, &u8)| if is_bad(found) { b'?' } else { *found.1 };
        self.all(&octets.iter().enumerate().map(good).collect::<Vec<u8>>())
    }

    /// Short lines without octets that no line may have, NUL and a CR or LF by itself.
    pub fn are_lines(self, octets: &[u8]) -> bool {
        let mut rest = octets;
        while !rest.is_empty() {
            let (line, length) = self.line(rest);
            let is_cut = |at: usize| self == LineEnd::Crlf || at + 1 < line.len();
            let has_cr = memchr::memchr_iter(b'\r', line).any(is_cut);
            if line.len() > MAX_LINE || has_cr || memchr::memchr2(0, b'\n', line).is_some() {
                return false;
            }
            rest = &rest[length..];
        }
        true
    }
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    QuotedPrintable,
    Base64,
}

impl Written {
    /// Text is to be read by people who cannot decode it, unless it is much longer then.
    pub fn best(octets: &[u8], is_text: bool) -> Self {
        let marked = octets.iter().filter(|one| !one.is_ascii() || **one == b'=' || **one < b'\t').count();
        let (quoted, base64) = (octets.len() + 2 * marked, octets.len().div_ceil(3) * 4);
        match is_text && quoted * 4 <= base64 * 5 {
            true => Written::QuotedPrintable,
            false => Written::Base64,
        }
    }

    /// The word in `Content-Transfer-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Written::QuotedPrintable => "quoted-printable",
            Written::Base64 => "base64",
        }
    }

    /// The octets in this encoding. `is_last`: nothing stands behind them that ends their last line.
    pub fn encode(self, octets: &[u8], line_end: LineEnd, is_last: bool) -> Vec<u8> {
        match self {
            Written::QuotedPrintable => quoted_printable(octets, line_end, is_last),
            Written::Base64 => base64(octets, line_end, is_last),
        }
    }

    /// At most so many octets become of these.
    pub fn room(self, octets: &[u8]) -> usize {
        match self {
            Written::QuotedPrintable => {
                let marked = octets.iter().filter(|one| !matches!(one, b' '..=b'<' | b'>'..=b'~' | b'\n')).count();
                let lines = memchr::memchr_iter(b'\n', octets).count() + 1;
                let quoted = octets.len().saturating_add(2 * marked).saturating_add(4 * lines);
                quoted.saturating_add(quoted / 70 * 3 + 8)
            }
            Written::Base64 => octets.len().saturating_mul(4) / 3 + octets.len() / 19 + 12,
        }
    }
}

fn base64(octets: &[u8], line_end: LineEnd, is_last: bool) -> Vec<u8> {
    let mut signs = Vec::with_capacity(octets.len().div_ceil(3) * 4);
    Base64Encoder::new().encode_into(octets, &mut signs);
    in_lines(&signs, line_end, is_last)
}

fn in_lines(signs: &[u8], line_end: LineEnd, is_last: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(signs.len() + signs.len() / 38 + 4);
    for (index, line) in signs.chunks(MAX_ENCODED).enumerate() {
        if index > 0 {
            out.extend_from_slice(line_end.octets());
        }
        out.extend_from_slice(line);
    }
    if is_last && !out.is_empty() {
        out.extend_from_slice(line_end.octets());
    }
    out
}

/// Base64 in which octets stand that are no part of it, without them.
pub(super) fn base64_again(octets: &[u8], line_end: LineEnd, is_last: bool) -> Vec<u8> {
    let is_sign = |one: &u8| one.is_ascii_alphanumeric() || b"+/=".contains(one);
    let signs: Vec<u8> = octets.iter().copied().filter(is_sign).collect();
    in_lines(&signs, line_end, is_last)
}

fn quoted_printable(octets: &[u8], line_end: LineEnd, is_last: bool) -> Vec<u8> {
    let mut quoting = Quoting { out: Vec::with_capacity(octets.len() + octets.len() / 4), column: 0, line_end };
    let mut rest = octets;
    while !rest.is_empty() {
        let (line, length) = line_end.line(rest);
        for (at, octet) in line.iter().enumerate() {
            let is_blank_at_end = matches!(octet, b' ' | b'\t') && at + 1 == line.len();
            // Mailboxes have lines that begin so for the beginning of a mail.
            let is_from = at == 0 && line.starts_with(b"From ");
            let is_plain = matches!(octet, b' '..=b'~' | b'\t') && *octet != b'=' && !is_blank_at_end && !is_from;
            quoting.octet(*octet, is_plain);
        }
        rest = &rest[length..];
        if length > line.len() {
            quoting.end();
        } else if is_last {
            quoting.soft_break();
        }
    }
    quoting.out
}

/// Quoted-printable in which octets stand that have to be quoted, or whose lines are too long, written again.
pub(super) fn quoted_again(octets: &[u8], line_end: LineEnd) -> Vec<u8> {
    let mut quoting = Quoting { out: Vec::with_capacity(octets.len() + octets.len() / 4), column: 0, line_end };
    let mut rest = octets;
    while !rest.is_empty() {
        let (mut line, length) = line_end.line(rest);
        let at_end = length > line.len();
        if line.len() > MAX_ENCODED {
            // Blanks at an end are none (RFC 2045, 6.7 (3)); before a soft break they would be.
            let blanks = line.iter().rev().take_while(|one| matches!(one, b' ' | b'\t')).count();
            line = &line[..line.len() - blanks];
        }
        let mut at = 0;
        while let Some(octet) = line.get(at) {
            let is_escape = |signs: &[u8]| signs.iter().skip(1).all(u8::is_ascii_hexdigit);
            match line.get(at..at + 3).filter(|signs| *octet == b'=' && is_escape(signs)) {
                Some(signs) => {
                    quoting.signs(signs);
                    at += 3;
                }
                None => {
                    // The sign of a soft break, or one that begins nothing: it stays, and needs no room behind it.
                    let is_plain = matches!(octet, b' '..=b'~' | b'\t');
                    match soft_break(&line[at..]) {
                        Some(length) if at + length == line.len() => quoting.out.push(b'='),
                        Some(_) => quoting.soft_break(),
                        None => quoting.octet(*octet, is_plain),
                    }
                    at += soft_break(&line[at..]).unwrap_or(1);
                }
            }
        }
        rest = &rest[length..];
        if at_end {
            quoting.end();
        }
    }
    quoting.out
}

/// How long the soft break is that stands there, with an end of its line that is a LF by itself.
fn soft_break(octets: &[u8]) -> Option<usize> {
    let behind = octets.strip_prefix(b"=")?;
    let blanks = behind.iter().take_while(|one| matches!(one, b' ' | b'\t')).count();
    match behind.get(blanks) {
        None => Some(1 + blanks),
        Some(b'\n') => Some(2 + blanks),
        Some(_) => None,
    }
}

/// Signs on their way into lines.
struct Quoting {
    out: Vec<u8>,
    column: usize,
    line_end: LineEnd,
}

impl Quoting {
    fn octet(&mut self, octet: u8, is_plain: bool) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        match is_plain {
            true => self.signs(&[octet]),
            false => self.signs(&[b'=', DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]),
        }
    }

    /// Signs that stand on one line, with room for a soft break behind them.
    fn signs(&mut self, signs: &[u8]) {
        if self.column + signs.len() >= MAX_ENCODED {
            self.soft_break();
        }
        self.out.extend_from_slice(signs);
        self.column += signs.len();
    }

    fn soft_break(&mut self) {
        self.out.push(b'=');
        self.end();
    }

    fn end(&mut self) {
        self.out.extend_from_slice(self.line_end.octets());
        self.column = 0;
    }
}
