//! Q181697: the ancestor lost mail when many threads sent at once, because it made the name of a file from the clock, looked
//! whether there was one, and then wrote it.
//!
//! Rule: the harness is one: processes and threads that send, are killed and send again, and a reader of what comes out.
//! What is compared is the same for the engine and for the ancestor's design; so what passes here would have been seen to
//! fail.

mod came;
mod children;
mod engine;
mod journal;
mod mail;
mod naive;
mod part;
mod pickup;
mod sendmail;
mod sends;
mod verdict;
mod writer;

use std::{
    io::{self, Read},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use came::{Came, Mailboxes, Reads};
use children::{clock_library, Children};
use journal::Followed;
use mail::MailId;
pub use part::SUBCOMMAND;
use part::{Kind, Part};

use crate::{arguments::Arguments, draw::chance, Shown};

/// Mails of each thread, where the command line says nothing.
const MAILS: usize = 400;
const KILLS: usize = 24;
const THREADS: usize = 4;
/// Nothing has changed for so long: somebody is stuck.
const STUCK: Duration = Duration::from_secs(120);
const LOOKS: Duration = Duration::from_millis(10);

/// How the harness itself fails.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Runs the stress program.
///
/// # Errors
/// The harness could not work.
pub fn run(arguments: &Arguments) -> Result<Shown, String> {
    drive(arguments).map_err(|problem| problem.to_string())
}

/// Runs one of its processes.
///
/// # Errors
/// It could not do its part.
pub fn play(words: impl Iterator<Item = String>) -> Result<(), String> {
    let part = Part::read(words).ok_or("this subcommand is for the program itself")?;
    let played = match part.kind {
        Kind::Engine => engine::serve(&part),
        Kind::Client => end_with_the_harness().and_then(|()| sends::serve(&part)),
        Kind::Pickup => end_with_the_harness().and_then(|()| pickup::serve(&part)),
        Kind::Sendmail => end_with_the_harness().and_then(|()| sendmail::serve(&part)),
        Kind::Naive => end_with_the_harness().and_then(|()| naive::serve(&part)),
    };
    played.map_err(|problem| format!("process {}: {problem}", part.process))
}

fn end_with_the_harness() -> Result<(), Problem> {
    thread::Builder::new().spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(2);
    })?;
    Ok(())
}

/// What is known while it runs.
struct Run {
    children: Children,
    /// Of each process, and how many threads each has.
    kinds: Vec<Kind>,
    threads: usize,
    journals: Vec<Followed>,
    reader: Box<dyn Reads>,
    came: Vec<Came>,
    begin: Instant,
    /// What was seen last, and when it was new.
    last: ((usize, usize), Instant),
    told: u64,
}

fn drive(arguments: &Arguments) -> Result<Shown, Problem> {
    let folder = tempfile::tempdir()?;
    let parts = parts(arguments, folder.path());
    let first = parts.first().ok_or("there is no process")?.clone();
    let reader: Box<dyn Reads> = match arguments.naive {
        true => Box::new(naive::Service(naive::folder(&first))),
        false => Box::new(Mailboxes(engine::mailboxes(&first))),
    };
    if !arguments.naive {
        engine::prepare(&first)?;
    }
    if parts.iter().any(|part| part.kind == Kind::Sendmail) {
        sendmail::install(&first, arguments.postrider.clone())?;
    }
    let kinds = parts.iter().map(|part| part.kind).collect();
    let clock = clock_library().filter(|_| !arguments.naive);
    if !arguments.naive {
        println!("the engine's clock stands still; {}", said_of(clock.is_some()));
    }
    let children = Children::start(parts, clock)?;
    let journals = Followed::all(folder.path(), first.writers());
    let begin = Instant::now();
    let mut run = Run {
        children,
        kinds,
        threads: first.threads,
        journals,
        reader,
        came: Vec::new(),
        begin,
        last: ((0, 0), begin),
        told: 0,
    };
    // Who kills the ancestor's writers proves nothing about its names.
    let kills = arguments.kills.unwrap_or(if arguments.naive { 0 } else { KILLS });
    run.go_on(&moments(kills, first.all_mails()))?;
    Ok(run.shown(arguments))
}

fn parts(arguments: &Arguments, folder: &Path) -> Vec<Part> {
    let Arguments { processes, time, naive, .. } = *arguments;
    let threads = arguments.threads.unwrap_or(THREADS);
    let mails = arguments.mails.unwrap_or(MAILS);
    let kind = |process| match process {
        _ if naive => Kind::Naive,
        0 => Kind::Engine,
        _ => Kind::OTHERS[(process - 1) % Kind::OTHERS.len()],
    };
    let part =
        |process| Part { kind: kind(process), folder: folder.to_owned(), process, processes, threads, mails, time };
    (0..processes).map(part).collect()
}

