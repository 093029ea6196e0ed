//! A tree of parts, as MIME has it (RFC 2045 to 2047, 2183, 2387).
//!
//! Rule: a tree says what there is, not how it is written. Octets are borrowed where they come from.

mod writer;

use std::borrow::Cow;

pub use self::writer::write;
pub(crate) use self::writer::{write_fields, write_part, Style, Written};
use super::{FileTime, Mailbox};

/// A part: a message, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part<'a> {
    /// The fields of a message, but for those about its content; none of a part that is no message.
    pub fields: Vec<Field>,
    /// The type, as `text/plain`.
    pub media_type: Cow<'a, str>,
    /// The parameters of the type, but for `name` and `boundary`.
    pub parameters: Vec<(&'static str, String)>,
    /// How it is shown; `None`: as is usual where it stands.
    pub disposition: Option<Disposition>,
    /// The name of the file.
    pub file_name: Option<String>,
    /// The id, without brackets.
    pub content_id: Option<String>,
    /// Where it was.
    pub content_location: Option<String>,
    /// When the file was made.
    pub created: Option<FileTime>,
    /// When the file was changed.
    pub modified: Option<FileTime>,
    /// What it holds.
    pub content: Content<'a>,
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Octets.
    Octets(Cow<'a, [u8]>),
    /// Parts: its type is `multipart`.
    Parts(Vec<Part<'a>>),
    /// A message: its type is `message/rfc822`.
    Message(Box<Part<'a>>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Content::Octets(Cow::Borrowed(&[]))
    }
}

/// How a part is shown (RFC 2183).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Where it stands.
    Inline,
    /// As a file.
    Attachment,
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: FieldValue,
}

/// The value of a field, before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// Any text.
    Text(String),
    /// People.
    Mailboxes(Vec<Mailbox>),
    /// A time.
    Date(FileTime),
    /// Message ids, without brackets.
    Ids(Vec<String>),
    /// A word of a list.
    Word(&'static str),
}

impl<'a> Part<'a> {
    /// A part of text.
    pub fn text(media_type: &'static str, text: String) -> Self {
        Part {
            media_type: media_type.into(),
            parameters: vec![("charset", "utf-8".into())],
            content: Content::Octets(text.into_bytes().into()),
            ..Part::default()
        }
    }

    /// A part of parts.
    pub fn multipart(media_type: &'static str, parts: Vec<Part<'a>>) -> Self {
        Part { media_type: media_type.into(), content: Content::Parts(parts), ..Part::default() }
    }

    /// The parts that it holds.
    pub fn parts(&self) -> &[Part<'a>] {
        match &self.content {
            Content::Parts(parts) => parts,
            _ => &[],
        }
    }

    /// The octets that it holds.
    pub fn octets(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| &field.value)
    }

    /// The same, borrowed from nobody.
    pub fn into_owned(self) -> Part<'static> {
        Part {
            media_type: self.media_type.into_owned().into(),
            content: match self.content {
                Content::Octets(octets) => Content::Octets(octets.into_owned().into()),
                Content::Parts(parts) => Content::Parts(parts.into_iter().map(Part::into_owned).collect()),
                Content::Message(message) => Content::Message(Box::new(message.into_owned())),
            },
            fields: self.fields,
            parameters: self.parameters,
            disposition: self.disposition,
            file_name: self.file_name,
            content_id: self.content_id,
            content_location: self.content_location,
            created: self.created,
            modified: self.modified,
        }
    }
}
