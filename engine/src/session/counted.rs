//! Content of which is said beforehand how many octets it has: what programs send through a socket of their own.
//!
//! Rule: it is looked at as content that comes by SMTP is, and refused with the same replies. What is refused is read to its
//! end all the same. The size that counts is that of what is kept: mended lines are longer than they came.

use bytes::{Bytes, BytesMut};

use super::{
    content::Content,
    header_text::HeaderText,
    scanner::{Newlines, Piece},
    settings::Limits,
};
use crate::{Body, Reply};

const NO_HEADER: Reply = Reply::new(550, 6, 0, "The mail does not begin with a header");

/// The content of one mail while it comes in.
///
/// A bare LF becomes CRLF and a bare CR a blank, unless it is said to be binary. A last line without an end gets one.
#[derive(Debug)]
pub struct Counted {
    content: Content,
    left: u64,
    is_binary: bool,
    is_skipped: bool,
    /// The last line that is kept has no end.
    is_open: bool,
    is_empty: bool,
}

/// What is known of a content when all of it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedEnd {
    /// Octets that are to be kept behind the others.
    pub last: Bytes,
    /// What kind of octets it has.
    pub body: Body,
    /// What kind of text its header is, all of it.
    pub header: HeaderText,
}

impl Counted {
    /// Content of so many octets. `None`: it is so far above [`Limits::message_size`] that it is not even read.
    pub fn new(limits: &Limits, octets: u64, is_binary: bool) -> Option<Self> {
        let newlines = if is_binary { Newlines::Keep } else { Newlines::Mend };
        let mut content = Content::new(limits, newlines, limits.message_size);
        let is_read = content.announce(octets);
        let new = Counted { content, left: octets, is_binary, is_skipped: false, is_open: true, is_empty: true };
        is_read.then_some(new)
    }

    /// Octets that are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Nothing of it needs to be kept.
    pub fn is_refused(&self) -> bool {
        self.is_skipped || self.content.is_refused()
    }

    /// Nothing of it is wanted: it is only counted.
    pub fn skip(&mut self) {
        self.is_skipped = true;
    }

    /// The next octets that are to be kept, taken out of the input. `None`: more are needed, or all have come.
    pub fn take(&mut self, input: &mut BytesMut) -> Option<Bytes> {
        if self.is_skipped {
            let some = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
            self.left -= some as u64;
            drop(input.split_to(some));
            return None;
        }
        match self.content.chunk(input, &mut self.left, false) {
            Piece::Octets(octets) => {
                self.content.judge_size(self.content.size());
                self.keep(&octets);
                Some(octets)
            }
            Piece::More | Piece::End => None,
        }
    }

    fn keep(&mut self, octets: &[u8]) {
        self.is_open = !octets.ends_with(b"\n");
        self.is_empty &= octets.is_empty();
    }

