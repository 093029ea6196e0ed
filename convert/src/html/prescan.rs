//! The character set that a page says of itself (HTML standard, 13.2.3.2: prescan a byte stream to determine its encoding).
//!
//! Rule: the first 1024 octets are looked at, once.

use std::ops::Range;

use crate::Charset;

/// Octets that are looked at.
const PRESCAN: usize = 1024;

/// What the page says.
pub(super) enum Found {
    Charset(Charset),
    /// Its name is not known; where it stands.
    Unknown {
        name: String,
        at: usize,
    },
}

/// The character set that the page says.
pub(super) fn charset(octets: &[u8]) -> Option<Found> {
    let mut scan = Scan { octets: &octets[..octets.len().min(PRESCAN)], at: 0 };
    let mut unknown = None;
    while let Some(at) = scan.octets.get(scan.at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        scan.at += at;
        let rest = &scan.octets[scan.at..];
        if rest.starts_with(b"<!--") {
            // The two hyphens of the beginning may be those of the end.
            let end = memchr::memmem::find(&rest[2..], b"-->")?;
            scan.at += 2 + end + 3;
        } else if is_meta(rest) {
            scan.at += 5;
            match meta(&mut scan) {
                Some(Found::Charset(charset)) => return Some(Found::Charset(charset)),
                Some(found) => unknown = unknown.or(Some(found)),
                None => {}
            }
        } else if is_tag(rest) {
            scan.at += 2;
            scan.skip(|octet| !is_space(octet) && octet != b'>');
            while scan.attribute().is_some() {}
        } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
            scan.skip(|octet| octet != b'>');
        } else {
            scan.at += 1;
        }
    }
    unknown
}

fn is_meta(rest: &[u8]) -> bool {
    rest.get(1..5).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
        && rest.get(5).is_some_and(|octet| is_space(*octet) || *octet == b'/')
}

fn is_tag(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'/') => rest.get(2).is_some_and(u8::is_ascii_alphabetic),
        Some(octet) => octet.is_ascii_alphabetic(),
        None => false,
    }
}

