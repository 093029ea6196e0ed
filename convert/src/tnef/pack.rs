//! From a tree of parts to a message of TNEF.
//!
//! Rule: what TNEF has a property for gets it, in Unicode; for readers of the old attributes the class, the file names and the
//! octets of files are there too. The octets of files are borrowed from the tree.

use std::borrow::Cow;

use super::{
    meaning::Mailbox,
    mime::{Content, Disposition, FieldValue, Part},
    model::{Attachment, Attribute, Message, Property, Rendering, Value},
    tags::{att, tag, IID_MESSAGE},
};
use crate::{Allowance, Charset, ConvertError, Converted, Flaws, Limits, Trouble};

/// UTF-8, for Windows.
const UTF_8: i32 = 65001;
/// A message that the page shows by its content id (PidTagAttachFlags).
const IN_BODY: i32 = 4;

/// The message that this tree is: [`Message::to_octets`] makes a `winmail.dat` of it.
///
/// # Errors
/// [`ConvertError`]: messages within each other, or texts, are larger than the limits allow.
///
/// ```
/// use postrider_convert::{tnef::{from_mime, mime::Part, to_mime}, Limits};
/// let part = Part::text("text/plain", "Hello".into());
/// let octets = from_mime(&part, Limits::default())?.output.to_octets();
/// assert_eq!(to_mime(&octets, Limits::default())?.output, part);
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn from_mime<'p>(tree: &'p Part<'_>, limits: Limits) -> Result<Converted<Message<'p>>, ConvertError> {
    let mut packing = Packing { allowance: Allowance::new(limits), flaws: Flaws::default() };
    let output = packing.message(tree, 0)?;
    Ok(Converted { output, flaws: packing.flaws })
}

struct Packing {
    allowance: Allowance,
    flaws: Flaws,
}

fn text(id: u16, text: &str) -> Property<'static> {
    Property::new(id, Value::text(text))
}

fn number(id: u16, number: i32) -> Property<'static> {
    Property::new(id, Value::I32(number))
}

impl Packing {
    fn message<'p>(&mut self, tree: &'p Part<'_>, depth: usize) -> Result<Message<'p>, ConvertError> {
        let class = Attribute { id: att::MESSAGE_CLASS, octets: b"IPM.Microsoft Mail.Note\0".as_slice().into() };
        let mut message = Message { key: 1, code_page: 1252, attributes: vec![class], ..Message::default() };
        message.properties.push(text(tag::MESSAGE_CLASS, "IPM.Note"));
        tree.fields.iter().for_each(|field| of_field(field.name, &field.value, &mut message));
        self.part(tree, depth, false, &mut message)?;
        Ok(message)
    }

    fn part<'p>(
        &mut self,
        part: &'p Part<'_>,
        depth: usize,
        is_related: bool,
        message: &mut Message<'p>,
    ) -> Result<(), ConvertError> {
        if depth >= self.allowance.depth() {
            self.flaws.note(Trouble::TooDeep, 0, "multipart");
            return Ok(());
        }
        self.allowance.make(size_of::<Attachment>())?;
        match &part.content {
            Content::Parts(parts) => {
                let is_related = is_related || part.media_type.eq_ignore_ascii_case("multipart/related");
                parts.iter().try_for_each(|part| self.part(part, depth + 1, is_related, message))
            }
            Content::Message(inner) => {
                let inner = self.message(inner, depth + 1)?.to_octets();
                self.allowance.make(inner.len())?;
                let mut attachment = attached(part, is_related);
                attachment.properties.push(number(tag::ATTACH_METHOD, 5));
                attachment.properties.push(Property::new(tag::ATTACH_DATA, Value::object(IID_MESSAGE, &inner)));
                message.attachments.push(attachment);
                Ok(())
            }
            Content::Octets(octets) => {
                if self.body(part, octets, message)? {
                    return Ok(());
                }
                let mut attachment = attached(part, is_related);
                attachment.attributes.push(Attribute { id: att::ATTACH_DATA, octets: octets.as_ref().into() });
                attachment.properties.push(number(tag::ATTACH_METHOD, 1));
                message.attachments.push(attachment);
                Ok(())
            }
        }
    }

    /// A text that is no file is a body, if there is none of its kind yet.
    fn body<'p>(&mut self, part: &Part<'_>, octets: &'p [u8], message: &mut Message<'p>) -> Result<bool, ConvertError> {
        let (id, native) = match part.media_type.to_ascii_lowercase().as_str() {
            "text/plain" => (tag::BODY, 1),
            "text/html" => (tag::HTML, 3),
            _ => return Ok(false),
        };
        let is_there = message.properties.iter().any(|one| one.id == id);
        if part.disposition == Some(Disposition::Attachment) || is_there {
            return Ok(false);
        }
        let octets = self.utf_8(part, octets)?;
        if native == 1 {
            self.allowance.make(octets.len().saturating_mul(2))?;
            message.properties.push(text(tag::BODY, &String::from_utf8_lossy(&octets)));
        } else {
            message.properties.push(number(tag::INTERNET_CODEPAGE, UTF_8));
            message.properties.push(Property::new(tag::HTML, Value::Binary(octets)));
        }
        // The richest one counts.
        match message.properties.iter_mut().find(|one| one.id == tag::NATIVE_BODY) {
            Some(Property { value: Value::I32(best), .. }) => *best = native.max(*best),
            _ => message.properties.push(number(tag::NATIVE_BODY, native)),
        }
        Ok(true)
    }

    /// A text in UTF-8.
    fn utf_8<'p>(&mut self, part: &Part<'_>, octets: &'p [u8]) -> Result<Cow<'p, [u8]>, ConvertError> {
        let named = part.parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("charset"));
        let Some((_, name)) = named else { return Ok(octets.into()) };
        let charset = Charset::of_name(name);
        if charset.is_some_and(|charset| charset.name() == "UTF-8") {
            return Ok(octets.into());
        }
        let charset = charset.unwrap_or_else(|| {
            self.flaws.note(Trouble::UnknownCharset, 0, name.clone());
            Charset::WINDOWS_1252
        });
        self.allowance.make(octets.len().saturating_mul(3))?;
        let mut text = String::new();
        if !charset.decode(octets, &mut text) {
            self.flaws.note(Trouble::NotInCharset, 0, charset.name());
        }
        Ok(text.into_bytes().into())
    }
}

