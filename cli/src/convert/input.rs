//! What is converted: octets of a file or of standard input, and what they are.
//!
//! Rule: the octets say what they are, else the name of the file; what neither says is asked for, and nothing is guessed in silence.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use postrider::{
    convert::{
        html::{self, CharsetSource},
        Charset, Flaws, Trouble,
    },
    rules::MAX_MAIL,
};

use super::{arguments::From, whole};
use crate::{exit, failure::Failure};

/// The octets of this file, or of standard input. They are read whole, and no more than a mail may have.
pub fn octets(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let file = file.filter(|file| *file != Path::new("-"));
    let mut octets = Vec::new();
    let most = MAX_MAIL;
    let read = match file {
        None => io::stdin().take(most + 1).read_to_end(&mut octets),
        Some(file) => File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut octets)),
    };
    let code = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => exit::NO_INPUT,
        io::ErrorKind::PermissionDenied => exit::NOT_PERMITTED,
        _ => exit::IO,
    };
    read.map_err(|error| Failure::new(code(&error), format_args!("{}: {error}; name another file", name(file))))?;
    if octets.len() as u64 > most {
        let text = format!("{}: it has more than {most} octets, which is more than any mail has", name(file));
        return Err(Failure::new(exit::DATA, text));
    }
    Ok(octets)
}

/// The file as people know it.
pub fn name(file: Option<&Path>) -> String {
    let file = file.filter(|file| *file != Path::new("-"));
    file.map_or_else(|| "standard input".into(), |file| crate::page::told(&file.to_string_lossy()))
}

/// The mark of UTF-8, which an editor has put before what is written.
pub const MARK: &[u8] = b"\xEF\xBB\xBF";

/// These octets begin as TNEF does.
pub fn is_tnef(octets: &[u8]) -> bool {
    octets.starts_with(&[0x78, 0x9F, 0x3E, 0x22])
}

/// What these octets are, if they say so.
pub fn form(octets: &[u8]) -> Option<From> {
    if is_tnef(octets) {
        return Some(From::Tnef);
    }
    if matches!(octets.get(8..12), Some(b"LZFu" | b"MELA")) {
        return Some(From::CompressedRtf);
    }
    let shown = octets.strip_prefix(MARK).unwrap_or(octets).trim_ascii_start();
    if shown.starts_with(b"{\\rtf") {
        return Some(From::Rtf);
    }
    let page = behind_comments(shown);
    let begins = |tag: &[u8]| page.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag));
    let tags: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<head", b"<body"];
    if tags.into_iter().any(begins) {
        return Some(From::Html);
    }
    whole::is_mail(octets).then_some(From::Mime)
}

/// What these octets are by the end of the name of their file.
pub fn named(file: &Path) -> Option<From> {
    let ending = file.extension()?.to_ascii_lowercase();
    match ending.to_str()? {
        "eml" => Some(From::Mime),
        "html" | "htm" => Some(From::Html),
        "rtf" => Some(From::Rtf),
        "txt" => Some(From::Text),
        _ => None,
    }
}

/// What stands behind comments and a declaration of XML.
fn behind_comments(mut octets: &[u8]) -> &[u8] {
    loop {
        let end: &[u8] = match octets {
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'?', ..] => b"?>",
            _ => return octets,
        };
        let Some(at) = memchr::memmem::find(octets, end) else { return octets };
        octets = octets[at + end.len()..].trim_ascii_start();
    }
}

/// A text or page that was read, and what somebody may want to know of it.
pub struct Decoded {
    pub text: String,
    pub flaws: Flaws,
    pub note: Option<String>,
}

/// The text of these octets: in what their mark says, else what was declared, else UTF-8.
pub fn text(octets: &[u8], declared: Option<Charset>) -> Decoded {
    // Whatever is declared, no tag of a page is looked for.
    let read = html::decode(octets, Some(declared.unwrap_or(Charset::UTF_8)));
    let is_wrong = declared.is_none() && read.flaws.has(Trouble::NotInCharset);
    let note = is_wrong.then(|| "it was read as UTF-8, which it is not: say --charset NAME".to_owned());
    Decoded { text: read.output.html, flaws: read.flaws, note }
}

