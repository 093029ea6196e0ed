//! The content of a mail: DATA (RFC 5321, 4.1.1.4) and BDAT (RFC 3030).
//!
//! Rule: the octets of a refused mail are read to their end, so that no octet of it is ever read as a command.

use bytes::{Buf, Bytes, BytesMut};

use super::{
    content::Content,
    lmtp::Answers,
    replies,
    scanner::{Newlines, Piece},
    sizing::Sizing,
    Action, Arrival, Chunk, Session, State,
};
use crate::{Body, Reply};

impl Session {
    /// Tells the caller, who may refuse, that content begins.
    pub(super) fn begin_content(&mut self) {
        let declared = self.mail.as_ref().and_then(|mail| mail.declared);
        self.prepare_content();
        self.pending.push_back(Action::BeginContent { declared });
    }

    fn prepare_content(&mut self) {
        let lenient = self.lenient;
        let Some(mail) = &mut self.mail else { return };
        let newlines = match mail.envelope.body {
            Body::BinaryMime => Newlines::Keep,
            _ if lenient => Newlines::Mend,
            _ => Newlines::Refuse,
        };
        mail.content = Some(Content::new(&self.settings.limits, newlines, mail.max));
    }

    /// Content was announced: the 354, unless the caller can not take it.
    pub(super) fn open_data(&mut self) -> bool {
        match self.content().and_then(Content::refusal) {
            None => {
                self.state = State::Data;
                self.reply_late(replies::GO_AHEAD);
            }
            Some(reply) => {
                self.state = State::Commands;
                self.mail = None;
                self.reply_late(reply);
            }
        }
        true
    }

    pub(super) fn read_data(&mut self, input: &mut BytesMut) -> bool {
        let weighs = self.may_weigh();
        let piece = self.content_mut().map_or(Piece::More, |content| content.stuffed(input, weighs));
        match piece {
            Piece::More => false,
            Piece::Octets(octets) => self.take(octets),
            Piece::End => self.end_of_mail(),
        }
    }

    /// BDAT. A chunk that may not come is read all the same: the client has sent it already. It is refused with this
    /// reply, which may count.
    pub(super) fn chunk(&mut self, size: u64, last: bool, refused: Option<(Reply, bool)>) {
        match refused {
            None => self.wanted_chunk(size, last),
            Some((reply, _)) if self.mail_for_content().is_ok() => {
                self.refuse_mail(reply);
                self.begin_chunk(size, last);
            }
            Some(_) if size > self.settings.limits.readable() => drop(self.close(replies::OVERFLOW)),
            refused => self.state = State::Chunk(Chunk { size, left: size, last, refused }),
        }
    }

    fn wanted_chunk(&mut self, size: u64, last: bool) {
        if self.content().is_none() {
            self.begin_content();
        }
        let octets = self.content().map_or(0, |content| content.size_with(size));
        if self.is_to_be_weighed(octets) {
            self.consult_about(octets, Sizing::Chunk { size, last });
        } else {
            self.begin_chunk(size, last);
        }
    }

    /// A sink does not want this chunk. Then no chunk of the mail is wanted, or a mail with a hole would come of it.
    fn refuse_mail(&mut self, reply: Reply) {
        self.abandon();
        if self.content().is_none() {
            self.prepare_content();
        }
        self.refuse_content(reply);
    }

    pub(super) fn begin_chunk(&mut self, size: u64, last: bool) {
        if !self.content_mut().is_some_and(|content| content.announce(size)) {
            self.close(replies::OVERFLOW);
            return;
        }
        if self.content().is_some_and(Content::is_refused) {
            self.abandon();
        }
        self.state = State::Chunk(Chunk { size, left: size, last, refused: None });
    }

    pub(super) fn read_chunk(&mut self, input: &mut BytesMut) -> bool {
        let weighs = self.may_weigh();
        let State::Chunk(chunk) = &mut self.state else { return false };
        if chunk.refused.is_some() {
            return chunk.drop_from(input) && self.end_of_refused();
        }
        let content = self.mail.as_mut().and_then(|mail| mail.content.as_mut());
        match content.map_or(Piece::More, |content| content.chunk(input, &mut chunk.left, weighs)) {
            Piece::Octets(octets) => self.take(octets),
            Piece::More if chunk.left > 0 => false,
            Piece::More | Piece::End => {
                let (size, last) = (chunk.size, chunk.last);
                self.end_of_chunk(size, last)
            }
        }
    }

    fn end_of_refused(&mut self) -> bool {
        let State::Chunk(chunk) = std::mem::replace(&mut self.state, State::Commands) else { return false };
        if let Some((reply, counts)) = chunk.refused {
            if !counts || !self.is_one_too_many() {
                self.reply(reply);
            }
        }
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
        self.reply_late(refusal.unwrap_or_else(|| replies::chunk_taken(size)));
        true
    }

    /// Hands octets on, or drops them; or sinks are asked about them first.
    pub(super) fn take(&mut self, octets: Bytes) -> bool {
        let (size, max) = self.content().map_or((0, 0), |content| (content.size(), content.max()));
        if self.is_to_be_weighed(size) {
            // Which size it had by now would depend on how the octets were split.
            let then = std::mem::replace(&mut self.state, State::Commands);
            self.consult_about(max.saturating_add(1), Sizing::Octets(octets, then));
            return true;
        }
        if let Some(content) = self.content_mut() {
            content.judge_size(size);
        }
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

    /// The last octet has come. What was held back of it may have to be asked about: then this is called once more.
    pub(super) fn end_of_mail(&mut self) -> bool {
        self.state = State::Ending;
        if let Some(held) = self.content_mut().and_then(Content::finish) {
            self.take(held);
        }
        if !matches!(self.state, State::Ending) {
            return true;
        }
        self.later = None;
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
    fn answers(&mut self) -> Answers {
        match &mut self.mail {
            Some(mail) if self.settings.lmtp => Answers::Each(std::mem::take(&mut mail.told)),
            _ => Answers::One,
        }
    }

    pub(super) fn content_mut(&mut self) -> Option<&mut Content> {
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
