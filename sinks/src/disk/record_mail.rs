//! A mail as a record: envelope, content, and the sum of its facts so far.
//!
//! A mail that has just come in has no sum. A later record of the same mail, written when its stage ends or when its
//! segment is to be freed, has one, and takes the place of all that was written about the mail before.

use std::net::IpAddr;

use postrider_engine::{
    Body, Door, Draft, Envelope, Peer, Piece, QueueId, QueuePriority, RcptNo, Recipient, Ret, Standing,
};

use super::{
    fields::{nested, put, put_text, put_u32, put_u64, text_of, u32_of, u64_of, u8_of, unknown, Fields},
    record::{put_record, records, BadRecord, MAIL},
    record_draft::envelope_field,
    record_fact::{numbers_of, put_fact, put_numbers, read_fact},
};

pub(super) const SENDER: u8 = 1;
pub(super) const RECIPIENT: u8 = 2;
pub(super) const NEXT_NUMBER: u8 = 3;
pub(super) const DOOR: u8 = 4;
pub(super) const PEER: u8 = 5;
pub(super) const BODY: u8 = 6;
pub(super) const SMTPUTF8: u8 = 7;
pub(super) const RET: u8 = 8;
pub(super) const ENVID: u8 = 9;
pub(super) const ARRIVED: u8 = 10;
pub(super) const PROPERTY: u8 = 11;
pub(super) const MEMORY: u8 = 12;
pub(super) const SIDE: u8 = 13;
pub(super) const SUM: u8 = 14;
pub(super) const GENERATION: u8 = 16;
pub(super) const PRIORITY: u8 = 17;
pub(super) const NOT_BEFORE: u8 = 18;
pub(super) const EXPIRES: u8 = 19;

pub(super) const NUMBER: u8 = 1;
pub(super) const ADDRESS: u8 = 2;
pub(super) const NOTIFY: u8 = 3;
pub(super) const ORCPT: u8 = 4;

pub(super) const IP: u8 = 1;
pub(super) const HELO: u8 = 2;
pub(super) const EXTENDED: u8 = 3;
pub(super) const TLS: u8 = 4;
pub(super) const IDENTITY: u8 = 5;

pub(super) const NAME: u8 = 1;
pub(super) const VALUE: u8 = 2;
pub(super) const RANGE: u8 = 3;

/// What is left of a record that was found damaged when its segment was to be freed.
pub(super) const BROKEN: u8 = 15;

const KNOWN: u8 = 1;
const ADVANCED: u8 = 2;
const OPEN: u8 = 3;
const FACTS: u8 = 4;
const PREPARED: u8 = 5;

/// Adds the record of a mail and says how long it is. `sum`: how it stands, if it has not just come in.
pub(super) fn put_mail(out: &mut Vec<u8>, id: QueueId, draft: &Draft, sum: Option<&Standing>) -> usize {
    put_record(out, MAIL, id, |out| {
        put_envelope(out, &draft.envelope);
        draft.content.pieces().iter().for_each(|piece| put_piece(out, piece));
        if let Some(standing) = sum {
            put_sum(out, id, standing);
        }
    })
}

/// Adds the record of a mail once more, with how it stands now, and says how long it is.
pub(super) fn put_again(out: &mut Vec<u8>, id: QueueId, fields: &[u8], standing: &Standing) -> usize {
    put_record(out, MAIL, id, |out| {
        for (tag, octets) in Fields(fields).flatten().filter(|(tag, _)| *tag != SUM) {
            put(out, tag, octets);
        }
        put_sum(out, id, standing);
    })
}

/// Adds what is left of a mail whose record is damaged: how it stands is known, what it says is not.
pub(super) fn put_broken(out: &mut Vec<u8>, id: QueueId, left: &[u8], standing: &Standing) -> usize {
    put_record(out, MAIL, id, |out| {
        put(out, BROKEN, left);
        put_sum(out, id, standing);
    })
}

fn put_envelope(out: &mut Vec<u8>, envelope: &Envelope) {
    put_text(out, SENDER, envelope.sender.as_ref().map(|sender| sender.as_str()));
    for (no, recipient) in envelope.recipients.iter() {
        nested(out, RECIPIENT, |out| put_recipient(out, no, recipient));
    }
    put_u32(out, NEXT_NUMBER, envelope.recipients.next_number());
    let door = match envelope.door {
        Door::Smtp => 1,
        Door::Report => 3,
        Door::Lmtp => 4,
        Door::List => 5,
        Door::Sink => 6,
        Door::Pickup => 7,
        _ => 2,
    };
    put(out, DOOR, &[door]);
    nested(out, PEER, |out| put_peer(out, &envelope.peer));
    let body = match envelope.body {
        Body::SevenBit => 0,
        Body::EightBitMime => 1,
        Body::BinaryMime => 2,
    };
    put(out, BODY, &[body]);
    if envelope.smtputf8 {
        put(out, SMTPUTF8, &[]);
    }
    if let Some(ret) = envelope.ret {
        put(out, RET, &[u8::from(ret == Ret::Headers)]);
    }
    put_text(out, ENVID, envelope.envid.as_deref());
    put_u64(out, ARRIVED, envelope.arrived.0);
    if envelope.generation > 0 {
        put(out, GENERATION, &[envelope.generation]);
    }
    put_times(out, envelope);
    for (name, value) in &envelope.properties {
        nested(out, PROPERTY, |out| {
            put_text(out, NAME, Some(name));
            put_text(out, VALUE, Some(value));
        });
    }
}

