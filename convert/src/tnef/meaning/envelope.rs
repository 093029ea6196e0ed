//! What stands on a message: subject, people, times, and how urgent it is.
//!
//! Rule: what nobody has said is `None`; nothing is made up.

use super::{time_at, Mailbox, Reading, Recipient};
use crate::{
    tnef::{
        tags::{att, tag},
        FileTime, Message,
    },
    Allowance, ConvertError, Converted, Limits,
};

/// What stands on a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// What it is, as `IPM.Note`. Names of Microsoft Mail stand as Outlook has them.
    pub class: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// Whom it is from.
    pub from: Option<Mailbox>,
    /// Who has sent it, if that is somebody else.
    pub sender: Option<Mailbox>,
    /// Who gets it.
    pub recipients: Vec<Recipient>,
    /// When it was sent.
    pub sent: Option<FileTime>,
    /// When it has arrived.
    pub received: Option<FileTime>,
    /// Its id, without brackets.
    pub message_id: Option<String>,
    /// The ids of what it answers.
    pub in_reply_to: Vec<String>,
    /// The ids of the messages before it.
    pub references: Vec<String>,
    /// How important it is.
    pub importance: Option<Importance>,
    /// Who else may see it.
    pub sensitivity: Option<Sensitivity>,
}

/// How important a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Less than others.
    Low,
    /// As others.
    Normal,
    /// More than others.
    High,
}

/// Who else may see a message (RFC 4021).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// Nobody in particular.
    Personal,
    /// The recipients.
    Private,
    /// The company.
    CompanyConfidential,
}

impl Message<'_> {
    /// What stands on it.
    ///
    /// # Errors
    /// [`ConvertError`]: the texts are larger than the limits allow.
    pub fn envelope(&self, limits: Limits) -> Result<Converted<Envelope>, ConvertError> {
        let mut reading = Reading::new(self, Allowance::new(limits));
        let output = reading.envelope()?;
        Ok(Converted { output, flaws: reading.flaws })
    }
}

impl Reading<'_, '_> {
    pub fn envelope(&mut self) -> Result<Envelope, ConvertError> {
        let (from, sender) = self.senders()?;
        let attributes = &self.message.attributes;
        Ok(Envelope {
            class: self.class()?,
            subject: self.subject()?,
            from,
            sender,
            recipients: self.recipients()?,
            sent: self.time(tag::CLIENT_SUBMIT_TIME).or_else(|| time_at(attributes, att::DATE_SENT)),
            received: self.time(tag::MESSAGE_DELIVERY_TIME).or_else(|| time_at(attributes, att::DATE_RECEIVED)),
            message_id: self.ids(tag::INTERNET_MESSAGE_ID)?.into_iter().next(),
            in_reply_to: self.ids(tag::IN_REPLY_TO_ID)?,
            references: self.ids(tag::INTERNET_REFERENCES)?,
            importance: self.importance(),
            sensitivity: match self.number(tag::SENSITIVITY) {
                Some(1) => Some(Sensitivity::Personal),
                Some(2) => Some(Sensitivity::Private),
                Some(3) => Some(Sensitivity::CompanyConfidential),
                _ => None,
            },
        })
    }

    /// What the message is.
    pub fn class(&mut self) -> Result<Option<String>, ConvertError> {
        if let Some(class) = self.text(tag::MESSAGE_CLASS)? {
            return Ok(Some(class));
        }
        let class = self.text_at(&self.message.attributes, att::MESSAGE_CLASS)?;
        Ok(class.map(|class| match class.as_str() {
            "IPM.Microsoft Mail.Note" => "IPM.Note".into(),
            "IPM.Microsoft Mail.Read Receipt" => "Report.IPM.Note.IPNRN".into(),
            "IPM.Microsoft Mail.Non-Delivery" => "Report.IPM.Note.NDR".into(),
            "IPM.Microsoft Schedule.MtgReq" => "IPM.Schedule.Meeting.Request".into(),
            "IPM.Microsoft Schedule.MtgCncl" => "IPM.Schedule.Meeting.Canceled".into(),
            "IPM.Microsoft Schedule.MtgRespP" => "IPM.Schedule.Meeting.Resp.Pos".into(),
            "IPM.Microsoft Schedule.MtgRespN" => "IPM.Schedule.Meeting.Resp.Neg".into(),
            "IPM.Microsoft Schedule.MtgRespA" => "IPM.Schedule.Meeting.Resp.Tent".into(),
            _ => class,
        }))
    }

    pub fn subject(&mut self) -> Result<Option<String>, ConvertError> {
        if let Some(subject) = self.text(tag::SUBJECT)? {
            return Ok(Some(subject));
        }
        if let Some(subject) = self.text(tag::NORMALIZED_SUBJECT)? {
            return Ok(Some(self.text(tag::SUBJECT_PREFIX)?.unwrap_or_default() + &subject));
        }
        self.text_at(&self.message.attributes, att::SUBJECT)
    }

    /// Message ids, without brackets. What could not stand in a header is none.
    fn ids(&mut self, id: u16) -> Result<Vec<String>, ConvertError> {
        let Some(text) = self.text(id)? else { return Ok(Vec::new()) };
        let is_word =
            |word: &&str| !word.is_empty() && word.len() <= 900 && word.bytes().all(|one| one.is_ascii_graphic());
        let words =
            text.split(|one: char| one.is_whitespace() || one.is_control() || "<>,".contains(one)).filter(is_word);
        // Words of a letter are larger as strings than they are, and stand in a second list when they are written.
        let count = words.clone().count();
        self.allowance.make_items(count.saturating_mul(2 * size_of::<String>()))?;
        let mut ids = Vec::with_capacity(count);
        ids.extend(words.map(str::to_owned));
        Ok(ids)
    }

    fn importance(&self) -> Option<Importance> {
        if let Some(importance) = self.number(tag::IMPORTANCE) {
            return match importance {
                0 => Some(Importance::Low),
                1 => Some(Importance::Normal),
                2 => Some(Importance::High),
                _ => None,
            };
        }
        // An attribute counts the other way around.
        match self.attribute(att::PRIORITY)? {
            [3, 0, ..] => Some(Importance::Low),
            [2, 0, ..] => Some(Importance::Normal),
            [1, 0, ..] => Some(Importance::High),
            _ => None,
        }
    }
}
