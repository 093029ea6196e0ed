//! Mail programs as next hops, and Postfix as a sender: started, looked into, and ended with their test.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    daemon::{free_port, within},
    mail::on_the_wire,
};

/// A program that `peers/peer.py` runs.
pub struct Peer {
    child: Child,
    /// Closed to end it.
    stdin: Option<ChildStdin>,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// The folder of its instance.
    pub folder: PathBuf,
    mail: PathBuf,
    /// Kept open: it says a last word.
    _output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts one of the kinds that peers/README.md lists.
    pub fn start(kind: &str, more: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new("python3");
        command.args(["tests/interop/peers/peer.py", kind, "--port", &port.to_string(), "--until-eof"]).args(more);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3 is installed");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        output.read_line(&mut line).expect("it says something");
        assert!(line.starts_with("ready "), "{kind} does not start; it says above what is missing");
        let value = |key: &str| {
            let word = line.split_ascii_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
            PathBuf::from(word.unwrap_or_else(|| panic!("{key}= in {line:?}")))
        };
        Peer { stdin: child.stdin.take(), port, folder: value("dir"), mail: value("mail"), child, _output: output }
    }

    /// All mails in its maildir, once there are as many, as they were on the wire.
    pub fn mails(&self, count: usize) -> Vec<Vec<u8>> {
        let new = self.mail.join("new");
        within(Duration::from_secs(30), || files(&new).len() >= count);
        files(&new).iter().map(|file| on_the_wire(&fs::read(file).expect("a mail can be read"))).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        if !within(Duration::from_secs(20), || !matches!(self.child.try_wait(), Ok(None))) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Postfix's smtp-sink, with its faults.
pub struct SmtpSink {
    child: Child,
    folder: TempDir,
    ip: Ipv4Addr,
    /// Where it listens.
    pub port: u16,
}

impl SmtpSink {
    /// Starts it on 127.0.0.1 with these options.
    pub fn start(port: u16, options: &[&str]) -> Self {
        SmtpSink::start_at(Ipv4Addr::LOCALHOST, port, options)
    }

    /// The same at another address of this host.
    pub fn start_at(ip: Ipv4Addr, port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new("smtp-sink");
        // As root it insists on becoming somebody else, who then writes here.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("the folder is ours");
        command.args(options).args(["-u", "nobody", "-d", "mail/m.", &format!("{ip}:{port}"), "100"]);
        command.current_dir(folder.path()).stdin(Stdio::null());
        let child = command.spawn().expect("smtp-sink is installed (Postfix has it; .ci/packages installs it)");
        let mut sink = SmtpSink { child, folder, ip, port };
        let listens = within(Duration::from_secs(5), || listens(ip, port) || !sink.runs());
        assert!(listens && sink.runs(), "smtp-sink does not start");
        sink
    }

    /// Ends it and starts one without faults in its place.
    pub fn mend(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        *self = SmtpSink::start_at(self.ip, self.port, &[]);
    }

    fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// All transactions that it has seen, whole or not, as they were on the wire.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        let files = files(&self.folder.path().join("mail"));
        // It ends a whole mail with an empty line of its own.
        let mail = |file: &PathBuf| {
            let text = fs::read(file).unwrap_or_default();
            on_the_wire(text.strip_suffix(b"\n").unwrap_or(&text))
        };
        files.iter().map(mail).collect()
    }
}

/// Whether somebody listens there: seen without a connection, which an smtp-sink would count.
fn listens(ip: Ipv4Addr, port: u16) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let local = format!("{:08X}:{port:04X} 00000000:0000 0A", u32::from_ne_bytes(ip.octets()));
    table.contains(&local)
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
