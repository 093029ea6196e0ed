//! The file of a greylist: lines that are added one after the other, and written anew when most of them are out of date.
//!
//! Rule: no trouble with it ever stops mail. A file that is damaged is set aside under another name, and what could be
//! read of it is used. A new file takes the old one's place only when it is whole and synced.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use postrider_engine::Moment;
use tracing::{error, info};

use super::{
    line,
    table::{Table, Terms},
};

const NAME: &str = "greylist";
const NEW_NAME: &str = "greylist.new";
const LOCK_NAME: &str = "greylist.lock";
/// Only who runs the service reads who writes to whom.
const MODE: u32 = 0o600;
/// Octets of a line: a longer one is damage.
const MAX_LINE: u64 = 4096;
/// Lines that may be out of date before the file is written anew, besides as many as are up to date.
const MOST_STALE: usize = 10_000;

/// The file, open at its end.
#[derive(Debug)]
pub(super) struct Lines {
    folder: PathBuf,
    file: File,
    count: usize,
    /// A line may be there in part: the file is written anew before the next one.
    is_torn: bool,
    /// Held as long as this is: one process and one guest writes into a folder.
    _lock: File,
}

/// Reads what there is and opens the file for more. `None`: the list is kept in memory only, and the log says why.
pub(super) fn open(folder: &Path, terms: Terms, now: Moment) -> (Table, Option<Lines>) {
    let mut table = Table::new(terms);
    let opened = lock(folder).and_then(|lock| {
        read_all(folder, &mut table, now)?;
        table.expire(now);
        let (file, count) = write_all(folder, &table)?;
        Ok(Lines { folder: folder.to_owned(), file, count, is_torn: false, _lock: lock })
    });
    match opened {
        Ok(lines) => (table, Some(lines)),
        Err(trouble) => {
            error!(folder = %folder.display(), %trouble, "the greylist is kept in memory only: a restart forgets it");
            (table, None)
        }
    }
}

impl Lines {
    /// Adds lines. They survive the process at once, a loss of power when the system has written them.
    pub(super) fn add(&mut self, lines: &str, table: &Table) -> io::Result<()> {
        if self.is_torn || self.count > 2 * table.len() + MOST_STALE {
            (self.file, self.count) = write_all(&self.folder, table)?;
            self.is_torn = false;
            return Ok(());
        }
        self.is_torn = true;
        self.file.write_all(lines.as_bytes())?;
        self.is_torn = false;
        self.count += lines.matches('\n').count();
        Ok(())
    }
}

fn lock(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(MODE).open(folder.join(LOCK_NAME))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another greylist has the folder: it needs its own")),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Puts all lines into the table. What was cut off at the end by a crash is passed over; other damage is set aside.
fn read_all(folder: &Path, table: &mut Table, now: Moment) -> io::Result<()> {
    let path = folder.join(NAME);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let damaged = read_lines(BufReader::new(file), table)?;
    if damaged == 0 {
        return Ok(());
    }
    let aside = folder.join(format!("{NAME}.damaged-{}", now.0));
    fs::rename(&path, &aside)?;
    error!(lines = damaged, file = %aside.display(), "the file of the greylist was damaged: it is set aside, and what could be read of it is used");
    Ok(())
}

/// How many lines are none, but for the last one.
fn read_lines(mut file: impl BufRead, table: &mut Table) -> io::Result<usize> {
    let (mut damaged, mut last_is_bad, mut is_title) = (0, false, true);
    loop {
        let mut octets = Vec::new();
        if file.by_ref().take(MAX_LINE).read_until(b'\n', &mut octets)? == 0 {
            return Ok(damaged);
        }
        damaged += usize::from(std::mem::take(&mut last_is_bad));
        let text = std::str::from_utf8(&octets).ok().filter(|text| text.ends_with('\n'));
        match text {
            Some(line::TITLE) if is_title => {}
            _ if is_title => damaged += 1,
            text => match text.and_then(|text| line::read(text.trim_end_matches('\n'))) {
                Some(change) => table.apply(change),
                None => last_is_bad = true,
            },
        }
        is_title = false;
    }
}

/// Writes all that is up to date into a new file, which takes the old one's place.
fn write_all(folder: &Path, table: &Table) -> io::Result<(File, usize)> {
    let path = folder.join(NEW_NAME);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&path)?;
    let mut out = BufWriter::new(file);
    out.write_all(line::TITLE.as_bytes())?;
    let mut count = 0;
    for change in table.all() {
        out.write_all(line::write(&change).as_bytes())?;
        count += 1;
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    fs::rename(&path, folder.join(NAME))?;
    File::open(folder)?.sync_all()?;
    info!(entries = count, "the file of the greylist was written anew");
    Ok((file, count))
}
