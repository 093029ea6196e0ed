//! Each conversion of the crate, and the crate html2text beside it.
//!
//! Rule: a conversion gives the number of octets that it has made, so that nobody can leave it out. One that reaches a limit says so.

use html2text::config;
use postrider_convert::{
    html::{self, InlinePart, Page, TextOptions},
    rtf::{
        self,
        compressed::{compress, decompress, Compression},
        Original,
    },
    text::{self, Flowed, HtmlOptions},
    tnef, ConvertError, Limits,
};
use thiserror::Error;

use crate::Kind;

/// Columns of a line, where somebody has to say how many.
const COLUMN: usize = 78;

/// Why there is no number.
#[derive(Debug, Error)]
pub enum Failed {
    /// The conversion has said so.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A page or a text is to be in UTF-8.
    #[error("the input is not UTF-8: {0}")]
    Utf8(#[from] std::str::Utf8Error),
    /// The peer has said so.
    #[error("html2text: {0}")]
    Peer(#[from] html2text::Error),
}

/// Converts once, and says how many octets it has made.
pub type Run<'i> = Box<dyn FnMut() -> Result<usize, Failed> + 'i>;

/// A conversion.
pub struct Conversion {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Kind,
    /// It is another program's, and no mark is for it.
    pub is_peer: bool,
    /// Makes what it needs besides itself.
    pub prepare: fn(&[u8]) -> Result<Run<'_>, Failed>,
}

impl Conversion {
    /// The one of this name.
    pub fn of(name: &str) -> Option<&'static Conversion> {
        CONVERSIONS.iter().find(|one| one.name == name)
    }
}

const fn ours(name: &'static str, takes: Kind, prepare: fn(&[u8]) -> Result<Run<'_>, Failed>) -> Conversion {
    Conversion { name, takes, is_peer: false, prepare }
}

/// All of them.
pub const CONVERSIONS: &[Conversion] = &[
    ours("rtf-text", Kind::Rtf, |rtf| run(move || Ok(rtf::to_text(rtf, limits())?.output.len()))),
    ours("rtf-html", Kind::Rtf, |rtf| run(move || Ok(weight(&rtf::to_html(rtf, limits())?.output)))),
    ours("rtf-original", Kind::Holder, |rtf| {
        run(move || {
            Ok(match rtf::original(rtf, limits())?.output {
                Some(Original::Html(of) | Original::Text(of)) => of.len(),
                None => 0,
            })
        })
    }),
    ours("rtf-lzfu", Kind::Rtf, |rtf| run(move || Ok(compress(rtf, Compression::Lzfu).len()))),
    ours("lzfu-rtf", Kind::Packed, |packed| run(move || Ok(decompress(packed, limits())?.output.len()))),
    ours("html-text", Kind::Html, |html| {
        let html = std::str::from_utf8(html)?;
        run(move || Ok(html::to_text(html, TextOptions::default(), limits())?.output.len()))
    }),
    Conversion {
        name: "html2text",
        takes: Kind::Html,
        is_peer: true,
        prepare: |html| run(move || Ok(config::plain().string_from_read(html, COLUMN)?.len())),
    },
    ours("html-rtf", Kind::Html, |html| {
        let page = Page { html: std::str::from_utf8(html)?.to_owned(), parts: Vec::new() };
        run(move || Ok(rtf::from_html(&page, limits())?.output.len()))
    }),
    ours("html-holder", Kind::Html, |html| {
        let html = std::str::from_utf8(html)?;
        run(move || Ok(rtf::encapsulate_html(html, limits())?.len()))
    }),
    ours("html-decode", Kind::Html, |html| run(move || Ok(html::decode(html, None).output.html.len()))),
    ours("text-html", Kind::Text, |text| {
        let text = std::str::from_utf8(text)?;
        run(move || Ok(text::to_html(text, HtmlOptions::default(), limits())?.output.len()))
    }),
    ours("text-rtf", Kind::Text, |text| {
        let text = std::str::from_utf8(text)?;
        run(move || Ok(rtf::from_text(text, limits())?.len()))
    }),
    ours("text-flow", Kind::Text, |text| {
        let text = std::str::from_utf8(text)?;
        run(move || Ok(text::flow(text, COLUMN, Flowed::default()).len()))
    }),
    ours("text-unflow", Kind::Text, |text| {
        let text = std::str::from_utf8(text)?;
        run(move || Ok(text::unflow(text, Flowed::default()).len()))
    }),
    ours("text-wrap", Kind::Text, |text| {
        let text = std::str::from_utf8(text)?;
        run(move || Ok(text::wrap(text, COLUMN).len()))
    }),
    ours("tnef-model", Kind::Tnef, |octets| run(move || Ok(tnef::read(octets, limits())?.output.attachments.len()))),
    ours("tnef-parts", Kind::Tnef, |octets| run(move || Ok(octets_of(&tnef::to_mime(octets, limits())?.output)))),
    ours("tnef-mail", Kind::Tnef, |octets| {
        run(move || Ok(tnef::mime::write(&tnef::to_mime(octets, limits())?.output, limits())?.len()))
    }),
    ours("parts-tnef", Kind::Tnef, |octets| {
        let tree = tnef::to_mime(octets, limits())?.output;
        run(move || Ok(tnef::from_mime(&tree, limits())?.output.to_octets().len()))
    }),
];

fn run<'i>(convert: impl FnMut() -> Result<usize, Failed> + 'i) -> Result<Run<'i>, Failed> {
    Ok(Box::new(convert))
}

/// The defaults, but for inputs that are larger than what is usual.
fn limits() -> Limits {
    Limits::default().with_output(1 << 30)
}

/// Octets of a page with its pictures, and with what keeps these apart.
fn weight(page: &Page) -> usize {
    page.html.len() + page.parts.iter().map(|part| part.octets.len() + size_of::<InlinePart>()).sum::<usize>()
}

/// Octets that the parts of a tree hold.
fn octets_of(part: &tnef::mime::Part<'_>) -> usize {
    use tnef::mime::Content;
    match &part.content {
        Content::Octets(octets) => octets.len(),
        Content::Parts(parts) => parts.iter().map(octets_of).sum(),
        Content::Message(message) => octets_of(message),
    }
}
