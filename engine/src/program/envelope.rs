//! From the envelope of a draft to a request, and back: checked as what comes by SMTP is.

use std::collections::HashSet;

use super::{BodyKind, Code, NotifyOn, Priority, Problem, ReturnWhat, SendRequest, To, MAX_KEY, MOST_RECIPIENTS};
use crate::{
    compose::mailbox_key,
    session::{envid, orcpt},
    Address, Body, Door, Envelope, KeyHash, Moment, Notify, QueuePriority, Recipient, Ret,
};

impl SendRequest {
    /// The request that says the same as this envelope. Who brought the mail and what sinks have left in it stays behind.
    pub fn of(envelope: &Envelope, octets: u64) -> Self {
        let text = |address: &Address| address.as_str().to_owned();
        SendRequest {
            from: envelope.sender.as_ref().map(text),
            to: envelope.recipients.iter().map(|(_, recipient)| To::of(recipient)).collect(),
            octets,
            body: if envelope.body == Body::BinaryMime { BodyKind::Binary } else { BodyKind::Lines },
            smtputf8: envelope.smtputf8,
            ret: envelope.ret.map(|ret| if ret == Ret::Full { ReturnWhat::Full } else { ReturnWhat::Headers }),
            envid: envelope.envid.clone(),
            priority: match envelope.priority {
                QueuePriority::Low => Priority::Low,
                QueuePriority::Normal => Priority::Normal,
                QueuePriority::High => Priority::High,
            },
            not_before: envelope.not_before.map(|moment| moment.0),
            expires: envelope.expires.map(|moment| moment.0),
            ..SendRequest::default()
        }
    }

    /// The same under this key.
    #[must_use]
    pub fn under(mut self, key: Option<KeyHash>) -> Self {
        let hexadecimal = |key: KeyHash| key.octets().iter().map(|octet| format!("{octet:02x}")).collect();
        self.key_hash = key.map(hexadecimal);
        self
    }

    /// The key under which it is sent once, if there is one.
    ///
    /// # Errors
    /// It is too long, given twice, or the hash is none.
    pub fn key_hash(&self) -> Result<Option<KeyHash>, Problem> {
        let wrong = |text| self.problem(Code::BadRequest, text);
        match (&self.key, &self.key_hash) {
            (None, None) => Ok(None),
            (Some(key), None) if key.len() <= MAX_KEY => Ok(Some(KeyHash::of(key))),
            (Some(_), None) => Err(wrong("key: it has more than 4096 octets")),
            (None, Some(text)) => {
                let octets = hash(text).ok_or_else(|| wrong("key_hash: it is not 32 digits of hexadecimal"))?;
                Ok(Some(KeyHash::from_octets(octets)))
            }
            (Some(_), Some(_)) => Err(wrong("give either key or key_hash")),
        }
    }

    /// The envelope, checked; what kind of octets the content has is not known here. Whoever is named twice gets it once, as
    /// the first naming says. `most`: recipients that may be named.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn envelope(&self, now: Moment, most: usize) -> Result<Envelope, Problem> {
        let sender = self.from.as_deref().map(|from| self.sender(from)).transpose()?;
        if self.to.is_empty() {
            return Err(self.problem(Code::NoRecipient, "to: name at least one recipient"));
        }
        if self.to.len() > most.min(MOST_RECIPIENTS) {
            return Err(self.problem(Code::TooManyRecipients, "to: there are too many; send it in parts"));
        }
        let mut recipients = self.to.iter().map(|to| self.recipient(to)).collect::<Result<Vec<_>, _>>()?;
        let mut named = HashSet::new();
        recipients.retain(|one| named.insert(mailbox_key(&one.address)));
        if self.envid.as_deref().is_some_and(|id| envid(id).is_none()) {
            return Err(self.problem(Code::BadRequest, "envid: it is not at most 100 octets of xtext (RFC 3461, 4.4)"));
        }
        let (not_before, expires) = (self.not_before.map(Moment), self.expires.map(Moment));
        let begins = not_before.map_or(now, |not_before| not_before.max(now));
        if expires.is_some_and(|expires| expires <= begins) {
            return Err(self.problem(Code::Expired, "expires: the mail would expire before it may be delivered"));
        }
        let needs_utf8 = |address: &Address| !address.is_ascii();
        Ok(Envelope {
            smtputf8: self.smtputf8
                || sender.iter().any(needs_utf8)
                || recipients.iter().any(|one| needs_utf8(&one.address)),
            sender,
            recipients: recipients.into_iter().collect(),
            door: Door::Library,
            ret: self.ret.map(|ret| if ret == ReturnWhat::Full { Ret::Full } else { Ret::Headers }),
            envid: self.envid.clone(),
            arrived: now,
            priority: match self.priority {
                Priority::Low => QueuePriority::Low,
                Priority::Normal => QueuePriority::Normal,
                Priority::High => QueuePriority::High,
            },
            not_before,
            expires,
            ..Envelope::default()
        })
    }

    fn problem(&self, code: Code, text: impl std::fmt::Display) -> Problem {
        Problem::new(code, text).of(self.tag)
    }

    fn address(&self, place: &str, text: &str) -> Result<Address, Problem> {
        Address::parse(text).map_err(|error| {
            let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
            self.problem(Code::BadAddress, format_args!("{place}: \"{shown}\": {error}"))
        })
    }

    fn sender(&self, from: &str) -> Result<Address, Problem> {
        let address = self.address("from", from)?;
        if address.domain().is_empty() {
            return Err(self.problem(Code::BadAddress, "from: an address with a domain, or null for the null sender"));
        }
        Ok(address)
    }

    fn recipient(&self, to: &To) -> Result<Recipient, Problem> {
        let mut recipient = Recipient::from(self.address("to", &to.address)?);
        if let Some(original) = &to.orcpt {
            let checked = orcpt(original, true);
            let wrong =
                || self.problem(Code::BadRequest, "orcpt: it is not as in \"rfc822;bob@example.net\" (RFC 3461, 4.2)");
            recipient.orcpt = Some(checked.ok_or_else(wrong)?);
        }
        recipient.notify = to.notify.as_ref().map(|on| Notify {
            success: on.contains(&NotifyOn::Success),
            failure: on.contains(&NotifyOn::Failure),
            delay: on.contains(&NotifyOn::Delay),
        });
        Ok(recipient)
    }
}

impl To {
    fn of(recipient: &Recipient) -> Self {
        let on = |notify: Notify| {
            let all = [
                (notify.success, NotifyOn::Success),
                (notify.failure, NotifyOn::Failure),
                (notify.delay, NotifyOn::Delay),
            ];
            all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, on)| on).collect()
        };
        To {
            address: recipient.address.as_str().to_owned(),
            notify: recipient.notify.map(on),
            orcpt: recipient.orcpt.clone(),
        }
    }
}

fn hash(text: &str) -> Option<[u8; 16]> {
    let is_hash = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hash)?;
    Some(number.to_be_bytes())
}