    /// All has come.
    ///
    /// # Errors
    /// The reply of SMTP that says why it is refused; always a permanent one.
    pub fn finish(mut self) -> Result<CountedEnd, Reply> {
        let mut last = BytesMut::new();
        if let Some(held) = self.content.finish() {
            last.extend_from_slice(&held);
        }
        let is_empty = self.is_empty && last.is_empty();
        if !self.is_binary && (self.is_open || !last.is_empty()) {
            last.extend_from_slice(b"\r\n");
            self.content.judge_size(self.content.size_with(2));
        }
        if let Some(reply) = self.content.refusal() {
            return Err(reply);
        }
        if self.content.header().missing || is_empty {
            return Err(NO_HEADER);
        }
        let body = match (self.is_binary, self.content.is_eight_bit()) {
            (true, _) => Body::BinaryMime,
            (false, true) => Body::EightBitMime,
            (false, false) => Body::SevenBit,
        };
        Ok(CountedEnd { last: last.freeze(), body, header: self.content.header_text() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::replies::TOO_BIG, *};

    fn read(octets: &[u8], step: usize, is_binary: bool) -> Result<(Vec<u8>, Body), Reply> {
        let mut counted = Counted::new(&Limits::default(), octets.len() as u64, is_binary).unwrap();
        let (mut kept, mut input) = (Vec::new(), BytesMut::new());
        for part in octets.chunks(step) {
            input.extend_from_slice(part);
            while let Some(some) = counted.take(&mut input) {
                kept.extend_from_slice(&some);
            }
        }
        assert_eq!((counted.left(), input.len()), (0, 0));
        let end = counted.finish()?;
        kept.extend_from_slice(&end.last);
        Ok((kept, end.body))
    }

    #[test]
    fn lines_are_mended_and_what_kind_of_octets_there_are_is_found_out() {
        let table: [(&[u8], &[u8], Body); 5] = [
            (b"A: b\r\n\r\nc\r\n", b"A: b\r\n\r\nc\r\n", Body::SevenBit),
            (b"A: b\n\n.c", b"A: b\r\n\r\n.c\r\n", Body::SevenBit),
            (b"A: b\n\nc\rd\n", b"A: b\r\n\r\nc d\r\n", Body::SevenBit),
            (b"A: b\n\nc\r", b"A: b\r\n\r\nc \r\n", Body::SevenBit),
            (b"A: b\n\n\xff\n", b"A: b\r\n\r\n\xff\r\n", Body::EightBitMime),
        ];
        for (octets, kept, body) in table {
            for step in 1..=octets.len() {
                assert_eq!(read(octets, step, false), Ok((kept.to_vec(), body)), "{octets:?} by {step}");
            }
        }
        assert_eq!(read(b"A: b\r\n\r\n\0\n", 99, true), Ok((b"A: b\r\n\r\n\0\n".to_vec(), Body::BinaryMime)));
    }

    #[test]
    fn the_whole_header_is_looked_at_and_nothing_of_the_body() {
        let far = format!("A: {}\r\n", "x".repeat(60_000)).repeat(8);
        let table: [(&[u8], &[u8], HeaderText); 6] = [
            (b"B: c\r\n", b"\r\n\xff\r\n", HeaderText::Ascii),
            ("B: ü\r\n".as_bytes(), b"\r\n\xff\r\n", HeaderText::Utf8),
            (b"B: \xff\r\n", b"\r\n", HeaderText::Neither),
            (b"B: \xc3\r\n \xbc\r\n", b"\r\n", HeaderText::Neither),
            (b"B: \xc3\r\xbc\r\n", b"\r\n", HeaderText::Neither),
            (b"B: c\r\n", b"no field \xff\r\n", HeaderText::Ascii),
        ];
        for (field, rest, text) in table {
            let octets = [far.as_bytes(), field, rest].concat();
            for is_binary in [false, true] {
                let mut counted = Counted::new(&Limits::default(), octets.len() as u64, is_binary).unwrap();
                let mut input = BytesMut::from(&octets[..]);
                while counted.take(&mut input).is_some() {}
                assert_eq!(counted.finish().unwrap().header, text, "{field:?}");
            }
        }
    }

    #[test]
    fn a_bare_cr_is_to_the_header_what_is_kept_in_its_place() {
        let loops = format!("A: b\r\n\rc\r\n{}\r\n", "Received: x\r\n".repeat(60));
        assert_eq!(
            read(loops.as_bytes(), 7, false).map_err(|reply| reply.code),
            Err(554),
            "the header goes on behind it"
        );
        let octets = b"A: b\n\rB: \xff\n\n";
        let mut counted = Counted::new(&Limits::default(), octets.len() as u64, false).unwrap();
        let mut input = BytesMut::from(&octets[..]);
        while counted.take(&mut input).is_some() {}
        assert_eq!(counted.finish().unwrap().header, HeaderText::Neither);
    }

    #[test]
    fn what_is_no_mail_is_refused_as_smtp_refuses_it() {
        assert_eq!(read(b"A: b\n\n\0\n", 3, false).unwrap_err().code, 550);
        assert_eq!(read(b"no header here\n", 3, false), Err(NO_HEADER));
        assert_eq!(read(b"", 3, false), Err(NO_HEADER));
        let mut limits = Limits::default();
        (limits.message_size, limits.drain) = (10, 5);
        assert!(Counted::new(&limits, 16, false).is_none());
        let mut large = Counted::new(&limits, 15, false).unwrap();
        assert!(large.is_refused());
        while large.take(&mut BytesMut::from(&b"A: b\n"[..])).is_some() {}
        assert_eq!(large.finish().unwrap_err(), TOO_BIG);
    }

    #[test]
    fn what_grows_above_the_limit_while_its_lines_are_mended_is_refused_and_no_longer_kept() {
        let mut limits = Limits::default();
        (limits.message_size, limits.drain) = (16, 0);
        let table: [(&[u8], bool); 4] = [
            (b"A: b\n\n\n\n\n\n", true),    // 16 octets when it is mended
            (b"A: b\n\n\n\n\n\n\n", false), // 18
            (b"A: b\r\n\r\n123456", true),
            (b"A: b\r\n\r\n1234567", false), // 17 with the end of its last line
        ];
        for (octets, is_good) in table {
            let mut counted = Counted::new(&limits, octets.len() as u64, false).unwrap();
            let (mut input, mut kept) = (BytesMut::from(octets), 0);
            while let Some(some) = counted.take(&mut input) {
                kept += if counted.is_refused() { 0 } else { some.len() };
            }
            assert!(kept <= 16, "{octets:?}");
            assert_eq!(counted.finish().map(|_| ()).err(), (!is_good).then_some(TOO_BIG), "{octets:?}");
        }
    }

    proptest! {
        #[test]
        fn however_it_is_split_it_is_the_same(text in "(A: b|\r|\n|\r\n|ü|\\.|x){0,12}", step in 1_usize..9) {
            let octets = text.as_bytes();
            prop_assert_eq!(read(octets, step, false), read(octets, octets.len().max(1), false));
        }
    }
}
