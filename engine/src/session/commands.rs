//! The commands of a session, one function each.
//!
//! Rule: a command that is refused changes nothing, but counts; after too many the answer is 421 and the end.

use bytes::BytesMut;

use super::{
    command::{self, Command},
    line::{self, Line},
    path, replies, Action, Session, State, Transaction,
};
use crate::{Body, Door, Envelope, Reply};

impl Session {
    /// Reads one command line; `false` if there is none.
    pub(super) fn read_command(&mut self, input: &mut BytesMut) -> bool {
        // A TLS handshake where SMTP is spoken: it would never end a line.
        if input.first() == Some(&0x16) {
            return self.close(replies::NOT_SMTP);
        }
        match line::take(input, self.settings.limits.command_line, self.lenient) {
            Line::Partial => return false,
            Line::Whole(line) => self.run_line(&line, input),
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

    fn run_line(&mut self, line: &[u8], input: &mut BytesMut) {
        match command::text(line).and_then(command::parse) {
            Ok(command) => self.run(command, input),
            Err(reply) if reply == replies::BAD_CHUNK => {
                self.close(reply);
            }
            Err(reply) => self.bad(reply),
        }
    }

    fn run(&mut self, command: Command<'_>, input: &mut BytesMut) {
        let outcome = match command {
            Command::Ehlo(_) | Command::Helo(_) if self.settings.lmtp => Err(replies::LMTP_HERE),
            Command::Lhlo(_) if !self.settings.lmtp => Err(replies::SMTP_HERE),
            Command::Ehlo(name) | Command::Lhlo(name) => self.hello(name, true),
            Command::Helo(name) => self.hello(name, false),
            Command::Mail(argument) => self.mail(argument),
            Command::Rcpt(argument) => self.rcpt(argument),
            Command::Data => self.data(),
            Command::Bdat(size, last) => self.bdat(size, last),
            Command::Rset => {
                self.drop_mail();
                self.mail_refused = false;
                self.say(replies::FLUSHED)
            }
            Command::Noop => self.say(replies::NOTHING_DONE),
            Command::Vrfy => self.say(replies::PERHAPS),
            Command::Help => self.say(replies::help(&self.settings)),
            Command::StartTls => self.start_tls(input),
            Command::Etrn(node) => self.etrn(node),
            Command::Quit => self.leave(replies::BYE),
            Command::Http => self.leave(replies::NOT_SMTP),
        };
        if let Err(reply) = outcome {
            self.out_of_turn(reply);
        }
    }

    pub(super) fn say(&mut self, reply: Reply) -> Result<(), Reply> {
        self.reply(reply);
        Ok(())
    }

    fn leave(&mut self, reply: Reply) -> Result<(), Reply> {
        self.close(reply);
        Ok(())
    }

    /// A bad command: its reply, or the last one.
    pub(super) fn bad(&mut self, reply: Reply) {
        self.errors += 1;
        if self.errors >= self.settings.limits.errors {
            self.close(replies::TOO_MANY_ERRORS);
        } else {
            self.reply(reply);
        }
    }

    /// Refuses a command. One that a pipelining client had to send before it could know that its MAIL, or its last
    /// recipient, was refused is no fault of its own, and does not count (RFC 2920, 3.1).
    pub(super) fn out_of_turn(&mut self, reply: Reply) {
        let nobody = [replies::NO_VALID_RECIPIENT, replies::NO_VALID_RECIPIENT_LMTP].contains(&reply);
        let follows = nobody || (reply == replies::MAIL_FIRST && self.mail_refused);
        if follows {
            self.reply(reply);
        } else {
            self.bad(reply);
        }
    }

    fn hello(&mut self, name: &str, extended: bool) -> Result<(), Reply> {
        if !command::is_host_name(name) {
            return Err(replies::BAD_HELO);
        }
        self.drop_mail();
        self.mail_refused = false;
        self.peer.helo = Some(name.to_owned());
        self.peer.extended = extended;
        self.say(if extended { replies::ehlo(&self.settings, &self.peer) } else { replies::helo(&self.settings) })
    }

    fn start_tls(&mut self, input: &mut BytesMut) -> Result<(), Reply> {
        if !self.settings.starttls {
            return Err(replies::NOT_OFFERED);
        }
        if self.peer.tls.is_some() {
            return Err(replies::TLS_ALREADY);
        }
        self.drop_mail();
        // Whoever put commands behind STARTTLS put them into the clear: they are not the client's under TLS.
        input.clear();
        self.state = State::StartingTls;
        self.reply(replies::START_TLS);
        self.pending.push_back(Action::StartTls);
        Ok(())
    }

    fn mail(&mut self, argument: &str) -> Result<(), Reply> {
        self.mail_refused = true;
        if self.peer.helo.is_none() {
            return Err(replies::hello_first(&self.settings));
        }
        if self.mail.is_some() {
            return Err(replies::MAIL_OPEN);
        }
        if self.mails >= self.settings.limits.mails {
            return self.leave(replies::TOO_MANY_MAILS);
        }
        let from = path::mail_from(argument)?;
        if from.size.is_some_and(|size| size > self.settings.limits.message_size) {
            return self.say(replies::TOO_BIG);
        }
        let envelope = Envelope {
            sender: from.sender,
            door: if self.settings.lmtp { Door::Lmtp } else { Door::Smtp },
            peer: self.peer.clone(),
            body: from.body.unwrap_or_default(),
            smtputf8: from.smtputf8,
            ret: from.ret,
            envid: from.envid,
            ..Envelope::default()
        };
        self.mail_refused = false;
        self.mails += 1;
        self.mail = Some(Transaction { envelope, declared: from.size, some_refused: false, content: None });
        self.say(replies::SENDER_OK)
    }

    fn rcpt(&mut self, argument: &str) -> Result<(), Reply> {
        let Some(mail) = &mut self.mail else {
            return Err(replies::MAIL_FIRST);
        };
        if mail.content.is_some() {
            return Err(replies::CHUNKS_BEGUN);
        }
        let recipient = path::rcpt_to(argument, mail.envelope.smtputf8).inspect_err(|_| mail.some_refused = true)?;
        let reply = match mail.envelope.recipients.len() >= self.settings.limits.recipients {
            true => replies::TOO_MANY_RECIPIENTS,
            false => self.settings.judge(&self.peer, &recipient.address),
        };
        match reply.is_positive() {
            true => drop(mail.envelope.recipients.add(recipient)),
            false => mail.some_refused = true,
        }
        self.say(reply)
    }

    /// The mail to which content may come now.
    pub(super) fn mail_for_content(&mut self) -> Result<&mut Transaction, Reply> {
        let nobody = replies::no_valid_recipient(&self.settings);
        let Some(mail) = &mut self.mail else {
            return Err(replies::MAIL_FIRST);
        };
        match (mail.envelope.recipients.is_empty(), mail.some_refused) {
            (false, _) => Ok(mail),
            (true, true) => Err(nobody),
            (true, false) => Err(replies::RCPT_FIRST),
        }
    }

    fn data(&mut self) -> Result<(), Reply> {
        let mail = self.mail_for_content()?;
        if mail.content.is_some() {
            return Err(replies::CHUNKS_BEGUN);
        }
        if mail.envelope.body == Body::BinaryMime {
            return Err(replies::BINARY_NEEDS_CHUNKS);
        }
        self.begin_content();
        self.state = State::Opening;
        Ok(())
    }
}
