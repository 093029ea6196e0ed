//! What a session may do and how much: every limit with its name, its unit and the reason for its default.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{local::Locals, replies, Known};
use crate::{domain_key, Address, Peer, Reply};

/// Octets of a command line, CRLF included. RFC 5321, 4.5.3.1.4 gives 512; the parameters of SIZE, SMTPUTF8 and DSN
/// (RFC 3461, 5.4) add up to 1100 to that.
pub const COMMAND_LINE: usize = 2048;
/// Octets of a header line, CRLF excluded. RFC 5322, 2.1.1 gives 998; real clients write long recipient lists unfolded.
pub const HEADER_LINE: usize = 64 * 1024;
/// Octets of a whole header: several times the largest real ones (signature chains and lists of thousands of names).
pub const HEADER: usize = 512 * 1024;
/// Octets of a line of text, CRLF excluded. RFC 5321, 4.5.3.1.6 gives 998, but web programs write a whole page as one
/// line, and a mail transport that breaks lines breaks signatures. 1 MiB is above what they write, and still little
/// enough for a sink that wants to hold one line in memory.
pub const TEXT_LINE: usize = 1024 * 1024;
/// Octets of a mail as it comes, without dot-stuffing.
pub const MESSAGE_SIZE: u64 = 50 * 1024 * 1024;
/// Octets that are read and dropped beyond the size limit, so that the client hears its 552 and not a broken
/// connection.
pub const DRAIN: u64 = 16 * 1024 * 1024;
/// Octets of a refused command line that are skipped before the connection is closed.
pub const SKIP: usize = 64 * 1024;
/// `Received` fields above which a mail is taken for looping. RFC 5321, 6.3 says "at least 100": it wants no false
/// alarm. No real way has more than about 20 hosts, and each turn of a loop costs both hosts a mail on disk; 50 halves
/// that and still is more than twice the longest real way.
pub const RECEIVED: u32 = 50;
/// Recipients of one mail; 100 is the least that RFC 5321, 4.5.3.1.8 allows.
pub const RECIPIENTS: usize = 1000;
/// Mails on one connection.
pub const MAILS: u32 = 10_000;
/// Bad commands on one connection; the last of them is answered with 421.
pub const ERRORS: u32 = 10;

/// How much a session takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of a mail, told in EHLO (RFC 1870). Default [`MESSAGE_SIZE`].
    pub message_size: u64,
    /// Octets that are read beyond `message_size` of a mail or chunk that is refused. Default [`DRAIN`].
    pub drain: u64,
    /// Recipients of a mail, told as RCPTMAX (RFC 9422). Default [`RECIPIENTS`].
    pub recipients: usize,
    /// Mails on a connection, told as MAILMAX (RFC 9422). Default [`MAILS`].
    pub mails: u32,
    /// Bad commands on a connection. Default [`ERRORS`].
    pub errors: u32,
    /// `Received` fields of a mail. Default [`RECEIVED`].
    pub received: u32,
    /// Octets of a command line with its CRLF. Default [`COMMAND_LINE`].
    pub command_line: usize,
    /// Octets of a refused command line that are skipped. Default [`SKIP`].
    pub skip: usize,
    /// Octets of a header line. Default [`HEADER_LINE`].
    pub header_line: usize,
    /// Octets of a header. Default [`HEADER`].
    pub header: usize,
    /// Octets of a text line; does not count for BINARYMIME. Default [`TEXT_LINE`].
    pub text_line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            message_size: MESSAGE_SIZE,
            drain: DRAIN,
            recipients: RECIPIENTS,
            mails: MAILS,
            errors: ERRORS,
            received: RECEIVED,
            command_line: COMMAND_LINE,
            skip: SKIP,
            header_line: HEADER_LINE,
            header: HEADER,
            text_line: TEXT_LINE,
        }
    }
}

impl Limits {
    /// Octets of one mail that are read at all, be it only to drop them.
    pub(super) fn readable(&self) -> u64 {
        self.message_size.saturating_add(self.drain)
    }
}

