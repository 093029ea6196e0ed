//! A report as a mail: header, the first two parts, then the very octets that are returned.

use mail_builder::{
    headers::{address::Address as Mailbox, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw},
    mime::{BodyPart, MimePart},
    MessageBuilder,
};

use super::{fields, words, Reader, Report, Returned};
use crate::{Address, Content, Piece};

impl Report<'_> {
    /// The first parts, then the very pieces of the mail that is returned, then the end of the last part.
    pub(super) fn content(&self, returned: Returned) -> Content {
        let boundary = self.boundary(&returned);
        let end = format!("\r\n--{boundary}--\r\n");
        let mut octets = Vec::new();
        self.message(&boundary, &returned).serialize(&mut octets);
        if octets.ends_with(end.as_bytes()) {
            octets.truncate(octets.len() - end.len());
        }
        let mut content = Content::new(octets);
        returned.into_pieces().into_iter().for_each(|piece| content.push(piece));
        content.push(Piece::Memory(end.into()));
        content
    }

    /// One that the returned mail does not contain (RFC 2046, 5.1.1).
    fn boundary(&self, returned: &Returned) -> String {
        let seeds = (0..).map(|n| self.seed.wrapping_add(n));
        let mut free = seeds.map(|seed| format!("report.{seed:016x}")).filter(|boundary| !returned.contains(boundary));
        free.next().unwrap_or_default()
    }

    fn message<'a>(&'a self, boundary: &'a str, returned: &Returned) -> MessageBuilder<'a> {
        let kind = ContentType::new("multipart/report")
            .attribute("report-type", "delivery-status")
            .attribute("boundary", boundary);
        let last = MimePart::new(returned.kind(), BodyPart::Binary(Default::default()));
        let parts = vec![
            MimePart::new("text/plain", words::text(self, returned.is_whole())),
            self.status_part(),
            last.transfer_encoding(if returned.is_ascii() { "7bit" } else { "8bit" }),
        ];
        let to: Vec<Mailbox<'_>> =
            self.to.iter().take(1).map(|to| Mailbox::new_address(None::<&str>, to.as_str())).collect();
        MessageBuilder::new()
            .message_id(MessageId::new(self.message_id()))
            .date(Date::new(i64::try_from(self.now.seconds()).unwrap_or(i64::MAX)))
            .from(Mailbox::new_address(Some("Mail delivery"), self.settings.from.as_str()))
            .to(Mailbox::new_list(to))
            .subject(words::subject(self))
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .body(MimePart::new(kind, parts))
    }

    /// RFC 3464, 2, or RFC 6533, 3 where the report is not ASCII anyway.
    fn status_part(&self) -> MimePart<'_> {
        let (kind, encoding) = match self.needs_utf8() {
            false => ("message/delivery-status", "7bit"),
            true => ("message/global-delivery-status", "8bit"),
        };
        MimePart::new(kind, BodyPart::Binary(self.status().into_bytes().into())).transfer_encoding(encoding)
    }

    fn message_id(&self) -> String {
        let first = self.news.who.keys().next().map_or(0, |no| no.0);
        let (mail, now) = (self.news.hold.id(), self.now.0);
        let what = if self.reader == Reader::Sender { "report" } else { "alert" };
        format!("{what}.{mail}.{first}.{now:x}@{}", fields::clean(&self.settings.host))
    }

    pub(super) fn sender(&self) -> Option<&Address> {
        self.news.draft.envelope.sender.as_ref()
    }
}
