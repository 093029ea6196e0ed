//! `postrider badmail`: what failed and can be told to nobody, for the person who looks after it.
//!
//! Rule: nothing that came from outside reaches a terminal but as text, and nothing is removed before it is safe elsewhere, or
//! a person has said so.

mod arguments;
mod drop;
mod list;
mod plain;
mod retry;
mod show;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use postrider::sinks::badmail::{BadMailBox, BadMailProblem};

pub use self::arguments::Badmail;
use self::arguments::{What, Where};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// `postrider badmail ...`
pub fn badmail(how: &Badmail) -> Done {
    match &how.what {
        What::List { place, json } => list::list(place, *json),
        What::Show { place, name, all, json } => show::show(place, name, *all, *json),
        What::Retry(how) => retry::retry(how),
        What::Drop { place, names, yes } => drop::drop(place, names, *yes),
    }
}

impl Where {
    /// The folder: that of the command line, else that of the settings.
    fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let settings = self.config.load().map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
        let off = "bad mail is not kept: report.badmail is off; name the folder of earlier days with --folder";
        settings.badmail().ok_or_else(|| Failure::new(exit::SETTINGS, off))
    }

    fn open(&self) -> Result<BadMailBox, Failure> {
        self.folder().map(BadMailBox::new)
    }
}

impl From<BadMailProblem> for Failure {
    fn from(problem: BadMailProblem) -> Self {
        let code = match &problem {
            BadMailProblem::Name { .. } | BadMailProblem::NotThere { .. } => exit::NO_INPUT,
            BadMailProblem::Folder { source, .. } => code_of(source),
            _ => exit::SOFTWARE,
        };
        Failure::new(code, problem)
    }
}

fn code_of(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::PermissionDenied => exit::NOT_PERMITTED,
        _ => exit::IO,
    }
}

/// Does it for each name, also behind one that failed. The code is that of the first failure.
fn each(names: &[String], mut each: impl FnMut(&str) -> Done) -> Done {
    let failures: Vec<Failure> = names.iter().filter_map(|name| each(name).err()).collect();
    let Some(first) = failures.first() else { return Ok(()) };
    let texts: Vec<&str> = failures.iter().map(|failure| failure.text.as_str()).collect();
    Err(Failure::new(first.code, texts.join("\n")))
}

/// Writes to standard output. Who has stopped listening has heard enough.
fn say(text: &str) -> Done {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(exit::IO, format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
