//! The envelope of a mail: what SMTP says about it outside its content.

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr};

use thiserror::Error;

use crate::{Address, Moment, Recipients};

/// Makes the type of one table, so that no door can lack a name.
macro_rules! doors {
    ($($(#[$about:meta])* $door:ident = $name:literal,)+) => {
        /// By which door a mail came in.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Door {
            $($(#[$about])* $door,)+
        }

        impl Door {
            /// All doors there are.
            pub const ALL: &'static [Door] = &[$(Door::$door),+];

            /// Its name in rules and settings, in lower case.
            pub fn name(self) -> &'static str {
                match self {
                    $(Door::$door => $name,)+
                }
            }
        }
    };
}

doors! {
    /// A client spoke SMTP to us.
    Smtp = "smtp",
    /// A client spoke LMTP to us (RFC 2033).
    Lmtp = "lmtp",
    /// A program that has us in it called `send`.
    #[default]
    Library = "library",
    /// A file was put into a folder of ours.
    Pickup = "pickup",
    /// We wrote it ourselves: a report.
    Report = "report",
    /// We made it of another mail, for the members of a list that has an owner: its recipients are not looked up again.
    List = "list",
    /// A sink made it of another mail: a copy, a fork, an answer.
    Sink = "sink",
}

/// A text is the name of no door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no such door: write {}", Door::names())]
pub struct UnknownDoor;

impl Door {
    /// All names, as a sentence has them.
    pub(crate) fn names() -> String {
        let names: Vec<_> = Door::ALL.iter().map(|door| door.name()).collect();
        match names.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => names.concat(),
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl FromStr for Door {
    type Err = UnknownDoor;

    fn from_str(text: &str) -> Result<Self, UnknownDoor> {
        Door::ALL.iter().copied().find(|door| door.name().eq_ignore_ascii_case(text)).ok_or(UnknownDoor)
    }
}

/// Who brought the mail, as far as we know. Everything that came from outside is text that was checked for controls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// The address of the client's end of the connection.
    pub ip: Option<IpAddr>,
    /// What it called itself in EHLO or HELO.
    pub helo: Option<String>,
    /// It said EHLO, not HELO.
    pub extended: bool,
    /// The connection is under TLS: protocol and cipher, for the trace field.
    pub tls: Option<String>,
    /// Who it proved to be (AUTH).
    pub identity: Option<String>,
}

/// The kind of content that was announced with `BODY=` (RFC 6152, RFC 3030).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// ASCII lines.
    #[default]
    SevenBit,
    /// Lines with octets above 127.
    EightBitMime,
    /// Any octets; can be sent on by BDAT only.
    BinaryMime,
}

/// How much of a mail a report about it returns (RFC 3461, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ret {
    /// `RET=FULL`
    Full,
    /// `RET=HDRS`
    Headers,
}

/// Mails made of mails made of mails, by sinks and as reports: a longer line of descent is a loop.
pub(crate) const MOST_GENERATIONS: u8 = 10;

/// How urgent a mail is to its queues: who is more urgent goes first, and who is less is never starved.
///
/// It is ours alone and goes to no other host; what readers see is the importance in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueuePriority {
    /// Newsletters, digests: whatever nobody waits for.
    Low,
    /// Everything else.
    #[default]
    Normal,
    /// Somebody sits there and waits: a code to log in with, an alarm.
    High,
}

impl QueuePriority {
    /// All there are, the most urgent first.
    pub const ALL: [QueuePriority; 3] = [QueuePriority::High, QueuePriority::Normal, QueuePriority::Low];
}

/// Everything that SMTP says about a mail outside its content.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Envelope {
    /// The reverse-path; `None` is the null one, `<>`.
    pub sender: Option<Address>,
    /// To whom it goes.
    pub recipients: Recipients,
    /// By which door it came.
    pub door: Door,
    /// Who brought it.
    pub peer: Peer,
    /// What kind of octets the content has.
    pub body: Body,
    /// `SMTPUTF8` was given: addresses or header fields may be UTF-8 (RFC 6531).
    pub smtputf8: bool,
    /// How much a report returns.
    pub ret: Option<Ret>,
    /// The sender's name for this mail, still in xtext (RFC 3461, 4.4).
    pub envid: Option<String>,
    /// When it came; its age counts from here.
    pub arrived: Moment,
    /// How urgent it is to its queues.
    pub priority: QueuePriority,
    /// It is not offered before; its age counts from here, if that is later than its arrival.
    pub not_before: Option<Moment>,
    /// From then on it is not tried any more: whoever has not got it then fails.
    pub expires: Option<Moment>,
    /// How many mails, each made of the one before by a sink or as a report, lie between it and what came in.
    pub generation: u8,
    /// Free values that sinks leave for each other.
    pub properties: BTreeMap<String, String>,
}

impl Envelope {
    /// From when on it may be delivered: its age counts from here.
    pub fn begins(&self) -> Moment {
        self.not_before.map_or(self.arrived, |not_before| not_before.max(self.arrived))
    }

    /// When it is offered for the first time, if that is not at once: when it may, or when it expires if that comes before.
    pub fn rests_until(&self) -> Option<Moment> {
        self.not_before.map(|not_before| self.expires.map_or(not_before, |expires| expires.min(not_before)))
    }

    /// It is not to be tried any more.
    pub fn is_expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_door_is_found_by_its_name() {
        for door in Door::ALL {
            assert_eq!(door.to_string().to_uppercase().parse(), Ok(*door));
        }
        assert_eq!("window".parse::<Door>(), Err(UnknownDoor));
        assert_eq!(Door::names(), "smtp, lmtp, library, pickup, report, list or sink");
    }

    #[test]
    fn a_mail_is_offered_when_it_may_be_or_when_nobody_will_get_it_any_more() {
        let table = [(None, None, None), (None, Some(5), None), (Some(7), None, Some(7)), (Some(7), Some(9), Some(7))];
        for (not_before, expires, rests) in table.into_iter().chain([(Some(7), Some(5), Some(5))]) {
            let (not_before, expires) = (not_before.map(Moment), expires.map(Moment));
            let envelope = Envelope { arrived: Moment(1), not_before, expires, ..Envelope::default() };
            assert_eq!(envelope.rests_until(), rests.map(Moment), "{not_before:?} {expires:?}");
        }
    }
}
