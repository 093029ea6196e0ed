//! How a file comes into the folder: written under a name that nobody takes for it, synced, shown, and the folder synced.

use std::{io, ops::Range, sync::Arc};

use postrider_engine::{Content, Files, OpenFile, Piece, SideFile};

/// Octets that are in hand at once.
const PART: usize = 64 * 1024;

/// What the name of a file in the making ends with.
pub(super) const UNFINISHED: &str = ".tmp";

/// A file in the making, written from its beginning to its end.
pub(super) struct Out<'a> {
    file: &'a dyn OpenFile,
    at: u64,
}

impl Out<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_at(self.at, octets)?;
        self.at += octets.len() as u64;
        Ok(())
    }
}

/// Brings a file to this name, in the place of one that has it; `fill` writes it. It is on disk when this returns.
pub(super) fn place<T>(
    files: &dyn Files,
    name: &str,
    fill: impl FnOnce(&mut Out<'_>) -> io::Result<T>,
) -> io::Result<T> {
    let unfinished = format!("{name}{UNFINISHED}");
    let file = make(files, &unfinished)?;
    let filled = fill(&mut Out { file: file.as_ref(), at: 0 });
    let synced = filled.and_then(|filled| file.sync_data().map(|()| filled));
    let filled = synced.inspect_err(|_| drop(files.unlink(&unfinished)))?;
    files.rename(&unfinished, name)?;
    files.sync_folder("")?;
    Ok(filled)
}

/// Writes a note.
pub(super) fn note(files: &dyn Files, name: &str, text: &str) -> io::Result<()> {
    place(files, name, |out| out.write(text.as_bytes()))
}

/// Makes the file. One that a crash left goes first.
fn make(files: &dyn Files, name: &str) -> io::Result<Arc<dyn OpenFile>> {
    match files.create_new(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            files.unlink(name)?;
            files.create_new(name)
        }
        made => made,
    }
}

/// Writes all octets of a mail. False: a side file is not there any more, or is too short; then those are missing.
pub(super) fn content(content: &Content, out: &mut Out<'_>) -> io::Result<bool> {
    let mut complete = true;
    for piece in content.pieces() {
        match piece {
            Piece::Memory(octets) => out.write(octets)?,
            Piece::Side(file, range) => complete &= side(file.as_ref(), range.clone(), out)?,
        }
    }
    Ok(complete)
}

fn side(file: &dyn SideFile, range: Range<u64>, out: &mut Out<'_>) -> io::Result<bool> {
    copy(range, out, |at, part| match file.read_at(at, part) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        read => read,
    })
}

/// Writes the octets in this range of a file. False: it is too short.
pub(super) fn copy(
    range: Range<u64>,
    out: &mut Out<'_>,
    read_at: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<bool> {
    let (mut at, mut part) = (range.start, vec![0; PART]);
    while at < range.end {
        let most = usize::try_from(range.end - at).unwrap_or(PART).min(PART);
        let read = read_at(at, &mut part[..most])?;
        if read == 0 {
            return Ok(false);
        }
        out.write(&part[..read])?;
        at += read as u64;
    }
    Ok(true)
}
