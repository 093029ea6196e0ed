//! The file `format`: says that a folder is a spool, of which version, and its random number.

use postrider_engine::Files;

use super::{
    frame::VERSION,
    open::random,
    segment::{LOG, SIDE},
    settings::{Doing, OpenError},
};

const NAME: &str = "format";
const NEW: &str = "format.new";
const WORDS: &str = "postrider-spool";

/// Reads the random number of a spool; makes folders and file, durably, if the folder is empty.
pub(super) fn read_format(files: &dyn Files) -> Result<u64, OpenError> {
    for folder in [LOG, SIDE] {
        files.make_folder(folder).doing("make the folder", folder)?;
    }
    let names = files.list("").doing("list", "")?;
    if names.iter().any(|name| name == NAME) {
        return parse(&read(files)?);
    }
    if files.list(LOG).doing("list", LOG)?.iter().any(|name| name.ends_with(".seg")) {
        return Err(OpenError::NotASpool);
    }
    if names.iter().any(|name| name == NEW) {
        files.unlink(NEW).doing("unlink", NEW)?;
    }
    let salt = random();
    let file = files.create_new(NEW).doing("make", NEW)?;
    file.write_at(0, text(salt).as_bytes()).doing("write", NEW)?;
    file.sync_data().doing("sync", NEW)?;
    files.rename(NEW, NAME).doing("rename", NEW)?;
    files.sync_folder("").doing("sync", "")?;
    Ok(salt)
}

fn text(salt: u64) -> String {
    let words = format!("{WORDS} {VERSION} {salt:016x}");
    let sum = crc32fast::hash(words.as_bytes());
    format!("{words} {sum:08x}\n")
}

fn read(files: &dyn Files) -> Result<Vec<u8>, OpenError> {
    let mut octets = vec![0; 64];
    let length = files.open(NAME).and_then(|file| file.read_at(0, &mut octets)).doing("read", NAME)?;
    octets.truncate(length);
    Ok(octets)
}

fn parse(octets: &[u8]) -> Result<u64, OpenError> {
    let text = std::str::from_utf8(octets).map_err(|_| OpenError::NotASpool)?;
    let mut words = text.split_ascii_whitespace();
    let version = words.next().filter(|word| *word == WORDS).and_then(|_| words.next()?.parse::<u32>().ok());
    match version {
        Some(VERSION) => {}
        Some(found) => return Err(OpenError::LaterVersion { found, known: VERSION, place: NAME.into() }),
        None => return Err(OpenError::NotASpool),
    }
    let salt = words.next().and_then(|word| u64::from_str_radix(word, 16).ok());
    salt.filter(|salt| self::text(*salt) == text).ok_or(OpenError::NotASpool)
}
