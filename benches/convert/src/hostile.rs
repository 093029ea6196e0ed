//! Inputs whose results, or whose models, are much larger than they are.
//!
//! Rule: each does one thing again and again, the one that costs most for the octets that it takes.

use postrider_convert::tnef::{
    tags::{att, tag, IID_MESSAGE},
    Attachment, Message, Property, Value,
};

use crate::{Input, Kind};

/// Octets of each.
pub const SIZE: usize = 256 << 10;

/// All of them.
pub fn all() -> Vec<Input> {
    let mut all = Vec::new();
    for (name, head, one) in DOCUMENTS {
        all.push(Input::new(name, Kind::Rtf, filled(format!("{{\\rtf1\\ansi{head} ").as_bytes(), one.as_bytes())));
        // What holds a page is written by others, too.
        let head = format!("{{\\rtf1\\ansi\\fromhtml1{head} ");
        all.push(Input::new(name, Kind::Holder, filled(head.as_bytes(), one.as_bytes())));
    }
    for (name, head, one) in PAGES {
        all.push(Input::new(name, Kind::Html, filled(head.as_bytes(), one.as_bytes())));
    }
    for (name, one) in TEXTS {
        all.push(Input::new(name, Kind::Text, filled(b"", one.as_bytes())));
    }
    all.push(packed());
    all.extend(streams());
    all.push(messages());
    all
}

fn filled(head: &[u8], one: &[u8]) -> Vec<u8> {
    [head, &one.repeat((SIZE - head.len()) / one.len())].concat()
}

/// What a stream begins with.
const SIGNATURE: u32 = 0x223E_9F78;

const DOCUMENTS: [(&str, &str, &str); 14] = [
    ("cells", "", "\\cell\n"),
    ("rows", "\\intbl", "\\cell\\row\n"),
    ("paragraphs", "", "\\par\n"),
    ("items", "", "{\\pntext 1}\\par\n"),
    ("nested tables", "", "\\itap15\\cell\\itap0\\par\n"),
    ("euro signs", "\\uc0", "\\u8364 "),
    ("octets", "", "\\'e4"),
    ("looks", "{\\fonttbl{\\f1 Some Font With A Long Name Indeed;}}", "\\f1 a\\f0 b"),
    ("bold", "", "\\b a\\b0 b"),
    ("links", "", "{\\field{\\*\\fldinst HYPERLINK ftp:}{\\fldrslt a}}"),
    ("open groups", "", "{"),
    ("small pictures", "", "{\\pict 00}"),
    ("ampersands", "", "\""),
    ("blanks", "", "  "),
];

const PAGES: [(&str, &str, &str); 20] = [
    ("bold", "", "<b>a</b>b"),
    ("paragraphs", "", "<p>a"),
    ("breaks", "", "<br>a"),
    ("cells", "<table><tr>", "<td>a"),
    ("rows", "<table>", "<tr><td>a<td>b"),
    ("tables", "", "<table><td>a<td>b</table>"),
    ("bordered", "", "<table border=1><td>a<td>b</table>"),
    ("nested tables", "", "<table><td>"),
    ("spans", "<table>", "<tr><td colspan=63 rowspan=9>a<td>b"),
    ("items", "", "<li>a"),
    ("lists", "", "<ol><li>a</ol>"),
    ("lists in lists", "", "<ol><li>"),
    ("cells without text", "<table><tr>", "<td>"),
    ("links", "", "<a href=ftp:>a</a>"),
    ("colours", "", "<font color=red>a</font>"),
    ("open elements", "", "<i>"),
    ("references", "", "&lt;"),
    ("smileys", "", "\u{1f600}"),
    ("braces", "", "{"),
    ("tags that are none", "", "<"),
];

const TEXTS: [(&str, &str); 8] = [
    ("ends of lines", "\n"),
    ("quotes", ">\n\n"),
    ("less-than signs", "<"),
    ("blanks", "  "),
    ("tabs", "\t"),
    ("addresses", "a@b.c "),
    ("smileys", "\u{1f600}"),
    ("signatures", "-- \n>\n"),
];

