//! Content, by DATA or by BDAT, and who answers for it in the end.
//!
//! Rule: a mail is remembered before the client hears that it was taken; who has heard it may ask for it.

use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    clerk::Order,
    commands::TOO_LARGE,
    dialogue::Speaker,
    manner::{Extension, Protocol},
    script::{Act, Step},
    session::{positive, Mail, Session, Wrong},
    wire::{Closed, LONGEST},
    Taken, TakenRecipient,
};

const NOBODY: Wrong = (554, "5.5.1 There are no recipients");
const ORDER: Wrong = (503, "5.5.1 Not at this point");
const FULL: Wrong = (452, "4.3.1 The peer is full");

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    pub(super) async fn data(&mut self) -> Result<(), Closed> {
        let binary = |mail: &Mail| {
            let sender = mail.sender.iter().flat_map(|sender| &sender.parameters);
            sender.into_iter().any(|parameter| parameter.eq_ignore_ascii_case("BODY=BINARYMIME"))
        };
        match &self.mail {
            None => return self.simple(Step::Other, ORDER).await,
            Some(mail) if mail.chunked || binary(mail) => return self.simple(Step::Other, ORDER).await,
            Some(mail) if mail.recipients.is_empty() => return self.simple(Step::Other, NOBODY).await,
            Some(_) => {}
        }
        let act = self.wire.act(Step::Data).await?;
        let (act, most) = match act {
            Act::CutAfter(most) => (Act::Usual, Some(most)),
            act => (act, None),
        };
        if self.wire.answer(act, (354, "Go on")).await? != 354 {
            self.mail = None;
            return Ok(());
        }
        let content = self.lines(most).await?;
        if let Some(mail) = &mut self.mail {
            mail.content = content;
        }
        self.end().await
    }

    /// The lines of the content; after so many octets, if a number is given, the connection is cut.
    async fn lines(&mut self, most: Option<u64>) -> Result<Vec<u8>, Closed> {
        let mut content = Vec::new();
        loop {
            let line = self.wire.line().await?;
            let is_end = line == b".\r\n";
            if !is_end {
                content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
            if content.len() > LONGEST || most.is_some_and(|most| is_end || content.len() as u64 >= most) {
                return self.wire.cut();
            }
            if is_end {
                self.wire.note(Speaker::Client, &format!("({} octets of content and the final dot)", content.len()));
                return Ok(content);
            }
        }
    }

    pub(super) async fn chunk(&mut self, octets: u64, last: bool) -> Result<(), Closed> {
        let offered = self.extensions.contains(&Extension::Chunking);
        let ready = self.mail.as_ref().is_some_and(|mail| !mail.recipients.is_empty() && !mail.spoiled);
        let mut chunk = Vec::new();
        if octets >= LONGEST as u64 {
            return self.wire.cut();
        }
        if !offered || !ready {
            // The octets are on their way in any case (RFC 3030, 2).
            self.wire.octets(octets, &mut chunk).await?;
            let nobody = self.mail.as_ref().is_some_and(|mail| mail.recipients.is_empty());
            return self.simple(Step::Other, if nobody { NOBODY } else { ORDER }).await;
        }
        let is_first = self.mail.as_ref().is_some_and(|mail| !mail.chunked);
        let act = if is_first { self.wire.act(Step::Data).await? } else { Act::Usual };
        if let Act::CutAfter(most) = act {
            self.wire.octets(octets.min(most), &mut chunk).await?;
            return self.wire.cut();
        }
        self.wire.octets(octets, &mut chunk).await?;
        self.wire.note(Speaker::Client, &format!("({octets} octets of content)"));
        let Some(mail) = &mut self.mail else { return Ok(()) };
        mail.chunked = true;
        mail.content.append(&mut chunk);
        if mail.content.len() >= LONGEST {
            return self.wire.cut();
        }
        match act {
            Act::Usual if last => self.end().await,
            act => {
                let said = self.wire.answer(act, (250, "2.0.0 Go on")).await?;
                match &mut self.mail {
                    Some(_) if positive(said) && last => return self.end().await,
                    Some(mail) => mail.spoiled |= !positive(said),
                    None => {}
                }
                Ok(())
            }
        }
    }

    /// The content is whole.
    async fn end(&mut self) -> Result<(), Closed> {
        let Some(mail) = self.mail.take() else { return Ok(()) };
        let most = self.extensions.iter().find_map(|offer| match offer {
            Extension::Size(most) if *most > 0 => Some(*most),
            _ => None,
        });
        let too_large = most.is_some_and(|most| mail.content.len() as u64 > most);
        let answers = match self.protocol {
            Protocol::Smtp => 1,
            Protocol::Lmtp => mail.recipients.len(),
        };
        if too_large {
            for _ in 0..answers {
                self.simple(Step::Other, TOO_LARGE).await?;
            }
            return Ok(());
        }
        let mut acts = Vec::with_capacity(answers);
        for nth in 1..=answers {
            let step = if self.protocol == Protocol::Smtp { Step::End } else { Step::EndFor(nth) };
            acts.push(self.wire.act(step).await?);
        }
        let usual = if self.take(mail, &acts) { (250, "2.0.0 Taken") } else { FULL };
        for act in acts {
            self.wire.answer(act, usual).await?;
        }
        Ok(())
    }

    /// Remembers it for those for whom the answer is not a refusal. False: there is no room.
    fn take(&self, mail: Mail, acts: &[Act]) -> bool {
        let of = |nth: usize| acts.get(nth).or(acts.first());
        let takes = |nth: usize| of(nth).is_some_and(|act| !matches!(act, Act::Say(code, _) if !positive(*code)));
        let recipients: Vec<TakenRecipient> =
            mail.recipients.into_iter().enumerate().filter(|(nth, _)| takes(*nth)).map(|(_, who)| who).collect();
        if recipients.is_empty() {
            return true;
        }
        let sender =
            mail.sender.unwrap_or_else(|| super::commands::Path { address: String::new(), parameters: vec![] });
        let taken = Taken {
            sender: sender.address,
            parameters: sender.parameters,
            recipients,
            content: mail.content,
            by_chunks: mail.chunked,
            connection: self.wire.connection,
            at: self.wire.now(),
            answered: acts.iter().all(|act| matches!(act, Act::Usual | Act::Say(..))),
        };
        self.wire.note(Speaker::Event, &format!("taken {taken}"));
        self.wire.clerk.ask(|answer| Order::Take(taken, answer)).unwrap_or(false)
    }
}
