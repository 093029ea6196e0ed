//! What an attachment is: its names, its type, its times, and what it holds.
//!
//! Rule: a file name is a name, without any folder, without what ends a line, and without what a shell or a file system takes
//! for something else. A type is one of the form that MIME has, or none.

use std::borrow::Cow;

use super::{body::binary, find, is_true, number, time, time_at, Reading};
use crate::{
    tnef::{
        model::{Attachment, Guid, Value},
        tags::{att, tag, IID_MESSAGE},
        FileTime,
    },
    ConvertError,
};

/// What an attachment is.
#[derive(Clone, Debug, Default)]
pub struct Attached<'a> {
    /// The long name, or the short one where that is all there is.
    pub name: Option<String>,
    /// The type, as in `Content-Type`.
    pub media_type: Option<String>,
    pub content_id: Option<String>,
    pub content_location: Option<String>,
    pub created: Option<FileTime>,
    pub modified: Option<FileTime>,
    /// It is shown in the text, or not at all, and not as a file.
    pub is_hidden: bool,
    /// The page names it (PidTagAttachFlags: attRenderedInBody).
    pub is_inline: bool,
    pub content: Content<'a>,
}

/// What an attachment holds.
#[derive(Clone, Debug, Default)]
pub enum Content<'a> {
    /// Nothing that is here: it lies elsewhere, or was lost.
    #[default]
    Nothing,
    /// Octets.
    File(Cow<'a, [u8]>),
    /// A message: a stream of TNEF.
    Message(Cow<'a, [u8]>),
    /// An object of OLE, as its program has kept it.
    Object(Cow<'a, [u8]>),
}

impl<'a> Reading<'_, 'a> {
    pub fn attached(&mut self, of: &Attachment<'a>) -> Result<Attached<'a>, ConvertError> {
        let list = &of.properties;
        let location = self.text_in(list, tag::ATTACH_CONTENT_LOCATION)?;
        Ok(Attached {
            name: self.name(of)?,
            media_type: self.text_in(list, tag::ATTACH_MIME_TAG)?.filter(|kind| is_media_type(kind)),
            content_id: self.text_in(list, tag::ATTACH_CONTENT_ID)?.as_deref().and_then(content_id),
            content_location: location.filter(|text| text.bytes().all(|one| one.is_ascii_graphic())),
            created: time(find(list, tag::CREATION_TIME)).or_else(|| time_at(&of.attributes, att::ATTACH_CREATE_DATE)),
            modified: time(find(list, tag::LAST_MODIFICATION_TIME))
                .or_else(|| time_at(&of.attributes, att::ATTACH_MODIFY_DATE)),
            is_hidden: is_true(find(list, tag::ATTACHMENT_HIDDEN)),
            is_inline: number(find(list, tag::ATTACH_FLAGS)).unwrap_or_default() & 4 != 0,
            content: content(of),
        })
    }

    fn name(&mut self, of: &Attachment<'_>) -> Result<Option<String>, ConvertError> {
        for id in [tag::ATTACH_LONG_FILENAME, tag::ATTACH_TRANSPORT_NAME, tag::ATTACH_FILENAME, tag::DISPLAY_NAME] {
            if let Some(name) = self.text_in(&of.properties, id)?.as_deref().and_then(file_name) {
                return Ok(Some(name));
            }
        }
        for id in [att::ATTACH_TRANSPORT_FILENAME, att::ATTACH_TITLE] {
            if let Some(name) = self.text_at(&of.attributes, id)?.as_deref().and_then(file_name) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

fn content<'a>(of: &Attachment<'a>) -> Content<'a> {
    if let Some(Value::Object(octets)) = find(&of.properties, tag::ATTACH_DATA) {
        let octets = octets.clone();
        return match octets.first_chunk::<16>().copied().map(Guid) {
            Some(IID_MESSAGE) => Content::Message(behind_interface(octets)),
            Some(_) => Content::Object(behind_interface(octets)),
            None => Content::Nothing,
        };
    }
    let of_property = binary(&of.properties, tag::ATTACH_DATA);
    let data = || of.attributes.iter().find(|one| one.id == att::ATTACH_DATA).map(|one| one.octets.clone());
    of_property.or_else(data).map_or(Content::Nothing, Content::File)
}

fn behind_interface(octets: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match octets {
        Cow::Borrowed(octets) => Cow::Borrowed(octets.get(16..).unwrap_or_default()),
        Cow::Owned(octets) => Cow::Owned(octets.get(16..).unwrap_or_default().to_vec()),
    }
}

/// A name without folders. `..` and such are none.
fn file_name(text: &str) -> Option<String> {
    let last = text.rsplit(['/', '\\', ':']).find(|part| !part.trim().is_empty())?;
    let is_kept = |one: &char| !one.is_control() && !"<>|\"*?".contains(*one) && !is_turning(*one);
    let name: String = last.trim().chars().filter(is_kept).take(200).collect();
    (!name.trim_matches(['.', ' ']).is_empty()).then_some(name)
}

/// Marks that turn the direction of writing make `exe.txt` of `txt.exe`.
fn is_turning(one: char) -> bool {
    matches!(one, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// It has the form of a type, and its parts are tokens (RFC 2045). Parts of parts are for us to make.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|one| one.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&one))
    };
    let is_made = |kind: &str| ["multipart", "message"].iter().any(|one| kind.eq_ignore_ascii_case(one));
    text.len() <= 120
        && text.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub) && !is_made(kind))
}

/// An id without brackets that can stand in a header.
fn content_id(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    let is_kept = |one: u8| one.is_ascii_graphic() && one != b'<' && one != b'>';
    (!text.is_empty() && text.len() <= 900 && text.bytes().all(is_kept)).then(|| text.to_owned())
}
