//! A daemon in a folder of its own, with a socket for programs. It never outlives its test.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::run::{ended, postrider, Ended};

/// How long anything that a test waits for may take.
pub const SOON: Duration = Duration::from_secs(20);

/// A daemon that is ready.
pub struct Daemon {
    /// `None`: it is stopped.
    child: Option<(Child, BufReader<ChildStdout>)>,
    folder: TempDir,
    /// Where it takes mail by SMTP.
    pub address: SocketAddr,
}

impl Daemon {
    /// Starts one with these lines behind the usual settings: sections of their own.
    pub fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let within = |name: &str| folder.path().join(name);
        let text = format!(
            "hostname = \"postrider.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = {:?}\n\
             [send]\nsocket = {:?}\nsocket_mode = \"0666\"\n{more}\n",
            within("spool"),
            within("socket"),
        );
        fs::write(within("settings.toml"), text).expect("the settings can be written");
        let mut daemon = Daemon { child: None, folder, address: SocketAddr::from(([0, 0, 0, 0], 0)) };
        daemon.start_again();
        daemon
    }

    /// Starts it once more, on what it has left.
    pub fn start_again(&mut self) {
        let log = File::options().create(true).append(true).open(self.path("log")).expect("the log can be written");
        let mut command = postrider(&["serve"]);
        command.arg("--config").arg(self.settings()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().expect("the command can be started");
        let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it says something");
        let address = line.trim().strip_prefix("postrider is ready on ").and_then(|address| address.parse().ok());
        self.child = Some((child, output));
        self.address = address.unwrap_or_else(|| panic!("it said {line:?}\n{}", self.log()));
    }

    /// A file of this daemon's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its file of settings.
    pub fn settings(&self) -> PathBuf {
        self.path("settings.toml")
    }

    /// Its socket for programs.
    pub fn socket(&self) -> PathBuf {
        self.path("socket")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.path("log")).unwrap_or_default()).into_owned()
    }

    /// The command, told by its settings where this daemon is.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = postrider(arguments);
        command.env("POSTRIDER_CONFIG", self.settings());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(&mut self.command(arguments))
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        if let Some((mut child, _)) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Asks until there is something.
pub fn until<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begin.elapsed() < SOON, "{what}: it did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
