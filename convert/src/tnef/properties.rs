//! Lists of properties, as attMsgProps, attAttachment and the rows of attRecipTable have them (\[MS-OXTNEF\] 2.1.3.4).
//!
//! Rule: a list gives all properties before the first one whose length cannot be known. A value that is cut short is given as
//! far as it goes, for half an attachment is better than none.

use std::mem::size_of;

use super::{
    cursor::Cursor,
    model::{Name, NameKey, Property, Value},
    tags::{FIRST_NAMED, MANY},
    time::FileTime,
};
use crate::{Allowance, ConvertError, Flaws, Trouble};

/// Octets of a property at least, but for those without a value, which nobody writes. A count that is too high, as damage makes it,
/// takes no more room than this allows.
const USUAL: usize = 8;

/// What reading needs besides the octets.
pub(super) struct Context {
    pub flaws: Flaws,
    pub allowance: Allowance,
}

impl Context {
    fn truncated(&mut self, at: usize, what: &'static str) {
        self.flaws.note(Trouble::Truncated, at, what);
    }

    /// Room for what is announced, but for no more than what can stand in the octets.
    pub fn room<T>(&mut self, announced: usize, most: usize) -> Result<Vec<T>, ConvertError> {
        let count = announced.min(most);
        self.allowance.step(count)?;
        self.allowance.make_items(count.saturating_mul(size_of::<T>()))?;
        Ok(Vec::with_capacity(count))
    }
}

/// A list: how many there are, and these.
pub(super) fn list<'a>(
    cursor: &mut Cursor<'a>,
    what: &'static str,
    context: &mut Context,
) -> Result<Vec<Property<'a>>, ConvertError> {
    let Some(count) = cursor.size() else {
        context.truncated(cursor.at(), what);
        // Or whoever reads one list after the other would read this one again and again.
        cursor.rest();
        return Ok(Vec::new());
    };
    let mut properties = context.room(count, cursor.left() / USUAL)?;
    for _ in 0..count {
        if cursor.left() == 0 {
            context.truncated(cursor.at(), what);
            break;
        }
        let Some(property) = property(cursor, what, context)? else {
            // Where the next one begins is not known.
            cursor.rest();
            break;
        };
        if properties.len() == properties.capacity() {
            let room = properties.len().saturating_mul(2).max(4);
            context.allowance.make_items(room.saturating_mul(size_of::<Property>()))?;
            properties.reserve_exact(room - properties.len());
        }
        properties.push(property);
    }
    Ok(properties)
}

fn property<'a>(
    cursor: &mut Cursor<'a>,
    what: &'static str,
    context: &mut Context,
) -> Result<Option<Property<'a>>, ConvertError> {
    let at = cursor.at();
    let (Some(kind), Some(id)) = (cursor.u16(), cursor.u16()) else {
        context.truncated(at, what);
        return Ok(None);
    };
    let name = if id < FIRST_NAMED {
        None
    } else {
        let Some(name) = name(cursor, context)? else {
            context.flaws.note(Trouble::Malformed, at, "NamedPropSpec");
            return Ok(None);
        };
        Some(Box::new(name))
    };
    let value = value(kind, cursor, context)?;
    if value.is_none() {
        context.truncated(cursor.at(), what);
    }
    Ok(value.map(|value| Property { id, name, value }))
}

fn name<'a>(cursor: &mut Cursor<'a>, context: &mut Context) -> Result<Option<Name<'a>>, ConvertError> {
    context.allowance.make_items(size_of::<Name>())?;
    let (Some(set), Some(kind), Some(number)) = (cursor.guid(), cursor.u32(), cursor.u32()) else { return Ok(None) };
    let key = match kind {
        0 => NameKey::Id(number),
        1 => {
            let size = number as usize;
            let Some(text) = cursor.take(size) else { return Ok(None) };
            cursor.skip(padding(size));
            NameKey::Text(text.into())
        }
        _ => return Ok(None),
    };
    Ok(Some(Name { set, key }))
}

/// Octets behind so many that make them a multiple of four.
pub(super) fn padding(size: usize) -> usize {
    size.wrapping_neg() % 4
}

