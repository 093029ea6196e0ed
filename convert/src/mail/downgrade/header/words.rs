//! Encoded words (RFC 2047), and the lines that they stand on.
//!
//! Rule: a word is cut between characters, never within one, and no line of a field that is written here is longer than 76
//! characters unless a word of the mail itself is.

use mail_builder::encoders::Base64Encoder;

/// Characters of an encoded word. RFC 2047, 2 allows 75; so the first one still fits behind the names of usual fields.
const MAX_WORD: usize = 64;
/// Characters of a line with an encoded word (RFC 2047, 2).
const MAX_LINE: usize = 76;
/// Characters of any line (RFC 5322, 2.1.1).
const MAX_ANY_LINE: usize = 998;

/// What the octets of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// Text, as RFC 6532 has it.
    Utf8,
    /// Nobody knows: each character stands for an octet (RFC 1428).
    Unknown,
}

impl Charset {
    /// The field as text, each character of which can be written again.
    pub fn read(octets: &[u8]) -> (String, Charset) {
        match std::str::from_utf8(octets) {
            Ok(text) => (text.to_owned(), Charset::Utf8),
            Err(_) => (octets.iter().copied().map(char::from).collect(), Charset::Unknown),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Unknown => "unknown-8bit",
        }
    }

    /// The octets that a character stands for.
    pub fn octets(self, one: char, buffer: &mut [u8; 4]) -> &[u8] {
        match (self, u8::try_from(one)) {
            (Charset::Unknown, Ok(octet)) => {
                buffer[0] = octet;
                &buffer[..1]
            }
            _ => one.encode_utf8(buffer).as_bytes(),
        }
    }
}

/// A character that no header of ASCII has.
pub(super) fn is_foreign(one: char) -> bool {
    !one.is_ascii() || matches!(one, '\0' | '\r' | '\n')
}

/// The text has such a character.
pub(super) fn has_foreign(text: &str) -> bool {
    text.contains(is_foreign)
}

/// Something that stands on one line, behind a gap at which a line may be folded. Without one it clings to what is before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub gap: String,
    pub text: String,
}

impl Unit {
    pub fn new(gap: impl Into<String>, text: impl Into<String>) -> Self {
        Unit { gap: gap.into(), text: text.into() }
    }
}

/// A word of a text or of a phrase. What is foreign is without its quotes.
pub(super) struct Word {
    pub gap: String,
    pub text: String,
}

impl Word {
    /// It is an encoded word already: a blank between two of them is none (RFC 2047, 6.2).
    fn is_encoded(&self) -> bool {
        self.text.starts_with("=?") && self.text.ends_with("?=") && self.text.len() > 4
    }
}

/// The words of a text, each with the blanks before it.
pub(super) fn split(text: &str) -> Vec<Word> {
    let is_blank = |one: char| one == ' ' || one == '\t';
    let (mut words, mut rest) = (Vec::new(), text);
    loop {
        let begin = rest.find(|one| !is_blank(one)).unwrap_or(rest.len());
        let (gap, word) = rest.split_at(begin);
        let end = word.find(is_blank).unwrap_or(word.len());
        if end == 0 {
            return words;
        }
        words.push(Word { gap: gap.into(), text: word[..end].into() });
        rest = &word[end..];
    }
}

/// Words of which runs that are foreign are encoded, with the blanks within them.
pub(super) fn encode(words: &[Word], charset: Charset) -> Vec<Unit> {
    let (mut units, mut at) = (Vec::new(), 0);
    while let Some(word) = words.get(at) {
        if !has_foreign(&word.text) {
            units.push(Unit::new(word.gap.clone(), word.text.clone()));
            at += 1;
            continue;
        }
        let end =
            words[at..].iter().position(|word| !has_foreign(&word.text)).map_or(words.len(), |behind| at + behind);
        let mut run = String::new();
        if at.checked_sub(1).is_some_and(|before| words[before].is_encoded()) {
            run.push_str(&word.gap);
        }
        for (index, word) in words[at..end].iter().enumerate() {
            run.push_str(if index > 0 { &word.gap } else { "" });
            run.push_str(&word.text);
        }
        if let Some(next) = words.get(end).filter(|next| next.is_encoded()) {
            run.push_str(&next.gap);
        }
        for (index, encoded) in encoded_words(&run, charset).into_iter().enumerate() {
            units.push(Unit::new(if index > 0 { " " } else { &word.gap }, encoded));
        }
        at = end;
    }
    units
}

