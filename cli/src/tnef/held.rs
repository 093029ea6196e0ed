//! The parts of a mail, one after the other.

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

/// All parts of this mail that have octets, in their order.
pub fn all<'p>(mail: &'p Part<'p>, limits: Limits) -> Result<Vec<Held<'p>>, ConvertError> {
    let mut all = Vec::new();
    add(mail, limits, &mut all)?;
    Ok(all)
}

fn add<'p>(part: &'p Part<'p>, limits: Limits, all: &mut Vec<Held<'p>>) -> Result<(), ConvertError> {
    let octets = match &part.content {
        Content::Parts(parts) => return parts.iter().try_for_each(|part| add(part, limits, all)),
        Content::Octets(octets) => Cow::Borrowed(octets.as_ref()),
        Content::Message(message) => Cow::Owned(mime::write(message, limits)?),
    };
    all.push(Held { part, octets, is_body: part.disposition.is_none() });
    Ok(())
}
