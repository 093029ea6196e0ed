//! What a listing says of one bad mail, read from its note.
//!
//! Rule: a note is believed in nothing that leads elsewhere, and no text of it is longer than a limit.

use serde_json::{Map, Value};

use super::{mail_of, note};

/// Octets of a text that a listing has: reasons, addresses, names of files.
const MOST_TEXT: usize = 2000;
/// Octets of a code.
const MOST_CODE: usize = 64;

/// One bad mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name here: the files are called so, with `.eml` and `.json` behind.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Why it is here, as a word for programs: docs/badmail.md has all.
    pub code: String,
    /// The same for people.
    pub text: String,
    /// When it came here, as RFC 3339 writes it, in UTC; `None`: its note does not say.
    pub when: Option<String>,
    /// The sender of its envelope; `None`: the null one, or it has no envelope.
    pub sender: Option<String>,
    /// How many recipients it did not reach; 0: it has no envelope.
    pub recipients: usize,
    /// The name that it had as a file, for people.
    pub file: Option<String>,
    /// How many octets it has; `None`: nobody knows.
    pub size: Option<u64>,
    /// What is here of them.
    pub octets: Octets,
}

/// What a bad mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Mail that did not reach its recipients, and has no sender who could be told.
    Undeliverable,
    /// A file of a pickup folder.
    Pickup,
    /// A file with a mail, and nothing beside it that says why.
    Unknown,
}

impl Kind {
    /// Its word in notes and listings.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Undeliverable => note::UNDELIVERABLE,
            Kind::Pickup => note::PICKUP,
            Kind::Unknown => "unknown",
        }
    }
}

/// What is here of the octets of a bad mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Octets {
    /// All of them.
    Whole,
    /// Some: the rest was lost before it came here.
    Part,
    /// None, and there never were: it could not be read.
    Never,
    /// None any more: its removal was cut short by a crash, and is to be done again.
    Removed,
}

impl Octets {
    /// Its word in listings.
    pub fn name(self) -> &'static str {
        match self {
            Octets::Whole => "whole",
            Octets::Part => "part",
            Octets::Never => "none",
            Octets::Removed => "removed",
        }
    }
}

impl Entry {
    /// What the note says; `None`: it is no note of ours.
    pub(super) fn of(name: &str, note: &Map<String, Value>, has_mail: bool) -> Option<Self> {
        let kind = match note.get("kind").and_then(Value::as_str) {
            Some(note::UNDELIVERABLE) => Kind::Undeliverable,
            Some(note::PICKUP) => Kind::Pickup,
            // Notes of the first version had no kind.
            None if note.contains_key("why_nobody_was_told") => Kind::Undeliverable,
            _ => return None,
        };
        let named = note.get("mail")?;
        let octets = match (named.as_str(), has_mail) {
            (Some(mail), _) if mail != mail_of(name) => return None,
            (Some(_), false) => Octets::Removed,
            (Some(_), true) if note.get("complete") == Some(&Value::Bool(true)) => Octets::Whole,
            (Some(_), true) => Octets::Part,
            (None, _) if named.is_null() => Octets::Never,
            (None, _) => return None,
        };
        let word = |field: &str, most| note.get(field).and_then(Value::as_str).map(|text| cut(text, most));
        Some(Entry {
            name: name.to_owned(),
            kind,
            code: word("code", MOST_CODE).unwrap_or_else(|| kind.name().to_owned()),
            text: word("text", MOST_TEXT).unwrap_or_default(),
            when: word("when", MOST_CODE).filter(|when| is_date(when)),
            sender: word("sender", MOST_TEXT),
            recipients: note.get("recipients").and_then(Value::as_array).map_or(0, Vec::len),
            file: word("file", MOST_TEXT),
            size: note.get("octets").and_then(Value::as_u64),
            octets,
        })
    }

    /// A mail that has no note, or none that can be read.
    pub(super) fn without_note(name: &str, size: u64, is_there: bool) -> Self {
        let (code, text) = match is_there {
            true => ("bad_note", "what stands beside it is no note of ours: look at both, then drop it"),
            false => ("no_note", "it was being kept when a crash came: it is kept again, and then has its reason"),
        };
        Entry {
            name: name.to_owned(),
            kind: Kind::Unknown,
            code: code.to_owned(),
            text: text.to_owned(),
            when: None,
            sender: None,
            recipients: 0,
            file: None,
            size: Some(size),
            octets: Octets::Whole,
        }
    }
}

/// As much of a text as fits.
pub(super) fn cut(text: &str, most: usize) -> String {
    text[..text.floor_char_boundary(most)].to_owned()
}

/// `2026-11-20T06:31:14.000Z`
fn is_date(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00.000Z";
    let fits = |(octet, form): (u8, &u8)| if *form == b'0' { octet.is_ascii_digit() } else { octet == *form };
    text.len() == form.len() && text.bytes().zip(form).all(fits)
}
