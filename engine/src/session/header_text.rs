//! What kind of text a header is, found out while it passes: UTF-8 in it needs SMTPUTF8 (RFC 6531, 3.4).
//!
//! Rule: what is found does not depend on how the octets were split, nor on how much of the header is kept where; no more
//! than the beginning of one character is kept here.

/// What kind of text a header is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeaderText {
    /// ASCII.
    #[default]
    Ascii,
    /// UTF-8, and not ASCII.
    Utf8,
    /// Neither: nobody knows what it says.
    Neither,
}

/// The text of a line that is being read.
#[derive(Debug, Default)]
pub(super) struct LineText {
    kind: HeaderText,
    /// The beginning of a character: three octets at most.
    cut: Vec<u8>,
}

impl LineText {
    /// The next part of the line.
    pub(super) fn add(&mut self, mut part: &[u8]) {
        if self.kind == HeaderText::Neither || (self.cut.is_empty() && part.is_ascii()) {
            return;
        }
        self.kind = HeaderText::Utf8;
        while !self.cut.is_empty() {
            let Some((first, rest)) = part.split_first() else { return };
            self.cut.push(*first);
            part = rest;
            let cut = std::mem::take(&mut self.cut);
            self.check(&cut);
        }
        self.check(part);
    }

    fn check(&mut self, part: &[u8]) {
        match std::str::from_utf8(part) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() => self.cut.extend_from_slice(&part[error.valid_up_to()..]),
            Err(_) => self.kind = HeaderText::Neither,
        }
    }

    /// The line ends: what it was. The next one begins.
    pub(super) fn end(&mut self) -> HeaderText {
        let LineText { kind, cut } = std::mem::take(self);
        match cut.is_empty() {
            true => kind,
            false => HeaderText::Neither,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn however_a_line_is_split_it_is_what_the_whole_of_it_is(
            parts in proptest::collection::vec(prop_oneof!["[aü€𝄞]{0,3}".prop_map(String::into_bytes), "[a-z]{0,3}".prop_map(String::into_bytes), proptest::collection::vec(0xC0_u8..0xF8, 0..2)], 0..5),
            step in 1_usize..9,
        ) {
            let whole = parts.concat();
            let mut line = LineText::default();
            whole.chunks(step).for_each(|part| line.add(part));
            let kind = match std::str::from_utf8(&whole) {
                Ok(text) if text.is_ascii() => HeaderText::Ascii,
                Ok(_) => HeaderText::Utf8,
                Err(_) => HeaderText::Neither,
            };
            prop_assert_eq!(line.end(), kind);
            prop_assert_eq!(line.end(), HeaderText::Ascii);
        }
    }
}
