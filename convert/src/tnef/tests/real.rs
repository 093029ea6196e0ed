//! Streams of others: what the specification says of its example, and what Outlook has made.

use mail_parser::{MessageParser, MimeHeaders};

use super::model::stream;
use crate::{
    rtf::compressed::decompress,
    tnef::{
        read,
        tags::{att, tag},
        to_mime, Guid, Importance, Value,
    },
    Limits, Trouble,
};

/// \[MS-OXTNEF\] 3.1: attributes with the checksums that it tells.
const EXAMPLE: [(u32, &[u8], u16); 6] = [
    (att::TNEF_VERSION, b"\0\0\x01\0", 0x0001),
    (att::OEM_CODEPAGE, b"\xe4\x04\0\0\0\0\0\0", 0x00E8),
    (att::MESSAGE_CLASS, b"IPM.Microsoft Mail.Note\0", 0x0831),
    (att::PRIORITY, b"\x02\0", 0x0002),
    (att::SUBJECT, b"Simple subject\0", 0x057A),
    // Tuesday, 17 February 2004, 11:25:35.
    (att::DATE_SENT, b"\xd4\x07\x02\0\x11\0\x0b\0\x19\0\x23\0\x02\0", 0x0137),
];

#[test]
fn the_attributes_of_the_example_have_the_checksums_of_the_example() {
    for (_, octets, sum) in EXAMPLE {
        assert_eq!(crate::tnef::reader::checksum(octets), sum);
    }
    let octets = stream(&EXAMPLE.map(|(id, octets, _)| (1, id, octets)));
    let message = read(&octets, Limits::default()).unwrap();
    assert!(message.flaws.is_empty(), "{:?}", message.flaws);
    let envelope = message.output.envelope(Limits::default()).unwrap().output;
    assert_eq!((envelope.subject.as_deref(), envelope.class.as_deref()), (Some("Simple subject"), Some("IPM.Note")));
    assert_eq!(envelope.importance, Some(Importance::Normal));
    assert_eq!(envelope.sent.unwrap().civil().basic(), "20040217T112535Z");
}

#[test]
fn a_stream_of_outlook_that_is_cut_short_gives_what_it_has() {
    let mail = include_bytes!("../../../tests/fixtures/mimekit/rich-text-head.eml");
    let parsed = MessageParser::new().parse(mail.as_slice()).unwrap();
    assert_eq!(parsed.content_type().and_then(|kind| kind.subtype()), Some("ms-tnef"));
    let octets = parsed.parts[0].contents();
    assert_eq!(octets.len(), 15 * 57);
    let message = read(octets, Limits::default()).unwrap();
    assert!(message.flaws.has(Trouble::Truncated) && !message.flaws.has(Trouble::Malformed));
    assert!(!message.flaws.has(Trouble::Checksum));
    let message = message.output;
    assert_eq!((message.code_page, message.attributes.len(), message.properties.len()), (1252, 2, 19));
    let tags: Vec<u32> = message.properties.iter().map(super::super::Property::tag).collect();
    assert_eq!(tags[..6], [0x0002_000B, 0x0026_0003, 0x0029_000B, 0x002B_000B, 0x0031_0102, 0x0070_001E]);
    assert_eq!(message.properties[5].value, Value::String8(b"Rich Text\0".as_slice().into()));
    let last = message.properties.last().unwrap();
    assert_eq!((last.id, last.name.is_none()), (tag::RTF_COMPRESSED, true));
    let rtf = decompress(last.value.octets().unwrap(), Limits::default()).unwrap();
    assert!(rtf.flaws.has(Trouble::Truncated) && rtf.output.starts_with(b"{\\rtf1\\adeflang1025\\ansi\\ansicpg1252"));
    // It is kept, and so is all that can be said of it.
    let tree = to_mime(octets, Limits::default()).unwrap();
    assert!(tree.flaws.has(Trouble::Truncated));
    assert_eq!(tree.output.parts().last().unwrap().octets(), Some(rtf.output.as_slice()));
}

#[test]
fn a_guid_reads_as_it_is_told() {
    assert_eq!(crate::tnef::tags::APPOINTMENT.to_string(), "{00062002-0000-0000-C000-000000000046}");
    assert_eq!(Guid([1; 16]).to_string(), "{01010101-0101-0101-0101-010101010101}");
}
