//! What the service would do about a command, as a value: it can be looked at, and dropped, before it is done.
//!
//! Rule: judging changes nothing. So the same command can be judged again when a sink has changed it, and one that is
//! refused leaves nothing behind.

use super::{
    command::{self, Command},
    path::{self, MailFrom},
    replies, Session, Transaction,
};
use crate::{events::Kind, Body, Flush, Recipient, Reply};

/// A command's effect and its reply.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) deed: Deed,
    /// `None`: it shows later.
    pub(super) reply: Option<Reply>,
    /// It is a bad command, of which there may not be many.
    pub(super) counts: bool,
}

/// What a command does.
#[derive(Debug)]
pub(super) enum Deed {
    Nothing,
    Hello {
        name: String,
        extended: bool,
    },
    /// A mail begins.
    Open(Box<MailFrom>),
    /// A mail would begin, but it says of itself that it is too big.
    Weigh(Box<MailFrom>),
    MailRefused,
    Add(Box<Recipient>),
    RecipientRefused,
    Data,
    Chunk {
        size: u64,
        last: bool,
    },
    Reset,
    StartTls,
    /// With the node as the client named it.
    Flush(Flush, Box<str>),
    Leave,
    /// Where the next command begins is not known: the session ends whatever anybody says.
    OutOfStep,
}

impl Plan {
    fn now(deed: Deed, reply: Reply) -> Self {
        Plan { deed, reply: Some(reply), counts: false }
    }

    pub(super) fn later(deed: Deed) -> Self {
        Plan { deed, reply: None, counts: false }
    }

    pub(super) fn say(reply: Reply) -> Self {
        Plan::now(Deed::Nothing, reply)
    }

    /// The same command with an answer in the place of all that it would do. A chunk comes whether it is wanted or not.
    pub(super) fn answered(self, kind: Kind, reply: Reply) -> Self {
        let deed = match (self.deed, kind) {
            (deed @ (Deed::Chunk { .. } | Deed::OutOfStep), _) => deed,
            (_, Kind::MailFrom) => Deed::MailRefused,
            (_, Kind::RcptTo) => Deed::RecipientRefused,
            _ => Deed::Nothing,
        };
        let counts = self.counts && !reply.is_positive();
        Plan { deed, reply: Some(reply), counts }
    }
}

impl Session {
    /// What would be done about this line.
    pub(super) fn judge(&self, text: &str) -> Plan {
        match command::parse(text) {
            Ok(command) => self.plan(command).unwrap_or_else(|reply| self.refusal(reply)),
            Err(reply) if reply == replies::BAD_CHUNK => Plan::now(Deed::OutOfStep, reply),
            Err(reply) => self.refusal(reply),
        }
    }

    fn plan(&self, command: Command<'_>) -> Result<Plan, Reply> {
        match command {
            Command::Ehlo(_) | Command::Helo(_) if self.settings.lmtp => Err(replies::LMTP_HERE),
            Command::Lhlo(_) if !self.settings.lmtp => Err(replies::SMTP_HERE),
            Command::Ehlo(name) | Command::Lhlo(name) => self.plan_hello(name, true),
            Command::Helo(name) => self.plan_hello(name, false),
            Command::Mail(argument) => Ok(self
                .plan_mail(argument)
                .unwrap_or_else(|reply| Plan { deed: Deed::MailRefused, ..self.refusal(reply) })),
            Command::Rcpt(argument) => self.plan_rcpt(argument),
            Command::Data => self.plan_data(),
            Command::Bdat(size, last) => Ok(self.plan_chunk(size, last)),
            Command::Rset => Ok(Plan::now(Deed::Reset, replies::FLUSHED)),
            Command::Noop => Ok(Plan::say(replies::NOTHING_DONE)),
            Command::Vrfy => Ok(Plan::say(replies::PERHAPS)),
            Command::Help => Ok(Plan::say(replies::help(&self.settings))),
            Command::StartTls => self.plan_start_tls(),
            Command::Etrn(node) => self.plan_etrn(node),
            Command::Quit => Ok(Plan::now(Deed::Leave, replies::BYE)),
            Command::Http => Ok(Plan::now(Deed::Leave, replies::NOT_SMTP)),
        }
    }

