//! The mails of the harness: each is known by its writer and its number, and what it says follows from these.
//!
//! Rule: what a mail is, and whether it has a key, is the same in every process and after every restart.

use std::{fmt, str::FromStr};

use postrider::rules::{ComposeError, Draft, Making, NewMail, Outgoing, RawMail};
use sha2::{Digest, Sha256};

use super::{came::sum_as_sent, journal::Journal};
use crate::draw::draw;

/// The field that says which mail it is.
pub const MARK: &str = "X-Stress";
/// Mails in one mailbox: a delivery that may be a repetition looks through all that is there.
const MAILS_A_BOX: u32 = 500;
pub const FROM: &str = "stress@far.example";
/// One mail in so many is large enough to lie in a file of its own.
const LARGE: u64 = 200;
const MOST_OCTETS: usize = 1 << 24;

/// The SHA-256 of a mail as it was sent.
pub type Sum = [u8; 32];

pub fn sum(octets: &[u8]) -> Sum {
    Sha256::digest(octets).into()
}

/// A mail: the number of its writer, and its number among the mails of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailId {
    pub writer: u32,
    pub number: u32,
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.writer, self.number)
    }
}

impl FromStr for MailId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (writer, number) = text.split_once('-').ok_or(())?;
        Ok(MailId { writer: writer.parse().map_err(drop)?, number: number.parse().map_err(drop)? })
    }
}

impl MailId {
    /// Three of four are sent under a key, and again if no answer came.
    pub fn key(self) -> Option<String> {
        (draw(4, (self, "key")) > 0).then(|| format!("q181697 {self}"))
    }

    /// One of eight is answered before it is synced: it survives the death of the engine's process all the same.
    pub fn is_buffered(self) -> bool {
        draw(8, (self, "buffered")) == 0
    }

    pub fn to(self) -> String {
        format!("w{}x{}@home.example", self.writer, self.number / MAILS_A_BOX)
    }

    /// Lines of all lengths, some of which begin with dots.
    fn body(self) -> String {
        let large = draw(LARGE, (self, "large")) == 0;
        let octets = if large { 100_000 } else { 100 + draw(3000, (self, "octets")) as usize };
        let (mut body, mut line) = (String::new(), 0u64);
        while body.len() < octets {
            let letter = b".abcdefghijklmno"[draw(16, (self, line, "letter")) as usize];
            body.extend(std::iter::repeat_n(char::from(letter), draw(100, (self, line, "length")) as usize));
            body.push_str("\r\n");
            line += 1;
        }
        body
    }

    /// The mail as its writer has it.
    pub fn octets(self) -> String {
        let (to, body) = (self.to(), self.body());
        format!("{MARK}: {self}\r\nFrom: {FROM}\r\nTo: {to}\r\nSubject: stress\r\n\r\n{body}")
    }

    /// The same with its envelope.
    pub fn raw(self) -> RawMail {
        RawMail::new(self.octets()).from(FROM).to(self.to().as_str())
    }

    /// The mail as programs send it by a call: half of them are octets, half are composed by the engine, with a `Message-ID` of its making.
    pub fn noted(self, journal: &Journal) -> Noted {
        let what = match draw(2, (self, "composed")) {
            0 => What::Octets(Box::new(self.raw())),
            _ => What::Composed(Box::new(
                NewMail::new()
                    .from(FROM)
                    .to(self.to().as_str())
                    .subject("stress")
                    .text(self.body())
                    .header(MARK, &self.to_string()),
            )),
        };
        Noted { id: self, what, journal: journal.clone() }
    }
}

enum What {
    Octets(Box<RawMail>),
    Composed(Box<NewMail>),
}

/// A mail of which the journal says what it was, before it is anywhere else.
pub struct Noted {
    id: MailId,
    what: What,
    journal: Journal,
}

impl Outgoing for Noted {
    fn into_draft(self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        let draft = match self.what {
            What::Octets(mail) => mail.into_draft(making),
            What::Composed(mail) => mail.into_draft(making),
        }?;
        let octets = draft.content.all(MOST_OCTETS).unwrap_or_default();
        self.journal.begun(self.id, &sum_as_sent(&octets));
        Ok(draft)
    }
}
