//! What a TNEF stream holds: a message with its properties, recipients and attachments.
//!
//! Rule: the model keeps all that was read, known or not, in its order. It borrows from the stream that it was read from, so
//! an attachment is not copied; a model that is made for the writer may own.

use std::{borrow::Cow, fmt};

use super::{tags, time::FileTime};

/// A message, as a stream holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message<'a> {
    /// The number that attachments are counted from, where a text has places for them.
    pub key: u16,
    /// The code page of all strings that have octets for characters (attOemCodepage); 0: nobody has said.
    pub code_page: u32,
    /// The attributes of the message, but for those that stand below and the version.
    pub attributes: Vec<Attribute<'a>>,
    /// Its properties (attMsgProps).
    pub properties: Vec<Property<'a>>,
    /// Its recipients (attRecipTable): each is a list of properties.
    pub recipients: Vec<Vec<Property<'a>>>,
    /// Its attachments.
    pub attachments: Vec<Attachment<'a>>,
}

/// An attachment, as a stream holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment<'a> {
    /// How and where it is shown (attAttachRendData).
    pub rendering: Rendering,
    /// Its attributes, but for those that stand above and below.
    pub attributes: Vec<Attribute<'a>>,
    /// Its properties (attAttachment).
    pub properties: Vec<Property<'a>>,
}

/// How and where an attachment is shown (\[MS-OXTNEF\] 2.1.3.3.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// What it is: 1 a file, 2 an OLE object.
    pub kind: u16,
    /// The character of the text at which it stands; all ones: at none.
    pub position: u32,
    /// The width of its picture.
    pub width: u16,
    /// The height of its picture.
    pub height: u16,
    /// 1: its octets are in the form of the Macintosh.
    pub flags: u32,
}

impl Default for Rendering {
    /// A file that stands at no character.
    fn default() -> Self {
        Rendering { kind: 1, position: u32::MAX, width: 0, height: 0, flags: 0 }
    }
}

/// An attribute: what a stream is a row of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its number: the type in the upper half, the name in the lower one.
    pub id: u32,
    /// Its octets.
    pub octets: Cow<'a, [u8]>,
}

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property<'a> {
    /// Its number. From 0x8000 on it is good for this stream only, and the name says what it is.
    pub id: u16,
    /// Its name, if it has one.
    pub name: Option<Box<Name<'a>>>,
    /// Its value.
    pub value: Value<'a>,
}

impl<'a> Property<'a> {
    /// One without a name.
    pub fn new(id: u16, value: Value<'a>) -> Self {
        Property { id, name: None, value }
    }

    /// One with a name. All of them have the same number: a name is what counts.
    pub fn named(set: Guid, key: NameKey<'a>, value: Value<'a>) -> Self {
        Property { id: tags::FIRST_NAMED, name: Some(Box::new(Name { set, key })), value }
    }

    /// Its tag: the number and the type.
    pub fn tag(&self) -> u32 {
        u32::from(self.id) << 16 | u32::from(self.value.kind())
    }
}

/// The name of a property: within a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The set.
    pub set: Guid,
    /// The name within it.
    pub key: NameKey<'a>,
}

/// What a property is called within its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameKey<'a> {
    /// A number (`PidLid...`).
    Id(u32),
    /// A string (`PidName...`): its octets in UTF-16, the zero at its end included.
    Text(Cow<'a, [u8]>),
}

/// A value: all types that \[MS-OXCDATA\] 2.11.1 has for a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// None.
    Null,
    /// PtypInteger16.
    I16(i16),
    /// PtypInteger32.
    I32(i32),
    /// PtypFloating32.
    F32(f32),
    /// PtypFloating64.
    F64(f64),
    /// PtypCurrency: in ten-thousandths.
    Currency(i64),
    /// PtypFloatingTime: days since 30 December 1899.
    FloatingTime(f64),
    /// PtypErrorCode: why there is no value.
    Error(u32),
    /// PtypBoolean.
    Bool(bool),
    /// PtypInteger64.
    I64(i64),
    /// PtypTime.
    Time(FileTime),
    /// PtypGuid.
    Guid(Guid),
    /// PtypString8: in the code page of the stream, the zero at its end included.
    String8(Cow<'a, [u8]>),
    /// PtypString: in UTF-16, the zero at its end included.
    Unicode(Cow<'a, [u8]>),
    /// PtypBinary.
    Binary(Cow<'a, [u8]>),
    /// PtypServerId.
    ServerId(Cow<'a, [u8]>),
    /// PtypObject: its interface in sixteen octets, and its octets behind them.
    Object(Cow<'a, [u8]>),
    /// A type that takes many values.
    Many(u16, Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// A text in UTF-16.
    pub fn text(text: &str) -> Self {
        Value::Unicode(utf_16(text).into())
    }

    /// An object with its interface.
    pub fn object(interface: Guid, octets: &[u8]) -> Self {
        Value::Object([interface.0.as_slice(), octets].concat().into())
    }

    /// The number of its type.
    pub fn kind(&self) -> u16 {
        match self {
            Value::Null => 0x01,
            Value::I16(_) => 0x02,
            Value::I32(_) => 0x03,
            Value::F32(_) => 0x04,
            Value::F64(_) => 0x05,
            Value::Currency(_) => 0x06,
            Value::FloatingTime(_) => 0x07,
            Value::Error(_) => 0x0A,
            Value::Bool(_) => 0x0B,
            Value::Object(_) => 0x0D,
            Value::I64(_) => 0x14,
            Value::String8(_) => 0x1E,
            Value::Unicode(_) => 0x1F,
            Value::Time(_) => 0x40,
            Value::Guid(_) => 0x48,
            Value::ServerId(_) => 0xFB,
            Value::Binary(_) => 0x102,
            Value::Many(kind, _) => kind | tags::MANY,
        }
    }

    /// Its octets, if it is of a type that has any.
    pub fn octets(&self) -> Option<&Cow<'a, [u8]>> {
        match self {
            Value::String8(octets)
            | Value::Unicode(octets)
            | Value::Binary(octets)
            | Value::ServerId(octets)
            | Value::Object(octets) => Some(octets),
            _ => None,
        }
    }
}

/// A text in UTF-16, with a zero at its end.
pub(super) fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// A GUID, as it stands in a stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// That of `{first-second-third-rest}`.
    pub const fn new(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Self {
        let ([a, b, c, d], [e, f], [g, h], [i, j, k, l, m, n, o, p]) =
            (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes(), rest);
        Guid([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f_, g, h, i, j, k, l, m, n, o, p] = self.0;
        let first = u32::from_le_bytes([a, b, c, d]);
        let (second, third) = (u16::from_le_bytes([e, f_]), u16::from_le_bytes([g, h]));
        write!(f, "{{{first:08X}-{second:04X}-{third:04X}-{i:02X}{j:02X}-{k:02X}{l:02X}{m:02X}{n:02X}{o:02X}{p:02X}}}")
    }
}