fn said_of(everywhere: bool) -> &'static str {
    match everywhere {
        true => "so does that of its machine for all processes (faketime)",
        false => "that of the machine goes on (faketime is not installed)",
    }
}

/// After how many answers somebody is killed: at random, while most is still to be sent.
fn moments(kills: usize, mails: usize) -> Vec<usize> {
    let mut moments: Vec<usize> = (0..kills).map(|_| chance(mails as u64 * 9 / 10) as usize).collect();
    moments.sort_unstable();
    moments
}

impl Run {
    /// Until all is sent, and has come out.
    fn go_on(&mut self, kills: &[usize]) -> Result<(), Problem> {
        let mut kills = kills.iter().peekable();
        while !self.children.are_gone() {
            thread::sleep(LOOKS);
            self.look()?;
            if self.children.is_without_engine {
                self.begin_engine()?;
            } else if self.children.have_written() {
                self.children.finish();
            } else if kills.next_if(|answers| **answers <= self.taken()).is_some() {
                self.children.kill_one()?;
            }
        }
        self.look()
    }

    /// As soon as somebody has done without it.
    fn begin_engine(&mut self) -> Result<(), Problem> {
        match self.children.has(Kind::Sendmail) && self.waits() == 0 {
            true => Ok(()),
            false => self.children.begin_engine(),
        }
    }

    fn look(&mut self) -> Result<(), Problem> {
        self.children.look_after()?;
        self.reader.read(&mut self.came)?;
        self.journals.iter_mut().try_for_each(Followed::follow)?;
        let seen = (self.journals.iter().map(|journal| journal.begun).sum(), self.came.len());
        if seen != self.last.0 {
            self.last = (seen, Instant::now());
        } else if self.last.1.elapsed() > STUCK {
            return Err(self.stuck().into());
        }
        let seconds = self.begin.elapsed().as_secs();
        if seconds > self.told {
            self.told = seconds;
            let (engine, others) = self.children.killed;
            println!(
                "{seconds} s: {} begun, {} answered, {} came out, {} kills",
                seen.0,
                self.taken(),
                seen.1,
                engine + others
            );
        }
        Ok(())
    }

    /// Where everything is, when nothing goes on any more.
    fn stuck(&self) -> String {
        let differences = verdict::judge(&self.journals, &self.came);
        format!("nothing goes on any more: {}; {}", differences.told(), self.children.state())
    }

    fn waits(&self) -> usize {
        self.journals.iter().map(|journal| journal.waits).sum()
    }

    fn taken(&self) -> usize {
        self.journals.iter().map(|journal| journal.taken).sum()
    }

    fn shown(&self, arguments: &Arguments) -> Shown {
        let differences = verdict::judge(&self.journals, &self.came);
        let passed = differences.sum() == 0;
        let name = if arguments.naive { "naive" } else { "q181697" };
        if !passed || arguments.naive {
            return Shown { line: format!("{name}: {}", differences.told()), passed };
        }
        let ((engine, others), took) = (self.children.killed, self.begin.elapsed());
        self.print_ways(&differences.open);
        let line = format!(
            "{name}: {} mails of {} processes with {} threads each, {engine} kills of the engine and {others} of others, in \
             {:.1} s: each mail that was answered came out once, as it was sent",
            differences.mails,
            arguments.processes,
            arguments.threads.unwrap_or(THREADS),
            took.as_secs_f64()
        );
        Shown { line, passed }
    }

    /// How many were sent by which way, and of how many nobody heard an answer.
    fn print_ways(&self, open: &[(MailId, bool)]) {
        for kind in [Kind::Engine].iter().chain(&Kind::OTHERS) {
            let is_its = |writer: usize| self.kinds.get(writer / self.threads) == Some(kind);
            let journals: Vec<_> =
                self.journals.iter().enumerate().filter(|(writer, _)| is_its(*writer)).map(|(_, its)| its).collect();
            let open: Vec<_> = open.iter().filter(|(id, _)| is_its(id.writer as usize)).collect();
            println!(
                "{:8} {} begun, {} answered; not answered and not sent again: {}, of which {} came out",
                kind.way(),
                journals.iter().map(|journal| journal.begun).sum::<usize>(),
                journals.iter().map(|journal| journal.taken).sum::<usize>(),
                open.len(),
                open.iter().filter(|(_, came)| *came).count(),
            );
        }
        println!("while the engine was down {} calls of sendmail went to the pickup folder", self.waits());
    }
}
