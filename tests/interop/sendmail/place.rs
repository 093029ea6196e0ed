//! A daemon that drops all mail into a folder, and `postrider` beside it under the name `sendmail`.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::{symlink, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::daemon::{
    home::{daemon, Home},
    process::Daemon,
    within,
};

/// One mail of the drop folder.
#[derive(Debug)]
pub struct Dropped {
    /// Of the envelope.
    pub sender: String,
    /// Of the envelope, sorted.
    pub receivers: Vec<String>,
    /// All behind the lines of the envelope, with CRLF.
    pub content: String,
}

/// How a program has ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Where one daemon lives, and the programs that send through it.
pub struct Place {
    pub home: Home,
    daemon: Option<Daemon>,
}

impl Place {
    /// A daemon that runs, with these sections of settings.
    pub fn start(more: &str) -> Self {
        let home = Home::new("", "");
        let place = |name: &str| home.path(name).display().to_string();
        let text = format!(
            "hostname = \"h.example\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = \"{}\"\nsegment_size = \"4 MiB\"\n\
             [send]\nsocket = \"{}\"\nsocket_mode = \"0666\"\n[[route]]\ndomain = \"*\"\nto = \"drop:{}\"\n{more}\n",
            place("spool"),
            place("socket"),
            place("drop"),
        );
        home.settings(&text);
        // Whoever is not root reads the settings and writes to the socket.
        fs::set_permissions(home.path(""), Permissions::from_mode(0o711)).expect("the folder is ours");
        ["drop", "bin", "pickup", "own"].iter().for_each(|name| fs::create_dir(home.path(name)).expect("it is new"));
        symlink(daemon(), home.path("bin/sendmail")).expect("it is new");
        let daemon = Some(home.start());
        Place { home, daemon }
    }

    /// The command under its old name.
    pub fn sendmail(&self) -> String {
        self.home.path("bin/sendmail").display().to_string()
    }

    /// The sender of mail for which nobody names one: who runs the tests.
    pub fn caller(&self) -> String {
        format!("{}@h.example", self.run("id", &["-un"], "").out.trim())
    }

    /// Where it takes mail by SMTP.
    pub fn port(&self) -> u16 {
        self.daemon.as_ref().expect("it runs").address.port()
    }

    /// Ends the daemon.
    pub fn stop(&mut self) {
        assert_eq!(self.daemon.take().and_then(Daemon::drain), Some(0), "{}", self.home.log_tail());
    }

    /// A program whose home is a folder of its own, and that finds our sendmail first and the settings of the daemon.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", self.home.path("bin").display());
        command.env_clear().env("PATH", path).env("HOME", self.home.path("own")).env("LC_ALL", "C.UTF-8");
        command.env("POSTRIDER_CONFIG", self.home.config()).env("LOGNAME", "me").env("USER", "me");
        command.current_dir(self.home.path("own"));
        command
    }

    /// Runs a program to its end with this input.
    pub fn run(&self, program: &str, arguments: &[&str], input: impl AsRef<[u8]>) -> Ended {
        let mut command = self.command(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|_| panic!("{program} is not installed (see .ci/packages)"));
        let _ = child.stdin.take().expect("its input is a pipe").write_all(input.as_ref()); // it may read nothing
        let output = child.wait_with_output().expect("it ends");
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let code = output.status.code().expect("it ends by itself");
        Ended { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// All that was dropped, as soon as there are so many mails.
    pub fn mails(&self, count: usize) -> Vec<Dropped> {
        let files = || {
            let all =
                fs::read_dir(self.home.path("drop")).expect("it can be read").map(|file| file.expect("a file").path());
            all.filter(|path| path.extension().is_some_and(|ext| ext == "eml")).collect::<Vec<_>>()
        };
        let came = within(Duration::from_secs(30), || files().len() >= count);
        assert!(came, "{} of {count} came\n{}", files().len(), self.home.log_tail());
        files().iter().map(|file| Dropped::read(file)).collect()
    }

    /// The only one.
    pub fn mail(&self) -> Dropped {
        let mut mails = self.mails(1);
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// Nothing was sent.
    pub fn has_no_mail(&self) -> bool {
        self.mails(0).is_empty()
    }

    /// Writes a file into the own folder of the programs, and says where it is.
    pub fn file(&self, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path("own").join(name);
        fs::write(&path, octets).expect("the folder is ours");
        path
    }
}

impl Dropped {
    fn read(file: &Path) -> Self {
        let text = String::from_utf8(fs::read(file).expect("it can be read")).expect("all that is sent here is UTF-8");
        let bare = text.replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n']), "not all lines end with CRLF: {text}");
        let (mut sender, mut receivers, mut length) = (None, Vec::new(), 0);
        for line in text.split_inclusive("\r\n") {
            match line.trim_end().split_once(": ") {
                Some(("x-sender", address)) => assert!(sender.replace(address.to_owned()).is_none(), "{text}"),
                Some(("x-receiver", address)) => receivers.push(address.to_owned()),
                _ => break,
            }
            length += line.len();
        }
        receivers.sort();
        Dropped { sender: sender.expect("an x-sender"), receivers, content: text[length..].to_owned() }
    }

    /// What stands behind the header.
    pub fn body(&self) -> &str {
        self.content.split_once("\r\n\r\n").expect("a header").1
    }

    /// The values of this field, unfolded.
    pub fn field(&self, name: &str) -> Vec<String> {
        let header =
            self.content.split_once("\r\n\r\n").expect("a header").0.replace("\r\n\t", " ").replace("\r\n ", " ");
        let fields = header.split("\r\n").filter_map(|line| line.split_once(':'));
        fields.filter(|(its, _)| its.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// Who gets it and from whom; and nobody reads of blind copies.
    pub fn is_from_to(&self, sender: &str, receivers: &[&str]) {
        assert_eq!(
            (self.sender.as_str(), &self.receivers[..]),
            (sender, &receivers.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()[..])
        );
        assert!(self.field("Bcc").is_empty(), "{}", self.content);
        for name in ["From", "Date", "Message-ID"] {
            assert_eq!(self.field(name).len(), 1, "{name}: {}", self.content);
        }
    }
}
