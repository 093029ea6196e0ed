//! Damage: what can be read is given, with what was wrong.

use proptest::prelude::*;

use super::{model::stream, strategies};
use crate::{
    tnef::{
        model::{Attachment, NameKey},
        read,
        tags::{self, att, tag, IID_MESSAGE},
        to_mime, Message, Property, Value,
    },
    ConvertError, Limits, Trouble,
};

#[test]
fn what_has_no_signature_is_no_tnef() {
    for octets in [&b""[..], b"\x78\x9f\x3e", b"\x22\x3e\x9f\x78\0\0", b"From: a"] {
        assert!(matches!(read(octets, Limits::default()), Err(ConvertError::NotThis { format: "TNEF", .. })));
    }
}

#[test]
fn a_wrong_checksum_is_a_flaw_and_not_the_end() {
    let mut octets = stream(&[(1, att::SUBJECT, b"Hi\0"), (1, att::BODY, b"text")]);
    octets[6 + 9 + 3] ^= 1;
    let message = read(&octets, Limits::default()).unwrap();
    let flaws = message.flaws.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(flaws, ["octet 18: Checksum: checksum"]);
    assert_eq!(message.output.attributes.len(), 2);
}

/// A stream, what is wrong with it, how many attributes, properties and attachments it has.
type Case = (Vec<u8>, Trouble, &'static str, [usize; 3]);

fn cases() -> Vec<Case> {
    let one = b"\x03\0\x17\0\x02\0\0\0";
    let list = |octets: &[u8]| stream(&[(1, att::MSG_PROPS, octets)]);
    let mut cut = stream(&[(1, att::SUBJECT, b"Hi\0"), (1, att::BODY, b"a long text")]);
    cut.truncate(cut.len() - 8);
    let mut no_sum = stream(&[(1, att::SUBJECT, b"Hi\0")]);
    no_sum.pop();
    let level = [stream(&[(1, att::SUBJECT, b"Hi\0")]), b"\x03\x04\x80\x01\0\0\0\0\0\0\0".to_vec()].concat();
    vec![
        (b"\x78\x9f\x3e\x22\x07".to_vec(), Trouble::Truncated, "LegacyKey", [0, 0, 0]),
        (cut, Trouble::Truncated, "Attribute", [2, 0, 0]),
        (no_sum, Trouble::Truncated, "Checksum", [1, 0, 0]),
        (level, Trouble::Malformed, "attrLevel", [1, 0, 0]),
        (stream(&[(1, att::TNEF_VERSION, b"\0\0\x02\0")]), Trouble::Malformed, "attTnefVersion", [0, 0, 0]),
        (stream(&[(1, att::OEM_CODEPAGE, b"\xe4")]), Trouble::Truncated, "attOemCodepage", [0, 0, 0]),
        (stream(&[(2, att::ATTACH_DATA, b"x")]), Trouble::Malformed, "attAttachRendData", [0, 0, 1]),
        (stream(&[(2, att::ATTACH_REND_DATA, b"\x01")]), Trouble::Truncated, "attAttachRendData", [0, 0, 1]),
        (stream(&[(1, att::RECIP_TABLE, b"\x01")]), Trouble::Truncated, "attRecipTable", [0, 0, 0]),
        (stream(&[(1, att::RECIP_TABLE, b"\xff\xff\xff\xff")]), Trouble::Truncated, "attRecipTable", [0, 0, 0]),
        (list(b"\x01"), Trouble::Truncated, "attMsgProps", [0, 0, 0]),
        (list(&[b"\x02\0\0\0", &one[..]].concat()), Trouble::Truncated, "attMsgProps", [0, 1, 0]),
        (list(&[b"\x01\0\0\0", &one[..], b"x"].concat()), Trouble::Trailing, "attMsgProps", [0, 1, 0]),
        (
            list(&[b"\x02\0\0\0", &one[..], b"\x99\0\x01\0\0\0\0\0"].concat()),
            Trouble::Malformed,
            "MsgPropertyType",
            [0, 1, 0],
        ),
        (
            list(&[b"\x02\0\0\0", &one[..], b"\x03\0\0\x80\x01"].concat()),
            Trouble::Malformed,
            "NamedPropSpec",
            [0, 1, 0],
        ),
        (list(b"\x01\0\0\0\x1e\0\x37\0\0\0\0\0"), Trouble::Malformed, "MVCount", [0, 1, 0]),
        (
            list(b"\x01\0\0\0\x1e\0\x37\0\x02\0\0\0\x01\0\0\0a\0\0\0\x01\0\0\0b\0\0\0"),
            Trouble::Malformed,
            "MVCount",
            [0, 1, 0],
        ),
        (list(b"\x01\0\0\0\x03\x10\x37\0\x03\0\0\0\x01\0\0\0"), Trouble::Truncated, "MVCount", [0, 1, 0]),
        (list(b"\x01\0\0\0\x01\x10\x37\0\x03\0\0\0\x01\0\0\0"), Trouble::Malformed, "MVCount", [0, 1, 0]),
    ]
}

#[test]
fn each_damage_is_told_and_costs_no_more_than_what_it_has_hit() {
    for (octets, trouble, what, [attributes, properties, attachments]) in cases() {
        let message = read(&octets, Limits::default()).unwrap();
        let is_told = message.flaws.iter().any(|flaw| flaw.trouble == trouble && flaw.what == what);
        assert!(is_told, "{what}: {:?}", message.flaws);
        let message = message.output;
        let counts = [message.attributes.len(), message.properties.len(), message.attachments.len()];
        assert_eq!(counts, [attributes, properties, attachments], "{what}");
    }
}

#[test]
fn a_value_that_is_cut_short_is_given_as_far_as_it_goes() {
    let octets = stream(&[(1, att::MSG_PROPS, b"\x02\0\0\0\x02\x01\x01\x37\x01\0\0\0\x64\0\0\0abc")]);
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.has(Trouble::Truncated));
    assert_eq!(message.output.properties, [Property::new(0x3701, Value::Binary(b"abc".as_slice().into()))]);
}