/// The text in encoded words, with the characters that a phrase may have (RFC 2047, 5).
pub(super) fn encoded_words(text: &str, charset: Charset) -> Vec<String> {
    let mut buffer = [0; 4];
    let length: usize = text.chars().map(|one| charset.octets(one, &mut buffer).len()).sum();
    let quoted: usize = text.chars().map(|one| quoted(one, charset).len()).sum();
    let room = MAX_WORD - "=??Q??=".len() - charset.name().len();
    // People who see it undecoded can read most of the first, unless it is much longer.
    let is_quoted = quoted * 2 <= length.div_ceil(3) * 4 * 3;
    let (mut words, mut word, mut octets) = (Vec::new(), String::new(), Vec::new());
    for one in text.chars() {
        let (signs, its_octets) = (quoted_if(is_quoted, one, charset), charset.octets(one, &mut buffer));
        let is_full = match is_quoted {
            true => word.len() + signs.len() > room,
            false => (octets.len() + its_octets.len()).div_ceil(3) * 4 > room,
        };
        if is_full {
            words.push(closed(&mut word, &mut octets, charset, is_quoted));
        }
        word.push_str(&signs);
        octets.extend_from_slice(its_octets);
    }
    words.push(closed(&mut word, &mut octets, charset, is_quoted));
    words
}

fn closed(word: &mut String, octets: &mut Vec<u8>, charset: Charset, is_quoted: bool) -> String {
    let (octets, mut text) = (std::mem::take(octets), std::mem::take(word));
    if !is_quoted {
        let mut encoded = Vec::new();
        Base64Encoder::new().encode_into(&octets, &mut encoded);
        text = String::from_utf8_lossy(&encoded).into_owned();
    }
    format!("=?{}?{}?{text}?=", charset.name(), if is_quoted { 'Q' } else { 'B' })
}

fn quoted_if(is_quoted: bool, one: char, charset: Charset) -> String {
    if is_quoted {
        quoted(one, charset)
    } else {
        String::new()
    }
}

/// A character in the encoding Q.
fn quoted(one: char, charset: Charset) -> String {
    match one {
        ' ' => "_".into(),
        one if one.is_ascii_alphanumeric() || "!*+-/".contains(one) => one.into(),
        one => charset.octets(one, &mut [0; 4]).iter().map(|octet| format!("={octet:02X}")).collect(),
    }
}

/// The field with its value on as many lines as it takes.
pub(super) fn fold(name: &str, units: &[Unit]) -> String {
    let mut glued: Vec<Unit> = Vec::new();
    for unit in units {
        match glued.last_mut().filter(|_| unit.gap.is_empty()) {
            Some(before) => before.text.push_str(&unit.text),
            None => glued.push(unit.clone()),
        }
    }
    let mut field = format!("{name}:");
    let mut column = field.len();
    for (index, unit) in glued.iter().enumerate() {
        // Of more blanks than a line has room for, which came from lines of blanks, one is left.
        let gap = if unit.gap.is_empty() || unit.gap.len() > MAX_LINE { " " } else { &unit.gap };
        let width = gap.len() + unit.text.len();
        // What stands behind the colon goes to a line of its own only where it then fits.
        if column + width > MAX_LINE && (index > 0 || width <= MAX_LINE) {
            field.push_str("\r\n");
            column = 0;
        }
        field.push_str(gap);
        field.push_str(&unit.text);
        column += width;
    }
    field.push_str("\r\n");
    cut(field)
}

/// Strings and comments that stood on several lines are one unit; a line that no host has to take is cut at a blank of theirs.
fn cut(field: String) -> String {
    if field.lines().all(|line| line.len() <= MAX_ANY_LINE) {
        return field;
    }
    let mut lines = String::with_capacity(field.len() + field.len() / 64);
    for mut line in field.lines() {
        while let Some(head) = line.as_bytes().get(..MAX_ANY_LINE).filter(|_| line.len() > MAX_ANY_LINE) {
            let begin = head.iter().position(|one| !is_blank(*one)).unwrap_or(head.len());
            let at = head[begin..].iter().rposition(|one| is_blank(*one)).map(|at| begin + at);
            let Some((head, rest)) = at.and_then(|at| line.split_at_checked(at)) else { break };
            lines.push_str(head);
            lines.push_str("\r\n");
            line = rest;
        }
        lines.push_str(line);
        lines.push_str("\r\n");
    }
    lines
}

fn is_blank(one: u8) -> bool {
    matches!(one, b' ' | b'\t')
}
