//! What LMTP does otherwise (RFC 2033): the end of a mail is answered once for each recipient.
//!
//! Rule: as many replies as RCPT commands were accepted, in their order, also for an address that was named twice; and
//! all say the same, because a mail is taken for all of its recipients or for none.

use super::replies;
use crate::{Address, Recipients, Reply};

/// Who hears what becomes of a mail. The addresses are shared with its envelope.
#[derive(Debug)]
pub(super) enum Answers {
    /// The client, once.
    One,
    /// The client, for each of these.
    Each(Vec<Address>),
}

impl Answers {
    /// One for each of these.
    pub(super) fn each(recipients: &Recipients) -> Self {
        Answers::Each(recipients.iter().map(|(_, recipient)| recipient.address.clone()).collect())
    }

    /// The replies, in their order. `Ok`: the text that goes behind "queued as".
    pub(super) fn of(self, outcome: Result<&str, Reply>) -> impl Iterator<Item = Reply> {
        let replies = match (self, outcome) {
            (Answers::One, outcome) => vec![outcome.map_or_else(|refusal| refusal, replies::queued)],
            (Answers::Each(to), Ok(id)) => to.iter().map(|to| replies::queued_for(to, id)).collect(),
            (Answers::Each(to), Err(refusal)) => vec![refusal; to.len()],
        };
        replies.into_iter()
    }
}
