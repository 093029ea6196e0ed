//! The header of a mail as it grows, field by field.
//!
//! Rule: whatever is put in, each field is one field: its text has no control, its lines are below 999 octets, and below
//! 79 wherever there is a blank to fold at.

use super::{error::excerpt, ComposeError, Mailbox, MAX_COMPOSED_HEADER};
use crate::{
    header::{self, Lines, FOLD_AT, LIKE_ENCODED},
    HeaderError,
};

/// Octets of a name that stands on one line, in quotes if need be: what is longer becomes encoded words.
const MAX_PLAIN_NAME: usize = FOLD_AT - 1;

/// Fields of a header.
pub(super) struct HeaderWriter {
    octets: Vec<u8>,
    /// Text beyond ASCII stays as it is (RFC 6532).
    utf8: bool,
}

impl HeaderWriter {
    pub(super) fn new(utf8: bool) -> Self {
        HeaderWriter { octets: Vec::new(), utf8 }
    }

    /// A field of text: readers see it as it is given.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<(), ComposeError> {
        check(name, text)?;
        let octets = header::text_field(name, text, self.utf8).map_err(|error| of_header(name, &error))?;
        self.push(&octets)
    }

    /// A field that may be structured: folded, and words beyond ASCII encoded; all else stays as it is.
    pub(super) fn edited(&mut self, name: &str, value: &str) -> Result<(), ComposeError> {
        check(name, value)?;
        let octets = header::edited_field(name, value, self.utf8).map_err(|error| of_header(name, &error))?;
        self.push(&octets)
    }

    /// A list of mailboxes (RFC 5322, 3.4); no field if it is empty.
    pub(super) fn mailboxes(&mut self, name: &'static str, all: &[Mailbox]) -> Result<(), ComposeError> {
        let Some((last, others)) = all.split_last() else { return Ok(()) };
        let mut lines = Lines::new(name);
        for mailbox in others {
            self.mailbox(&mut lines, mailbox, ",");
        }
        self.mailbox(&mut lines, last, "");
        self.finish(name, lines)
    }

    fn mailbox(&self, lines: &mut Lines, mailbox: &Mailbox, tail: &str) {
        match mailbox.name() {
            Some(name) => {
                self.phrase(lines, name);
                lines.word(" ", &format!("<{}>{tail}", mailbox.address()));
            }
            None => lines.word(" ", &format!("{}{tail}", mailbox.address())),
        }
    }

    /// A name as atoms, in quotes, or as encoded words (RFC 5322, 3.2.5; RFC 2047, 5).
    fn phrase(&self, lines: &mut Lines, name: &str) {
        let is_plain = (self.utf8 || name.is_ascii()) && !name.contains(LIKE_ENCODED);
        let quoted = quoted(name);
        if is_plain && name.len() <= MAX_PLAIN_NAME && name.split(' ').all(is_atom) {
            name.split(' ').for_each(|atom| lines.word(" ", atom));
        } else if is_plain && quoted.len() <= MAX_PLAIN_NAME {
            lines.word(" ", &quoted);
        } else {
            lines.encoded_phrase(name);
        }
    }

    /// Words that have been checked to be ASCII without blanks, each as a whole: message ids, a date.
    pub(super) fn words<W: AsRef<str>>(
        &mut self,
        name: &str,
        words: impl IntoIterator<Item = W>,
    ) -> Result<(), ComposeError> {
        let mut lines = Lines::new(name);
        words.into_iter().for_each(|word| lines.word(" ", word.as_ref()));
        self.finish(name, lines)
    }

    /// A field that is written already, with its CRLF.
    pub(super) fn push(&mut self, octets: &[u8]) -> Result<(), ComposeError> {
        if self.octets.len() + octets.len() > MAX_COMPOSED_HEADER {
            return Err(ComposeError::LongHeader);
        }
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    pub(super) fn into_octets(self) -> Vec<u8> {
        self.octets
    }

    fn finish(&mut self, name: &str, lines: Lines) -> Result<(), ComposeError> {
        let octets = lines.finish().map_err(|error| of_header(name, &error))?;
        self.push(&octets)
    }
}

/// A text has no control but tabs.
pub(super) fn check(field: &str, text: &str) -> Result<(), ComposeError> {
    match text.char_indices().find(|(_, c)| c.is_control() && *c != '\t') {
        Some((at, _)) => Err(ComposeError::Control { field: excerpt(field), at }),
        None => Ok(()),
    }
}

fn of_header(field: &str, error: &HeaderError) -> ComposeError {
    match error {
        HeaderError::LongValue => {
            ComposeError::too_much(field, crate::MAX_FIELD_VALUE, "octets", "say it shorter, or in the text")
        }
        HeaderError::Name(_) | HeaderError::LongName => ComposeError::FieldName(excerpt(field)),
        HeaderError::Control { at } => ComposeError::Control { field: excerpt(field), at: *at },
        _ => ComposeError::LongWord { field: excerpt(field) },
    }
}

/// An atom, in an SMTPUTF8 mail also beyond ASCII (RFC 5322, 3.2.3; RFC 6532, 3.2).
fn is_atom(word: &str) -> bool {
    let is_atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_beyond(c);
    !word.is_empty() && word.chars().all(is_atext)
}

/// Beyond ASCII, and neither a control nor a blank.
fn is_beyond(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace()
}

/// A quoted string (RFC 5322, 3.2.4).
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
