//! The grammar of a mailbox (RFC 5321, 4.1.2 and 4.1.3; RFC 6531, 3.3), read without building anything.
//!
//! Rule: no control character passes, in no form, quoted or not.

use std::{borrow::Cow, net::Ipv4Addr, net::Ipv6Addr};

use super::{AddressError, MAX_DOMAIN, MAX_LOCAL_PART};

/// Octets in one label of a domain (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// Checks the local part and says where the `@` behind it stands.
pub(super) fn local_part(text: &str) -> Result<usize, AddressError> {
    let at = if text.starts_with('"') { end_of_quoted(text)? } else { text.find('@').ok_or(AddressError::Syntax)? };
    if text.as_bytes().get(at) != Some(&b'@') {
        return Err(AddressError::LocalPart);
    }
    if at > MAX_LOCAL_PART {
        return Err(AddressError::TooLong);
    }
    let quoted = text.starts_with('"');
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atext);
    if quoted || text[..at].split('.').all(is_atom) {
        Ok(at)
    } else {
        Err(AddressError::LocalPart)
    }
}

/// The index behind the closing quote.
fn end_of_quoted(text: &str) -> Result<usize, AddressError> {
    let mut chars = text.char_indices().skip(1);
    while let Some((index, c)) = chars.next() {
        let c = match c {
            '"' => return Ok(index + 1),
            '\\' => chars.next().map_or('\0', |(_, escaped)| escaped),
            other => other,
        };
        if c.is_control() {
            return Err(AddressError::LocalPart);
        }
    }
    Err(AddressError::LocalPart)
}

/// The characters of an atom (RFC 5322, 3.2.3), and all beyond ASCII that are no controls (RFC 6531, 3.3).
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_control())
}

/// Checks a domain or an address literal.
pub(super) fn domain(text: &str) -> Result<(), AddressError> {
    match text.strip_prefix('[') {
        Some(rest) => literal(rest.strip_suffix(']').ok_or(AddressError::Domain)?),
        None => ascii_domain(text).map(drop),
    }
}

/// `192.0.2.1` or `IPv6:2001:db8::1`; the general form is defined by nobody and refused.
fn literal(text: &str) -> Result<(), AddressError> {
    const TAG: &str = "IPv6:";
    let is_address = match text.get(..TAG.len()) {
        Some(tag) if tag.eq_ignore_ascii_case(TAG) => text[TAG.len()..].parse::<Ipv6Addr>().is_ok(),
        _ => text.parse::<Ipv4Addr>().is_ok(),
    };
    is_address.then_some(()).ok_or(AddressError::Domain)
}

/// The domain in A-labels; an error if it is none. The length that counts is this form's: it is what DNS is asked.
pub(crate) fn ascii_domain(text: &str) -> Result<Cow<'_, str>, AddressError> {
    if text.chars().any(|c| c.is_control() || c == ' ') {
        return Err(AddressError::Domain);
    }
    let ascii = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(idna::domain_to_ascii(text).map_err(|_| AddressError::Domain)?)
    };
    if ascii.len() > MAX_DOMAIN {
        return Err(AddressError::TooLong);
    }
    if ascii.split('.').all(is_label) {
        Ok(ascii)
    } else {
        Err(AddressError::Domain)
    }
}

/// Letters, digits and hyphens inside (RFC 5321, 4.1.2), and the underscore, which real host names have.
fn is_label(label: &str) -> bool {
    let inside = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(inside)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