#[test]
fn an_attribute_that_is_cut_short_is_given_as_far_as_it_goes() {
    let mut octets = stream(&[(1, att::BODY, b"a long text")]);
    octets.truncate(octets.len() - 7);
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.has(Trouble::Truncated));
    assert_eq!(message.output.attributes[0].octets.as_ref(), b"a long");
}

#[test]
fn a_count_is_not_believed() {
    let list = b"\xff\xff\xff\xff\x03\x10\x37\0\xff\xff\xff\xff\x01\0\0\0";
    let octets = stream(&[(1, att::MSG_PROPS, list)]);
    let message = read(&octets, Limits::default().with_output(1000)).unwrap();
    assert_eq!(message.output.properties, [Property::new(0x37, Value::Many(3, vec![Value::I32(1)]))]);
}

#[test]
fn a_recipient_that_is_cut_short_is_the_last() {
    let row = b"\x01\0\0\0\x03\0\x15\x0c\x01\0\0\0";
    let octets = stream(&[(1, att::RECIP_TABLE, &[b"\x10\x27\0\0", &row[..], b"\x01\0\0"].concat())]);
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.has(Trouble::Truncated));
    assert_eq!(message.output.recipients, [vec![Property::new(0x0C15, Value::I32(1))], vec![]]);
}

#[test]
fn a_model_is_no_larger_than_its_limit() {
    let mut list = 10_000_u32.to_le_bytes().to_vec();
    (0..10_000).for_each(|_| list.extend_from_slice(b"\x0b\0\x01\x10\x01\0\0\0"));
    let octets = stream(&[(1, att::MSG_PROPS, &list)]);
    let of = |limits| read(&octets, limits).map(|message| message.output.properties.len());
    assert_eq!(of(Limits::default()), Ok(10_000));
    assert_eq!(of(Limits::default().with_output(100_000)), Err(ConvertError::TooLarge { most: 100_000 }));
    assert_eq!(of(Limits::default().with_work(5_000)), Err(ConvertError::TooMuchWork { most: 5_000 }));
}

