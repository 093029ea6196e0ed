//! One condition of a rule: how it is read, when it holds, how it is written.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net};
use mail_parser::parsers::MessageStream;

use super::{
    error::{RuleProblem, Wrong},
    part::Part,
    text::{lower, TextPattern},
    who::{AddressPattern, DomainPattern},
    Subject,
};
use crate::{
    header::{fields, is_field_name, unfolded, FieldWalk, RawField, MAX_HEADER},
    Content, Door,
};

/// Octets of the prefix of IPv4 addresses that are written as IPv6 (RFC 4291, 2.5.5.2), in bits.
const MAPPED: u8 = 96;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Hello(DomainPattern),
    Sender(AddressPattern),
    Recipient(AddressPattern),
    /// The name in lower case.
    Header(Box<str>, TextPattern),
    Client(Box<[IpNet]>),
    Door(Box<[Door]>),
    Authenticated(bool),
}

/// How the conditions begin.
const KNOWN: [(&[&str], Kind); 9] = [
    (&["EHLO"], Kind::Hello),
    (&["HELO"], Kind::Hello),
    (&["LHLO"], Kind::Hello),
    (&["MAIL", "FROM"], Kind::Sender),
    (&["RCPT", "TO"], Kind::Recipient),
    (&["HEADER"], Kind::Header),
    (&["CLIENT"], Kind::Client),
    (&["DOOR"], Kind::Door),
    (&["AUTHENTICATED"], Kind::Authenticated),
];

#[derive(Clone, Copy)]
enum Kind {
    Hello,
    Sender,
    Recipient,
    Header,
    Client,
    Door,
    Authenticated,
}

impl Condition {
    pub(super) fn read(part: Part<'_>) -> Result<Condition, Wrong> {
        let split = part.split('=')?;
        let (begin, value) = split.unwrap_or((part, part.from(part.text.len())));
        let (kind, more) = kind(begin)?;
        if split.is_none() {
            return Err(value.wrong(RuleProblem::NoEquals));
        }
        let value = value.trimmed();
        if value.text.is_empty() {
            return Err(value.wrong(RuleProblem::NoText));
        }
        Ok(match kind {
            Kind::Hello => Condition::Hello(DomainPattern::read(value)?),
            Kind::Sender => Condition::Sender(AddressPattern::read(value)?),
            Kind::Recipient => Condition::Recipient(recipient(value)?),
            Kind::Header => Condition::Header(field_name(begin, &more)?, TextPattern::read(&value.glyphs())),
            Kind::Client => Condition::Client(list(value, network)?),
            Kind::Door => Condition::Door(list(value, door)?),
            Kind::Authenticated => Condition::Authenticated(yes_or_no(value)?),
        })
    }

    pub(super) fn is_of_header(&self) -> bool {
        matches!(self, Condition::Header(..))
    }

    /// What is not known yet does not hold.
    pub(super) fn holds(&self, subject: &Subject<'_>) -> bool {
        let peer = subject.peer;
        match self {
            Condition::Hello(domain) => {
                peer.and_then(|peer| peer.helo.as_deref()).is_some_and(|helo| domain.matches(helo))
            }
            Condition::Sender(pattern) => subject.sender.is_some_and(|sender| pattern.matches(sender)),
            Condition::Recipient(pattern) => subject.recipients.any(|address| pattern.matches(Some(address))),
            Condition::Header(name, value) => subject.header.is_some_and(|content| has_field(content, name, value)),
            Condition::Client(networks) => {
                let ip = peer.and_then(|peer| peer.ip).map(|ip| ip.to_canonical());
                ip.is_some_and(|ip| networks.iter().any(|network| network.contains(&ip)))
            }
            Condition::Door(doors) => subject.door.is_some_and(|door| doors.contains(&door)),
            Condition::Authenticated(yes) => peer.is_some_and(|peer| peer.identity.is_some() == *yes),
        }
    }
}

/// What the condition is about, and the words behind that.
fn kind(begin: Part<'_>) -> Result<(Kind, Vec<Part<'_>>), Wrong> {
    let words = begin.words();
    let same = |words: &[Part<'_>], known: &[&str]| {
        words.len() >= known.len() && words.iter().zip(known).all(|(word, known)| word.text.eq_ignore_ascii_case(known))
    };
    for (known, kind) in KNOWN {
        if same(&words, known) {
            let more = words[known.len()..].to_vec();
            let unwanted = more.first().filter(|_| !matches!(kind, Kind::Header));
            return unwanted.map_or(Ok((kind, more.clone())), |word| Err(word.wrong(RuleProblem::Unknown)));
        }
    }
    let begins_well = KNOWN.iter().any(|(known, _)| same(&words, &known[..1]));
    let wrong = if begins_well { words.get(1) } else { words.first() };
    let end = begin.from(begin.text.len());
    Err(wrong.copied().unwrap_or(end).wrong(RuleProblem::Unknown))
}

