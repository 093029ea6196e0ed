//! All conversions, and what they come to.
//!
//! Rule: an outcome says all of what a caller gets: the octets of the result, its parts and its flaws, or the error.

use std::{
    fmt,
    panic::{catch_unwind, AssertUnwindSafe},
};

use postrider_convert::{
    html,
    mail::{self, AlternativeOptions, Attachments, Missing, PlainOptions, TnefOptions},
    rtf::{
        self,
        compressed::{compress, decompress, Compression},
        Original,
    },
    text::{self, Flowed, HtmlOptions},
    tnef::{self, mime},
    ConvertError, Converted, Flaws, Limits,
};
use sha2::{Digest, Sha256};

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Rtf,
    CompressedRtf,
    Html,
    Text,
    Tnef,
    /// A whole mail.
    Mail,
}

type Made = Result<Sum, ConvertError>;

/// A conversion, and of what it is one.
pub struct Conversion {
    pub name: &'static str,
    pub of: Format,
    run: fn(&[u8]) -> Made,
}

/// A checksum of all that a conversion has made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sum([u8; 16]);

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// What a conversion has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Made(Sum),
    Refused(ConvertError),
    /// Nobody had it any more.
    Lost,
    Crashed,
}

/// How threads convert.
pub trait Way: Sync {
    fn convert(&self, conversion: &'static Conversion, octets: &[u8]) -> Outcome;
}

/// As the product has it: there is nothing but the call.
pub struct Functions;

impl Way for Functions {
    fn convert(&self, conversion: &'static Conversion, octets: &[u8]) -> Outcome {
        match catch_unwind(AssertUnwindSafe(|| (conversion.run)(octets))) {
            Ok(Ok(sum)) => Outcome::Made(sum),
            Ok(Err(error)) => Outcome::Refused(error),
            Err(_) => Outcome::Crashed,
        }
    }
}

const fn conversion(name: &'static str, of: Format, run: fn(&[u8]) -> Made) -> Conversion {
    Conversion { name, of, run }
}

pub static ALL: [Conversion; 22] = [
    conversion("rtf::to_text", Format::Rtf, |octets| {
        rtf::to_text(octets, limits()).map(|made| sum(&[made.output.as_bytes()], &made.flaws))
    }),
    conversion("rtf::to_html", Format::Rtf, |octets| rtf::to_html(octets, limits()).map(|made| page(&made))),
    conversion("rtf::original", Format::Rtf, original),
    conversion("compress LZFu", Format::Rtf, |octets| {
        Ok(sum(&[&compress(octets, Compression::Lzfu)], &Flaws::default()))
    }),
    conversion("compress MELA", Format::Rtf, |octets| {
        Ok(sum(&[&compress(octets, Compression::Uncompressed)], &Flaws::default()))
    }),
    conversion("decompress", Format::CompressedRtf, |octets| {
        decompress(octets, limits()).map(|made| sum(&[&made.output], &made.flaws))
    }),
    conversion("html::decode", Format::Html, |octets| {
        let made = html::decode(octets, None);
        Ok(sum(&[made.output.html.as_bytes(), made.output.charset.name().as_bytes()], &made.flaws))
    }),
    conversion("html::to_text", Format::Html, html_to_text),
    conversion("rtf::encapsulate_html", Format::Html, |octets| {
        rtf::encapsulate_html(&lossy(octets), limits()).map(|made| sum(&[&made], &Flaws::default()))
    }),
    conversion("text::to_html", Format::Text, |octets| text_to_html(octets, None)),
    conversion("text::to_html flowed", Format::Text, |octets| text_to_html(octets, Some(Flowed::default()))),
    conversion("text::flow", Format::Text, |octets| Ok(of_text(&text::flow(&lossy(octets), 72, Flowed::default())))),
    conversion("text::unflow", Format::Text, |octets| Ok(of_text(&text::unflow(&lossy(octets), Flowed::default())))),
    conversion("text::wrap", Format::Text, |octets| Ok(of_text(&text::wrap(&lossy(octets), 40)))),
    conversion("rtf::from_text", Format::Text, |octets| {
        rtf::from_text(&lossy(octets), limits()).map(|made| sum(&[&made], &Flaws::default()))
    }),
    conversion("tnef::read", Format::Tnef, |octets| {
        tnef::read(octets, limits()).map(|made| sum(&[&made.output.to_octets()], &made.flaws))
    }),
    conversion("tnef::to_mime", Format::Tnef, there_and_back),
    conversion("mail::signed", Format::Mail, |octets| {
        mail::signed(octets, limits()).map(|found| of_text(&format!("{found:?}")))
    }),
    conversion("mail::unpack_tnef", Format::Mail, |octets| {
        whole(mail::unpack_tnef(octets, TnefOptions::default(), limits()))
    }),
    conversion("mail::text_alternative", Format::Mail, |octets| {
        whole(mail::text_alternative(octets, AlternativeOptions::default().with_missing(Missing::Both), limits()))
    }),
    conversion("mail::plain_only", Format::Mail, |octets| {
        whole(mail::plain_only(octets, PlainOptions::default(), limits()))
    }),
    conversion("mail::plain_only with attachments", Format::Mail, |octets| {
        whole(mail::plain_only(octets, PlainOptions::default().with_attachments(Attachments::Keep), limits()))
    }),
];

/// Low enough that some inputs meet them: an error is an outcome, too.
fn limits() -> Limits {
    Limits::default().with_output(48 << 10).with_work(1 << 20).with_depth(24)
}

fn original(octets: &[u8]) -> Made {
    let made = rtf::original(octets, limits())?;
    let (kind, text) = match &made.output {
        Some(Original::Html(html)) => ("html", html.as_str()),
        Some(Original::Text(text)) => ("text", text.as_str()),
        None => ("none", ""),
    };
    Ok(sum(&[kind.as_bytes(), text.as_bytes()], &made.flaws))
}

fn page(made: &Converted<html::Page>) -> Sum {
    let parts = made.output.parts.iter();
    let parts = parts.flat_map(|part| [part.content_id.as_bytes(), part.media_type.as_bytes(), &part.octets]);
    let all: Vec<&[u8]> = [made.output.html.as_bytes()].into_iter().chain(parts).collect();
    sum(&all, &made.flaws)
}

fn html_to_text(octets: &[u8]) -> Made {
    let page = html::decode(octets, None).output.html;
    let made = html::to_text(&page, html::TextOptions::default(), limits())?;
    Ok(sum(&[made.output.as_bytes()], &made.flaws))
}

fn text_to_html(octets: &[u8], flowed: Option<Flowed>) -> Made {
    let made = text::to_html(&lossy(octets), HtmlOptions::default().with_flowed(flowed), limits())?;
    Ok(sum(&[made.output.as_bytes()], &made.flaws))
}

/// The mail that it is, and the stream that this mail makes.
fn there_and_back(octets: &[u8]) -> Made {
    let tree = tnef::to_mime(octets, limits())?;
    let written = mime::write(&tree.output, limits())?;
    let again = tnef::from_mime(&tree.output, limits())?;
    let mut flaws = tree.flaws.clone();
    flaws.extend(again.flaws);
    Ok(sum(&[&written, &again.output.to_octets()], &flaws))
}

/// A mail that was made of a mail, or that none was.
fn whole(made: Result<Option<Converted<Vec<u8>>>, ConvertError>) -> Made {
    Ok(made?.map_or_else(|| of_text("left alone"), |made| sum(&[&made.output], &made.flaws)))
}

fn lossy(octets: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(octets)
}

fn of_text(text: &str) -> Sum {
    sum(&[text.as_bytes()], &Flaws::default())
}

fn sum(parts: &[&[u8]], flaws: &Flaws) -> Sum {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    flaws.iter().for_each(|flaw| digest.update(flaw.to_string()));
    digest.update(flaws.count().to_le_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&digest.finalize()[..16]);
    Sum(first)
}
