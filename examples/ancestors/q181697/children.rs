//! The processes: this program, started again with a part to play. They are killed at random, with whatever they have
//! started, and started again.
//!
//! Rule: whoever ends otherwise than by our hand, and not well, ends the harness. None outlives it.

use std::{
    fs,
    io::Write,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{kill_process_group, Pid, Signal};

use super::{
    engine::{files, FINISH, STOPPED_AT_IN_WORDS},
    part::{Kind, Part},
    Problem,
};
use crate::draw::chance;

/// For so many milliseconds at most there is nobody after a kill.
const AWAY: u64 = 100;
/// So long it is waited for a moment in which files become mails.
const TAKES: Duration = Duration::from_millis(600);

/// All of them.
pub struct Children {
    all: Vec<(Part, Option<Child>)>,
    begin: Instant,
    clock: Option<PathBuf>,
    /// There was no engine yet.
    pub is_without_engine: bool,
    /// Kills of the engine's process, and of others.
    pub killed: (usize, usize),
}

impl Children {
    /// Starts all but the engine. `clock`: the library that stops the clock of a process.
    pub fn start(parts: Vec<Part>, clock: Option<PathBuf>) -> Result<Self, Problem> {
        let all = parts.into_iter().map(|part| (part, None)).collect();
        let mut children = Children { all, begin: Instant::now(), clock, is_without_engine: false, killed: (0, 0) };
        for at in 0..children.all.len() {
            match children.all[at].0.kind {
                Kind::Engine => children.is_without_engine = true,
                _ => children.begin(at)?,
            }
        }
        Ok(children)
    }

    /// Starts the engine for the first time.
    pub fn begin_engine(&mut self) -> Result<(), Problem> {
        self.is_without_engine = false;
        self.all.iter().position(|(part, _)| part.kind == Kind::Engine).map_or(Ok(()), |at| self.begin(at))
    }

    /// There are processes of this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.all.iter().any(|(part, _)| part.kind == kind)
    }

    fn begin(&mut self, at: usize) -> Result<(), Problem> {
        let (part, child) = &mut self.all[at];
        let mut command = Command::new(std::env::current_exe()?);
        command.args(part.words(self.begin)).stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        if let Some(library) = self.clock.as_ref().filter(|_| part.kind != Kind::Naive) {
            command.env("LD_PRELOAD", library).env("FAKETIME", STOPPED_AT_IN_WORDS);
            // Timers go on, and files have the times that the system gives them.
            command.envs([("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1")]);
        }
        *child = Some(command.spawn()?);
        Ok(())
    }

    /// Whoever has come to its end is gone.
    pub fn look_after(&mut self) -> Result<(), Problem> {
        for (part, child) in &mut self.all {
            if let Some(status) = child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                *child = None;
                ended(part, status)?;
            }
        }
        Ok(())
    }

    /// No process has anything left to send.
    pub fn have_written(&self) -> bool {
        let has_written =
            |part: &Part, child: &Option<Child>| child.is_none() || part.kind == Kind::Engine && part.done().exists();
        !self.is_without_engine && self.all.iter().all(|(part, child)| has_written(part, child))
    }

    pub fn are_gone(&self) -> bool {
        !self.is_without_engine && self.all.iter().all(|(_, child)| child.is_none())
    }

    /// Whoever waits for that comes to its end.
    pub fn finish(&mut self) {
        for child in self.all.iter_mut().filter_map(|(_, child)| child.as_mut()) {
            if let Some(mut stdin) = child.stdin.take() {
                let _ = stdin.write_all(FINISH.as_bytes()); // it may have ended
            }
        }
    }

    /// Kills one of those who live, every second time the engine, and starts it again.
    pub fn kill_one(&mut self) -> Result<(), Problem> {
        let Some(at) = self.somebody() else { return Ok(()) };
        let (part, child) = &mut self.all[at];
        if part.kind == Kind::Engine && chance(2) == 0 {
            wait_for_a_removal(part);
        }
        if let Some(mut child) = child.take() {
            kill(&child);
            let status = child.wait()?;
            match (status.signal().is_some(), part.kind) {
                (true, Kind::Engine) => self.killed.0 += 1,
                (true, _) => self.killed.1 += 1,
                (false, _) => return ended(part, status), // it was faster
            }
        }
        thread::sleep(Duration::from_millis(chance(AWAY)));
        self.begin(at)
    }

    /// Who is there, and what lies in the folder that they have in common.
    pub fn state(&self) -> String {
        let alive: Vec<&str> =
            self.all.iter().filter(|(_, child)| child.is_some()).map(|(part, _)| part.kind.way()).collect();
        let Some((part, _)) = self.all.first() else { return "there is nobody".into() };
        let refused = fs::read_to_string(part.refused()).unwrap_or_else(|_| "nothing".into());
        let count = |folder| files(folder).map_or_else(|error| error.to_string(), |count| count.to_string());
        let folder = part.pickup();
        format!(
            "there are {}{}; {} files wait in the pickup folder, {} are claimed; sendmail refused at last with: {}",
            alive.join(", "),
            if self.is_without_engine { ", and no engine yet" } else { "" },
            count(&folder),
            count(&part.claims()),
            refused.trim()
        )
    }

    fn somebody(&self) -> Option<usize> {
        let alive = |is_engine: bool| {
            let all = self.all.iter().enumerate().filter(|(_, (_, child))| child.is_some());
            all.filter(|(_, (part, _))| (part.kind == Kind::Engine) == is_engine).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let (engines, others) = (alive(true), alive(false));
        let among = if others.is_empty() || !engines.is_empty() && chance(2) == 0 { engines } else { others };
        among.get(chance(among.len() as u64) as usize).copied()
    }
}

/// Between the moment in which the mails of some files are on disk and that in which the last of these is gone lies little time:
/// every second time the engine is killed in it.
fn wait_for_a_removal(part: &Part) {
    let (begin, mut most) = (Instant::now(), 0);
    while begin.elapsed() < TAKES {
        let claims = files(&part.claims()).unwrap_or(0); // it may not be there yet
        if 0 < claims && claims < most {
            return;
        }
        most = claims;
        thread::sleep(Duration::from_micros(50));
    }
}

/// With whatever it has started. Until it is waited for, nobody else has its number.
fn kill(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL); // it may have ended
}

/// By itself.
fn ended(part: &Part, status: ExitStatus) -> Result<(), Problem> {
    match status.success() {
        true => Ok(()),
        false => Err(format!("process {} ended with {status}", part.process).into()),
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in self.all.iter_mut().filter_map(|(_, child)| child.as_mut()) {
            kill(child);
            let _ = child.wait();
        }
    }
}

/// The library of Debian's package `faketime`, if it is installed.
pub fn clock_library() -> Option<PathBuf> {
    let folders = [format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH), "/usr/lib64".into(), "/usr/lib".into()];
    let all = folders.iter().map(|folder| Path::new(folder).join("faketime/libfaketimeMT.so.1"));
    all.into_iter().find(|library| library.exists())
}
