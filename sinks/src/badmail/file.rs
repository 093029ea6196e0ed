//! A file that could not be made a mail: what is known of it, and how it is kept.

use std::io;

use postrider_engine::{Files, Moment, OpenFile};

use super::{mail_of, note, note_of, write};

/// Octets that the name of a [`BadFile`] may have.
pub const LONGEST_NAME: usize = 200;

/// A file may take this part of what is free on the disk.
const PART_OF_FREE: u64 = 2;

/// A file that could not be made a mail.
#[derive(Clone)]
pub struct BadFile<'a> {
    /// What both files are named, without the end: unique, 1 to [`LONGEST_NAME`] of `A-Z a-z 0-9 . _ -`.
    pub name: &'a str,
    /// Its octets; `None`: nothing could be read, it was a link for example. Then only the note is kept.
    pub octets: Option<&'a dyn OpenFile>,
    /// The name that it had in its folder, for people.
    pub file: &'a str,
    /// The folder that it was in.
    pub folder: &'a str,
    /// The user that it belonged to.
    pub owner: Option<u32>,
    /// Its length, where its octets are not given.
    pub size: Option<u64>,
    /// Why it is no mail.
    pub why: Why,
    /// When that was found.
    pub at: Moment,
}

/// Why something is bad mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// A word for programs: `no_sender`, `too_large` ...
    pub code: &'static str,
    /// For people: what is wrong, and what to do.
    pub text: String,
    /// The header field, or the line before the header, that it is about.
    pub field: Option<String>,
    /// The line that it is about, counted from 1.
    pub line: Option<usize>,
}

/// Keeps the file and its note.
pub(super) fn keep(files: &dyn Files, bad: &BadFile<'_>) -> io::Result<()> {
    if !is_name(bad.name) {
        let why = format!("a name of bad mail is 1 to {LONGEST_NAME} of A-Z a-z 0-9 . _ -, and {:?} is none", bad.name);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let mail = mail_of(bad.name);
    let kept = match bad.octets {
        Some(octets) => Some(keep_octets(files, &mail, octets)?),
        None => kept_before(files, &mail)?,
    };
    let note = note::of_file(bad, kept.as_ref().map(|kept| (mail.as_str(), kept)));
    write::note(files, &note_of(bad.name), &note)
}

/// What is there of a file.
pub(super) struct Octets {
    /// How many there were to keep.
    pub size: u64,
    /// They are all kept.
    pub complete: bool,
}

fn keep_octets(files: &dyn Files, mail: &str, octets: &dyn OpenFile) -> io::Result<Octets> {
    let size = octets.size()?;
    if size > files.free_octets()? / PART_OF_FREE {
        let why = format!("a file of {size} octets would take more than half of what is free on the disk");
        return Err(io::Error::new(io::ErrorKind::StorageFull, why));
    }
    let complete = write::place(files, mail, |out| write::copy(0..size, out, |at, part| octets.read_at(at, part)))?;
    Ok(Octets { size, complete })
}

/// Its octets may have been kept before a crash, and cannot be read any more: then they stay.
fn kept_before(files: &dyn Files, mail: &str) -> io::Result<Option<Octets>> {
    match files.open(mail) {
        Ok(file) => Ok(Some(Octets { size: file.size()?, complete: true })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// One name of a file, that is the same everywhere and hides nothing.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'-');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(fits)
}
