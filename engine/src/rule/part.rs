//! Parts of a rule's text: where they stand, where they end, and what their quotes mean.
//!
//! Rule: within quotes nothing is special but `*` and the backslash, which makes the next character stand for itself.

use super::error::{RuleProblem, Wrong};

/// A part of a rule and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// A character of a pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) at: usize,
    /// It stands for itself, whatever it is.
    pub(super) literal: bool,
}

impl Glyph {
    pub(super) fn is(self, special: char) -> bool {
        self.c == special && !self.literal
    }
}

impl<'a> Part<'a> {
    pub(super) fn wrong(self, problem: RuleProblem) -> Wrong {
        Wrong { at: self.at, problem }
    }

    /// Without the blanks around it.
    pub(super) fn trimmed(self) -> Part<'a> {
        let text = self.text.trim_start_matches(is_blank);
        Part { text: text.trim_end_matches(is_blank), at: self.at + self.text.len() - text.len() }
    }

    pub(super) fn from(self, index: usize) -> Part<'a> {
        Part { text: &self.text[index..], at: self.at + index }
    }

    fn until(self, index: usize) -> Part<'a> {
        Part { text: &self.text[..index], at: self.at }
    }

    /// What stands before and behind the first such character outside of quotes; `None` if there is none.
    pub(super) fn split(self, at: char) -> Result<Option<(Part<'a>, Part<'a>)>, Wrong> {
        let (mut quote, mut escaped) = (None, false);
        for (index, c) in self.text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quote.is_some() => escaped = true,
                '"' => quote = if quote.is_some() { None } else { Some(index) },
                c if c == at && quote.is_none() => {
                    return Ok(Some((self.until(index), self.from(index + c.len_utf8()))));
                }
                _ => {}
            }
        }
        match quote {
            Some(open) => Err(self.from(open).wrong(RuleProblem::OpenQuote)),
            None => Ok(None),
        }
    }

    /// All parts between such characters outside of quotes.
    pub(super) fn split_all(self, at: char) -> Result<Vec<Part<'a>>, Wrong> {
        let mut parts = Vec::new();
        let mut rest = self;
        while let Some((part, behind)) = rest.split(at)? {
            parts.push(part);
            rest = behind;
        }
        parts.push(rest);
        Ok(parts)
    }

    /// Its words.
    pub(super) fn words(self) -> Vec<Part<'a>> {
        let mut words = Vec::new();
        let mut rest = self.trimmed();
        while !rest.text.is_empty() {
            let end = rest.text.find(is_blank).unwrap_or(rest.text.len());
            words.push(rest.until(end));
            rest = rest.from(end).trimmed();
        }
        words
    }

    /// Its characters, without quotes and without what escapes them.
    pub(super) fn glyphs(self) -> Vec<Glyph> {
        let mut glyphs = Vec::new();
        let mut quoted = false;
        let mut chars = self.text.char_indices();
        while let Some((index, c)) = chars.next() {
            let at = self.at + index;
            match c {
                '"' => quoted = !quoted,
                '\\' if quoted => glyphs.extend(chars.next().map(|(_, c)| Glyph { c, at, literal: true })),
                '*' => glyphs.push(Glyph { c, at, literal: false }),
                c => glyphs.push(Glyph { c, at, literal: quoted }),
            }
        }
        glyphs
    }
}

pub(super) fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// Without the blanks around them that are not quoted.
pub(super) fn trimmed(mut glyphs: &[Glyph]) -> &[Glyph] {
    let blank = |glyph: &Glyph| is_blank(glyph.c) && !glyph.literal;
    while let [first, rest @ ..] = glyphs {
        if !blank(first) {
            break;
        }
        glyphs = rest;
    }
    while let [rest @ .., last] = glyphs {
        if !blank(last) {
            break;
        }
        glyphs = rest;
    }
    glyphs
}