/// Who may relay through us. Empty, as by default, means: nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayPolicy {
    /// Clients that may send to any recipient.
    pub networks: Vec<IpNet>,
    /// Domains that everybody may send to.
    domains: Vec<DomainRule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DomainRule {
    Exact(String),
    /// With its leading dot: all below, but not the domain itself.
    Below(String),
}

impl RelayPolicy {
    /// A policy of networks that may send to anybody and domains that anybody may send to: `example.org` is that domain
    /// alone, `.example.org` all below it. Case and U-labels do not matter.
    pub fn new(networks: Vec<IpNet>, domains: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let rule = |text: &str| match text.strip_prefix('.') {
            Some(parent) => DomainRule::Below(format!(".{}", domain_key(parent))),
            None => DomainRule::Exact(domain_key(text)),
        };
        RelayPolicy { networks, domains: domains.into_iter().map(|text| rule(text.as_ref())).collect() }
    }

    /// This client may send to this recipient. The bare `postmaster` is always ours (RFC 5321, 4.5.1), and who has
    /// proved an identity may send to anybody.
    pub fn allows(&self, peer: &Peer, recipient: &Address) -> bool {
        let is_postmaster = recipient.domain().is_empty();
        is_postmaster || peer.identity.is_some() || holds(&self.networks, peer.ip) || self.accepts_domain(recipient)
    }

    fn accepts_domain(&self, recipient: &Address) -> bool {
        let key = recipient.domain_key();
        self.domains.iter().any(|rule| match rule {
            DomainRule::Exact(domain) => *domain == key,
            DomainRule::Below(suffix) => key.len() > suffix.len() && key.ends_with(suffix.as_str()),
        })
    }
}

/// One of the networks holds the address. An IPv4 client that came over an IPv6 socket counts as IPv4.
pub(super) fn holds(networks: &[IpNet], ip: Option<IpAddr>) -> bool {
    ip.map(|ip| ip.to_canonical()).is_some_and(|ip| networks.iter().any(|net| net.contains(&ip)))
}

/// All that a session is told from outside; one value for all sessions of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSettings {
    /// The name by which this host greets and signs its `Received` fields.
    pub hostname: String,
    /// How much it takes.
    pub limits: Limits,
    /// Who may relay.
    pub relay: RelayPolicy,
    /// Whose mail ends here.
    pub locals: Locals,
    /// Clients whose bare CR and LF are mended instead of refused: a bare LF becomes CRLF, a bare CR a blank, and a
    /// bare LF ends a command. Neither ever ends a mail.
    pub bare_newlines_from: Vec<IpNet>,
    /// Refuse 8-bit text that was not announced, instead of taking it for `BODY=8BITMIME`.
    pub strict_8bit: bool,
    /// The clients are users, not hosts: mails without `Message-ID` or `Date` get one (RFC 6409, 8).
    pub submission: bool,
    /// STARTTLS is offered: the caller can make TLS on its stream.
    pub starttls: bool,
    /// The clients speak LMTP (RFC 2033) instead of SMTP.
    pub lmtp: bool,
    /// Every client may send to any recipient, whatever `relay` says: who reaches us at all was decided elsewhere, as by
    /// the mode of a socket in the file system.
    pub trusted: bool,
}

impl SessionSettings {
    /// Settings of a host that has this name and relays for nobody.
    pub fn new(hostname: impl Into<String>) -> Self {
        SessionSettings { hostname: hostname.into(), ..Self::default() }
    }

    /// This client may ask for mail (ETRN): it is one that may relay through us wherever it likes.
    pub(super) fn may_flush(&self, peer: &Peer) -> bool {
        !self.lmtp && (self.trusted || peer.identity.is_some() || holds(&self.relay.networks, peer.ip))
    }

    /// The reply to a client that names this recipient.
    pub(super) fn judge(&self, peer: &Peer, recipient: &Address) -> Reply {
        match self.locals.look(recipient) {
            Known::Here => replies::RECIPIENT_OK,
            Known::Nobody => replies::NO_SUCH_USER,
            Known::Unsure => replies::USERS_UNKNOWN,
            Known::Elsewhere if self.trusted || self.relay.allows(peer, recipient) => replies::RECIPIENT_OK,
            Known::Elsewhere => replies::NO_RELAY,
        }
    }
}
