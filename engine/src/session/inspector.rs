//! Looks at content while it passes: its header, its lines, its octets.
//!
//! Rule: it sees every octet once, keeps no more than the beginning of one line, and what it finds does not depend on
//! how the octets were split.

use super::{
    content::Fault,
    header_text::{HeaderText, LineText},
    settings::Limits,
};
use crate::header;

/// Octets of a header line that are kept: a field's name has to fit (RFC 5322, 2.1.1 gives lines of 78).
const KEPT: usize = 78;

/// What content is found to be.
#[derive(Debug)]
pub(super) struct Inspector {
    limits: Limits,
    binary: bool,
    line: usize,
    kept: Vec<u8>,
    header: usize,
    in_header: bool,
    fault: Option<Fault>,
    received: u32,
    line_text: LineText,
    /// What kind of text the lines of the header are.
    pub(super) text: HeaderText,
    /// Anything above 127.
    pub(super) eight_bit: bool,
    /// What the header was seen to have.
    pub(super) seen: HeaderSeen,
}

/// What the header has, as far as it concerns the fields that we put before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderSeen {
    pub(super) message_id: bool,
    pub(super) date: bool,
    /// The content begins with something that is neither a field nor the empty line.
    pub(super) missing: bool,
}

impl Inspector {
    pub(super) fn new(limits: Limits, binary: bool) -> Self {
        Inspector {
            limits,
            binary,
            line: 0,
            kept: Vec::with_capacity(KEPT),
            header: 0,
            in_header: true,
            fault: None,
            received: 0,
            line_text: LineText::default(),
            text: HeaderText::Ascii,
            eight_bit: false,
            seen: HeaderSeen::default(),
        }
    }

    /// The gravest fault so far. Which one it is does not depend on which was found first.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    pub(super) fn in_header(&self) -> bool {
        self.in_header
    }

    pub(super) fn note(&mut self, fault: Fault) {
        self.fault = Some(self.fault.map_or(fault, |other| other.min(fault)));
    }

    /// A run of octets as a whole, for what does not depend on lines.
    pub(super) fn octets(&mut self, run: &[u8]) {
        self.eight_bit = self.eight_bit || !run.is_ascii();
    }

    /// No line can become too long by so many octets more, and no field can be among them.
    pub(super) fn is_body_with_room(&self, octets: usize) -> bool {
        !self.in_header && !self.binary && self.line + octets <= self.limits.text_line
    }

    /// Whole lines of a body, and perhaps the beginning of one: what `text` and `newline` do for each.
    pub(super) fn lines(&mut self, run: &[u8]) {
        self.line = match memchr::memrchr(b'\n', run) {
            Some(at) => run.len() - at - 1,
            None => self.line + run.len(),
        };
    }

    /// A part of a line, without its end.
    #[inline]
    pub(super) fn text(&mut self, part: &[u8]) {
        self.line += part.len();
        if self.in_header {
            self.header_text(part);
        } else if self.line > self.limits.text_line && !self.binary {
            self.note(Fault::TextLine);
        }
    }

    fn header_text(&mut self, part: &[u8]) {
        let room = KEPT - self.kept.len();
        self.kept.extend_from_slice(&part[..part.len().min(room)]);
        self.line_text.add(part);
        self.count_header(part.len());
        if self.line > self.limits.header_line {
            self.note(Fault::HeaderLine);
        }
    }

    fn count_header(&mut self, octets: usize) {
        self.header += octets;
        if self.header > self.limits.header {
            self.note(Fault::HeaderTooBig);
        }
    }

    /// The end of a line.
    #[inline]
    pub(super) fn newline(&mut self) {
        if self.in_header {
            self.header_line();
        }
        self.line = 0;
    }

    /// The end of the content: its last line may have none.
    pub(super) fn finish(&mut self) {
        if self.line > 0 {
            self.newline();
        }
    }

    fn header_line(&mut self) {
        let (text, is_first) = (self.line_text.end(), self.header == self.line);
        self.count_header(if self.line == 0 { 0 } else { 2 });
        let goes_on = self.kept.first().is_some_and(|octet| header::is_blank(*octet)) && !is_first;
        // Old programs leave the separator of their mailbox file before the header.
        let is_separator = is_first && (self.kept.starts_with(b"From ") || self.kept.starts_with(b">From "));
        match header::colon_of_field(&self.kept) {
            _ if self.line == 0 => self.in_header = false,
            _ if goes_on || is_separator => {}
            Some(colon) => self.field(colon),
            None => {
                self.in_header = false;
                self.seen.missing = is_first;
            }
        }
        if self.in_header {
            self.text = self.text.max(text); // a line of the body says nothing of the header
        }
        self.kept.clear();
    }

    fn field(&mut self, colon: usize) {
        let name = self.kept[..colon].trim_ascii_end();
        self.seen.message_id |= name.eq_ignore_ascii_case(b"Message-ID");
        self.seen.date |= name.eq_ignore_ascii_case(b"Date");
        self.received += u32::from(name.eq_ignore_ascii_case(b"Received"));
        if self.received > self.limits.received {
            self.note(Fault::Loop);
        }
    }
}
