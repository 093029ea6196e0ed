//! Facts as records.

use std::{borrow::Cow, sync::Arc};

use postrider_engine::{
    Diagnosis, Enhanced, Fact, HeldBy, HeldWhy, How, Moment, QueueId, RcptNo, Reply, Scope, Success,
};

use super::{
    fields::{nested, put, put_text, put_u32, put_u64, text_of, u32_of, u64_of, u8_of, unknown, Fields},
    record::{put_record, BadRecord},
};

const FINISHED: u16 = 2;
const ATTEMPTING: u16 = 3;
const SCHEDULE: u16 = 4;
const EXPANDED: u16 = 5;
const REPORTED: u16 = 6;
const FAULT: u16 = 7;
const HELD: u16 = 8;
const RELEASED: u16 = 9;
const WARNED: u16 = 10;
const REDEEMED: u16 = 11;
const SWEPT: u16 = 12;
/// 13 is a memo.
const UNKEYED: u16 = 14;

const RECIPIENTS: u8 = 1;
const HOW: u8 = 2;
const DIAGNOSIS: u8 = 3;
const HOST: u8 = 4;
const ATTEMPTS: u8 = 5;
const DUE: u8 = 6;
const PERHAPS: u8 = 7;
const FROM: u8 = 8;
const BY: u8 = 9;
const REASON: u8 = 10;

const CODE: u8 = 1;
const ENHANCED: u8 = 2;
const TEXT: u8 = 3;
const REMOTE: u8 = 4;
const SCOPE: u8 = 5;

/// Adds the record of a fact. One that needs a draft is not written as a fact, and adds nothing.
pub(super) fn put_fact(out: &mut Vec<u8>, fact: &Fact) {
    if let Some(kind) = kind(fact) {
        put_record(out, kind, fact.mail(), |out| put_fields(out, fact));
    }
}

fn kind(fact: &Fact) -> Option<u16> {
    Some(match fact {
        Fact::Finished { .. } => FINISHED,
        Fact::Attempting { .. } => ATTEMPTING,
        Fact::Schedule { .. } => SCHEDULE,
        Fact::Expanded { .. } => EXPANDED,
        Fact::Reported { .. } => REPORTED,
        Fact::Fault { .. } => FAULT,
        Fact::Held { .. } => HELD,
        Fact::Released { .. } => RELEASED,
        Fact::Warned { .. } => WARNED,
        Fact::Redeemed { .. } => REDEEMED,
        Fact::Swept { .. } => SWEPT,
        Fact::Unkeyed { .. } => UNKEYED,
        _ => return None,
    })
}

fn put_fields(out: &mut Vec<u8>, fact: &Fact) {
    match fact {
        Fact::Finished { recipients, how, .. } => {
            put_numbers(out, RECIPIENTS, recipients);
            put_how(out, how);
        }
        Fact::Attempting { recipients, host, .. } => {
            put_numbers(out, RECIPIENTS, recipients);
            put_text(out, HOST, Some(host));
        }
        Fact::Schedule { recipients, attempts, due, last, perhaps, .. } => {
            put_numbers(out, RECIPIENTS, recipients);
            put_u32(out, ATTEMPTS, *attempts);
            put_u64(out, DUE, due.0);
            put_diagnosis(out, last.as_deref());
            put(out, PERHAPS, &[u8::from(*perhaps)]);
        }
        Fact::Expanded { from, into, .. } => {
            put_u32(out, FROM, from.0);
            put_numbers(out, RECIPIENTS, into);
        }
        Fact::Reported { recipients, .. } | Fact::Warned { recipients, .. } => put_numbers(out, RECIPIENTS, recipients),
        Fact::Redeemed { until, .. } | Fact::Swept { until, .. } | Fact::Unkeyed { until, .. } => {
            put_u64(out, DUE, until.0)
        }
        Fact::Held { why, .. } => {
            put(out, BY, &[held_by(why.by)]);
            put_text(out, REASON, Some(&why.reason));
        }
        _ => {}
    }
}

/// Adds a field with numbers of recipients.
pub(super) fn put_numbers(out: &mut Vec<u8>, tag: u8, numbers: &[RcptNo]) {
    nested(out, tag, |out| numbers.iter().for_each(|no| out.extend_from_slice(&no.0.to_le_bytes())));
}

/// A field with numbers of recipients.
pub(super) fn numbers_of(octets: &[u8]) -> Vec<RcptNo> {
    octets.chunks_exact(4).filter_map(|no| Some(RcptNo(u32_of(no).ok()?))).collect()
}

fn put_how(out: &mut Vec<u8>, how: &How) {
    match how {
        How::Delivered => put(out, HOW, &[0]),
        How::Failed(why) => {
            put(out, HOW, &[1]);
            put_diagnosis(out, Some(why));
        }
        How::Expanded => put(out, HOW, &[2]),
        How::Discarded => put(out, HOW, &[6]),
        How::Confirm(success, why) => {
            let how = match success {
                Success::Delivered => 3,
                Success::Relayed => 4,
                Success::Expanded => 5,
            };
            put(out, HOW, &[how]);
            put_diagnosis(out, why.as_deref());
        }
    }
}

