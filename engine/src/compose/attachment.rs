//! What is attached to a mail or shown within it.
//!
//! Rule: it is encoded once, when it is made; whatever it is attached to shares those octets.

use std::{fmt, fs::File, io, io::Read, path::Path};

use super::{
    error::excerpt,
    fields::check,
    ids,
    media::{self, Encoded},
    ComposeError,
};

/// Octets of one attachment. Encoded it is a third longer, and still below [`MAX_MAIL`](super::MAX_MAIL).
pub const MAX_ATTACHMENT: usize = 512 * 1024 * 1024;
/// Octets of the file name of an attachment: what file systems allow.
pub const MAX_FILE_NAME: usize = 255;

/// A file in a mail. A clone shares its octets.
///
/// ```
/// # use postrider_engine::Attachment;
/// let table = Attachment::new("totals.csv", "1;2\r\n");
/// assert_eq!(table.media_type(), "text/csv");
/// let raw = Attachment::new("blob", &b"\x00\x01"[..]).with_type("application/x-blob");
/// assert_eq!(raw.media_type(), "application/x-blob");
/// ```
///
/// What is wrong with it is kept, and told when the mail is sent.
#[derive(Clone)]
pub struct Attachment {
    pub(super) name: String,
    media_type: String,
    charset: Option<&'static str>,
    encoded: Encoded,
    octets: usize,
    pub(super) content_id: Option<String>,
    pub(super) location: Option<String>,
    pub(super) is_inline: bool,
    mistake: Option<ComposeError>,
}

impl Attachment {
    /// Octets under a file name. The type follows from the name's extension, else from the first octets, and is
    /// `application/octet-stream` if neither tells.
    ///
    /// A `message/rfc822` must not be encoded (RFC 2046, 5.2.1): its line ends become CRLF; if it has a NUL or a line above
    /// 998 octets it is attached as unknown octets. With a header beyond ASCII it is a `message/global` (RFC 6532, 3.7).
    pub fn new(name: impl Into<String>, octets: impl AsRef<[u8]>) -> Self {
        let (name, octets) = (name.into(), octets.as_ref());
        let mistake = name_mistake(&name, octets.len());
        let octets = if mistake.is_none() { octets } else { b"" };
        let media_type = media::type_of(&name, octets);
        let (media_type, encoded) = match media_type == media::MESSAGE {
            true => media::message(octets),
            false => (media_type, Encoded::base64(octets)),
        };
        Attachment {
            charset: media::charset_of(&media_type, octets),
            name,
            media_type,
            encoded,
            octets: octets.len(),
            content_id: None,
            location: None,
            is_inline: false,
            mistake,
        }
    }

    /// All that can be read, as [`Attachment::new`] has it: at most [`MAX_ATTACHMENT`] octets. Blocks while it reads.
    pub fn read(name: impl Into<String>, from: impl Read) -> Self {
        let name = name.into();
        let mut octets = Vec::new();
        match from.take(MAX_ATTACHMENT as u64 + 1).read_to_end(&mut octets) {
            Ok(_) => Attachment::new(name, octets),
            Err(error) => Attachment::unread(name, &error),
        }
    }

    /// A file, under its own name. Blocks while it reads.
    pub fn file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        match File::open(path) {
            Ok(file) => Attachment::read(name, file),
            Err(error) => Attachment::unread(path.to_string_lossy().into_owned(), &error),
        }
    }

    fn unread(name: String, error: &io::Error) -> Self {
        let shown = excerpt(&name);
        let mut empty = Attachment::new("", "");
        empty.mistake = Some(ComposeError::Read { name: shown, kind: error.kind(), text: error.to_string() });
        empty.name = name;
        empty
    }

    /// The same under another file name; the type stays.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        let mistake = name_mistake(&self.name, self.octets);
        self.note(mistake.map_or(Ok(()), Err));
        self
    }

    /// The same with another type, such as `image/png`; without parameters. `message/rfc822` is for a file name that ends
    /// with `.eml` only.
    #[must_use]
    pub fn with_type(mut self, media_type: &str) -> Self {
        const WHAT: &str = "for encoded octets: give the mail a name that ends with .eml";
        match media::checked_type("with_type", media_type) {
            Ok(media_type) if media_type.starts_with("message/") && self.encoded.how == "base64" => {
                self.note(Err(ComposeError::value("with_type", &media_type, WHAT)));
            }
            Ok(media_type) => {
                self.charset = self.charset.filter(|_| media_type.starts_with("text/"));
                self.media_type = media_type;
            }
            Err(error) => self.note(Err(error)),
        }
        self
    }

    /// Its media type.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// It is shown in the page as `cid:` and this (RFC 2392).
    pub(super) fn known_as(mut self, content_id: &str) -> Self {
        match ids::content_id(content_id) {
            Ok(content_id) => self.content_id = Some(content_id),
            Err(error) => self.note(Err(error)),
        }
        self.is_inline = true;
        self
    }

    /// It stands for what the page finds at this URI (RFC 2557, 4.2).
    pub(super) fn located_at(mut self, location: &str) -> Self {
        match ids::location(location) {
            Ok(location) => self.location = Some(location),
            Err(error) => self.note(Err(error)),
        }
        self.is_inline = true;
        self
    }

    fn note(&mut self, result: Result<(), ComposeError>) {
        if let Err(error) = result {
            self.mistake.get_or_insert(error);
        }
    }

    pub(super) fn take_mistake(&mut self) -> Option<ComposeError> {
        self.mistake.take()
    }

    pub(super) fn encoded(&self) -> &Encoded {
        &self.encoded
    }

    pub(super) fn charset(&self) -> Option<&'static str> {
        self.charset
    }
}

fn name_mistake(name: &str, octets: usize) -> Option<ComposeError> {
    if name.len() > MAX_FILE_NAME {
        return Some(ComposeError::too_much("attachment name", MAX_FILE_NAME, "octets", "give a shorter one"));
    }
    if octets > MAX_ATTACHMENT {
        return Some(ComposeError::too_much("attachment", MAX_ATTACHMENT, "octets", "send a link to it"));
    }
    let has_tab = name.find('\t').map(|at| ComposeError::Control { field: "attachment name".into(), at });
    has_tab.or_else(|| check("attachment name", name).err())
}

impl fmt::Debug for Attachment {
    /// Without its octets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Attachment");
        shown.field("name", &self.name).field("media_type", &self.media_type).field("octets", &self.octets);
        shown.field("content_id", &self.content_id).field("location", &self.location).finish_non_exhaustive()
    }
}
