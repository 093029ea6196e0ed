//! The commands of a transaction, as they are written.
//!
//! Rule: nothing that came from outside can end its line or become another parameter; each command knows where its
//! octets end, so that its reply is found by counting.

use std::{borrow::Cow, io::Write};

use postrider_engine::{Address, Draft, Notify, RcptNo, Recipient, Ret};

use super::{offers::Offers, plan::Plan};

/// Recipients by number, ascending.
pub(super) type Who = Vec<RcptNo>;

/// A command that gets one reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Reset,
    Mail,
    Recipient(RcptNo),
    Data,
}

/// The commands of one transaction.
#[derive(Default)]
pub(super) struct Script {
    octets: Vec<u8>,
    /// Each command and where its octets end.
    commands: Vec<(Command, usize)>,
}

/// Commands that go out together.
pub(super) struct Flight<'a> {
    pub octets: &'a [u8],
    pub commands: &'a [(Command, usize)],
}

impl Script {
    /// MAIL, a RCPT for each, and DATA unless the content goes by BDAT.
    pub fn new(
        draft: &Draft,
        sender: Option<&Address>,
        who: &[RcptNo],
        plan: &Plan,
        offers: &Offers,
        reset: bool,
    ) -> Self {
        let mut script = Script::default();
        if reset {
            script.octets.extend_from_slice(b"RSET");
            script.end(Command::Reset);
        }
        script.mail(draft, sender, plan, offers);
        for no in who {
            if let Some(recipient) = draft.envelope.recipients.get(*no) {
                script.recipient(recipient, plan, offers);
                script.end(Command::Recipient(*no));
            }
        }
        if !plan.chunked {
            script.octets.extend_from_slice(b"DATA");
            script.end(Command::Data);
        }
        script
    }

    /// The commands in groups of at most `size`.
    pub fn flights(&self, size: usize) -> impl Iterator<Item = Flight<'_>> {
        let mut from = 0;
        self.commands.chunks(size.max(1)).map(move |commands| {
            let to = commands.last().map_or(from, |(_, end)| *end);
            let octets = &self.octets[from..to];
            from = to;
            Flight { octets, commands }
        })
    }

    fn end(&mut self, command: Command) {
        self.octets.extend_from_slice(b"\r\n");
        self.commands.push((command, self.octets.len()));
    }

    fn add(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.octets.extend_from_slice(part.as_bytes()));
    }

    fn mail(&mut self, draft: &Draft, sender: Option<&Address>, plan: &Plan, offers: &Offers) {
        let envelope = &draft.envelope;
        self.add(&[
            "MAIL FROM:<",
            sender.map(|sender| said(sender, plan)).as_ref().map_or("", |sender| sender.as_str()),
            ">",
        ]);
        if offers.size {
            let _never_fails = write!(self.octets, " SIZE={}", plan.content.as_ref().unwrap_or(&draft.content).len());
        }
        if let Some(body) = plan.body {
            self.add(&[" BODY=", body]);
        }
        if plan.utf8 {
            self.add(&[" SMTPUTF8"]);
        }
        if offers.dsn {
            match envelope.ret {
                Some(Ret::Full) => self.add(&[" RET=FULL"]),
                Some(Ret::Headers) => self.add(&[" RET=HDRS"]),
                None => {}
            }
            self.parameter(" ENVID=", envelope.envid.as_deref(), false);
        }
        self.end(Command::Mail);
    }

    fn recipient(&mut self, recipient: &Recipient, plan: &Plan, offers: &Offers) {
        self.add(&["RCPT TO:<", said(&recipient.address, plan).as_str(), ">"]);
        if offers.dsn {
            self.notify(recipient.notify);
            match &recipient.orcpt {
                Some(orcpt) => self.parameter(" ORCPT=", Some(orcpt), plan.utf8),
                // Who said none is called what it was called here (RFC 3461, 5.2.1).
                None => drop(recipient.as_orcpt().map(|orcpt| self.add(&[" ORCPT=", &orcpt]))),
            }
        }
    }

    /// RFC 3461, 4.1.
    fn notify(&mut self, notify: Option<Notify>) {
        let Some(notify) = notify else { return };
        let words = [(notify.success, "SUCCESS"), (notify.failure, "FAILURE"), (notify.delay, "DELAY")];
        let mut sign = " NOTIFY=";
        for (_, word) in words.into_iter().filter(|(wanted, _)| *wanted) {
            self.add(&[sign, word]);
            sign = ",";
        }
        if notify == Notify::NEVER {
            self.add(&[" NOTIFY=NEVER"]);
        }
    }

    /// A value that cannot be one is left out: the mail matters more (RFC 3461 makes both parameters optional).
    fn parameter(&mut self, name: &str, value: Option<&str>, utf8: bool) {
        let legal = |c: char| (c.is_ascii_graphic() && c != '=') || (utf8 && !c.is_ascii() && !c.is_control());
        if let Some(value) = value.filter(|value| !value.is_empty() && value.chars().all(legal)) {
            self.add(&[name, value]);
        }
    }
}

/// The address as the host takes it: without SMTPUTF8, with its domain in A-labels. Those that cannot be are left out before.
fn said<'a>(address: &'a Address, plan: &Plan) -> Cow<'a, Address> {
    match address.in_ascii().filter(|_| !plan.utf8 && !address.is_ascii()) {
        Some(ascii) => Cow::Owned(ascii),
        None => Cow::Borrowed(address),
    }
}

/// The address can stand between `<` and `>` of a command: no control anywhere; blanks and brackets only within the
/// quotes of a local part.
pub(super) fn is_writable(address: &str) -> bool {
    let mut escaped = false;
    let mut quoted = address.starts_with('"');
    for (at, c) in address.char_indices() {
        match c {
            _ if c.is_control() => return false,
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quoted => escaped = true,
            '"' if quoted && at > 0 => quoted = false,
            ' ' | '<' | '>' if !quoted => return false,
            _ => {}
        }
    }
    !quoted && !escaped && !address.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_command_is_not_written() {
        for good in ["a@b", "\"a b>\"@x", "\"a\\\" b\"@x", "postmaster", "ü@x", "a@[IPv6:::1]"] {
            assert!(is_writable(good), "{good}");
        }
        for bad in [
            "",
            "a@b>\r\nRSET\r\n<",
            "a@b>",
            "a b@c",
            "a@b\0",
            "\"a\"b c@d",
            "\"a@b",
            "a@b\u{85}",
            "\"a\r\n\"@b",
            "\"a\\",
        ] {
            assert!(!is_writable(bad), "{bad:?}");
        }
    }
}
