//! What a header says of a body: its type, its encoding, how it is shown (RFC 2045, RFC 2183).
//!
//! Rule: of a field that stands twice the last one counts, as the crate `mail-parser` has it, which reads the values. A field that
//! would take it longer than it is long is not given to it: its entity is a leaf of a type that nobody knows.

use std::ops::Range;

use mail_parser::{MessageParser, MimeHeaders};

use super::fields::{fields, Field};
use crate::{mail::Encoding, Flaws, Trouble};

/// Octets of a field that are parsed. Real ones have some hundred; a name of 255 signs takes three thousand.
const MAX_FIELD: usize = 64 * 1024;
/// Parameters of one field that is parsed. Real ones have three, a long name in pieces (RFC 2231, 3) some twenty. The parser
/// compares each piece with all parameters before it.
const MAX_PARAMETERS: usize = 100;

/// `Content-Type` (RFC 2045, 5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentType {
    /// The type in lower case, as `text/html`.
    pub media_type: String,
    /// The parameters: names in lower case, values decoded.
    pub parameters: Vec<(String, String)>,
    /// The entity says so itself; `false`: it is what one without a good field is.
    pub is_said: bool,
}

/// `Content-Disposition` (RFC 2183).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment`, or another word, in lower case.
    pub kind: String,
    /// The parameters: names in lower case, values decoded.
    pub parameters: Vec<(String, String)>,
}

impl ContentType {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    /// The boundary of its parts; `None`: it is no multipart, or has none.
    pub fn boundary(&self) -> Option<&str> {
        let is_multipart = self.media_type.starts_with("multipart/");
        self.parameter("boundary").filter(|boundary| is_multipart && !boundary.is_empty())
    }

    /// Its body is a mail.
    pub fn is_message(&self) -> bool {
        matches!(self.media_type.as_str(), "message/rfc822" | "message/global" | "message/news")
    }

    /// It is text of some kind.
    pub fn is_text(&self) -> bool {
        self.media_type.starts_with("text/")
    }
}

impl Disposition {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }
}

fn find<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|one| one.0 == name).map(|one| one.1.as_str())
}

/// A value with parameters.
struct Value {
    kind: String,
    subtype: Option<String>,
    parameters: Vec<(String, String)>,
}

/// What a header says.
pub(super) struct Said {
    pub content_type: ContentType,
    pub encoding: Encoding,
    pub disposition: Option<Disposition>,
    pub content_id: Option<String>,
}

impl Said {
    /// Octets that it takes, besides itself.
    pub fn size(&self) -> usize {
        let disposition = self.disposition.iter().flat_map(|disposition| &disposition.parameters);
        let parameters = self.content_type.parameters.iter().chain(disposition);
        let parameters = parameters.map(|(name, value)| name.len() + value.len() + size_of::<(String, String)>());
        parameters.sum::<usize>() + self.content_type.media_type.len() + self.content_id.as_ref().map_or(0, String::len)
    }
}

/// Reads values.
pub(super) struct Reader {
    parser: MessageParser,
}

impl Reader {
    pub fn new() -> Self {
        Reader { parser: MessageParser::new().with_mime_headers() }
    }

    pub fn read(&self, mail: &[u8], header: Range<usize>, in_digest: bool, flaws: &mut Flaws) -> Said {
        let [mut kind, mut encoding, mut disposition, mut id] = [const { None }; 4];
        for field in fields(mail, header) {
            match field.name {
                name if name.eq_ignore_ascii_case(b"Content-Type") => kind = Some(field),
                name if name.eq_ignore_ascii_case(b"Content-Transfer-Encoding") => encoding = Some(field),
                name if name.eq_ignore_ascii_case(b"Content-Disposition") => disposition = Some(field),
                name if name.eq_ignore_ascii_case(b"Content-ID") => id = Some(field),
                _ => {}
            }
        }
        Said {
            content_type: self.content_type(mail, kind, in_digest, flaws),
            encoding: encoding.map_or(Encoding::SevenBit, |field| Encoding::of_field(field.value)),
            disposition: disposition.and_then(|field| self.disposition(mail, &field, flaws)),
            content_id: id.and_then(|field| content_id(field.value)),
        }
    }

