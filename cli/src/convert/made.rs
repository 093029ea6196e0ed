//! One format made of another, by the conversions of the library.
//!
//! Rule: RTF that was made of HTML or text is that again, unless somebody wants what it shows.

use postrider::convert::{
    html::{self, InlinePart, TextOptions},
    rtf::{self, compressed, Original},
    text::{self, HtmlOptions},
    tnef, Charset, ConvertError, Converted, Flaws, Limits,
};

use super::{
    arguments::{From, To},
    input::{self, Decoded},
    whole,
};

/// What a conversion has come to.
#[derive(Default)]
pub struct Made {
    pub octets: Vec<u8>,
    /// What the page shows by `cid:`.
    pub pictures: Vec<InlinePart>,
    pub flaws: Flaws,
    /// What is no flaw, and yet worth a line.
    pub notes: Vec<String>,
}

/// How it is made.
pub struct Making {
    pub to: To,
    pub limits: Limits,
    pub charset: Option<Charset>,
    /// `None`: as is usual. `Some(None)`: not at all.
    pub wrap: Option<Option<usize>>,
    pub is_drawn: bool,
}

/// What can be made of a format.
pub fn of(from: From, wraps: bool) -> &'static [To] {
    match from {
        From::Rtf => &[To::Html, To::Text, To::CompressedRtf],
        From::CompressedRtf => &[To::Html, To::Text, To::Rtf],
        From::Html => &[To::Text, To::Rtf, To::CompressedRtf],
        From::Text if wraps => &[To::Html, To::Rtf, To::CompressedRtf, To::Text],
        From::Text => &[To::Html, To::Rtf, To::CompressedRtf],
        From::Tnef | From::Mime => &[To::Mime, To::Text],
    }
}

impl Making {
    /// It is made. Whether it can be was asked before.
    pub fn make(&self, from: From, octets: &[u8]) -> Result<Made, ConvertError> {
        match from {
            // A mark of UTF-8 is an editor's, and no text.
            From::Rtf => self.of_rtf(octets.strip_prefix(input::MARK).unwrap_or(octets), Made::default()),
            From::CompressedRtf => {
                let mut made = Made::default();
                let rtf = made.take(compressed::decompress(octets, self.limits)?);
                match self.to {
                    To::Rtf => Ok(made.with(rtf)),
                    _ => self.of_rtf(&rtf, made),
                }
            }
            From::Html => {
                let (made, html) = Made::of(input::page(octets, self.charset));
                self.of_html(&html, made)
            }
            From::Text => {
                let (made, text) = Made::of(input::text(octets, self.charset));
                self.of_text(&text, made)
            }
            From::Tnef => {
                let mut made = Made::default();
                let tree = made.take(tnef::to_mime(octets, self.limits)?);
                let octets = tnef::mime::write(&tree, self.limits)?;
                match self.to {
                    To::Mime => Ok(made.with(octets)),
                    _ => self.of_mail(&octets, made),
                }
            }
            From::Mime => {
                let mut made = Made::default();
                let mail = whole::read(octets, self.limits, &mut made)?;
                match self.to {
                    To::Mime => whole::unpacked(mail, self.limits, made),
                    _ => self.of_mail(mail, made),
                }
            }
        }
    }

    fn of_mail(&self, mail: &[u8], mut made: Made) -> Result<Made, ConvertError> {
        let text = whole::text(mail, self.text_options(), self.limits, &mut made)?;
        self.of_text(&text, made)
    }

    fn text_options(&self) -> TextOptions {
        let options = TextOptions::default();
        self.wrap.map_or(options, |wrap| options.with_wrap(wrap))
    }

