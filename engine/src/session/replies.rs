//! Every reply that a session gives, on one page.
//!
//! Rule: each has the enhanced code that its cause is registered with (RFC 3463, RFC 5248); replies to EHLO and HELO,
//! the greeting and 3xx have none (RFC 2034, 4).

use std::fmt::Write;

use super::{action::Flushed, content::Fault, settings::SessionSettings};
use crate::{pickup::FileCode, Address, Peer, Reply};

pub(super) const GO_AHEAD: Reply = Reply::plain(354, "End with a dot on a line of its own");
pub(super) const FLUSHED: Reply = Reply::new(250, 0, 0, "Flushed");
pub(super) const NOTHING_DONE: Reply = Reply::new(250, 0, 0, "Ok");
pub(super) const SENDER_OK: Reply = Reply::new(250, 1, 0, "Sender ok");
pub(super) const RECIPIENT_OK: Reply = Reply::new(250, 1, 5, "Recipient ok");
pub(super) const BYE: Reply = Reply::new(221, 0, 0, "Bye");
pub(super) const START_TLS: Reply = Reply::new(220, 0, 0, "Start TLS");
pub(super) const PERHAPS: Reply = Reply::new(252, 0, 0, "Send it and see: addresses are not verified here");
const HELP: Reply =
    Reply::new(214, 0, 0, "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\nSee RFC 5321 for what they mean");
const HELP_LMTP: Reply =
    Reply::new(214, 0, 0, "LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT\nSee RFC 2033 for what they mean");

pub(super) const TALKED_FIRST: Reply = Reply::new(554, 5, 0, "You spoke before the greeting");
pub(super) const NOT_SMTP: Reply = Reply::new(554, 5, 0, "This is SMTP");
pub(super) const TOO_MANY_ERRORS: Reply = Reply::new(421, 7, 0, "Too many bad commands");
pub(super) const TOO_MANY_MAILS: Reply = Reply::new(421, 7, 0, "Enough mails for one connection");
pub(super) const LINE_WITHOUT_END: Reply = Reply::new(421, 5, 2, "A command line without end");
pub(super) const OVERFLOW: Reply = Reply::new(421, 3, 4, "The mail is far too big");
pub(super) const TIMED_OUT: Reply = Reply::new(421, 4, 2, "Timed out");
pub(super) const STOPPING: Reply = Reply::new(421, 3, 2, "Stopping, come back later");
pub(super) const BUSY: Reply = Reply::new(421, 3, 2, "Too many connections, come back later");
pub(super) const TOO_MANY_OF_YOURS: Reply = Reply::new(421, 7, 0, "Too many connections from your network");
pub(super) const ENDED: Reply = Reply::new(421, 7, 0, "The session ends");
pub(super) const NO_SERVICE: Reply = Reply::new(554, 7, 1, "No service for you here");

pub(super) const LINE_TOO_LONG: Reply = Reply::new(500, 5, 2, "The command line is too long");
pub(super) const BARE_IN_COMMAND: Reply = Reply::new(500, 5, 2, "Lines end in CR LF, and in nothing else");
pub(super) const NOT_TEXT: Reply = Reply::new(500, 5, 2, "Commands are text without controls");
pub(super) const UNKNOWN: Reply = Reply::new(500, 5, 2, "What is that?");
pub(super) const NOT_OFFERED: Reply = Reply::new(502, 5, 1, "Not offered here");
pub(super) const LMTP_HERE: Reply = Reply::new(502, 5, 1, "This is LMTP: say LHLO");
pub(super) const SMTP_HERE: Reply = Reply::new(502, 5, 1, "This is SMTP: say EHLO");
pub(super) const NO_ARGUMENT: Reply = Reply::new(501, 5, 4, "The command takes no argument");
pub(super) const NEEDS_ARGUMENT: Reply = Reply::new(501, 5, 4, "The command needs an argument");
pub(super) const BAD_HELO: Reply = Reply::plain(501, "Say your host name or address literal");
pub(super) const BAD_MAIL: Reply = Reply::new(501, 5, 2, "Say MAIL FROM:<address>");
pub(super) const BAD_RCPT: Reply = Reply::new(501, 5, 2, "Say RCPT TO:<address>");
pub(super) const BAD_CHUNK: Reply = Reply::new(501, 5, 4, "Say BDAT size [LAST]; the size was lost, so this ends");
pub(super) const BAD_SENDER: Reply = Reply::new(501, 1, 7, "Bad sender address");
pub(super) const BAD_RECIPIENT: Reply = Reply::new(501, 1, 3, "Bad recipient address");
pub(super) const BAD_PARAMETER: Reply = Reply::new(501, 5, 4, "Bad value of a parameter, or given twice");
pub(super) const UNKNOWN_PARAMETER: Reply = Reply::new(555, 5, 4, "Unknown parameter");
pub(super) const NEEDS_SMTPUTF8: Reply = Reply::new(553, 6, 7, "Such an address needs SMTPUTF8");

