//! The names of the events, and the phase that each belongs to.
//!
//! Rule: the order here is the order in which a mail meets them; logs and settings use these names and no others.

use std::fmt;

/// Which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // each is the event of its name, which says what it is
pub enum Kind {
    Connect,
    Helo,
    Auth,
    StartTls,
    MailFrom,
    RcptTo,
    Data,
    Bdat,
    Rset,
    Vrfy,
    Etrn,
    Noop,
    Help,
    Quit,
    UnknownCommand,
    MaxMessageSize,
    EndOfHeaders,
    EndOfData,
    Submission,
    Disconnect,
    PreCategorize,
    Categorize,
    PostCategorize,
    DnsResolve,
    Route,
}

/// A part of a mail's way. The commit is the border between the second and the third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The client's dialogue.
    Dialogue,
    /// End of data and submission: the sender still answers for the mail.
    Submission,
    /// We answer for it.
    Transport,
}

/// All events, in the order in which a mail meets them.
pub const KINDS: [Kind; 25] = [
    Kind::Connect,
    Kind::Helo,
    Kind::Auth,
    Kind::StartTls,
    Kind::MailFrom,
    Kind::RcptTo,
    Kind::Data,
    Kind::Bdat,
    Kind::Rset,
    Kind::Vrfy,
    Kind::Etrn,
    Kind::Noop,
    Kind::Help,
    Kind::Quit,
    Kind::UnknownCommand,
    Kind::MaxMessageSize,
    Kind::EndOfHeaders,
    Kind::EndOfData,
    Kind::Submission,
    Kind::Disconnect,
    Kind::PreCategorize,
    Kind::Categorize,
    Kind::PostCategorize,
    Kind::DnsResolve,
    Kind::Route,
];

impl Kind {
    /// Its name in settings and logs.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Connect => "connect",
            Kind::Helo => "helo",
            Kind::Auth => "auth",
            Kind::StartTls => "start_tls",
            Kind::MailFrom => "mail_from",
            Kind::RcptTo => "rcpt_to",
            Kind::Data => "data",
            Kind::Bdat => "bdat",
            Kind::Rset => "rset",
            Kind::Vrfy => "vrfy",
            Kind::Etrn => "etrn",
            Kind::Noop => "noop",
            Kind::Help => "help",
            Kind::Quit => "quit",
            Kind::UnknownCommand => "unknown_command",
            Kind::MaxMessageSize => "max_message_size",
            Kind::EndOfHeaders => "end_of_headers",
            Kind::EndOfData => "end_of_data",
            Kind::Submission => "submission",
            Kind::Disconnect => "disconnect",
            Kind::PreCategorize => "pre_categorize",
            Kind::Categorize => "categorize",
            Kind::PostCategorize => "post_categorize",
            Kind::DnsResolve => "dns_resolve",
            Kind::Route => "route",
        }
    }

    /// The event of this name.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.into_iter().find(|kind| kind.name() == name)
    }

    /// The part of a mail's way that it belongs to.
    pub fn phase(self) -> Phase {
        match self {
            Kind::EndOfData | Kind::Submission => Phase::Submission,
            Kind::PreCategorize | Kind::Categorize | Kind::PostCategorize | Kind::DnsResolve | Kind::Route => {
                Phase::Transport
            }
            _ => Phase::Dialogue,
        }
    }
}

/// Some of the events: those that have sinks, say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindSet(u32);

impl KindSet {
    /// None.
    pub const EMPTY: KindSet = KindSet(0);

    /// The same, and this one.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        KindSet(self.0 | 1 << kind as u32)
    }

    /// It is one of them.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u32 != 0
    }

    /// There is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Kind> for KindSet {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(KindSet::EMPTY, KindSet::with)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_on_the_list_once_in_its_order_and_found_by_its_name() {
        for (at, kind) in KINDS.into_iter().enumerate() {
            assert_eq!((kind as usize, Kind::named(kind.name())), (at, Some(kind)));
        }
        assert_eq!(Kind::named("eod"), None);
    }

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        let set: KindSet = [Kind::Connect, Kind::Route].into_iter().collect();
        let has: Vec<Kind> = KINDS.into_iter().filter(|kind| set.contains(*kind)).collect();
        assert_eq!((has, set.is_empty()), (vec![Kind::Connect, Kind::Route], false));
        assert!(KindSet::EMPTY.is_empty() && KINDS.into_iter().all(|kind| !KindSet::EMPTY.contains(kind)));
    }
}