#[test]
fn a_property_takes_no_more_than_six_times_its_octets() {
    assert!(size_of::<Property<'_>>() <= 48 && size_of::<Value<'_>>() <= 32);
}

/// A list of so many of these.
fn list(count: u32, one: &[u8]) -> Vec<u8> {
    [&count.to_le_bytes()[..], &one.repeat(count as usize)].concat()
}

#[test]
fn what_has_nothing_but_the_smallest_items_is_no_larger_in_memory_than_eight_times_its_octets() {
    let lists = |count: usize, one: &[u8]| stream(&vec![(1, att::MSG_PROPS, one); count]);
    let one_list = list(10, b"\x02\0\x01\x10\x01\0\0\0");
    let file: [(u8, u32, &[u8]); 2] = [(2, att::ATTACH_REND_DATA, b""), (2, att::ATTACH_DATA, b"a")];
    let table = [
        ("properties without values", stream(&[(1, att::MSG_PROPS, &list(50_000, b"\x01\0\x01\x10"))])),
        ("lists one behind the other", lists(1000, &one_list)),
        ("attributes", stream(&vec![(1, 0x0008_9999, b"".as_slice()); 10_000])),
        ("files", stream(&file.repeat(5000))),
    ];
    for (name, octets) in table {
        let most = 8 * octets.len() + (64 << 10);
        let made = to_mime(&octets, Limits::default()).map(|made| made.flaws);
        assert_eq!(made, Err(ConvertError::TooManyItems { most }), "{name}");
    }
    // There is room for what is usual, and for all that is small.
    let few = [
        stream(&[(1, att::MSG_PROPS, &list(1000, b"\x01\0\x01\x10"))]),
        stream(&[(1, att::MSG_PROPS, &list(100_000, b"\x02\0\x01\x10\x01\0\0\0"))]),
        stream(&file.repeat(150)),
    ];
    assert!(few.iter().all(|octets| to_mime(octets, Limits::default()).is_ok()));
}

/// An attachment that is this stream.
fn attached(inner: &[u8]) -> Vec<u8> {
    let data = Value::object(IID_MESSAGE, inner);
    let properties = vec![Property::new(tag::ATTACH_DATA, data)];
    let attachment = Attachment { properties, ..Attachment::default() };
    // Behind what all streams begin with.
    let whole = |attachments| Message { attachments, ..Message::default() }.to_octets();
    whole(vec![attachment])[whole(Vec::new()).len()..].to_vec()
}

#[test]
fn what_is_made_of_small_items_counts_as_they_do() {
    let i16_list = |count| list(count, b"\x02\0\x01\x10\x01\0\0\0");
    let words = Property::new(tag::INTERNET_REFERENCES, Value::String8(b"a ".repeat(50_000).into()));
    let page = Message { properties: vec![Property::new(tag::HTML, Value::Binary(b"a".into()))], ..Message::default() };
    let table = [
        // All of the first list would move for the sake of one more.
        ("two lists", stream(&[(1, att::MSG_PROPS, &i16_list(50_000)), (1, att::MSG_PROPS, &i16_list(1))])),
        (
            "two tables",
            stream(&[(1, att::RECIP_TABLE, &list(50_000, &[0; 4])), (1, att::RECIP_TABLE, &list(1, &[0; 4]))]),
        ),
        (
            "names",
            stream(&[(1, att::RECIP_TABLE, &list(20_000, &list(1, b"\x1e\0\x01\x30\x01\0\0\0\x01\0\0\0a\0\0\0")))]),
        ),
        ("words", Message { properties: vec![words], ..Message::default() }.to_octets()),
        ("messages", [stream(&[]), attached(&page.to_octets()[..]).repeat(2000)].concat()),
    ];
    for (name, octets) in table {
        let most = 8 * octets.len() + (64 << 10);
        let made = to_mime(&octets, Limits::default()).map(|made| made.flaws);
        assert_eq!(made, Err(ConvertError::TooManyItems { most }), "{name}");
    }
}

