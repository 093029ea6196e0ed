//! From what was given to a mail: its envelope, and its content with what it lacks.
//!
//! Rule: nothing here does any I/O; the time, the user and a number that no other mail has are arguments.

use bytes::Bytes;
use postrider::{
    rules::{Body, Content, Envelope, HeaderError, Making},
    Address, ComposeError, Draft, Mailbox, Outgoing, RawMail,
};

use super::{author::Author, header::Parts, options::Options, qualify::qualified};
use crate::{exit, failure::Failure};

/// The mail that these options make of these octets, which have CRLF line ends.
///
/// # Errors
/// What is wrong with an address, with the header, or with an option.
pub fn mail(options: &Options, octets: Vec<u8>, who: &Author, making: &Making<'_>) -> Result<Draft, Failure> {
    let parts = Parts::of(&octets.into(), making.host);
    let envelope = envelope(options, &parts, who, making)?;
    finished(envelope, parts, options.full_name.as_deref(), who, making)
}

/// The content with what it lacks, under its envelope.
///
/// # Errors
/// Its header is too large.
pub fn finished(
    mut envelope: Envelope,
    parts: Parts,
    full_name: Option<&str>,
    who: &Author,
    making: &Making<'_>,
) -> Result<Draft, Failure> {
    let needs_utf8 = |address: &Address| !address.is_ascii();
    let is_utf8 = !parts.header.is_ascii() && std::str::from_utf8(&parts.header).is_ok();
    envelope.smtputf8 = is_utf8
        || envelope.sender.iter().any(needs_utf8)
        || envelope.recipients.iter().any(|(_, one)| needs_utf8(&one.address));
    let is_ascii = parts.header.is_ascii() && parts.body.is_ascii();
    envelope.body = if is_ascii { Body::SevenBit } else { Body::EightBitMime };
    let content = completed(parts, &envelope, full_name, who, making)
        .map_err(|error| Failure::new(exit::DATA, format!("the mail cannot be sent: {error}")))?;
    Ok(Draft::new(envelope, content))
}

fn envelope(options: &Options, parts: &Parts, who: &Author, making: &Making<'_>) -> Result<Envelope, Failure> {
    let naming = if options.from_header { Bytes::from(parts.naming.clone()) } else { "X: x\r\n\r\n".into() };
    let mut raw = RawMail::new(naming);
    raw = match sender(options, who, making.host)? {
        Some(sender) => raw.from(sender.as_str()),
        None => raw.null_sender(),
    };
    for given in &options.recipients {
        raw = raw.to(text(qualified(given.as_bytes(), making.host)));
    }
    if options.from_header {
        raw = raw.envelope_from_header();
    }
    raw = match options.notify {
        Some(notify) => raw.notify(notify),
        None => raw,
    };
    raw = match options.ret {
        Some(ret) => raw.ret(ret),
        None => raw,
    };
    if let Some(envid) = &options.envid {
        raw = raw.envid(&plain(envid));
    }
    let envelope = raw.into_draft(making).map_err(|error| unsent(&error))?.envelope;
    let is_spoilt = |address: &Address| address.as_str().contains(char::REPLACEMENT_CHARACTER);
    let spoilt =
        envelope.recipients.iter().find(|(_, one)| is_spoilt(&one.address)).map(|(_, one)| one.address.clone());
    match spoilt {
        Some(address) => Err(Failure::new(exit::NO_USER, format!("{address}: write the address in UTF-8"))),
        None => Ok(envelope),
    }
}

/// The sender that was given; else whoever calls, at this host.
fn sender(options: &Options, who: &Author, host: &str) -> Result<Option<Address>, Failure> {
    let given = options.sender.as_deref().unwrap_or(&who.login).trim();
    if given.is_empty() || given == "<>" {
        return Ok(None);
    }
    let mailbox = text(qualified(given.as_bytes(), host)).parse::<Mailbox>();
    match mailbox {
        Ok(mailbox) => Ok(Some(mailbox.address().clone())),
        Err(error) => {
            let shown: String = given.chars().take(80).flat_map(char::escape_debug).collect();
            Err(Failure::new(exit::NO_USER, format!("the sender \"{shown}\" is no address: {error}")))
        }
    }
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8_lossy(&octets).into_owned()
}

/// An envelope id as it was before it became xtext (RFC 3461, 4), if it is xtext: so sendmail takes it, and it is encoded anew.
fn plain(envid: &str) -> String {
    let (mut plain, mut rest) = (String::new(), envid);
    while let Some((before, behind)) = rest.split_once('+') {
        let digits = behind.get(..2).filter(|digits| digits.bytes().all(|d| matches!(d, b'0'..=b'9' | b'A'..=b'F')));
        let Some(octet) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return envid.into() };
        plain.push_str(before);
        plain.push(octet.into());
        rest = &behind[2..];
    }
    plain + rest
}

fn unsent(error: &ComposeError) -> Failure {
    let code = match error {
        ComposeError::Mailbox { .. } => exit::NO_USER,
        ComposeError::Value { .. } | ComposeError::TooMuch { .. } => exit::USAGE,
        _ => exit::DATA,
    };
    match error {
        ComposeError::NoRecipient => Failure::new(code, "the mail has no recipient: name one in To, Cc or Bcc"),
        _ => Failure::new(code, error),
    }
}

/// The content with From, Date and Message-ID, if it has none (RFC 6409, 8).
fn completed(
    parts: Parts,
    envelope: &Envelope,
    full_name: Option<&str>,
    who: &Author,
    making: &Making<'_>,
) -> Result<Content, HeaderError> {
    let (from, date, id) = (parts.has("From"), parts.has("Date"), parts.has("Message-ID"));
    let mut missing = String::new();
    if !date {
        missing.push_str(&format!("Date: {}\r\n", making.now.rfc5322()));
    }
    if !id {
        missing.push_str(&format!("Message-ID: <{:032x}@{}>\r\n", making.unique, making.host));
    }
    let mut content = Content::new(parts.header);
    content.push(postrider::rules::Piece::Memory(parts.body));
    if !missing.is_empty() {
        content.prepend(missing);
    }
    if !from {
        let own = format!("{}@{}", who.login, making.host);
        let address = envelope.sender.as_ref().map_or(&*own, Address::as_str);
        let name = full_name.or(who.full_name.as_deref()).unwrap_or("");
        let value = mailbox(name, address);
        content.edit_header(|header| header.utf8(!address.is_ascii()).add("From", &value))?;
    }
    Ok(content)
}

/// Octets of a full name that stand in a From.
const MAX_NAME: usize = 200;

/// A name and an address as a field has them.
fn mailbox(name: &str, address: &str) -> String {
    const SPECIAL: &str = "()<>[]:;@\\,.\"";
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let (name, has_special) = (name.trim(), name.contains(|c| SPECIAL.contains(c)));
    match (name.is_empty(), has_special, name.is_ascii()) {
        (true, ..) => address.to_owned(),
        (_, false, _) => format!("{name} <{address}>"),
        (_, true, true) => format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\"")),
        // Its words become encoded words, which stand in no quotes.
        (_, true, false) => format!("{} <{address}>", name.replace(|c| SPECIAL.contains(c), " ")),
    }
}
