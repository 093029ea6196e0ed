//! What a writer says of its mails: a line before it sends one, and a line when it knows more. It outlives the writer.
//!
//! Rule: a line is on file when the call returns, so whoever is killed has said all that the engine may have seen. A line
//! that was cut short says nothing: its mail had not been sent yet, or its answer counts as not heard.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::mail::{MailId, Sum};

/// What a writer knows of the end of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It heard that the mail is on disk.
    Taken,
    /// It heard that nothing was taken.
    Refused,
    /// It heard nothing.
    Unknown,
}

/// One attempt to send a mail.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub sum: Sum,
    pub ended: Ended,
}

/// The attempts for each mail of a writer, by number.
pub type Told = Vec<Vec<Attempt>>;

/// The journal of one writer, to be added to. Clones are the same.
#[derive(Clone)]
pub struct Journal(Arc<File>);

fn path(folder: &Path, writer: usize) -> PathBuf {
    folder.join(format!("journal-{writer}"))
}

impl Journal {
    /// Goes on with the journal of a writer that may have been killed: a line that was cut short is taken away.
    pub fn open(folder: &Path, writer: usize) -> io::Result<(Self, Told)> {
        let path = path(folder, writer);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let mut followed = Followed::new(path);
        followed.follow()?;
        file.set_len(followed.read)?;
        Ok((Journal(Arc::new(file)), followed.told))
    }

    /// A mail of this sum is sent now.
    pub fn begun(&self, mail: MailId, sum: &Sum) {
        let sum: String = sum.iter().map(|octet| format!("{octet:02x}")).collect();
        self.add(&format!("b {} {sum}\n", mail.number));
    }

    /// This is what was heard of it.
    pub fn ended(&self, mail: MailId, ended: Ended) {
        match ended {
            Ended::Taken => self.add(&format!("t {}\n", mail.number)),
            Ended::Refused => self.add(&format!("r {}\n", mail.number)),
            Ended::Unknown => {}
        }
    }

    /// It waits in the pickup folder, because the engine could not be reached.
    pub fn waits(&self, mail: MailId) {
        self.add(&format!("w {}\n", mail.number));
    }

    /// Without its journal a writer shows nothing.
    fn add(&self, line: &str) {
        if let Err(error) = (&*self.0).write_all(line.as_bytes()) {
            eprintln!("ancestors: a journal cannot be written: {error}");
            std::process::exit(2);
        }
    }
}

/// A journal that is read while it is written.
pub struct Followed {
    path: PathBuf,
    /// Octets of whole lines that were read.
    read: u64,
    pub told: Told,
    pub begun: usize,
    pub taken: usize,
    /// Mails that went to the pickup folder because the engine could not be reached.
    pub waits: usize,
}

impl Followed {
    fn new(path: PathBuf) -> Self {
        Followed { path, read: 0, told: Told::new(), begun: 0, taken: 0, waits: 0 }
    }

    /// The journals of so many writers.
    pub fn all(folder: &Path, writers: usize) -> Vec<Self> {
        (0..writers).map(|writer| Followed::new(path(folder, writer))).collect()
    }

    /// Reads what has been added.
    pub fn follow(&mut self) -> io::Result<()> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let mut added = Vec::new();
        file.seek(SeekFrom::Start(self.read))?;
        file.read_to_end(&mut added)?;
        for line in added.split_inclusive(|octet| *octet == b'\n').filter(|line| line.ends_with(b"\n")) {
            self.read += line.len() as u64;
            self.line(line).ok_or_else(|| io::Error::other(format!("{} has a bad line", self.path.display())))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
        let (what, number) = (words.next()?, words.next()?.parse::<usize>().ok()?);
        if self.told.len() <= number {
            self.told.resize_with(number + 1, Vec::new);
        }
        let attempts = &mut self.told[number];
        match what {
            "b" => {
                self.begun += usize::from(attempts.is_empty());
                attempts.push(Attempt { sum: from_hex(words.next()?)?, ended: Ended::Unknown });
            }
            "t" => {
                self.taken += 1;
                attempts.last_mut()?.ended = Ended::Taken;
            }
            "w" => self.waits += 1,
            _ => attempts.last_mut()?.ended = Ended::Refused,
        }
        Some(())
    }
}

fn from_hex(text: &str) -> Option<Sum> {
    let mut sum = Sum::default();
    for (at, octet) in sum.iter_mut().enumerate() {
        *octet = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(sum)
}
