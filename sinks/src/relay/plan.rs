//! What a mail needs from a peer, and what becomes of it where the peer does not offer that.
//!
//! Rule: nothing is sent that the peer has not offered to take, and nothing is demanded that the mail does not need:
//! SMTPUTF8 and 8BITMIME that were announced for mail that is ASCII are dropped, and a mail is converted only if the peer
//! needs it.

use std::{io, sync::Arc};

use postrider_engine::{
    Address, Body, Content, Convertible, Diagnosis, Downgrade, Draft, Outcome, Outcomes, RcptNo, Scope,
};

use super::{
    fitted::{has_ascii_header, is_ascii_in_memory, Lack},
    offers::Offers,
    trouble::own,
    words::{is_writable, Who},
};

/// How a mail goes to a peer.
#[derive(Debug)]
pub(super) struct Plan {
    /// What `BODY=` says, if anything.
    pub body: Option<&'static str>,
    /// `SMTPUTF8` is said.
    pub utf8: bool,
    /// By BDAT, not by DATA.
    pub chunked: bool,
    /// What was made of the mail for this peer; `None`: it goes as it is.
    pub content: Option<Content>,
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
    /// Converts what the peer cannot take; `None`: such mail is refused.
    pub downgrade: Option<&'a dyn Downgrade>,
    /// Which mail may be converted.
    pub which: Convertible,
}

impl Fitting<'_> {
    /// Makes the plan. Recipients to whom the mail cannot go this way leave `who` and are told why in `known`.
    ///
    /// # Errors
    /// The mail cannot go to this peer at all: why, for all who are left.
    pub async fn plan(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) -> Result<Plan, Arc<Diagnosis>> {
        self.check_size(&self.draft.content)?;
        self.leave_out_unwritable(who, known)?;
        let utf8 = self.addresses(who, known)?;
        let chunked = self.chunking && self.offers.chunking;
        let content = match self.lack(&self.draft.content, chunked).await? {
            // Nobody is left who could get it.
            Some(lack) if !who.is_empty() => Some(self.fitted(lack, chunked).await?),
            _ => None,
        };
        let sent = content.as_ref().unwrap_or(&self.draft.content);
        self.check_size(sent)?;
        let body = self.body(sent, content.is_some(), chunked);
        self.leave_out_too_many(who, known);
        Ok(Plan { body, utf8, chunked, content })
    }

    pub(super) fn refuse(&self, codes: (u16, u16, u16), text: &str) -> Arc<Diagnosis> {
        own(Scope::Mail, codes, format_args!("{}: {text}", self.host))
    }

    /// RFC 1870, 6.1: what is above the declared size need not be tried.
    fn check_size(&self, content: &Content) -> Result<(), Arc<Diagnosis>> {
        match self.offers.max_size {
            Some(max) if content.len() > max => {
                let text = format!("the mail has {} octets and the host takes {max}", content.len());
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

    /// RFC 6531, 3.4 to 3.6: an address that ASCII cannot say needs SMTPUTF8, whatever becomes of the mail. Who alone needs it is
    /// left out alone.
    fn addresses(&self, who: &mut Vec<RcptNo>, known: &mut Outcomes) -> Result<bool, Arc<Diagnosis>> {
        let envelope = &self.draft.envelope;
        let is_ascii = |no: &RcptNo| envelope.recipients.get(*no).is_some_and(|r| r.address.is_ascii());
        if self.offers.utf8 {
            let mail_needs_it = self.sender.is_some_and(|sender| !sender.is_ascii())
                || (envelope.smtputf8 && !has_ascii_header(&self.draft.content));
            return Ok(mail_needs_it || !who.iter().all(is_ascii));
        }
        let can_be_said =
            |address: &Address| address.is_ascii() || (self.downgrade.is_some() && address.in_ascii().is_some());
        let why = || self.lacks(Lack::Utf8, "");
        if self.sender.is_some_and(|sender| !can_be_said(sender)) {
            return Err(why());
        }
        let can = |no: &RcptNo| envelope.recipients.get(*no).is_some_and(|r| can_be_said(&r.address));
        self.leave_out(who, known, |no| !can(no), why);
        Ok(false)
    }

    /// `BODY=` for content that the host takes (RFC 6152 and RFC 3030).
    fn body(&self, content: &Content, is_converted: bool, chunked: bool) -> Option<&'static str> {
        let body = self.draft.envelope.body;
        if body == Body::BinaryMime && chunked && self.offers.binary {
            return Some("BINARYMIME");
        }
        let eight = (body == Body::EightBitMime && !is_converted) || !is_ascii_in_memory(content);
        (self.offers.eight_bit && eight).then_some("8BITMIME")
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
            let why = Outcome::refused(why());
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