#[test]
fn a_message_that_was_read_before_has_no_more_room_for_what_it_holds() {
    let inner = stream(&[(1, att::MSG_PROPS, &list(50_000, b"\x01\0\x01\x10"))]);
    let outer = [stream(&[]), attached(&inner), attached(&stream(&[]))].concat();
    let message = read(&outer, Limits::default()).unwrap().output;
    let made = message.to_mime(Limits::default()).map(|made| made.flaws);
    assert_eq!(made, Err(ConvertError::TooManyItems { most: 8 * inner.len() + (64 << 10) }));
}

#[test]
fn a_count_that_is_too_high_costs_nothing_that_is_there() {
    let html = [b"\x02\x01\x13\x10\x01\0\0\0".as_slice(), &100_000_u32.to_le_bytes(), &[b'a'; 100_000]].concat();
    for count in [1_u32, 2, u32::MAX] {
        let octets = stream(&[(1, att::MSG_PROPS, &[&count.to_le_bytes()[..], &html].concat())]);
        let made = to_mime(&octets, Limits::default()).unwrap();
        assert_eq!((made.output.parts().len(), made.flaws.is_empty()), (2, count == 1), "{count}");
    }
}

#[test]
fn what_programs_write_is_read_however_much_of_it_there_is() {
    let text = |id, text: &str| Property::new(id, Value::text(text));
    let row = vec![
        text(tag::DISPLAY_NAME, "Ann"),
        text(tag::ADDRESS_TYPE, "SMTP"),
        text(tag::EMAIL_ADDRESS, "a@b.de"),
        Property::new(tag::RECIPIENT_TYPE, Value::I32(1)),
        Property::new(tag::RECIPIENT_FLAGS, Value::I32(1)),
        Property::new(tag::RECIPIENT_TRACK_STATUS, Value::I32(0)),
    ];
    let named = |id| Property::named(tags::APPOINTMENT, NameKey::Id(id), Value::Bool(true));
    let many = Property::new(0x1001, Value::Many(0x1F, vec![Value::text(""); 5000]));
    let properties =
        [vec![text(tag::SUBJECT, "s"), text(tag::BODY, "b"), many], (0..3000).map(named).collect()].concat();
    let flat = Message { properties, recipients: vec![row; 3000], ..Message::default() };
    assert!(to_mime(&flat.to_octets(), Limits::default()).is_ok());
    // Short messages, next to each other and within each other.
    let short = [text(tag::MESSAGE_CLASS, "IPM.Note"), text(tag::SUBJECT, "Hello Bob"), text(tag::BODY, "Hello Bob")];
    let short = [short.to_vec(), flat.recipients[0].clone()].concat();
    let short =
        Message { properties: short, recipients: vec![flat.recipients[0].clone()], ..Message::default() }.to_octets();
    let mut nested = short.clone();
    for _ in 0..30 {
        nested = [short.clone(), attached(&nested), attached(&short).repeat(30)].concat();
    }
    assert!(to_mime(&nested, Limits::default()).is_ok());
}

proptest! {
    #[test]
    fn any_octets_come_to_an_end(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let octets = [b"\x78\x9f\x3e\x22".as_slice(), &octets].concat();
        prop_assert!(read(&octets, Limits::default()).is_ok());
    }

    #[test]
    fn a_good_stream_with_any_damage_comes_to_an_end(
        message in strategies::message(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        is_cut in any::<bool>(),
    ) {
        let mut octets = message.to_octets();
        let at = 4 + at.index(octets.len() - 4);
        if is_cut { octets.truncate(at) } else { octets[at] ^= 1 << bit }
        let damaged = read(&octets, Limits::default()).unwrap();
        // What is left of it is a good stream again.
        let octets = damaged.output.to_octets();
        prop_assert!(read(&octets, Limits::default()).unwrap().flaws.is_empty());
    }
}
