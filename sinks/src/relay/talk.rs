//! MAIL, RCPT and DATA: in one flight where PIPELINING is offered, one by one otherwise.
//!
//! Rule: the n-th reply answers the n-th command, whatever it says; a recipient's fate is its own reply.

use std::sync::Arc;

use postrider_engine::{Diagnosis, Outcome, Outcomes, RcptNo, Reply};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    connection::Connection,
    outcome::{of_mail, of_recipient},
    settings::COMMANDS_IN_FLIGHT,
    trouble::Trouble,
    words::{Command, Flight, Script},
    Timeouts,
};

/// What was heard before the content.
#[derive(Default)]
pub(super) struct Heard {
    /// What those have come to who will not get the content.
    pub known: Outcomes,
    /// Who was accepted.
    pub accepted: Vec<RcptNo>,
    /// Why the mail is refused for all who were accepted, by MAIL or DATA.
    pub refused: Option<Arc<Diagnosis>>,
    /// The peer waits for content after DATA.
    pub wants_content: bool,
}

impl Heard {
    fn note(&mut self, command: Command, reply: Reply, host: &Arc<str>) -> Result<(), Trouble> {
        match (command, reply.code) {
            (_, 421) => return Err(Trouble::Said(reply)),
            (Command::Data, 354) => self.wants_content = true,
            (Command::Data, 200..=399) | (_, 300..=399) => return Err(Trouble::OutOfTurn(reply)),
            (Command::Data, _) => self.refused = self.refused.take().or_else(|| Some(of_mail(reply, host))),
            (Command::Reset, 200..=299) | (Command::Mail, 200..=299) => {}
            (Command::Reset, _) => return Err(Trouble::Said(reply)),
            (Command::Mail, _) => self.refused = Some(of_mail(reply, host)),
            (Command::Recipient(no), 200..=299) => self.accepted.push(no),
            (Command::Recipient(_), _) if self.refused.is_some() => {} // it follows from the refusal of MAIL
            (Command::Recipient(no), _) => drop(self.known.insert(no, of_recipient(reply, host))),
        }
        Ok(())
    }

    /// Somebody may get the content.
    pub fn goes_on(&self) -> bool {
        self.refused.is_none() && !self.accepted.is_empty()
    }

    /// These commands are not worth sending.
    fn makes_idle(&self, flight: &Flight<'_>) -> bool {
        let data_for_nobody = matches!(flight.commands, [(Command::Data, _)]) && self.accepted.is_empty();
        self.refused.is_some() || data_for_nobody
    }

    /// What all of `who` have come to, now that nobody gets the content.
    pub fn end(mut self, who: &[RcptNo]) -> Outcomes {
        if let Some(why) = self.refused {
            for no in who {
                self.known.entry(*no).or_insert_with(|| Outcome::refused(Arc::clone(&why)));
            }
        }
        self.known
    }

    /// All who were accepted come to the same.
    pub fn all_accepted(&self, outcome: &Outcome) -> Outcomes {
        self.accepted.iter().map(|no| (*no, outcome.clone())).collect()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Says the commands and hears the replies.
    pub async fn talk(&mut self, script: &Script, heard: &mut Heard, timeouts: &Timeouts) -> Result<(), Trouble> {
        let size = if self.offers.pipelining { COMMANDS_IN_FLIGHT } else { 1 };
        for flight in script.flights(size) {
            if heard.makes_idle(&flight) {
                break;
            }
            self.write_unasked(&mut &flight.octets[..], timeouts.mail).await?;
            for (command, _) in flight.commands {
                let reply = self.reply(timeouts.of(*command)).await?;
                heard.note(*command, reply, &self.name)?;
            }
        }
        Ok(())
    }
}

impl Timeouts {
    fn of(&self, command: Command) -> std::time::Duration {
        match command {
            Command::Reset | Command::Mail => self.mail,
            Command::Recipient(_) => self.recipient,
            Command::Data => self.data,
        }
    }
}
