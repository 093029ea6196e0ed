//! What the properties and attributes of a message mean.
//!
//! Rule: a property counts more than the attribute that says the same, for it says it in Unicode (\[MS-OXTNEF\] 2.1.3.3). A
//! property that is of another type than it has to be is as if it were not there.

mod attached;
mod body;
mod envelope;
mod people;
#[cfg(test)]
mod tests;

use super::{
    model::{Attribute, Guid, Message, NameKey, Property, Value},
    time::{Civil, FileTime},
};
use crate::{Allowance, Charset, ConvertError, Flaws, Trouble};

pub(super) use self::{
    attached::{Attached, Content},
    body::{BodyKind, HtmlBody},
};
pub use self::{
    envelope::{Envelope, Importance, Sensitivity},
    people::{Mailbox, Recipient, RecipientKind},
};

/// A message that is being understood, with what is left of the limits and what was wrong.
pub(super) struct Reading<'m, 'a> {
    pub message: &'m Message<'a>,
    pub allowance: Allowance,
    pub flaws: Flaws,
    charset: Charset,
}

impl<'m, 'a> Reading<'m, 'a> {
    pub fn new(message: &'m Message<'a>, allowance: Allowance) -> Self {
        let mut flaws = Flaws::default();
        let charset = charset_of(message.code_page, &mut flaws).unwrap_or(Charset::WINDOWS_1252);
        Reading { message, allowance, flaws, charset }
    }

    /// The character set of its strings of octets.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// The text of these octets, up to the zero at its end.
    pub fn decode(&mut self, octets: &[u8], charset: Charset) -> Result<String, ConvertError> {
        self.allowance.step(octets.len())?;
        self.allowance.make(octets.len())?;
        let mut text = String::new();
        if !charset.decode(octets, &mut text) {
            self.flaws.note(Trouble::NotInCharset, 0, charset.name());
        }
        // A character may take more octets than it had; it is paid for afterwards, and it is three at most.
        self.allowance.make(text.len().saturating_sub(octets.len()))?;
        text.truncate(text.trim_end_matches('\0').len());
        Ok(text)
    }

    fn decode_utf_16(&mut self, octets: &[u8]) -> Result<String, ConvertError> {
        self.allowance.step(octets.len())?;
        self.allowance.make(octets.len())?;
        let (text, had_errors) = encoding_rs::UTF_16LE.decode_without_bom_handling(octets);
        if had_errors {
            self.flaws.note(Trouble::NotInCharset, 0, "UTF-16LE");
        }
        self.allowance.make(text.len().saturating_sub(octets.len()))?;
        Ok(text.trim_end_matches('\0').to_owned())
    }

    /// The text of a value; `None`: it is none.
    pub fn text_of(&mut self, value: Option<&Value<'_>>) -> Result<Option<String>, ConvertError> {
        match value {
            Some(Value::String8(octets)) => self.decode(octets, self.charset).map(Some),
            Some(Value::Unicode(octets)) => self.decode_utf_16(octets).map(Some),
            // Some writers have only one type for variable lengths.
            Some(Value::Many(_, values)) if values.len() == 1 => self.text_of(values.first()),
            _ => Ok(None),
        }
    }

    /// The text of a property of this list. One without characters is none.
    pub fn text_in(&mut self, list: &[Property<'_>], id: u16) -> Result<Option<String>, ConvertError> {
        Ok(self.text_of(find(list, id))?.filter(|text| !text.is_empty()))
    }

    /// The text of a property of the message.
    pub fn text(&mut self, id: u16) -> Result<Option<String>, ConvertError> {
        self.text_in(&self.message.properties, id)
    }

    /// The text of a property of the message that has a name.
    pub fn named_text(&mut self, set: Guid, id: u32) -> Result<Option<String>, ConvertError> {
        Ok(self.text_of(self.named(set, id))?.filter(|text| !text.is_empty()))
    }

    /// The text of an attribute of this list.
    pub fn text_at(&mut self, list: &[Attribute<'_>], id: u32) -> Result<Option<String>, ConvertError> {
        let Some(attribute) = list.iter().find(|one| one.id == id) else { return Ok(None) };
        Ok(Some(self.decode(&attribute.octets, self.charset)?).filter(|text| !text.is_empty()))
    }

    pub fn number(&self, id: u16) -> Option<i32> {
        number(find(&self.message.properties, id))
    }

    pub fn time(&self, id: u16) -> Option<FileTime> {
        time(find(&self.message.properties, id))
    }

    /// The value of a property of the message that has a name.
    pub fn named(&self, set: Guid, id: u32) -> Option<&'m Value<'a>> {
        let is_it =
            |one: &&Property<'_>| one.name.as_ref().is_some_and(|name| name.set == set && name.key == NameKey::Id(id));
        self.message.properties.iter().filter(is_it).map(|one| &one.value).find(|value| is_value(value))
    }

    /// The octets of an attribute of the message.
    pub fn attribute(&self, id: u32) -> Option<&'m [u8]> {
        self.message.attributes.iter().find(|one| one.id == id).map(|one| one.octets.as_ref())
    }
}

/// The character set of a code page; `None`: it is not known, and that is a flaw, or it is none.
pub(super) fn charset_of(page: u32, flaws: &mut Flaws) -> Option<Charset> {
    let charset = Charset::of_code_page(page);
    if charset.is_none() {
        flaws.note(Trouble::UnknownCharset, 0, format!("code page {page}"));
    }
    charset
}

fn is_value(value: &Value<'_>) -> bool {
    !matches!(value, Value::Error(_) | Value::Null)
}

/// The value of a property of this list.
pub(super) fn find<'l, 'a>(list: &'l [Property<'a>], id: u16) -> Option<&'l Value<'a>> {
    list.iter().filter(|one| one.id == id).map(|one| &one.value).find(|value| is_value(value))
}

pub(super) fn number(value: Option<&Value<'_>>) -> Option<i32> {
    match value? {
        Value::I32(number) => Some(*number),
        Value::I16(number) => Some(i32::from(*number)),
        _ => None,
    }
}

pub(super) fn time(value: Option<&Value<'_>>) -> Option<FileTime> {
    match value? {
        // Zero, and times that only a program has, mean that there is none.
        Value::Time(time) if time.0 > 0 && time.civil().year <= 4500 => Some(*time),
        _ => None,
    }
}

pub(super) fn is_true(value: Option<&Value<'_>>) -> bool {
    matches!(value, Some(Value::Bool(true)))
}

/// The time of an attribute.
pub(super) fn time_at(list: &[Attribute<'_>], id: u32) -> Option<FileTime> {
    let attribute = list.iter().find(|one| one.id == id)?;
    Civil::of_attribute(&attribute.octets).map(|civil| FileTime::of_unix(civil.unix()))
}