    fn content_type(&self, mail: &[u8], field: Option<Field<'_>>, in_digest: bool, flaws: &mut Flaws) -> ContentType {
        let usual = if in_digest { "message/rfc822" } else { "text/plain" };
        let usual = || ContentType { media_type: usual.into(), ..ContentType::default() };
        let Some(field) = field else { return usual() };
        if is_too_large(&field) {
            flaws.note(Trouble::Malformed, field.range.start, "Content-Type");
            return ContentType { media_type: "application/octet-stream".into(), ..ContentType::default() };
        }
        let written = value_of(mail, &field);
        let mended = with_semicolon(written);
        if mended.is_some() {
            flaws.note(Trouble::Malformed, field.range.start, "Content-Type");
        }
        let written = mended.as_deref().unwrap_or(written);
        match self.value("Content-Type", written) {
            // RFC 2045, 5.2: what makes no sense is what says nothing.
            None => usual(),
            Some(Value { kind, subtype, mut parameters }) => {
                if kind == "multipart" {
                    self.literal_boundary(written, &mut parameters);
                }
                let subtype = subtype.unwrap_or_else(|| if kind == "text" { "plain".into() } else { String::new() });
                ContentType { media_type: format!("{kind}/{subtype}"), parameters, is_said: true }
            }
        }
    }

    fn disposition(&self, mail: &[u8], field: &Field<'_>, flaws: &mut Flaws) -> Option<Disposition> {
        if is_too_large(field) {
            flaws.note(Trouble::Malformed, field.range.start, "Content-Disposition");
            // A file without a name is what does least.
            return Some(Disposition { kind: "attachment".into(), parameters: Vec::new() });
        }
        let Value { kind, parameters, .. } = self.value("Content-Disposition", value_of(mail, field))?;
        Some(Disposition { kind, parameters })
    }

    /// A boundary that looks like an encoded word (RFC 2047) is one to the crate, and to no reader of mail: with the one that it
    /// decodes, parts would be found here that nobody sees, and others would not.
    fn literal_boundary(&self, value: &[u8], parameters: &mut [(String, String)]) {
        const MARK: u8 = 0x1a;
        let Some(boundary) = parameters.iter_mut().find(|one| one.0 == "boundary") else { return };
        if value.contains(&MARK) || memchr::memmem::find(value, b"=?").is_none() {
            return;
        }
        let marked = |at: usize, one: u8| if one == b'?' && value[..at].ends_with(b"=") { MARK } else { one };
        let marked: Vec<u8> = value.iter().enumerate().map(|(at, one)| marked(at, *one)).collect();
        let parsed = self.value("Content-Type", &marked).map(|value| value.parameters).unwrap_or_default();
        if let Some(literal) = find(&parsed, "boundary") {
            boundary.1 = literal.replace(char::from(MARK), "?");
        }
    }

    fn value(&self, name: &str, value: &[u8]) -> Option<Value> {
        let mut octets = Vec::with_capacity(name.len() + value.len() + 8);
        octets.extend_from_slice(name.as_bytes());
        octets.push(b':');
        octets.extend_from_slice(value);
        octets.extend_from_slice(b"\r\n\r\n");
        let parsed = self.parser.parse_headers(&octets)?;
        let part = parsed.parts.first()?;
        let value = match name {
            "Content-Type" => part.content_type(),
            _ => part.content_disposition(),
        }?;
        let lower = |text: &str| text.trim().to_ascii_lowercase();
        let parameters = value.attributes().unwrap_or_default().iter();
        let parameters = parameters.map(|one| (lower(&one.name), one.value.to_string())).collect();
        let kind = lower(value.ctype());
        (!kind.is_empty()).then(|| Value { kind, subtype: value.subtype().map(lower), parameters })
    }
}

fn value_of<'m>(mail: &'m [u8], field: &Field<'_>) -> &'m [u8] {
    mail.get(field.range.end - field.value.len()..field.range.end).unwrap_or_default()
}

