//! Properties as people and programs read them.

use std::fmt::Write;

use postrider::{
    convert::{
        tnef::{Name, NameKey, Property, Value},
        Charset,
    },
    Moment,
};
use serde_json::{json, Value as Json};

/// Octets that are shown; programs get all.
const SHOWN: usize = 32;

/// One property, for programs: `tag`, `set` and `name` of one that has them, `value`.
pub fn json(property: &Property<'_>, charset: Charset) -> Json {
    let mut of = json!({ "tag": format!("0x{:08x}", property.tag()), "value": value(&property.value, charset) });
    if let (Some(name), Some(of)) = (&property.name, of.as_object_mut()) {
        of.insert("set".into(), name.set.to_string().into());
        of.insert("name".into(), key(name));
    }
    of
}

/// The same for people.
pub fn line(property: &Property<'_>, charset: Charset) -> String {
    let name = property.name.as_ref().map_or_else(String::new, |name| {
        format!(" {} {}", name.set, key(name).as_str().map_or_else(|| key(name).to_string(), str::to_owned))
    });
    let value = match &property.value {
        Value::Binary(octets) | Value::ServerId(octets) | Value::Object(octets) => {
            let more = if octets.len() > SHOWN { "..." } else { "" };
            format!("{}{more} ({} octets)", hexadecimal(&octets[..octets.len().min(SHOWN)]), octets.len())
        }
        one => match value(one, charset) {
            Json::String(text) => text,
            other => other.to_string(),
        },
    };
    format!("0x{:08x}{name}  {value}", property.tag())
}

fn key(name: &Name<'_>) -> Json {
    match &name.key {
        NameKey::Id(id) => format!("0x{id:08x}").into(),
        NameKey::Text(octets) => utf_16(octets).into(),
    }
}

fn value(of: &Value<'_>, charset: Charset) -> Json {
    match of {
        Value::Null => Json::Null,
        Value::I16(number) => json!(number),
        Value::I32(number) => json!(number),
        Value::F32(number) => json!(number),
        Value::F64(number) | Value::FloatingTime(number) => json!(number),
        Value::Currency(number) | Value::I64(number) => json!(number),
        Value::Error(number) => json!({ "error": format!("0x{number:08x}") }),
        Value::Bool(is_true) => json!(is_true),
        Value::Time(time) => match u64::try_from(time.unix()) {
            Ok(seconds) => Moment(seconds.saturating_mul(1000)).rfc5322().into(),
            Err(_) => json!({ "seconds": time.unix() }),
        },
        Value::Guid(guid) => guid.to_string().into(),
        Value::String8(octets) => {
            let mut text = String::new();
            charset.decode(octets, &mut text);
            text.trim_end_matches('\0').into()
        }
        Value::Unicode(octets) => utf_16(octets).into(),
        Value::Binary(octets) | Value::ServerId(octets) | Value::Object(octets) => {
            json!({ "hexadecimal": hexadecimal(octets) })
        }
        Value::Many(_, values) => values.iter().map(|one| value(one, charset)).collect(),
    }
}

/// A text in UTF-16, up to the zero at its end.
fn utf_16(octets: &[u8]) -> String {
    let units = octets.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_end_matches('\0').to_owned()
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}"); // a String takes all that is written to it
        text
    })
}

#[cfg(test)]
mod tests {
    use postrider::convert::tnef::{tags, FileTime};

    use super::*;

    #[test]
    fn a_property_is_shown_as_what_it_is() {
        let windows = Charset::WINDOWS_1252;
        let time = FileTime::of_unix(1_795_156_274);
        let table = [
            (Property::new(0x0037, Value::text("Gr\u{fc}\u{df}e")), "0x0037001f  Grüße"),
            (Property::new(0x0037, Value::String8(b"Gr\xfc\xdfe\0"[..].into())), "0x0037001e  Grüße"),
            (Property::new(0x0039, Value::Time(time)), "0x00390040  Fri, 20 Nov 2026 06:31:14 +0000"),
            (
                Property::new(0x3701, Value::Binary(vec![0xAB; 40].into())),
                &format!("0x37010102  {}... (40 octets)", "ab".repeat(32)),
            ),
            (Property::new(0x0E1F, Value::Bool(true)), "0x0e1f000b  true"),
            (
                Property::named(tags::COMMON, NameKey::Id(0x8503), Value::I32(-1)),
                "0x80000003 {00062008-0000-0000-C000-000000000046} 0x00008503  -1",
            ),
            (Property::new(0x0001, Value::Many(2, vec![Value::I16(1), Value::I16(2)])), "0x00011002  [1,2]"),
        ];
        for (property, expected) in &table {
            assert_eq!(line(property, windows), *expected);
        }
        assert!(line(&Property::new(0x0039, Value::Time(FileTime(u64::MAX))), windows).contains("+0000"));
        assert!(line(&Property::new(0x0039, Value::Time(FileTime(0))), windows).contains("seconds"));
        let named = Property::named(tags::COMMON, NameKey::Text(b"K\0e\0y\0\0\0"[..].into()), Value::Null);
        let json = json(&named, windows);
        assert_eq!((&json["name"], &json["value"]), (&"Key".into(), &Json::Null));
    }
}
