//! Content as DATA carries it: a dot more before each line that begins with one, and a CRLF at the end.
//!
//! Rule: nothing else is touched, and only CRLF makes a line (RFC 5321, 4.5.2 and 2.3.8): what the peer takes the dots
//! off is the content octet for octet, with a final CRLF if it had none.

use memchr::memmem::Finder;

/// Stuffs content that comes in parts.
pub(super) struct Stuffer {
    line_with_dot: Finder<'static>,
    at: At,
}

/// Where the octets so far have ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Behind CRLF, or before everything.
    LineStart,
    /// Behind a CR.
    Cr,
    /// Anywhere else.
    Within,
}

impl Stuffer {
    /// Before the first octet.
    pub fn new() -> Self {
        Stuffer { line_with_dot: Finder::new(b"\r\n."), at: At::LineStart }
    }

    /// Adds one part to `out`.
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let Some(last) = octets.last() else { return };
        let mut from = self.begin(octets, out);
        for place in self.line_with_dot.find_iter(octets) {
            let dot = place + 2;
            out.extend_from_slice(&octets[from..dot]);
            out.push(b'.');
            from = dot;
        }
        out.extend_from_slice(&octets[from..]);
        let ends_line = octets.ends_with(b"\r\n") || (octets == b"\n" && self.at == At::Cr);
        self.at = match last {
            b'\r' => At::Cr,
            b'\n' if ends_line => At::LineStart,
            _ => At::Within,
        };
    }

    /// A line that begins, as seen from the part before; says how many octets it has dealt with.
    fn begin(&self, octets: &[u8], out: &mut Vec<u8>) -> usize {
        match (self.at, octets) {
            (At::LineStart, [b'.', ..]) => out.push(b'.'),
            (At::Cr, [b'\n', b'.', ..]) => {
                out.extend_from_slice(b"\n.");
                return 1;
            }
            _ => {}
        }
        0
    }

    /// The last line gets an end if it has none. What is missing is the dot.
    pub fn finish(self, out: &mut Vec<u8>) {
        if self.at != At::LineStart {
            out.extend_from_slice(b"\r\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stuffed(parts: &[&[u8]]) -> Vec<u8> {
        let (mut stuffer, mut out) = (Stuffer::new(), Vec::new());
        parts.iter().for_each(|part| stuffer.push(part, &mut out));
        stuffer.finish(&mut out);
        out
    }

    /// Takes the dots off again, octet by octet, by the letter of RFC 5321, 4.5.2. `None`: there is an end of mail
    /// within, which must never be.
    fn unstuffed(octets: &[u8]) -> Option<Vec<u8>> {
        let (mut out, mut rest, mut line_start) = (Vec::new(), octets, true);
        while let Some((first, after)) = rest.split_first() {
            if line_start && rest.starts_with(b".\r\n") {
                return None;
            }
            if !(line_start && *first == b'.') {
                out.push(*first);
            } else if let Some(second) = after.first() {
                out.push(*second);
                rest = &after[1..];
                line_start = false;
                continue;
            }
            line_start = *first == b'\n' && out.ends_with(b"\r\n");
            rest = after;
        }
        Some(out)
    }

    fn with_final_crlf(mut content: Vec<u8>) -> Vec<u8> {
        if !content.is_empty() && !content.ends_with(b"\r\n") {
            content.extend_from_slice(b"\r\n");
        }
        content
    }

    #[test]
    fn a_line_that_begins_with_a_dot_gets_one_more() {
        for (content, sent) in [
            (&b""[..], &b""[..]),
            (b".", b"..\r\n"),
            (b"..x\r\n", b"...x\r\n"),
            (b"hi\r\n", b"hi\r\n"),
            (b"hi", b"hi\r\n"),
            (b"hi\r", b"hi\r\r\n"),
            (b"hi\n", b"hi\n\r\n"),
            (b"a\r\n.\r\n.b\r\n", b"a\r\n..\r\n..b\r\n"),
            (b"a\n.b\r.c\r\n", b"a\n.b\r.c\r\n"),
            (b"\r\n.\r\n", b"\r\n..\r\n"),
        ] {
            assert_eq!(stuffed(&[content]), sent, "{:?}", content.escape_ascii().to_string());
        }
    }

    proptest! {
        #[test]
        fn whoever_takes_the_dots_off_has_the_content(
            parts in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\n.a".to_vec()), 0..9), 0..6)
        ) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let sent = stuffed(&slices);
            prop_assert_eq!(unstuffed(&sent), Some(with_final_crlf(parts.concat())));
        }

        #[test]
        fn any_octets_in_any_parts_come_back(octets in prop::collection::vec(any::<u8>(), 0..300), cut in 1usize..50) {
            let parts: Vec<&[u8]> = octets.chunks(cut).collect();
            prop_assert_eq!(unstuffed(&stuffed(&parts)), Some(with_final_crlf(octets.clone())));
        }
    }
}
