//! From octets to the model (\[MS-OXTNEF\] 2.1).
//!
//! Rule: the stream is read once, from its beginning to its end, and nothing that it says about itself is believed before it is
//! seen. An attribute that is cut short is given as far as it goes.

use std::mem::size_of;

use super::{
    cursor::Cursor,
    model::{Attachment, Attribute, Message, Rendering},
    properties::{self, Context},
    tags::{att, LEVEL_ATTACHMENT, LEVEL_MESSAGE, SIGNATURE, VERSION},
};
use crate::{Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// How often what is pushed to a vector may be there: as it grows, the old room is there beside the new one of twice its size.
const GROWTH: usize = 3;

/// What is read of a stream, with nothing left out.
///
/// # Errors
/// [`ConvertError`]: it has no signature of TNEF, or the model would be larger than the limits allow, or than eight times the
/// stream. What is borrowed does not count; each attribute, property and value does.
///
/// ```
/// use postrider_convert::{tnef::{read, Message}, Limits};
/// let octets = Message { key: 7, ..Message::default() }.to_octets();
/// assert_eq!(read(&octets, Limits::default())?.output.key, 7);
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn read(octets: &[u8], limits: Limits) -> Result<Converted<Message<'_>>, ConvertError> {
    let mut allowance = Allowance::new(limits);
    allowance.begin_stream(octets.len());
    read_within(octets, &mut allowance)
}

/// The same, within what is left of the limits.
pub(super) fn read_within<'a>(
    octets: &'a [u8],
    allowance: &mut Allowance,
) -> Result<Converted<Message<'a>>, ConvertError> {
    let mut cursor = Cursor::new(octets, 0);
    if cursor.u32() != Some(SIGNATURE) {
        return Err(ConvertError::NotThis { format: "TNEF", why: "it does not begin with 78 9F 3E 22" });
    }
    let context = Context { flaws: Flaws::default(), allowance: allowance.clone() };
    let mut reader = Reader { cursor, context, message: Message::default() };
    let is_read = reader.stream();
    *allowance = reader.context.allowance;
    is_read?;
    Ok(Converted { output: reader.message, flaws: reader.context.flaws })
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    context: Context,
    message: Message<'a>,
}

/// The sum of all octets, modulo 65536.
pub(super) fn checksum(octets: &[u8]) -> u16 {
    // Sums of a block fit into 32 bits, and the compiler makes many additions at once of them.
    let sum = octets.chunks(1 << 16).map(|block| block.iter().map(|octet| u32::from(*octet)).sum());
    let sum = sum.fold(0, |all: u32, block: u32| all.wrapping_add(block));
    (sum & 0xFFFF) as u16
}

impl<'a> Reader<'a> {
    fn note(&mut self, trouble: Trouble, at: usize, what: &'static str) {
        self.context.flaws.note(trouble, at, what);
    }

    fn stream(&mut self) -> Result<(), ConvertError> {
        match self.cursor.u16() {
            Some(key) => self.message.key = key,
            None => self.note(Trouble::Truncated, self.cursor.at(), "LegacyKey"),
        }
        while self.cursor.left() > 0 {
            let at = self.cursor.at();
            let (Some(level), Some(id), Some(size)) = (self.cursor.u8(), self.cursor.u32(), self.cursor.size()) else {
                self.note(Trouble::Truncated, at, "Attribute");
                break;
            };
            if !matches!(level, LEVEL_MESSAGE | LEVEL_ATTACHMENT) {
                // Nobody knows where the next one begins.
                self.note(Trouble::Malformed, at, "attrLevel");
                break;
            }
            self.context.allowance.step(1)?;
            let octets = self.octets(size);
            let inner = Cursor::new(octets, at + 9);
            match level {
                LEVEL_MESSAGE => self.of_message(id, inner)?,
                _ => self.of_attachment(id, inner)?,
            }
        }
        Ok(())
    }

