//! A mail that is larger than it may be: sinks are asked once whether it may be so large.
//!
//! Rule: whether a mail is taken does not depend on how its octets were split. So what is said of its size is what the
//! client has announced, or else that it is one octet more than it may have.

use bytes::Bytes;

use super::{content::Content, path::MailFrom, plan::Deed, replies, Action, Session, State};
use crate::{
    events::{Kind, Oversize, Properties},
    Address, Reply,
};

/// What waits for the answer.
#[derive(Debug)]
pub(super) enum Sizing {
    /// A mail that announces its size.
    Mail(Box<MailFrom>),
    /// A chunk that announces its own.
    Chunk { size: u64, last: bool },
    /// Octets that are there, and how it goes on behind them.
    Octets(Bytes, State),
}

impl Session {
    /// There is somebody who may let such a mail pass.
    fn has_weigher(&self) -> bool {
        self.listened.contains(Kind::MaxMessageSize)
    }

    /// The reply to this comes when somebody has said what of the size.
    pub(super) fn is_weighed(&self, deed: &Deed) -> bool {
        matches!(deed, Deed::Weigh(_)) && self.has_weigher()
    }

    /// MAIL says that it is too big.
    pub(super) fn weigh(&mut self, from: Box<MailFrom>, refusal: Option<Reply>) {
        if self.has_weigher() {
            self.consult_about(from.size.unwrap_or_default(), Sizing::Mail(from));
        } else {
            self.mail_refused = true;
            self.pending.extend(refusal.map(Action::Reply));
        }
    }

    /// The mail that is open may still have to be asked about.
    pub(super) fn may_weigh(&self) -> bool {
        self.has_weigher() && self.mail.as_ref().is_some_and(|mail| !mail.weighed)
    }

    /// So many octets are too many for the first time, nothing else is wrong with them, and there is somebody to ask.
    pub(super) fn is_to_be_weighed(&mut self, size: u64) -> bool {
        let asks = self.may_weigh() && !self.content().is_some_and(Content::is_refused);
        let Some(mail) = self.mail.as_mut().filter(|mail| size > mail.max) else { return false };
        mail.weighed = true;
        asks
    }

    pub(super) fn consult_about(&mut self, size: u64, what: Sizing) {
        let (sender, max) = match (&what, &self.mail) {
            (Sizing::Mail(from), _) => (from.sender.clone(), self.settings.limits.message_size),
            (_, Some(mail)) => (mail.envelope.sender.clone(), mail.max),
            _ => (None, self.settings.limits.message_size),
        };
        let oversize = Oversize::new(self.caller(), sender, self.addresses(), size, max);
        self.state = State::Sizing(size, Box::new(what));
        self.pending.push_back(Action::Oversize(Box::new(oversize)));
    }

    fn addresses(&self) -> Vec<Address> {
        let recipients = self.envelope().map(|envelope| &envelope.recipients);
        recipients.into_iter().flat_map(|all| all.iter()).map(|(_, recipient)| recipient.address.clone()).collect()
    }

    /// The answer to `Oversize`: so many octets may this mail have. Less than was asked for refuses it.
    pub fn oversize_answered(&mut self, properties: Properties, limit: u64) {
        if !matches!(self.state, State::Sizing(..)) {
            return;
        }
        let State::Sizing(size, what) = std::mem::replace(&mut self.state, State::Commands) else { return };
        self.properties = properties;
        let allowed = Some(limit).filter(|limit| *limit >= size);
        match (*what, allowed) {
            (Sizing::Mail(from), Some(max)) => {
                self.open_mail(*from, max);
                self.mail.iter_mut().for_each(|mail| mail.weighed = true);
                self.reply_late(replies::SENDER_OK);
            }
            (Sizing::Mail(_), None) => {
                self.mail_refused = true;
                self.reply_late(replies::TOO_BIG);
            }
            (Sizing::Chunk { size, last }, _) => {
                self.allow(allowed);
                self.begin_chunk(size, last);
            }
            (Sizing::Octets(octets, then), _) => {
                self.allow(allowed);
                self.state = then;
                self.take(octets);
            }
        }
    }

    fn allow(&mut self, octets: Option<u64>) {
        let Some((octets, mail)) = octets.zip(self.mail.as_mut()) else { return };
        mail.max = octets;
        if let Some(content) = &mut mail.content {
            content.allow(octets);
        }
    }
}
