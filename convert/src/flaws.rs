//! What was wrong with an input that could be read nevertheless.
//!
//! Rule: a list of flaws is bounded, and counts what it has no room for.

use std::{borrow::Cow, fmt};

/// Flaws that are kept; others are counted.
const MOST_FLAWS: usize = 100;
/// Flaws that a line of a log tells.
const FLAWS_TOLD: usize = 3;

/// What kind of flaw it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trouble {
    /// The input ends in the midst of something.
    Truncated,
    /// A checksum is not that of what it is for.
    Checksum,
    /// A length or an offset leads out of the input.
    OutOfBounds,
    /// Something ends that has not begun, or never ends.
    Unbalanced,
    /// A number, a name or a value makes no sense where it stands.
    Malformed,
    /// More stands within each other than [`Limits::depth`](crate::Limits::depth); the innermost is taken for flat.
    TooDeep,
    /// A mail has more parts than [`Limits::parts`](crate::Limits::parts); what holds them is taken for one.
    TooMany,
    /// A character set is not known; its octets were read as Windows-1252.
    UnknownCharset,
    /// Octets are no text of their character set, and stand as U+FFFD.
    NotInCharset,
    /// A character cannot be said in the character set of the result, and stands as a question mark.
    NotSayable,
    /// Octets follow the end, and are left out.
    Trailing,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Truncated => "truncated",
            Trouble::Checksum => "checksum",
            Trouble::OutOfBounds => "out_of_bounds",
            Trouble::Unbalanced => "unbalanced",
            Trouble::Malformed => "malformed",
            Trouble::TooDeep => "too_deep",
            Trouble::TooMany => "too_many",
            Trouble::UnknownCharset => "unknown_charset",
            Trouble::NotInCharset => "not_in_charset",
            Trouble::NotSayable => "not_sayable",
            Trouble::Trailing => "trailing",
        })
    }
}

/// One thing that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What kind it is.
    pub trouble: Trouble,
    /// Where: an octet of the input, or of the decoded form of it that was read.
    pub at: usize,
    /// About what: the name of a part of the format, as its specification has it, or of a character set.
    pub what: Cow<'static, str>,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: {}: {}", self.at, self.what, self.trouble)
    }
}

/// All that was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    kept: Vec<Flaw>,
    others: usize,
}

impl fmt::Display for Flaws {
    /// The first of them, and how many there are: a line for a log. Empty: none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, flaw) in self.kept.iter().take(FLAWS_TOLD).enumerate() {
            write!(f, "{}{flaw}", if at == 0 { "" } else { "; " })?;
        }
        if self.count() > FLAWS_TOLD {
            write!(f, "; {} in all", self.count())?;
        }
        Ok(())
    }
}

impl Flaws {
    /// Notes one. The same trouble about the same is noted once in a row, where it was first.
    pub fn note(&mut self, trouble: Trouble, at: usize, what: impl Into<Cow<'static, str>>) {
        let flaw = Flaw { trouble, at, what: what.into() };
        let is_same = |last: &Flaw| (last.trouble, &last.what) == (flaw.trouble, &flaw.what);
        if self.kept.last().is_some_and(is_same) || self.kept.len() == MOST_FLAWS {
            self.others += 1;
        } else {
            self.kept.push(flaw);
        }
    }

    /// Notes all of another list, which is about a part of the same input.
    pub fn extend(&mut self, others: Flaws) {
        others.kept.into_iter().for_each(|flaw| self.note(flaw.trouble, flaw.at, flaw.what));
        self.others += others.others;
    }

    /// Nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The first of them, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Flaw> {
        self.kept.iter()
    }

    /// How many there are, with those that are not kept.
    pub fn count(&self) -> usize {
        self.kept.len() + self.others
    }

    /// One of this kind is among those that are kept.
    pub fn has(&self, trouble: Trouble) -> bool {
        self.kept.iter().any(|flaw| flaw.trouble == trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_flaws_is_bounded_and_counts_the_rest() {
        let mut flaws = Flaws::default();
        for at in 0..1000 {
            flaws.note(Trouble::Malformed, at, if at % 2 == 0 { "a" } else { "b" });
        }
        assert_eq!((flaws.iter().count(), flaws.count()), (MOST_FLAWS, 1000));
        let line = "octet 0: a: malformed; octet 1: b: malformed; octet 2: a: malformed; 1000 in all";
        assert_eq!((flaws.to_string().as_str(), Flaws::default().to_string().as_str()), (line, ""));
        let mut same = Flaws::default();
        (0..5).for_each(|at| same.note(Trouble::NotInCharset, at, "text"));
        assert_eq!(
            (same.iter().map(ToString::to_string).collect::<Vec<_>>(), same.count()),
            (vec!["octet 0: text: not_in_charset".into()], 5)
        );
    }
}
