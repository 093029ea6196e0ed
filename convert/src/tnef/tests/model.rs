//! What each type is in octets, and that what is written is read back.

use proptest::prelude::*;

use super::strategies;
use crate::{
    tnef::{
        read,
        tags::{self, att},
        Attribute, FileTime, Guid, Message, NameKey, Property, Value,
    },
    Limits, Trouble,
};

/// A stream of these attributes: level, number, contents.
pub fn stream(attributes: &[(u8, u32, &[u8])]) -> Vec<u8> {
    let mut octets = b"\x78\x9f\x3e\x22\x07\0".to_vec();
    for (level, id, contents) in attributes {
        octets.push(*level);
        octets.extend(id.to_le_bytes());
        octets.extend((contents.len() as u32).to_le_bytes());
        octets.extend_from_slice(contents);
        let sum = contents.iter().map(|octet| u32::from(*octet)).sum::<u32>();
        octets.extend((sum as u16).to_le_bytes());
    }
    octets
}

/// A list of one property in attMsgProps.
fn of_one(octets: &[u8]) -> Vec<u8> {
    stream(&[(1, att::MSG_PROPS, &[b"\x01\0\0\0", octets].concat())])
}

#[test]
fn each_type_of_a_value_is_read_and_written_as_the_specification_has_it() {
    let guid = Guid::new(0x0002_0307, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
    let table: [(&[u8], Property<'_>); 19] = [
        (b"\x01\0\x01\x10", Property::new(0x1001, Value::Null)),
        (b"\x02\0\x01\x10\xfe\xff\0\0", Property::new(0x1001, Value::I16(-2))),
        (b"\x03\0\x17\0\x02\0\0\0", Property::new(0x17, Value::I32(2))),
        (b"\x04\0\x01\x10\0\0\xc0\x3f", Property::new(0x1001, Value::F32(1.5))),
        (b"\x05\0\x01\x10\0\0\0\0\0\0\xf8\x3f", Property::new(0x1001, Value::F64(1.5))),
        (b"\x06\0\x01\x10\x10\x27\0\0\0\0\0\0", Property::new(0x1001, Value::Currency(10_000))),
        (b"\x07\0\x01\x10\0\0\0\0\0\0\xf8\x3f", Property::new(0x1001, Value::FloatingTime(1.5))),
        (b"\x0a\0\x01\x10\x0e\0\x07\x80", Property::new(0x1001, Value::Error(0x8007_000E))),
        (b"\x0b\0\x1f\x0e\x01\0\0\0", Property::new(0x0E1F, Value::Bool(true))),
        (b"\x14\0\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff", Property::new(0x1001, Value::I64(-1))),
        (b"\x40\0\x39\0\0\x80\x3e\xd5\xde\xb1\x9d\x01", Property::new(0x39, Value::Time(FileTime::of_unix(0)))),
        (b"\x48\0\x01\x10\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", Property::new(0x1001, Value::Guid(guid))),
        (b"\x1e\0\x37\0\x01\0\0\0\x03\0\0\0ab\0\0", Property::new(0x37, Value::String8(b"ab\0".as_slice().into()))),
        (b"\x1f\0\x37\0\x01\0\0\0\x06\0\0\0\xe4\0b\0\0\0\0\0", Property::new(0x37, Value::text("äb"))),
        (
            b"\x02\x01\x01\x10\x01\0\0\0\x05\0\0\0abcde\0\0\0",
            Property::new(0x1001, Value::Binary(b"abcde".as_slice().into())),
        ),
        (
            b"\x0d\0\x01\x37\x01\0\0\0\x12\0\0\0\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46ab\0\0",
            Property::new(0x3701, Value::object(tags::IID_MESSAGE, b"ab")),
        ),
        (
            b"\x03\x10\x01\x10\x02\0\0\0\x01\0\0\0\x02\0\0\0",
            Property::new(0x1001, Value::Many(3, vec![Value::I32(1), Value::I32(2)])),
        ),
        (
            b"\x1e\x10\x01\x10\x02\0\0\0\x02\0\0\0a\0\0\0\x01\0\0\0\0\0\0\0",
            Property::new(
                0x1001,
                Value::Many(
                    0x1E,
                    vec![Value::String8(b"a\0".as_slice().into()), Value::String8(b"\0".as_slice().into())],
                ),
            ),
        ),
        (
            b"\x03\0\0\x80\x08\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46\0\0\0\0\x16\x85\0\0\x09\0\0\0",
            Property::named(tags::COMMON, NameKey::Id(0x8516), Value::I32(9)),
        ),
    ];
    for (octets, property) in table {
        let octets = of_one(octets);
        let message = read(&octets, Limits::default()).unwrap();
        assert!(message.flaws.is_empty(), "{:?}", message.flaws);
        assert_eq!(message.output.properties, std::slice::from_ref(&property));
        let written = Message { key: 7, properties: vec![property], ..Message::default() }.to_octets();
        assert!(written.ends_with(&octets[6..]), "{written:x?}");
    }
}

#[test]
fn a_name_may_be_a_string() {
    let octets =
        of_one(b"\x0b\0\x01\x80\x08\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46\x01\0\0\0\x06\0\0\0a\0b\0\0\0\0\0\0\0\0\0");
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.is_empty(), "{:?}", message.flaws);
    let property = &message.output.properties[0];
    assert_eq!((property.tag(), &property.value), (0x8001_000B, &Value::Bool(false)));
    assert_eq!(property.name.as_ref().unwrap().key, NameKey::Text(b"a\0b\0\0\0".as_slice().into()));
}

#[test]
fn attributes_and_recipients_and_attachments_stand_where_they_belong() {
    let octets = stream(&[
        (1, att::TNEF_VERSION, b"\0\0\x01\0"),
        (1, att::OEM_CODEPAGE, b"\xe4\x04\0\0\0\0\0\0"),
        (1, att::SUBJECT, b"Hi\0"),
        (1, att::RECIP_TABLE, b"\x02\0\0\0\x01\0\0\0\x03\0\x15\x0c\x01\0\0\0\0\0\0\0"),
        (1, 0x1234_5678, b"?"),
        (2, att::ATTACH_REND_DATA, b"\x01\0\xff\xff\xff\xff\x20\0\x10\0\0\0\0\0"),
        (2, att::ATTACH_TITLE, b"a.txt\0"),
        (2, att::ATTACH_DATA, b"text"),
        (2, att::ATTACH_REND_DATA, b"\x02\0\x05\0\0\0\0\0\0\0\x01\0\0\0"),
        (2, att::ATTACHMENT, b"\x01\0\0\0\x03\0\x05\x37\x06\0\0\0"),
    ]);
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.is_empty(), "{:?}", message.flaws);
    let message = message.output;
    assert_eq!((message.key, message.code_page), (7, 1252));
    assert_eq!(message.attributes[0], Attribute { id: att::SUBJECT, octets: b"Hi\0".as_slice().into() });
    assert_eq!(message.attributes[1].id, 0x1234_5678);
    assert_eq!(message.recipients, [vec![Property::new(0x0C15, Value::I32(1))], vec![]]);
    let [first, second] = &message.attachments[..] else { panic!("{:?}", message.attachments) };
    assert_eq!((first.rendering.width, first.rendering.height, first.attributes.len()), (32, 16, 2));
    assert_eq!((second.rendering.kind, second.rendering.position, second.rendering.flags), (2, 5, 1));
    assert_eq!(second.properties, [Property::new(0x3705, Value::I32(6))]);
}

