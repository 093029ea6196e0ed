//! A plain SMTP server: it has all octets before it begins, reads them line by line and copies whatever it likes.
//!
//! It shares no code with the session: lines, dots, newlines, limits and order are thought out a second time. It knows
//! only the commands that the generator writes.

use super::{Event, SessionSettings};
use crate::Reply;

pub(super) struct Model<'a> {
    pub(super) settings: &'a SessionSettings,
    pub(super) lenient: bool,
    pub(super) rest: &'a [u8],
    pub(super) events: Vec<Event>,
    helo: bool,
    pub(super) mail: Option<Mail>,
    mails: u32,
    mail_refused: bool,
    errors: u32,
    closed: bool,
}

#[derive(Default)]
pub(super) struct Mail {
    pub(super) names: Vec<String>,
    pub(super) binary: bool,
    pub(super) eight: bool,
    refused: bool,
    pub(super) chunks: Option<Vec<u8>>,
    pub(super) announced: u64,
    abandoned: bool,
}

pub(super) fn run(settings: &SessionSettings, lenient: bool, octets: &[u8]) -> Vec<Event> {
    let mut model = Model {
        settings,
        lenient,
        rest: octets,
        events: Vec::new(),
        helo: false,
        mail: None,
        mails: 0,
        mail_refused: false,
        errors: 0,
        closed: false,
    };
    while !model.closed && !model.rest.is_empty() {
        if !model.command() {
            break;
        }
    }
    model.events
}

pub(super) fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}

pub(super) fn reply(code: u16, enhanced: &str, text: &str) -> Event {
    let mut reply = Reply::plain(code, "").with_text(text.to_owned());
    let numbers: Vec<u16> = enhanced.split('.').filter_map(|part| part.parse().ok()).collect();
    if let [class, subject, detail] = numbers[..] {
        reply.enhanced = Some(crate::Enhanced(u8::try_from(class).unwrap(), subject, detail));
    }
    Event::Reply(reply)
}

