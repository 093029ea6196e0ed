//! The plain server's DATA and BDAT: the whole content is there, and is looked at as a whole.

use super::{
    model::{find, reply, Model},
    Body, Event,
};

impl Model<'_> {
    pub(super) fn data(&mut self) {
        if let Some((code, text)) = self.out_of_order() {
            return self.out_of_order_reply(code, text);
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

    pub(super) fn bdat(&mut self, line: &str) {
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
        let overflow = if refused.is_some() { size as u64 > max + drain } else { announced > max + drain };
        if overflow {
            return self.close(421, "4.3.4", "The mail is far too big");
        }
        self.rest = rest;
        if let Some((code, text)) = refused {
            if taken == size {
                self.out_of_order_reply(code, text);
            }
            return;
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
            let times = if self.settings.lmtp { self.mail.as_ref().unwrap().names.len() - 2 } else { 1 };
            self.forget();
            return self.events.extend(std::iter::repeat_n(fault, times));
        }
        let mail = self.mail.take().unwrap();
        let eight = mail.eight || !kept.is_ascii();
        let text = if eight { Body::EightBitMime } else { Body::SevenBit };
        let body = if mail.binary { Body::BinaryMime } else { text };
        let queued = format!("Ok: queued as {}", mail.names[0]);
        self.events.push(Event::Mail(mail.names.clone(), body, kept));
        match self.settings.lmtp {
            true => mail.names[2..].iter().for_each(|to| self.say(250, "2.1.5", &format!("{to} {queued}"))),
            false => self.say(250, "2.0.0", &queued),
        }
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
