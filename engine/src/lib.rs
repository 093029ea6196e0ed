//! The rules of mail transport: no actor, no socket, no clock, no thread.
//!
//! A mail is first *received* (its sender still answers for it), then *committed* (our spool answers for it), then
//! *advanced* (what its stage made of it is on disk too). It is then split into one [`Slip`] per next hop; a slip is lent
//! out as a [`Lease`] for one attempt. What the attempt came to is told to the spool recipient by recipient, and the rest
//! of the slip comes home.
#![cfg_attr(test, allow(clippy::disallowed_methods))] // tests play the spool and the queue

mod address;
mod aliases;
mod binding;
mod compose;
mod content;
mod converter;
mod custody;
mod domains;
mod downgrade;
mod draft;
mod drop_place;
mod entry;
mod envelope;
pub mod events;
pub mod exchangers;
mod fact;
mod files;
mod flush;
pub mod header;
mod host_port;
mod late;
mod lease;
mod local;
mod mail;
mod memo;
mod memos;
mod moment;
mod moved;
mod news;
mod outcome;
pub mod pickup;
mod plug;
pub mod program;
mod recipients;
mod reply;
mod report;
mod retry;
mod route;
mod routes;
mod rule;
pub mod session;
mod socket;
mod stage;
mod standing;
mod status;
mod ticket;
mod trace;
mod way;

pub use address::{domain_key, Address, AddressError, MAX_DOMAIN, MAX_LOCAL_PART};
pub use aliases::{
    AliasError, AliasProblem, AliasScope, Aliases, Expanded, Expansion, MAX_INCLUDES, MAX_MEMBERS, MAX_NESTING,
};
pub use binding::{BindingScope, BindingSettings, OnFault, Priority, WhenSuspended, MOST_GUESTS};
pub use compose::{
    Attachment, BodySource, ComposeError, Importance, MadeBody, Mailbox, MailboxError, MailboxList, Making, NewMail,
    Outgoing, RawMail, RawProblem, When, MAX_ATTACHMENT, MAX_ATTACHMENTS, MAX_COMPOSED_HEADER, MAX_ENVID, MAX_FIELDS,
    MAX_FILE_NAME, MAX_ID, MAX_LOCATION, MAX_MAIL, MAX_NAME, MAX_ORCPT, MAX_RECIPIENTS, MAX_TEXT,
};
pub use content::{Content, ContentChunks, ContentTooLarge, Piece, SideFile, MAX_CHUNK};
pub use converter::{Conversion, ConversionFault, Convert, Converter, ConverterKind, NotConverted, CONVERTED_OCTETS};
pub use custody::{Errand, History, Hold, Hop, Rest, Slip, Unheld};
pub use domains::{DomainSet, Domains};
pub use downgrade::{Convertible, Downgrade, NotDowngraded, Takes};
pub use draft::{Draft, Token};
pub use drop_place::{DropPlace, DropPlaceError};
pub use entry::{Claim, Entry, Receipt};

pub use envelope::{Body, Door, Envelope, Peer, QueuePriority, Ret, UnknownDoor};
pub use fact::{Diagnosis, Fact, HeldBy, HeldWhy, How, QueueId, Scope, Success};
pub use files::{FileKind, FileSeen, Files, ForeignFile, ForeignFiles, LockError, OpenFile};
pub use flush::Flush;
pub use header::{HeaderEditor, HeaderError, MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_HEADER, MAX_HEADER_LINE};
pub use host_port::{Host, HostPort, HostPortError};
pub use lease::{tell_final, Custodian, Home, InDoubt, Lease, SpoolGone, Told};
pub use local::{LocalUsers, Mailboxes, NoUser, UserName, UserNameError, Users, MAX_USER_NAME};
pub use mail::{Advanced, Committed, Mail, Offered, Received};
pub use memo::{End, KeyHash, Memo, Remember, TicketState};
pub use memos::{Memos, Overdue};
pub use moment::Moment;
pub use news::{Fate, News, Story};
pub use outcome::{Outcome, Outcomes, Part, Parted};
pub use plug::{
    After, Applied, Aside, Bad, BadMail, BadMailError, Batch, BoxFuture, Durability, FetchError, Kept, Look, NoSpace,
    NotWritten, Origin, Place, Reader, Seen, Spool, SpoolFailed, Staged, Staging, StagingError, Target,
};
pub use recipients::{Notify, RcptNo, Recipient, Recipients};
pub use reply::{Enhanced, Reply, ReplyError, ReplyReader, MAX_REPLY, MAX_REPLY_LINE, MAX_REPLY_LINES, REPLY_LINE};
pub use report::{alert, report, ReportSettings};
pub use retry::{Retry, RetryError};
pub use route::{Next, Perhaps, Route};
pub use routes::{RouteError, Routes};
pub use rule::{Addressees, Rule, RuleError, RuleProblem, Subject, MAX_CONDITIONS, MAX_RULE};
pub use session::{Action, Arrival, Session, SessionSettings};
pub use socket::Socket;
pub use stage::{Stage, StageEnd};
pub use standing::{Left, Standing};
pub use status::{DeliveryStatus, MailStatus};
pub use ticket::{Ticket, TicketSyntax};
pub use trace::{transmission_type, Trace};
pub use way::{Way, Wayfinder};
