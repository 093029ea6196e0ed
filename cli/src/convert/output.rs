//! Where a result goes: into a file with its pictures beside it, or to standard output.
//!
//! Rule: a picture takes no name but one that is made of the name of the page. What was there before is there until all of the new
//! is: a file is made beside it, and takes its place when it is whole.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use postrider::{convert::html::InlinePart, rules::MAX_ATTACHMENTS};

use super::made::Made;
use crate::{
    exit,
    failure::{Done, Failure},
    folder::{is_full, Folder},
};

/// Into standard output. Who has stopped listening has heard enough.
pub fn print(octets: &[u8]) -> Done {
    let mut out = io::stdout().lock();
    match out.write_all(octets).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(exit::IO, format_args!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Standard output is meant: by its short name, or by that of its device.
pub fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdout")
}

/// Into this file; pictures go into files beside it.
pub fn write(mut made: Made, path: &Path) -> Done {
    if made.pictures.len() > MAX_ATTACHMENTS {
        let text = format!("the page has more than {MAX_ATTACHMENTS} pictures: without -o they are left out");
        return Err(Failure::new(exit::DATA, text));
    }
    let stem = path.file_stem().unwrap_or(OsStr::new("page"));
    let pictures: Vec<PathBuf> = made.pictures.iter().map(|picture| beside(stem, picture)).collect();
    if !pictures.is_empty() {
        let of = made.pictures.iter().zip(&pictures);
        let names = of.map(|(picture, name)| (&*picture.content_id, address(name))).collect();
        made.octets = named(&made.octets, &names);
    }
    let mut files: Vec<(&Path, &[u8])> =
        pictures.iter().zip(&made.pictures).map(|(name, picture)| (name.as_path(), &*picture.octets)).collect();
    let Some(page) = replaceable(path).map_err(|error| not_written(path, &error))? else {
        put_beside(path, &files)?;
        return fs::write(path, &made.octets).map_err(|error| not_written(path, &error));
    };
    if page == path {
        files.push((name_of(path), &made.octets));
        return put_beside(path, &files);
    }
    // The page is where a link leads, and whoever comes by the link looks for pictures beside that.
    put_beside(path, &files)?;
    put_beside(&page, &[(name_of(&page), &made.octets)])
}

/// The file whose place is to be taken: this one, or the one to which it leads. `None`: what is there is no file, as a pipe or a
/// device, or it leads to nothing; it is written to as it is.
fn replaceable(path: &Path) -> io::Result<Option<PathBuf>> {
    // What is open already, by whichever name, has to stay the file that it is.
    if ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|open| path.starts_with(open)) {
        return Ok(None);
    }
    let is_link = match fs::symlink_metadata(path) {
        Ok(found) => found.is_symlink(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(path.to_owned())),
        Err(error) => return Err(error),
    };
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            // Whoever may not write it may not replace it.
            fs::OpenOptions::new().write(true).open(path)?;
            Ok(Some(if is_link { fs::canonicalize(path)? } else { path.to_owned() }))
        }
        _ => Ok(None),
    }
}

fn put_beside(path: &Path, files: &[(&Path, &[u8])]) -> Done {
    if files.is_empty() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let missing = |failure: Failure| Failure::new(failure.code, format_args!("{}: {}", shown(path), failure.text));
    Folder::open(parent.unwrap_or(Path::new("."))).map_err(missing)?.replace_all(files)
}

fn name_of(path: &Path) -> &Path {
    path.file_name().map_or(path, Path::new)
}

fn shown(path: &Path) -> String {
    crate::page::told(&path.to_string_lossy())
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    let (code, remedy) = match is_full(error.kind()) {
        true => (exit::IO, "free some space"),
        false => (exit::CANNOT_CREATE, "name a file that can be written"),
    };
    Failure::new(code, format_args!("{}: {error}; {remedy}", shown(path)))
}

/// As `page.picture1.png` for `page.html`.
fn beside(stem: &OsStr, picture: &InlinePart) -> PathBuf {
    let mut name = stem.to_owned();
    let id: String =
        picture.content_id.split('@').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let kind = match picture.media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/emf" => "emf",
        "image/wmf" => "wmf",
        _ => "bin",
    };
    name.push(format!(".{id}.{kind}"));
    name.into()
}

/// The name as a page has it that lies beside it (RFC 3986).
fn address(name: &Path) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    let octets = name.as_os_str().as_encoded_bytes().iter();
    octets
        .map(|octet| if is_plain(*octet) { char::from(*octet).to_string() } else { format!("%{octet:02X}") })
        .collect()
}

/// The page with these names in the place of content ids. A text has no quotes in a page that we made, so none of it is changed.
fn named(page: &[u8], names: &HashMap<&str, String>) -> Vec<u8> {
    const BEFORE: &[u8] = b"\"cid:";
    let mut out = Vec::with_capacity(page.len());
    let mut done = 0;
    for at in memchr::memmem::find_iter(page, BEFORE) {
        let begin = at + BEFORE.len();
        let Some(length) = memchr::memchr(b'"', &page[begin..]) else { break };
        let name = std::str::from_utf8(&page[begin..begin + length]).ok().and_then(|id| names.get(id));
        if let Some(name) = name {
            out.extend_from_slice(&page[done..=at]);
            out.extend_from_slice(name.as_bytes());
            done = begin + length;
        }
    }
    out.extend_from_slice(&page[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_beside_its_page_and_the_page_finds_it() {
        let picture = InlinePart { content_id: "picture1@rtf".into(), media_type: "image/png", octets: vec![] };
        let name = beside(OsStr::new("a \"b\""), &picture);
        assert_eq!(name, Path::new("a \"b\".picture1.png"));
        let names = HashMap::from([("picture1@rtf", address(&name))]);
        let page = b"<img src=\"cid:picture1@rtf\" alt=\"\"><img src=\"cid:picture10@rtf\">\"cid:";
        let expected = "<img src=\"a%20%22b%22.picture1.png\" alt=\"\"><img src=\"cid:picture10@rtf\">\"cid:";
        assert_eq!(String::from_utf8(named(page, &names)).unwrap(), expected);
    }
}
