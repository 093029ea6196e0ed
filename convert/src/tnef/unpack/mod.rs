//! From a message to a tree of parts.
//!
//! Rule: nothing is lost on the way that MIME can carry. The tree is `mixed` of what is shown and of files; what is shown is
//! `related` of pages and their pictures; pages are `alternative` of text, HTML and calendar. A level with one part is
//! that part.

mod bodies;
mod tree;

use std::borrow::Cow;

pub(crate) use self::bodies::BesideText;
use self::tree::{composed, Shown};
use super::{
    calendar, contact, fields,
    meaning::{Attached, Content as Held, Envelope, Reading},
    mime::{Content, Disposition, Part},
    model::{Attachment, Message},
    reader::read_within,
};
use crate::{Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// Messages within each other that are unpacked; what is deeper stays a `winmail.dat`.
const MOST_DEPTH: usize = 32;
/// Parts that a message takes besides its files: itself, room for its bodies and for the levels of them, and as much as one or two
/// for what they say of themselves.
const PARTS: usize = 8;

/// The tree of parts that this stream holds.
///
/// # Errors
/// [`ConvertError`]: it is no TNEF, or the tree would be larger than the limits allow, or its items than eight times the
/// stream. What is borrowed from the stream does not count.
///
/// ```
/// use postrider_convert::{tnef::{tags::tag, to_mime, Message, Property, Value}, Limits};
/// let properties = vec![Property::new(tag::BODY, Value::text("Hello"))];
/// let octets = Message { properties, ..Message::default() }.to_octets();
/// assert_eq!(to_mime(&octets, Limits::default())?.output.octets(), Some(b"Hello".as_slice()));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn to_mime(octets: &[u8], limits: Limits) -> Result<Converted<Part<'_>>, ConvertError> {
    let mut allowance = Allowance::new(limits);
    allowance.begin_stream(octets.len());
    let mut flaws = Flaws::default();
    let output = of_stream(octets, 0, &mut allowance, &mut flaws)?;
    Ok(Converted { output, flaws })
}

impl<'a> Message<'a> {
    /// The tree of parts that this message is.
    ///
    /// # Errors
    /// [`ConvertError`]: the tree would be larger than the limits allow.
    pub fn to_mime(&self, limits: Limits) -> Result<Converted<Part<'a>>, ConvertError> {
        let mut allowance = Allowance::new(limits);
        let mut flaws = Flaws::default();
        let output = of_message(self, 0, &mut allowance, &mut flaws)?;
        Ok(Converted { output, flaws })
    }
}

fn of_stream<'a>(
    octets: &'a [u8],
    depth: usize,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Part<'a>, ConvertError> {
    let message = read_within(octets, allowance)?;
    flaws.extend(message.flaws);
    of_message(&message.output, depth, allowance, flaws)
}

fn of_message<'a>(
    message: &Message<'a>,
    depth: usize,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Part<'a>, ConvertError> {
    of_message_beside(message, depth, &mut None, allowance, flaws)
}

/// The tree of a stream that came beside a text. A text of its own counts more, but if it says the same, or there is none, the text
/// is taken and becomes a body.
pub(crate) fn beside_text<'a>(
    octets: &'a [u8],
    beside: &mut Option<BesideText<'a>>,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Part<'a>, ConvertError> {
    allowance.begin_stream(octets.len());
    let message = read_within(octets, allowance)?;
    flaws.extend(message.flaws);
    of_message_beside(&message.output, 0, beside, allowance, flaws)
}

fn of_message_beside<'a>(
    message: &Message<'a>,
    depth: usize,
    beside: &mut Option<BesideText<'a>>,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Part<'a>, ConvertError> {
    let mut unpacking = Unpacking { reading: Reading::new(message, allowance.clone()), depth, beside: beside.take() };
    let part = unpacking.message();
    *beside = unpacking.beside;
    *allowance = unpacking.reading.allowance;
    flaws.extend(unpacking.reading.flaws);
    part
}

struct Unpacking<'m, 'a> {
    reading: Reading<'m, 'a>,
    depth: usize,
    beside: Option<BesideText<'a>>,
}

