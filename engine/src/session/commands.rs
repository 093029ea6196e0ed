//! The commands of a session: each is a line, then a plan, then done.
//!
//! Rule: a command that is refused changes nothing, but counts; after too many the answer is 421 and the end.

use bytes::BytesMut;

use super::{
    command,
    line::{self, Line},
    path::MailFrom,
    plan::{Deed, Plan},
    replies, Action, Session, State, Transaction,
};
use crate::{Door, Envelope, RcptNo, Recipient, Reply};

impl Session {
    /// Reads one command line; `false` if there is none.
    pub(super) fn read_command(&mut self, input: &mut BytesMut) -> bool {
        // A TLS handshake where SMTP is spoken: it would never end a line.
        if input.first() == Some(&0x16) {
            return self.close(replies::NOT_SMTP);
        }
        match line::take(input, self.settings.limits.command_line, self.lenient) {
            Line::Partial => return false,
            Line::Whole(line) => self.run_line(&line),
            Line::Bare => self.refuse_line(replies::BARE_IN_COMMAND),
            Line::TooLong => self.refuse_line(replies::LINE_TOO_LONG),
        }
        true
    }

    /// Refuses a line of which something is still in the input.
    fn refuse_line(&mut self, reply: Reply) {
        self.state = State::Skipping(0);
        self.bad(reply);
    }

    /// Drops the rest of a refused line; `false` if more of it is to come.
    pub(super) fn skip(&mut self, mut skipped: usize, input: &mut BytesMut) -> bool {
        let ended = line::skip(input, &mut skipped, self.lenient);
        if skipped > self.settings.limits.skip {
            return self.close(replies::LINE_WITHOUT_END);
        }
        self.state = if ended { State::Commands } else { State::Skipping(skipped) };
        ended
    }

    fn run_line(&mut self, line: &[u8]) {
        match command::text(line) {
            Ok(text) => {
                let plan = self.judge(text);
                match self.listened_command(text) {
                    Some(kind) => self.ask(kind, text, plan),
                    None => self.carry_out(plan),
                }
            }
            Err(reply) => self.bad(reply),
        }
    }

    /// A bad command: its reply, or the last one.
    fn bad(&mut self, reply: Reply) {
        if !self.is_one_too_many() {
            self.reply(reply);
        }
    }

    /// Counts a bad command, and ends the session if there were too many.
    pub(super) fn is_one_too_many(&mut self) -> bool {
        self.errors += 1;
        self.errors >= self.settings.limits.errors && self.close(replies::TOO_MANY_ERRORS)
    }

    /// Does what was planned, and says so.
    pub(super) fn carry_out(&mut self, plan: Plan) {
        let Plan { deed, reply, counts } = plan;
        // A chunk that may not come is counted when it is read.
        if let Deed::Chunk { size, last } = deed {
            self.chunk(size, last, reply.map(|reply| (reply, counts)));
            return;
        }
        if counts && self.is_one_too_many() {
            return;
        }
        match (deed, reply) {
            (Deed::Leave | Deed::OutOfStep, Some(reply)) => drop(self.close(reply)),
            (Deed::Weigh(from), reply) => self.weigh(from, reply),
            (Deed::StartTls, reply) => {
                self.drop_mail();
                self.state = State::StartingTls;
                self.pending.extend(reply.map(Action::Reply));
                self.pending.push_back(Action::StartTls);
            }
            (deed, reply) => {
                self.enact(deed);
                self.pending.extend(reply.map(Action::Reply));
            }
        }
    }

    fn enact(&mut self, deed: Deed) {
        match deed {
            Deed::Hello { name, extended } => {
                self.forget_mail();
                self.peer.helo = Some(name);
                self.peer.extended = extended;
            }
            Deed::Reset => self.forget_mail(),
            Deed::Open(from) => self.open_mail(*from, self.settings.limits.message_size),
            Deed::MailRefused => self.mail_refused = true,
            Deed::Add(recipient) => self.add_named(*recipient),
            Deed::RecipientRefused => self.recipient_refused(),
            Deed::Data => {
                self.begin_content();
                self.state = State::Opening;
            }
            Deed::Flush(what, node) => {
                self.state = State::Asking(node);
                self.pending.push_back(Action::Flush(what));
            }
            _ => {}
        }
    }

    /// RSET, or a new hello: what was before does not matter any more.
    fn forget_mail(&mut self) {
        self.drop_mail();
        self.mail_refused = false;
    }

    /// A mail begins, and may have so many octets.
    pub(super) fn open_mail(&mut self, from: MailFrom, max: u64) {
        let envelope = Envelope {
            sender: from.sender,
            door: self.door(),
            peer: self.peer.clone(),
            body: from.body.unwrap_or_default(),
            smtputf8: from.smtputf8,
            ret: from.ret,
            envid: from.envid,
            ..Envelope::default()
        };
        self.mail_refused = false;
        self.mails += 1;
        self.mail = Some(Transaction {
            envelope,
            declared: from.size,
            some_refused: false,
            told: Vec::new(),
            max,
            weighed: false,
            content: None,
        });
    }

    pub(super) fn door(&self) -> Door {
        match self.settings.lmtp {
            true => Door::Lmtp,
            false => Door::Smtp,
        }
    }

    /// A recipient of whom the client is told that it is one.
    fn add_named(&mut self, recipient: Recipient) {
        let address = recipient.address.clone();
        let is_answered = self.settings.lmtp;
        if let Some((no, mail)) = self.add(recipient) {
            if is_answered {
                mail.told.push((no, address));
            }
        }
    }

    /// Adds a recipient to the mail that is open.
    pub(super) fn add(&mut self, recipient: Recipient) -> Option<(RcptNo, &mut Transaction)> {
        let mail = self.mail.as_mut()?;
        Some((mail.envelope.recipients.add(recipient), mail))
    }

    pub(super) fn recipient_refused(&mut self) {
        if let Some(mail) = &mut self.mail {
            mail.some_refused = true;
        }
    }
}
