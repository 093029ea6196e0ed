//! A plain SMTP server: it has all octets before it begins, reads them line by line and copies whatever it likes.
//!
//! It shares no code with the session: lines, dots, newlines, limits and order are thought out a second time. It knows
//! only the commands that the generator writes.

use super::{Body, Event, SessionSettings};
use crate::Reply;

pub(super) struct Model<'a> {
    settings: &'a SessionSettings,
    lenient: bool,
    rest: &'a [u8],
    events: Vec<Event>,
    helo: bool,
    mail: Option<Mail>,
    mails: u32,
    errors: u32,
    closed: bool,
}

#[derive(Default)]
struct Mail {
    names: Vec<String>,
    binary: bool,
    eight: bool,
    refused: bool,
    chunks: Option<Vec<u8>>,
    announced: u64,
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

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}

fn reply(code: u16, enhanced: &str, text: &str) -> Event {
    let mut reply = Reply::plain(code, "").with_text(text.to_owned());
    let numbers: Vec<u16> = enhanced.split('.').filter_map(|part| part.parse().ok()).collect();
    if let [class, subject, detail] = numbers[..] {
        reply.enhanced = Some(crate::Enhanced(u8::try_from(class).unwrap(), subject, detail));
    }
    Event::Reply(reply)
}

impl Model<'_> {
    fn say(&mut self, code: u16, enhanced: &str, text: &str) {
        self.events.push(reply(code, enhanced, text));
    }

    fn bad(&mut self, code: u16, enhanced: &str, text: &str) {
        self.errors += 1;
        if self.errors >= self.settings.limits.errors {
            self.close(421, "4.7.0", "Too many bad commands");
        } else {
            self.say(code, enhanced, text);
        }
    }

    fn close(&mut self, code: u16, enhanced: &str, text: &str) {
        self.forget();
        self.say(code, enhanced, text);
        self.events.push(Event::Close);
        self.closed = true;
    }

    fn abandon(&mut self) {
        if let Some(mail) = self.mail.as_mut().filter(|mail| mail.chunks.is_some() && !mail.abandoned) {
            mail.abandoned = true;
            self.events.push(Event::Abandon);
        }
    }

    fn forget(&mut self) {
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
            "HELO c" => {
                self.forget();
                self.helo = true;
                self.say(250, "", "mx.here.example");
            }
            "RSET" => {
                self.forget();
                self.say(250, "2.0.0", "Flushed");
            }
            "DATA" => self.data(),
            _ if line.starts_with("MAIL FROM:") => self.mail(line),
            _ if line.starts_with("RCPT TO:") => self.rcpt(line),
            _ if line.starts_with("BDAT ") => self.bdat(line),
            _ => self.bad(500, "5.5.2", "What is that?"),
        }
    }

    fn mail(&mut self, line: &str) {
        if !self.helo {
            return self.bad(503, "5.5.1", "Say EHLO first");
        }
        if self.mail.is_some() {
            return self.bad(503, "5.5.1", "One mail at a time");
        }
        if self.mails == self.settings.limits.mails {
            return self.close(421, "4.7.0", "Enough mails for one connection");
        }
        self.mails += 1;
        let names = vec![format!("id.{}", self.mails), "<>".to_owned()];
        let (binary, eight) = (line.contains("BINARYMIME"), line.contains("8BITMIME"));
        self.mail = Some(Mail { names, binary, eight, ..Mail::default() });
        self.say(250, "2.1.0", "Sender ok");
    }

    fn rcpt(&mut self, line: &str) {
        let limit = self.settings.limits.recipients;
        let Some(mail) = &mut self.mail else { return self.bad(503, "5.5.1", "Say MAIL first") };
        if mail.chunks.is_some() {
            return self.bad(503, "5.5.1", "Go on with BDAT, or say RSET");
        }
        if mail.names.len() == 2 + limit {
            mail.refused = true;
            self.say(452, "4.5.3", "Too many recipients, send the others their own");
        } else if line.contains("here.example") {
            mail.names.push(line["RCPT TO:".len()..].to_owned());
            self.say(250, "2.1.5", "Recipient ok");
        } else {
            mail.refused = true;
            self.say(550, "5.7.1", "We do not relay for you");
        }
    }

    /// Why no content may come now.
    fn out_of_order(&self) -> Option<(u16, &'static str)> {
        match &self.mail {
            None => Some((503, "Say MAIL first")),
            Some(mail) if mail.names.len() > 2 => None,
            Some(mail) if mail.refused => Some((554, "No valid recipient")),
            Some(_) => Some((503, "Say RCPT first")),
        }
    }

    fn data(&mut self) {
        if let Some((code, text)) = self.out_of_order() {
            return self.bad(code, "5.5.1", text);
        }
        let mail = self.mail.as_mut().unwrap();
        if mail.chunks.is_some() {
            return self.bad(503, "5.5.1", "Go on with BDAT, or say RSET");
        }
        if mail.binary {
            return self.bad(503, "5.5.1", "BINARYMIME goes by BDAT only");
        }
        mail.chunks = Some(Vec::new());
        self.events.push(Event::Begin);
        self.say(354, "", "End with a dot on a line of its own");
        let all = [b"\r\n", self.rest].concat();
        let Some(end) = find(&all, b"\r\n.\r\n") else {
            self.rest = &[];
            let open = [b"\r\n.\r" as &[u8], b"\r\n.", b"\r"].into_iter().find(|open| all.ends_with(open));
            let known = all.len() - open.map_or(0, |open| if open.len() > 2 { open.len() - 2 } else { 1 });
            return self.judge_partial(&all[2..known.max(2)], true);
        };
        self.rest = &self.rest[end + 3..];
        let raw = all.get(2..end + 2).unwrap_or_default();
        self.finish(raw, true);
    }

    fn bdat(&mut self, line: &str) {
        let mut words = line.split(' ').skip(1);
        let size: usize = words.next().unwrap().parse().unwrap();
        let last = words.next() == Some("LAST");
        let limits = &self.settings.limits;
        let (max, drain) = (limits.message_size, limits.drain);
        let refused = self.out_of_order();
        let taken = size.min(self.rest.len());
        let (chunk, rest) = self.rest.split_at(taken);
        if refused.is_none() {
            let mail = self.mail.as_mut().unwrap();
            if mail.chunks.is_none() {
                mail.chunks = Some(Vec::new());
                self.events.push(Event::Begin);
            }
            mail.announced += size as u64;
        }
        let announced = self.mail.as_ref().map_or(0, |mail| mail.announced);
        let overflow = if refused.is_some() { size as u64 > drain } else { announced > max + drain };
        if overflow {
            return self.close(421, "4.3.4", "The mail is far too big");
        }
        self.rest = rest;
        if let Some((code, text)) = refused {
            return if taken == size { self.bad(code, "5.5.1", text) } else { () };
        }
        let mail = self.mail.as_mut().unwrap();
        mail.chunks.as_mut().unwrap().extend_from_slice(chunk);
        let all = mail.chunks.clone().unwrap();
        if announced > max {
            self.abandon();
        }
        if taken == size && last {
            return self.finish(&all, false);
        }
        let known = all.strip_suffix(b"\r").unwrap_or(&all);
        self.judge_partial(known, false);
        if taken == size {
            match self.fault(known, false, false) {
                None => self.say(250, "2.0.0", &format!("{size} octets taken")),
                Some(fault) => self.events.push(fault),
            }
        }
    }

    /// Content of which more is to come: a fault is known already, or not.
    fn judge_partial(&mut self, known: &[u8], dots: bool) {
        if self.fault(known, dots, false).is_some() {
            self.abandon();
        }
        let limits = &self.settings.limits;
        if dots && self.kept(known, dots).len() as u64 > limits.message_size + limits.drain {
            self.close(421, "4.3.4", "The mail is far too big");
        }
    }

    fn finish(&mut self, raw: &[u8], dots: bool) {
        let limits = &self.settings.limits;
        let kept = self.kept(raw, dots);
        if kept.len() as u64 > limits.message_size + limits.drain {
            return self.close(421, "4.3.4", "The mail is far too big");
        }
        if let Some(fault) = self.fault(raw, dots, true) {
            self.forget();
            return self.events.push(fault);
        }
        let mail = self.mail.take().unwrap();
        let eight = mail.eight || !kept.is_ascii();
        let text = if eight { Body::EightBitMime } else { Body::SevenBit };
        let body = if mail.binary { Body::BinaryMime } else { text };
        let queued = format!("Ok: queued as {}", mail.names[0]);
        self.events.push(Event::Mail(mail.names, body, kept));
        self.say(250, "2.0.0", &queued);
    }

    /// The content as it is to be kept.
    fn kept(&self, raw: &[u8], dots: bool) -> Vec<u8> {
        let mend = self.lenient && !self.mail.as_ref().unwrap().binary;
        let (mut kept, mut start, mut at) = (Vec::new(), true, 0);
        while at < raw.len() {
            let here = &raw[at..];
            let (taken, octets, starts): (usize, &[u8], bool) = match here {
                [b'\r', b'\n', ..] => (2, b"\r\n", true),
                [b'\n', ..] if mend => (1, b"\r\n", true),
                [b'\r', ..] if mend => (1, b" ", false),
                [b'.', ..] if dots && start => (1, b"", false),
                _ => (1, &here[..1], false),
            };
            kept.extend_from_slice(octets);
            (start, at) = (starts, at + taken);
        }
        kept
    }

    fn fault(&self, raw: &[u8], dots: bool, whole: bool) -> Option<Event> {
        let mail = self.mail.as_ref().unwrap();
        let text = String::from_utf8_lossy(raw).replace("\r\n", "");
        let kept = self.kept(raw, dots);
        let limits = &self.settings.limits;
        if !mail.binary && !self.lenient && text.contains(['\r', '\n']) {
            Some(reply(550, "5.6.11", "A bare CR or LF in the mail"))
        } else if !mail.binary && text.contains('\0') {
            Some(reply(550, "5.6.11", "A NUL in the mail"))
        } else if kept.len() as u64 > limits.message_size || mail.announced > limits.message_size {
            Some(reply(552, "5.3.4", "The mail is too big"))
        } else if received(&kept, whole) > limits.received {
            Some(reply(554, "5.4.6", "Too many Received fields: the mail goes in circles"))
        } else {
            None
        }
    }
}

/// Counts fields by reading lines; the last one counts only if it is over.
fn received(kept: &[u8], whole: bool) -> u32 {
    let text = String::from_utf8_lossy(kept);
    let mut lines: Vec<&str> = text.split("\r\n").collect();
    if !whole || lines.last() == Some(&"") {
        lines.pop();
    }
    let mut count = 0;
    for (number, line) in lines.iter().enumerate() {
        let name = line.split_once(':').map(|(name, _)| name.trim_end().to_lowercase());
        match name {
            _ if number > 0 && line.starts_with([' ', '\t']) => {}
            Some(name) if name == "received" => count += 1,
            Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic()) => {}
            _ => break,
        }
    }
    count
}
