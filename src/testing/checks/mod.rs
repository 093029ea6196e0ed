//! What a test asks of peers in the end, and how they tell what they saw when the answer is no.
//!
//! Rule: each macro has plain functions below it, for other frameworks; whatever fails shows the mails and the dialogue.

mod duplicates;
mod macros;
mod reports;

use std::fmt;

pub use duplicates::{assert_no_duplicates, check_no_duplicates, duplicates, Duplicate};
pub use reports::{reports, ReportCheck, Reported};

use super::{peer::told, Peer, Taken, TestEngine};

/// Mails that are shown when a check fails.
const SHOWN_MAILS: usize = 50;

/// Lines of the dialogue that are shown: the last.
const SHOWN_LINES: usize = 100;

/// Who can say what was delivered: a peer, or an engine for all of its peers.
pub trait Witness {
    /// All mails that were taken.
    fn taken(&self) -> Vec<Taken>;

    /// What was said, for a person to read.
    fn story(&self) -> String;
}

impl Witness for Peer {
    fn taken(&self) -> Vec<Taken> {
        Peer::taken(self)
    }

    fn story(&self) -> String {
        let lines = self.dialogue();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        let before = if hidden > 0 { format!("  ({hidden} lines before)\n") } else { String::new() };
        before + &told(&lines[hidden..])
    }
}

impl Witness for TestEngine {
    /// By all peers, in the order in which they were taken.
    fn taken(&self) -> Vec<Taken> {
        let mut all: Vec<_> = self.peers().into_iter().flat_map(|(_, peer)| peer.taken()).collect();
        all.sort_by_key(|taken| taken.at);
        all
    }

    fn story(&self) -> String {
        let peers = self.peers();
        let told = |(name, peer): &(&str, &Peer)| match *name {
            "" => peer.story(),
            name => format!("at {name}:\n{}", peer.story()),
        };
        peers.iter().map(told).collect()
    }
}

impl<W: Witness + ?Sized> Witness for &W {
    fn taken(&self) -> Vec<Taken> {
        W::taken(self)
    }

    fn story(&self) -> String {
        W::story(self)
    }
}

/// A check has failed. It says what is wrong, and what was seen.
#[derive(Clone, Debug)]
pub struct CheckFailed {
    what: String,
    seen: String,
}

impl CheckFailed {
    pub(super) fn new(what: String, witness: &(impl Witness + ?Sized)) -> Self {
        let taken = witness.taken();
        let mut seen = format!("{} mails were taken:\n", taken.len());
        taken.iter().take(SHOWN_MAILS).for_each(|mail| seen += &format!("  {mail}\n"));
        if taken.len() > SHOWN_MAILS {
            seen += &format!("  and {} more\n", taken.len() - SHOWN_MAILS);
        }
        CheckFailed { what, seen: seen + "what was said:\n" + &witness.story() }
    }

    /// What is wrong, without what was seen.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for CheckFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.what, self.seen)
    }
}

impl std::error::Error for CheckFailed {}

/// Fails the test.
#[allow(clippy::panic, reason = "that is what an assertion is for")]
#[track_caller]
fn assert(checked: Result<(), CheckFailed>) {
    if let Err(failed) = checked {
        panic!("{failed}");
    }
}

/// The mails that were taken for an address.
pub fn deliveries(witness: &(impl Witness + ?Sized), address: &str) -> Vec<Taken> {
    witness.taken().into_iter().filter(|taken| taken.is_for(address)).collect()
}

/// What should have been delivered to somebody: what [`assert_delivered!`](crate::assert_delivered) makes.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked before check or assert"]
pub struct DeliveryCheck {
    to: String,
    subject: Option<String>,
    contains: Option<String>,
    times: Option<usize>,
}

impl DeliveryCheck {
    /// A mail was delivered to this address.
    pub fn to(address: impl Into<String>) -> Self {
        DeliveryCheck { to: address.into(), subject: None, contains: None, times: None }
    }

    /// Only mail with this subject counts.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Only mail whose octets, header or body, have this text counts.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        self.contains = Some(text.into());
        self
    }

    /// So often, not once or more often.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// The mails that it is about.
    pub fn found(&self, witness: &(impl Witness + ?Sized)) -> Vec<Taken> {
        let mut found = deliveries(witness, &self.to);
        found.retain(|taken| self.subject.is_none() || taken.subject() == self.subject);
        found.retain(|taken| self.contains.as_ref().is_none_or(|text| taken.text().contains(text.as_str())));
        found
    }

    /// Whether it is so.
    ///
    /// # Errors
    /// [`CheckFailed`]: there is none, or not as many as there should be.
    pub fn check(&self, witness: &(impl Witness + ?Sized)) -> Result<(), CheckFailed> {
        let found = self.found(witness).len();
        match self.times {
            Some(times) if times == found => Ok(()),
            None if found > 0 => Ok(()),
            Some(times) => Err(CheckFailed::new(format!("{self} was delivered {found} times, not {times}"), witness)),
            None => Err(CheckFailed::new(format!("{self} was not delivered"), witness)),
        }
    }

    /// Fails the test unless it is so.
    #[track_caller]
    pub fn assert(&self, witness: &(impl Witness + ?Sized)) {
        assert(self.check(witness));
    }
}

impl fmt::Display for DeliveryCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail to {}", self.to)?;
        if let Some(subject) = &self.subject {
            write!(f, " with the subject {subject:?}")?;
        }
        match &self.contains {
            Some(text) => write!(f, " with the text {text:?}"),
            None => Ok(()),
        }
    }
}
