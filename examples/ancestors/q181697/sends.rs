//! Sending as programs do: in the process of the engine, and from others through its socket.
//!
//! Rule: what a writer may conclude from an error is what the error says of itself, and nothing else.

use std::{thread, time::Duration, time::Instant};

use postrider::{Client, Engine, Sending};

use super::{
    journal::{Ended, Journal},
    mail::{MailId, Noted},
    part::Part,
    writer::{write_all, Unheard, Way},
    Problem,
};

/// Until a socket at which nobody listens is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// A process of writers that reach the engine by its socket. All its threads have one client.
pub fn serve(part: &Part) -> Result<(), Problem> {
    match connect(part)? {
        Some(client) => write_all(part, &Sends(move |mail| client.send(mail))),
        None => Ok(()), // its time is over
    }
}

fn connect(part: &Part) -> Result<Option<Client>, Problem> {
    let begin = Instant::now();
    while begin.elapsed() < part.time {
        match Engine::connect(part.socket()) {
            Ok(client) => return Ok(Some(client)),
            Err(error) if error.is_temporary() => thread::sleep(AGAIN),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// How a mail is sent, by whatever handle.
pub struct Sends<S>(pub S);

impl<S: Fn(Noted) -> Sending<Noted> + Sync> Way for Sends<S> {
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let mut sending = self.0(mail.noted(journal));
        if let Some(key) = mail.key() {
            sending = sending.key(key);
        }
        if mail.is_buffered() {
            sending = sending.buffered();
        }
        match sending.blocking() {
            Ok(_) => Ok(Ended::Taken),
            Err(error) if error.is_perhaps_taken() => Ok(Ended::Unknown),
            Err(error) if error.is_temporary() => Ok(Ended::Refused),
            Err(error) => Err(error.into()),
        }
    }

    /// Under its key it is one mail, however often it is sent.
    fn unheard(&self, mail: MailId) -> Result<Unheard, Problem> {
        Ok(if mail.key().is_some() { Unheard::Again } else { Unheard::Open })
    }
}
