//! What is remembered of a mail, as a record: its key as a hash, its ticket, its recipients, and who has not got it.

use std::sync::Arc;

use postrider_engine::{Address, Draft, End, Fact, How, KeyHash, Memo, Moment, Place, QueueId, RcptNo, TicketState};

use super::{
    fields::{nested, put, put_text, put_u32, put_u64, u64_of, u8_of, unknown, Fields},
    record::{put_record, records, BadRecord, MAIL, MEMO},
    record_draft::recipient,
    record_fact::{put_fact, read_fact},
    record_mail::{ADDRESS, NUMBER, RECIPIENT},
};

/// Recipients stand in it as in the record of a mail.
const KEY: u8 = 3;
const TICKET: u8 = 4;
const UNTIL: u8 = 5;
const END: u8 = 6;

const FACT: u8 = 2;
const PERHAPS: u8 = 3;

/// Adds the memo of a new mail and says how long it is.
pub(super) fn put_memo(out: &mut Vec<u8>, id: QueueId, memo: &Memo, draft: &Draft) -> usize {
    put_record(out, MEMO, id, |out| {
        for (no, recipient) in draft.envelope.recipients.iter() {
            nested(out, RECIPIENT, |out| {
                put_u32(out, NUMBER, no.0);
                put_text(out, ADDRESS, Some(recipient.address.as_str()));
            });
        }
        put_state(out, id, memo);
    })
}

/// Adds a memo once more, as it is now, and says how long it is. `fields` are those of its record before.
pub(super) fn put_memo_again(out: &mut Vec<u8>, id: QueueId, fields: &[u8], memo: &Memo) -> usize {
    put_record(out, MEMO, id, |out| {
        for (tag, octets) in Fields(fields).flatten().filter(|(tag, _)| !(KEY..=END).contains(tag)) {
            put(out, tag, octets);
        }
        put_state(out, id, memo);
    })
}

fn put_state(out: &mut Vec<u8>, id: QueueId, memo: &Memo) {
    if let Some(key) = &memo.key {
        put(out, KEY, key.octets());
    }
    let ticket = match memo.ticket {
        TicketState::None => 0,
        TicketState::Prepared => 1,
        TicketState::Redeemed => 2,
        TicketState::Swept => 3,
    };
    put(out, TICKET, &[ticket]);
    put_u64(out, UNTIL, memo.until.0);
    for (no, end) in &memo.ends {
        nested(out, END, |out| put_end(out, id, *no, end));
    }
}

/// An end is written as the fact that it was.
fn put_end(out: &mut Vec<u8>, mail: QueueId, no: RcptNo, end: &End) {
    let (how, perhaps) = match end {
        End::Failed { why, perhaps } => (How::Failed(Arc::clone(why)), *perhaps),
        End::Expanded => (How::Expanded, false),
        End::Discarded => (How::Discarded, false),
    };
    nested(out, FACT, |out| put_fact(out, &Fact::Finished { mail, recipients: vec![no], how }));
    if perhaps {
        put(out, PERHAPS, &[]);
    }
}

/// The memo of a record.
pub(super) fn read_memo(id: QueueId, fields: &[u8], place: Place) -> Result<Memo, BadRecord> {
    let (mut key, mut ticket, mut until, mut ends) = (None, TicketState::None, None, Vec::new());
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            RECIPIENT => {}
            KEY => key = Some(KeyHash::from_octets(octets.try_into().map_err(|_| BadRecord::Malformed("a key"))?)),
            TICKET => ticket = ticket_of(u8_of(octets)?)?,
            UNTIL => until = Some(Moment(u64_of(octets)?)),
            END => ends.push(read_end(id, octets)?),
            _ => unknown(tag)?,
        }
    }
    let until = until.ok_or(BadRecord::Malformed("a memo has no end"))?;
    if !ends.is_sorted_by_key(|(no, _)| *no) {
        return Err(BadRecord::Malformed("the numbers of the ends do not ascend"));
    }
    Ok(Memo { key, ticket, until, ends, place })
}

fn ticket_of(number: u8) -> Result<TicketState, BadRecord> {
    match number {
        0 => Ok(TicketState::None),
        1 => Ok(TicketState::Prepared),
        2 => Ok(TicketState::Redeemed),
        3 => Ok(TicketState::Swept),
        _ => Err(BadRecord::Malformed("a state of a ticket that nobody knows")),
    }
}

fn read_end(id: QueueId, fields: &[u8]) -> Result<(RcptNo, End), BadRecord> {
    let (mut end, mut is_perhaps) = (None, false);
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            FACT => end = records(octets).next().transpose()?,
            PERHAPS => is_perhaps = true,
            _ => unknown(tag)?,
        }
    }
    let record = end.ok_or(BadRecord::Malformed("an end that says nothing"))?;
    match read_fact(record.kind, id, record.fields)? {
        Fact::Finished { recipients, how: How::Failed(why), .. } if recipients.len() == 1 => {
            Ok((recipients[0], End::Failed { why, perhaps: is_perhaps }))
        }
        Fact::Finished { recipients, how: How::Expanded, .. } if recipients.len() == 1 => {
            Ok((recipients[0], End::Expanded))
        }
        Fact::Finished { recipients, how: How::Discarded, .. } if recipients.len() == 1 => {
            Ok((recipients[0], End::Discarded))
        }
        _ => Err(BadRecord::Malformed("an end that is none")),
    }
}

/// The recipients of a mail, from its record or that of its memo.
pub(super) fn read_recipients(kind: u16, fields: &[u8]) -> Result<Vec<(RcptNo, Address)>, BadRecord> {
    let mut recipients = Vec::new();
    for field in Fields(fields) {
        match (kind, field?) {
            (MAIL | MEMO, (RECIPIENT, octets)) => {
                let (no, recipient) = recipient(octets)?;
                recipients.push((no, recipient.address));
            }
            (MAIL | MEMO, _) => {}
            _ => return Err(BadRecord::UnknownKind(kind)),
        }
    }
    Ok(recipients)
}
