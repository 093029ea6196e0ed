//! What LMTP does otherwise (RFC 2033): the end of a mail is answered once for each recipient.
//!
//! Rule: as many replies as RCPT commands were accepted, in their order, also for an address that was named twice. Who
//! was told 250 is answered even if a sink has dropped it since, as the others are; whom the client did not name is not.

use super::{action::Taken, replies};
use crate::{Address, RcptNo, Reply};

/// Who hears what becomes of a mail. The addresses are shared with its envelope.
#[derive(Debug)]
pub(super) enum Answers {
    /// The client, once.
    One,
    /// The client, for each of these.
    Each(Vec<(RcptNo, Address)>),
}

impl Answers {
    /// The replies, in their order.
    pub(super) fn of(self, outcome: Result<Taken<'_>, Reply>) -> impl Iterator<Item = Reply> {
        let replies = match (self, outcome) {
            (Answers::One, Ok(taken)) => vec![replies::queued(taken.id)],
            (Answers::One, Err(refusal)) => vec![refusal],
            (Answers::Each(to), Ok(taken)) => to.iter().map(|(no, to)| answer(&taken, *no, to)).collect(),
            (Answers::Each(to), Err(refusal)) => vec![refusal; to.len()],
        };
        replies.into_iter()
    }
}

fn answer(taken: &Taken<'_>, no: RcptNo, to: &Address) -> Reply {
    let refused = taken.refused.iter().find(|(refused, _)| *refused == no);
    refused.map_or_else(|| replies::queued_for(to, taken.id), |(_, reply)| reply.clone())
}
