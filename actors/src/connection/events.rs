//! Where sinks take part in a client's dialogue: each question of the session is led past the sinks of its event.
//!
//! Rule: nothing is read from the wire while a sink works, so a client cannot make us keep more than it has sent already.
//! The order to stop does not wait for sinks: the client hears 421, because nothing was promised to it.

use std::{ops::ControlFlow, time::Duration};

use postrider_engine::{
    events::{
        Auth, Bdat, Command, CommandEdits, CommandEvent, Connect, Data, DialogueEdits, Disconnect, EndOfHeaders, Etrn,
        Event, Helo, Help, Kind, Looking, MailFrom, MaxMessageSize, Noop, Oversize, Properties, Quit, RcptTo, Rset,
        Said, StartTls, Talk, UnknownCommand, Vrfy,
    },
    session::Asked,
    Action, Arrival, Content, Draft, Envelope, Reply,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Dialogue, Over};
use crate::{chain::Ended, wire::Came};

const NO_SINK: Reply = Reply::new(451, 3, 0, "Local trouble; try again later");
const NO_WELCOME: Reply = Reply::new(421, 3, 0, "Local trouble; come back later");

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    /// Leads an event past its sinks, unless the engine stops.
    async fn lead<E: Event>(&mut self, given: E::Given) -> Result<Ended<E>, Over> {
        let ended = tokio::select! {
            biased;
            ended = self.hall.door.events().run::<E>(&mut self.guests, given) => Some(ended),
            () = self.wire.stopped() => None,
        };
        match ended {
            Some(ended) => Ok(ended),
            None => {
                let reply = self.session.stopping();
                self.last_word(reply).await;
                Err(Over)
            }
        }
    }

    /// Who talks before the greeting is no mail client.
    pub(super) async fn greet(&mut self) -> Result<(), Over> {
        let (properties, edits) = self.welcome().await?;
        if self.wire.read(Duration::ZERO, false).await == Came::Octets {
            if let Some(Action::Reply(reply)) = self.session.step(&mut self.wire.input) {
                self.last_word(reply).await;
            }
            return Err(Over);
        }
        self.session.greeted(properties, &edits).write_to(&mut self.wire.output);
        Ok(())
    }

    /// What sinks make of the greeting.
    async fn welcome(&mut self) -> Result<(Properties, DialogueEdits), Over> {
        if !self.hall.door.events().has(Kind::Connect) {
            return Ok(Default::default());
        }
        let (properties, edits) = Box::pin(self.ask_about_client()).await?;
        if !edits.closes {
            return Ok((properties, edits));
        }
        let reply = self.session.greeted(properties, &edits);
        self.last_word(reply).await;
        Err(Over)
    }

    async fn ask_about_client(&mut self) -> Result<(Properties, DialogueEdits), Over> {
        let talk = Talk::<Connect>::new(self.session.caller(), Some(self.session.native_greeting()));
        Ok(match self.lead::<Connect>(talk).await? {
            Ended::Passed(talk, _) => {
                let (caller, edits) = talk.into_parts();
                (caller.properties, edits)
            }
            Ended::Failed { .. } => {
                let edits = DialogueEdits { reply: Some(NO_WELCOME), closes: true, ..DialogueEdits::default() };
                (Properties::default(), edits)
            }
        })
    }

    /// The client has gone. Sinks have their own time limits, and no other.
    pub(super) async fn tell_of_the_end(&mut self) {
        if self.hall.door.events().has(Kind::Disconnect) {
            let talk = Talk::<Disconnect>::new(self.session.caller(), None);
            let _ = Box::pin(self.hall.door.events().run::<Disconnect>(&mut self.guests, talk)).await;
        }
    }

    pub(super) async fn ask(&mut self, Asked { kind, said }: Asked) -> Result<(), Over> {
        let (properties, edits) = match kind {
            Kind::Helo => self.command::<Helo>(said).await?,
            Kind::Auth => self.command::<Auth>(said).await?,
            Kind::StartTls => self.command::<StartTls>(said).await?,
            Kind::MailFrom => self.command::<MailFrom>(said).await?,
            Kind::RcptTo => self.command::<RcptTo>(said).await?,
            Kind::Data => self.command::<Data>(said).await?,
            Kind::Bdat => self.command::<Bdat>(said).await?,
            Kind::Rset => self.command::<Rset>(said).await?,
            Kind::Vrfy => self.command::<Vrfy>(said).await?,
            Kind::Etrn => self.command::<Etrn>(said).await?,
            Kind::Noop => self.command::<Noop>(said).await?,
            Kind::Help => self.command::<Help>(said).await?,
            Kind::Quit => self.command::<Quit>(said).await?,
            Kind::UnknownCommand => self.command::<UnknownCommand>(said).await?,
            _ => (said.caller.properties, CommandEdits::default()),
        };
        self.session.answered(properties, edits);
        Ok(())
    }

    async fn command<E: CommandEvent>(&mut self, said: Said) -> Result<(Properties, CommandEdits), Over> {
        let properties = said.caller.properties.clone();
        Ok(match self.lead::<E>(Command::new(said)).await? {
            Ended::Passed(command, _) => {
                let (said, edits) = command.into_parts();
                (said.caller.properties, edits)
            }
            Ended::Failed { .. } => {
                let dialogue = DialogueEdits { reply: Some(NO_SINK), ..DialogueEdits::default() };
                (properties, CommandEdits { dialogue, ..CommandEdits::default() })
            }
        })
    }

    /// Whether a mail may be so large. Without an answer it may not, as without sinks; nobody is asked about content that
    /// is not kept anyway.
    pub(super) async fn weigh(&mut self, mail: Oversize) -> Result<(), Over> {
        let properties = mail.caller().properties.clone();
        let is_dropped = self.session.envelope().is_some() && self.intake.is_none();
        let ended = match is_dropped {
            true => None,
            false => Some(self.lead::<MaxMessageSize>(mail).await?),
        };
        match ended {
            Some(Ended::Passed(mail, _)) => {
                let (caller, limit) = mail.into_parts();
                self.session.oversize_answered(caller.properties, limit);
            }
            Some(Ended::Failed { .. }) | None => self.session.oversize_answered(properties, 0),
        }
        Ok(())
    }

    /// The header of a mail is there, and its body is not.
    pub(super) async fn show_header(&mut self) -> Result<(), Over> {
        let Some(envelope) = self.session.envelope().cloned() else { return Ok(()) };
        if let Some(reply) = self.refusal_of_header(envelope).await? {
            self.intake = None;
            self.session.refuse_content(reply);
        }
        Ok(())
    }

    /// A mail has ended within its header.
    pub(super) async fn show_last_header(&mut self, arrival: &Arrival) -> Result<ControlFlow<()>, Over> {
        match self.refusal_of_header(arrival.envelope.clone()).await? {
            Some(reply) => {
                self.intake = None;
                self.session.committed(Err(reply));
                Ok(ControlFlow::Break(()))
            }
            None => Ok(ControlFlow::Continue(())),
        }
    }

    async fn refusal_of_header(&mut self, envelope: Envelope) -> Result<Option<Reply>, Over> {
        self.header_seen = true;
        let Some(intake) = &self.intake else { return Ok(None) };
        let draft = Draft::new(envelope, Content::new(intake.header()));
        let looking = Looking::new(draft, self.session.caller());
        let Ended::Passed(looking, _) = self.lead::<EndOfHeaders>(looking).await? else { return Ok(Some(NO_SINK)) };
        let (caller, refusal, closes) = looking.into_parts();
        self.session.set_properties(caller.properties);
        match (refusal, closes) {
            (Some(reply), true) => {
                self.session.eof();
                self.last_word(reply).await;
                Err(Over)
            }
            (refusal, _) => Ok(refusal),
        }
    }
}
