//! From a tree to the octets of a message.
//!
//! Rule: the same tree gives the same octets, so boundaries are counted and not drawn (`boundary`). Fields are written by the crate `mail-builder`, which knows what RFC 2047 and 2231 ask for.

use std::borrow::Cow;

use mail_builder::{
    headers::{
        address::Address, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw, text::Text,
        HeaderType,
    },
    mime::{BodyPart, MimePart},
};

use super::{Content, Disposition, Field, FieldValue, Part};
use crate::{
    boundary::Boundaries,
    mail::encoding::{encode, Form},
    tnef::Mailbox,
    Allowance, ConvertError, Limits,
};

type Headers<'p> = Vec<(Cow<'p, str>, HeaderType<'p>)>;

/// The octets of a message of this tree.
///
/// # Errors
/// [`ConvertError`]: they are more than the limits allow.
pub fn write(message: &Part<'_>, limits: Limits) -> Result<Vec<u8>, ConvertError> {
    let (mut boundaries, mut allowance) = (Boundaries::default(), Allowance::new(limits));
    let mut writer = Writer::new(message, &mut boundaries, &mut allowance)?;
    writer.message(message);
    writer.finish(&mut allowance)
}

/// A part that goes into a mail.
pub(crate) struct Written {
    /// Its fields about the content, as lines.
    pub fields: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Written {
    /// The whole part.
    pub fn octets(&self) -> Vec<u8> {
        [&self.fields, b"\r\n".as_slice(), &self.body].concat()
    }
}

/// How a part goes into a mail.
pub(crate) struct Style<'b> {
    pub boundaries: &'b mut Boundaries,
    /// No text stands there as it is: it may have boundaries of others.
    pub is_all_encoded: bool,
}

/// The octets of a part that goes into a mail.
pub(crate) fn write_part(
    part: &Part<'_>,
    style: Style<'_>,
    allowance: &mut Allowance,
) -> Result<Written, ConvertError> {
    let mut writer = Writer::new(part, style.boundaries, allowance)?;
    writer.is_all_encoded = style.is_all_encoded;
    writer.part(part, Vec::new());
    let mut fields = writer.finish(allowance)?;
    let end = memchr::memmem::find(&fields, b"\r\n\r\n").map_or(fields.len(), |at| at + 2);
    let body = fields.get(end + 2..).unwrap_or_default().to_vec();
    fields.truncate(end);
    Ok(Written { fields, body })
}

/// Fields as lines.
pub(crate) fn write_fields<'f>(fields: impl Iterator<Item = &'f Field>) -> Vec<u8> {
    let mut headers: Headers<'_> = fields.map(header).collect();
    if headers.is_empty() {
        return Vec::new();
    }
    // The crate ends the last line, and puts an empty one behind it.
    headers.push(("Content-Transfer-Encoding".into(), Raw::new("7bit").into()));
    let mut out = Vec::new();
    MimePart { headers, contents: BodyPart::Binary(Cow::Borrowed(&[])) }.write_part(&mut out);
    let end = memchr::memmem::rfind(&out, b"Content-Transfer-Encoding:").unwrap_or_default();
    out.truncate(end);
    out
}

/// About how many octets it takes. Boundaries that stand in its texts are avoided.
fn size(part: &Part<'_>, boundaries: &mut Boundaries, depth: usize) -> Result<usize, ConvertError> {
    let around = 200 + part.fields.len() * 80;
    let why = "its parts stand deeper within each other than the limit allows";
    let inner = depth.checked_sub(1).ok_or(ConvertError::NotThis { format: "tree of parts", why })?;
    Ok(around
        + match &part.content {
            Content::Octets(octets) => {
                if is_text(part) {
                    boundaries.avoid(octets);
                }
                octets.len() / 57 * 78 + 78 + if is_text(part) { octets.len() } else { 0 }
            }
            Content::Parts(parts) => {
                parts.iter().try_fold(0, |sum, part| size(part, boundaries, inner).map(|size| sum + size))?
            }
            Content::Message(message) => size(message, boundaries, inner)?,
        })
}

fn is_text(part: &Part<'_>) -> bool {
    part.media_type.get(..5).is_some_and(|kind| kind.eq_ignore_ascii_case("text/"))
}

struct Writer<'b> {
    out: Vec<u8>,
    boundaries: &'b mut Boundaries,
    /// What was counted before anything was written.
    size: usize,
    is_all_encoded: bool,
}

impl<'b> Writer<'b> {
    fn new(part: &Part<'_>, boundaries: &'b mut Boundaries, allowance: &mut Allowance) -> Result<Self, ConvertError> {
        // Messages within each other count for that limit; each has four levels at most.
        let size = size(part, boundaries, allowance.depth().saturating_mul(4).saturating_add(4))?;
        allowance.make(size)?;
        Ok(Writer { out: Vec::with_capacity(size), boundaries, size, is_all_encoded: false })
    }