impl<'a> Unpacking<'_, 'a> {
    fn message(&mut self) -> Result<Part<'a>, ConvertError> {
        self.reading.allowance.make_items(PARTS * size_of::<Part>())?;
        let envelope = self.reading.envelope()?;
        let mut shown = self.bodies()?;
        self.meant(&envelope, &mut shown)?;
        let message = self.reading.message;
        // One that says nothing is no part.
        let says = |one: &&Attachment<'_>| !(one.attributes.is_empty() && one.properties.is_empty());
        let most = message.attachments.iter().filter(says).count();
        self.reading.allowance.make_items(most.saturating_mul(size_of::<Part>()))?;
        // One more: what is shown goes before the files.
        shown.files.reserve_exact(most + 1);
        for attachment in &message.attachments {
            let attached = self.reading.attached(attachment)?;
            let is_shown = |id| shown.named.contains(id) || attached.is_inline || attached.is_hidden;
            let is_related = !shown.named.is_empty() && attached.content_id.as_deref().is_some_and(is_shown);
            let Some(part) = self.attached(attached, is_related)? else { continue };
            if is_related { &mut shown.related } else { &mut shown.files }.push(part);
        }
        let mut whole = composed(shown);
        whole.fields = fields::of(envelope);
        Ok(whole)
    }

    /// What the message is besides a text: a meeting, or somebody's card.
    fn meant(&mut self, envelope: &Envelope, shown: &mut Shown<'a>) -> Result<(), ConvertError> {
        if let Some(calendar) = calendar::of(&mut self.reading, envelope)? {
            let mut part = Part::text("text/calendar", calendar.text);
            part.parameters.push(("method", calendar.method.into()));
            shown.alternatives.push(part);
        }
        if let Some(card) = contact::of(&mut self.reading, envelope)? {
            let mut part = Part::text("text/vcard", card.text);
            part.disposition = Some(Disposition::Attachment);
            part.file_name = Some(card.file_name);
            shown.files.push(part);
        }
        Ok(())
    }

    fn attached(&mut self, attached: Attached<'a>, is_related: bool) -> Result<Option<Part<'a>>, ConvertError> {
        let (kind, content) = match attached.content {
            Held::Nothing => {
                self.reading.flaws.note(Trouble::Malformed, 0, "PidTagAttachDataBinary");
                return Ok(None);
            }
            Held::Message(octets) => match self.embedded(octets)? {
                Ok(message) => ("message/rfc822", Content::Message(Box::new(message))),
                Err(octets) => ("application/ms-tnef", Content::Octets(octets)),
            },
            Held::Object(octets) => ("application/x-ole-storage", Content::Octets(octets)),
            Held::File(octets) => {
                let guessed = attached.name.as_deref().and_then(|name| mime_guess::from_path(name).first_raw());
                (guessed.unwrap_or("application/octet-stream"), Content::Octets(octets))
            }
        };
        let is_file = matches!(content, Content::Octets(_)) && kind != "application/ms-tnef";
        let media_type = attached.media_type.filter(|_| is_file).map_or(Cow::Borrowed(kind), Cow::Owned);
        Ok(Some(Part {
            media_type,
            disposition: Some(if is_related { Disposition::Inline } else { Disposition::Attachment }),
            file_name: attached.name,
            content_id: attached.content_id,
            content_location: attached.content_location,
            created: attached.created,
            modified: attached.modified,
            content,
            ..Part::default()
        }))
    }

    /// A message within the message; its octets, if it is too deep or none.
    fn embedded(&mut self, octets: Cow<'a, [u8]>) -> Result<Result<Part<'a>, Cow<'a, [u8]>>, ConvertError> {
        let Reading { allowance, flaws, .. } = &mut self.reading;
        if self.depth + 1 >= allowance.depth().min(MOST_DEPTH) {
            flaws.note(Trouble::TooDeep, 0, "PidTagAttachDataObject");
            return Ok(Err(octets));
        }
        let outer = allowance.begin_nested(octets.len());
        let message = match &octets {
            Cow::Borrowed(octets) => of_stream(octets, self.depth + 1, allowance, flaws),
            Cow::Owned(octets) => {
                allowance.make(octets.len())?;
                of_stream(octets, self.depth + 1, allowance, flaws).map(Part::into_owned)
            }
        };
        allowance.end_nested(outer);
        match message {
            Err(ConvertError::NotThis { .. }) => {
                flaws.note(Trouble::Malformed, 0, "PidTagAttachDataObject");
                Ok(Err(octets))
            }
            message => message.map(Ok),
        }
    }
}

fn file<'a>(media_type: &'static str, name: &str, octets: Cow<'a, [u8]>) -> Part<'a> {
    Part {
        media_type: media_type.into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some(name.to_owned()),
        content: Content::Octets(octets),
        ..Part::default()
    }
}
