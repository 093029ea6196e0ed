//! How the octets of a body are written (RFC 2045, 6): read, chosen and written.
//!
//! Rule: reading loses nothing that can be read: what is no good base64 is passed over, what is no good quoted-printable stands for
//! itself, and both are flaws.

use std::borrow::Cow;

use mail_builder::encoders::{Base64Encoder, QuotedPrintableEncoder};
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};

use crate::{Allowance, ConvertError, Flaws, Trouble};

/// Octets of a line, without its end (RFC 5322, 2.1.1).
const MOST_LINE: usize = 998;

/// `Content-Transfer-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Short lines of ASCII; also what says nothing.
    SevenBit,
    /// Short lines.
    EightBit,
    /// Any octets.
    Binary,
    /// Quoted-printable.
    QuotedPrintable,
    /// Base64.
    Base64,
    /// One that is not known. Its octets are taken as they are.
    Unknown,
}

impl Encoding {
    /// The one that the value of a field says.
    pub(crate) fn of_field(value: &[u8]) -> Encoding {
        // Some write a comment, or a semicolon, behind the word.
        let ends = |one: &u8| one.is_ascii_whitespace() || matches!(one, b';' | b'(');
        let word = value.trim_ascii().split(ends).next().unwrap_or_default();
        match word.to_ascii_lowercase().as_slice() {
            b"7bit" | b"7-bit" | b"" => Encoding::SevenBit,
            b"8bit" | b"8-bit" => Encoding::EightBit,
            b"binary" => Encoding::Binary,
            b"quoted-printable" => Encoding::QuotedPrintable,
            b"base64" => Encoding::Base64,
            _ => Encoding::Unknown,
        }
    }

    /// The word in its field; of one that is not known, that of octets.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::SevenBit => "7bit",
            Encoding::EightBit => "8bit",
            Encoding::Binary | Encoding::Unknown => "binary",
            Encoding::QuotedPrintable => "quoted-printable",
            Encoding::Base64 => "base64",
        }
    }

    /// The octets stand for themselves.
    pub fn is_identity(self) -> bool {
        !matches!(self, Encoding::QuotedPrintable | Encoding::Base64)
    }

    /// The octets that these stand for. `at` is where they are in the mail.
    pub(crate) fn decode<'m>(
        self,
        octets: &'m [u8],
        at: usize,
        allowance: &mut Allowance,
        flaws: &mut Flaws,
    ) -> Result<Cow<'m, [u8]>, ConvertError> {
        if self.is_identity() {
            return Ok(octets.into());
        }
        allowance.step(octets.len())?;
        allowance.make(octets.len())?;
        let decode = |octets: &[u8]| match self {
            Encoding::Base64 => base64_decode(octets),
            _ => quoted_printable_decode(octets),
        };
        if let Some(decoded) = decode(octets) {
            return Ok(decoded.into());
        }
        flaws.note(Trouble::Malformed, at, self.name());
        allowance.step(octets.len())?;
        let mended = match self {
            Encoding::Base64 => octets.iter().copied().filter(|one| is_base64(*one)).collect(),
            _ => mended_quoted_printable(octets),
        };
        allowance.make(mended.len())?;
        Ok(decode(&mended).unwrap_or_default().into())
    }
}

fn is_base64(one: u8) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/' | b'=')
}

/// The same with each `=` that begins nothing as an `=` that stands for itself.
fn mended_quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(octets.len() + octets.len() / 8);
    for (at, octet) in octets.iter().enumerate() {
        mended.push(*octet);
        let rest = &octets[at + 1..];
        let is_soft_break = || {
            let blanks = rest.iter().take(MOST_LINE).take_while(|one| matches!(one, b' ' | b'\t' | b'\r')).count();
            matches!(rest.get(blanks), Some(b'\n'))
        };
        let is_octet = || matches!(rest, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        if *octet == b'=' && !is_octet() && !is_soft_break() {
            mended.extend_from_slice(b"3D");
        }
    }
    mended
}

/// The encoding in which octets are shortest that are no text of lines, and that of text: lines as they are if they are short and
/// ASCII, else quoted-printable, unless base64 is shorter by half.
pub(crate) fn encode(
    octets: &[u8],
    is_text: bool,
    allowance: &mut Allowance,
) -> Result<(Encoding, Vec<u8>), ConvertError> {
    allowance.step(octets.len())?;
    let is_text = is_text && is_lines(octets);
    if is_text && octets.is_ascii() && lines(octets).all(|line| line.len() <= MOST_LINE) {
        let mut out = Vec::with_capacity(octets.len() + 2);
        lines(octets).for_each(|line| {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        });
        if !octets.ends_with(b"\n") {
            out.truncate(out.len().saturating_sub(2));
        }
        allowance.make(out.len())?;
        return Ok((Encoding::SevenBit, out));
    }
    let base64 = octets.len().div_ceil(57) * 78;
    if is_text && quoted_length(octets) * 2 <= base64 * 3 {
        let out = QuotedPrintableEncoder::new().preserve_line_breaks().encode(octets).unwrap_or_default();
        allowance.make(out.len())?;
        return Ok((Encoding::QuotedPrintable, out));
    }
    allowance.make(base64)?;
    let mut out = Vec::with_capacity(base64);
    Base64Encoder::new().wrap_lines().encode_into(octets, &mut out);
    Ok((Encoding::Base64, out))
}

/// The lines, without their ends.
fn lines(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
    octets.split(|one| *one == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// About how many octets these take in quoted-printable.
fn quoted_length(octets: &[u8]) -> usize {
    let marked = octets.iter().filter(|one| !one.is_ascii() || **one == b'=').count();
    (octets.len() + 2 * marked) / 73 * 76 + 76
}

/// It has no octets that a line may not have: controls, and a CR that ends no line.
pub(crate) fn is_lines(octets: &[u8]) -> bool {
    let is_control = |one: &u8| one.is_ascii_control() && !b"\t\n\x0c\r\x7f".contains(one);
    let ends_line = |at: usize| octets.get(at + 1) == Some(&b'\n');
    !octets.iter().any(is_control) && memchr::memchr_iter(b'\r', octets).all(ends_line)
}