/// The page of these octets. One that says nothing is in UTF-8 if it can be, and else in what browsers take such pages for.
pub fn page(octets: &[u8], declared: Option<Charset>) -> Decoded {
    let read = html::decode(octets, declared);
    if read.output.source != CharsetSource::Fallback || octets.is_ascii() {
        return Decoded { text: read.output.html, flaws: read.flaws, note: None };
    }
    let (text, charset) = match std::str::from_utf8(octets) {
        Ok(text) => (text.to_owned(), Charset::UTF_8),
        Err(_) => (read.output.html, read.output.charset),
    };
    let note = format!(
        "the page says no character set that is known, so it was read as {}: if it is another, say --charset NAME",
        charset.name()
    );
    Decoded { text, flaws: read.flaws, note: Some(note) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_say_what_they_are_or_nothing_is_guessed() {
        let table: [(&[u8], Option<From>); 17] = [
            (b"{\\rtf1 a}", Some(From::Rtf)),
            (b"\xEF\xBB\xBF \r\n{\\rtf1", Some(From::Rtf)),
            (b"\0\0\0\0\0\0\0\0LZFu\0\0\0\0", Some(From::CompressedRtf)),
            (b"\0\0\0\0\0\0\0\0MELA\0\0\0\0", Some(From::CompressedRtf)),
            (b"\x78\x9f\x3e\x22\0\0", Some(From::Tnef)),
            (b"\n<!DOCTYPE html>", Some(From::Html)),
            (b"<HTML lang=de>", Some(From::Html)),
            (b"From: a@b.example\nDate: x\n\n<html>", Some(From::Mime)),
            (b"<!-- of -> us --> <!-- > --><!doctype html>", Some(From::Html)),
            (b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<html xmlns=\"x\">", Some(From::Html)),
            (b"<?xml version=\"1.0\"?><feed>", None),
            (b"<!-- <html>", None),
            (b"\xEF\xBB\xBFFrom: a@b.example\nDate: x\n\n", Some(From::Mime)),
            (b"From a@b.example Tue Jan  2 10:00:00 2024\nFrom: a@b.example\nDate: x\n\n", Some(From::Mime)),
            (b"From here on", None),
            (b"<p>a", None),
            (b"", None),
        ];
        for (octets, expected) in table {
            assert_eq!(form(octets), expected, "{octets:?}");
        }
    }

    #[test]
    fn a_name_says_what_octets_do_not() {
        let table = [
            ("a.eml", Some(From::Mime)),
            ("/b/a.HTML", Some(From::Html)),
            ("a.htm", Some(From::Html)),
            ("a.rtf", Some(From::Rtf)),
            ("a.b.Txt", Some(From::Text)),
            ("a.dat", None),
            (".eml", None),
            ("-", None),
        ];
        for (name, expected) in table {
            assert_eq!(named(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_page_that_says_nothing_is_told_of_if_it_matters() {
        let utf = page("<p>Grüße".as_bytes(), None);
        assert!(utf.text == "<p>Grüße" && utf.note.unwrap().contains("UTF-8"));
        let other = page(b"<p>Gr\xfc\xdfe", None);
        assert!(other.text == "<p>Grüße" && other.note.unwrap().contains("windows-1252"));
        assert!(page(b"<p>a", None).note.is_none() && page(b"<meta charset=koi8-r>\xf0", None).note.is_none());
        let declared = text(b"Gr\xfc\xdfe <meta charset=koi8-r>", Charset::of_name("latin1"));
        assert!(declared.text.starts_with("Grüße") && declared.note.is_none());
        let wrong = text(b"Gr\xfc\xdfe", None);
        assert!(wrong.note.is_some() && wrong.flaws.has(Trouble::NotInCharset));
    }
}
