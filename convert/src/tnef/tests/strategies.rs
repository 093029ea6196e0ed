//! Any messages, for the tests of both ways.

use std::borrow::Cow;

use proptest::{collection::vec, prelude::*};

use crate::tnef::{
    tags::{self, att, tag},
    Attachment, Attribute, FileTime, Guid, Message, NameKey, Property, Rendering, Value,
};

fn octets() -> impl Strategy<Value = Cow<'static, [u8]>> {
    vec(any::<u8>(), 0..40).prop_map(Cow::Owned)
}

fn one_value() -> impl Strategy<Value = Value<'static>> {
    let number = -1e9..1e9_f64;
    prop_oneof![
        any::<i16>().prop_map(Value::I16),
        any::<i32>().prop_map(Value::I32),
        (-1e9..1e9_f32).prop_map(Value::F32),
        number.clone().prop_map(Value::F64),
        any::<i64>().prop_map(Value::Currency),
        number.prop_map(Value::FloatingTime),
        any::<u32>().prop_map(Value::Error),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(|time| Value::Time(FileTime(time))),
        any::<[u8; 16]>().prop_map(|guid| Value::Guid(Guid(guid))),
        octets().prop_map(Value::String8),
        octets().prop_map(Value::Unicode),
        octets().prop_map(Value::Binary),
        octets().prop_map(Value::ServerId),
        octets().prop_map(Value::Object),
    ]
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let many = (one_value(), 0..5_usize).prop_map(|(value, count)| Value::Many(value.kind(), vec![value; count]));
    prop_oneof![1 => Just(Value::Null), 8 => one_value(), 2 => many]
}

fn property() -> impl Strategy<Value = Property<'static>> {
    let plain = (1..0x8000_u16, value()).prop_map(|(id, value)| Property::new(id, value));
    let by_id = (any::<[u8; 16]>(), any::<u32>(), value())
        .prop_map(|(set, id, value)| Property::named(Guid(set), NameKey::Id(id), value));
    let by_text =
        (octets(), value()).prop_map(|(text, value)| Property::named(tags::COMMON, NameKey::Text(text), value));
    prop_oneof![4 => plain, 1 => by_id, 1 => by_text]
}

fn attribute() -> impl Strategy<Value = Attribute<'static>> {
    let id = prop::sample::select(vec![
        att::SUBJECT,
        att::BODY,
        att::FROM,
        att::DATE_SENT,
        att::PRIORITY,
        att::MESSAGE_CLASS,
        att::OWNER,
        att::ATTACH_DATA,
        att::ATTACH_TITLE,
        0x1234_5678,
    ]);
    (id, octets()).prop_map(|(id, octets)| Attribute { id, octets })
}

fn attachment() -> impl Strategy<Value = Attachment<'static>> {
    (any::<(u16, u32, u16, u16, u32)>(), vec(attribute(), 0..3), vec(property(), 0..5)).prop_map(
        |((kind, position, width, height, flags), attributes, properties)| Attachment {
            rendering: Rendering { kind, position, width, height, flags },
            attributes,
            properties,
        },
    )
}

/// Any message.
pub fn message() -> impl Strategy<Value = Message<'static>> {
    (
        any::<(u16, u32)>(),
        vec(attribute(), 0..4),
        vec(property(), 0..8),
        vec(vec(property(), 0..4), 0..4),
        vec(attachment(), 0..4),
    )
        .prop_map(|((key, code_page), attributes, properties, recipients, attachments)| Message {
            key,
            code_page,
            attributes,
            properties,
            recipients,
            attachments,
        })
}

/// Properties that mean something, with values that mean nothing.
pub fn meant() -> impl Strategy<Value = Vec<Property<'static>>> {
    let class = prop::sample::select(vec![
        "IPM.Note",
        "IPM.Contact",
        "IPM.Appointment",
        "IPM.Schedule.Meeting.Request",
        "IPM.Schedule.Meeting.Resp.Pos",
    ]);
    let class = class.prop_map(|class| Property::new(tag::MESSAGE_CLASS, Value::text(class)));
    let id = prop::sample::select(vec![
        tag::SUBJECT,
        tag::BODY,
        tag::HTML,
        tag::RTF_COMPRESSED,
        tag::NATIVE_BODY,
        tag::SENDER_SMTP_ADDRESS,
        tag::INTERNET_REFERENCES,
        tag::CLIENT_SUBMIT_TIME,
        tag::DISPLAY_NAME,
    ]);
    let plain = (id, value()).prop_map(|(id, value)| Property::new(id, value));
    let named = (prop::sample::select(vec![0x820D, 0x820E, 0x8216, 0x8233, 0x8208, 0x8215, 0x8228]), value())
        .prop_map(|(id, value)| Property::named(tags::APPOINTMENT, NameKey::Id(id), value));
    let start = any::<u64>()
        .prop_map(|time| Property::named(tags::APPOINTMENT, NameKey::Id(0x820D), Value::Time(FileTime(time))));
    (class, start, vec(plain, 0..6), vec(named, 0..6))
        .prop_map(|(class, start, plain, named)| [vec![class, start], plain, named].concat())
}
