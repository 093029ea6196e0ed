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
    /// The ancestor's design.
    Naive,
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
        let kind = match self.kind {
            Kind::Engine => "engine",
            Kind::Client => "client",
            Kind::Naive => "naive",
        };
        let left = self.time.saturating_sub(begin.elapsed()).as_millis();
        let numbers = [self.process, self.processes, self.threads, self.mails].map(|number| number.to_string());
        let mut words = vec![SUBCOMMAND.to_owned(), kind.to_owned(), self.folder.display().to_string()];
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
        let kind = match kind.as_str() {
            "engine" => Kind::Engine,
            "client" => Kind::Client,
            "naive" => Kind::Naive,
            _ => return None,
        };
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

    /// It is there when the threads of a process that goes on have sent their mails.
    pub fn done(&self) -> PathBuf {
        self.folder.join(format!("done-{}", self.process))
    }
}
