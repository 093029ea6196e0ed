//! A writer: a thread that sends its mails, one after the other.
//!
//! Rule: what was refused is sent again. Of what was begun and not answered each way says itself what is done, also by whoever
//! comes after a writer that was killed: it is sent again only where that cannot make it two.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    journal::{Attempt, Ended, Journal},
    mail::MailId,
    part::Part,
    Problem,
};

/// A pause after a mail that was not taken.
const PAUSE: Duration = Duration::from_millis(5);

/// How mails are sent.
pub trait Way: Sync {
    /// Sends a mail, says so in the journal before it does, and gives what it heard.
    ///
    /// # Errors
    /// It makes no sense to try that again.
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem>;

    /// What is done about a mail that was begun, and of which nothing was heard.
    ///
    /// # Errors
    /// It cannot be found out.
    fn unheard(&self, mail: MailId) -> Result<Unheard, Problem>;
}

/// What is done about a mail of which nothing was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// It is sent again: however often, it is one mail.
    Again,
    /// It is left: nobody knows, and it may come out or not.
    Open,
    /// What it left behind says that it was sent.
    Taken,
}

/// Sends all mails of the threads of this part.
pub fn write_all(part: &Part, way: &impl Way) -> Result<(), Problem> {
    let until = Instant::now() + part.time;
    thread::scope(|scope| {
        let all: Vec<_> =
            (0..part.threads).map(|thread| scope.spawn(move || write(part, part.writer(thread), until, way))).collect();
        all.into_iter().try_for_each(|writer| writer.join().map_err(|_| "a writer has panicked")?)
    })
}

fn write(part: &Part, writer: usize, until: Instant, way: &impl Way) -> Result<(), Problem> {
    let (journal, told) = Journal::open(&part.folder, writer)?;
    let writer = u32::try_from(writer)?;
    for number in 0..part.mails {
        let mail = MailId { writer, number: u32::try_from(number)? };
        let last = told.get(number).and_then(|attempts| attempts.last()).map(|Attempt { ended, .. }| *ended);
        finish(mail, last, &journal, until, way)?;
    }
    Ok(())
}

/// Goes on with a mail of which this was heard last, as far as anything can be done for it.
fn finish(
    mail: MailId,
    mut last: Option<Ended>,
    journal: &Journal,
    until: Instant,
    way: &impl Way,
) -> Result<(), Problem> {
    while last != Some(Ended::Taken) {
        if last == Some(Ended::Unknown) {
            match way.unheard(mail)? {
                Unheard::Again => {}
                Unheard::Open => break,
                Unheard::Taken => {
                    journal.ended(mail, Ended::Taken);
                    break;
                }
            }
        }
        if Instant::now() >= until {
            break;
        }
        let ended = way.send(mail, journal)?;
        journal.ended(mail, ended);
        if ended != Ended::Taken {
            thread::sleep(PAUSE);
        }
        last = Some(ended);
    }
    Ok(())
}
