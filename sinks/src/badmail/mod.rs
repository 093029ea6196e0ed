//! What nobody can be told of, as files for a person: mail that has failed and has no sender, files that could not be made mail.
//!
//! Rule: the mail is whole and on disk before its note is begun, and the note before anything is called kept: where a note is,
//! its mail is. Names are made of what is known of the mail, so keeping it again after a crash takes the place of what is there.

mod entry;
mod error;
mod file;
mod message;
mod note;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::{fmt, io, path::PathBuf, sync::Arc};

use postrider_engine::{Bad, BadMail, BadMailError, BoxFuture, Files};

use crate::disk::{Modes, RealFiles};

pub use entry::{Entry, Kind, Octets};
pub use error::BadMailProblem;
pub use file::{BadFile, Why, LONGEST_NAME};
pub use message::{BadMessage, BadRecipient, MOST_HEADER};
pub use read::{BadMailBox, Listing, MOST_LISTED, MOST_NOTE};

/// A folder for bad mail; it is made when there is some.
#[derive(Clone)]
pub struct BadMailFolder {
    place: Place,
    spool: u64,
}

/// Where the files are.
#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Layer(Arc<dyn Files>),
}

impl BadMailFolder {
    /// Bad mail of the spool with this number ([`postrider_engine::Origin::spool`]) goes into this folder, which is made at
    /// the first need. What is made can be read by the user of this process only.
    pub fn new(folder: impl Into<PathBuf>, spool: u64) -> Self {
        BadMailFolder { place: Place::Folder(folder.into()), spool }
    }

    /// The same in the top folder of a file layer.
    pub fn on(files: Arc<dyn Files>, spool: u64) -> Self {
        BadMailFolder { place: Place::Layer(files), spool }
    }

    /// Keeps a file that could not be made a mail. What is called kept is on disk; the same name kept again takes the place
    /// of itself. It blocks until then.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if the name is none, [`io::ErrorKind::StorageFull`] if the file would take more than half
    /// of what is free on the disk, else those of the file system. Nothing was kept then: leave the file where it is.
    pub fn keep_file(&self, bad: &BadFile<'_>) -> io::Result<()> {
        file::keep(self.place.to_write()?.as_ref(), bad).map_err(|error| self.with_place(&error))
    }

    fn keep_mail(&self, bad: &Bad) -> io::Result<()> {
        let files = self.place.to_write()?;
        let first = bad.who.keys().next().map_or(0, |no| no.0);
        let name = format!("{}.{first}.{:016x}", bad.id, self.spool);
        let kept = (|| {
            let complete =
                write::place(files.as_ref(), &mail_of(&name), |out| write::content(&bad.draft.content, out))?;
            write::note(files.as_ref(), &note_of(&name), &note::of_mail(bad, self.spool, &mail_of(&name), complete))
        })();
        kept.map_err(|error| self.with_place(&error))
    }

    fn with_place(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.place))
    }
}

impl Place {
    /// The files there; the folder is made if need be.
    fn to_write(&self) -> io::Result<Arc<dyn Files>> {
        match self {
            Place::Folder(folder) => Ok(Arc::new(RealFiles::with_modes(folder, Modes::PRIVATE)?)),
            Place::Layer(files) => Ok(Arc::clone(files)),
        }
    }

    /// How many names there are, also those that no layer lists; 0 where that is not known.
    fn names(&self) -> io::Result<u64> {
        match self {
            Place::Folder(folder) => Ok(std::fs::read_dir(folder)?.count() as u64),
            Place::Layer(_) => Ok(0),
        }
    }

    /// The files there; `None`: there is no folder, because nothing was ever kept.
    fn to_read(&self) -> io::Result<Option<Arc<dyn Files>>> {
        match self {
            Place::Folder(folder) => match RealFiles::of(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                files => Ok(Some(Arc::new(files?))),
            },
            Place::Layer(files) => Ok(Some(Arc::clone(files))),
        }
    }
}

/// The name of the file with the mail.
fn mail_of(name: &str) -> String {
    format!("{name}.eml")
}

/// The name of the file with the reason.
fn note_of(name: &str) -> String {
    format!("{name}.json")
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => folder.display().fmt(f),
            Place::Layer(_) => f.write_str("the folder for bad mail"),
        }
    }
}

impl fmt::Debug for BadMailFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadMailFolder({}, {:016x})", self.place, self.spool)
    }
}

impl BadMail for BadMailFolder {
    fn keep(&self, bad: Bad) -> BoxFuture<'static, Result<(), BadMailError>> {
        let this = self.clone();
        Box::pin(async move {
            let failed = |why: &dyn fmt::Display| BadMailError(why.to_string().into());
            match tokio::task::spawn_blocking(move || this.keep_mail(&bad)).await {
                Ok(kept) => kept.map_err(|error| failed(&error)),
                Err(ended) => Err(failed(&ended)),
            }
        })
    }
}
