//! What nobody can be told of, as files for a person: mail that has failed and has no sender, files that could not be made mail.
//!
//! Rule: the mail is whole and on disk before its note is begun, and the note before anything is called kept: where a note is,
//! its mail is. Names are made of what is known of the mail, so keeping it again after a crash takes the place of what is there.

mod file;
mod note;
#[cfg(test)]
mod tests;
mod write;

use std::{fmt, io, path::PathBuf, sync::Arc};

use postrider_engine::{Bad, BadMail, BadMailError, BoxFuture, Files};

use crate::disk::{Modes, RealFiles};

pub use file::{BadFile, Why, LONGEST_NAME};

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
        file::keep(self.files()?.as_ref(), bad).map_err(|error| self.with_place(&error))
    }

    fn files(&self) -> io::Result<Arc<dyn Files>> {
        match &self.place {
            Place::Folder(folder) => Ok(Arc::new(RealFiles::with_modes(folder, Modes::PRIVATE)?)),
            Place::Layer(files) => Ok(Arc::clone(files)),
        }
    }

    fn keep_mail(&self, bad: &Bad) -> io::Result<()> {
        let files = self.files()?;
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
        io::Error::new(error.kind(), format!("{self}: {error}"))
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

impl fmt::Display for BadMailFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Folder(folder) => folder.display().fmt(f),
            Place::Layer(_) => f.write_str("the folder for bad mail"),
        }
    }
}

impl fmt::Debug for BadMailFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadMailFolder({self}, {:016x})", self.spool)
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