impl Model<'_> {
    pub(super) fn say(&mut self, code: u16, enhanced: &str, text: &str) {
        self.events.push(reply(code, enhanced, text));
    }

    pub(super) fn bad(&mut self, code: u16, enhanced: &str, text: &str) {
        self.errors += 1;
        if self.errors >= self.settings.limits.errors {
            self.close(421, "4.7.0", "Too many bad commands");
        } else {
            self.say(code, enhanced, text);
        }
    }

    pub(super) fn close(&mut self, code: u16, enhanced: &str, text: &str) {
        self.forget();
        self.say(code, enhanced, text);
        self.events.push(Event::Close);
        self.closed = true;
    }

    pub(super) fn abandon(&mut self) {
        if let Some(mail) = self.mail.as_mut().filter(|mail| mail.chunks.is_some() && !mail.abandoned) {
            mail.abandoned = true;
            self.events.push(Event::Abandon);
        }
    }

    pub(super) fn forget(&mut self) {
        self.abandon();
        self.mail = None;
    }

    /// The line, how much it takes of the rest, and whether it is fit to be read. The end may be missing.
    fn line(&self) -> (&[u8], Option<usize>) {
        let crlf = find(self.rest, b"\r\n");
        let lf = find(self.rest, b"\n").filter(|at| self.lenient && crlf.is_none_or(|crlf| *at < crlf));
        match (lf, crlf) {
            (Some(at), _) => (&self.rest[..at], Some(at + 1)),
            (None, Some(at)) => (&self.rest[..at], Some(at + 2)),
            (None, None) => (self.rest, None),
        }
    }

    fn command(&mut self) -> bool {
        let (line, taken) = self.line();
        let text = line.iter().take_while(|octet| !b"\r\n".contains(octet)).count();
        let last_cr = taken.is_none() && line.ends_with(b"\r") && text + 1 == line.len();
        let (too_long, bare) = (text + 2 > self.settings.limits.command_line, text < line.len() && !last_cr);
        let line = String::from_utf8_lossy(line).into_owned();
        if !too_long && !bare && taken.is_none() {
            return false;
        }
        self.rest = &self.rest[taken.unwrap_or(self.rest.len())..];
        if too_long {
            self.bad(500, "5.5.2", "The command line is too long");
        } else if bare {
            self.bad(500, "5.5.2", "Lines end in CR LF, and in nothing else");
        } else if line.contains(['\0', '\t', '\u{fffd}']) {
            self.bad(500, "5.5.2", "Commands are text without controls");
        } else {
            self.obey(&line);
        }
        true
    }

    fn obey(&mut self, line: &str) {
        match line {
            "NOOP" => self.say(250, "2.0.0", "Ok"),
            "QUIT" => self.close(221, "2.0.0", "Bye"),
            "HELO c" if self.settings.lmtp => self.bad(502, "5.5.1", "This is LMTP: say LHLO"),
            "LHLO c" if !self.settings.lmtp => self.bad(502, "5.5.1", "This is SMTP: say EHLO"),
            "HELO c" | "LHLO c" => {
                self.forget();
                self.mail_refused = false;
                self.helo = true;
                self.hello();
            }
            "RSET" => {
                self.forget();
                self.mail_refused = false;
                self.say(250, "2.0.0", "Flushed");
            }
            "DATA" => self.data(),
            _ if line.starts_with("MAIL FROM:") => self.mail(line),
            _ if line.starts_with("RCPT TO:") => self.rcpt(line),
            _ if line.starts_with("BDAT ") => self.bdat(line),
            "ETRN a.example" => self.etrn(),
            _ => self.bad(500, "5.5.2", "What is that?"),
        }
    }

    fn hello(&mut self) {
        let limits = &self.settings.limits;
        let extensions = format!(
            "\nPIPELINING\nSIZE {}\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nBINARYMIME\nDSN\nLIMITS MAILMAX={} RCPTMAX={}",
            limits.message_size, limits.mails, limits.recipients
        );
        let text = if self.settings.lmtp { extensions } else { String::new() };
        self.say(250, "", &format!("mx.here.example{text}"));
    }

    /// Clients whose newlines are mended are those that may relay.
    fn etrn(&mut self) {
        if self.settings.lmtp {
            self.bad(502, "5.5.1", "Not offered here");
        } else if !self.helo {
            self.bad(503, "5.5.1", "Say EHLO first");
        } else if self.mail.is_some() {
            self.bad(503, "5.5.1", "Not within a mail");
        } else if self.lenient {
            self.events.push(Event::Flush(crate::Flush::Domain("a.example".into())));
            self.say(250, "2.0.0", "Queuing for node a.example started");
        } else {
            self.say(459, "4.7.1", "Node a.example not allowed: not for your network");
        }
    }

    fn mail(&mut self, line: &str) {
        self.mail_refused = true;
        if !self.helo {
            let hello = if self.settings.lmtp { "Say LHLO first" } else { "Say EHLO first" };
            return self.bad(503, "5.5.1", hello);
        }
        if self.mail.is_some() {
            return self.bad(503, "5.5.1", "One mail at a time");
        }
        if self.mails == self.settings.limits.mails {
            return self.close(421, "4.7.0", "Enough mails for one connection");
        }
        if line.ends_with("SIZE=41") {
            return self.say(552, "5.3.4", "The mail is too big");
        }
        self.mail_refused = false;
        self.mails += 1;
        let names = vec![format!("id.{}", self.mails), "<>".to_owned()];
        let (binary, eight) = (line.contains("BINARYMIME"), line.contains("8BITMIME"));
        self.mail = Some(Mail { names, binary, eight, ..Mail::default() });
        self.say(250, "2.1.0", "Sender ok");
    }

    fn rcpt(&mut self, line: &str) {
        let limit = self.settings.limits.recipients;
        let Some(mail) = &mut self.mail else { return self.out_of_order_reply(503, "Say MAIL first") };
        if mail.chunks.is_some() {
            return self.bad(503, "5.5.1", "Go on with BDAT, or say RSET");
        }
        if mail.names.len() == 2 + limit {
            mail.refused = true;
            self.say(452, "4.5.3", "Too many recipients, send the others their own");
        } else if line.contains("here.example") || self.lenient {
            mail.names.push(line["RCPT TO:".len()..].to_owned());
            self.say(250, "2.1.5", "Recipient ok");
        } else {
            mail.refused = true;
            self.say(550, "5.7.1", "We do not relay for you");
        }
    }

    /// Why no content may come now.
    pub(super) fn out_of_order(&self) -> Option<(u16, &'static str)> {
        match &self.mail {
            None => Some((503, "Say MAIL first")),
            Some(mail) if mail.names.len() > 2 => None,
            Some(mail) if mail.refused && self.settings.lmtp => Some((503, "No valid recipient")),
            Some(mail) if mail.refused => Some((554, "No valid recipient")),
            Some(_) => Some((503, "Say RCPT first")),
        }
    }

    pub(super) fn out_of_order_reply(&mut self, code: u16, text: &str) {
        if text == "No valid recipient" || (self.mail_refused && text == "Say MAIL first") {
            self.say(code, "5.5.1", text);
        } else {
            self.bad(code, "5.5.1", text);
        }
    }
}
