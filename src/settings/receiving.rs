//! Settings of what comes in: sockets, who may relay, sessions, limits, timeouts.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use postrider_engine::{session::settings as session, Socket};

use super::{reader::Section, socket::SocketMode, value::Accepted};

/// The least that a time limit may be.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const DAY: Duration = Duration::from_secs(86_400);
pub(super) const KIB: u64 = 1 << 10;
pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;

/// `[listen]`: where clients reach us. Without the feature `listen` nowhere, and the default names no socket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listen {
    /// The sockets for SMTP; port 0 lets the system choose.
    pub sockets: Vec<SocketAddr>,
    /// The sockets for LMTP (RFC 2033): of the network, or in the file system.
    pub lmtp: Vec<Socket>,
    /// The mode of those in the file system: who may write to one may send to anybody through it.
    pub lmtp_mode: u32,
}

impl Default for Listen {
    fn default() -> Self {
        let socket = cfg!(feature = "listen").then(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 2525)));
        Listen { sockets: socket.into_iter().collect(), lmtp: Vec::new(), lmtp_mode: 0o600 }
    }
}

impl Listen {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let (sockets, lmtp) = (from.list("sockets", is.sockets), from.list("lmtp", is.lmtp));
        let SocketMode(lmtp_mode) = from.value("lmtp_mode", SocketMode(is.lmtp_mode));
        from.finish();
        Listen { sockets, lmtp, lmtp_mode }
    }
}

/// `[relay]`: who may send to whom through us.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relay {
    /// Clients that may send to any recipient. They are also free of `limits.connections_per_network`.
    pub networks: Vec<IpNet>,
    /// Domains that everybody may send to; `.example.org` is all below that domain.
    pub domains: Vec<String>,
}

impl Default for Relay {
    fn default() -> Self {
        let v4 = IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8);
        Relay { networks: vec![v4, IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST))], domains: Vec::new() }
    }
}

impl Relay {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let networks = from.list("networks", is.networks);
        let domains: Vec<Accepted> = from.list("domains", Vec::new());
        from.finish();
        Relay { networks, domains: domains.into_iter().map(|Accepted(domain)| domain).collect() }
    }
}

/// `[session]`: how strictly clients are taken at their word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Clients whose bare CR and LF are mended instead of refused.
    pub bare_newlines_from: Vec<IpNet>,
    /// 8-bit text without `BODY=8BITMIME` is refused.
    pub strict_8bit: bool,
    /// The clients are users: mails without `Message-ID` or `Date` get one.
    pub submission: bool,
}

impl Session {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let session = Session {
            bare_newlines_from: from.list("bare_newlines_from", is.bare_newlines_from),
            strict_8bit: from.value("strict_8bit", is.strict_8bit),
            submission: from.value("submission", is.submission),
        };
        from.finish();
        session
    }
}

/// `[limits]`: how much one client, and all together, may take. Sizes are in octets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one network; those in `relay.networks` are free of it.
    pub connections_per_network: usize,
    /// Leading bits that make two IPv4 clients one network.
    pub ipv4_prefix: u8,
    /// Leading bits that make two IPv6 clients one network.
    pub ipv6_prefix: u8,
    /// Mails on one connection.
    pub mails_per_connection: u32,
    /// How long a connection may last; the mail in hand is still taken.
    pub time_per_connection: Duration,
    /// Bad commands on one connection.
    pub errors_per_connection: u32,
    /// Recipients of one mail.
    pub recipients_per_mail: usize,
    /// A mail.
    pub message_size: u64,
    /// What is read and dropped of a mail that is too large, before the connection is closed.
    pub overrun: u64,
    /// Content of all mails that are being received; beyond it, content goes to side files.
    pub octets_in_data: u64,
    /// `Received` fields above which a mail is taken for looping.
    pub received_fields: u32,
    /// A command line with its CRLF.
    pub command_line: usize,
    /// What is skipped of a command line that is too long, before the connection is closed.
    pub command_skip: usize,
    /// A line of a header.
    pub header_line: usize,
    /// A header.
    pub header_size: usize,
    /// A line of text.
    pub text_line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 12_000,
            connections_per_network: 50,
            ipv4_prefix: 32,
            ipv6_prefix: 64,
            mails_per_connection: session::MAILS,
            time_per_connection: HOUR,
            errors_per_connection: session::ERRORS,
            recipients_per_mail: session::RECIPIENTS,
            message_size: session::MESSAGE_SIZE,
            overrun: session::DRAIN,
            octets_in_data: 64 * MIB,
            received_fields: session::RECEIVED,
            command_line: session::COMMAND_LINE,
            command_skip: session::SKIP,
            header_line: session::HEADER_LINE,
            header_size: session::HEADER,
            text_line: session::TEXT_LINE,
        }
    }
}

impl Limits {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let limits = Limits {
            connections: from.number("connections", is.connections, 1..=1_000_000),
            connections_per_network: from.number("connections_per_network", is.connections_per_network, 1..=1_000_000),
            ipv4_prefix: from.number("ipv4_prefix", is.ipv4_prefix, 0..=32),
            ipv6_prefix: from.number("ipv6_prefix", is.ipv6_prefix, 0..=128),
            mails_per_connection: from.number("mails_per_connection", is.mails_per_connection, 1..=u32::MAX),
            time_per_connection: from.time("time_per_connection", is.time_per_connection, SECOND..=365 * DAY),
            errors_per_connection: from.number("errors_per_connection", is.errors_per_connection, 1..=1000),
            recipients_per_mail: from.number("recipients_per_mail", is.recipients_per_mail, 100..=1_000_000),
            message_size: from.size("message_size", is.message_size, 64 * KIB..=64 * GIB),
            overrun: from.size("overrun", is.overrun, 0..=64 * GIB),
            octets_in_data: from.size("octets_in_data", is.octets_in_data, MIB..=64 * GIB),
            received_fields: from.number("received_fields", is.received_fields, 2..=1000),
            command_line: line(&mut from, "command_line", is.command_line, 512..=64 * KIB),
            command_skip: line(&mut from, "command_skip", is.command_skip, 0..=16 * MIB),
            header_line: line(&mut from, "header_line", is.header_line, 998..=16 * MIB),
            header_size: line(&mut from, "header_size", is.header_size, 64 * KIB..=64 * MIB),
            text_line: line(&mut from, "text_line", is.text_line, 998..=64 * MIB),
        };
        from.finish();
        limits
    }
}

/// A size that fits in memory.
fn line(from: &mut Section<'_>, key: &'static str, is: usize, bounds: std::ops::RangeInclusive<u64>) -> usize {
    usize::try_from(from.size(key, is as u64, bounds)).unwrap_or(is)
}

/// `[timeouts]`: how long a client is waited for (RFC 5321, 4.5.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the next command.
    pub command: Duration,
    /// For the next octets of a mail.
    pub content: Duration,
    /// For the client to take a reply.
    pub reply: Duration,
    /// For the rest of a mail that is too large, in all.
    pub overrun: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { command: 5 * MINUTE, content: 5 * MINUTE, reply: 5 * MINUTE, overrun: MINUTE }
    }
}

impl Timeouts {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let timeouts = Timeouts {
            command: from.time("command", is.command, SHORTEST..=HOUR),
            content: from.time("content", is.content, SHORTEST..=HOUR),
            reply: from.time("reply", is.reply, SHORTEST..=HOUR),
            overrun: from.time("overrun", is.overrun, SHORTEST..=HOUR),
        };
        from.finish();
        timeouts
    }
}
