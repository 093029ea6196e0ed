//! What a mail says, and what its header says about it.

use super::{reserved, Importance, NewMail};
use crate::compose::{fields::check, ids, media, Attachment, ComposeError, MAX_ATTACHMENTS, MAX_FIELDS, MAX_TEXT};
use crate::{header::is_field_name, Moment, MAX_FIELD_NAME};

impl NewMail {
    /// The subject: one line, of any characters but controls. Blanks around it are taken off.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        self.note(check("subject", &subject));
        self.subject = Some(subject);
        self
    }

    /// The text, of at most [`MAX_TEXT`] octets. Lines may end with LF or CRLF.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = self.limited("text", text.into());
        self
    }

    /// The text as a page, of at most [`MAX_TEXT`] octets. If no [`NewMail::text`] is set, one is made of it for readers
    /// without HTML.
    pub fn html(mut self, page: impl Into<String>) -> Self {
        self.html = self.limited("html", page.into());
        self
    }

    /// A calendar (RFC 5545) with its method, such as `REQUEST` for an invitation (RFC 6047, 2.4): another form of the text,
    /// which mail programs show as a meeting.
    pub fn calendar(mut self, method: &str, calendar: impl Into<String>) -> Self {
        const WHAT: &str = "a calendar method: write REQUEST, CANCEL, REPLY or PUBLISH";
        let is_token = (1..=40).contains(&method.len()) && method.bytes().all(media::is_token);
        if !is_token {
            self.note(Err(ComposeError::value("calendar", method, WHAT)));
        }
        let calendar = self.limited("calendar", calendar.into());
        self.calendar = calendar.map(|calendar| (method.to_ascii_uppercase(), calendar));
        self
    }

    fn limited(&mut self, field: &str, text: String) -> Option<String> {
        if text.len() > MAX_TEXT {
            self.note(Err(ComposeError::too_much(field, MAX_TEXT, "octets", "send it as an attachment")));
            return None;
        }
        Some(text)
    }

    /// Adds an attachment.
    pub fn attach(mut self, attachment: Attachment) -> Self {
        self.add_file(attachment);
        self
    }

    /// Adds a file as attachment, under its own name. Blocks while it reads.
    pub fn attach_file(self, path: impl AsRef<std::path::Path>) -> Self {
        self.attach(Attachment::file(path))
    }

    /// Adds what the page shows as `cid:` and this id (RFC 2392), an image most often.
    ///
    /// ```
    /// # use postrider_engine::{Attachment, NewMail};
    /// NewMail::new().html("<img src=\"cid:logo\">").inline("logo", Attachment::new("logo.png", b"\x89PNG"));
    /// ```
    pub fn inline(mut self, content_id: &str, attachment: Attachment) -> Self {
        self.add_file(attachment.known_as(content_id));
        self
    }

    /// Adds what the page finds at this URI (MHTML, RFC 2557): the page can be sent as it is in the web.
    pub fn related(mut self, location: &str, attachment: Attachment) -> Self {
        self.add_file(attachment.located_at(location));
        self
    }

    fn add_file(&mut self, mut file: Attachment) {
        if self.attachments.len() == MAX_ATTACHMENTS {
            self.note(Err(ComposeError::too_much(
                "attach",
                MAX_ATTACHMENTS,
                "attachments",
                "pack them, or send several mails",
            )));
            return;
        }
        let mistake = file.take_mistake();
        self.note(mistake.map_or(Ok(()), Err));
        self.attachments.push(file);
    }

    /// How important it is to its readers.
    pub fn importance(mut self, importance: Importance) -> Self {
        self.importance = Some(importance);
        self
    }

    /// Adds a field to the header: each call adds one, none replaces one. What has a setter of its own, and what only
    /// transports write, is refused.
    ///
    /// The value is text on one line. It is folded at blanks, and words beyond ASCII become encoded words.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if !is_field_name(name) || name.len() > MAX_FIELD_NAME {
            self.note(Err(ComposeError::FieldName(crate::compose::error::excerpt(name))));
        } else if let Some(instead) = reserved::instead_of(name) {
            self.note(Err(ComposeError::Reserved { name: name.to_owned(), instead }));
        } else if self.more_fields.len() == MAX_FIELDS {
            self.note(Err(ComposeError::too_much("header", MAX_FIELDS, "fields", "put what they say into fewer")));
        } else {
            self.note(check(name, value));
            self.more_fields.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The date of the mail, if it is not that of its sending.
    pub fn date(mut self, date: impl Into<Moment>) -> Self {
        self.date = Some(date.into());
        self
    }

    /// The message id, if it is not to be one that we make: `left@right`, with or without angle brackets, and like no other
    /// in the world (RFC 5322, 3.6.4).
    pub fn message_id(mut self, id: &str) -> Self {
        match ids::message_id("message_id", id) {
            Ok(id) => self.message_id = Some(id),
            Err(error) => self.note(Err(error)),
        }
        self
    }

    /// Adds the message id of the mail that this one answers; several with blanks between them.
    pub fn in_reply_to(mut self, ids: &str) -> Self {
        match ids::message_ids("in_reply_to", ids) {
            Ok(ids) => self.in_reply_to.extend(ids),
            Err(error) => self.note(Err(error)),
        }
        self
    }

    /// Adds message ids of the thread, the oldest first. If there is none, [`NewMail::in_reply_to`] is the thread.
    pub fn references(mut self, ids: &str) -> Self {
        match ids::message_ids("references", ids) {
            Ok(ids) => self.references.extend(ids),
            Err(error) => self.note(Err(error)),
        }
        self
    }
}
