//! Addresses as SMTP knows them: checked once, at the door, and never again.
//!
//! An [`Address`] holds no octet that could end a command line: it can be written into a dialogue as it is.

mod syntax;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt, sync::Arc};

use thiserror::Error;

pub(crate) use syntax::ascii_domain;

/// Octets before the `@`, quotes included (RFC 5321, 4.5.3.1.1).
pub const MAX_LOCAL_PART: usize = 64;
/// Octets behind the `@`, counted in A-labels (RFC 5321, 4.5.3.1.2).
pub const MAX_DOMAIN: usize = 255;

/// The one mailbox that needs no domain (RFC 5321, 4.5.1).
const POSTMASTER: &str = "postmaster";

/// A mailbox: `local-part@domain`, `local-part@[literal]`, or the bare `postmaster` (RFC 5321, 4.1.2 and 4.5.1).
///
/// Local parts and domains may be UTF-8 (RFC 6531). A quoted local part keeps its quotes: `"a b"@x` and `a b@x` are
/// not the same text, and only the first is an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: Arc<str>,
    at: usize,
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Neither `local-part@domain` nor the bare `postmaster`.
    #[error("an address is local-part@domain")]
    Syntax,
    /// What stands before the `@` is neither a dot-string nor a quoted string.
    #[error("the part before the @ is not a local part")]
    LocalPart,
    /// What stands behind the `@` is neither a domain nor an address literal.
    #[error("the part behind the @ is not a domain")]
    Domain,
    /// More than 64 octets before the `@` or 255 behind it (RFC 5321, 4.5.3.1).
    #[error("the address is too long")]
    TooLong,
}

impl Address {
    /// Reads one address without angle brackets.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.eq_ignore_ascii_case(POSTMASTER) {
            return Ok(Address { text: text.into(), at: text.len() });
        }
        let at = syntax::local_part(text)?;
        syntax::domain(&text[at + 1..])?;
        Ok(Address { text: text.into(), at })
    }

    /// The same; a name without `@` is the one at `domain`, as programs of this host write it, if that is not empty.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong with the text.
    pub fn parse_at(text: &str, domain: &str) -> Result<Self, AddressError> {
        match text.contains('@') || text.is_empty() || domain.is_empty() || text.eq_ignore_ascii_case(POSTMASTER) {
            true => Address::parse(text),
            false => Address::parse(&format!("{text}@{domain}")),
        }
    }

    /// The whole address, without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, quotes included; all of the bare `postmaster`.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands behind the `@`; empty for the bare `postmaster`.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or("")
    }

    /// The domain as a key for routes and relay policy: lower case, A-labels, no trailing dot; a literal keeps its
    /// brackets; empty for the bare `postmaster`.
    pub fn domain_key(&self) -> String {
        domain_key(self.domain())
    }

    /// The same; of the bare `postmaster`, who is at home everywhere, that of this host.
    pub fn domain_key_or(&self, host: &str) -> String {
        domain_key(if self.domain().is_empty() { host } else { self.domain() })
    }

    /// The domain is an address literal, `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    pub fn has_literal(&self) -> bool {
        self.domain().starts_with('[')
    }

    /// The same mailbox in ASCII: its domain in A-labels. `None`: what stands before the `@` is not ASCII, and nothing can stand
    /// for it (RFC 6531, 3.2).
    pub fn in_ascii(&self) -> Option<Address> {
        if self.is_ascii() {
            return Some(self.clone());
        }
        let (local, domain) = (self.local_part(), ascii_domain(self.domain()).ok()?);
        local.is_ascii().then(|| Address::parse(&format!("{local}@{domain}")).ok()).flatten()
    }

    /// Only ASCII: it can be given to a server without SMTPUTF8 (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

/// A domain as a key: lower case, A-labels, no trailing dot. A text that is not a domain only becomes lower case.
pub fn domain_key(domain: &str) -> String {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let ascii = ascii_domain(domain).unwrap_or(Cow::Borrowed(domain));
    ascii.to_ascii_lowercase()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.text)
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Address::parse(text)
    }
}
