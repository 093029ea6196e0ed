//! One running daemon: its signals, its exit code, its memory. It never outlives its test.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command},
    time::{Duration, Instant},
};

use rustix::process::{kill_process, Pid, Signal};

use super::within;

/// A daemon that is ready.
pub struct Daemon {
    child: Child,
    /// The daemon itself; the child may be a program around it.
    pid: Pid,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it was ready.
    pub opened_in: Duration,
    /// Kept open: a daemon that prints must not die of it.
    _output: BufReader<ChildStdout>,
}

impl Daemon {
    /// Starts it and waits for the line that says where it listens.
    pub fn spawn(mut command: Command, wrapped: bool) -> Result<Self, String> {
        let begin = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).map_err(|error| error.to_string())?;
        let Some(address) = line.trim().strip_prefix("postrider is ready on ").and_then(|a| a.parse().ok()) else {
            let ended = child.wait();
            return Err(format!("the daemon did not start ({ended:?}); it said {line:?}"));
        };
        let pid = if wrapped { only_child_of(&child) } else { Pid::from_child(&child) };
        Ok(Daemon { child, pid, address, opened_in: begin.elapsed(), _output: output })
    }

    /// The number of its process.
    pub fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// The end without a warning.
    pub fn kill(mut self) {
        self.kill_both();
    }

    fn kill_both(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(self.pid, Signal::KILL);
            let wrapper_ends = within(Duration::from_secs(2), || !matches!(self.child.try_wait(), Ok(None)));
            if !wrapper_ends {
                let _ = self.child.kill();
            }
        }
        let _ = self.child.wait();
        // A program around it may be gone before it is; only then its spool is free.
        within(Duration::from_secs(10), || is_gone(self.pid));
    }

    /// The signal of an orderly end.
    pub fn terminate(&self) {
        kill_process(self.pid, Signal::TERM).expect("the daemon is there");
    }

    /// The signal to read the settings again.
    pub fn hang_up(&self) {
        kill_process(self.pid, Signal::HUP).expect("the daemon is there");
    }

    /// Whether it is still running.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The exit code, if it ends in this time.
    pub fn wait(&mut self, time: Duration) -> Option<i32> {
        within(time, || !self.runs());
        self.child.try_wait().expect("it can be waited for").and_then(|status| status.code())
    }

    /// SIGTERM, and the exit code that follows.
    pub fn drain(mut self) -> Option<i32> {
        self.terminate();
        self.wait(Duration::from_secs(40))
    }

    /// Octets of memory that it occupies (`VmRSS`).
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.id());
        let status = fs::read_to_string(path).expect("the daemon runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a process has memory");
        let kib = line.split_ascii_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        kib.expect("VmRSS is a number of KiB") * 1024
    }
}

/// Nothing of the process is left but what its parent has not fetched yet.
fn is_gone(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.map_or(true, |stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X'])))
}

fn only_child_of(child: &Child) -> Pid {
    let path = format!("/proc/{0}/task/{0}/children", child.id());
    let children = fs::read_to_string(path).expect("the program around the daemon runs");
    let pid = children.split_ascii_whitespace().next().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
    pid.expect("the program around the daemon has it as its child")
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill_both();
    }
}
