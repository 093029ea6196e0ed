//! Reading what was kept, and removing it.
//!
//! Rule: what is ours is a note, or a mail with what stands beside it; all else in the folder is passed over, counted, and never removed. A mail goes
//! before its note, with a sync in between: a crash leaves a note that says what is to be removed, and no mail that nobody knows.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::PathBuf,
    sync::Arc,
};

use postrider_engine::{Files, OpenFile};
use serde_json::{Map, Value};

use super::{
    entry::Entry, file::is_name, mail_of, message::BadMessage, note_of, write::UNFINISHED, BadMailProblem, Place,
};

/// Entries of one listing.
pub const MOST_LISTED: usize = 10_000;

/// Octets of a note. A larger one is none of ours: it would have a hundred thousand recipients.
pub const MOST_NOTE: u64 = 16 << 20;

/// A folder with bad mail, for a person or a program that looks after it. All calls wait for the disk.
pub struct BadMailBox {
    place: Place,
}

/// What is in the folder.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// The oldest first; those of which nobody knows when they came are before them.
    pub entries: Vec<Entry>,
    /// So many later ones are not in the list, which has [`MOST_LISTED`] at most.
    pub left_out: u64,
    /// So many names are not ours, and were passed over.
    pub foreign: u64,
    /// So many cannot be read at present: by name each says why.
    pub unreadable: u64,
    /// So many files are being written, or were when a crash came.
    pub unfinished: u64,
}

type Note = Map<String, Value>;

impl BadMailBox {
    /// What was kept in this folder. It need not be there: then there is nothing.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        BadMailBox { place: Place::Folder(folder.into()) }
    }

    /// The same in the top folder of a file layer.
    pub fn on(files: Arc<dyn Files>) -> Self {
        BadMailBox { place: Place::Layer(files) }
    }

    /// What there is.
    ///
    /// # Errors
    /// [`BadMailProblem::Folder`]
    pub fn list(&self) -> Result<Listing, BadMailProblem> {
        self.list_at_most(MOST_LISTED).map_err(|source| self.problem(source))
    }

    /// One of them, by its name.
    ///
    /// # Errors
    /// [`BadMailProblem`]
    pub fn get(&self, name: &str) -> Result<BadMessage, BadMailProblem> {
        let files = self.named(name)?;
        let found = look(files.as_ref(), name).and_then(|found| match found {
            Some((entry, note, file)) => BadMessage::of(entry, &note, file).map(Some),
            None => Ok(None),
        });
        found.map_err(|source| self.problem(source))?.ok_or_else(|| BadMailProblem::NotThere { name: name.to_owned() })
    }

    /// Removes one, its note last. When this returns it does not come back, also after a loss of power. What a crash cut short
    /// is listed with [`Octets::Removed`](super::Octets::Removed), and is removed by the same call.
    ///
    /// # Errors
    /// [`BadMailProblem`]; what is not ours is not there.
    pub fn remove(&self, name: &str) -> Result<(), BadMailProblem> {
        let files = self.named(name)?;
        match remove(files.as_ref(), name).map_err(|source| self.problem(source))? {
            true => Ok(()),
            false => Err(BadMailProblem::NotThere { name: name.to_owned() }),
        }
    }

    /// The files, if one there may have this name.
    fn named(&self, name: &str) -> Result<Arc<dyn Files>, BadMailProblem> {
        if !is_name(name) {
            return Err(BadMailProblem::Name { name: name.to_owned() });
        }
        let files = self.place.to_read().map_err(|source| self.problem(source))?;
        files.ok_or_else(|| BadMailProblem::NotThere { name: name.to_owned() })
    }

    fn problem(&self, source: io::Error) -> BadMailProblem {
        BadMailProblem::Folder { place: self.place.to_string(), source }
    }

    pub(super) fn list_at_most(&self, most: usize) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let Some(files) = self.place.to_read()? else { return Ok(listing) };
        let names: HashSet<String> = files.list("")?.into_iter().collect();
        listing.foreign = self.place.names()?.saturating_sub(names.len() as u64);
        let mut oldest = BTreeMap::new();
        for file in &names {
            let Some(name) = listing.name_in(file, &names) else { continue };
            match look(files.as_ref(), name) {
                Err(_) => listing.unreadable += 1, // one in trouble hides no other
                Ok(Some((entry, ..))) => drop(oldest.insert((entry.when.clone(), entry.name.clone()), entry)),
                Ok(None) => listing.foreign += u64::from(files.open(file).is_ok()),
            }
            if oldest.len() > most {
                oldest.pop_last();
                listing.left_out += 1;
            }
        }
        listing.entries = oldest.into_values().collect();
        Ok(listing)
    }
}

impl Listing {
    /// The name of the bad mail to which this file is the key: its note, or the mail if there is none. Counts what is neither.
    fn name_in<'a>(&mut self, file: &'a str, all: &HashSet<String>) -> Option<&'a str> {
        if let Some(unfinished) = file.strip_suffix(UNFINISHED) {
            let is_ours = unfinished.ends_with(".eml") || unfinished.ends_with(".json");
            *(if is_ours { &mut self.unfinished } else { &mut self.foreign }) += 1;
            return None;
        }
        let (note, mail) = (file.strip_suffix(".json"), file.strip_suffix(".eml"));
        let name = note.or(mail).filter(|name| is_name(name));
        if name.is_none() {
            self.foreign += 1;
        }
        name.filter(|name| note.is_some() || !all.contains(&note_of(name)))
    }
}

type Found = (Entry, Note, Option<(Arc<dyn OpenFile>, u64)>);

/// What has this name; `None`: nothing of ours.
fn look(files: &dyn Files, name: &str) -> io::Result<Option<Found>> {
    let note = read_note(files, &note_of(name))?;
    let file = existing(files.open(&mail_of(name)))?;
    let file = file.map(|file| file.size().map(|size| (file, size))).transpose()?;
    let is_there = note.is_some();
    if let Some(note) = note.flatten() {
        if let Some(entry) = Entry::of(name, &note, file.is_some()) {
            return Ok(Some((entry, note, file)));
        }
    }
    Ok(file.map(|(file, size)| (Entry::without_note(name, size, is_there), Note::new(), Some((file, size)))))
}

/// `None`: there is no such file. `Some(None)`: it is no note.
fn read_note(files: &dyn Files, name: &str) -> io::Result<Option<Option<Note>>> {
    let Some(file) = existing(files.open(name))? else { return Ok(None) };
    let size = file.size()?;
    if size > MOST_NOTE {
        return Ok(Some(None));
    }
    let mut octets = vec![0; usize::try_from(size).unwrap_or(0)];
    let read = file.read_at(0, &mut octets)?;
    Ok(Some(serde_json::from_slice(&octets[..read]).ok()))
}

fn remove(files: &dyn Files, name: &str) -> io::Result<bool> {
    let unfinished = [mail_of(name), note_of(name)].map(|file| format!("{file}{UNFINISHED}"));
    let mut was_there = false;
    for file in unfinished {
        was_there |= existing(files.unlink(&file))?.is_some();
    }
    if let Some((_, _, file)) = look(files, name)? {
        if file.is_some() {
            existing(files.unlink(&mail_of(name)))?;
            files.sync_folder("")?;
        }
        was_there |= existing(files.unlink(&note_of(name)))?.is_some() || file.is_some();
    }
    files.sync_folder("")?;
    Ok(was_there)
}

/// What is not there, or is a link and leads elsewhere, is nothing.
fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound || is_link(&error) => Ok(None),
        result => result.map(Some),
    }
}

fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
