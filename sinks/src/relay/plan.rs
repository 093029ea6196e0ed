//! What a mail needs from a peer, and what becomes of it where the peer does not offer that.
//!
//! Rule: nothing is sent that the peer has not offered to take, and nothing is demanded that the mail does not need:
//! SMTPUTF8 and 8BITMIME that were announced for mail that is ASCII are dropped.

use std::{io, sync::Arc};

use memchr::memmem;
use postrider_engine::{Address, Body, Content, Diagnosis, Draft, Outcome, Outcomes, Piece, RcptNo, Scope};

use super::{
    cargo::Cargo,
    offers::Offers,
    outcome::refusal,
    settings::CONTENT_CHUNK,
    trouble::own,
    words::{is_writable, Who},
};

/// How a mail goes to a peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// What `BODY=` says, if anything.
    pub body: Option<&'static str>,
    /// `SMTPUTF8` is said.
    pub utf8: bool,
    /// By BDAT, not by DATA.
    pub chunked: bool,
}

/// A mail, those of its recipients who are to be asked for, and the peer.
pub(super) struct Fitting<'a> {
    pub draft: &'a Draft,
    /// As the peer is to see it; `None`: the null one.
    pub sender: Option<&'a Address>,
    pub offers: &'a Offers,
    pub host: &'a Arc<str>,
    /// The settings want BDAT.
    pub chunking: bool,
}

impl Fitting<'_> {
    /// Makes the plan. Recipients to whom the mail cannot go this way leave `who` and are told why in `known`.
    ///
    /// # Errors
    /// The mail cannot go to this peer at all: why, for all who are left.
    pub async fn plan(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) -> Result<Plan, Arc<Diagnosis>> {
        self.check_size()?;
        self.leave_out_unwritable(who, known)?;
        let utf8 = self.utf8(who, known)?;
        let chunked = self.chunking && self.offers.chunking;
        let body = self.body(chunked).await?;
        self.leave_out_too_many(who, known);
        Ok(Plan { body, utf8, chunked })
    }

    fn refuse(&self, codes: (u16, u16, u16), text: &str) -> Arc<Diagnosis> {
        own(Scope::Mail, codes, format_args!("{}: {text}", self.host))
    }

    /// RFC 1870, 6.1: what is above the declared size need not be tried.
    fn check_size(&self) -> Result<(), Arc<Diagnosis>> {
        match self.offers.max_size {
            Some(max) if self.draft.content.len() > max => {
                let text = format!("the mail has {} octets and the host takes {max}", self.draft.content.len());
                Err(self.refuse((552, 3, 4), &text))
            }
            _ => Ok(()),
        }
    }

    /// Addresses are checked when they are made; this is the last look before they are written into a command.
    fn leave_out_unwritable(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) -> Result<(), Arc<Diagnosis>> {
        let envelope = &self.draft.envelope;
        if self.sender.is_some_and(|sender| !is_writable(sender.as_str())) {
            return Err(self.refuse((553, 1, 7), "the sender's address cannot be written into a command"));
        }
        let bad = |no: &RcptNo| !envelope.recipients.get(*no).is_some_and(|r| is_writable(r.address.as_str()));
        self.leave_out(who, known, bad, || self.refuse((553, 1, 3), "the address cannot be written into a command"));
        Ok(())
    }

    /// RFC 6531, 3.4 to 3.6. Who alone needs SMTPUTF8 is left out alone.
    fn utf8(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) -> Result<bool, Arc<Diagnosis>> {
        let envelope = &self.draft.envelope;
        let ascii = |no: &RcptNo| envelope.recipients.get(*no).is_some_and(|r| r.address.is_ascii());
        let mail_needs_it = self.sender.is_some_and(|sender| !sender.is_ascii())
            || (envelope.smtputf8 && !has_ascii_header(&self.draft.content));
        if self.offers.utf8 {
            return Ok(mail_needs_it || !who.iter().all(ascii));
        }
        let why = || self.refuse((553, 6, 7), "the mail needs SMTPUTF8, which the host does not offer");
        if mail_needs_it {
            return Err(why());
        }
        self.leave_out(who, known, |no| !ascii(no), why);
        Ok(false)
    }

    /// RFC 6152 and RFC 3030.
    async fn body(&self, chunked: bool) -> Result<Option<&'static str>, Arc<Diagnosis>> {
        let content = &self.draft.content;
        let body = self.draft.envelope.body;
        if body == Body::BinaryMime && chunked && self.offers.binary {
            return Ok(Some("BINARYMIME"));
        }
        if body == Body::BinaryMime {
            return Err(self.refuse((554, 6, 3), "the mail needs BINARYMIME, which the host does not offer"));
        }
        if self.offers.eight_bit {
            let eight = body == Body::EightBitMime || !is_ascii_in_memory(content);
            return Ok(eight.then_some("8BITMIME"));
        }
        match is_ascii(content).await {
            Ok(true) => Ok(None),
            Ok(false) => Err(self.refuse((554, 6, 3), "the mail needs 8BITMIME, which the host does not offer")),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// RFC 9422, 4: what is above the declared number waits for the next attempt.
    fn leave_out_too_many(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) {
        let Some(max) = self.offers.max_recipients.filter(|max| *max < who.len()) else { return };
        let text = format_args!("{}: the host takes {max} recipients of one mail at a time", self.host);
        let why = own(Scope::Recipient, (452, 5, 3), text);
        known.extend(who.drain(max..).map(|no| (no, Outcome::Deferred(Arc::clone(&why)))));
    }

    fn leave_out(
        &self,
        who: &mut Who,
        known: &mut Outcomes,
        out: impl Fn(&RcptNo) -> bool,
        why: impl FnOnce() -> Arc<Diagnosis>,
    ) {
        if who.iter().any(&out) {
            let why = refusal(why());
            known.extend(who.iter().filter(|no| out(no)).map(|no| (*no, why.clone())));
            who.retain(|no| !out(no));
        }
    }
}

/// Content that should be there and is not: ours to mend, the mail's to wait.
pub(super) fn unreadable(error: &io::Error) -> Arc<Diagnosis> {
    tracing::error!(%error, "the content of a mail cannot be read");
    own(Scope::Mail, (451, 3, 0), format_args!("the content of the mail cannot be read at present: {error}"))
}

/// The header, which is always in memory and at the front, has only ASCII.
fn has_ascii_header(content: &Content) -> bool {
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

fn is_ascii_in_memory(content: &Content) -> bool {
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
