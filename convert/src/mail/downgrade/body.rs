//! What becomes of the body of one part.
//!
//! Rule: a part that holds parts is never encoded (RFC 2045, 6.4): what it holds is.

use super::{
    octets::{base64_again, quoted_again, LineEnd, Written},
    Bodies,
};
use crate::{
    mail::{Encoding, Entity},
    Allowance, ConvertError,
};

/// What becomes of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays, and what its header says of it.
    Stays,
    /// It stays, and its header says this encoding.
    IsCalled(&'static str),
    /// It is written so; its header says this encoding, if that is another.
    IsWritten(Vec<u8>, Option<&'static str>),
}

/// The octets are what such a body may have.
pub(super) fn may_stay(octets: &[u8], bodies: Bodies, line_end: LineEnd) -> bool {
    match bodies {
        Bodies::Any => true,
        Bodies::EightBit => line_end.are_lines(octets),
        Bodies::SevenBit => octets.is_ascii() && line_end.are_lines(octets),
    }
}

/// A body, and all that decides about it.
pub(super) struct Body<'e, 'm> {
    pub entity: &'e Entity,
    pub octets: &'m [u8],
    /// The word in `Content-Transfer-Encoding`.
    pub said: Option<&'m [u8]>,
    pub bodies: Bodies,
    pub line_end: LineEnd,
    /// Nothing stands behind it that ends its last line.
    pub is_last: bool,
}

impl Body<'_, '_> {
    /// # Errors
    /// [`ConvertError`]: a limit is reached, or it may not be encoded.
    pub fn fate(&self, allowance: &mut Allowance) -> Result<Fate, ConvertError> {
        let name = |fate: Option<&'static str>| fate.map_or(Fate::Stays, Fate::IsCalled);
        let is_more = match (self.bodies, self.entity.encoding) {
            (Bodies::SevenBit, Encoding::EightBit | Encoding::Binary) => Some("7bit"),
            (Bodies::EightBit, Encoding::Binary) => Some("8bit"),
            _ => None,
        };
        if !self.entity.parts.is_empty() {
            return Ok(name(is_more));
        }
        allowance.step(self.octets.len())?;
        if may_stay(self.octets, self.bodies, self.line_end) {
            return Ok(name(is_more));
        }
        let is_multipart = self.entity.content_type.media_type.starts_with("multipart/");
        match self.entity.encoding {
            // No encoding is that of a multipart (RFC 2045, 6.4): its lines may be boundaries to others.
            _ if is_multipart => self.encoded(allowance),
            Encoding::QuotedPrintable => {
                allowance.make(Written::QuotedPrintable.room(self.octets))?;
                Ok(Fate::IsWritten(quoted_again(self.octets, self.line_end), None))
            }
            Encoding::Base64 => {
                allowance.make(Written::Base64.room(self.octets))?;
                Ok(Fate::IsWritten(base64_again(self.octets, self.line_end, self.is_last), None))
            }
            _ => self.encoded(allowance),
        }
    }

    fn encoded(&self, allowance: &mut Allowance) -> Result<Fate, ConvertError> {
        let kind = &self.entity.content_type;
        if let Some(what) = may_not_be_encoded(&kind.media_type) {
            return Err(ConvertError::NotEncodable { what });
        }
        // One that is not known is no encoding at all, as most readers have it, unless it is one of these.
        let said = self.said.unwrap_or_default().trim_ascii().to_ascii_lowercase();
        if self.entity.encoding == Encoding::Unknown && (said.starts_with(b"x-") || said.starts_with(b"uu")) {
            return Err(ConvertError::NotEncodable { what: "a part in an encoding that is not known" });
        }
        let is_text = kind.is_text() || kind.media_type.starts_with("message/");
        let written = Written::best(self.octets, is_text);
        allowance.make(written.room(self.octets))?;
        let octets = written.encode(self.octets, self.line_end, self.is_last);
        Ok(Fate::IsWritten(octets, Some(written.name())))
    }
}

/// Parts that hold parts, and could not be taken apart, or hold what is a part elsewhere (RFC 2046, 5.1, 5.2.1, 5.2.2, 5.2.3).
/// `message/global` may be encoded (RFC 6532, 3.7).
fn may_not_be_encoded(media_type: &str) -> Option<&'static str> {
    match media_type {
        "message/rfc822" => Some("message/rfc822 that cannot be taken apart"),
        "message/news" => Some("message/news that cannot be taken apart"),
        "message/partial" => Some("message/partial"),
        "message/external-body" => Some("message/external-body"),
        multipart if multipart.starts_with("multipart/") => Some("a multipart that cannot be taken apart"),
        _ => None,
    }
}