fn put_diagnosis(out: &mut Vec<u8>, diagnosis: Option<&Diagnosis>) {
    let Some(Diagnosis { reply, remote, scope }) = diagnosis else { return };
    nested(out, DIAGNOSIS, |out| {
        put(out, CODE, &reply.code.to_le_bytes());
        if let Some(Enhanced(class, subject, detail)) = reply.enhanced {
            let [a, b] = subject.to_le_bytes();
            let [c, d] = detail.to_le_bytes();
            put(out, ENHANCED, &[class, a, b, c, d]);
        }
        put_text(out, TEXT, Some(&reply.text));
        put_text(out, REMOTE, remote.as_deref());
        let scope = match scope {
            Scope::Recipient => 0,
            Scope::Mail => 1,
            Scope::Hop => 2,
        };
        put(out, SCOPE, &[scope]);
    });
}

fn held_by(by: HeldBy) -> u8 {
    match by {
        HeldBy::Policy => 0,
        HeldBy::Fault => 1,
        HeldBy::Operator => 2,
    }
}

/// All fields that a fact can have, as they are read.
#[derive(Default)]
struct Read {
    recipients: Vec<RcptNo>,
    how: u8,
    diagnosis: Option<Arc<Diagnosis>>,
    host: Arc<str>,
    attempts: u32,
    due: Moment,
    perhaps: bool,
    from: u32,
    by: u8,
    reason: String,
}

/// The fact of a record of this kind.
pub(super) fn read_fact(kind: u16, mail: QueueId, fields: &[u8]) -> Result<Fact, BadRecord> {
    if !(FINISHED..=SWEPT).contains(&kind) && kind != UNKEYED {
        return Err(BadRecord::UnknownKind(kind));
    }
    let read = read_fields(fields)?;
    let recipients = read.recipients;
    Ok(match kind {
        FINISHED => Fact::Finished { mail, recipients, how: how_of(read.how, read.diagnosis)? },
        ATTEMPTING => Fact::Attempting { mail, recipients, host: read.host },
        SCHEDULE => {
            let Read { attempts, due, perhaps, diagnosis: last, .. } = read;
            Fact::Schedule { mail, recipients, attempts, due, last, perhaps }
        }
        EXPANDED => Fact::Expanded { mail, from: RcptNo(read.from), into: recipients },
        REPORTED => Fact::Reported { mail, recipients },
        FAULT => Fact::Fault { mail },
        HELD => Fact::Held { mail, why: HeldWhy { by: held_by_of(read.by)?, reason: read.reason } },
        WARNED => Fact::Warned { mail, recipients },
        REDEEMED => Fact::Redeemed { mail, until: read.due },
        SWEPT => Fact::Swept { mail, until: read.due },
        UNKEYED => Fact::Unkeyed { mail, until: read.due },
        _ => Fact::Released { mail },
    })
}

fn read_fields(fields: &[u8]) -> Result<Read, BadRecord> {
    let mut read = Read::default();
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            RECIPIENTS => read.recipients = numbers_of(octets),
            HOW => read.how = u8_of(octets)?,
            DIAGNOSIS => read.diagnosis = Some(Arc::new(diagnosis_of(octets)?)),
            HOST => read.host = text_of(octets)?.into(),
            ATTEMPTS => read.attempts = u32_of(octets)?,
            DUE => read.due = Moment(u64_of(octets)?),
            PERHAPS => read.perhaps = u8_of(octets)? != 0,
            FROM => read.from = u32_of(octets)?,
            BY => read.by = u8_of(octets)?,
            REASON => read.reason = text_of(octets)?.to_owned(),
            _ => unknown(tag)?,
        }
    }
    Ok(read)
}

fn how_of(how: u8, diagnosis: Option<Arc<Diagnosis>>) -> Result<How, BadRecord> {
    match (how, diagnosis) {
        (0, _) => Ok(How::Delivered),
        (1, Some(why)) => Ok(How::Failed(why)),
        (2, _) => Ok(How::Expanded),
        (6, _) => Ok(How::Discarded),
        (3, why) => Ok(How::Confirm(Success::Delivered, why)),
        (4, why) => Ok(How::Confirm(Success::Relayed, why)),
        (5, why) => Ok(How::Confirm(Success::Expanded, why)),
        _ => Err(BadRecord::Malformed("an end of a kind that nobody knows")),
    }
}

fn held_by_of(by: u8) -> Result<HeldBy, BadRecord> {
    match by {
        0 => Ok(HeldBy::Policy),
        1 => Ok(HeldBy::Fault),
        2 => Ok(HeldBy::Operator),
        _ => Err(BadRecord::Malformed("a holder that nobody knows")),
    }
}

fn diagnosis_of(fields: &[u8]) -> Result<Diagnosis, BadRecord> {
    let mut reply = Reply::plain(0, "");
    let (mut remote, mut scope) = (None, Scope::Recipient);
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match (tag, octets) {
            (CODE, [a, b]) => reply.code = u16::from_le_bytes([*a, *b]),
            (ENHANCED, [class, a, b, c, d]) => {
                reply.enhanced = Some(Enhanced(*class, u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])));
            }
            (TEXT, text) => reply.text = Cow::Owned(text_of(text)?.to_owned()),
            (REMOTE, host) => remote = Some(text_of(host)?.into()),
            (SCOPE, [0]) => scope = Scope::Recipient,
            (SCOPE, [1]) => scope = Scope::Mail,
            (SCOPE, [2]) => scope = Scope::Hop,
            (CODE | ENHANCED | SCOPE, _) => return Err(BadRecord::Malformed("a diagnosis that nobody understands")),
            _ => unknown(tag)?,
        }
    }
    Ok(Diagnosis { reply, remote, scope })
}
