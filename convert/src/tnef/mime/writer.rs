//! From a tree to the octets of a message.
//!
//! Rule: the same tree gives the same octets, so boundaries are counted and not drawn (`boundary`). Fields and bodies are written by the crate `mail-builder`, which knows what RFC 2047 and 2231 ask for.

use std::borrow::Cow;

use mail_builder::{
    encoders::Base64Encoder,
    headers::{
        address::Address, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw, text::Text,
        HeaderType,
    },
    mime::{BodyPart, MimePart},
};

use super::{Content, Disposition, Field, FieldValue, Part};
use crate::{boundary::Boundaries, tnef::Mailbox, Allowance, ConvertError, Limits};

type Headers<'p> = Vec<(Cow<'p, str>, HeaderType<'p>)>;

/// The octets of a message of this tree.
///
/// # Errors
/// [`ConvertError`]: they are more than the limits allow.
pub fn write(message: &Part<'_>, limits: Limits) -> Result<Vec<u8>, ConvertError> {
    let mut allowance = Allowance::new(limits);
    write_within(message, &mut Boundaries::default(), &mut allowance)
}

/// The same, within what is left of the limits, with boundaries that stand in no text of the tree.
pub(crate) fn write_within(
    message: &Part<'_>,
    boundaries: &mut Boundaries,
    allowance: &mut Allowance,
) -> Result<Vec<u8>, ConvertError> {
    written(message, boundaries, allowance, |writer, message| writer.message(message))
}

/// The same of a part that is no message: it says nothing of a version.
pub(crate) fn write_part(
    part: &Part<'_>,
    boundaries: &mut Boundaries,
    allowance: &mut Allowance,
) -> Result<Vec<u8>, ConvertError> {
    written(part, boundaries, allowance, |writer, part| writer.part(part, Vec::new()))
}

fn written(
    part: &Part<'_>,
    boundaries: &mut Boundaries,
    allowance: &mut Allowance,
    write: impl FnOnce(&mut Writer<'_>, &Part<'_>),
) -> Result<Vec<u8>, ConvertError> {
    // Messages within each other count for that limit; each has four levels at most.
    let size = size(part, boundaries, allowance.depth().saturating_mul(4).saturating_add(4))?;
    allowance.make(size)?;
    let mut writer = Writer { out: Vec::with_capacity(size), boundaries };
    write(&mut writer, part);
    // Names and addresses may take more than was counted.
    allowance.make(writer.out.len().saturating_sub(size))?;
    Ok(writer.out)
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
                octets.len() / 57 * 78 + 78
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

/// It has no octets that a line may not have; the crate looks at those above 127 only.
fn is_lines(octets: &[u8]) -> bool {
    let is_control = |one: &u8| one.is_ascii_control() && !b"\t\n\x0c\r\x7f".contains(one);
    let ends_line = |at: usize| octets.get(at + 1) == Some(&b'\n');
    !octets.iter().any(is_control) && memchr::memchr_iter(b'\r', octets).all(ends_line)
}

struct Writer<'b> {
    out: Vec<u8>,
    boundaries: &'b mut Boundaries,
}

impl Writer<'_> {
    fn message(&mut self, part: &Part<'_>) {
        let mut headers: Headers<'_> = part.fields.iter().map(header).collect();
        headers.push(("MIME-Version".into(), Raw::new("1.0").into()));
        self.part(part, headers);
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
                if is_text(part) && !is_lines(octets) {
                    headers.push(("Content-Transfer-Encoding".into(), Raw::new("base64").into()));
                    MimePart { headers, contents: BodyPart::Binary(Cow::Borrowed(&[])) }.write_part(&mut self.out);
                    Base64Encoder::new().wrap_lines().encode_into(octets, &mut self.out);
                } else {
                    let contents = BodyPart::Binary(Cow::Borrowed(octets.as_ref()));
                    MimePart { headers, contents }.write_part(&mut self.out);
                }
                self.end_line();
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

    fn end_line(&mut self) {
        if !self.out.ends_with(b"\r\n") {
            self.out.extend_from_slice(b"\r\n");
        }
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
