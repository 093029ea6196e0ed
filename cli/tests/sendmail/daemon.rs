//! A daemon in a folder of its own that puts all mail into a drop folder, and calls of sendmail beside it. The tests of pickup
//! folders use it too.
#![allow(dead_code)] // each test target uses its part

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{kill_process, Pid, Signal};
use tempfile::TempDir;

/// How long anything that a test waits for may take.
const SOON: Duration = Duration::from_secs(30);

/// Where one daemon lives. It never outlives its test.
pub struct Home {
    folder: TempDir,
    child: Option<Child>,
}

/// A call that has ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |octets| String::from_utf8(octets).unwrap();
        Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Home {
    /// A home in which nobody runs, with these lines of settings at the end.
    pub fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { folder, child: None };
        fs::create_dir(home.path("drop")).unwrap();
        fs::create_dir(home.path("pickup")).unwrap();
        let text = format!(
            "hostname = \"h.example\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = {:?}\nsegment_size = \"8 MiB\"\n\
             [send]\nsocket = {:?}\n[[route]]\ndomain = \"*\"\nto = \"drop:{}\"\n{more}\n",
            home.path("spool"),
            home.path("socket"),
            home.path("drop").display(),
        );
        fs::write(home.path("settings.toml"), text).unwrap();
        home
    }

    /// The same, and its daemon runs.
    pub fn started(more: &str) -> Self {
        let mut home = Home::new(more);
        home.start();
        home
    }

    /// The same with a pickup folder, which is there before the daemon is.
    pub fn with_pickup() -> Self {
        Home::with_pickup_and("scan = \"200 ms\"\n")
    }

    /// The same, with these keys of it, and what else there is.
    pub fn with_pickup_and(more: &str) -> Self {
        let home = Home::new("");
        home.set(&format!("[[pickup]]\nfolder = {:?}\n{more}", home.path("pickup")));
        home
    }

    /// Adds lines to its settings.
    pub fn set(&self, more: &str) {
        let text = fs::read_to_string(self.path("settings.toml")).unwrap();
        fs::write(self.path("settings.toml"), text + more).unwrap();
    }

    /// Starts the daemon, and waits until it takes mail from programs.
    pub fn start(&mut self) {
        self.child = Some(self.spawn());
    }

    /// The same; whoever gets it ends it.
    pub fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrider"));
        command.arg("serve").arg("--config").arg(self.path("settings.toml")).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let ready = output.by_ref().lines().map_while(Result::ok).any(|line| line.starts_with("for programs on"));
        std::thread::spawn(move || output.lines().count()); // it says more
        assert!(ready, "{}", self.log());
        child
    }

    /// Interrupts it as a terminal does, and says with which code it ends.
    pub fn interrupt(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let begin = Instant::now();
        while begin.elapsed() < SOON && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap().code()
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The last lines of it that are not about one mail.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains(" INFO ")).collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// The command under this name, told where the daemon is.
    pub fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("POSTRIDER_CONFIG", self.path("settings.toml"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `postrider sendmail` with this on its standard input.
    pub fn send(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ended {
        let all: Vec<_> = ["sendmail"].iter().chain(arguments).copied().collect();
        call(self.command(Path::new(env!("CARGO_BIN_EXE_postrider")), &all), input.as_ref())
    }

    /// All mails that were delivered, in no order, as soon as there are so many.
    pub fn delivered(&self, count: usize) -> Vec<String> {
        self.octets(count).into_iter().map(|mail| String::from_utf8(mail).unwrap().replace("\r\n", "\n")).collect()
    }

    /// The same as they are on disk.
    pub fn octets(&self, count: usize) -> Vec<Vec<u8>> {
        let begin = Instant::now();
        loop {
            let mails = mails(&self.path("drop"));
            if mails.len() >= count {
                return mails.iter().map(|mail| fs::read(mail).unwrap()).collect();
            }
            assert!(begin.elapsed() < SOON, "{} of {count} came\n{}", mails.len(), self.log_tail());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The only mail that was delivered.
    pub fn mail(&self) -> String {
        let mut mails = self.delivered(1);
        assert_eq!(mails.len(), 1);
        mails.remove(0)
    }

    /// Files that wait in the pickup folder.
    pub fn waiting(&self) -> Vec<String> {
        mails(&self.path("pickup")).iter().map(|file| fs::read_to_string(file).unwrap().replace("\r\n", "\n")).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Complete files of a folder.
pub fn mails(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|name| name == "eml") && file.is_file()).collect()
}

/// Runs a command to its end. It may end before it has read all.
pub fn call(mut command: Command, input: &[u8]) -> Ended {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || drop(stdin.write_all(input)));
        Ended::from(child.wait_with_output().unwrap())
    })
}
