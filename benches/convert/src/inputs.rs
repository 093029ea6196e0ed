//! What the conversions are given: mail as it is, in several sizes.
//!
//! Rule: the same everywhere and each time. It is made of the fixtures of the crate and of what stands here, so nothing large is kept.

use std::fmt::Write;

use postrider_convert::{
    rtf::{
        self,
        compressed::{compress, Compression},
    },
    tnef::{
        from_mime,
        mime::{Content, Disposition, Part},
    },
    ConvertError, Limits,
};

use crate::Kind;

const NEWSLETTER: &str = include_str!("../../../convert/tests/fixtures/html/newsletter.html");
const REPLY: &str = include_str!("../../../convert/tests/fixtures/html/outlook_reply.html");
const PICTURE: &[u8] = include_bytes!("../../../convert/tests/fixtures/picture.png");
const ORDER: &str = include_str!("../../../convert/tests/fixtures/html/order.html");

/// A mail body, a long one, and one that is larger than all that people write.
pub const SIZES: [usize; 3] = [4 << 10, 64 << 10, 4 << 20];
/// What is attached.
pub const FILES: [usize; 3] = [1 << 20, 10 << 20, 50 << 20];

/// What a conversion is given.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name: what it shows, and its size.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its octets.
    pub octets: Vec<u8>,
}

impl Input {
    /// One of this name.
    pub fn new(name: impl Into<String>, kind: Kind, octets: impl Into<Vec<u8>>) -> Self {
        Input { name: name.into(), kind, octets: octets.into() }
    }
}

/// Inputs of these sizes, and streams with files of these sizes.
///
/// # Errors
/// [`ConvertError`]: one of them is larger than the crate makes it.
pub fn all(sizes: &[usize], files: &[usize]) -> Result<Vec<Input>, ConvertError> {
    let mut all = Vec::new();
    for size in sizes.iter().copied() {
        let named = |what: &str| format!("{what}-{}", short(size));
        let (letter, page, text) = (letter(size), page(NEWSLETTER, size), text(size));
        all.push(Input::new(named("letter"), Kind::Packed, compress(&letter, Compression::Lzfu)));
        all.push(Input::new(named("letter"), Kind::Rtf, letter));
        all.push(Input::new(named("tables"), Kind::Rtf, tables(size)));
        all.push(Input::new(named("pictures"), Kind::Rtf, pictures(size)));
        all.push(Input::new(named("newsletter"), Kind::Holder, rtf::encapsulate_html(&page, limits())?));
        all.push(Input::new(named("newsletter"), Kind::Html, page));
        all.push(Input::new(named("thread"), Kind::Html, self::page(REPLY, size)));
        all.push(Input::new(named("orders"), Kind::Html, self::page(ORDER, size)));
        all.push(Input::new(named("text"), Kind::Text, text));
    }
    for size in files.iter().copied() {
        all.push(Input::new(format!("files-{}", short(size)), Kind::Tnef, winmail(size)?));
    }
    Ok(all)
}

fn limits() -> Limits {
    Limits::default().with_output(1 << 30)
}

/// As people say a size.
fn short(size: usize) -> String {
    match size >> 20 {
        0 => format!("{}k", size >> 10),
        mebi => format!("{mebi}m"),
    }
}

/// The same again until it has so many octets, between these.
fn repeated(head: &str, one: &str, foot: &str, size: usize) -> String {
    let times = size.saturating_sub(head.len() + foot.len()).div_ceil(one.len()).max(1);
    [head, &one.repeat(times), foot].concat()
}

const RTF: &str = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}{\\f1\\froman Times;}}{\\colortbl;\\red0\\green0\\blue255;}\\fs22 ";

/// A letter as Outlook writes it.
fn letter(size: usize) -> Vec<u8> {
    let paragraph = "\\pard\\plain\\f0\\fs22 Dear Ann,\\par it was a pleasure to meet you in {\\b Gr\\'fcnwald} last week; {\\i as promised} here are the figures for the third quarter\\u8230?\\par {\\field{\\*\\fldinst HYPERLINK \"https://example.org/figures\"}{\\fldrslt\\ul\\cf1 the figures}}\\par The rest of this paragraph is plain text without anything in it, as most of a letter is, and it goes on for a while so that there is something to read.\\par\r\n";
    repeated(RTF, paragraph, "}", size).into_bytes()
}

/// Rows of four cells.
fn tables(size: usize) -> Vec<u8> {
    let row = "\\trowd\\trgaph108\\cellx2000\\cellx4000\\cellx6000\\cellx9000\\pard\\intbl {\\b Item 4711}\\cell\\qr 12\\cell 1.234,50 \\u8364?\\cell \\ql delivered on the third of November\\cell\\row\r\n";
    repeated(RTF, row, "\\pard }", size).into_bytes()
}

/// Pictures in digits, 16 KiB of them each: a small one with more behind its end than it needs.
fn pictures(size: usize) -> Vec<u8> {
    let mut picture = String::from("\\pard See the picture:\\par {\\pict\\pngblip\\picwgoal3000\\pichgoal2000\r\n");
    for (at, octet) in PICTURE.iter().copied().chain(noise()).take(8 << 10).enumerate() {
        let _ = write!(picture, "{octet:02x}{}", if at % 64 == 63 { "\r\n" } else { "" });
        // a string can be written
    }
    picture.push_str("}\\par\r\n");
    repeated(RTF, &picture, "}", size).into_bytes()
}

/// What is between `<body ...>` and `</body>`, again and again.
fn page(of: &str, size: usize) -> String {
    let head = of.find("<body").and_then(|at| of[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let foot = of.rfind("</body>").unwrap_or(of.len());
    repeated(&of[..head], &of[head..foot], &of[foot..], size)
}

/// A thread of mails in plain text.
fn text(size: usize) -> String {
    let mail = "On Tuesday, J\u{f6}rg wrote:\n> Could you look at https://example.org/tickets/4711?\n> > It was at 10:15, I think, and it went on for longer than a line has room for when it is quoted.\n\nYes, on Thursday. A < B & C.\n\n-- \nAnn Example <ann@example.org>\n\n";
    repeated("", mail, "", size)
}

/// Octets that nobody can pack: a linear congruence.
fn noise() -> impl Iterator<Item = u8> {
    std::iter::successors(Some(1_u32), |last| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)))
        .map(|number| number.to_be_bytes()[0])
}

/// A `winmail.dat` with a text and a file of so many octets.
fn winmail(size: usize) -> Result<Vec<u8>, ConvertError> {
    let body = Part::text("text/plain", "The figures are attached.\r\n".repeat(20));
    let file = Part {
        media_type: "application/octet-stream".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some("figures.bin".into()),
        content: Content::Octets(noise().take(size).collect::<Vec<_>>().into()),
        ..Part::default()
    };
    let tree = Part::multipart("multipart/mixed", vec![body, file]);
    let message = from_mime(&tree, limits())?;
    Ok(message.output.to_octets())
}
