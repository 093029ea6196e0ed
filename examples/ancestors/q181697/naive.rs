//! The ancestor's design: a mail is a file in a pickup folder; its name is the time in milliseconds, which is looked up and
//! then written in place. A service polls the folder, reads what is there and deletes it.
//!
//! Rule: nobody waits to make it fail. As on the ancestor's system, a file that somebody writes can be opened by nobody
//! else: a lock stands for that. With one writer nothing goes wrong, and that is how it passed its tests.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    path::PathBuf,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{
    came::{Came, Reads},
    journal::{Ended, Journal},
    mail::{sum, MailId},
    part::Part,
    writer::{write_all, Unheard, Way},
    Problem,
};

/// Until a name that is taken is tried again.
const NEXT_NAME: Duration = Duration::from_micros(100);

pub fn folder(part: &Part) -> PathBuf {
    part.folder.join("pickup")
}

/// A process of writers.
pub fn serve(part: &Part) -> Result<(), Problem> {
    fs::create_dir_all(folder(part))?;
    write_all(part, &Pickup(folder(part)))
}

struct Pickup(PathBuf);

impl Way for Pickup {
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let octets = mail.octets();
        journal.begun(mail, &sum(octets.as_bytes()));
        let free = loop {
            let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
            let path = self.0.join(format!("{millis}.eml"));
            if !path.exists() {
                break path;
            }
            thread::sleep(NEXT_NAME);
        };
        let mut file = File::create(free)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(Ended::Refused), // a sharing violation
            locked => locked?,
        }
        file.write_all(octets.as_bytes())?;
        Ok(Ended::Taken)
    }

    fn unheard(&self, _: MailId) -> Result<Unheard, Problem> {
        Ok(Unheard::Open)
    }
}

/// The service that polls the folder.
pub struct Service(pub PathBuf);

impl Reads for Service {
    fn read(&mut self, came: &mut Vec<Came>) -> Result<usize, Problem> {
        let before = came.len();
        fs::create_dir_all(&self.0)?;
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            let mut file = File::open(&path)?;
            if file.try_lock().is_err() {
                continue; // it is being written
            }
            let mut octets = Vec::new();
            file.read_to_end(&mut octets)?;
            if !octets.is_empty() {
                fs::remove_file(&path)?;
                came.push(Came::new(&octets));
            }
        }
        Ok(came.len() - before)
    }
}
