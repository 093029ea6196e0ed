//! Mail that has failed and of which nobody can be told, as files for a person: the mail, and beside it why.
//!
//! Rule: both files are whole and on disk before the mail is called kept. Their name is made of what the spool knows of
//! the mail, so keeping it again after a crash takes the place of what is there.

mod note;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    ops::Range,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use postrider_engine::{Bad, BadMail, BadMailError, BoxFuture, Content, Piece, SideFile};

/// Octets of a side file that are in hand at once.
const PART: usize = 64 * 1024;

/// A folder for bad mail; it is made when there is some.
#[derive(Clone, Debug)]
pub struct BadMailFolder {
    folder: PathBuf,
    spool: u64,
}

impl BadMailFolder {
    /// Bad mail of the spool with this number ([`postrider_engine::Origin::spool`]) goes into this folder.
    pub fn new(folder: impl Into<PathBuf>, spool: u64) -> Self {
        BadMailFolder { folder: folder.into(), spool }
    }

    /// What the names of both files begin with.
    fn name(&self, bad: &Bad) -> String {
        let first = bad.who.keys().next().map_or(0, |no| no.0);
        format!("{}.{first}.{:016x}", bad.id, self.spool)
    }

    /// The note comes last: where it is, the mail is.
    fn write(&self, bad: &Bad) -> io::Result<()> {
        self.make()?;
        let name = self.name(bad);
        let mut complete = true;
        self.place(&format!("{name}.eml"), |file| {
            complete = copy(&bad.draft.content, file)?;
            Ok(())
        })?;
        let note = note::note(bad, self.spool, &format!("{name}.eml"), complete);
        self.place(&format!("{name}.json"), |file| file.write_all(note.as_bytes()))
    }

    fn make(&self) -> io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        sync(self.folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }

    fn place(&self, name: &str, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        let made = self.folder.join(format!("{name}.tmp"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&made)?;
        let filled = fill(&mut file).and_then(|()| file.sync_all());
        filled.inspect_err(|_| drop(fs::remove_file(&made)))?;
        fs::rename(&made, self.folder.join(name))?;
        sync(&self.folder)
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes all octets. False: a side file is not there any more, or is too short; then those are missing.
fn copy(content: &Content, out: &mut impl Write) -> io::Result<bool> {
    let mut complete = true;
    for piece in content.pieces() {
        match piece {
            Piece::Memory(octets) => out.write_all(octets)?,
            Piece::Side(file, range) => complete &= copy_side(file.as_ref(), range.clone(), out)?,
        }
    }
    Ok(complete)
}

fn copy_side(file: &dyn SideFile, range: Range<u64>, out: &mut impl Write) -> io::Result<bool> {
    let (mut at, mut part) = (range.start, vec![0; PART]);
    while at < range.end {
        let most = usize::try_from(range.end - at).unwrap_or(PART).min(PART);
        let read = match file.read_at(at, &mut part[..most]) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            read => read?,
        };
        if read == 0 {
            return Ok(false);
        }
        out.write_all(&part[..read])?;
        at += read as u64;
    }
    Ok(true)
}

impl BadMail for BadMailFolder {
    fn keep(&self, bad: Bad) -> BoxFuture<'static, Result<(), BadMailError>> {
        let this = self.clone();
        let failed = |folder: PathBuf, why: String| BadMailError(format!("{}: {why}", folder.display()).into());
        Box::pin(async move {
            let folder = this.folder.clone();
            match tokio::task::spawn_blocking(move || this.write(&bad)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(failed(folder, error.to_string())),
                Err(error) => Err(failed(folder, error.to_string())),
            }
        })
    }
}
