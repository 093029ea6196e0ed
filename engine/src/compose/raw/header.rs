//! The envelope that a header says.
//!
//! Rule: every recipient that the header names is understood, or the mail is refused.

use super::super::{error::excerpt, list, ComposeError, Mailbox};
use crate::{
    header::{fields, RawField},
    Address,
};

const RESENT: &str = "Resent-";

/// The fields that say from whom and to whom.
pub(crate) struct Addressing<'a> {
    fields: Vec<RawField<'a>>,
    /// They are of a block of `Resent-` fields.
    is_resent: bool,
    /// That of addresses without one; empty: they are none.
    domain: &'a str,
}

impl<'a> Addressing<'a> {
    pub(crate) fn of(header: &'a [u8]) -> Self {
        let block = resent_block(header);
        match block.is_empty() {
            true => Addressing { fields: fields(header).collect(), is_resent: false, domain: "" },
            false => Addressing { fields: block, is_resent: true, domain: "" },
        }
    }

    /// Addresses without a domain are at this one.
    pub(crate) fn at(self, domain: &'a str) -> Self {
        Addressing { domain, ..self }
    }

    /// Those of To, Cc and Bcc, in this order.
    pub(crate) fn recipients(&self) -> Result<Vec<Address>, ComposeError> {
        let mut all = Vec::new();
        for name in ["Resent-To", "Resent-Cc", "Resent-Bcc"] {
            all.extend(self.mailboxes(name)?.iter().map(|mailbox| mailbox.address().clone()));
        }
        Ok(all)
    }

    /// That of Sender, else that of From, if it names one only.
    pub(crate) fn sender(&self) -> Result<Address, ComposeError> {
        let sender = self.mailboxes("Resent-Sender")?;
        let named = if sender.is_empty() { self.mailboxes("Resent-From")? } else { sender };
        match &named[..] {
            [] => Err(ComposeError::NoFrom),
            [only] => Ok(only.address().clone()),
            _ => Err(ComposeError::NoSender),
        }
    }

    /// What all fields of this name say; without `Resent-` if there is no such block.
    fn mailboxes(&self, resent: &'static str) -> Result<Vec<Mailbox>, ComposeError> {
        let name = if self.is_resent { resent } else { &resent[RESENT.len()..] };
        let mut all = Vec::new();
        for field in self.fields.iter().filter(|field| field.is(name)) {
            let text = field.text();
            let read = list::mailboxes_at(&text, self.domain);
            all.extend(read.map_err(|problem| ComposeError::Mailbox { field: name, text: excerpt(&text), problem })?);
        }
        Ok(all)
    }
}

/// The first block: fields one after the other of which each name stands once. A block behind it is of an earlier sending,
/// and its recipients have had the mail.
fn resent_block(header: &[u8]) -> Vec<RawField<'_>> {
    let is_resent = |field: &RawField<'_>| {
        field.name().get(..RESENT.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(RESENT.as_bytes()))
    };
    let mut block: Vec<RawField<'_>> = Vec::new();
    for field in fields(header).skip_while(|field| !is_resent(field)).take_while(is_resent) {
        if block.iter().any(|before| before.name().eq_ignore_ascii_case(field.name())) {
            break;
        }
        block.push(field);
    }
    block
}
