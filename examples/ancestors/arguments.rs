//! What a stress program is told on its command line.
//!
//! Rule: what is not known is said, and nothing is run.

use std::{path::PathBuf, str::FromStr, time::Duration};

/// All flags; a subcommand uses its part of them.
#[derive(Clone, Debug)]
pub struct Arguments {
    pub clients: usize,
    /// `None`: as many as the subcommand likes.
    pub mails: Option<usize>,
    pub time: Duration,
    pub workers: usize,
    pub processes: usize,
    /// `None`: as many as the subcommand likes.
    pub threads: Option<usize>,
    /// `None`: as many as the subcommand likes.
    pub kills: Option<usize>,
    /// An input of more octets is not cut at each of them.
    pub long: usize,
    /// But at every so manieth.
    pub every: usize,
    /// Copies of an input with bits flipped.
    pub flips: usize,
    /// Where chance begins.
    pub seed: u64,
    pub memory: bool,
    pub naive: bool,
    /// The command; `None`: the one that is built beside this program.
    pub postrider: Option<PathBuf>,
}

impl Arguments {
    /// Reads the flags behind the subcommand.
    ///
    /// # Errors
    /// What is wrong, in one line.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let time = Duration::from_secs(15);
        let mut read = Arguments {
            clients: 64,
            mails: None,
            time,
            workers: 8,
            processes: 4,
            threads: None,
            kills: None,
            long: 2048,
            every: 16,
            flips: 200,
            seed: 1,
            memory: false,
            naive: false,
            postrider: None,
        };
        while let Some(flag) = words.next() {
            match flag.as_str() {
                "--clients" => read.clients = number(&flag, words.next())?,
                "--mails" => read.mails = Some(number(&flag, words.next())?),
                "--seconds" => read.time = Duration::from_secs(number(&flag, words.next())?),
                "--workers" => read.workers = number(&flag, words.next())?,
                "--processes" => read.processes = number(&flag, words.next())?,
                "--threads" => read.threads = Some(number(&flag, words.next())?),
                "--kills" => read.kills = Some(words.next().and_then(|word| word.parse().ok()).ok_or(KILLS)?),
                "--postrider" => read.postrider = Some(words.next().ok_or(POSTRIDER)?.into()),
                "--long" => read.long = number(&flag, words.next())?,
                "--every" => read.every = number(&flag, words.next())?,
                "--flips" => read.flips = number(&flag, words.next())?,
                "--seed" => read.seed = number(&flag, words.next())?,
                "--memory" => read.memory = true,
                "--naive" => read.naive = true,
                _ => return Err(format!("there is no flag {flag:?}")),
            }
        }
        Ok(read)
    }
}

const POSTRIDER: &str = "--postrider is followed by a path";
const KILLS: &str = "--kills is followed by a number";

fn number<N: FromStr + PartialEq + Default>(flag: &str, word: Option<String>) -> Result<N, String> {
    let number = word.as_deref().and_then(|word| word.parse().ok()).filter(|number| *number != N::default());
    number.ok_or_else(|| format!("{flag} is followed by a number above zero"))
}
