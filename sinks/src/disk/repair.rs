//! What recovery brings in order before the spool is used: sync, cut, set aside, free.

use std::io;

use postrider_engine::Files;
use tracing::{error, warn};

use super::{
    frame::HEADER,
    recovery::{End, Found, Spot},
    segment::{segment_name, DAMAGED, LOG},
};

/// Syncs the segments with frames of which it is not known.
pub(super) fn sync(found: &[Found], unsynced: &[(u64, u64)]) -> io::Result<()> {
    let dirty = |found: &&Found| unsynced.iter().any(|(segment, _)| *segment == found.sequence);
    found.iter().filter(dirty).try_for_each(|found| found.file.sync_data())
}

/// Wipes the beginnings of what was cut, so that nobody finds it again.
pub(super) fn cut(found: &[Found], cut: &[Spot]) -> io::Result<()> {
    for spot in cut {
        let Some(Found { sequence, file }) = found.get(spot.index) else { continue };
        warn!(segment = sequence, offset = spot.offset, "the end of the log was torn and is cut");
        let room = file.size()?.saturating_sub(spot.offset).min(HEADER as u64);
        file.write_at(spot.offset, &[0; HEADER][..usize::try_from(room).unwrap_or(0)])?;
    }
    for (index, found) in found.iter().enumerate() {
        if cut.iter().any(|spot| spot.index == index) {
            found.file.sync_data()?;
        }
    }
    Ok(())
}

/// Unlinks the segments behind the last frame: nothing is in them.
pub(super) fn drop_unused(files: &dyn Files, found: &[Found], end: &End, frames: u64) -> io::Result<()> {
    let first = if frames > 0 { end.spot.index + 1 } else { 0 };
    for found in found.iter().skip(first) {
        files.unlink(&segment_name(found.sequence))?;
    }
    if found.len() > first {
        files.sync_folder(LOG)
    } else {
        Ok(())
    }
}

/// Copies what is damaged, for people to look at. That it fails keeps nobody from going on.
pub(super) fn set_aside(files: &dyn Files, found: &[Found], from: Spot, until: Spot) {
    for index in from.index..=until.index {
        let Some(found) = found.get(index) else { continue };
        let start = if index == from.index { from.offset } else { 0 };
        let end = (index == until.index).then_some(until.offset);
        if let Err(error) = copy(files, found, start, end) {
            error!(%error, segment = found.sequence, "what is damaged cannot be set aside");
        }
    }
}

fn copy(files: &dyn Files, found: &Found, start: u64, end: Option<u64>) -> io::Result<()> {
    let end = end.map_or_else(|| found.file.size(), Ok)?;
    let name = format!("{DAMAGED}/{:016x}-{start:08x}", found.sequence);
    files.make_folder(DAMAGED)?;
    let copy = match files.create_new(&name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        copy => copy?,
    };
    let mut octets = vec![0; 64 << 10];
    let mut at = start;
    while at < end {
        let n = usize::try_from(end - at).unwrap_or(usize::MAX).min(octets.len());
        let read = found.file.read_at(at, &mut octets[..n])?;
        if read == 0 {
            break;
        }
        copy.write_at(at - start, &octets[..read])?;
        at += read as u64;
    }
    copy.sync_data()?;
    files.sync_folder(DAMAGED)
}
