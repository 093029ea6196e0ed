//! A dialogue from its greeting to its end (RFC 5321, 4.1 and 4.3; RFC 2033).
//!
//! Rule: what a client may not say gets its 5xx whatever the script says; the script decides what comes of the rest.

use postrider_actors::clock::Clock;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    clerk::{Clerk, Opening, Order},
    commands::{check, command, Command, Path},
    dialogue::Speaker,
    manner::{Extension, Protocol},
    script::Step,
    wire::{Closed, Wire},
    TakenRecipient,
};

/// A code and its text.
pub(super) type Wrong = (u16, &'static str);

const ORDER: Wrong = (503, "5.5.1 Not at this point");
const OK: Wrong = (250, "2.0.0 Ok");

/// Serves a client to its end. Nothing happens if the peer is down or gone.
pub(in crate::testing) async fn serve<S>(stream: S, clerk: Clerk, clock: Clock)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let Some(Some(Opening { number, protocol, extensions, mut up })) = clerk.ask(Order::Open) else { return };
    let wire = Wire::new(stream, clerk, clock, number);
    let mut session = Session { wire, protocol, extensions, greeted: false, mail: None };
    tokio::select! {
        _ = session.run() => {}
        _ = up.wait_for(|up| !up) => {}
    }
}

/// A mail that is coming in.
#[derive(Default)]
pub(super) struct Mail {
    pub sender: Option<Path>,
    /// RCPT commands so far, accepted or not.
    pub asked: usize,
    pub recipients: Vec<TakenRecipient>,
    pub content: Vec<u8>,
    /// A chunk has come: no DATA and no RCPT after it.
    pub chunked: bool,
    /// A chunk was refused: so are all that follow.
    pub spoiled: bool,
}

pub(super) struct Session<S> {
    pub wire: Wire<S>,
    pub protocol: Protocol,
    pub extensions: Vec<Extension>,
    greeted: bool,
    pub mail: Option<Mail>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    async fn run(&mut self) -> Result<(), Closed> {
        let act = self.wire.act(Step::Connect).await?;
        if !positive(self.wire.answer(act, (220, "peer.test ready")).await?) {
            return Ok(());
        }
        loop {
            let line = self.wire.line().await?;
            let line = String::from_utf8_lossy(&line).trim_end_matches("\r\n").to_owned();
            self.wire.note(Speaker::Client, &line);
            self.obey(command(&line, self.protocol)).await?;
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), Closed> {
        match command {
            Command::Hello => self.hello().await,
            Command::Mail(from) => self.sender(from).await,
            Command::Rcpt(to) => self.recipient(to).await,
            Command::Data => self.data().await,
            Command::Bdat { octets, last } => self.chunk(octets, last).await,
            Command::Reset => {
                self.mail = None;
                self.simple(Step::Reset, OK).await
            }
            Command::Quit => {
                self.simple(Step::Quit, (221, "2.0.0 Bye")).await?;
                Err(Closed)
            }
            Command::Noop => self.simple(Step::Other, OK).await,
            Command::Verify => self.simple(Step::Other, (252, "2.5.0 Who knows")).await,
            Command::Wrong(wrong) => self.simple(Step::Other, wrong).await,
        }
    }

    pub(super) async fn simple(&mut self, step: Step, usual: Wrong) -> Result<(), Closed> {
        let act = self.wire.act(step).await?;
        self.wire.answer(act, usual).await.map(drop)
    }

    async fn hello(&mut self) -> Result<(), Closed> {
        let keywords = self.extensions.iter().map(|offer| format!("\n{}", offer.keyword()));
        let hello: String = std::iter::once("peer.test".to_owned()).chain(keywords).collect();
        let act = self.wire.act(Step::Hello).await?;
        self.mail = None;
        self.greeted = positive(self.wire.answer(act, (250, &hello)).await?);
        Ok(())
    }

    async fn sender(&mut self, from: Path) -> Result<(), Closed> {
        if !self.greeted || self.mail.is_some() {
            return self.simple(Step::Other, ORDER).await;
        }
        if let Err(wrong) = check(&from.parameters, &self.extensions) {
            return self.simple(Step::Other, wrong).await;
        }
        let act = self.wire.act(Step::Mail { from: from.address.clone() }).await?;
        if positive(self.wire.answer(act, (250, "2.1.0 Ok")).await?) {
            self.mail = Some(Mail { sender: Some(from), ..Mail::default() });
        }
        Ok(())
    }

    async fn recipient(&mut self, to: Path) -> Result<(), Closed> {
        let Some(mail) = self.mail.as_mut().filter(|mail| !mail.chunked) else {
            return self.simple(Step::Other, ORDER).await;
        };
        mail.asked += 1;
        let step = Step::Rcpt { nth: mail.asked, to: to.address.clone() };
        if let Err(wrong) = check(&to.parameters, &self.extensions) {
            return self.simple(Step::Other, wrong).await;
        }
        let act = self.wire.act(step).await?;
        let accepted = positive(self.wire.answer(act, (250, "2.1.5 Ok")).await?);
        if let Some(mail) = self.mail.as_mut().filter(|_| accepted) {
            mail.recipients.push(TakenRecipient { address: to.address, parameters: to.parameters });
        }
        Ok(())
    }
}

pub(super) fn positive(code: u16) -> bool {
    (200..400).contains(&code)
}
