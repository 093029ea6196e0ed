//! The part of the model that outlives its mails: what is remembered.

use postrider_engine::{
    DeliveryStatus, Entry, Fact, FetchError, How, KeyHash, Look, Mail, Moment, QueueId, RcptNo, Remember, Seen, Spool,
    Standing, Success, TicketState,
};

use super::{super::DiskSpool, harness::*, model::*};

/// What can be seen of a memo.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    pub ticket: TicketState,
    pub ended: Vec<(RcptNo, DeliveryStatus)>,
    pub names: usize,
}

/// Keys under which mails are sent.
pub const KEYS: u8 = 4;

pub fn hash(key: u8) -> KeyHash {
    KeyHash::of(&key.to_string())
}

/// What is remembered of this mail; its record may be moved while we ask.
pub fn remembered(spool: &mut DiskSpool, id: u64) -> Option<Remembered> {
    let id = QueueId(id);
    loop {
        let Seen::Ticket(_, ticket) = spool.look(Look::Ticket(id)) else { panic!("asked for a ticket") };
        let Seen::Status(_, status) = spool.look(Look::Status(id)) else { panic!("asked for a status") };
        let (ticket, status) = (ticket?, status.unwrap());
        match wait(spool.reader().recipients(id, status.names.unwrap())) {
            Ok(names) => return Some(Remembered { ticket, ended: status.ended, names: names.len() }),
            Err(FetchError::Moved) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

pub fn remembered_entry(state: &mut State, key: Option<u8>, prepared: bool, length: usize) -> Entry {
    let (id, draft) = (state.next, draft(2, octets(state.next, length)));
    let remember = Remember { key: key.map(hash), prepared, owed: false, until: Moment(8_000) };
    let mail = Mail::received(draft).remembered(remember);
    if key.is_none_or(|key| !state.keys.contains_key(&key)) {
        state.next += 1;
        state.keys.extend(key.map(|key| (key, id)));
        state.mails.insert(id, (mail.standing(), mail.draft().content.head(usize::MAX).unwrap()));
        let ticket = if prepared { TicketState::Prepared } else { TicketState::None };
        state.memos.insert(id, Remembered { ticket, ended: Vec::new(), names: 2 });
    }
    Entry { new: vec![mail], facts: Vec::new() }
}

pub fn note_memo(remembered: &mut Remembered, fact: &Fact, standing: Option<&Standing>) {
    let mut end = |no: RcptNo, status: DeliveryStatus| {
        if let Err(at) = remembered.ended.binary_search_by_key(&no, |(no, _)| *no) {
            remembered.ended.insert(at, (no, status));
        }
    };
    match fact {
        Fact::Redeemed { .. } if remembered.ticket == TicketState::Prepared => {
            remembered.ticket = TicketState::Redeemed;
        }
        Fact::Swept { .. } if remembered.ticket == TicketState::Prepared => remembered.ticket = TicketState::Swept,
        Fact::Finished { recipients, how: How::Failed(why), .. } if standing.is_some() => {
            recipients.iter().for_each(|no| end(*no, DeliveryStatus::Failed { why: why.clone() }));
        }
        Fact::Finished { recipients, how: How::Confirm(Success::Expanded, _), .. } if standing.is_some() => {
            recipients.iter().for_each(|no| end(*no, DeliveryStatus::Expanded));
        }
        Fact::Expanded { from, .. } if standing.is_some() => end(*from, DeliveryStatus::Expanded),
        _ => {}
    }
}
