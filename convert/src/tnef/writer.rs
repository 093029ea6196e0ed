//! From the model to octets.
//!
//! Rule: what is written is read back as it was, in the order that \[MS-OXTNEF\] 2.1.3 asks for: the version and the code page
//! first, attMsgProps last of the message, attAttachRendData first and attAttachment last of each attachment. A value that is
//! written is padded to four octets.

use super::{
    model::{Attachment, Guid, Message, Name, NameKey, Property, Value},
    properties::padding,
    reader::checksum,
    tags::{att, FIRST_NAMED, LEVEL_ATTACHMENT, LEVEL_MESSAGE, SIGNATURE, VERSION},
};

/// Octets of an attribute around its contents: level, number, length and checksum.
const AROUND: usize = 11;

impl Message<'_> {
    /// The stream of this message.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.about_octets());
        out.extend_from_slice(&SIGNATURE.to_le_bytes());
        out.extend_from_slice(&self.key.to_le_bytes());
        attribute(&mut out, LEVEL_MESSAGE, att::TNEF_VERSION, |out| out.extend_from_slice(&VERSION.to_le_bytes()));
        attribute(&mut out, LEVEL_MESSAGE, att::OEM_CODEPAGE, |out| {
            out.extend_from_slice(&self.code_page.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
        });
        for one in &self.attributes {
            attribute(&mut out, LEVEL_MESSAGE, one.id, |out| out.extend_from_slice(&one.octets));
        }
        if !self.recipients.is_empty() {
            attribute(&mut out, LEVEL_MESSAGE, att::RECIP_TABLE, |out| {
                number(out, self.recipients.len());
                self.recipients.iter().for_each(|row| list(out, row));
            });
        }
        if !self.properties.is_empty() {
            attribute(&mut out, LEVEL_MESSAGE, att::MSG_PROPS, |out| list(out, &self.properties));
        }
        self.attachments.iter().for_each(|one| attachment(&mut out, one));
        out
    }

    /// About how many octets it takes: what is large is counted, what is small is guessed.
    fn about_octets(&self) -> usize {
        let of_properties = |list: &[Property<'_>]| -> usize {
            list.iter().map(|one| 48 + one.value.octets().map_or(0, |octets| octets.len())).sum()
        };
        let of_attributes =
            |list: &[super::Attribute<'_>]| -> usize { list.iter().map(|one| AROUND + one.octets.len()).sum() };
        let of_attachment = |one: &Attachment<'_>| 64 + of_attributes(&one.attributes) + of_properties(&one.properties);
        256 + of_attributes(&self.attributes)
            + of_properties(&self.properties)
            + self.recipients.iter().map(|row| of_properties(row)).sum::<usize>()
            + self.attachments.iter().map(of_attachment).sum::<usize>()
    }
}

fn attachment(out: &mut Vec<u8>, one: &Attachment<'_>) {
    attribute(out, LEVEL_ATTACHMENT, att::ATTACH_REND_DATA, |out| {
        let rendering = one.rendering;
        out.extend_from_slice(&rendering.kind.to_le_bytes());
        out.extend_from_slice(&rendering.position.to_le_bytes());
        out.extend_from_slice(&rendering.width.to_le_bytes());
        out.extend_from_slice(&rendering.height.to_le_bytes());
        out.extend_from_slice(&rendering.flags.to_le_bytes());
    });
    for one in &one.attributes {
        attribute(out, LEVEL_ATTACHMENT, one.id, |out| out.extend_from_slice(&one.octets));
    }
    if !one.properties.is_empty() {
        attribute(out, LEVEL_ATTACHMENT, att::ATTACHMENT, |out| list(out, &one.properties));
    }
}

/// An attribute with the contents that `write` writes.
fn attribute(out: &mut Vec<u8>, level: u8, id: u32, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(level);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    let from = out.len();
    write(out);
    let size = size(out.len() - from);
    out[from - 4..from].copy_from_slice(&size.to_le_bytes());
    let sum = checksum(&out[from..]);
    out.extend_from_slice(&sum.to_le_bytes());
}

/// More than 4 GiB cannot be said.
fn size(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}

fn number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&size(number).to_le_bytes());
}

fn list(out: &mut Vec<u8>, properties: &[Property<'_>]) {
    number(out, properties.len());
    for property in properties {
        out.extend_from_slice(&property.value.kind().to_le_bytes());
        tag_and_name(out, property);
        match &property.value {
            Value::Many(kind, values) => {
                // A value of another type could not be read.
                let values = || values.iter().filter(|value| value.kind() == *kind);
                number(out, values().count());
                values().for_each(|value| plain(out, value));
            }
            value => {
                if value.octets().is_some() {
                    number(out, 1);
                }
                plain(out, value);
            }
        }
    }
}

/// A number from 0x8000 on has a name, and no other has one: without that the list could not be read.
fn tag_and_name(out: &mut Vec<u8>, property: &Property<'_>) {
    let nobody = || Name { set: Guid([0; 16]), key: NameKey::Id(property.id.into()) };
    let (id, name) = match &property.name {
        Some(name) => (property.id.max(FIRST_NAMED), name.as_ref().clone()),
        None if property.id >= FIRST_NAMED => (property.id, nobody()),
        None => return out.extend_from_slice(&property.id.to_le_bytes()),
    };
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&name.set.0);
    match &name.key {
        NameKey::Id(id) => {
            number(out, 0);
            out.extend_from_slice(&id.to_le_bytes());
        }
        NameKey::Text(text) => {
            number(out, 1);
            sized(out, text);
        }
    }
}

fn sized(out: &mut Vec<u8>, octets: &[u8]) {
    number(out, octets.len());
    out.extend_from_slice(octets);
    out.resize(out.len() + padding(octets.len()), 0);
}

fn plain(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null | Value::Many(..) => {}
        Value::I16(number) => {
            out.extend_from_slice(&number.to_le_bytes());
            out.extend_from_slice(&[0; 2]);
        }
        Value::Bool(is_true) => out.extend_from_slice(&u32::from(*is_true).to_le_bytes()),
        Value::I32(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::F32(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::F64(number) | Value::FloatingTime(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Currency(number) | Value::I64(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Error(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Time(time) => out.extend_from_slice(&time.0.to_le_bytes()),
        Value::Guid(guid) => out.extend_from_slice(&guid.0),
        Value::String8(octets)
        | Value::Unicode(octets)
        | Value::Binary(octets)
        | Value::ServerId(octets)
        | Value::Object(octets) => sized(out, octets),
    }
}
