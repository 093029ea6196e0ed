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

    /// The octets that these stand for: not more than they are, so they do not count as output. `at` is where they are in the mail.
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

/// What is to be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A text: ends of its lines become CRLF.
    Text,
    /// A text that has to come back octet for octet.
    ExactText,
    /// Octets.
    Octets,
}

/// Octets as they go into a mail, in at most three times their room: a text as it is if its lines are short and ASCII, else in
/// quoted-printable, which people can read, unless base64 is shorter by far.
pub(crate) fn encode(octets: &[u8], form: Form) -> (Encoding, Vec<u8>) {
    let ends_with_cr = |at: usize| octets[..at].ends_with(b"\r");
    let is_text = match form {
        Form::Text => is_lines(octets),
        Form::ExactText => is_lines(octets) && memchr::memchr_iter(b'\n', octets).all(ends_with_cr),
        Form::Octets => false,
    };
    let canonical = if is_text && form == Form::Text { with_crlf(octets) } else { Cow::Borrowed(octets) };
    if is_text && octets.is_ascii() && lines(octets).all(|line| line.len() <= MOST_LINE) {
        return (Encoding::SevenBit, canonical.into_owned());
    }
    let base64 = canonical.len().div_ceil(57) * 78;
    if is_text && quoted_length(&canonical) * 2 <= base64 * 3 {
        let out = QuotedPrintableEncoder::new().preserve_line_breaks().encode(&canonical).unwrap_or_default();
        return (Encoding::QuotedPrintable, out);
    }
    let mut out = Vec::with_capacity(base64);
    Base64Encoder::new().wrap_lines().encode_into(&canonical, &mut out);
    (Encoding::Base64, out)
}

/// The same with CRLF at the ends of lines, which is the form that is encoded (RFC 2049, 4).
fn with_crlf(octets: &[u8]) -> Cow<'_, [u8]> {
    let mut bare = memchr::memchr_iter(b'\n', octets).filter(|at| !octets[..*at].ends_with(b"\r")).peekable();
    if bare.peek().is_none() {
        return octets.into();
    }
    let (mut out, mut from) = (Vec::with_capacity(octets.len() + octets.len() / 16), 0);
    for at in bare {
        out.extend_from_slice(&octets[from..at]);
        out.push(b'\r');
        from = at;
    }
    out.extend_from_slice(&octets[from..]);
    out.into()
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
fn is_lines(octets: &[u8]) -> bool {
    let is_control = |one: &u8| one.is_ascii_control() && !b"\t\n\x0c\r\x7f".contains(one);
    let ends_line = |at: usize| octets.get(at + 1) == Some(&b'\n');
    !octets.iter().any(is_control) && memchr::memchr_iter(b'\r', octets).all(ends_line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Limits;

    fn decoded(encoding: Encoding, octets: &[u8]) -> (Vec<u8>, Flaws) {
        let mut flaws = Flaws::default();
        let octets =
            encoding.decode(octets, 0, &mut Allowance::new(Limits::default()), &mut flaws).unwrap().into_owned();
        (octets, flaws)
    }

    #[test]
    fn text_is_written_so_that_people_can_read_it() {
        let table: [(&str, Form, Encoding, &str); 9] = [
            ("", Form::Text, Encoding::SevenBit, ""),
            ("a\nb", Form::Text, Encoding::SevenBit, "a\r\nb"),
            ("a\r\nb\n", Form::Text, Encoding::SevenBit, "a\r\nb\r\n"),
            ("a\nb", Form::ExactText, Encoding::Base64, "YQpi\r\n"),
            ("a\r\n", Form::ExactText, Encoding::SevenBit, "a\r\n"),
            ("Grüße", Form::Text, Encoding::QuotedPrintable, "Gr=C3=BC=C3=9Fe"),
            ("ä\n-- \n", Form::Text, Encoding::QuotedPrintable, "=C3=A4\r\n--=20\r\n"),
            ("a\rb", Form::Text, Encoding::Base64, "YQ1i\r\n"),
            ("abc", Form::Octets, Encoding::Base64, "YWJj\r\n"),
        ];
        for (text, form, encoding, written) in table {
            let found = encode(text.as_bytes(), form);
            assert_eq!((found.0, std::str::from_utf8(&found.1).unwrap()), (encoding, written), "{text:?}");
        }
        assert_eq!(encode("語".repeat(40).as_bytes(), Form::Text).0, Encoding::Base64);
        assert_eq!(encode("x".repeat(999).as_bytes(), Form::Text).0, Encoding::QuotedPrintable);
    }

    #[test]
    fn what_is_no_good_encoding_is_read_as_far_as_it_goes() {
        for (encoding, octets, expected) in [
            (Encoding::Base64, "YW\r\nJj!\u{e4}ZA", "abcd"),
            (Encoding::QuotedPrintable, "a=C3=A4=\r\nb=zz=", "aäb=zz="),
            (Encoding::QuotedPrintable, "== =\t\r\nx=4", "== x=4"),
        ] {
            let (found, flaws) = decoded(encoding, octets.as_bytes());
            assert_eq!((std::str::from_utf8(&found).unwrap(), flaws.has(Trouble::Malformed)), (expected, true));
        }
    }

    #[test]
    fn the_word_counts_and_not_what_stands_around_it() {
        for (value, encoding) in [
            (" Base64 \r\n", Encoding::Base64),
            ("quoted-printable; x", Encoding::QuotedPrintable),
            ("8BIT (c)", Encoding::EightBit),
            ("", Encoding::SevenBit),
            ("x-uuencode", Encoding::Unknown),
        ] {
            assert_eq!(Encoding::of_field(value.as_bytes()), encoding, "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(
            text in prop_oneof!["(a|=| |\t|\r\n|\n|\r|ä|.|語){0,200}", "[ -~\n]{0,1500}"],
            form in prop_oneof![Just(Form::Text), Just(Form::ExactText), Just(Form::Octets)],
        ) {
            let (encoding, octets) = encode(text.as_bytes(), form);
            let is_short = |line: &[u8]| line.len() <= MOST_LINE + 1;
            prop_assert!(octets.is_ascii() && octets.split(|one| *one == b'\n').all(is_short));
            let (found, flaws) = decoded(encoding, &octets);
            let expected = match form {
                Form::Text if is_lines(text.as_bytes()) => text.replace("\r\n", "\n").replace('\n', "\r\n"),
                _ => text,
            };
            prop_assert_eq!(String::from_utf8(found).unwrap(), expected);
            prop_assert!(flaws.is_empty());
        }
    }
}