/// What an attachment is, but for its octets.
fn attached<'p>(part: &Part<'_>, is_related: bool) -> Attachment<'p> {
    let mut attachment = Attachment { rendering: Rendering::default(), ..Attachment::default() };
    let list = &mut attachment.properties;
    list.push(text(tag::ATTACH_MIME_TAG, &part.media_type));
    if let Some(name) = &part.file_name {
        list.push(text(tag::ATTACH_LONG_FILENAME, name));
        let plain: String = name.chars().map(|one| if one.is_ascii() { one } else { '_' }).collect();
        let octets = [plain.as_bytes(), b"\0"].concat();
        attachment.attributes.push(Attribute { id: att::ATTACH_TITLE, octets: octets.into() });
    }
    let texts = [(tag::ATTACH_CONTENT_ID, &part.content_id), (tag::ATTACH_CONTENT_LOCATION, &part.content_location)];
    list.extend(texts.into_iter().filter_map(|(id, value)| value.as_ref().map(|value| text(id, value))));
    let times = [(tag::CREATION_TIME, part.created), (tag::LAST_MODIFICATION_TIME, part.modified)];
    list.extend(times.into_iter().filter_map(|(id, time)| time.map(|time| Property::new(id, Value::Time(time)))));
    if is_related && part.content_id.is_some() {
        list.push(number(tag::ATTACH_FLAGS, IN_BODY));
        list.push(Property::new(tag::ATTACHMENT_HIDDEN, Value::Bool(true)));
    }
    attachment
}

fn of_field(name: &str, value: &FieldValue, message: &mut Message<'_>) {
    let list = &mut message.properties;
    match (name.to_ascii_lowercase().as_str(), value) {
        ("subject", FieldValue::Text(subject)) => list.push(text(tag::SUBJECT, subject)),
        ("date", FieldValue::Date(time)) => list.push(Property::new(tag::CLIENT_SUBMIT_TIME, Value::Time(*time))),
        ("from", FieldValue::Mailboxes(all)) => {
            let ids = [
                tag::SENT_REPRESENTING_NAME,
                tag::SENT_REPRESENTING_ADDRESS_TYPE,
                tag::SENT_REPRESENTING_EMAIL_ADDRESS,
                tag::SENT_REPRESENTING_SMTP_ADDRESS,
            ];
            list.extend(all.first().into_iter().flat_map(|one| somebody(one, ids)));
        }
        ("sender", FieldValue::Mailboxes(all)) => {
            let ids = [tag::SENDER_NAME, tag::SENDER_ADDRESS_TYPE, tag::SENDER_EMAIL_ADDRESS, tag::SENDER_SMTP_ADDRESS];
            list.extend(all.first().into_iter().flat_map(|one| somebody(one, ids)));
        }
        (name @ ("to" | "cc" | "bcc"), FieldValue::Mailboxes(all)) => {
            let kind = if name == "to" {
                1
            } else if name == "cc" {
                2
            } else {
                3
            };
            message.recipients.extend(all.iter().map(|one| row(one, kind)));
        }
        ("message-id", FieldValue::Ids(ids)) => list.push(text(tag::INTERNET_MESSAGE_ID, &bracketed(ids))),
        ("in-reply-to", FieldValue::Ids(ids)) => list.push(text(tag::IN_REPLY_TO_ID, &bracketed(ids))),
        ("references", FieldValue::Ids(ids)) => list.push(text(tag::INTERNET_REFERENCES, &bracketed(ids))),
        ("importance", FieldValue::Word("low")) => list.push(number(tag::IMPORTANCE, 0)),
        ("importance", FieldValue::Word("high")) => list.push(number(tag::IMPORTANCE, 2)),
        ("sensitivity", FieldValue::Word(word)) => {
            let known = ["Personal", "Private", "Company-Confidential"];
            let at = known.iter().position(|known| known == word);
            list.extend(at.and_then(|at| i32::try_from(at + 1).ok()).map(|at| number(tag::SENSITIVITY, at)));
        }
        _ => {}
    }
}

fn bracketed(ids: &[String]) -> String {
    ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

/// Somebody, by the properties for the name, the type, the address, and the address of SMTP.
fn somebody(mailbox: &Mailbox, [name, kind, address, smtp]: [u16; 4]) -> Vec<Property<'static>> {
    let of_address = |of: &String| [text(kind, "SMTP"), text(address, of), text(smtp, of)];
    let called = mailbox.name.as_ref().or(mailbox.address.as_ref()).map(|called| text(name, called));
    called.into_iter().chain(mailbox.address.iter().flat_map(of_address)).collect()
}

fn row(mailbox: &Mailbox, kind: i32) -> Vec<Property<'static>> {
    let ids = [tag::DISPLAY_NAME, tag::ADDRESS_TYPE, tag::EMAIL_ADDRESS, tag::SMTP_ADDRESS];
    [vec![number(tag::RECIPIENT_TYPE, kind)], somebody(mailbox, ids)].concat()
}
