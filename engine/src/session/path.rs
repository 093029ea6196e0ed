//! Reads the paths of MAIL and RCPT (RFC 5321, 4.1.2) and their parameters (RFC 1870, 6152, 3030, 6531, 3461).
//!
//! Rule: each parameter is known and checked, or the command is refused: nothing unchecked goes on to the next host.

use super::{command::number, replies, xtext};
use crate::{Address, Body, Notify, Recipient, Reply, Ret};

/// What MAIL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MailFrom {
    pub(super) sender: Option<Address>,
    pub(super) size: Option<u64>,
    pub(super) body: Option<Body>,
    pub(super) smtputf8: bool,
    pub(super) ret: Option<Ret>,
    pub(super) envid: Option<String>,
}

/// Octets of an ENVID (RFC 3461, 4.4).
const MAX_ENVID: usize = 100;
/// Octets of an ORCPT (RFC 3461, 4.2).
const MAX_ORCPT: usize = 500;

/// Reads what stands behind `FROM:`.
pub(super) fn mail_from(text: &str) -> Result<MailFrom, Reply> {
    let (path, parameters) = split(text).ok_or(replies::BAD_MAIL)?;
    let mut mail = MailFrom::default();
    if !path.is_empty() {
        let address = address(path).filter(|address| !address.domain().is_empty()).ok_or(replies::BAD_SENDER)?;
        mail.sender = Some(address);
    }
    for parameter in parameters.split(' ').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = name_and_value(parameter);
        mail_parameter(&mut mail, &name, value)?;
    }
    let is_ascii = mail.sender.as_ref().is_none_or(Address::is_ascii);
    if is_ascii || mail.smtputf8 {
        Ok(mail)
    } else {
        Err(replies::NEEDS_SMTPUTF8)
    }
}

fn mail_parameter(mail: &mut MailFrom, name: &str, value: Option<&str>) -> Result<(), Reply> {
    match (name, value) {
        ("SIZE", Some(value)) => once(&mut mail.size, number(value)),
        ("BODY", Some(value)) => once(&mut mail.body, body(value)),
        ("SMTPUTF8", None) if !mail.smtputf8 => {
            mail.smtputf8 = true;
            Ok(())
        }
        ("RET", Some(value)) => once(&mut mail.ret, ret(value)),
        ("ENVID", Some(value)) => once(&mut mail.envid, envid(value)),
        ("SIZE" | "BODY" | "SMTPUTF8" | "RET" | "ENVID", _) => Err(replies::BAD_PARAMETER),
        _ => Err(replies::UNKNOWN_PARAMETER),
    }
}

/// Reads what stands behind `TO:`.
pub(super) fn rcpt_to(text: &str, smtputf8: bool) -> Result<Recipient, Reply> {
    let (path, parameters) = split(text).ok_or(replies::BAD_RCPT)?;
    let address = address(path).ok_or(replies::BAD_RECIPIENT)?;
    let mut recipient = Recipient::from(address);
    for parameter in parameters.split(' ').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = name_and_value(parameter);
        match (name.as_str(), value) {
            ("NOTIFY", Some(value)) => once(&mut recipient.notify, notify(value))?,
            ("ORCPT", Some(value)) => once(&mut recipient.orcpt, orcpt(value, smtputf8))?,
            ("NOTIFY" | "ORCPT", _) => return Err(replies::BAD_PARAMETER),
            _ => return Err(replies::UNKNOWN_PARAMETER),
        }
    }
    if recipient.address.is_ascii() || smtputf8 {
        Ok(recipient)
    } else {
        Err(replies::NEEDS_SMTPUTF8)
    }
}

fn name_and_value(parameter: &str) -> (String, Option<&str>) {
    let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
    (name.to_ascii_uppercase(), value)
}

/// Sets a parameter that has a good value and was not given before.
fn once<T>(place: &mut Option<T>, value: Option<T>) -> Result<(), Reply> {
    if place.is_some() || value.is_none() {
        return Err(replies::BAD_PARAMETER);
    }
    *place = value;
    Ok(())
}

/// Splits `<path> parameters`. A `>` within quotes belongs to the path.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    let end = inside.find(|c| {
        let ends = c == '>' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        ends
    })?;
    let parameters = &inside[end + 1..];
    (parameters.is_empty() || parameters.starts_with(' ')).then_some((&inside[..end], parameters))
}

/// The address of a path. A source route is checked and ignored (RFC 5321, 4.1.1.3 and appendix C).
fn address(path: &str) -> Option<Address> {
    if !path.starts_with('@') {
        return Address::parse(path).ok();
    }
    let (route, mailbox) = path.split_once(':')?;
    let is_host = |hop: &str| hop.strip_prefix('@').is_some_and(|domain| crate::address::ascii_domain(domain).is_ok());
    route.split(',').all(is_host).then(|| Address::parse(mailbox).ok()).flatten()
}

fn body(value: &str) -> Option<Body> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Some(Body::SevenBit),
        "8BITMIME" => Some(Body::EightBitMime),
        "BINARYMIME" => Some(Body::BinaryMime),
        _ => None,
    }
}

pub(crate) fn ret(value: &str) -> Option<Ret> {
    match value.to_ascii_uppercase().as_str() {
        "FULL" => Some(Ret::Full),
        "HDRS" => Some(Ret::Headers),
        _ => None,
    }
}

/// xtext that is printable when decoded (RFC 3461, 4.4).
pub(crate) fn envid(value: &str) -> Option<String> {
    (value.len() <= MAX_ENVID && xtext::is_printable(value)).then(|| value.to_owned())
}

/// `NEVER`, or a list of the others without any of them twice (RFC 3461, 4.1).
pub(crate) fn notify(value: &str) -> Option<Notify> {
    if value.eq_ignore_ascii_case("NEVER") {
        return Some(Notify::NEVER);
    }
    let mut notify = Notify::NEVER;
    for word in value.split(',') {
        let place = match word.to_ascii_uppercase().as_str() {
            "SUCCESS" => &mut notify.success,
            "FAILURE" => &mut notify.failure,
            "DELAY" => &mut notify.delay,
            _ => return None,
        };
        if std::mem::replace(place, true) {
            return None;
        }
    }
    Some(notify)
}

/// `addr-type;xtext` (RFC 3461, 4.2), or `utf-8;` with its own encoding (RFC 6533, 3).
pub(crate) fn orcpt(value: &str, smtputf8: bool) -> Option<String> {
    let (kind, address) = value.split_once(';')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let is_address = if kind.eq_ignore_ascii_case("utf-8") {
        xtext::is_utf8_address(address, smtputf8)
    } else {
        xtext::is_printable(address)
    };
    (value.len() <= MAX_ORCPT && is_kind && is_address).then(|| value.to_owned())
}