fn is_space(octet: u8) -> bool {
    matches!(octet, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

/// What this `<meta>` says.
fn meta(scan: &mut Scan) -> Option<Found> {
    let (mut is_type, mut needs_type, mut label) = (false, false, None);
    let mut seen = Vec::new();
    while let Some((name, value)) = scan.attribute() {
        let name = scan.octets[name].to_ascii_lowercase();
        if seen.contains(&name) {
            continue;
        }
        match &*name {
            b"http-equiv" => is_type = scan.octets[value].eq_ignore_ascii_case(b"content-type"),
            b"content" if label.is_none() => {
                label = of_content(&scan.octets[value.clone()])
                    .map(|found| value.start + found.start..value.start + found.end);
                needs_type = label.is_some();
            }
            b"charset" => (label, needs_type) = (Some(value), false),
            _ => {}
        }
        seen.push(name);
    }
    let label = label.filter(|_| is_type || !needs_type)?;
    let name = String::from_utf8_lossy(&scan.octets[label.clone()]);
    Some(match of_label(&name) {
        Some(charset) => Found::Charset(charset),
        None => Found::Unknown { name: name.into_owned(), at: label.start },
    })
}

fn of_label(label: &str) -> Option<Charset> {
    // Who could read this was not reading UTF-16, and this one is for scripts.
    match label.trim().to_ascii_lowercase().as_str() {
        "x-user-defined" => Some(Charset::WINDOWS_1252),
        _ => {
            let charset = Charset::of_name(label)?;
            Some(if charset.name().starts_with("UTF-16") { Charset::UTF_8 } else { charset })
        }
    }
}

/// The character set in a `Content-Type` (HTML standard: extracting a character encoding from a meta element).
fn of_content(content: &[u8]) -> Option<Range<usize>> {
    let mut scan = Scan { octets: content, at: 0 };
    loop {
        let rest = content.get(scan.at..)?;
        scan.at += rest.windows(7).position(|word| word.eq_ignore_ascii_case(b"charset"))? + 7;
        scan.skip(is_space);
        if scan.peek()? == b'=' {
            break;
        }
    }
    scan.at += 1;
    scan.skip(is_space);
    match scan.peek()? {
        quote @ (b'"' | b'\'') => {
            let start = scan.at + 1;
            let length = memchr::memchr(quote, &content[start..])?;
            Some(start..start + length)
        }
        _ => {
            let start = scan.at;
            scan.skip(|octet| !is_space(octet) && octet != b';');
            Some(start..scan.at)
        }
    }
}

/// Octets that are being looked at.
struct Scan<'o> {
    octets: &'o [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    /// Where the next attribute of the tag has its name and its value. `None`: the tag, or what is looked at, has ended.
    fn attribute(&mut self) -> Option<(Range<usize>, Range<usize>)> {
        self.skip(|octet| is_space(octet) || octet == b'/');
        if self.peek()? == b'>' {
            self.at += 1;
            return None;
        }
        let start = self.at;
        // An equals sign at the beginning is part of the name.
        self.at += 1;
        self.skip(|octet| !is_space(octet) && !matches!(octet, b'=' | b'/' | b'>'));
        let name = start..self.at;
        self.skip(is_space);
        if self.peek() != Some(b'=') {
            return Some((name, self.at..self.at));
        }
        self.at += 1;
        self.skip(is_space);
        Some((name, self.value()?))
    }

    fn value(&mut self) -> Option<Range<usize>> {
        if let quote @ (b'"' | b'\'') = self.peek()? {
            let start = self.at + 1;
            let length = memchr::memchr(quote, &self.octets[start..])?;
            self.at = start + length + 1;
            return Some(start..start + length);
        }
        let start = self.at;
        self.skip(|octet| !is_space(octet) && octet != b'>');
        // What is cut here may have been longer.
        self.peek().map(|_| start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_character_set_as_browsers_read_it() {
        let table = [
            ("<meta charset=utf-8>", Some("UTF-8")),
            ("<META CharSet = 'KOI8-R' >", Some("KOI8-R")),
            ("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-2\">", Some("ISO-8859-2")),
            ("<meta content='text/html; charset = \"gb2312\"' http-equiv=content-type>", Some("GBK")),
            ("<meta content=\"text/html; charset=koi8-r\">", None),
            ("<meta name=a content=\"charset charset=koi8-r; x\" http-equiv=content-type>", Some("KOI8-R")),
            ("<!-- <meta charset=koi8-r> --><meta charset=big5>", Some("Big5")),
            ("<!--><meta charset=big5>", Some("Big5")),
            ("<p title='<meta charset=koi8-r>'><meta/charset=big5>", Some("Big5")),
            ("<?xml version=\"1.0\" encoding=\"koi8-r\"?><meta charset=x-user-defined>", Some("windows-1252")),
            ("</a <b><meta charset=utf-16le charset=koi8-r>", Some("UTF-8")),
            ("<metal charset=koi8-r>", None),
            ("<meta charset=koi8-r", None),
            ("<meta charset='koi8-r>", None),
            ("<!-- <meta charset=koi8-r>", None),
            ("<", None),
        ];
        for (html, expected) in table {
            let found = match charset(html.as_bytes()) {
                Some(Found::Charset(charset)) => Some(charset.name().into_owned()),
                _ => None,
            };
            assert_eq!(found.as_deref(), expected, "{html}");
        }
        let late = format!("{}<meta charset=koi8-r>", " ".repeat(PRESCAN));
        assert!(charset(late.as_bytes()).is_none());
    }

    #[test]
    fn no_beginning_of_a_page_is_too_much() {
        let page = b"<!doctype html><a b='c' d=e f><meta http-equiv='content-type' content='text/html;charset=\"x\"'></a><!--a-->";
        for from in 0..page.len() {
            for to in from..=page.len() {
                let _ = charset(&page[from..to]);
            }
        }
    }
}
