//! The parts of a mail, one after the other.
//!
//! Rule: what is held beside the input has no more octets than somebody allows, all parts together.

use std::borrow::Cow;

use postrider::convert::{
    tnef::mime::{self, Content, Part},
    ConvertError, Limits,
};

/// A part with octets.
pub struct Held<'p> {
    pub part: &'p Part<'p>,
    /// Those of a message are the mail that it is.
    pub octets: Cow<'p, [u8]>,
    /// It is what is read, and no file beside it.
    pub is_body: bool,
}

/// How much may be held.
pub struct Room {
    limits: Limits,
    left: usize,
    /// Parts that stand in the input as they are count as well: they are to be written.
    is_written: bool,
}

impl Room {
    /// For parts that are looked at.
    pub fn to_look(limits: Limits) -> Self {
        Room { limits, left: limits.output, is_written: false }
    }

    /// For parts that are written, all into one folder.
    pub fn to_write(limits: Limits) -> Self {
        Room { limits, left: limits.output, is_written: true }
    }

    /// The parts of this mail that have octets, in their order; bodies if they are wanted.
    pub fn all<'p>(&mut self, mail: &'p Part<'p>, bodies: bool) -> Result<Vec<Held<'p>>, ConvertError> {
        let mut all = Vec::new();
        self.add(mail, bodies, &mut all)?;
        Ok(all)
    }

    fn add<'p>(&mut self, part: &'p Part<'p>, bodies: bool, all: &mut Vec<Held<'p>>) -> Result<(), ConvertError> {
        let is_body = part.disposition.is_none();
        if let Content::Parts(parts) = &part.content {
            return parts.iter().try_for_each(|part| self.add(part, bodies, all));
        }
        if is_body && !bodies {
            return Ok(());
        }
        let most = self.limits.output;
        let octets = match &part.content {
            Content::Message(message) => {
                let written = mime::write(message, self.limits.with_output(self.left));
                Cow::Owned(written.map_err(|error| match error {
                    ConvertError::TooLarge { .. } => ConvertError::TooLarge { most },
                    error => error,
                })?)
            }
            Content::Octets(octets) => Cow::Borrowed(octets.as_ref()),
            Content::Parts(_) => return Ok(()),
        };
        if self.is_written || matches!(octets, Cow::Owned(_)) {
            self.left = self.left.checked_sub(octets.len()).ok_or(ConvertError::TooLarge { most })?;
        }
        all.push(Held { part, octets, is_body });
        Ok(())
    }
}
