//! The part of one process: which it is, where, and how much it sends.
//!
//! Rule: it is told by words on the command line, so that a process that was killed is started again with the same words.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// The subcommand by which this program starts itself.
pub const SUBCOMMAND: &str = "q181697-part";

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It has the engine, and threads of its own that call `send`.
    Engine,
    /// It reaches the engine by its socket.
    Client,
    /// It puts files into the pickup folder.
    Pickup,
    /// It calls `postrider sendmail` for each mail.
    Sendmail,
    /// The ancestor's design.
    Naive,
}

impl Kind {
    /// What the processes are, in turns: the engine is the first of them only.
    pub const OTHERS: [Kind; 3] = [Kind::Client, Kind::Pickup, Kind::Sendmail];
    const ALL: [Kind; 5] = [Kind::Engine, Kind::Client, Kind::Pickup, Kind::Sendmail, Kind::Naive];

    /// The way by which its mails are sent, as a word.
    pub fn way(self) -> &'static str {
        match self {
            Kind::Engine => "library",
            Kind::Client => "connect",
            Kind::Pickup => "pickup",
            Kind::Sendmail => "sendmail",
            Kind::Naive => "naive",
        }
    }
}

/// One process.
#[derive(Clone, Debug)]
pub struct Part {
    pub kind: Kind,
    pub folder: PathBuf,
    pub process: usize,
    pub processes: usize,
    pub threads: usize,
    /// Of each thread.
    pub mails: usize,
    /// No mail is begun after so much time.
    pub time: Duration,
}

impl Part {
    /// The words that [`Part::read`] reads.
    pub fn words(&self, begin: Instant) -> Vec<String> {
        let left = self.time.saturating_sub(begin.elapsed()).as_millis();
        let numbers = [self.process, self.processes, self.threads, self.mails].map(|number| number.to_string());
        let mut words = vec![SUBCOMMAND.to_owned(), self.kind.way().to_owned(), self.folder.display().to_string()];
        words.extend(numbers);
        words.push(left.to_string());
        words
    }

    /// Reads the words behind the subcommand.
    pub fn read(words: impl Iterator<Item = String>) -> Option<Self> {
        let words: Vec<String> = words.collect();
        let [kind, folder, numbers @ .., left] = words.as_slice() else { return None };
        let numbers: Vec<usize> = numbers.iter().map_while(|word| word.parse().ok()).collect();
        let [process, processes, threads, mails] = numbers[..] else { return None };
        let kind = Kind::ALL.into_iter().find(|one| one.way() == kind)?;
        let time = Duration::from_millis(left.parse().ok()?);
        Some(Part { kind, folder: folder.into(), process, processes, threads, mails, time })
    }

    /// The number of a thread among those of all processes.
    pub fn writer(&self, thread: usize) -> usize {
        self.process * self.threads + thread
    }

    pub fn writers(&self) -> usize {
        self.processes * self.threads
    }

    pub fn all_mails(&self) -> usize {
        self.writers() * self.mails
    }

    /// Where the engine is reached by other processes.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Where programs put files that are mails.
    pub fn pickup(&self) -> PathBuf {
        self.folder.join("pickup")
    }

    /// Where the engine has what it has taken from there, until that is on disk as mail.
    pub fn claims(&self) -> PathBuf {
        self.pickup().join(".claimed")
    }

    /// The settings of the engine, as its command reads them.
    pub fn settings(&self) -> PathBuf {
        self.folder.join("settings.toml")
    }

    /// The command, under the name that programs know.
    pub fn sendmail(&self) -> PathBuf {
        self.folder.join("sendmail")
    }

    /// What the command said when it refused a mail, at last.
    pub fn refused(&self) -> PathBuf {
        self.folder.join("refused")
    }

    /// It is there when the threads of a process that goes on have sent their mails.
    pub fn done(&self) -> PathBuf {
        self.folder.join(format!("done-{}", self.process))
    }
}
