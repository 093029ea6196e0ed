//! A writer: a thread that sends its mails, one after the other.
//!
//! Rule: under a key a mail is sent until it is answered, also by whoever comes after a writer that was killed. Without one
//! it is sent again only if it was heard that nothing was taken.

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
        let mut last = told.get(number).and_then(|attempts| attempts.last()).map(|Attempt { ended, .. }| *ended);
        while is_to_be_sent(mail, last) && Instant::now() < until {
            let ended = way.send(mail, &journal)?;
            journal.ended(mail, ended);
            if ended != Ended::Taken {
                thread::sleep(PAUSE);
            }
            last = Some(ended);
        }
    }
    Ok(())
}

fn is_to_be_sent(mail: MailId, last: Option<Ended>) -> bool {
    match last {
        None | Some(Ended::Refused) => true,
        Some(Ended::Taken) => false,
        Some(Ended::Unknown) => mail.key().is_some(),
    }
}
