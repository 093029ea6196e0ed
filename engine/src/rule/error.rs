//! What can be wrong with a rule: where, what, and what to write instead.

use thiserror::Error;

use super::{MAX_CONDITIONS, MAX_RULE};
use crate::Door;

/// Characters of a rule that an error shows.
const SHOWN: usize = 200;

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {problem} at {at}: {}", .problem.remedy())]
#[non_exhaustive]
pub struct RuleError {
    /// The rule, without controls, and cut if it is long.
    pub rule: String,
    /// The octet of the rule from which on it is wrong, counted from 0.
    pub at: usize,
    /// What is wrong.
    pub problem: RuleProblem,
}

/// What can be wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleProblem {
    /// More octets than [`MAX_RULE`].
    #[error("the rule is too long")]
    TooLong,
    /// More conditions than [`MAX_CONDITIONS`].
    #[error("too many conditions")]
    TooMany,
    /// Two semicolons with nothing between them.
    #[error("empty condition")]
    Empty,
    /// A word that no condition begins with.
    #[error("unknown condition")]
    Unknown,
    /// A condition without `=`.
    #[error("condition without =")]
    NoEquals,
    /// `HEADER` without the name of a field.
    #[error("no name of a header field")]
    NoField,
    /// Nothing behind `=`.
    #[error("nothing to compare with")]
    NoText,
    /// A quote without its end.
    #[error("quote without an end")]
    OpenQuote,
    /// `*` in or behind a domain.
    #[error("* within a domain")]
    StarInDomain,
    /// `@` with nothing before it.
    #[error("no name before the @")]
    NoName,
    /// `@` with nothing behind it, or a domain that is nothing but dots.
    #[error("no domain")]
    NoDomain,
    /// `RCPT TO=<>`.
    #[error("null recipient")]
    NullRecipient,
    /// Neither an address nor a network.
    #[error("no network")]
    Network,
    /// Not the name of a door.
    #[error("unknown door")]
    Door,
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    YesNo,
}

impl RuleProblem {
    /// What to write instead.
    pub fn remedy(self) -> String {
        let remedy = match self {
            RuleProblem::TooLong => return format!("write no more than {MAX_RULE} octets"),
            RuleProblem::TooMany => return format!("write no more than {MAX_CONDITIONS}"),
            RuleProblem::Door => return format!("write {}", Door::names()),
            RuleProblem::Empty => "write a condition, or leave out the ;",
            RuleProblem::Unknown => "write EHLO, MAIL FROM, RCPT TO, HEADER <name>, CLIENT, DOOR or AUTHENTICATED",
            RuleProblem::NoEquals => "write = and what it is to be, as in MAIL FROM=*@example.com",
            RuleProblem::NoField => "write the name of one field, as in HEADER Subject=*urgent*",
            RuleProblem::NoText => "write * for anything",
            RuleProblem::OpenQuote => "close it, or write \\\" within quotes for the quote itself",
            RuleProblem::StarInDomain => "write * only before a domain, as in *example.com, or alone",
            RuleProblem::NoName => "write * for any name, as in *@example.com",
            RuleProblem::NoDomain => "write * for any domain",
            RuleProblem::NullRecipient => "write a pattern for addresses; only senders can be null",
            RuleProblem::Network => "write addresses or networks, as in 192.0.2.1,2001:db8::/32",
            RuleProblem::YesNo => "write yes or no",
        };
        remedy.to_owned()
    }
}

/// What is wrong, before it is known in which rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) problem: RuleProblem,
}

impl Wrong {
    pub(super) fn in_rule(self, text: &str) -> RuleError {
        let shown = text.chars().map(|c| if c.is_control() { '?' } else { c });
        RuleError { rule: shown.take(SHOWN).collect(), at: self.at, problem: self.problem }
    }
}