fn is_sized(kind: u16) -> bool {
    matches!(kind, 0x0D | 0x1E | 0x1F | 0xFB | 0x102)
}

/// A value of this type; `None`: the octets end within it, or the type is not known.
fn value<'a>(kind: u16, cursor: &mut Cursor<'a>, context: &mut Context) -> Result<Option<Value<'a>>, ConvertError> {
    if kind & MANY != 0 {
        return many(kind & !MANY, cursor, context);
    }
    if !is_sized(kind) {
        return Ok(fixed(kind, cursor, context));
    }
    let at = cursor.at();
    let Some(count) = cursor.u32() else { return Ok(None) };
    if count != 1 {
        context.flaws.note(Trouble::Malformed, at, "MVCount");
    }
    if count == 0 {
        return Ok(Some(of_octets(kind, &[])));
    }
    let Some(first) = sized(kind, cursor, context) else { return Ok(None) };
    // One is all that such a type takes.
    for _ in 1..count {
        context.allowance.step(1)?;
        if sized(kind, cursor, context).is_none() {
            break;
        }
    }
    Ok(Some(first))
}

fn many<'a>(kind: u16, cursor: &mut Cursor<'a>, context: &mut Context) -> Result<Option<Value<'a>>, ConvertError> {
    let Some(count) = cursor.size() else { return Ok(None) };
    // All values have four octets at least; and what has none is no type of which there are many.
    let mut values = context.room(count, cursor.left() / 4)?;
    for _ in 0..count {
        if cursor.left() == 0 {
            context.truncated(cursor.at(), "MVCount");
            break;
        }
        let value = match kind {
            0x01 => None,
            _ if is_sized(kind) => sized(kind, cursor, context),
            _ => fixed(kind, cursor, context),
        };
        match value {
            Some(value) => values.push(value),
            None => {
                context.flaws.note(Trouble::Malformed, cursor.at(), "MVCount");
                cursor.rest();
                break;
            }
        }
    }
    Ok(Some(Value::Many(kind, values)))
}

/// A value that says how long it is.
fn sized<'a>(kind: u16, cursor: &mut Cursor<'a>, context: &mut Context) -> Option<Value<'a>> {
    let size = cursor.size()?;
    let octets = match cursor.take(size) {
        Some(octets) => octets,
        None => {
            let rest = cursor.rest();
            context.truncated(cursor.at(), "Length");
            rest
        }
    };
    cursor.skip(padding(size));
    Some(of_octets(kind, octets))
}

fn of_octets(kind: u16, octets: &[u8]) -> Value<'_> {
    let octets = octets.into();
    match kind {
        0x0D => Value::Object(octets),
        0x1E => Value::String8(octets),
        0x1F => Value::Unicode(octets),
        0xFB => Value::ServerId(octets),
        _ => Value::Binary(octets),
    }
}

/// A value whose type says how long it is. Those of two octets take four.
fn fixed<'a>(kind: u16, cursor: &mut Cursor<'a>, context: &mut Context) -> Option<Value<'a>> {
    let signed = |number: u64| i64::from_le_bytes(number.to_le_bytes());
    Some(match kind {
        0x01 => Value::Null,
        0x02 => {
            let [low, high, _, _] = cursor.array()?;
            Value::I16(i16::from_le_bytes([low, high]))
        }
        0x03 => Value::I32(cursor.array().map(i32::from_le_bytes)?),
        0x04 => Value::F32(cursor.array().map(f32::from_le_bytes)?),
        0x05 => Value::F64(cursor.array().map(f64::from_le_bytes)?),
        0x06 => Value::Currency(signed(cursor.u64()?)),
        0x07 => Value::FloatingTime(cursor.array().map(f64::from_le_bytes)?),
        0x0A => Value::Error(cursor.u32()?),
        0x0B => {
            let [low, high, _, _] = cursor.array()?;
            Value::Bool((low, high) != (0, 0))
        }
        0x14 => Value::I64(signed(cursor.u64()?)),
        0x40 => Value::Time(FileTime(cursor.u64()?)),
        0x48 => Value::Guid(cursor.guid()?),
        _ => {
            context.flaws.note(Trouble::Malformed, cursor.at(), "MsgPropertyType");
            return None;
        }
    })
}