    /// The octets of an attribute, and whether their sum is right.
    fn octets(&mut self, size: usize) -> &'a [u8] {
        let Some(octets) = self.cursor.take(size) else {
            self.note(Trouble::Truncated, self.cursor.at() + self.cursor.left(), "Attribute");
            return self.cursor.rest();
        };
        match self.cursor.u16() {
            Some(sum) if sum == checksum(octets) => {}
            Some(_) => self.note(Trouble::Checksum, self.cursor.at() - 2, "Checksum"),
            None => {
                self.cursor.rest();
                self.note(Trouble::Truncated, self.cursor.at(), "Checksum");
            }
        }
        octets
    }

    fn of_message(&mut self, id: u32, mut inner: Cursor<'a>) -> Result<(), ConvertError> {
        let at = inner.at();
        match id {
            att::TNEF_VERSION => {
                if inner.u32() != Some(VERSION) {
                    self.note(Trouble::Malformed, at, "attTnefVersion");
                }
            }
            att::OEM_CODEPAGE => match inner.u32() {
                Some(page) => self.message.code_page = page,
                None => self.note(Trouble::Truncated, at, "attOemCodepage"),
            },
            att::MSG_PROPS => {
                let properties = self.list(inner, "attMsgProps")?;
                append(&mut self.message.properties, properties, &mut self.context.allowance)?;
            }
            att::RECIP_TABLE => self.recipients(inner)?,
            _ => {
                let attribute = self.attribute(id, inner)?;
                self.message.attributes.push(attribute);
            }
        }
        Ok(())
    }

    fn of_attachment(&mut self, id: u32, mut inner: Cursor<'a>) -> Result<(), ConvertError> {
        let at = inner.at();
        if id == att::ATTACH_REND_DATA {
            let rendering = rendering(&mut inner);
            if rendering.is_none() {
                self.note(Trouble::Truncated, at, "attAttachRendData");
            }
            return self.attachment(rendering.unwrap_or_default());
        }
        if self.message.attachments.is_empty() {
            self.note(Trouble::Malformed, at, "attAttachRendData");
            self.attachment(Rendering::default())?;
        }
        if id == att::ATTACHMENT {
            let properties = self.list(inner, "attAttachment")?;
            if let Some(last) = self.message.attachments.last_mut() {
                append(&mut last.properties, properties, &mut self.context.allowance)?;
            }
        } else {
            let attribute = self.attribute(id, inner)?;
            if let Some(last) = self.message.attachments.last_mut() {
                if last.attributes.is_empty() {
                    // Most have a few of them, and a vector would begin with four.
                    last.attributes.reserve_exact(1);
                }
                last.attributes.push(attribute);
            }
        }
        Ok(())
    }

    fn attachment(&mut self, rendering: Rendering) -> Result<(), ConvertError> {
        if self.message.attachments.capacity() == 0 {
            // Itself, and those that follow: room for as many as there are, and for none that is not.
            let count = 1 + attachments(self.cursor);
            self.context.allowance.step(count)?;
            self.context.allowance.make_items(count.saturating_mul(size_of::<Attachment>()))?;
            self.message.attachments.reserve_exact(count);
        }
        self.message.attachments.push(Attachment { rendering, ..Attachment::default() });
        Ok(())
    }

    fn attribute(&mut self, id: u32, mut inner: Cursor<'a>) -> Result<Attribute<'a>, ConvertError> {
        self.context.allowance.make_items(GROWTH * size_of::<Attribute>())?;
        Ok(Attribute { id, octets: inner.rest().into() })
    }

    fn list(&mut self, mut inner: Cursor<'a>, what: &'static str) -> Result<Vec<super::Property<'a>>, ConvertError> {
        let properties = properties::list(&mut inner, what, &mut self.context)?;
        self.trailing(inner, what);
        Ok(properties)
    }

    fn recipients(&mut self, mut inner: Cursor<'a>) -> Result<(), ConvertError> {
        let at = inner.at();
        let Some(count) = inner.size() else {
            self.note(Trouble::Truncated, at, "attRecipTable");
            return Ok(());
        };
        let mut rows = self.context.room(count, inner.left() / 4)?;
        for _ in 0..count {
            if inner.left() == 0 {
                self.note(Trouble::Truncated, inner.at(), "attRecipTable");
                break;
            }
            rows.push(properties::list(&mut inner, "attRecipTable", &mut self.context)?);
        }
        append(&mut self.message.recipients, rows, &mut self.context.allowance)?;
        self.trailing(inner, "attRecipTable");
        Ok(())
    }

    /// Some writers pad with zeroes.
    fn trailing(&mut self, mut inner: Cursor<'a>, what: &'static str) {
        let at = inner.at();
        if inner.rest().iter().any(|octet| *octet != 0) {
            self.note(Trouble::Trailing, at, what);
        }
    }
}

/// How many attachments begin in the attributes that follow.
fn attachments(mut cursor: Cursor<'_>) -> usize {
    let mut count = 0;
    while let (Some(level), Some(id), Some(size)) = (cursor.u8(), cursor.u32(), cursor.size()) {
        count += usize::from(level == LEVEL_ATTACHMENT && id == att::ATTACH_REND_DATA);
        cursor.skip(size.saturating_add(size_of::<u16>()));
    }
    count
}

/// A list that comes twice is one list.
fn append<T>(to: &mut Vec<T>, mut more: Vec<T>, allowance: &mut Allowance) -> Result<(), ConvertError> {
    if to.is_empty() {
        *to = more;
        return Ok(());
    }
    let count = to.len() + more.len();
    if count > to.capacity() {
        // All that was there before moves, however little comes.
        let room = count.max(to.capacity().saturating_mul(2));
        allowance.make_items(room.saturating_mul(size_of::<T>()))?;
        to.reserve_exact(room - to.len());
    }
    to.append(&mut more);
    Ok(())
}

fn rendering(inner: &mut Cursor<'_>) -> Option<Rendering> {
    Some(Rendering {
        kind: inner.u16()?,
        position: inner.u32()?,
        width: inner.u16()?,
        height: inner.u16()?,
        flags: inner.u32()?,
    })
}
