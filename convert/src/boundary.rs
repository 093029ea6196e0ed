//! Boundaries of the multiparts that are made here (RFC 2046, 5.1.1).
//!
//! Rule: the same content gets the same boundaries, so they are counted and not drawn; a number that stands in the content
//! already is passed over.

use std::collections::BTreeSet;

/// What boundaries begin with. No octets in base64 or quoted-printable have these two characters.
const BEGINNING: &[u8] = b"=_postrider-";
/// Digits of the number behind it.
const DIGITS: usize = 8;

/// Boundaries that do not stand in some content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Boundaries {
    taken: BTreeSet<u32>,
    number: u32,
    count: usize,
    /// What stands before the beginning, where one of the content's own boundaries is the beginning of ours.
    lead: Option<char>,
}

impl Boundaries {
    /// No boundary that is made from now on stands in these octets. It takes a step for each of them.
    pub fn avoid(&mut self, octets: &[u8]) {
        for at in memchr::memmem::find_iter(octets, BEGINNING) {
            let digits = octets.get(at + BEGINNING.len()..).unwrap_or_default();
            let digits = digits.get(..DIGITS).and_then(|digits| std::str::from_utf8(digits).ok());
            self.taken.extend(digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()));
        }
        while self.taken.contains(&self.number) {
            self.number = self.number.wrapping_add(1);
        }
    }

    /// No boundary that is made from now on begins as one of these: a reader may take a line for one that only begins as it does
    /// (RFC 2046, 5.1.1), and boundaries of the content may be as short as `=`.
    pub fn differ<'b>(&mut self, from: impl Iterator<Item = &'b str> + Clone) {
        let numbered = BEGINNING.len() + DIGITS;
        let begins = |lead: Option<char>, old: &str| {
            let new: String = lead.into_iter().chain(String::from_utf8_lossy(BEGINNING).chars()).collect();
            new.starts_with(old) || (old.starts_with(&new) && old.len() < numbered)
        };
        let leads = || std::iter::once(None).chain(('A'..='Z').chain('a'..='z').map(Some));
        // A mail with all letters for boundaries has what it wants.
        self.lead = leads().find(|lead| !from.clone().any(|old| begins(*lead, old))).flatten();
    }

    /// Another one.
    pub fn next(&mut self) -> String {
        self.count += 1;
        let lead = self.lead.map(String::from).unwrap_or_default();
        format!("{lead}{}{:08x}.{}=", String::from_utf8_lossy(BEGINNING), self.number, self.count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_does_not_begin_as_another_one() {
        let mine = |old: &[&str]| {
            let mut boundaries = Boundaries::default();
            boundaries.avoid(old.join("\n").as_bytes());
            boundaries.differ(old.iter().copied());
            boundaries.next()
        };
        for old in [&["="][..], &["=_"], &["=_postrider-"], &["=_postrider-0000000"], &["A", "=", "B"], &["A=_p", "="]]
        {
            let new = mine(old);
            assert!(!old.iter().any(|old| new.starts_with(old)) && new.len() <= 70, "{old:?}: {new}");
        }
        for old in ["b", "=_postrider-00000000.0=", "=x"] {
            assert!(mine(&[old]).starts_with("=_postrider-"));
        }
    }

    #[test]
    fn a_boundary_is_none_that_stands_in_the_content() {
        let mut boundaries = Boundaries::default();
        let first = boundaries.next();
        assert_ne!(first, boundaries.next());
        boundaries.avoid(format!("--{first}\r\n--=_postrider-00000001.7=--").as_bytes());
        let third = boundaries.next();
        assert!(third.starts_with("=_postrider-00000002."), "{third}");
        assert!(third.len() <= 70); // RFC 2046, 5.1.1
    }
}