    fn of_rtf(&self, rtf: &[u8], mut made: Made) -> Result<Made, ConvertError> {
        let original = rtf::original(rtf, self.limits)?;
        if self.to == To::CompressedRtf {
            return Ok(made.with(compressed::compress(rtf, compressed::Compression::Lzfu)));
        }
        match original.output.filter(|_| !self.is_drawn) {
            Some(Original::Html(html)) => {
                made.flaws.extend(original.flaws);
                match self.to {
                    To::Html => Ok(made.with_page(html)),
                    _ => self.of_html(&html, made),
                }
            }
            Some(Original::Text(text)) => {
                made.flaws.extend(original.flaws);
                self.of_text(&text.replace("\r\n", "\n"), made)
            }
            None if self.to == To::Html => {
                let page = made.take(rtf::to_html(rtf, self.limits)?);
                made.pictures = page.parts;
                Ok(made.with(page.html.into_bytes()))
            }
            None => {
                let text = made.take(rtf::to_text(rtf, self.limits)?);
                self.of_text(&text, made)
            }
        }
    }

    fn of_html(&self, html: &str, mut made: Made) -> Result<Made, ConvertError> {
        match self.to {
            To::Rtf | To::CompressedRtf if self.is_drawn => {
                if shows_pictures(html) {
                    made.notes
                        .push("pictures of the page are left out: the RTF has the words that stand for them".into());
                }
                let page = html::Page { html: html.to_owned(), parts: Vec::new() };
                let drawn = made.take(rtf::from_html(&page, self.limits)?);
                self.packed(drawn, made)
            }
            To::Rtf | To::CompressedRtf => self.packed(rtf::encapsulate_html(html, self.limits)?, made),
            _ => {
                let text = made.take(html::to_text(html, self.text_options(), self.limits)?);
                Ok(made.with(text.into_bytes()))
            }
        }
    }

    fn of_text(&self, text: &str, mut made: Made) -> Result<Made, ConvertError> {
        match self.to {
            To::Rtf | To::CompressedRtf => self.packed(rtf::from_text(text, self.limits)?, made),
            To::Html => {
                let html = made.take(text::to_html(text, HtmlOptions::default(), self.limits)?);
                Ok(made.with(html.into_bytes()))
            }
            _ => {
                let mut text = match self.wrap {
                    Some(Some(column)) => text::wrap(text, column),
                    _ => text.to_owned(),
                };
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                Ok(made.with(text.into_bytes()))
            }
        }
    }

    fn packed(&self, rtf: Vec<u8>, made: Made) -> Result<Made, ConvertError> {
        Ok(made.with(match self.to {
            To::CompressedRtf => compressed::compress(&rtf, compressed::Compression::Lzfu),
            _ => rtf,
        }))
    }
}

/// The page has an element that shows a picture.
fn shows_pictures(html: &str) -> bool {
    memchr::memchr_iter(b'<', html.as_bytes()).any(|at| {
        let tag = html.as_bytes().get(at + 1..at + 5);
        tag.is_some_and(|tag| tag[..3].eq_ignore_ascii_case(b"img") && (tag[3].is_ascii_whitespace() || tag[3] == b'/'))
    })
}

impl Made {
    fn of(decoded: Decoded) -> (Self, String) {
        let Decoded { text, flaws, note } = decoded;
        (Made { flaws, notes: note.into_iter().collect(), ..Made::default() }, text)
    }

    /// The output of a step; its flaws are kept.
    pub fn take<T>(&mut self, converted: Converted<T>) -> T {
        self.flaws.extend(converted.flaws);
        converted.output
    }

    pub fn with(mut self, octets: Vec<u8>) -> Self {
        self.octets = octets;
        self
    }

    /// A page that somebody else wrote. What it says of its character set may be of before, and it is UTF-8 now: a mark at its
    /// beginning counts more for every reader.
    fn with_page(mut self, html: String) -> Self {
        let says_other = || html::decode(html.as_bytes(), None).output.charset.name() != "UTF-8";
        if !html.is_ascii() && says_other() {
            self.notes.push("the page says another character set than UTF-8, so it begins with a mark of UTF-8".into());
            return self.with(["\u{FEFF}", &html].concat().into_bytes());
        }
        self.with(html.into_bytes())
    }
}
