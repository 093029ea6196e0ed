//! The content of a mail: DATA (RFC 5321, 4.1.1.4) and BDAT (RFC 3030).
//!
//! Rule: the octets of a refused mail are read to their end, so that no octet of it is ever read as a command.

use bytes::{Buf, Bytes, BytesMut};

use super::{
    content::Content,
    lmtp::Answers,
    replies,
    scanner::{Newlines, Piece},
    Action, Arrival, Chunk, Session, State,
};
use crate::{Body, Reply};

impl Session {
    /// Tells the caller, who may refuse, that content begins.
    pub(super) fn begin_content(&mut self) {
        let lenient = self.lenient;
        let Some(mail) = &mut self.mail else { return };
        let newlines = match mail.envelope.body {
            Body::BinaryMime => Newlines::Keep,
            _ if lenient => Newlines::Mend,
            _ => Newlines::Refuse,
        };
        mail.content = Some(Content::new(&self.settings.limits, newlines));
        self.pending.push_back(Action::BeginContent { declared: mail.declared });
    }

    /// Content was announced: the 354, unless the caller can not take it.
    pub(super) fn open_data(&mut self) -> bool {
        match self.content().and_then(Content::refusal) {
            None => {
                self.state = State::Data;
                self.reply(replies::GO_AHEAD);
            }
            Some(reply) => {
                self.state = State::Commands;
                self.mail = None;
                self.reply(reply);
            }
        }
        true
    }

    pub(super) fn read_data(&mut self, input: &mut BytesMut) -> bool {
        let piece = self.content_mut().map_or(Piece::More, |content| content.stuffed(input));
        match piece {
            Piece::More => false,
            Piece::Octets(octets) => self.take(octets),
            Piece::End => self.end_of_mail(),
        }
    }

    /// BDAT. A chunk that may not come is read all the same: the client has sent it already.
    pub(super) fn bdat(&mut self, size: u64, last: bool) -> Result<(), Reply> {
        let refused = self.mail_for_content().err();
        if refused.is_none() && self.content().is_none() {
            self.begin_content();
        }
        let fits = match &refused {
            Some(_) => size <= self.settings.limits.readable(),
            None => self.content_mut().is_some_and(|content| content.announce(size)),
        };
        if !fits {
            self.close(replies::OVERFLOW);
            return Ok(());
        }
        if refused.is_none() && self.content().is_some_and(Content::is_refused) {
            self.abandon();
        }
        self.state = State::Chunk(Chunk { size, left: size, last, refused });
        Ok(())
    }

    pub(super) fn read_chunk(&mut self, input: &mut BytesMut) -> bool {
        let State::Chunk(chunk) = &mut self.state else { return false };
        if let Some(reply) = &chunk.refused {
            let reply = reply.clone();
            return chunk.drop_from(input) && self.end_of_refused(reply);
        }
        let content = self.mail.as_mut().and_then(|mail| mail.content.as_mut());
        match content.map_or(Piece::More, |content| content.chunk(input, &mut chunk.left)) {
            Piece::Octets(octets) => self.take(octets),
            Piece::More if chunk.left > 0 => false,
            Piece::More | Piece::End => {
                let (size, last) = (chunk.size, chunk.last);
                self.end_of_chunk(size, last)
            }
        }
    }

    fn end_of_refused(&mut self, reply: Reply) -> bool {
        self.state = State::Commands;
        self.out_of_turn(reply);
        true
    }

    /// A mail that was refused stays so until its last chunk, or RSET: the chunks that the client has sent ahead get
    /// the same reply.
    fn end_of_chunk(&mut self, size: u64, last: bool) -> bool {
        if last {
            return self.end_of_mail();
        }
        self.state = State::Commands;
        let refusal = self.content().and_then(Content::refusal);
        if refusal.is_some() {
            self.abandon();
        }
        self.reply(refusal.unwrap_or_else(|| replies::chunk_taken(size)));
        true
    }

    /// Hands octets on, or drops them.
    fn take(&mut self, octets: Bytes) -> bool {
        if self.content().is_some_and(Content::overflows) {
            return self.close(replies::OVERFLOW);
        }
        if self.content().is_some_and(Content::is_refused) {
            self.abandon();
        } else {
            self.pending.push_back(Action::Content(octets));
        }
        true
    }

    fn end_of_mail(&mut self) -> bool {
        if let Some(held) = self.content_mut().and_then(Content::finish) {
            self.take(held);
        }
        self.settle_body();
        if let Some(reply) = self.content().and_then(Content::refusal) {
            let answers = self.answers();
            self.drop_mail();
            self.state = State::Commands;
            self.pending.extend(answers.of(Err(reply)).map(Action::Reply));
        } else {
            self.hand_over();
        }
        true
    }

    /// 8-bit text that was not announced is what half of the world's programs send: it becomes what it is.
    fn settle_body(&mut self) {
        let strict = self.settings.strict_8bit;
        let Some(mail) = &mut self.mail else { return };
        let Some(content) = &mut mail.content else { return };
        if content.is_eight_bit() && mail.envelope.body == Body::SevenBit {
            mail.envelope.body = Body::EightBitMime;
            if strict && !mail.envelope.smtputf8 {
                content.refuse_eight_bit();
            }
        }
    }

    fn hand_over(&mut self) {
        let answers = self.answers();
        let Some(mail) = self.mail.take() else { return };
        let Some(content) = mail.content else { return };
        self.state = State::Committing(answers);
        self.pending.push_back(Action::Commit(Box::new(Arrival {
            id: self.mail_id(),
            envelope: mail.envelope,
            size: content.size(),
            settings: self.settings.clone(),
            header: content.header(),
        })));
    }

    /// Who hears what becomes of the mail in hand.
    fn answers(&self) -> Answers {
        match &self.mail {
            Some(mail) if self.settings.lmtp => Answers::each(&mail.envelope.recipients),
            _ => Answers::One,
        }
    }

    fn content_mut(&mut self) -> Option<&mut Content> {
        self.mail.as_mut()?.content.as_mut()
    }
}

impl Chunk {
    /// Drops what is there of the chunk; `true` at its end.
    fn drop_from(&mut self, input: &mut BytesMut) -> bool {
        let octets = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
        input.advance(octets);
        self.left -= octets as u64;
        self.left == 0
    }
}
