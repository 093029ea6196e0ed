//! What SMTP is told about a mail beside its addresses: what its sender wants to hear (RFC 3461), when it goes and how
//! urgently.
//!
//! Rule: one recipient stands once in the envelope, however often the mail names it.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use super::{mailbox::with_ascii_domain, ComposeError, Making, MAX_RECIPIENTS};
use crate::{recipients::to_xtext, Address, Door, Envelope, Moment, Notify, QueuePriority, Recipient, Ret};

/// Octets of an envelope id, as xtext (RFC 3461, 4.4).
pub const MAX_ENVID: usize = 100;
/// Octets of an original recipient with its type, encoded (RFC 3461, 4.2).
pub const MAX_ORCPT: usize = 500;

/// A time that is given as a time, or as how long from the sending on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// At this time.
    At(Moment),
    /// So long after the mail is sent.
    In(Duration),
}

impl When {
    fn moment(self, now: Moment) -> Moment {
        match self {
            When::At(moment) => moment,
            When::In(pause) => now + pause,
        }
    }
}

impl From<Moment> for When {
    fn from(moment: Moment) -> Self {
        When::At(moment)
    }
}

impl From<SystemTime> for When {
    fn from(time: SystemTime) -> Self {
        When::At(time.into())
    }
}

impl From<Duration> for When {
    fn from(pause: Duration) -> Self {
        When::In(pause)
    }
}

/// The options, as they are collected.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub(super) notify: Option<Notify>,
    pub(super) ret: Option<Ret>,
    pub(super) envid: Option<String>,
    pub(super) priority: QueuePriority,
    pub(super) not_before: Option<When>,
    pub(super) expires: Option<When>,
    /// What holds for one recipient: which method said it, for whom, and what.
    of_one: Vec<(&'static str, Address, OfOne)>,
}

#[derive(Debug)]
enum OfOne {
    Notify(Notify),
    Orcpt(String),
}

impl Delivery {
    pub(super) fn notify_for(&mut self, recipient: &str, notify: Notify) -> Result<(), ComposeError> {
        let recipient = address("notify_for", recipient)?;
        self.of_one.push(("notify_for", recipient, OfOne::Notify(notify)));
        Ok(())
    }

    pub(super) fn original_recipient(&mut self, recipient: &str, original: &str) -> Result<(), ComposeError> {
        const NAME: &str = "original_recipient";
        let orcpt = orcpt(&address(NAME, original)?);
        if orcpt.len() > MAX_ORCPT {
            return Err(ComposeError::too_much(NAME, MAX_ORCPT, "encoded octets", "leave it out"));
        }
        self.of_one.push((NAME, address(NAME, recipient)?, OfOne::Orcpt(orcpt)));
        Ok(())
    }

    pub(super) fn envid(&mut self, id: &str) -> Result<(), ComposeError> {
        const WHAT: &str = "an envelope id: write printable ASCII";
        let is_printable = !id.is_empty() && id.bytes().all(|octet| (32..127).contains(&octet));
        let xtext = to_xtext(id);
        if !is_printable {
            return Err(ComposeError::value("envid", id, WHAT));
        }
        if xtext.len() > MAX_ENVID {
            return Err(ComposeError::too_much("envid", MAX_ENVID, "encoded octets", "give a shorter one"));
        }
        self.envid = Some(xtext);
        Ok(())
    }

    /// The envelope for these recipients, each once; what kind of octets the content has is not known here.
    pub(super) fn envelope(
        self,
        making: &Making<'_>,
        sender: Option<Address>,
        recipients: impl IntoIterator<Item = Address>,
    ) -> Result<Envelope, ComposeError> {
        let not_before = self.not_before.map(|when| when.moment(making.now));
        let expires = self.expires.map(|when| when.moment(making.now));
        let begins = not_before.map_or(making.now, |not_before| not_before.max(making.now));
        if expires.is_some_and(|expires| expires <= begins) {
            return Err(ComposeError::Expired);
        }
        let recipients = self.recipients(recipients, MAX_RECIPIENTS)?;
        let needs_utf8 = |address: &Address| !address.is_ascii();
        Ok(Envelope {
            smtputf8: sender.iter().any(needs_utf8) || recipients.iter().any(|one| needs_utf8(&one.address)),
            sender,
            recipients: recipients.into_iter().collect(),
            door: Door::Library,
            ret: self.ret,
            envid: self.envid,
            arrived: making.now,
            priority: self.priority,
            not_before,
            expires,
            ..Envelope::default()
        })
    }

