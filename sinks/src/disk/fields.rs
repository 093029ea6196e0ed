//! Tagged fields: the alphabet of every record on disk.
//!
//! A field is a tag, a length and octets. A reader that does not know a tag skips it if its writer marked it as
//! skippable, and refuses the record if not. Reading is total: no input panics, none makes it allocate more than it has.

use super::record::BadRecord;

/// Set in the tag of a field that an older reader may pass over.
pub(super) const SKIPPABLE: u8 = 0x80;

/// Adds one field.
pub(super) fn put(out: &mut Vec<u8>, tag: u8, octets: &[u8]) {
    nested(out, tag, |out| out.extend_from_slice(octets));
}

/// Adds one field whose octets `write` adds.
pub(super) fn nested(out: &mut Vec<u8>, tag: u8, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

/// Adds a field with a number of 32 bits.
pub(super) fn put_u32(out: &mut Vec<u8>, tag: u8, number: u32) {
    put(out, tag, &number.to_le_bytes());
}

/// Adds a field with a number of 64 bits.
pub(super) fn put_u64(out: &mut Vec<u8>, tag: u8, number: u64) {
    put(out, tag, &number.to_le_bytes());
}

/// Adds a field with a text, if there is one.
pub(super) fn put_text(out: &mut Vec<u8>, tag: u8, text: Option<&str>) {
    if let Some(text) = text {
        put(out, tag, text.as_bytes());
    }
}

/// The fields of a record, one after the other.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u8, &'a [u8]), BadRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let field = rest.split_first_chunk::<4>().and_then(|(length, rest)| {
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            rest.split_at_checked(length)
        });
        let Some((octets, rest)) = field else {
            self.0 = &[];
            return Some(Err(BadRecord::Malformed("a field is longer than its record")));
        };
        self.0 = rest;
        Some(Ok((*tag, octets)))
    }
}

/// What to do about a field that nobody knows.
pub(super) fn unknown(tag: u8) -> Result<(), BadRecord> {
    if tag & SKIPPABLE != 0 {
        Ok(())
    } else {
        Err(BadRecord::UnknownField(tag))
    }
}

/// A field that is a number of 8 bits.
pub(super) fn u8_of(octets: &[u8]) -> Result<u8, BadRecord> {
    octets.first().copied().ok_or(BadRecord::Malformed("a number is too short"))
}

/// A field that is a number of 32 bits.
pub(super) fn u32_of(octets: &[u8]) -> Result<u32, BadRecord> {
    let octets = octets.first_chunk().ok_or(BadRecord::Malformed("a number is too short"))?;
    Ok(u32::from_le_bytes(*octets))
}

/// A field that is a number of 64 bits.
pub(super) fn u64_of(octets: &[u8]) -> Result<u64, BadRecord> {
    let octets = octets.first_chunk().ok_or(BadRecord::Malformed("a number is too short"))?;
    Ok(u64::from_le_bytes(*octets))
}

/// A field that is a text.
pub(super) fn text_of(octets: &[u8]) -> Result<&str, BadRecord> {
    std::str::from_utf8(octets).map_err(|_| BadRecord::Malformed("a text is not UTF-8"))
}
