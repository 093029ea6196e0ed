//! The envelope of a mail: what SMTP says about it outside its content.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{Address, Moment, Recipients};

/// By which door a mail came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Door {
    /// A client spoke SMTP to us.
    Smtp,
    /// A client spoke LMTP to us (RFC 2033).
    Lmtp,
    /// A program that has us in it called `send`.
    #[default]
    Library,
    /// We wrote it ourselves: a report.
    Report,
    /// We made it of another mail, for the members of a list that has an owner: its recipients are not looked up again.
    List,
    /// A sink made it of another mail: a copy, a fork, an answer.
    Sink,
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
    /// How many mails, each made of the one before by a sink, lie between it and what came in.
    pub generation: u8,
    /// Free values that sinks leave for each other.
    pub properties: BTreeMap<String, String>,
}
