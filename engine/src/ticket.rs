//! A ticket: what a program keeps in its own tables until it knows that its transaction holds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::QueueId;

/// What every ticket begins with: the form in which it is written.
const FORM: &str = "PT1";

/// Stands for a mail that is on disk and waits: redeeming it sends it.
///
/// It is small and can be kept anywhere as text: `to_string` and `parse` (at most 40 characters of ASCII). It is no secret and
/// proves nothing: whoever may call the engine may redeem any ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a mail whose ticket is not redeemed is never sent"]
pub struct Ticket {
    spool: u64,
    id: QueueId,
}

/// A text is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no ticket: one is written as PT1-0123456789abcdef-0000002A")]
pub struct TicketSyntax;

impl Ticket {
    /// The ticket of this mail in the spool with this number.
    pub fn new(spool: u64, id: QueueId) -> Self {
        Ticket { spool, id }
    }

    /// The number of the spool that has its mail.
    pub fn spool(&self) -> u64 {
        self.spool
    }

    /// The number of its mail.
    pub fn id(&self) -> QueueId {
        self.id
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORM}-{:016x}-{}", self.spool, self.id)
    }
}

impl FromStr for Ticket {
    type Err = TicketSyntax;

    fn from_str(text: &str) -> Result<Self, TicketSyntax> {
        let mut parts = text.split('-');
        let (form, spool, id) = (parts.next(), parts.next(), parts.next());
        if form != Some(FORM) || parts.next().is_some() {
            return Err(TicketSyntax);
        }
        let spool = spool.filter(|spool| spool.len() == 16).and_then(|spool| u64::from_str_radix(spool, 16).ok());
        let id = id.filter(|id| (8..=16).contains(&id.len())).and_then(|id| id.parse().ok());
        spool.zip(id).map(|(spool, id)| Ticket { spool, id }).ok_or(TicketSyntax)
    }
}

impl Serialize for Ticket {
    /// As its text.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        crate::program::as_text::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Ticket {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        crate::program::as_text::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_nothing_else_is_one() {
        for (spool, id) in [(0, 0), (7, 42), (u64::MAX, u64::MAX)] {
            let ticket = Ticket { spool, id: QueueId(id) };
            assert_eq!(ticket.to_string().parse(), Ok(ticket));
            assert!(ticket.to_string().len() <= 40);
        }
        for text in ["", "PT1", "PT1-7-42", "PT2-0000000000000007-0000002A", "PT1-0000000000000007-0000002A-", "ä"] {
            assert_eq!(text.parse::<Ticket>(), Err(TicketSyntax), "{text}");
        }
    }
}
