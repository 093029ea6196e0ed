//! A daemon in a folder of its own, and the built command beside it. It never outlives its test.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long anything that a test waits for may take.
const SOON: Duration = Duration::from_secs(20);

/// How a command has ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the command to its end, with nothing of what is exported where the tests are started.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ended {
    let output = postrider().args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn postrider() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrider"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POSTRIDER_")) {
        command.env_remove(name);
    }
    command
}

/// A place for a daemon, where mail for `gone.example` fails.
pub struct Daemon {
    /// `None`: it is stopped.
    child: Option<(Child, BufReader<ChildStdout>)>,
    folder: TempDir,
    address: SocketAddr,
}

impl Daemon {
    /// One that was never started.
    pub fn stopped() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let within = |name: &str| folder.path().join(name);
        let text = format!(
            "hostname = \"postrider.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = {:?}\n\
             [maildir]\nusers = \"any\"\nfolder = {:?}\n[send]\nsocket = {:?}\n\
             [[route]]\ndomain = \"localhost\"\nto = \"maildir\"\n[[route]]\ndomain = \"gone.example\"\nerror = \"550 5.1.1 nobody\"\n",
            within("spool"),
            within("mail/{user}"),
            within("socket"),
        );
        fs::write(within("settings.toml"), text).unwrap();
        Daemon { child: None, folder, address: SocketAddr::from(([0, 0, 0, 0], 0)) }
    }

    /// One that is ready.
    pub fn start() -> Self {
        let mut daemon = Daemon::stopped();
        let log = File::create(daemon.path("log")).unwrap();
        let mut command = postrider();
        command.arg("serve").arg("--config").arg(daemon.path("settings.toml")).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("postrider is ready on ").and_then(|address| address.parse().ok());
        daemon.child = Some((child, output));
        let log = || fs::read_to_string(daemon.path("log")).unwrap_or_default();
        daemon.address = address.unwrap_or_else(|| panic!("it said {line:?}\n{}", log()));
        daemon
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder with bad mail.
    pub fn badmail(&self) -> PathBuf {
        self.path("spool/badmail")
    }

    /// `postrider badmail` with the settings of this daemon.
    pub fn run(&self, what: &str, arguments: &[&str]) -> Ended {
        let settings = self.path("settings.toml");
        run(["badmail", what, "--config", settings.to_str().unwrap()].iter().chain(arguments))
    }

    /// Gives it a mail from the null sender by SMTP.
    pub fn mail_from_nobody(&self, to: &[&str], mail: &str) {
        let stream = TcpStream::connect(self.address).unwrap();
        let (mut replies, mut stream) = (BufReader::new(stream.try_clone().unwrap()), stream);
        let mut commands = vec!["HELO test.example".to_owned(), "MAIL FROM:<>".to_owned()];
        commands.extend(to.iter().map(|to| format!("RCPT TO:<{to}>")));
        commands.extend(["DATA".to_owned(), format!("{mail}."), "QUIT".to_owned()]);
        let mut reply = String::new();
        replies.read_line(&mut reply).unwrap();
        for command in commands {
            write!(stream, "{command}\r\n").unwrap();
            reply.clear();
            replies.read_line(&mut reply).unwrap();
            assert!(reply.starts_with(['2', '3']), "{command}: {reply}");
        }
    }

    /// The mails in the mailbox of this user.
    pub fn mailbox(&self, user: &str) -> Vec<String> {
        let new = self.path("mail").join(user).join("new");
        files(&new).iter().map(|name| fs::read_to_string(new.join(name)).unwrap()).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The names of the files in a folder, sorted; none if there is none.
pub fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
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
