//! Where a result goes: into a file with its pictures beside it, or to standard output.
//!
//! Rule: a picture takes no name but one that is made of the name of the page.

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
    folder::Folder,
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

/// Into this file; pictures go into files beside it.
pub fn write(mut made: Made, path: &Path) -> Done {
    if made.pictures.len() > MAX_ATTACHMENTS {
        let text = format!("the page has more than {MAX_ATTACHMENTS} pictures: without -o they are left out");
        return Err(Failure::new(exit::DATA, text));
    }
    if !made.pictures.is_empty() {
        let folder = Folder::open(path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")))?;
        let stem = path.file_stem().unwrap_or(OsStr::new("page"));
        let mut names = HashMap::new();
        for picture in &made.pictures {
            let name = beside(stem, picture);
            folder.replace(&name, &picture.octets)?;
            names.insert(&*picture.content_id, address(&name));
        }
        made.octets = named(&made.octets, &names);
    }
    fs::write(path, &made.octets).map_err(|error| {
        let text = format!("{}: {error}; name a file that can be written", crate::page::told(&path.to_string_lossy()));
        Failure::new(if error.kind() == io::ErrorKind::StorageFull { exit::IO } else { exit::CANNOT_CREATE }, text)
    })
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
