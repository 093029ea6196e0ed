//! A mail that a program writes.
//!
//! Rule: what was set wrong is kept and told when the mail is sent; nothing is sent then. What was set right comes out as it
//! was put in.

mod build;
mod people;
mod reserved;
mod setters;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_fields;
#[cfg(test)]
mod tests_parts;
#[cfg(test)]
mod tests_props;

use std::fmt;

use super::{
    delivery::{delivery_options, Delivery},
    Attachment, BodySource, ComposeError, Mailbox, Making, Outgoing, When,
};
use crate::{Address, Draft, Moment, Notify, QueuePriority, Ret};

/// A new mail: from whom, to whom, what it says, how it goes.
///
/// Setters of mailboxes, fields and parts add; all others replace. A mistake is kept, and the first one is the error
/// when the mail is sent.
///
/// ```
/// use postrider_engine::{Attachment, Importance, NewMail};
///
/// let mail = NewMail::new()
///     .from("Ann Example <ann@example.org>")
///     .to("Bob <bob@example.net>; carol@example.com")
///     .bcc("archive@example.org")
///     .subject("Totals of März")
///     .text("Dear all,\n\nthe totals are attached.\n")
///     .attach(Attachment::new("totals.csv", "1;2\r\n"))
///     .importance(Importance::High);
/// # use postrider_engine::{Making, Moment, Outgoing};
/// let making = Making { now: Moment(1_795_156_274_000), host: "mail.example.org", unique: 7 };
/// let draft = mail.into_draft(&making)?;
/// assert_eq!(draft.envelope.recipients.len(), 3);
/// let octets = draft.content.all(10_000)?;
/// let header = String::from_utf8_lossy(&octets);
/// assert!(header.contains("\r\nTo: Bob <bob@example.net>, carol@example.com\r\n"));
/// assert!(header.contains("\r\nSubject: Totals of =?utf-8?Q?M=C3=A4rz?=\r\n"));
/// assert!(!header.contains("archive@"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Sending consumes it, and it cannot be cloned: what was sent is never sent again by accident with more recipients. Write
/// a function that makes one for each mail; an [`Attachment`] can be cloned, and is encoded once.
///
/// Two calls of [`Outgoing::into_draft`] on equal mails with the same [`Making`] give the same octets.
#[derive(Default)]
#[must_use = "a mail is sent only when it is given to send"]
pub struct NewMail {
    from: Vec<Mailbox>,
    sender: Option<Mailbox>,
    reply_to: Vec<Mailbox>,
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    bcc: Vec<Mailbox>,
    /// `Some(None)` is the null one.
    return_path: Option<Option<Address>>,
    subject: Option<String>,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    /// What text and page are to be made of.
    pub(super) source: Option<Box<dyn BodySource>>,
    /// Method and calendar.
    calendar: Option<(String, String)>,
    importance: Option<Importance>,
    more_fields: Vec<(String, String)>,
    attachments: Vec<Attachment>,
    date: Option<Moment>,
    message_id: Option<String>,
    in_reply_to: Vec<String>,
    references: Vec<String>,
    delivery: Delivery,
    pub(super) mistake: Option<ComposeError>,
}

/// How important a mail is to its readers: fields that mail programs show (`Importance`, RFC 4021, 2.1.54; `X-Priority`).
/// It does not go earlier for it; see [`NewMail::priority`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Importance {
    /// It can wait.
    Low,
    /// As any other.
    Normal,
    /// To be read first.
    High,
}

impl NewMail {
    /// An empty mail.
    pub fn new() -> Self {
        NewMail::default()
    }

    delivery_options!();

    /// Keeps the first mistake.
    fn note(&mut self, result: Result<(), ComposeError>) {
        if let Err(error) = result {
            self.mistake.get_or_insert(error);
        }
    }
}

impl Outgoing for NewMail {
    /// # Errors
    /// The first mistake of a setter; [`ComposeError::NoFrom`], [`ComposeError::NoSender`], [`ComposeError::NoRecipient`],
    /// [`ComposeError::Expired`], [`ComposeError::NotARecipient`]; what a [`BodySource`] says; a limit.
    fn into_draft(mut self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        match self.mistake.take() {
            Some(mistake) => Err(mistake),
            None => self.make_body(making)?.build(making),
        }
    }
}

impl fmt::Debug for NewMail {
    /// Without what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recipients = self.to.len() + self.cc.len() + self.bcc.len();
        let mut shown = f.debug_struct("NewMail");
        shown.field("from", &self.from).field("recipients", &recipients).field("attachments", &self.attachments);
        shown.field("delivery", &self.delivery).field("mistake", &self.mistake).finish_non_exhaustive()
    }
}