const HELLO_FIRST: Reply = Reply::new(503, 5, 1, "Say EHLO first");
const HELLO_FIRST_LMTP: Reply = Reply::new(503, 5, 1, "Say LHLO first");
pub(super) const MAIL_OPEN: Reply = Reply::new(503, 5, 1, "One mail at a time");
pub(super) const MAIL_FIRST: Reply = Reply::new(503, 5, 1, "Say MAIL first");
pub(super) const RCPT_FIRST: Reply = Reply::new(503, 5, 1, "Say RCPT first");
pub(super) const NO_VALID_RECIPIENT: Reply = Reply::new(554, 5, 1, "No valid recipient");
/// RFC 2033, 4.2 asks for this code.
pub(super) const NO_VALID_RECIPIENT_LMTP: Reply = Reply::new(503, 5, 1, "No valid recipient");
pub(super) const CHUNKS_BEGUN: Reply = Reply::new(503, 5, 1, "Go on with BDAT, or say RSET");
pub(super) const BINARY_NEEDS_CHUNKS: Reply = Reply::new(503, 5, 1, "BINARYMIME goes by BDAT only");
pub(super) const WITHIN_A_MAIL: Reply = Reply::new(503, 5, 1, "Not within a mail");
pub(super) const BAD_NODE: Reply = Reply::new(501, 5, 4, "Say ETRN and a domain, @domain or #queue");
pub(super) const TLS_ALREADY: Reply = Reply::new(503, 5, 1, "This is TLS already");
pub(super) const TOO_MANY_RECIPIENTS: Reply = Reply::new(452, 5, 3, "Too many recipients, send the others their own");
pub(super) const NO_RELAY: Reply = Reply::new(550, 7, 1, "We do not relay for you");
pub(super) const NO_SUCH_USER: Reply = Reply::new(550, 1, 1, "No such user here");
pub(super) const USERS_UNKNOWN: Reply = Reply::new(451, 3, 0, "Mailboxes cannot be looked at, come back later");
pub(super) const TOO_BIG: Reply = Reply::new(552, 3, 4, "The mail is too big");

/// Why content is refused: the reply in place of the 250.
pub(super) const fn refusal(fault: Fault) -> Reply {
    match fault {
        Fault::BareNewline => Reply::new(550, 6, 11, "A bare CR or LF in the mail"),
        Fault::Nul => Reply::new(550, 6, 11, "A NUL in the mail"),
        Fault::TooBig => TOO_BIG,
        Fault::HeaderTooBig => Reply::new(552, 3, 4, "The header is too big"),
        Fault::HeaderLine => Reply::new(554, 6, 0, "A header line is too long"),
        Fault::TextLine => Reply::new(554, 6, 0, "A line is too long"),
        Fault::Loop => Reply::new(554, 4, 6, "Too many Received fields: the mail goes in circles"),
        Fault::EightBit => Reply::new(554, 6, 1, "8-bit text without BODY=8BITMIME"),
    }
}

/// The same as a word for files.
pub(crate) fn code_of_refusal(reply: &Reply) -> FileCode {
    match *reply == TOO_BIG {
        true => FileCode::TooLarge,
        false => FileCode::NoMail,
    }
}

pub(super) fn greeting(settings: &SessionSettings) -> Reply {
    let protocol = if settings.lmtp { "LMTP" } else { "ESMTP" };
    Reply::plain(220, "").with_text(format!("{} {protocol} Postrider", settings.hostname))
}

pub(super) fn help(settings: &SessionSettings) -> Reply {
    if settings.lmtp {
        HELP_LMTP
    } else {
        HELP
    }
}

pub(super) fn hello_first(settings: &SessionSettings) -> Reply {
    if settings.lmtp {
        HELLO_FIRST_LMTP
    } else {
        HELLO_FIRST
    }
}

pub(super) fn no_valid_recipient(settings: &SessionSettings) -> Reply {
    if settings.lmtp {
        NO_VALID_RECIPIENT_LMTP
    } else {
        NO_VALID_RECIPIENT
    }
}

pub(super) fn helo(settings: &SessionSettings) -> Reply {
    Reply::plain(250, "").with_text(settings.hostname.clone())
}

/// The reply to EHLO and LHLO: a line per extension.
pub(super) fn ehlo(settings: &SessionSettings, peer: &Peer) -> Reply {
    let limits = &settings.limits;
    let mut text = settings.hostname.clone();
    let _ = write!(text, "\nPIPELINING\nSIZE {}", limits.message_size);
    text.push_str("\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nBINARYMIME\nDSN");
    let _ = write!(text, "\nLIMITS MAILMAX={} RCPTMAX={}", limits.mails, limits.recipients);
    if settings.may_flush(peer) {
        text.push_str("\nETRN");
    }
    if settings.starttls && peer.tls.is_none() {
        text.push_str("\nSTARTTLS");
    }
    Reply::plain(250, "").with_text(text)
}

/// The reply to ETRN (RFC 1985, 5.2).
pub(super) fn flushed(said: Flushed, node: &str) -> Reply {
    let (reply, text) = match said {
        Flushed::Started => (Reply::new(250, 0, 0, ""), format!("Queuing for node {node} started")),
        Flushed::Nothing => (Reply::new(251, 0, 0, ""), format!("No messages waiting for node {node}")),
        Flushed::TooSoon => (Reply::new(458, 3, 2, ""), format!("Node {node} was asked for just now, try again later")),
        Flushed::Unable => (Reply::new(458, 3, 2, ""), format!("Unable to queue messages for node {node}")),
    };
    reply.with_text(text)
}

pub(super) fn node_not_allowed(node: &str) -> Reply {
    Reply::new(459, 7, 1, "").with_text(format!("Node {node} not allowed: not for your network"))
}

/// The reply to a mail that was taken; without an id nothing is queued.
pub(super) fn queued(id: Option<&str>) -> Reply {
    match id {
        Some(id) => Reply::new(250, 0, 0, "").with_text(format!("Ok: queued as {id}")),
        None => NOTHING_DONE,
    }
}

/// The same in LMTP, where each recipient has its reply.
pub(super) fn queued_for(recipient: &Address, id: Option<&str>) -> Reply {
    let queued = id.map_or(String::new(), |id| format!(": queued as {id}"));
    Reply::new(250, 1, 5, "").with_text(format!("<{recipient}> Ok{queued}"))
}

pub(super) fn chunk_taken(octets: u64) -> Reply {
    Reply::new(250, 0, 0, "").with_text(format!("{octets} octets taken"))
}
