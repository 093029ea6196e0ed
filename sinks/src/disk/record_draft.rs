//! Reads a draft back from the record of its mail.

use std::{io, net::IpAddr, sync::Arc};

use bytes::Bytes;
use postrider_engine::{
    Address, Body, Content, Door, Draft, Envelope, Moment, Notify, Peer, Piece, QueuePriority, RcptNo, Recipient,
    Recipients, Ret, SideFile,
};
use thiserror::Error;

use super::{
    fields::{text_of, u32_of, u64_of, u8_of, unknown, Fields},
    record::BadRecord,
    record_mail as mail,
};

/// Why a draft cannot be read back.
#[derive(Debug, Error)]
pub(super) enum BadDraft {
    /// Its record makes no sense.
    #[error(transparent)]
    Record(#[from] BadRecord),
    /// A side file that it names is missing or cannot be opened.
    #[error("side file {0}: {1}")]
    Side(String, io::Error),
}

/// The draft of a mail's record. `fields` are a part of `octets`: pieces in memory share it.
pub(super) fn read_draft(
    octets: &Bytes,
    fields: &[u8],
    side: impl Fn(&str) -> io::Result<Arc<dyn SideFile>>,
) -> Result<Draft, BadDraft> {
    let (mut envelope, mut content) = (Envelope::default(), Content::default());
    let (mut recipients, mut next) = (Vec::new(), 0);
    for field in Fields(fields) {
        let (tag, field) = field?;
        match tag {
            mail::RECIPIENT => recipients.push(recipient(field)?),
            mail::NEXT_NUMBER => next = u32_of(field)?,
            mail::MEMORY => content.push(Piece::Memory(octets.slice_ref(field))),
            mail::SIDE => {
                let (name, range) = mail::read_side(field)?;
                let file = side(name).map_err(|error| BadDraft::Side(name.to_owned(), error))?;
                content.push(Piece::Side(file, range));
            }
            mail::BROKEN => return Err(BadRecord::Malformed("it was damaged when it was moved").into()),
            _ => envelope_field(&mut envelope, tag, field)?,
        }
    }
    let malformed = BadRecord::Malformed("the numbers of the recipients do not ascend");
    envelope.recipients = Recipients::restore(recipients, next).ok_or(malformed)?;
    Ok(Draft::new(envelope, content))
}

/// Notes one field of a record in the envelope that it says something about.
pub(super) fn envelope_field(envelope: &mut Envelope, tag: u8, field: &[u8]) -> Result<(), BadRecord> {
    match tag {
        mail::SENDER => envelope.sender = Some(address(field)?),
        mail::DOOR => envelope.door = door(u8_of(field)?)?,
        mail::PEER => envelope.peer = peer(field)?,
        mail::BODY => envelope.body = body(u8_of(field)?)?,
        mail::SMTPUTF8 => envelope.smtputf8 = true,
        mail::RET => envelope.ret = Some(if u8_of(field)? == 0 { Ret::Full } else { Ret::Headers }),
        mail::ENVID => envelope.envid = Some(text_of(field)?.to_owned()),
        mail::ARRIVED => envelope.arrived = Moment(u64_of(field)?),
        mail::PROPERTY => {
            let (name, value) = property(field)?;
            envelope.properties.insert(name, value);
        }
        mail::GENERATION => envelope.generation = u8_of(field)?,
        mail::PRIORITY if u8_of(field)? == 0 => envelope.priority = QueuePriority::Low,
        mail::PRIORITY => envelope.priority = QueuePriority::High,
        mail::NOT_BEFORE => envelope.not_before = Some(Moment(u64_of(field)?)),
        mail::EXPIRES => envelope.expires = Some(Moment(u64_of(field)?)),
        mail::SUM => {}
        _ => unknown(tag)?,
    }
    Ok(())
}

fn address(field: &[u8]) -> Result<Address, BadRecord> {
    Address::parse(text_of(field)?).map_err(|_| BadRecord::Malformed("an address is not one"))
}

pub(super) fn recipient(fields: &[u8]) -> Result<(RcptNo, Recipient), BadRecord> {
    let (mut number, mut to, mut notify, mut orcpt) = (None, None, None, None);
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            mail::NUMBER => number = Some(RcptNo(u32_of(octets)?)),
            mail::ADDRESS => to = Some(address(octets)?),
            mail::NOTIFY => notify = Some(notify_of(u8_of(octets)?)),
            mail::ORCPT => orcpt = Some(text_of(octets)?.to_owned()),
            _ => unknown(tag)?,
        }
    }
    let (number, address) = number.zip(to).ok_or(BadRecord::Malformed("a recipient lacks number or address"))?;
    Ok((number, Recipient { address, notify, orcpt }))
}

fn notify_of(bits: u8) -> Notify {
    Notify { success: bits & 1 != 0, failure: bits & 2 != 0, delay: bits & 4 != 0 }
}

fn door(number: u8) -> Result<Door, BadRecord> {
    match number {
        1 => Ok(Door::Smtp),
        2 => Ok(Door::Library),
        3 => Ok(Door::Report),
        4 => Ok(Door::Lmtp),
        5 => Ok(Door::List),
        6 => Ok(Door::Sink),
        7 => Ok(Door::Pickup),
        _ => Err(BadRecord::Malformed("a door that nobody knows")),
    }
}

fn body(number: u8) -> Result<Body, BadRecord> {
    match number {
        0 => Ok(Body::SevenBit),
        1 => Ok(Body::EightBitMime),
        2 => Ok(Body::BinaryMime),
        _ => Err(BadRecord::Malformed("a kind of body that nobody knows")),
    }
}

fn peer(fields: &[u8]) -> Result<Peer, BadRecord> {
    let mut peer = Peer::default();
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            mail::IP => peer.ip = Some(ip(octets)?),
            mail::HELO => peer.helo = Some(text_of(octets)?.to_owned()),
            mail::EXTENDED => peer.extended = true,
            mail::TLS => peer.tls = Some(text_of(octets)?.to_owned()),
            mail::IDENTITY => peer.identity = Some(text_of(octets)?.to_owned()),
            _ => unknown(tag)?,
        }
    }
    Ok(peer)
}

fn ip(octets: &[u8]) -> Result<IpAddr, BadRecord> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4.or(v6).map_err(|_| BadRecord::Malformed("a network address of no known length"))
}

fn property(fields: &[u8]) -> Result<(String, String), BadRecord> {
    let (mut name, mut value) = (String::new(), String::new());
    for field in Fields(fields) {
        let (tag, octets) = field?;
        match tag {
            mail::NAME => name = text_of(octets)?.to_owned(),
            mail::VALUE => value = text_of(octets)?.to_owned(),
            _ => unknown(tag)?,
        }
    }
    Ok((name, value))
}