    /// Each address once, with its options; not more than `most`.
    fn recipients(&self, all: impl IntoIterator<Item = Address>, most: usize) -> Result<Vec<Recipient>, ComposeError> {
        let (mut places, mut list) = (HashMap::new(), Vec::new());
        for address in all {
            if let std::collections::hash_map::Entry::Vacant(place) = places.entry(mailbox_key(&address)) {
                place.insert(list.len());
                list.push(Recipient { address, notify: self.notify, orcpt: None });
            }
            if list.len() > most {
                return Err(ComposeError::TooManyRecipients);
            }
        }
        if list.is_empty() {
            return Err(ComposeError::NoRecipient);
        }
        for (field, address, what) in &self.of_one {
            let place = places.get(&mailbox_key(address)).and_then(|at| list.get_mut(*at));
            let Some(recipient) = place else {
                return Err(ComposeError::NotARecipient { field, address: address.to_string() });
            };
            match what {
                OfOne::Notify(notify) => recipient.notify = Some(*notify),
                OfOne::Orcpt(orcpt) => recipient.orcpt = Some(orcpt.clone()),
            }
        }
        Ok(list)
    }
}

/// Two addresses with the same key are one mailbox: the case of a domain means nothing, that of a local part may
/// (RFC 5321, 2.4).
pub(crate) fn mailbox_key(address: &Address) -> String {
    format!("{}@{}", address.local_part(), address.domain_key())
}

/// One address without a name.
pub(super) fn address(field: &'static str, text: &str) -> Result<Address, ComposeError> {
    let parsed = Address::parse(text.trim()).and_then(with_ascii_domain);
    parsed.map_err(|problem| ComposeError::Mailbox {
        field,
        text: super::error::excerpt(text),
        problem: problem.into(),
    })
}

/// An original recipient (RFC 3461, 4.2; beyond ASCII RFC 6533, 3, in the form that needs no SMTPUTF8).
fn orcpt(address: &Address) -> String {
    if address.is_ascii() {
        return format!("rfc822;{}", to_xtext(address.as_str()));
    }
    let mut encoded = String::from("utf-8;");
    for c in address.as_str().chars() {
        match c {
            c if c.is_ascii_graphic() && !matches!(c, '+' | '=' | '\\') => encoded.push(c),
            c => encoded.push_str(&format!("\\x{{{:02X}}}", u32::from(c))),
        }
    }
    encoded
}

/// The setters that all kinds of mail have; `self` has a `delivery` and a `note`.
macro_rules! delivery_options {
    () => {
        /// When the sender wants to be told, for each recipient for whom [`Self::notify_for`] says nothing else
        /// (`NOTIFY`, RFC 3461, 4.1).
        pub fn notify(mut self, notify: Notify) -> Self {
            self.delivery.notify = Some(notify);
            self
        }

        /// The same for one recipient, who must be one of this mail's.
        pub fn notify_for(mut self, recipient: &str, notify: Notify) -> Self {
            let done = self.delivery.notify_for(recipient, notify);
            self.note(done);
            self
        }

        /// To whom the mail was first sent, if this recipient took its place: reports name it (`ORCPT`, RFC 3461, 4.2).
        pub fn original_recipient(mut self, recipient: &str, original: &str) -> Self {
            let done = self.delivery.original_recipient(recipient, original);
            self.note(done);
            self
        }

        /// How much of the mail a report of a failure returns (`RET`, RFC 3461, 4.3).
        pub fn ret(mut self, ret: Ret) -> Self {
            self.delivery.ret = Some(ret);
            self
        }

        /// A name of this mail that reports carry back: printable ASCII, at most 100 octets when encoded (`ENVID`,
        /// RFC 3461, 4.4).
        pub fn envid(mut self, id: &str) -> Self {
            let done = self.delivery.envid(id);
            self.note(done);
            self
        }

        /// How urgent it is to the queues. Readers do not see it.
        pub fn priority(mut self, priority: QueuePriority) -> Self {
            self.delivery.priority = priority;
            self
        }

        /// It is not delivered before: a time, or how long from now.
        pub fn not_before(mut self, when: impl Into<When>) -> Self {
            self.delivery.not_before = Some(when.into());
            self
        }

        /// From then on it is not tried any more, and whoever has not got it fails: a time, or how long from now. Must be
        /// later than now and than `not_before`.
        pub fn expires(mut self, when: impl Into<When>) -> Self {
            self.delivery.expires = Some(when.into());
            self
        }
    };
}
pub(super) use delivery_options;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_recipients_has_a_limit_and_who_is_named_again_does_not_count() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| Address::parse(text).unwrap()).collect::<Vec<_>>();
        let most = |texts: &[&str]| Delivery::default().recipients(addresses(texts), 2).map(|all| all.len());
        assert_eq!(most(&["a@x", "b@x", "a@X", "b@x"]), Ok(2));
        assert_eq!(most(&["a@x", "b@x", "c@x"]), Err(ComposeError::TooManyRecipients));
        assert_eq!(most(&[]), Err(ComposeError::NoRecipient));
    }
}
