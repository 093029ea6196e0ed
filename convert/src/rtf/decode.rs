//! From octets of text and `\uN` to text: character sets, surrogate pairs, and what stands in for readers that know no Unicode.
//!
//! Rule: octets that follow each other are decoded together, because one character may be two of them. The character set is that
//! of the font at the first octet.

use crate::{Charset, Flaws, Trouble};

/// What was read and is not given away yet.
#[derive(Debug)]
pub(super) struct Decoder {
    text: String,
    octets: Vec<u8>,
    charset: Charset,
    /// What is left out of what follows a `\uN`.
    skip: usize,
    /// The first half of a character beyond the 16 bits of `\uN`.
    high: Option<u16>,
}

impl Decoder {
    pub fn new() -> Self {
        Decoder { text: String::new(), octets: Vec::new(), charset: Charset::WINDOWS_1252, skip: 0, high: None }
    }

    /// Text as it stands in the document, in this character set.
    pub fn octets(&mut self, mut octets: &[u8], charset: Charset) {
        let skipped = self.skip.min(octets.len());
        self.skip -= skipped;
        octets = &octets[skipped..];
        if octets.is_empty() {
            return;
        }
        // The usual case: nothing waits, and ASCII is ASCII in all of them.
        if self.octets.is_empty() && self.high.is_none() && charset.is_ascii_kept() {
            if let Ok(text) = std::str::from_utf8(octets) {
                if text.is_ascii() {
                    return self.text.push_str(text);
                }
            }
        }
        if self.octets.is_empty() {
            self.charset = charset;
        }
        self.octets.extend_from_slice(octets);
    }

    /// `\uN`, behind which so many characters stand for it.
    pub fn unicode(&mut self, number: i32, stand_ins: usize, at: usize, flaws: &mut Flaws) {
        self.decode(at, flaws);
        self.skip = stand_ins;
        // Numbers above 32767 are written as negative ones; some programs write them as they are.
        let number = if number < 0 { number + 0x1_0000 } else { number };
        let unit = u16::try_from(number).ok();
        match (self.high.take(), unit) {
            (None, Some(unit @ 0xD800..=0xDBFF)) => self.high = Some(unit),
            (Some(high), Some(low @ 0xDC00..=0xDFFF)) => {
                self.text.extend(char::decode_utf16([high, low]).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)));
            }
            (high, _) => {
                if high.is_some() {
                    self.lone(at, flaws);
                }
                match u32::try_from(number).ok().and_then(char::from_u32) {
                    _ if matches!(unit, Some(0xD800..=0xDBFF)) => self.high = unit,
                    Some('\0') | None => self.lone(at, flaws),
                    Some(one) => self.text.push(one),
                }
            }
        }
    }

    /// A character that the document names.
    pub fn push(&mut self, one: char, at: usize, flaws: &mut Flaws) {
        if self.skips() {
            return;
        }
        self.decode(at, flaws);
        self.text.push(one);
    }

    /// A control word or symbol stands for one character, too. True: it is to be passed over.
    pub fn skips(&mut self) -> bool {
        let skips = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        skips
    }

    /// So many characters stand here that are no text.
    pub fn pass_over(&mut self, characters: usize) {
        self.skip = self.skip.saturating_sub(characters);
    }

    /// A group begins or ends: nothing stands for a character beyond it.
    pub fn end_skip(&mut self) {
        self.skip = 0;
    }

    /// Nothing is to be given away.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.octets.is_empty() && self.high.is_none()
    }

    /// All text since the last time.
    pub fn take(&mut self, at: usize, flaws: &mut Flaws) -> String {
        self.decode(at, flaws);
        if self.high.take().is_some() {
            self.lone(at, flaws);
        }
        std::mem::take(&mut self.text)
    }

    fn lone(&mut self, at: usize, flaws: &mut Flaws) {
        flaws.note(Trouble::NotInCharset, at, "\\u");
        self.text.push(char::REPLACEMENT_CHARACTER);
    }

    fn decode(&mut self, at: usize, flaws: &mut Flaws) {
        if self.octets.is_empty() {
            return;
        }
        if self.high.take().is_some() {
            self.lone(at, flaws);
        }
        if !self.charset.decode(&self.octets, &mut self.text) {
            flaws.note(Trouble::NotInCharset, at, self.charset.name());
        }
        self.octets.clear();
    }
}