/// `text/plain charset=utf-8`, as programs write that forget the semicolon, with it; `None`: nothing is missing.
fn with_semicolon(value: &[u8]) -> Option<Vec<u8>> {
    let is_token = |one: &u8| one.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(one);
    let slash = value.iter().position(|one| !is_token(one) && !one.is_ascii_whitespace())?;
    if value[slash] != b'/' {
        return None;
    }
    let end = slash + 1 + value.get(slash + 1..)?.iter().position(|one| !is_token(one))?;
    let rest = value.get(end..)?.trim_ascii_start();
    let names = rest.iter().position(|one| !is_token(one)).filter(|at| *at > 0 && rest[*at] == b'=');
    let is_missing = end > slash + 1 && value[end].is_ascii_whitespace() && names.is_some();
    is_missing.then(|| [&value[..end], b";", &value[end..]].concat())
}

fn content_id(value: &[u8]) -> Option<String> {
    let id = std::str::from_utf8(value.get(..value.len().min(1000))?).ok()?.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id).trim();
    (!id.is_empty()).then(|| id.to_owned())
}

fn is_too_large(field: &Field<'_>) -> bool {
    field.value.len() > MAX_FIELD || parameters(field.value) > MAX_PARAMETERS
}

/// At least as many as the parser sees: whatever can end one parameter, the next has a `=` of its own behind it.
fn parameters(field: &[u8]) -> usize {
    let (mut count, mut has_ended) = (0, true);
    for octet in field {
        match octet {
            b';' | b'"' | b'(' | b')' | b'\n' => has_ended = true,
            b'=' if has_ended => (count, has_ended) = (count + 1, false),
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use mail_parser::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_type_whose_semicolon_is_missing_is_read_as_it_was_meant() {
        let table = [
            ("text/plain charset=iso-8859-1", "text/plain", Some("iso-8859-1"), true),
            ("text/plain\r\n\tcharset=\"koi8-r\"; format=flowed", "text/plain", Some("koi8-r"), true),
            ("text/plain; charset=utf-8", "text/plain", Some("utf-8"), false),
            ("text/plain ; charset=utf-8", "text/plain", Some("utf-8"), false),
            ("text/plain (a comment) ; charset=utf-8", "text/plain", Some("utf-8"), false),
            ("text/html", "text/html", None, false),
            ("text; name=\"a/b c=d\"", "text/plain", None, false),
        ];
        for (written, media_type, charset, is_flaw) in table {
            let field = format!("Content-Type: {written}\r\n");
            let mut flaws = Flaws::default();
            let said = Reader::new().read(field.as_bytes(), 0..field.len(), false, &mut flaws).content_type;
            assert_eq!((said.media_type.as_str(), said.parameter("charset")), (media_type, charset), "{written}");
            assert_eq!(flaws.has(Trouble::Malformed), is_flaw, "{written}");
        }
    }

    #[test]
    fn a_boundary_that_looks_like_an_encoded_word_is_not_decoded() {
        for boundary in ["=?us-ascii?q?abc?=", "\"=?us-ascii?q?abc?=\"", "\"x =?utf-8?b?YQ==?= y\"", "=?a?b"] {
            let field = format!("Content-Type: multipart/mixed; name=\"=?utf-8?q?=C3=A4?=\"; boundary={boundary}\r\n");
            let said = Reader::new().read(field.as_bytes(), 0..field.len(), false, &mut Flaws::default()).content_type;
            assert_eq!(said.boundary(), Some(boundary.trim_matches('"')));
            assert_eq!(said.parameter("name"), Some("ä"));
        }
    }

    proptest! {
        #[test]
        fn the_parser_never_sees_more_parameters_than_are_counted(
            value in "a/b;?(a|b|c|\\*|0|1|=|\"|'|;|\\(|\\)|\\\\| |\n |\r\n\t|/|=\\?utf-8\\?q\\?x\\?=){0,60}",
        ) {
            let field = format!("Content-Type: {value}\r\n\r\n");
            let parsed = MessageParser::new().with_mime_headers().parse_headers(field.as_bytes());
            let fields = parsed.as_ref().map_or(&[][..], |mail| mail.headers());
            let kinds = fields.iter().filter_map(|field| match &field.value {
                HeaderValue::ContentType(value) => value.attributes(),
                _ => None,
            });
            // Beside it, each may have a language (RFC 2231, 4).
            let seen = kinds.flatten().filter(|attribute| !attribute.name.ends_with("-language")).count();
            prop_assert!(seen <= parameters(field.as_bytes()), "{seen}: {field:?}");
        }
    }
}
