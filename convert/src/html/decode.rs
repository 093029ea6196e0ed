//! The text of a page whose character set is to be found.
//!
//! Rule: what the octets say themselves goes before what was declared about them, and that before what the page says (HTML standard,
//! 13.2.3). Who gets the text is told which it was.

use super::prescan::{self, Found};
use crate::{Charset, Converted, Flaws, Trouble};

/// Who said which character set it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CharsetSource {
    /// The octets, by a byte order mark.
    ByteOrderMark,
    /// Who declared it: for mail, the `Content-Type`.
    Declared,
    /// The page, by `<meta>`.
    Meta,
    /// Nobody: it is what pages of this kind are usually in.
    Fallback,
}

/// A page that has been decoded.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The page.
    pub html: String,
    /// What it was in.
    pub charset: Charset,
    /// Who said so.
    pub source: CharsetSource,
}

/// The text of these octets. At most three octets are made of each.
///
/// ```
/// use postrider_convert::html::{decode, CharsetSource};
/// let decoded = decode(b"<meta charset=koi8-r>\xf0", None).output;
/// assert_eq!((&*decoded.html, decoded.source), ("<meta charset=koi8-r>П", CharsetSource::Meta));
/// ```
pub fn decode(octets: &[u8], declared: Option<Charset>) -> Converted<Decoded> {
    let mut flaws = Flaws::default();
    let (charset, source, mark) = find(octets, declared, &mut flaws);
    let mut html = String::with_capacity(octets.len() - mark);
    if !charset.decode(&octets[mark..], &mut html) {
        flaws.note(Trouble::NotInCharset, mark, charset.name());
    }
    Converted { output: Decoded { html, charset, source }, flaws }
}

/// The character set, who said so, and how long its mark is.
fn find(octets: &[u8], declared: Option<Charset>, flaws: &mut Flaws) -> (Charset, CharsetSource, usize) {
    if let Some((charset, mark)) = by_mark(octets) {
        return (charset, CharsetSource::ByteOrderMark, mark);
    }
    if let Some(charset) = declared {
        return (charset, CharsetSource::Declared, 0);
    }
    match prescan::charset(octets) {
        Some(Found::Charset(charset)) => return (charset, CharsetSource::Meta, 0),
        Some(Found::Unknown { name, at }) => flaws.note(Trouble::UnknownCharset, at, name),
        None => {}
    }
    (Charset::WINDOWS_1252, CharsetSource::Fallback, 0)
}

fn by_mark(octets: &[u8]) -> Option<(Charset, usize)> {
    let (name, length) = match octets {
        [0xEF, 0xBB, 0xBF, ..] => ("utf-8", 3),
        [0xFE, 0xFF, ..] => ("utf-16be", 2),
        [0xFF, 0xFE, ..] => ("utf-16le", 2),
        _ => return None,
    };
    Some((Charset::of_name(name)?, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(octets: &[u8], declared: Option<&str>) -> (String, String, CharsetSource, Flaws) {
        let declared = declared.map(|name| Charset::of_name(name).unwrap());
        let Converted { output, flaws } = decode(octets, declared);
        (output.html, output.charset.name().into_owned(), output.source, flaws)
    }

    #[test]
    fn a_mark_goes_before_what_is_declared_and_that_before_what_the_page_says() {
        use CharsetSource::*;
        type Case = (&'static [u8], Option<&'static str>, &'static str, &'static str, CharsetSource);
        let table: [Case; 8] = [
            (b"\xef\xbb\xbf\xc3\xa4", Some("koi8-r"), "ä", "UTF-8", ByteOrderMark),
            (b"\xff\xfea\0\xe4\0", Some("utf-8"), "aä", "UTF-16LE", ByteOrderMark),
            (b"\xfe\xff\0a\0\xe4", None, "aä", "UTF-16BE", ByteOrderMark),
            (b"<meta charset=utf-8>\xe4", Some("iso-8859-1"), "<meta charset=utf-8>ä", "windows-1252", Declared),
            (b"<meta charset=koi8-r>\xf0", None, "<meta charset=koi8-r>П", "KOI8-R", Meta),
            (b"<meta charset=utf-16>\xc3\xa4", None, "<meta charset=utf-16>ä", "UTF-8", Meta),
            (b"\xe4\x80", None, "ä€", "windows-1252", Fallback),
            (b"", None, "", "windows-1252", Fallback),
        ];
        for (octets, declared, html, charset, source) in table {
            let (found_html, name, found_source, flaws) = found(octets, declared);
            assert_eq!((&*found_html, &*name, found_source), (html, charset, source), "{octets:?}");
            assert!(flaws.is_empty(), "{octets:?}: {flaws:?}");
        }
    }

    #[test]
    fn what_is_not_known_or_no_text_is_told_of() {
        let (html, name, source, flaws) = found(b"<meta charset=x-nobody>\xe4", None);
        assert_eq!((&*html, &*name, source), ("<meta charset=x-nobody>ä", "windows-1252", CharsetSource::Fallback));
        assert_eq!(flaws.iter().next().unwrap().to_string(), "octet 14: x-nobody: unknown_charset");
        let (html, _, _, flaws) = found(b"a\xff", Some("utf-8"));
        assert!(html == "a\u{fffd}" && flaws.has(Trouble::NotInCharset));
    }
}
