//! Sending by files: half of the mails are put into the pickup folder by the library's own `put`, half as old programs do it: a
//! file under another name, which is then renamed.
//!
//! Rule: the rename is the sending. Whoever renames by hand says so in the journal just before; so whoever comes after a writer
//! that was killed knows by the other name whether the file was sent. What `put` was killed at may be sent or not.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, SystemTime},
};

use postrider::{
    rules::{Making, Outgoing},
    sinks::pickup,
};

use super::{
    came::sum_as_sent,
    journal::{Ended, Journal},
    mail::{MailId, FROM},
    part::Part,
    writer::{write_all, Unheard, Way},
    Problem,
};
use crate::draw::{chance, draw};

/// Files come in bursts of so many from each writer, with pauses of so many milliseconds: so there are some to the end.
const BURST: u32 = 25;
const PAUSE: u64 = 800;

/// A process of writers.
pub fn serve(part: &Part) -> Result<(), Problem> {
    write_all(part, &Puts(part.pickup()))
}

struct Puts(PathBuf);

impl Way for Puts {
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        if mail.number.is_multiple_of(BURST) {
            thread::sleep(Duration::from_millis(chance(PAUSE)));
        }
        match is_by_hand(mail) {
            true => self.by_hand(mail, journal),
            false => self.by_library(mail, journal),
        }
    }

    fn unheard(&self, mail: MailId) -> Result<Unheard, Problem> {
        let was_renamed = is_by_hand(mail) && !self.hidden(mail).try_exists()?;
        Ok(match (is_by_hand(mail), was_renamed) {
            (true, true) => Unheard::Taken,
            (true, false) => Unheard::Again,
            (false, _) => Unheard::Open,
        })
    }
}

fn is_by_hand(mail: MailId) -> bool {
    draw(2, (mail, "by hand")) == 0
}

impl Puts {
    /// Its name while it is written.
    fn hidden(&self, mail: MailId) -> PathBuf {
        self.0.join(format!(".{mail}.tmp"))
    }

    fn by_library(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let unique = u128::from(chance(u64::MAX)) << 64 | u128::from(chance(u64::MAX));
        let making = Making { now: SystemTime::now().into(), host: "stress.localhost", unique };
        let draft = mail.raw().into_draft(&making)?;
        journal.begun(mail, &sum_as_sent(&draft.content.all(usize::MAX)?));
        match pickup::put(&self.0, &draft) {
            Ok(_) => Ok(Ended::Taken),
            Err(error) if error.is_temporary() => Ok(Ended::Refused),
            Err(error) => Err(error.into()),
        }
    }

    fn by_hand(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let octets = mail.octets();
        fs::write(self.hidden(mail), file(mail, &octets))?;
        journal.begun(mail, &sum_as_sent(octets.as_bytes()));
        fs::rename(self.hidden(mail), self.0.join(format!("{mail}.eml")))?;
        Ok(Ended::Taken)
    }
}

/// Half of them have their envelope above the header, half have lines that end as Unix likes them.
fn file(mail: MailId, octets: &str) -> String {
    let above = match draw(2, (mail, "envelope")) {
        0 => String::new(),
        _ => format!("x-sender: <{FROM}>\r\nx-receiver: <{}>\r\n", mail.to()),
    };
    let file = above + octets;
    match draw(2, (mail, "line ends")) {
        0 => file,
        _ => file.replace("\r\n", "\n"),
    }
}
