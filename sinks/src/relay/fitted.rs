//! The mail as a peer takes it: converted, if it has to be and may be.
//!
//! Rule: the order at delivery is fixed. Sinks of content come first, then this, then what signs: a signature is made of the octets
//! that go out, and nothing changes them behind it. What was made lives for this attempt; the spool's mail stays as it is.

use std::{io, sync::Arc};

use memchr::memmem;
use postrider_engine::{Body, Content, Diagnosis, NotDowngraded, Piece, Scope, Takes};
use tokio::time::timeout;

use super::{
    cargo::Cargo,
    plan::{unreadable, Fitting},
    settings::{CONTENT_CHUNK, DOWNGRADE_LIMIT, MAX_DOWNGRADED},
    trouble::own,
};

/// What the content needs and the host does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    Utf8,
    EightBit,
    Binary,
}

impl Lack {
    fn keyword(self) -> &'static str {
        match self {
            Lack::Utf8 => "SMTPUTF8",
            Lack::EightBit => "8BITMIME",
            Lack::Binary => "BINARYMIME",
        }
    }
}

impl Fitting<'_> {
    /// That the mail needs something that is not there, and why nothing could be done about it.
    pub(super) fn lacks(&self, lack: Lack, why: &str) -> Arc<Diagnosis> {
        let codes = if lack == Lack::Utf8 { (553, 6, 7) } else { (554, 6, 3) };
        let text = format!("the mail needs {}, which the host does not offer{why}", lack.keyword());
        self.refuse(codes, &text)
    }

    /// What the host does not take of this content; `None`: it takes all.
    pub(super) async fn lack(&self, content: &Content, chunked: bool) -> Result<Option<Lack>, Arc<Diagnosis>> {
        let body = self.draft.envelope.body;
        let needs_utf8 = self.draft.envelope.smtputf8 && !self.offers.utf8 && !has_ascii_header(content);
        let is_binary = body == Body::BinaryMime && !(chunked && self.offers.binary);
        match (is_binary, self.offers.eight_bit) {
            (true, _) => Ok(Some(if needs_utf8 { Lack::Utf8 } else { Lack::Binary })),
            (false, _) if needs_utf8 => Ok(Some(Lack::Utf8)),
            (false, true) => Ok(None),
            (false, false) => match is_ascii(content).await {
                Ok(true) => Ok(None),
                Ok(false) => Ok(Some(Lack::EightBit)),
                Err(error) => Err(unreadable(&error)),
            },
        }
    }

    /// The content in a form that the host takes.
    ///
    /// # Errors
    /// It cannot be, or not now: why, for all.
    pub(super) async fn fitted(&self, lack: Lack, chunked: bool) -> Result<Content, Arc<Diagnosis>> {
        let content = &self.draft.content;
        let Some(downgrade) = self.downgrade else { return Err(self.lacks(lack, "")) };
        if content.len() > MAX_DOWNGRADED {
            let why = format!(", and it has more than {MAX_DOWNGRADED} octets, so it is not converted");
            return Err(self.lacks(lack, &why));
        }
        // Octets that are no lines stay so only where the host takes them as they are.
        let body = match self.draft.envelope.body {
            _ if !self.offers.eight_bit => Body::SevenBit,
            Body::BinaryMime if !(chunked && self.offers.binary) => Body::EightBitMime,
            _ => Body::BinaryMime,
        };
        let takes = Takes { body, utf8: self.offers.utf8 };
        match timeout(DOWNGRADE_LIMIT, downgrade.downgrade(content.clone(), takes, self.which)).await {
            Ok(Ok(made)) => self.checked(made, takes, lack).await,
            Ok(Err(NotDowngraded::Impossible(why))) => {
                Err(self.lacks(lack, &format!(", and it cannot be converted: {why}")))
            }
            Ok(Err(why)) => Err(self.not_now(lack, &why.to_string())),
            Err(_) => Err(self.not_now(lack, "it took too long")),
        }
    }

    /// A conversion that makes something else than it was asked for sends nothing.
    async fn checked(&self, made: Content, takes: Takes, lack: Lack) -> Result<Content, Arc<Diagnosis>> {
        let is_right = (takes.utf8 || !self.draft.envelope.smtputf8 || has_ascii_header(&made))
            && (takes.body != Body::SevenBit || is_ascii(&made).await.map_err(|error| unreadable(&error))?);
        match is_right {
            true => Ok(made),
            false => Err(self.not_now(lack, "what was made of it needs it still")),
        }
    }

    fn not_now(&self, lack: Lack, why: &str) -> Arc<Diagnosis> {
        tracing::warn!(relay = %self.host, lacks = lack.keyword(), why, "a mail could not be converted for a host that takes less");
        let keyword = lack.keyword();
        own(
            Scope::Mail,
            (451, 3, 0),
            format_args!("{}: the mail needs {keyword}, and could not be converted at present: {why}", self.host),
        )
    }
}

/// The header, which is always in memory and at the front, has only ASCII.
pub(super) fn has_ascii_header(content: &Content) -> bool {
    let mut header: Vec<u8> = Vec::new();
    for piece in content.pieces() {
        let Piece::Memory(octets) = piece else { break };
        let from = header.len().saturating_sub(3);
        header.extend_from_slice(octets);
        if let Some(end) = memmem::find(&header[from..], b"\r\n\r\n") {
            header.truncate(from + end);
            break;
        }
    }
    header.is_ascii()
}

pub(super) fn is_ascii_in_memory(content: &Content) -> bool {
    let ascii = |piece: &Piece| match piece {
        Piece::Memory(octets) => octets.is_ascii(),
        Piece::Side(..) => true, // as large as it is, what was announced must do
    };
    content.pieces().iter().all(ascii)
}

async fn is_ascii(content: &Content) -> io::Result<bool> {
    if !is_ascii_in_memory(content) {
        return Ok(false);
    }
    let mut cargo = Cargo::new(content);
    while let Some(part) = cargo.next(CONTENT_CHUNK as u64).await? {
        if !part.is_ascii() {
            return Ok(false);
        }
    }
    Ok(true)
}
