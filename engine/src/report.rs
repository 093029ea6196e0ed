//! A report to the sender about recipients who have failed (RFC 3464 in the envelope of RFC 6522).
//!
//! Nothing that came from outside, be it an address, a parameter or a reply, can leave the field or line it is put in.
//! Who asked not to be told is not told; a report about a report is never made.

mod fields;
mod returned;
mod words;

use mail_builder::{
    headers::{address::Address as Mailbox, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw},
    mime::{BodyPart, MimePart},
    MessageBuilder,
};

use crate::{Address, Body, Content, Door, Draft, Envelope, Failed, Failure, Moment, Notify, Recipient, Recipients};
use returned::Returned;

/// What a report says about us, and how much of the mail it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// Our host name: `Reporting-MTA`, and the right-hand side of the `Message-ID`.
    pub host: String,
    /// Who is asked for help: the `From` of a report.
    pub from: Address,
    /// Content of more octets than this comes back as its header only.
    pub return_limit: u64,
}

impl ReportSettings {
    /// Content up to this size comes back whole: 50 KiB, as Postfix has it.
    pub const RETURN_LIMIT: u64 = 50 * 1024;

    /// The settings of this host, with `postmaster` at its name.
    ///
    /// # Errors
    /// [`crate::AddressError`] if there can be no address at that name.
    pub fn new(host: &str) -> Result<Self, crate::AddressError> {
        let from = Address::parse(&format!("postmaster@{host}"))?;
        Ok(ReportSettings { host: host.into(), from, return_limit: Self::RETURN_LIMIT })
    }
}

/// One recipient of whom the report tells.
struct Addressee<'a> {
    recipient: &'a Recipient,
    failure: &'a Failure,
}

/// A report about these failures as a new mail to the sender; `None`: nobody is to be told.
///
/// `seed` chooses the boundary between the parts, so that nobody outside can foretell it; if the returned mail contains it
/// all the same, another is taken. The `Message-ID` is unique without it: a recipient fails once.
pub fn failure_report(failed: &Failed, settings: &ReportSettings, now: Moment, seed: u64) -> Option<Draft> {
    let envelope = &failed.draft.envelope;
    let sender = envelope.sender.clone()?;
    let told = failed.why.iter().filter_map(|(no, failure)| {
        let recipient = envelope.recipients.get(*no)?;
        wants_to_know(recipient).then_some(Addressee { recipient, failure })
    });
    let told: Vec<Addressee<'_>> = told.collect();
    if told.is_empty() {
        return None;
    }
    let returned = Returned::of(&failed.draft, settings.return_limit);
    let report = Report { failed, settings, told: &told, now, seed };
    let smtputf8 = !sender.is_ascii() || !settings.from.is_ascii();
    let envelope = Envelope {
        recipients: Recipients::from_iter([sender.clone()]),
        door: Door::Report,
        body: if returned.is_ascii() && !smtputf8 { Body::SevenBit } else { Body::EightBitMime },
        smtputf8,
        arrived: now,
        ..Envelope::default()
    };
    Some(Draft::new(envelope, report.content(&sender, returned)))
}

/// Who said nothing wants to know of failures (RFC 3461, 4.1).
fn wants_to_know(recipient: &Recipient) -> bool {
    recipient.notify.is_none_or(|Notify { failure, .. }| failure)
}

struct Report<'a> {
    failed: &'a Failed,
    settings: &'a ReportSettings,
    told: &'a [Addressee<'a>],
    now: Moment,
    seed: u64,
}

impl Report<'_> {
    /// The first parts, then the very pieces of the mail that is returned, then the end of the last part.
    fn content(&self, sender: &Address, returned: Returned) -> Content {
        let boundary = self.boundary(&returned);
        let end = format!("\r\n--{boundary}--\r\n");
        let mut octets = Vec::new();
        self.message(sender, &boundary, &returned).serialize(&mut octets);
        if octets.ends_with(end.as_bytes()) {
            octets.truncate(octets.len() - end.len());
        }
        let mut content = Content::new(octets);
        returned.into_pieces().into_iter().for_each(|piece| content.push(piece));
        content.push(crate::Piece::Memory(end.into()));
        content
    }

    /// One that the returned mail does not contain (RFC 2046, 5.1.1).
    fn boundary(&self, returned: &Returned) -> String {
        let seeds = (0..).map(|n| self.seed.wrapping_add(n));
        let mut free = seeds.map(|seed| format!("report.{seed:016x}")).filter(|boundary| !returned.contains(boundary));
        free.next().unwrap_or_default()
    }

    fn message<'a>(&'a self, sender: &'a Address, boundary: &'a str, returned: &Returned) -> MessageBuilder<'a> {
        let first = self.failed.why.keys().next().map_or(0, |no| no.0);
        let (mail, now) = (self.failed.hold.id(), self.now.0);
        let id = format!("report.{mail}.{first}.{now:x}@{}", fields::clean(&self.settings.host));
        let kind = ContentType::new("multipart/report")
            .attribute("report-type", "delivery-status")
            .attribute("boundary", boundary);
        let status = MimePart::new("message/delivery-status", BodyPart::Binary(self.status().into_bytes().into()));
        let last = MimePart::new(returned.kind(), BodyPart::Binary(Default::default()));
        let parts = vec![
            MimePart::new("text/plain", words::text(self, returned.is_whole())),
            status.transfer_encoding("7bit"),
            last.transfer_encoding(if returned.is_ascii() { "7bit" } else { "8bit" }),
        ];
        MessageBuilder::new()
            .message_id(MessageId::new(id))
            .date(Date::new(i64::try_from(self.now.seconds()).unwrap_or(i64::MAX)))
            .from(Mailbox::new_address(Some("Mail delivery"), self.settings.from.as_str()))
            .to(Mailbox::new_address(None::<&str>, sender.as_str()))
            .subject(words::subject(self.told))
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .body(MimePart::new(kind, parts))
    }

    /// The fields for programs (RFC 3464, 2).
    fn status(&self) -> String {
        let envelope = &self.failed.draft.envelope;
        let mut text = String::new();
        fields::add(&mut text, "Reporting-MTA", &format!("dns; {}", self.settings.host));
        if let Some(envid) = &envelope.envid {
            fields::add(&mut text, "Original-Envelope-Id", &fields::from_xtext(envid));
        }
        fields::add(&mut text, "Arrival-Date", &envelope.arrived.rfc5322());
        for told in self.told {
            text.push_str("\r\n");
            self.recipient(told, &mut text);
        }
        text
    }

    fn recipient(&self, told: &Addressee<'_>, text: &mut String) {
        let Addressee { recipient, failure } = told;
        if let Some(orcpt) = &recipient.orcpt {
            fields::add(text, "Original-Recipient", &fields::to_ascii(&fields::from_xtext(orcpt)));
        }
        fields::add(text, "Final-Recipient", &fields::generic_address(&recipient.address));
        fields::add(text, "Action", "failed");
        fields::add(text, "Status", &fields::status(&failure.diagnosis.reply));
        let said = match &failure.diagnosis.remote {
            Some(host) => {
                fields::add(text, "Remote-MTA", &format!("dns; {host}"));
                "smtp"
            }
            None => "X-Postrider",
        };
        fields::add(text, "Diagnostic-Code", &format!("{said}; {}", failure.diagnosis.reply));
        if failure.attempts > 0 {
            fields::add(text, "Last-Attempt-Date", &self.now.rfc5322());
        }
        if failure.perhaps {
            fields::add(text, "X-Postrider-Perhaps-Delivered", "yes");
        }
    }
}

#[cfg(test)]
mod tests;