    fn finish(self, allowance: &mut Allowance) -> Result<Vec<u8>, ConvertError> {
        // Names and addresses may take more than was counted.
        allowance.make(self.out.len().saturating_sub(self.size))?;
        Ok(self.out)
    }

    fn message(&mut self, part: &Part<'_>) {
        let mut headers: Headers<'_> = part.fields.iter().map(header).collect();
        headers.push(("MIME-Version".into(), Raw::new("1.0").into()));
        self.part(part, headers);
        if !self.out.ends_with(b"\r\n") {
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// A part, behind the fields that it has already.
    fn part<'p>(&mut self, part: &'p Part<'_>, mut headers: Headers<'p>) {
        let mut kind = ContentType::new(part.media_type.as_ref());
        for (name, value) in &part.parameters {
            kind = kind.attribute(*name, value.as_str());
        }
        match &part.content {
            Content::Octets(octets) => {
                if let Some(name) = &part.file_name {
                    kind = kind.attribute("name", name.as_str());
                }
                headers.push(("Content-Type".into(), kind.into()));
                headers.extend(about(part));
                self.octets(part, octets, headers);
            }
            Content::Parts(parts) => {
                let boundary = self.boundaries.next();
                headers.push(("Content-Type".into(), kind.attribute("boundary", boundary.clone()).into()));
                headers.extend(about(part));
                self.headers(headers);
                for part in parts {
                    self.delimiter(&boundary, "");
                    self.part(part, Vec::new());
                }
                self.delimiter(&boundary, "--");
            }
            Content::Message(message) => {
                headers.push(("Content-Type".into(), kind.into()));
                headers.extend(about(part));
                self.headers(headers);
                self.message(message);
            }
        }
    }

    fn octets<'p>(&mut self, part: &'p Part<'_>, octets: &'p [u8], mut headers: Headers<'p>) {
        let mut contents = Cow::Borrowed(octets);
        if is_text(part) {
            let is_file = part.disposition == Some(Disposition::Attachment);
            let form = match is_file {
                _ if self.is_all_encoded => Form::Octets,
                true => Form::ExactText,
                false => Form::Text,
            };
            let (encoding, encoded) = encode(octets, form);
            headers.push(("Content-Transfer-Encoding".into(), Raw::new(encoding.name()).into()));
            contents = encoded.into();
        }
        MimePart { headers, contents: BodyPart::Binary(contents) }.write_part(&mut self.out);
    }

    /// Fields, and the line behind them. The crate writes a part with a body only, and takes none that is empty for raw.
    fn headers(&mut self, mut headers: Headers<'_>) {
        headers.push(("Content-Transfer-Encoding".into(), Raw::new("7bit").into()));
        MimePart { headers, contents: BodyPart::Binary(Cow::Borrowed(&[])) }.write_part(&mut self.out);
    }

    fn delimiter(&mut self, boundary: &str, end: &str) {
        self.out.extend_from_slice(b"\r\n--");
        self.out.extend_from_slice(boundary.as_bytes());
        self.out.extend_from_slice(end.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }
}

/// The fields about the content, but for its type.
fn about<'p>(part: &'p Part<'_>) -> Headers<'p> {
    let mut headers: Headers<'p> = Vec::new();
    if let Some(disposition) = part.disposition {
        let mut field = ContentType::new(match disposition {
            Disposition::Inline => "inline",
            Disposition::Attachment => "attachment",
        });
        if let Some(name) = &part.file_name {
            field = field.attribute("filename", name.as_str());
        }
        for (name, time) in [("creation-date", part.created), ("modification-date", part.modified)] {
            if let Some(time) = time {
                field = field.attribute(name, Date::new(time.unix()).to_rfc822());
            }
        }
        headers.push(("Content-Disposition".into(), field.into()));
    }
    if let Some(id) = &part.content_id {
        headers.push(("Content-ID".into(), MessageId::new(id.as_str()).into()));
    }
    if let Some(location) = &part.content_location {
        headers.push(("Content-Location".into(), Raw::new(location.as_str()).into()));
    }
    headers
}

fn header(field: &Field) -> (Cow<'_, str>, HeaderType<'_>) {
    let value = match &field.value {
        FieldValue::Text(text) => Text::new(one_line(text)).into(),
        FieldValue::Mailboxes(all) => Address::new_list(all.iter().map(address).collect()).into(),
        FieldValue::Date(time) => Date::new(time.unix()).into(),
        FieldValue::Ids(ids) => MessageId::new_list(ids.iter().map(String::as_str)).into(),
        FieldValue::Word(word) => Raw::new(*word).into(),
    };
    (field.name.into(), value)
}

/// Somebody; who has no address is a group without members, which is a name that mail can carry (RFC 5322).
fn address(mailbox: &Mailbox) -> Address<'_> {
    let name = mailbox.name.as_deref().map(one_line);
    match &mailbox.address {
        Some(address) => Address::new_address(name, address.as_str()),
        None => Address::new_group(name, Vec::new()),
    }
}

/// What ends a line, or rings a bell, is a blank in a field.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect::<String>().into()
    } else {
        text.into()
    }
}
