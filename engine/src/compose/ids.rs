//! Identifiers that a mail carries: of itself, of other mails, of its parts.
//!
//! Rule: each is ASCII without blanks and brackets within, so it stands in a field as it is.

use super::{error::excerpt, ComposeError, Making};
use crate::Address;

/// Octets of one identifier, without brackets: it must fit on a line, and real ones have less than 300.
pub const MAX_ID: usize = 900;
/// Octets of a content location: it must fit on a line, too.
pub const MAX_LOCATION: usize = 900;

/// An id without its brackets, whether it was given with or without them.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

fn is_id_text(text: &str) -> bool {
    let is_good = |octet: u8| octet.is_ascii_graphic() && !b"<>".contains(&octet);
    !text.is_empty() && text.len() <= MAX_ID && text.bytes().all(is_good)
}

/// `<left@right>` (RFC 5322, 3.6.4).
pub(super) fn message_id(field: &'static str, text: &str) -> Result<String, ComposeError> {
    const WHAT: &str = "a message id: write it as 20261128.7@mail.example.org, in ASCII, without blanks";
    let id = bare(text);
    let has_both = id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
    if is_id_text(id) && has_both {
        Ok(format!("<{id}>"))
    } else {
        Err(ComposeError::value(field, text, WHAT))
    }
}

/// One or more message ids, with blanks between them.
pub(super) fn message_ids(field: &'static str, text: &str) -> Result<Vec<String>, ComposeError> {
    let ids: Vec<_> = text.split([' ', '\t']).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return message_id(field, text).map(|id| vec![id]);
    }
    ids.into_iter().map(|id| message_id(field, id)).collect()
}

/// The id of a part, without brackets (RFC 2045, 7; RFC 2392).
pub(super) fn content_id(text: &str) -> Result<String, ComposeError> {
    const WHAT: &str = "a content id: write it as the page has it behind cid:, in ASCII, without blanks";
    let id = bare(text);
    let id = id.strip_prefix("cid:").unwrap_or(id);
    if is_id_text(id) {
        Ok(id.to_owned())
    } else {
        Err(ComposeError::value("inline", text, WHAT))
    }
}

/// A URI (RFC 2557, 4.2), in ASCII as RFC 3986 has it.
pub(super) fn location(text: &str) -> Result<String, ComposeError> {
    const WHAT: &str = "a URI: write it in ASCII, with %20 for a blank";
    let is_good = !text.is_empty() && text.len() <= MAX_LOCATION && text.bytes().all(|octet| octet.is_ascii_graphic());
    if is_good {
        Ok(text.to_owned())
    } else {
        Err(ComposeError::Value { field: "related", text: excerpt(text), what: WHAT })
    }
}

/// The message id that a mail gets if its program gives it none.
pub(crate) fn own(making: &Making<'_>) -> String {
    format!("<{:032x}@{}>", making.unique, host(making.host))
}

/// Our name as an id may have it: a domain in A-labels or an address literal.
fn host(name: &str) -> String {
    let as_address = Address::parse(&format!("x@{name}")).ok();
    let ascii = as_address.and_then(|address| super::mailbox::with_ascii_domain(address).ok());
    ascii.map_or_else(|| "localhost".to_owned(), |address| address.domain().to_owned())
}
