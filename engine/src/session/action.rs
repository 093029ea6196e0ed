//! What a session tells its caller to do, and what it hands over.

use std::sync::Arc;

use bytes::Bytes;

use super::{inspector::HeaderSeen, settings::SessionSettings};
use crate::{
    events::{Kind, Oversize, Said},
    Envelope, Flush, Moment, RcptNo, Reply, Trace,
};

/// What the caller is to do next, in this order.
#[derive(Debug)]
pub enum Action {
    /// Write this reply. Replies may be gathered until `step` gives `None` (RFC 2920, 3.2).
    Reply(Reply),
    /// Write what was gathered, make TLS on the stream, then call `tls_started`. What was read ahead is discarded
    /// already; octets of the input that are still unread belong to TLS.
    StartTls,
    /// Content begins. A caller that can not take it says so with `refuse_content`, now or at any time before `Commit`.
    BeginContent {
        /// What the client said of its size (RFC 1870); not to be relied on.
        declared: Option<u64>,
    },
    /// Octets of the content, without dot-stuffing, as slices of the input. Where a client sends many dots the pieces
    /// can be small: gather small ones by copying, or each keeps its whole input buffer alive.
    Content(Bytes),
    /// The content is complete and free of faults. `step` gives nothing more until `committed` is called.
    Commit(Box<Arrival>),
    /// Mail is asked for (ETRN). `step` gives nothing more until `flushed` is called.
    Flush(Flush),
    /// Sinks are to be asked about a command, which has had no effect. `step` gives nothing more until `answered` is
    /// called.
    Ask(Box<Asked>),
    /// A mail is larger than it may be, and sinks may let it pass. Comes once for a mail. `step` gives nothing more until
    /// `oversize_answered` is called.
    Oversize(Box<Oversize>),
    /// Drop what came of this content.
    Abandon,
    /// Write what was gathered and close. `step` gives nothing more.
    Close,
}

/// A command about which sinks are asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its event.
    pub kind: Kind,
    /// What the client said, and what we would say.
    pub said: Said,
}

/// What became of a mail that was taken: for `taken`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken<'a> {
    /// The text that goes behind "queued as"; none where a sink has discarded it.
    pub id: Option<&'a str>,
    /// Recipients that sinks refused. In LMTP each hears so; in SMTP there is one reply, and it says that the mail is taken.
    pub refused: &'a [(RcptNo, Reply)],
}

/// A mail that came in whole.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// `<session>.<n>` for the n-th mail of the session: in its `Received` field and in the log.
    pub id: String,
    /// What the client said about it.
    pub envelope: Envelope,
    /// Octets of the content.
    pub size: u64,
    pub(super) settings: Arc<SessionSettings>,
    pub(super) header: HeaderSeen,
}

impl Arrival {
    /// Writes the time into the envelope and gives the header fields that belong before the content: `Received`, and
    /// for a submission the `Date` and `Message-ID` that it lacks. Content that does not begin with a header gets the
    /// empty line that parts it from these fields.
    pub fn stamp(&mut self, now: Moment) -> Bytes {
        self.envelope.arrived = now;
        let date = now.rfc5322();
        let trace = Trace { hostname: &self.settings.hostname, id: &self.id, date: &date };
        let mut fields = trace.received(&self.envelope);
        if self.settings.submission && !self.header.date {
            fields.push_str(&format!("Date: {date}\r\n"));
        }
        if self.settings.submission && !self.header.message_id {
            fields.push_str(&format!("Message-ID: <{}.{}@{}>\r\n", self.id, now.0, self.settings.hostname));
        }
        if self.header.missing {
            fields.push_str("\r\n");
        }
        fields.into()
    }
}

/// What a session waits for: each has a time limit of its own (RFC 5321, 4.5.3.2), which is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The greeting was not given.
    Greeting,
    /// A command.
    Command,
    /// Content that is kept.
    Content,
    /// Content, or the rest of a command line, that is read only to be dropped.
    Draining,
    /// The answer to `Commit`: no time limit, and no 421 either.
    Committing,
    /// The answer to `Ask` or `Oversize`: no time limit of the client's.
    Consulting,
    /// The answer to `Flush`, which comes at once.
    Asking,
    /// TLS.
    StartingTls,
    /// Nothing any more.
    Closed,
}

/// What becomes of an `Action::Flush`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flushed {
    /// 250: it is begun.
    Started,
    /// 251: nothing waits at all.
    Nothing,
    /// 458: the same was asked for a moment ago.
    TooSoon,
    /// 458: not now.
    Unable,
}

/// Why a connection is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 421: as many connections as there may be.
    Busy,
    /// 421: as many as there may be from this network.
    TooManyFromNetwork,
    /// 421: we stop.
    Stopping,
    /// 554: this client is not served at all.
    NotServed,
}
