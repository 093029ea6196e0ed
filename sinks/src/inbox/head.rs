//! What stands before the body of a message: the envelope, where its writer put one in front, and the header.
//!
//! Rule: so much is read as is needed to find the end of the header, and no more than a limit.

use std::{
    io::Read,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use mail_parser::{Address as Addresses, DateTime, HeaderName, MessageParser};
use memchr::memchr;
use postrider_engine::header::{fields, RawFields};

use super::MessageProblem;

/// Octets of envelope lines and header together: twice what the engine takes as a header
/// ([`postrider_engine::MAX_HEADER`]), because a mail to a thousand recipients has as much in front.
pub const MOST_HEADER: u64 = 2 * postrider_engine::MAX_HEADER as u64;

/// Octets that are read at first; then as many again as are there. Most headers are shorter.
const FIRST: u64 = 8 * 1024;

/// The lines in front of a message in a drop folder: who gave it, and for whom it is (`x-sender`, `x-receiver`). What stands
/// there is text: who writes such files need not check it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageEnvelope {
    /// The reverse path without angle brackets; `None`: the null sender.
    pub sender: Option<String>,
    /// The recipients.
    pub recipients: Vec<String>,
}

/// A name and an address, as a header field has them (RFC 5322, 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddressEntry {
    /// The name, decoded (RFC 2047).
    pub name: Option<String>,
    /// The address as it is written.
    pub address: String,
}

/// All before the body.
#[derive(Default)]
pub(super) struct Head {
    pub envelope: Option<MessageEnvelope>,
    /// Octets of the lines in front.
    pub in_front: usize,
    /// The header; each line ends in CRLF, also where in the file it does not.
    header: Vec<u8>,
    pub subject: Option<String>,
    pub date: Option<SystemTime>,
    pub message_id: Option<String>,
    pub from: Vec<AddressEntry>,
    pub sender: Vec<AddressEntry>,
    pub to: Vec<AddressEntry>,
    pub cc: Vec<AddressEntry>,
}

impl Head {
    /// Reads the beginning of a file.
    pub fn read(mut file: impl Read) -> Result<Self, MessageProblem> {
        let (mut octets, mut ended) = (Vec::new(), false);
        loop {
            let more = FIRST.max(octets.len() as u64).min(MOST_HEADER - octets.len() as u64);
            let read = file.by_ref().take(more).read_to_end(&mut octets).map_err(MessageProblem::when("reading it"))?;
            ended |= (read as u64) < more;
            if begins_wrongly(&octets) {
                return Err(MessageProblem::NoMail);
            }
            match header_end(&octets) {
                Some(end) => return Self::of(&octets[..end]),
                None if ended => return Self::of(&octets),
                None if (octets.len() as u64) < MOST_HEADER => {}
                None => return Err(MessageProblem::LargeHeader(MOST_HEADER)),
            }
        }
    }

    fn of(octets: &[u8]) -> Result<Self, MessageProblem> {
        let (envelope, in_front) = envelope(octets);
        let header = with_crlf(&octets[in_front..]);
        if fields(&header).next().is_none() {
            return Err(MessageProblem::NoMail);
        }
        let mut head = Head { envelope, in_front, ..Head::default() };
        head.parse(&header);
        head.header = header;
        Ok(head)
    }

    pub fn fields(&self) -> RawFields<'_> {
        fields(&self.header)
    }

    /// Only the fields that are asked for: nothing else is worth the time.
    fn parse(&mut self, header: &[u8]) {
        use HeaderName::{Cc, Date, From, MessageId, Sender, Subject, To};
        let parser = [From, Sender, To, Cc].into_iter().fold(MessageParser::new(), MessageParser::header_address);
        let parser = parser.header_text(Subject).header_date(Date).header_id(MessageId).default_header_ignore();
        let Some(parsed) = parser.parse_headers(header) else { return };
        let all = |name| parsed.header_values(name).filter_map(|value| value.as_address()).flat_map(entries).collect();
        (self.from, self.sender, self.to, self.cc) = (all(From), all(Sender), all(To), all(Cc));
        self.subject = parsed.subject().map(str::to_owned);
        self.date = parsed.date().and_then(moment);
        self.message_id = parsed.message_id().map(str::to_owned);
    }
}

fn entries<'a>(addresses: &'a Addresses<'a>) -> impl Iterator<Item = AddressEntry> + 'a {
    addresses.iter().filter_map(|one| {
        let address = one.address.as_deref()?.to_owned();
        Some(AddressEntry { name: one.name.as_deref().map(str::to_owned), address })
    })
}

fn moment(date: &DateTime) -> Option<SystemTime> {
    let seconds = date.is_valid().then(|| date.to_timestamp())?;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => UNIX_EPOCH.checked_sub(whole),
        false => UNIX_EPOCH.checked_add(whole),
    }
}

/// What comes is no mail, whatever follows: its first line cannot become a field's any more (RFC 5322, 2.2: the name is
/// printable ASCII, and a colon stands behind it).
fn begins_wrongly(octets: &[u8]) -> bool {
    let name = octets.iter().position(|octet| !(33..=126).contains(octet) || *octet == b':');
    match name {
        None => octets.len() as u64 > MOST_HEADER / 2,
        Some(end) => end == 0 || !matches!(octets[end], b':' | b' ' | b'\t'),
    }
}

/// Behind the empty line that ends the header; `None`: it is not here yet.
fn header_end(octets: &[u8]) -> Option<usize> {
    let mut start = 0;
    while let Some(at) = memchr(b'\n', &octets[start..]) {
        let end = start + at + 1;
        if matches!(&octets[start..end], b"\n" | b"\r\n") {
            return Some(end);
        }
        start = end;
    }
    None
}

/// The lines in front, and how many octets they have.
fn envelope(octets: &[u8]) -> (Option<MessageEnvelope>, usize) {
    let (mut envelope, mut at) = (None, 0);
    while let Some(end) = memchr(b'\n', &octets[at..]) {
        let line = &octets[at..at + end];
        if let Some(value) = value_of(line, b"x-sender") {
            envelope.get_or_insert_with(MessageEnvelope::default).sender = path(value).filter(|path| !path.is_empty());
        } else if let Some(value) = value_of(line, b"x-receiver") {
            envelope.get_or_insert_with(MessageEnvelope::default).recipients.extend(path(value));
        } else {
            break;
        }
        at += end + 1;
    }
    (envelope, at)
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (is, value) = line.split_at_checked(name.len())?;
    value.strip_prefix(b":").filter(|_| is.eq_ignore_ascii_case(name))
}

/// An address without its brackets, and without what may stand behind it (`<a@b> NOTIFY=NEVER`).
fn path(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value.trim_ascii()).into_owned();
    match text.strip_prefix('<') {
        Some(rest) => rest.split_once('>').map(|(path, _)| path.to_owned()),
        None => text.split_whitespace().next().map(str::to_owned),
    }
}

fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(octets.len() + octets.len() / 32);
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                lines.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                lines.extend_from_slice(b"\r\n");
            }
            None => lines.extend_from_slice(line),
        }
    }
    lines
}