    /// Refuses a command. One that a pipelining client had to send before it could know that its MAIL, or its last
    /// recipient, was refused is no fault of its own, and does not count (RFC 2920, 3.1).
    pub(super) fn refusal(&self, reply: Reply) -> Plan {
        let nobody = [replies::NO_VALID_RECIPIENT, replies::NO_VALID_RECIPIENT_LMTP].contains(&reply);
        let follows = nobody || (reply == replies::MAIL_FIRST && self.mail_refused);
        Plan { counts: !follows, ..Plan::say(reply) }
    }

    fn plan_hello(&self, name: &str, extended: bool) -> Result<Plan, Reply> {
        if !command::is_host_name(name) {
            return Err(replies::BAD_HELO);
        }
        let reply = match extended {
            true => replies::ehlo(&self.settings, &self.peer),
            false => replies::helo(&self.settings),
        };
        Ok(Plan::now(Deed::Hello { name: name.to_owned(), extended }, reply))
    }

    fn plan_start_tls(&self) -> Result<Plan, Reply> {
        if !self.settings.starttls {
            return Err(replies::NOT_OFFERED);
        }
        if self.peer.tls.is_some() {
            return Err(replies::TLS_ALREADY);
        }
        Ok(Plan::now(Deed::StartTls, replies::START_TLS))
    }

    fn plan_mail(&self, argument: &str) -> Result<Plan, Reply> {
        if self.peer.helo.is_none() {
            return Err(replies::hello_first(&self.settings));
        }
        if self.mail.is_some() {
            return Err(replies::MAIL_OPEN);
        }
        if self.mails >= self.settings.limits.mails {
            return Ok(Plan::now(Deed::Leave, replies::TOO_MANY_MAILS));
        }
        let from = Box::new(path::mail_from(argument)?);
        if from.size.is_some_and(|size| size > self.settings.limits.message_size) {
            return Ok(Plan::now(Deed::Weigh(from), replies::TOO_BIG));
        }
        Ok(Plan::now(Deed::Open(from), replies::SENDER_OK))
    }

    fn plan_rcpt(&self, argument: &str) -> Result<Plan, Reply> {
        let Some(mail) = &self.mail else {
            return Err(replies::MAIL_FIRST);
        };
        if mail.content.is_some() {
            return Err(replies::CHUNKS_BEGUN);
        }
        let recipient = match path::rcpt_to(argument, mail.envelope.smtputf8) {
            Ok(recipient) => recipient,
            Err(reply) => return Ok(Plan { deed: Deed::RecipientRefused, ..self.refusal(reply) }),
        };
        let reply = match mail.envelope.recipients.len() >= self.settings.limits.recipients {
            true => replies::TOO_MANY_RECIPIENTS,
            false => self.settings.judge(&self.peer, &recipient.address),
        };
        let deed = match reply.is_positive() {
            true => Deed::Add(Box::new(recipient)),
            false => Deed::RecipientRefused,
        };
        Ok(Plan::now(deed, reply))
    }

    /// The mail to which content may come now. In LMTP somebody must hear what becomes of it.
    pub(super) fn mail_for_content(&self) -> Result<&Transaction, Reply> {
        let Some(mail) = &self.mail else {
            return Err(replies::MAIL_FIRST);
        };
        let nobody = mail.envelope.recipients.is_empty() || (self.settings.lmtp && mail.told.is_empty());
        match (nobody, mail.some_refused) {
            (false, _) => Ok(mail),
            (true, true) => Err(replies::no_valid_recipient(&self.settings)),
            (true, false) => Err(replies::RCPT_FIRST),
        }
    }

    fn plan_data(&self) -> Result<Plan, Reply> {
        let mail = self.mail_for_content()?;
        if mail.content.is_some() {
            return Err(replies::CHUNKS_BEGUN);
        }
        if mail.envelope.body == Body::BinaryMime {
            return Err(replies::BINARY_NEEDS_CHUNKS);
        }
        Ok(Plan::later(Deed::Data))
    }

    fn plan_chunk(&self, size: u64, last: bool) -> Plan {
        let deed = Deed::Chunk { size, last };
        match self.mail_for_content() {
            Ok(_) => Plan::later(deed),
            Err(reply) => Plan { deed, ..self.refusal(reply) },
        }
    }
}
