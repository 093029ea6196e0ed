//! A body in a form that this crate does not know. Who knows it says what it is as text and as a page.
//!
//! Rule: what it is made of is asked when the mail is composed, once; what the program has set itself goes before it.

use super::{Attachment, ComposeError, Making, NewMail};

/// Something that becomes the body of a mail when that is composed: a document in a form of its own.
pub trait BodySource: Send + Sync {
    /// What it is, as mail has it.
    ///
    /// # Errors
    /// [`ComposeError`]: it is none; nothing is sent then.
    fn into_body(self: Box<Self>, making: &Making<'_>) -> Result<MadeBody, ComposeError>;
}

/// What a [`BodySource`] is as text and as a page.
#[derive(Debug, Default)]
pub struct MadeBody {
    /// As [`NewMail::text`].
    pub text: Option<String>,
    /// As [`NewMail::html`].
    pub html: Option<String>,
    /// What the page shows, by the content id behind its `cid:`, as [`NewMail::inline`].
    pub inline: Vec<(String, Attachment)>,
}

impl NewMail {
    /// A body in another form, of which text and a page are made when the mail is composed. A [`NewMail::text`] or
    /// [`NewMail::html`] that is set as well takes the place of the one that would be made.
    pub fn body(mut self, source: impl BodySource + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// The body is made, if there is one to be made.
    pub(super) fn make_body(mut self, making: &Making<'_>) -> Result<Self, ComposeError> {
        let Some(source) = self.source.take() else { return Ok(self) };
        let made = source.into_body(making)?;
        if let (None, Some(text)) = (&self.text, made.text) {
            self = self.text(text);
        }
        if let (None, Some(html)) = (&self.html, made.html) {
            self = self.html(html);
            // What a page shows that is not sent is shown by nobody.
            self = made.inline.into_iter().fold(self, |mail, (id, file)| mail.inline(&id, file));
        }
        self.mistake.take().map_or(Ok(self), Err)
    }
}
