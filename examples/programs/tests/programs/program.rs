//! An example as a process: started, asked what it said, ended by a signal. It never outlives its test.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{kill_process, Pid, Signal};

/// Far above what any step takes on a busy machine; a test that waits so long has failed.
pub const LONG: Duration = Duration::from_secs(60);

/// Asks until the answer is yes, and says whether it came in time.
pub fn within(time: Duration, mut ask: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !ask() {
        if begin.elapsed() > time {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

/// The example of this name; cargo builds it for these tests.
fn example(name: &str) -> &'static str {
    match name {
        "outbox" => env!("CARGO_BIN_EXE_outbox"),
        "with_a_thread" => env!("CARGO_BIN_EXE_with_a_thread"),
        "with_actix_web" => env!("CARGO_BIN_EXE_with_actix_web"),
        "with_axum" => env!("CARGO_BIN_EXE_with_axum"),
        _ => panic!("there is no example {name}"),
    }
}

/// A program that runs.
pub struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    log: File,
}

impl Program {
    pub fn start<T: AsRef<str>>(name: &str, arguments: &[T]) -> Self {
        let mut command = Command::new(example(name));
        let log = tempfile::tempfile().expect("there is room for a log");
        let to_log = log.try_clone().expect("a file has two handles");
        command.args(arguments.iter().map(AsRef::as_ref)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(to_log);
        let mut child = command.spawn().expect("it can be started");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Program { child, output, log }
    }

    /// The next line of what it says that begins so, without that; panics if there is none before its end.
    pub fn says(&mut self, begin: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("it is text") > 0 {
            if let Some(rest) = line.trim_end().strip_prefix(begin) {
                return rest.to_owned();
            }
            line.clear();
        }
        panic!("it ended ({:?}) and never said {begin:?}\n{}", self.child.wait(), self.log());
    }

    fn log(&mut self) -> String {
        let mut log = String::new();
        let read = self.log.rewind().and_then(|()| self.log.read_to_string(&mut log));
        read.map(|_| log).expect("the log is text")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is there");
    }

    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// How it ends, and what it says until then that nobody asked for before.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let in_time = within(LONG, || !self.runs());
        assert!(in_time, "it does not end\n{}", self.log());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("it is text");
        let status = self.child.wait().expect("it has ended");
        if status.code().is_some_and(|code| code != 0) {
            rest += &self.log();
        }
        (status, rest)
    }

    /// Asked to end by this signal it does, in order.
    pub fn ends_in_order_by(self, signal: Signal) {
        self.signal(signal);
        let (status, said) = self.ended();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(said.ends_with("Drained\n"), "{said}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
