//! The header of a mail as raw octets: found, walked and counted without copying and without changing anything; and
//! edited field by field ([`HeaderEditor`]).
//!
//! Rule: only CRLF ends a line; the header ends at the first empty line or at the first line that is no field, as mail
//! programs read it.

mod edit;
mod error;
#[cfg(test)]
mod tests_edit;
mod walk;
mod words;
mod write;

use std::borrow::Cow;

use memchr::memmem;

pub use edit::HeaderEditor;
pub use error::{HeaderError, MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_HEADER_LINE};
pub(crate) use walk::FieldWalk;
pub(crate) use write::{field as edited_field, is_field_name, text_field, Lines, FOLD_AT, LIKE_ENCODED};

/// Octets of a header, of all fields together, that is found in a content in pieces or edited. Twice what a session takes
/// from a client ([`crate::session::settings::HEADER`]); so much is read from a side file at most.
pub const MAX_HEADER: usize = 1024 * 1024;

/// One field as it stands in the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawField<'a> {
    octets: &'a [u8],
    colon: usize,
}

impl<'a> RawField<'a> {
    /// The name, as it is written.
    pub fn name(&self) -> &'a [u8] {
        self.octets[..self.colon].trim_ascii_end()
    }

    /// All that stands behind the colon: folding and last CRLF included.
    pub fn value(&self) -> &'a [u8] {
        &self.octets[self.colon + 1..]
    }

    /// The value as one line of text: unfolded (RFC 5322, 2.2.3) and without blanks around it. Encoded words stay as they
    /// are; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> Cow<'a, str> {
        match unfolded(self.value()) {
            Cow::Borrowed(value) => String::from_utf8_lossy(value),
            Cow::Owned(value) => Cow::Owned(String::from_utf8_lossy(&value).into_owned()),
        }
    }

    /// The whole field: name, folding and last CRLF.
    pub fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// It has this name; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields of a mail's header, from the first on.
#[derive(Clone, Debug)]
pub struct RawFields<'a> {
    rest: &'a [u8],
}

/// Walks over the fields of the header with which `content` begins.
pub fn fields(content: &[u8]) -> RawFields<'_> {
    RawFields { rest: content }
}

impl<'a> Iterator for RawFields<'a> {
    type Item = RawField<'a>;

    fn next(&mut self) -> Option<RawField<'a>> {
        let mut end = line_end(self.rest);
        let colon = colon_of_field(&self.rest[..end])?;
        while self.rest.get(end).is_some_and(|octet| is_blank(*octet)) {
            end += line_end(&self.rest[end..]);
        }
        let (octets, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(RawField { octets, colon })
    }
}

/// The octets of the header, without the empty line behind it.
pub fn header_len(content: &[u8]) -> usize {
    let mut walk = fields(content);
    while walk.next().is_some() {}
    content.len() - walk.rest.len()
}

/// Where the body begins: behind the header and, if there is one, the empty line.
pub fn body_start(content: &[u8]) -> usize {
    let end = header_len(content);
    if content[end..].starts_with(b"\r\n") {
        end + 2
    } else {
        end
    }
}

/// The header has a field of this name.
pub fn has_field(content: &[u8], name: &str) -> bool {
    fields(content).any(|field| field.is(name))
}

/// How many `Received` fields the header has: one for each host that the mail passed.
pub fn count_received(content: &[u8]) -> usize {
    fields(content).filter(|field| field.is("Received")).count()
}

/// A value as one line: every CRLF before a blank is taken out (RFC 5322, 2.2.3), and all blanks around it.
pub(crate) fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    let Some(first) = memmem::find(value, b"\r\n") else { return Cow::Borrowed(value) };
    let mut line = value[..first].to_vec();
    let mut rest = &value[first + 2..];
    while let Some(at) = memmem::find(rest, b"\r\n") {
        line.extend_from_slice(&rest[..at]);
        rest = &rest[at + 2..];
    }
    line.extend_from_slice(rest);
    Cow::Owned(line)
}

/// Blank or tab: a line that begins with one goes on with the field before it.
pub(crate) fn is_blank(octet: u8) -> bool {
    octet == b' ' || octet == b'\t'
}

/// Where the colon of a field stands that begins with this line; `None` if the line is no field's. Blanks before the
/// colon are obsolete, but legal to read (RFC 5322, 4.5).
pub(crate) fn colon_of_field(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    let printable = name.iter().all(|octet| (33..127).contains(octet));
    (printable && !name.is_empty()).then_some(colon)
}

/// The octets of the first line, CRLF included; all, if it has no end. Lines are short: looking for one octet is quicker
/// than making a searcher for two.
fn line_end(octets: &[u8]) -> usize {
    let mut newlines = memchr::memchr_iter(b'\n', octets);
    let end = newlines.find(|at| at.checked_sub(1).is_some_and(|before| octets[before] == b'\r'));
    end.map_or(octets.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"Received: by a\r\nreceived : by b\r\n\tid 1\r\n \r\nSubject: x: y\r\n\r\nReceived: no\r\n";

    #[test]
    fn fields_are_found_with_their_folding_and_nothing_is_left_out() {
        let all: Vec<_> = fields(MAIL).map(|field| (field.name(), field.value())).collect();
        let expected: [(&[u8], &[u8]); 3] =
            [(b"Received", b" by a\r\n"), (b"received", b" by b\r\n\tid 1\r\n \r\n"), (b"Subject", b" x: y\r\n")];
        assert_eq!(all, expected);
        let octets: Vec<u8> = fields(MAIL).flat_map(|field| field.octets().to_vec()).collect();
        assert_eq!(octets, MAIL[..header_len(MAIL)]);
    }

    #[test]
    fn the_body_begins_behind_the_empty_line() {
        assert_eq!(&MAIL[body_start(MAIL)..], b"Received: no\r\n");
        let table: [(&[u8], usize, usize); 6] = [
            (b"", 0, 0),
            (b"\r\nbody", 0, 2),
            (b"no header here\r\n", 0, 0),
            (b" folded: nothing\r\n", 0, 0),
            (b"A: b", 4, 4),
            (b"A: b\r\nno field\r\nB: c\r\n", 6, 6),
        ];
        for (mail, header, body) in table {
            assert_eq!((header_len(mail), body_start(mail)), (header, body), "{mail:?}");
        }
    }

    #[test]
    fn a_value_as_text_is_one_line_and_keeps_its_inner_blanks() {
        let table: [(&[u8], &str); 5] = [
            (b"A: b\r\n", "b"),
            (b"A:\r\n b\r\n\t c \r\n", "b\t c"),
            (b"A:\r\n", ""),
            (b"A: \xff\xc3\xa4", "\u{fffd}\u{e4}"),
            (b"A: a\r\n \r\n b\r\n", "a  b"),
        ];
        for (field, text) in table {
            assert_eq!(fields(field).next().unwrap().text(), text, "{field:?}");
        }
    }

    #[test]
    fn fields_of_the_body_are_not_counted() {
        assert_eq!(count_received(MAIL), 2);
        assert!(has_field(MAIL, "SUBJECT") && !has_field(MAIL, "Date"));
    }
}
