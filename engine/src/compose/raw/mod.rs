//! A mail that a program has as octets already.
//!
//! Rule: the octets are a mail as RFC 5322 has it, or they are refused; beside line ends and what was asked for, nothing of
//! them is changed.

mod check;
mod header;
#[cfg(test)]
mod tests;

pub(crate) use header::Addressing;

use std::fmt;

use bytes::Bytes;

use super::{
    delivery::{address, delivery_options, Delivery},
    ids, ComposeError, MailboxList, Making, Outgoing, When,
};
use crate::{Address, Body, Content, Draft, HeaderError, Notify, Piece, QueuePriority, Ret};

/// Octets of a mail, and how they go.
///
/// Lines that end with a bare LF get a CRLF, and so does a last line without an end. Refused are: what does not begin with a
/// header, a header that ends without an empty line, or that is neither ASCII nor UTF-8; a CR without LF; a NUL; a line above
/// 998 octets (RFC 5322, 2.1.1 and 2.3). Readers disagree about all of these, or hosts change them on the way.
///
/// The envelope is given, or read from the header. `BODY` and `SMTPUTF8` follow from the octets. A missing `Date` or
/// `Message-ID` stays missing unless [`RawMail::complete`] is called.
///
/// ```
/// use postrider_engine::{Making, Moment, Outgoing, RawMail};
///
/// let octets = "From: ann@example.org\nTo: bob@example.net\nBcc: carol@example.com\nSubject: Hi\n\nHello.\n";
/// let making = Making { now: Moment(1_795_156_274_000), host: "mail.example.org", unique: 7 };
/// let draft = RawMail::new(octets).envelope_from_header().into_draft(&making)?;
/// assert_eq!(draft.envelope.recipients.len(), 2);
/// assert_eq!(draft.content.all(999)?, "From: ann@example.org\r\nTo: bob@example.net\r\nSubject: Hi\r\n\r\nHello.\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a mail is sent only when it is given to send"]
pub struct RawMail {
    octets: Bytes,
    /// `Some(None)` is the null one.
    sender: Option<Option<Address>>,
    recipients: Vec<Address>,
    is_from_header: bool,
    is_completed: bool,
    delivery: Delivery,
    mistake: Option<ComposeError>,
}

impl RawMail {
    /// These octets, with no envelope yet. They are not copied if all their lines end with CRLF.
    pub fn new(octets: impl Into<Bytes>) -> Self {
        RawMail {
            octets: octets.into(),
            sender: None,
            recipients: Vec::new(),
            is_from_header: false,
            is_completed: false,
            delivery: Delivery::default(),
            mistake: None,
        }
    }

    /// The sender of the envelope: one address without a name.
    pub fn from(mut self, sender: &str) -> Self {
        match address("from", sender) {
            Ok(address) if address.domain().is_empty() => {
                let what = "an address with a domain; for none at all use null_sender";
                self.note(Err(ComposeError::value("from", sender, what)));
            }
            Ok(address) => self.sender = Some(Some(address)),
            Err(error) => self.note(Err(error)),
        }
        self
    }

    /// The envelope has the null sender, `<>`: nobody is told what becomes of the mail (RFC 5321, 4.5.5).
    pub fn null_sender(mut self) -> Self {
        self.sender = Some(None);
        self
    }

    /// Adds recipients to the envelope. The header is not looked at, and a `Bcc` field stays where it is.
    pub fn to(mut self, recipients: impl Into<MailboxList>) -> Self {
        match recipients.into().0 {
            Ok(all) => self.recipients.extend(all.iter().map(|mailbox| mailbox.address().clone())),
            Err((text, problem)) => self.note(Err(ComposeError::Mailbox { field: "to", text, problem })),
        }
        self
    }

    /// The envelope is what the header says: the recipients of To, Cc and Bcc, added to those of [`RawMail::to`]; the
    /// sender, if none is set, of Sender, else of From. All Bcc fields are then taken out.
    ///
    /// If the mail was sent again, its first block of `Resent-` fields is taken in their place (RFC 5322, 3.6.6).
    pub fn envelope_from_header(mut self) -> Self {
        self.is_from_header = true;
        self
    }

    /// Gets a `Date` and a `Message-ID` if the header has none.
    pub fn complete(mut self) -> Self {
        self.is_completed = true;
        self
    }

    delivery_options!();

    fn note(&mut self, result: Result<(), ComposeError>) {
        if let Err(error) = result {
            self.mistake.get_or_insert(error);
        }
    }

    /// The content with its header as it was asked for.
    fn content(&self, octets: Bytes, making: &Making<'_>) -> Result<Content, ComposeError> {
        let is_open = !octets.ends_with(b"\r\n");
        let has_field = |name| crate::header::has_field(&octets, name);
        let (date, id) = (!has_field("Date"), !has_field("Message-ID"));
        let mut content = Content::new(octets.clone());
        if is_open {
            content.push(Piece::Memory(Bytes::from_static(b"\r\n")));
        }
        if self.is_from_header {
            let edited = content.edit_header(|header| {
                header.remove("Bcc");
                header.remove("Resent-Bcc");
                Ok(())
            });
            edited.map_err(|_: HeaderError| ComposeError::LongHeader)?;
        }
        let mut missing = String::new();
        if self.is_completed && date {
            missing.push_str(&format!("Date: {}\r\n", making.now.rfc5322()));
        }
        if self.is_completed && id {
            missing.push_str(&format!("Message-ID: {}\r\n", ids::own(making)));
        }
        if !missing.is_empty() {
            content.prepend(missing);
        }
        Ok(content)
    }
}

impl Outgoing for RawMail {
    /// # Errors
    /// The first mistake of a setter; [`ComposeError::Raw`]; [`ComposeError::NoEnvelopeSender`],
    /// [`ComposeError::NoRecipient`] and the others of an envelope; a limit.
    fn into_draft(mut self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        let octets = check::mail(&self.octets)?;
        let fields = &octets[..crate::header::header_len(&octets)];
        if self.is_from_header {
            let read = header::Addressing::of(fields);
            self.recipients.extend(read.recipients()?);
            if self.sender.is_none() {
                self.sender = Some(Some(read.sender()?));
            }
        }
        let sender = self.sender.take().ok_or(ComposeError::NoEnvelopeSender)?;
        let recipients = std::mem::take(&mut self.recipients);
        let mut envelope = std::mem::take(&mut self.delivery).envelope(making, sender, recipients)?;
        envelope.smtputf8 |= !fields.is_ascii();
        envelope.body = if octets.is_ascii() { Body::SevenBit } else { Body::EightBitMime };
        let content = self.content(octets, making)?;
        Ok(Draft::new(envelope, content))
    }
}

impl fmt::Debug for RawMail {
    /// Without its octets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RawMail");
        shown.field("octets", &self.octets.len()).field("sender", &self.sender);
        shown.field("recipients", &self.recipients.len()).field("delivery", &self.delivery);
        shown.field("mistake", &self.mistake).finish_non_exhaustive()
    }
}
