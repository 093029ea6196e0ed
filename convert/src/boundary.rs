//! Boundaries of the multiparts that are made here (RFC 2046, 5.1.1).
//!
//! Rule: the same content gets the same boundaries, so they are counted and not drawn; a number that stands in the content
//! already is passed over.

use std::collections::BTreeSet;

/// What boundaries begin with. No octets in base64 or quoted-printable have these two characters.
const BEGINNING: &[u8] = b"=_postrider-";

/// Boundaries that do not stand in some content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Boundaries {
    taken: BTreeSet<u32>,
    number: u32,
    count: usize,
}

impl Boundaries {
    /// No boundary that is made from now on stands in these octets. It takes a step for each of them.
    pub fn avoid(&mut self, octets: &[u8]) {
        for at in memchr::memmem::find_iter(octets, BEGINNING) {
            let digits = octets.get(at + BEGINNING.len()..).unwrap_or_default();
            let digits = digits.get(..8).and_then(|digits| std::str::from_utf8(digits).ok());
            self.taken.extend(digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()));
        }
        while self.taken.contains(&self.number) {
            self.number = self.number.wrapping_add(1);
        }
    }

    /// Another one.
    pub fn next(&mut self) -> String {
        self.count += 1;
        format!("{}{:08x}.{}=", String::from_utf8_lossy(BEGINNING), self.number, self.count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
