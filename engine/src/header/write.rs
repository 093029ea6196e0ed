//! A field as it is written: checked, folded, encoded.
//!
//! Rule: whatever name and value are given, what is written is one field and its lines are short enough for everyone.

use super::{
    error::{HeaderError, MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_HEADER_LINE},
    words::{EncodedRun, MAX_ENCODED_WORD},
};

/// Columns of a line, CRLF excluded (RFC 5322, 2.1.1).
pub(crate) const FOLD_AT: usize = 78;
/// The same with an encoded word on it (RFC 2047, 2).
const FOLD_ENCODED_AT: usize = 76;
/// Columns that must be left on a line for an encoded word to begin there.
const ROOM_FOR_WORD: usize = 36;

/// With this an encoded word begins (RFC 2047, 2).
pub(crate) const LIKE_ENCODED: &str = "=?";

/// A name of a field: printable ASCII without colon (RFC 5322, 3.6.8).
pub(crate) fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':')
}

/// The field with its last CRLF. `utf8`: what is not ASCII stays as it is (RFC 6532), else it becomes encoded words
/// (RFC 2047).
pub(crate) fn field(name: &str, value: &str, utf8: bool) -> Result<Vec<u8>, HeaderError> {
    if !is_field_name(name) {
        return Err(HeaderError::Name(name.chars().take(MAX_FIELD_NAME).collect()));
    }
    if name.len() > MAX_FIELD_NAME {
        return Err(HeaderError::LongName);
    }
    unchecked_name(name, value, utf8)
}

/// The same for a name that stands in the header already.
pub(super) fn unchecked_name(name: &str, value: &str, utf8: bool) -> Result<Vec<u8>, HeaderError> {
    if value.len() > MAX_FIELD_VALUE {
        return Err(HeaderError::LongValue);
    }
    if let Some(at) = memchr::memchr3(b'\r', b'\n', 0, value.as_bytes()) {
        return Err(HeaderError::Control { at });
    }
    let mut lines = Lines::new(name);
    lines.value(value.trim_matches([' ', '\t']), |word| !utf8 && !word.is_ascii());
    lines.finish()
}

/// The field of a text that readers shall see as it is given, whatever it is: what looks like an encoded word becomes
/// one, and so does a word that is too long for a line.
pub(crate) fn text_field(name: &str, text: &str, utf8: bool) -> Result<Vec<u8>, HeaderError> {
    if text.len() > MAX_FIELD_VALUE {
        return Err(HeaderError::LongValue);
    }
    if let Some(at) = memchr::memchr3(b'\r', b'\n', 0, text.as_bytes()) {
        return Err(HeaderError::Control { at });
    }
    let mut lines = Lines::new(name);
    let is_long = |word: &str| word.len() > FOLD_AT - " ".len();
    lines.value(text.trim_matches([' ', '\t']), |word| {
        (!utf8 && !word.is_ascii()) || word.contains(LIKE_ENCODED) || is_long(word)
    });
    lines.finish()
}

/// The lines of a field as they grow.
pub(crate) struct Lines {
    text: String,
    /// Octets of the last line.
    column: usize,
    longest: usize,
    /// The last line has an encoded word.
    is_encoded: bool,
}

impl Lines {
    /// A field with this name, which has been checked, and no value yet.
    pub(crate) fn new(name: &str) -> Self {
        Lines { text: format!("{name}:"), column: name.len() + 1, longest: 0, is_encoded: false }
    }

    /// Text on one line. Words of which `encode` says so become encoded words.
    fn value(&mut self, value: &str, encode: impl Fn(&str) -> bool) {
        let mut rest = value;
        while !rest.is_empty() {
            let (blanks, after) = rest.split_at(rest.len() - rest.trim_start_matches([' ', '\t']).len());
            let blanks = if blanks.is_empty() { " " } else { blanks };
            let plain = word(after);
            if encode(plain) {
                let run = run_to_encode(after, &encode);
                self.encoded(blanks, run);
                rest = &after[run.len()..];
            } else {
                self.word(blanks, plain);
                rest = &after[plain.len()..];
            }
        }
    }

    /// A word and the blanks before it: where it does not fit, a line begins with those blanks.
    pub(crate) fn word(&mut self, blanks: &str, word: &str) {
        self.word_within(blanks, word, FOLD_AT);
    }

    fn word_within(&mut self, blanks: &str, word: &str, fold_at: usize) {
        let fold_at = if self.is_encoded { FOLD_ENCODED_AT } else { fold_at };
        if self.column + blanks.len() + word.len() > fold_at {
            self.text.push_str("\r\n");
            self.longest = self.longest.max(self.column);
            self.column = 0;
            self.is_encoded = false;
        }
        self.text.push_str(blanks);
        self.text.push_str(word);
        self.column += blanks.len() + word.len();
    }

    /// As many encoded words as it takes; blanks between two of them mean nothing (RFC 2047, 6.2).
    pub(crate) fn encoded(&mut self, blanks: &str, text: &str) {
        let mut run = EncodedRun::new(text);
        let mut blanks = blanks;
        loop {
            let room = FOLD_ENCODED_AT.saturating_sub(self.column + blanks.len());
            let most = if room < ROOM_FOR_WORD { MAX_ENCODED_WORD } else { room.min(MAX_ENCODED_WORD) };
            let Some(word) = run.next_word(most) else { return };
            self.word_within(blanks, &word, FOLD_ENCODED_AT);
            self.is_encoded = true;
            blanks = " ";
        }
    }

    /// The field with its last CRLF.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, HeaderError> {
        if self.longest.max(self.column) > MAX_HEADER_LINE {
            return Err(HeaderError::LongWord);
        }
        self.text.push_str("\r\n");
        Ok(self.text.into_bytes())
    }
}

/// The octets before the next blank.
fn word(text: &str) -> &str {
    &text[..text.find([' ', '\t']).unwrap_or(text.len())]
}

/// Words that are to be encoded together, with the blanks between them: those from the first on of which `encode` says so.
fn run_to_encode(text: &str, encode: impl Fn(&str) -> bool) -> &str {
    let mut end = word(text).len();
    loop {
        let next = text[end..].trim_start_matches([' ', '\t']);
        let following = word(next);
        if following.is_empty() || !encode(following) {
            return &text[..end];
        }
        end = text.len() - next.len() + following.len();
    }
}