fn field_name(begin: Part<'_>, words: &[Part<'_>]) -> Result<Box<str>, Wrong> {
    match words {
        [name] if is_field_name(name.text) => Ok(name.text.to_ascii_lowercase().into()),
        [] => Err(begin.from(begin.text.len()).wrong(RuleProblem::NoField)),
        [wrong] | [_, wrong, ..] => Err(wrong.wrong(RuleProblem::NoField)),
    }
}

fn recipient(value: Part<'_>) -> Result<AddressPattern, Wrong> {
    match AddressPattern::read(value)? {
        AddressPattern::Null => Err(value.wrong(RuleProblem::NullRecipient)),
        pattern => Ok(pattern),
    }
}

/// What stands between commas.
fn list<T>(value: Part<'_>, read: impl Fn(Part<'_>) -> Result<T, Wrong>) -> Result<Box<[T]>, Wrong> {
    value.split_all(',')?.into_iter().map(|item| read(item.trimmed())).collect()
}

/// An address or a network. IPv4 that is written as IPv6 is IPv4.
fn network(item: Part<'_>) -> Result<IpNet, Wrong> {
    let network = item.text.parse().ok().or_else(|| item.text.parse::<IpAddr>().ok().map(IpNet::from));
    let network = network.ok_or(item.wrong(RuleProblem::Network))?;
    let mapped = match network {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED => {
            v4_of(v6.addr()).and_then(|v4| Ipv4Net::new(v4, v6.prefix_len() - MAPPED).ok())
        }
        _ => None,
    };
    Ok(mapped.map_or(network, IpNet::V4).trunc())
}

fn v4_of(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    ip.to_ipv4_mapped()
}

fn door(item: Part<'_>) -> Result<Door, Wrong> {
    item.text.parse().map_err(|_| item.wrong(RuleProblem::Door))
}

fn yes_or_no(value: Part<'_>) -> Result<bool, Wrong> {
    match value.text {
        yes if yes.eq_ignore_ascii_case("yes") => Ok(true),
        no if no.eq_ignore_ascii_case("no") => Ok(false),
        _ => Err(value.wrong(RuleProblem::YesNo)),
    }
}

/// A field of this name has such a value. Only fields that are in memory are looked at.
fn has_field(content: &Content, name: &str, value: &TextPattern) -> bool {
    let mut walk = FieldWalk::over_memory(content, MAX_HEADER);
    while let Ok(Some(octets)) = walk.next() {
        let field = fields(&octets).next().filter(|field| field.is(name));
        if field.is_some_and(|field| value_matches(value, field)) {
            return true;
        }
    }
    false
}

/// The value matches as it stands in the mail, or with its encoded words decoded (RFC 2047).
fn value_matches(pattern: &TextPattern, field: RawField<'_>) -> bool {
    if pattern.is_any() {
        return true;
    }
    let mut line = unfolded(field.value()).into_owned();
    let as_it_stands = match std::str::from_utf8(&line) {
        Ok(text) => pattern.matches(lower(text.chars()).as_bytes()),
        Err(_) => pattern.matches(&line.to_ascii_lowercase()),
    };
    if as_it_stands || memchr::memmem::find(&line, b"=?").is_none() {
        return as_it_stands;
    }
    line.push(b'\n');
    let decoded = MessageStream::new(&line).parse_unstructured();
    decoded.as_text().is_some_and(|text| pattern.matches(lower(text.trim().chars()).as_bytes()))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Hello(domain) => write!(f, "EHLO={domain}"),
            Condition::Sender(pattern) => write!(f, "MAIL FROM={pattern}"),
            Condition::Recipient(pattern) => write!(f, "RCPT TO={pattern}"),
            Condition::Header(name, value) => {
                write!(f, "HEADER {name}=")?;
                value.write(f, "")
            }
            Condition::Client(networks) => write!(f, "CLIENT={}", joined(networks)),
            Condition::Door(doors) => write!(f, "DOOR={}", joined(doors)),
            Condition::Authenticated(yes) => write!(f, "AUTHENTICATED={}", if *yes { "yes" } else { "no" }),
        }
    }
}

fn joined(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
