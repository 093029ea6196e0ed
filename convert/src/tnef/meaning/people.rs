//! Who has written, and to whom.
//!
//! Rule: an address is one of SMTP, or none. What a directory calls somebody is no address that mail could go to; the name is
//! kept, and so is somebody without an address.

use super::{find, number, Reading};
use crate::{
    tnef::{
        cursor::Cursor,
        model::Property,
        tags::{att, tag},
    },
    Charset, ConvertError,
};

/// Somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The name.
    pub name: Option<String>,
    /// The address of SMTP.
    pub address: Option<String>,
}

impl Mailbox {
    /// Somebody with an address of this type; `None`: neither a name nor an address is there.
    pub(in crate::tnef) fn of(name: Option<String>, kind: Option<&str>, address: Option<String>) -> Option<Self> {
        let is_smtp = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("SMTP"));
        let address = address.filter(|address| is_smtp && is_address(address));
        // An address for a name says nothing.
        let name = name.filter(|name| Some(name) != address.as_ref() && !name.trim().is_empty());
        let address = address.or_else(|| name.clone().filter(|name| is_address(name)));
        let name = name.filter(|name| Some(name) != address.as_ref());
        (name.is_some() || address.is_some()).then_some(Mailbox { name, address })
    }
}

/// It can stand between angle brackets.
pub(in crate::tnef) fn is_address(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|one| !one.is_control() && !one.is_whitespace() && !"<>(),;:\\\"[]".contains(one))
    };
    text.rsplit_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain)) && text.len() <= 900
}

/// How somebody gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientKind {
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc; of a meeting, what is not a person.
    Bcc,
}

/// Somebody who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// How.
    pub kind: RecipientKind,
    /// Who.
    pub mailbox: Mailbox,
    /// It is the organizer of the meeting (PidTagRecipientFlags).
    pub is_organizer: bool,
    /// What was answered (PidTagRecipientTrackStatus): 2 perhaps, 3 yes, 4 no.
    pub answer: i32,
}

impl Reading<'_, '_> {
    /// Whom the message is from, and who has sent it for them.
    pub fn senders(&mut self) -> Result<(Option<Mailbox>, Option<Mailbox>), ConvertError> {
        let from = self.somebody(
            tag::SENT_REPRESENTING_NAME,
            tag::SENT_REPRESENTING_ADDRESS_TYPE,
            [tag::SENT_REPRESENTING_SMTP_ADDRESS, tag::SENT_REPRESENTING_EMAIL_ADDRESS],
        )?;
        let sender = self.somebody(
            tag::SENDER_NAME,
            tag::SENDER_ADDRESS_TYPE,
            [tag::SENDER_SMTP_ADDRESS, tag::SENDER_EMAIL_ADDRESS],
        )?;
        let from = match from {
            None => match self.attribute(att::SENT_FOR) {
                Some(octets) => named_address(octets, self.charset(), self)?,
                None => None,
            },
            from => from,
        };
        let sender = match (sender, self.attribute(att::FROM)) {
            (None, Some(octets)) => triple(octets, self)?,
            (sender, _) => sender,
        };
        Ok(match (from, sender) {
            (None, sender) => (sender, None),
            (from, sender) if from == sender => (from, None),
            (from, sender) => (from, sender.filter(|sender| sender.address.is_some())),
        })
    }

    fn somebody(&mut self, name: u16, kind: u16, addresses: [u16; 2]) -> Result<Option<Mailbox>, ConvertError> {
        let name = self.text(name)?;
        let [smtp, address] = addresses;
        if let Some(smtp) = self.text(smtp)?.filter(|smtp| is_address(smtp)) {
            return Ok(Mailbox::of(name, None, Some(smtp)));
        }
        let (kind, address) = (self.text(kind)?, self.text(address)?);
        Ok(Mailbox::of(name, kind.as_deref(), address))
    }

    /// All who get it, in the order of the stream.
    pub fn recipients(&mut self) -> Result<Vec<Recipient>, ConvertError> {
        let rows = &self.message.recipients;
        // A row that says nothing is nobody.
        let most = rows.iter().filter(|row| !row.is_empty()).count();
        // Each is there as a recipient, and then as somebody on the message.
        self.allowance.make_items(most.saturating_mul(size_of::<Recipient>() + size_of::<Mailbox>()))?;
        let mut all = Vec::with_capacity(most);
        for row in rows {
            let Some(mailbox) = self.of_row(row)? else { continue };
            let kind = match number(find(row, tag::RECIPIENT_TYPE)).unwrap_or(1) & 0xF {
                2 => RecipientKind::Cc,
                3 => RecipientKind::Bcc,
                _ => RecipientKind::To,
            };
            let flags = number(find(row, tag::RECIPIENT_FLAGS)).unwrap_or_default();
            let answer = number(find(row, tag::RECIPIENT_TRACK_STATUS)).unwrap_or_default();
            all.push(Recipient { kind, mailbox, is_organizer: flags & 2 != 0, answer });
        }
        Ok(all)
    }

    fn of_row(&mut self, row: &[Property<'_>]) -> Result<Option<Mailbox>, ConvertError> {
        let name = self.text_in(row, tag::DISPLAY_NAME)?;
        if let Some(smtp) = self.text_in(row, tag::SMTP_ADDRESS)?.filter(|smtp| is_address(smtp)) {
            return Ok(Mailbox::of(name, None, Some(smtp)));
        }
        let kind = self.text_in(row, tag::ADDRESS_TYPE)?;
        let address = self.text_in(row, tag::EMAIL_ADDRESS)?;
        Ok(Mailbox::of(name, kind.as_deref(), address))
    }
}

/// `SMTP:a@b`, as attributes have it.
fn typed(name: String, address: &str) -> Option<Mailbox> {
    let (kind, address) = match address.split_once(':') {
        Some((kind, address)) => (Some(kind), address),
        None => (None, address),
    };
    Mailbox::of(Some(name), kind, Some(address.to_owned()))
}

/// attFrom: a triple with a name and an address (TRP).
fn triple(octets: &[u8], reading: &mut Reading<'_, '_>) -> Result<Option<Mailbox>, ConvertError> {
    const ONE_OFF: u16 = 4;
    let mut cursor = Cursor::new(octets, 0);
    let head = (cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16());
    let (Some(ONE_OFF), Some(_), Some(name), Some(address)) = head else { return Ok(None) };
    let (Some(name), Some(address)) = (cursor.take(name.into()), cursor.take(address.into())) else {
        return Ok(None);
    };
    let charset = reading.charset();
    // Both are padded with zeroes.
    let name = reading.decode(name, charset)?;
    let address = reading.decode(address, charset)?;
    Ok(typed(name, &address))
}

/// attOwner and attSentFor: a name and an address, each behind its length.
fn named_address(
    octets: &[u8],
    charset: Charset,
    reading: &mut Reading<'_, '_>,
) -> Result<Option<Mailbox>, ConvertError> {
    let mut cursor = Cursor::new(octets, 0);
    let mut next = || {
        let size = cursor.u16()?;
        cursor.take(size.into())
    };
    let (Some(name), Some(address)) = (next(), next()) else { return Ok(None) };
    let name = reading.decode(name, charset)?;
    let address = reading.decode(address, charset)?;
    Ok(typed(name, &address))
}

impl Reading<'_, '_> {
    /// The owner of the calendar that a request is from (attOwner).
    pub fn owner(&mut self) -> Result<Option<Mailbox>, ConvertError> {
        match self.attribute(att::OWNER) {
            Some(octets) => named_address(octets, self.charset(), self),
            None => Ok(None),
        }
    }
}
