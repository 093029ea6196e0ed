//! The fields of a header (RFC 5322, 2.2), one by one, as they stand.
//!
//! Rule: a line is part of one field, so what is written again of its fields is the header.

use std::ops::Range;

/// A field of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'m> {
    /// Its name, as it stands. Empty: the line is no field.
    pub name: &'m [u8],
    /// What stands behind the colon, with its folds and the end of its last line.
    pub value: &'m [u8],
    /// Where all of it stands.
    pub range: Range<usize>,
}

impl Field<'_> {
    /// It has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// It is about the content: what RFC 2045 and its kin say of a body.
    pub fn is_about_content(&self) -> bool {
        const ABOUT: [&str; 10] = [
            "Content-Type",
            "Content-Transfer-Encoding",
            "Content-Disposition",
            "Content-ID",
            "Content-Description",
            "Content-Location",
            "Content-Base",
            "Content-MD5",
            "Content-Duration",
            "Content-Features",
        ];
        ABOUT.iter().any(|name| self.is(name))
    }
}

/// The fields that stand there. A line that begins with a blank belongs to the field before it.
pub(super) fn fields(octets: &[u8], header: Range<usize>) -> impl Iterator<Item = Field<'_>> {
    let mut at = header.start;
    std::iter::from_fn(move || {
        let start = at;
        while at < header.end {
            at = memchr::memchr(b'\n', &octets[at..header.end]).map_or(header.end, |end| at + end + 1);
            if !matches!(octets.get(at), Some(b' ' | b'\t')) || at >= header.end {
                break;
            }
        }
        (start < at).then(|| field(octets, start..at))
    })
}

fn field(octets: &[u8], range: Range<usize>) -> Field<'_> {
    let all = &octets[range.clone()];
    let first_line = memchr::memchr(b'\n', all).unwrap_or(all.len());
    match memchr::memchr(b':', &all[..first_line]) {
        Some(colon) => Field { name: all[..colon].trim_ascii(), value: &all[colon + 1..], range },
        None => Field { name: &[], value: all, range },
    }
}
