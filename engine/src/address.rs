//! Addresses as SMTP knows them: checked once, at the door, and never again.
//!
//! An [`Address`] holds no octet that could end a command line: it can be written into a dialogue as it is.

use std::{fmt, sync::Arc};

use thiserror::Error;

/// A mailbox: `local-part@domain`, `local-part@[literal]`, or the bare `postmaster` (RFC 5321, 4.1.2 and 4.5.1).
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
        let at = text.rfind('@').ok_or(AddressError::Syntax)?;
        if text.chars().any(|c| c.is_control()) || at == 0 || at + 1 == text.len() {
            return Err(AddressError::Syntax);
        }
        Ok(Address { text: text.into(), at })
    }

    /// The whole address, without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, quotes included.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands behind the `@`; empty for the bare `postmaster`.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or("")
    }

    /// Only ASCII: it can be given to a server without SMTPUTF8 (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
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
