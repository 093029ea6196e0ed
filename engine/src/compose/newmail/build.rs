//! The mail is put together: envelope, header, parts.

use mail_builder::headers::content_type::ContentType;

use super::{Importance, NewMail};
use crate::compose::{fields::HeaderWriter, ids, parts::Part, plain, ComposeError, Mailbox, Making};
use crate::{Address, Body, Draft};

impl NewMail {
    pub(super) fn build(mut self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        let author = match (&self.from[..], &self.sender) {
            ([], _) => return Err(ComposeError::NoFrom),
            (_, Some(sender)) => sender,
            ([only], None) => only,
            (_, None) => return Err(ComposeError::NoSender),
        };
        let sender = self.return_path.take().unwrap_or_else(|| Some(author.address().clone()));
        let addresses = |all: &[Mailbox]| all.iter().map(|one| one.address().clone()).collect::<Vec<_>>();
        let recipients: Vec<Address> =
            [&self.to, &self.cc, &self.bcc].into_iter().flat_map(|all| addresses(all)).collect();
        let mut envelope = std::mem::take(&mut self.delivery).envelope(making, sender, recipients)?;
        let header = self.header_fields(making)?;
        let part = self.part();
        envelope.smtputf8 |= !header.is_ascii();
        envelope.body = if header.is_ascii() && !part.is_eight_bit() { Body::SevenBit } else { Body::EightBitMime };
        Ok(Draft::new(envelope, part.content(header, making)?))
    }

    /// An address in the header is beyond ASCII: then all of the header is UTF-8 (RFC 6532).
    fn needs_utf8(&self) -> bool {
        let shown = [&self.from, &self.reply_to, &self.to, &self.cc].into_iter().flatten().chain(&self.sender);
        shown.into_iter().any(|mailbox| !mailbox.address().is_ascii())
    }

    fn header_fields(&self, making: &Making<'_>) -> Result<Vec<u8>, ComposeError> {
        let mut header = HeaderWriter::new(self.needs_utf8());
        header.words("Date", [self.date.unwrap_or(making.now).rfc5322()])?;
        self.people(&mut header)?;
        if let Some(subject) = &self.subject {
            header.text("Subject", subject)?;
        }
        header.words("Message-ID", [self.message_id.clone().unwrap_or_else(|| ids::own(making))])?;
        if !self.in_reply_to.is_empty() {
            header.words("In-Reply-To", &self.in_reply_to)?;
        }
        let references = if self.references.is_empty() { &self.in_reply_to } else { &self.references };
        if !references.is_empty() {
            header.words("References", references)?;
        }
        if let Some(importance) = self.importance {
            let (word, number) = importance.words();
            header.words("Importance", [word])?;
            header.words("X-Priority", [number])?;
        }
        for (name, value) in &self.more_fields {
            header.edited(name, value)?;
        }
        header.words("MIME-Version", ["1.0"])?;
        Ok(header.into_octets())
    }

    fn people(&self, header: &mut HeaderWriter) -> Result<(), ComposeError> {
        header.mailboxes("From", &self.from)?;
        // A sender who is the only author is not named again (RFC 5322, 3.6.2).
        let sender = self.sender.as_slice();
        if sender != &self.from[..] {
            header.mailboxes("Sender", sender)?;
        }
        header.mailboxes("Reply-To", &self.reply_to)?;
        if self.to.is_empty() && self.cc.is_empty() {
            header.words("To", ["undisclosed-recipients:;"])?;
        }
        header.mailboxes("To", &self.to)?;
        header.mailboxes("Cc", &self.cc)
    }

    /// `mixed(alternative(text, related(page, shown...), calendar), attachments...)`, without the levels that would have
    /// one part only.
    fn part(&self) -> Part {
        let has_page = self.html.is_some();
        let (shown, attached): (Vec<_>, Vec<_>) = self.attachments.iter().partition(|file| has_page && file.is_inline);
        let body = self.alternatives(shown.into_iter().map(Part::file).collect());
        let has_files = !attached.is_empty();
        let parts = body.into_iter().chain(attached.into_iter().map(Part::file)).collect();
        let whole = Part::multi("multipart/mixed", parts, has_files);
        whole.unwrap_or_else(|| Part::text(ContentType::new("text/plain"), ""))
    }

    fn alternatives(&self, shown: Vec<Part>) -> Option<Part> {
        let of_page = || self.html.as_deref().map(plain::text_of).filter(|text| !text.is_empty());
        let text = self.text.clone().or_else(of_page);
        let text = text.map(|text| Part::text(ContentType::new("text/plain"), &text));
        let page = self.html.as_ref().map(|page| Part::related(Part::text(ContentType::new("text/html"), page), shown));
        let calendar = self.calendar.as_ref().map(|(method, calendar)| {
            Part::text(ContentType::new("text/calendar").attribute("method", method.as_str()), calendar)
        });
        let parts = [text, page, calendar].into_iter().flatten().collect();
        Part::multi("multipart/alternative", parts, false)
    }
}

impl Importance {
    /// As `Importance` and as `X-Priority` have it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Importance::Low => ("low", "5 (Lowest)"),
            Importance::Normal => ("normal", "3 (Normal)"),
            Importance::High => ("high", "1 (Highest)"),
        }
    }
}