/// When it goes, and how soon.
fn put_times(out: &mut Vec<u8>, envelope: &Envelope) {
    if envelope.priority != QueuePriority::Normal {
        put(out, PRIORITY, &[u8::from(envelope.priority == QueuePriority::High)]);
    }
    if let Some(not_before) = envelope.not_before {
        put_u64(out, NOT_BEFORE, not_before.0);
    }
    if let Some(expires) = envelope.expires {
        put_u64(out, EXPIRES, expires.0);
    }
}

fn put_recipient(out: &mut Vec<u8>, no: RcptNo, recipient: &Recipient) {
    put_u32(out, NUMBER, no.0);
    put_text(out, ADDRESS, Some(recipient.address.as_str()));
    if let Some(notify) = recipient.notify {
        let bits = u8::from(notify.success) | u8::from(notify.failure) << 1 | u8::from(notify.delay) << 2;
        put(out, NOTIFY, &[bits]);
    }
    put_text(out, ORCPT, recipient.orcpt.as_deref());
}

fn put_peer(out: &mut Vec<u8>, peer: &Peer) {
    match peer.ip {
        Some(IpAddr::V4(ip)) => put(out, IP, &ip.octets()),
        Some(IpAddr::V6(ip)) => put(out, IP, &ip.octets()),
        None => {}
    }
    put_text(out, HELO, peer.helo.as_deref());
    if peer.extended {
        put(out, EXTENDED, &[]);
    }
    put_text(out, TLS, peer.tls.as_deref());
    put_text(out, IDENTITY, peer.identity.as_deref());
}

fn put_piece(out: &mut Vec<u8>, piece: &Piece) {
    match piece {
        Piece::Memory(octets) => put(out, MEMORY, octets),
        Piece::Side(file, range) => nested(out, SIDE, |out| {
            put_text(out, NAME, Some(file.name()));
            nested(out, RANGE, |out| {
                out.extend_from_slice(&range.start.to_le_bytes());
                out.extend_from_slice(&range.end.to_le_bytes());
            });
        }),
    }
}

fn put_sum(out: &mut Vec<u8>, id: QueueId, standing: &Standing) {
    let open: Vec<RcptNo> = standing.left().into_iter().map(|(no, _)| no).collect();
    nested(out, SUM, |out| {
        put_u32(out, KNOWN, standing.known());
        put(out, ADVANCED, &[u8::from(standing.is_advanced())]);
        put_numbers(out, OPEN, &open);
        if standing.is_prepared() {
            put(out, PREPARED, &[]);
        }
        nested(out, FACTS, |out| standing.facts(id, std::iter::empty()).iter().for_each(|fact| put_fact(out, fact)));
    });
}

/// What the index has to know of a mail record.
pub(super) struct Head<'a> {
    /// How it stood when the record was written.
    pub standing: Standing,
    /// The side files that hold content of it.
    pub sides: Vec<&'a str>,
}

/// Reads what the index has to know of a mail record; content is passed over.
pub(super) fn read_head(id: QueueId, fields: &[u8]) -> Result<Head<'_>, BadRecord> {
    let (mut numbers, mut sides, mut sum, mut times) = (Vec::new(), Vec::new(), None, Envelope::default());
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            RECIPIENT => numbers.push(number_of(octets)?),
            SIDE => sides.push(read_side(octets)?.0),
            SUM => sum = Some(octets),
            PRIORITY..=EXPIRES => envelope_field(&mut times, tag, octets)?,
            SENDER..SUM | BROKEN..PRIORITY => {}
            _ => unknown(tag)?,
        }
    }
    if !numbers.is_sorted() {
        return Err(BadRecord::Malformed("the numbers of the recipients do not ascend"));
    }
    sides.sort_unstable();
    sides.dedup();
    let standing = match sum {
        Some(sum) => read_sum(id, sum)?,
        None => Standing::new(numbers.into_iter()),
    };
    Ok(Head { standing: standing.timed(&times), sides })
}

fn number_of(recipient: &[u8]) -> Result<RcptNo, BadRecord> {
    for field in Fields(recipient) {
        if let (NUMBER, octets) = field? {
            return Ok(RcptNo(u32_of(octets)?));
        }
    }
    Err(BadRecord::Malformed("a recipient has no number"))
}

/// Name and range of a piece in a side file.
pub(super) fn read_side(fields: &[u8]) -> Result<(&str, std::ops::Range<u64>), BadRecord> {
    let (mut name, mut range) = (None, None);
    for field in Fields(fields) {
        match field? {
            (NAME, octets) => name = Some(text_of(octets)?),
            (RANGE, octets) if octets.len() >= 16 => range = Some(u64_of(octets)?..u64_of(&octets[8..])?),
            (tag, _) => unknown(tag)?,
        }
    }
    name.zip(range).ok_or(BadRecord::Malformed("a piece of content says not where it is"))
}

fn read_sum(id: QueueId, sum: &[u8]) -> Result<Standing, BadRecord> {
    let (mut known, mut advanced, mut open, mut facts) = (0, false, Vec::new(), &[][..]);
    let mut prepared = false;
    for field in Fields(sum) {
        let (tag, octets) = field?;
        match tag {
            KNOWN => known = u32_of(octets)?,
            ADVANCED => advanced = u8_of(octets)? != 0,
            OPEN => open = numbers_of(octets),
            FACTS => facts = octets,
            PREPARED => prepared = true,
            _ => unknown(tag)?,
        }
    }
    let highest = open.last().is_none_or(|no| no.0 < known);
    if !open.is_sorted() || !highest {
        return Err(BadRecord::Malformed("the numbers of the open recipients do not ascend"));
    }
    let mut standing = Standing::again(open.into_iter(), known);
    for record in records(facts) {
        let record = record?;
        standing.note(&read_fact(record.kind, id, record.fields)?);
    }
    Ok(standing.marked(advanced).prepared(prepared))
}
