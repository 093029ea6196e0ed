//! A folder with the settings, the spool and the log of one daemon: it is started there as often as a test likes.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use super::process::Daemon;

/// Where one daemon lives.
pub struct Home {
    folder: TempDir,
    spool: PathBuf,
}

/// A route in TOML: this domain goes to this port of 127.0.0.1.
pub fn route(domain: &str, port: u16, more: &str) -> String {
    format!("[[route]]\ndomain = \"{domain}\"\nto = [\"127.0.0.1:{port}\"]\n{more}\n")
}

impl Home {
    /// A home whose daemon has these lines in `[spool]`, and these sections and routes.
    pub fn new(spool: &str, rest: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("spool");
        Home { folder, spool: path }.with(spool, rest)
    }

    /// The same with the spool in this folder.
    pub fn with_spool_in(folder: &Path, spool: &str, rest: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        Home { folder: home, spool: folder.to_owned() }.with(spool, rest)
    }

    fn with(self, spool: &str, rest: &str) -> Self {
        let folder = self.spool.display();
        let text = format!(
            "hostname = \"postrider.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
             [spool]\nfolder = \"{folder}\"\n{spool}\n{rest}\n"
        );
        self.settings(&text);
        self
    }

    /// Writes the whole file of settings anew.
    pub fn settings(&self, text: &str) {
        fs::write(self.config(), text).expect("the settings can be written");
    }

    /// The file of settings.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("settings.toml")
    }

    /// A place for whatever else the test writes.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the mail is.
    pub fn spool(&self) -> &Path {
        &self.spool
    }

    /// What all daemons of this home have logged.
    pub fn log(&self) -> String {
        let log = fs::read(self.path("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// The last lines of the log, for messages of failed tests.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    fn log_file(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.path("log")).expect("the log can be written")
    }

    /// Starts the daemon and waits until it says that it is ready.
    pub fn start(&self) -> Daemon {
        self.start_under(&[])
    }

    /// The same below another program, such as strace.
    pub fn start_under(&self, wrapper: &[&str]) -> Daemon {
        let mut command = match wrapper {
            [] => serve(),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(daemon()).arg("serve");
                command
            }
        };
        forget_settings(&mut command);
        command.arg("--config").arg(self.config()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(self.log_file());
        Daemon::spawn(command, !wrapper.is_empty()).unwrap_or_else(|why| panic!("{why}\n{}", self.log_tail()))
    }

    /// Starts it without a file of settings, in this home's folder, on a port that the system chooses.
    pub fn start_without_settings(&self) -> Daemon {
        let mut command = serve();
        forget_settings(&mut command);
        command.env("POSTRIDER_LISTEN__SOCKETS", "127.0.0.1:0").env("POSTRIDER_HOSTNAME", "post.example");
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(self.log_file());
        Daemon::spawn(command, false).unwrap_or_else(|why| panic!("{why}\n{}", self.log_tail()))
    }

    /// A call of sendmail for the daemon of this home.
    pub fn sendmail(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(daemon());
        forget_settings(&mut command);
        command.args(["sendmail", "-C"]).arg(self.config()).args(arguments);
        command
    }

    /// Runs a daemon that is expected to end by itself.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = serve();
        forget_settings(&mut command);
        command.arg("--config").arg(self.config()).args(arguments).stdin(Stdio::null());
        command.output().expect("the daemon can be started")
    }
}

/// A daemon under test takes its settings from its file alone, whatever is exported where the tests are started.
fn forget_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POSTRIDER_")) {
        command.env_remove(name);
    }
}

/// The command that starts the daemon.
fn serve() -> Command {
    let mut command = Command::new(daemon());
    command.arg("serve");
    command
}

/// The daemon of this test's profile. `cargo test --test NAME` does not build it: `cargo build --package postrider-cli` does.
pub fn daemon() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let profile = test.parent().and_then(Path::parent).expect("it lies in the folder `deps` of its profile");
    let daemon = profile.join("postrider");
    assert!(daemon.exists(), "{} is missing: cargo build --package postrider-cli", daemon.display());
    daemon
}