#[test]
fn an_attachment_is_borrowed_from_the_stream() {
    let data = vec![7; 10_000];
    let octets =
        stream(&[(2, att::ATTACH_REND_DATA, b"\x01\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0"), (2, att::ATTACH_DATA, &data)]);
    let message = read(&octets, Limits::default().with_output(1000)).unwrap().output;
    assert!(matches!(message.attachments[0].attributes[0].octets, std::borrow::Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(message in strategies::message()) {
        let octets = message.to_octets();
        let read = read(&octets, Limits::default()).unwrap();
        prop_assert!(read.flaws.is_empty(), "{:?}", read.flaws);
        prop_assert_eq!(read.output, message);
    }

    #[test]
    fn a_property_that_could_not_be_read_is_not_written_as_it_is(id in any::<u16>(), has_name in any::<bool>()) {
        let mut property = Property::named(tags::COMMON, NameKey::Id(1), Value::I32(1));
        (property.id, property.name) = (id, property.name.filter(|_| has_name));
        let mixed = Property::new(2, Value::Many(3, vec![Value::I32(1), Value::I64(2), Value::I32(3)]));
        let octets = Message { properties: vec![property, mixed], ..Message::default() }.to_octets();
        let message = read(&octets, Limits::default()).unwrap();
        prop_assert!(message.flaws.is_empty() && !message.flaws.has(Trouble::Malformed));
        prop_assert_eq!(message.output.properties.len(), 2);
        let same = Value::Many(3, vec![Value::I32(1), Value::I32(3)]);
        prop_assert_eq!(&message.output.properties[1].value, &same);
    }
}