/// Nothing but references to as much as one can say: the octet before, seventeen times.
fn packed() -> Input {
    const BEGINNING: usize = 207;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut contents = Vec::with_capacity(SIZE);
    let mut made = BEGINNING;
    while contents.len() < SIZE - 32 {
        contents.push(0xFF);
        for _ in 0..8 {
            let reference = ((made - 1) % 4096) << 4 | 15;
            contents.extend_from_slice(&[(reference >> 8) as u8, (reference & 0xFF) as u8]);
            made += 17;
        }
    }
    let head = [number(contents.len() + 12), number(usize::MAX), *b"LZFu", [0; 4]].concat();
    Input::new("references", Kind::Packed, [head, contents].concat())
}

/// A stream of nothing but attached messages, each a short page: the smallest of which as many are taken.
fn messages() -> Input {
    let page = vec![Property::new(tag::HTML, Value::Binary(vec![b'a'; 130].into()))];
    let inner = Message { properties: page, ..Message::default() }.to_octets();
    let data = vec![Property::new(tag::ATTACH_DATA, Value::object(IID_MESSAGE, &inner))];
    let attachment = Attachment { properties: data, ..Attachment::default() };
    let of = |attachments| Message { attachments, ..Message::default() }.to_octets();
    let (head, one) = (of(Vec::new()), of(vec![attachment]));
    Input::new("short messages", Kind::Tnef, filled(&head, &one[head.len()..]))
}

/// Streams of nothing but the smallest of what they can have.
fn streams() -> Vec<Input> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let head = [SIGNATURE.to_le_bytes().as_slice(), &[1, 0]].concat();
    let attribute = |level: u8, id: u32, octets: &[u8]| {
        let sum = octets.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
        [&[level], &id.to_le_bytes()[..], &number(octets.len()), octets, &sum.to_le_bytes()].concat()
    };
    let list = |one: &[u8]| [number(SIZE / one.len()).to_vec(), one.repeat(SIZE / one.len())].concat();
    let many = |id: u32, one: &[u8]| [head.clone(), attribute(1, id, &list(one))].concat();
    let properties = |name: &str, one: &[u8]| Input::new(name, Kind::Tnef, many(att::MSG_PROPS, one));
    let values =
        |kind: u16, one: &[u8]| [&number(1)[..], &(kind | 0x1000).to_le_bytes(), &[0, 0x10], &list(one)].concat();
    vec![
        properties("properties without values", &[1, 0, 0, 0x10]),
        properties("small properties", &[2, 0, 0, 0x10, 1, 0, 0, 0]),
        properties("empty properties", &[2, 1, 0, 0x10, 0, 0, 0, 0]),
        properties("named properties", &[&[1, 0, 0, 0x80][..], &[0; 24]].concat()),
        Input::new(
            "small values",
            Kind::Tnef,
            [head.clone(), attribute(1, att::MSG_PROPS, &values(2, &[0; 4]))].concat(),
        ),
        Input::new(
            "empty values",
            Kind::Tnef,
            [head.clone(), attribute(1, att::MSG_PROPS, &values(0x102, &[0; 4]))].concat(),
        ),
        Input::new("recipients", Kind::Tnef, many(att::RECIP_TABLE, &[0; 4])),
        Input::new("attachments", Kind::Tnef, filled(&head, &attribute(2, att::ATTACH_REND_DATA, &[]))),
        Input::new(
            "files",
            Kind::Tnef,
            filled(&head, &[attribute(2, att::ATTACH_REND_DATA, &[]), attribute(2, att::ATTACH_DATA, b"a")].concat()),
        ),
        Input::new(
            "short files",
            Kind::Tnef,
            filled(
                &head,
                &[attribute(2, att::ATTACH_REND_DATA, &[]), attribute(2, att::ATTACH_DATA, &[b'a'; 25])].concat(),
            ),
        ),
        Input::new("attributes", Kind::Tnef, filled(&head, &attribute(1, 0x0008_9999, &[]))),
    ]
}
