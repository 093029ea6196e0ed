//! Sending by `postrider sendmail`: one process for each mail, which goes through the socket, or into the pickup folder while
//! the engine is down.
//!
//! Rule: exit code 0 says that the mail was sent; 71 that it was not, unless the line says that nobody knows. A call that is
//! killed may have sent it or not. The mail comes from a file, so a writer that is killed cuts none short.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use super::{
    came::sum_as_sent,
    journal::{Ended, Journal},
    mail::{MailId, FROM},
    part::Part,
    writer::{write_all, Unheard, Way},
    Problem,
};
use crate::draw::{chance, draw};

/// One call in so many is killed by itself, so many microseconds after its start at most.
const KILLED: u64 = 24;
const LIVES: u64 = 12_000;
/// By this `faketime` says which shared memory and semaphore a process has in common with those that it starts.
const SHARED: &str = "FAKETIME_SHARED";
/// `EX_OSERR`, and `EX_IOERR`: a file in the folder that may not outlive a loss of power.
const NOT_TAKEN: i32 = 71;
const IO: i32 = 74;

/// Links the command into the folder of a run, under the name that programs know.
pub fn install(part: &Part, named: Option<PathBuf>) -> Result<(), Problem> {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("postrider"));
    let command = named.or_else(beside).ok_or("this program has no path: name the command by --postrider")?;
    let path = command.display();
    let build = if cfg!(debug_assertions) { "" } else { " --release" };
    let wrong = format!("{path} is missing: cargo build{build} --package postrider-cli, or --postrider PATH");
    let found = fs::canonicalize(&command).map_err(|_| wrong)?;
    Ok(std::os::unix::fs::symlink(found, part.sendmail())?)
}

/// A process of writers.
pub fn serve(part: &Part) -> Result<(), Problem> {
    write_all(part, &Calls(part))
}

struct Calls<'a>(&'a Part);

impl Way for Calls<'_> {
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let octets = mail.octets();
        let input = self.0.folder.join(format!("input-{}", mail.writer));
        let lines = if draw(2, (mail, "line ends")) == 0 { "\n" } else { "\r\n" };
        fs::write(&input, octets.replace("\r\n", lines))?;
        journal.begun(mail, &sum_as_sent(octets.as_bytes()));
        let mut call = self.call(mail, File::open(input)?)?;
        if chance(KILLED) == 0 {
            thread::sleep(Duration::from_micros(chance(LIVES)));
            call.kill()?;
        }
        let output = call.wait_with_output()?;
        if output.stdout.starts_with(b"waits") {
            journal.waits(mail);
        }
        let ended = ended(&output)?;
        if ended == Ended::Refused {
            fs::write(self.0.refused(), &output.stderr)?; // for whoever asks why nothing goes on
        }
        Ok(ended)
    }

    fn unheard(&self, _: MailId) -> Result<Unheard, Problem> {
        Ok(Unheard::Open)
    }
}

impl Calls<'_> {
    /// Half of them say the recipient on the command line, half in the header.
    fn call(&self, mail: MailId, input: File) -> Result<Child, Problem> {
        let mut command = Command::new(self.0.sendmail());
        command.arg("-C").arg(self.0.settings()).args(["-v", "-i", "-f", FROM]);
        match draw(2, (mail, "recipient")) {
            0 => command.arg("-t"),
            _ => command.args(["--", &mail.to()]),
        };
        // Else it would have one semaphore with all calls, and one that is killed while it has that stops them all.
        command.env_remove(SHARED);
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command.spawn()?)
    }
}

/// What a call has said by its end.
fn ended(output: &Output) -> Result<Ended, Problem> {
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Ok(Ended::Taken),
        None | Some(IO) => Ok(Ended::Unknown),
        Some(NOT_TAKEN) if said.contains("nobody knows") => Ok(Ended::Unknown),
        Some(NOT_TAKEN) => Ok(Ended::Refused),
        Some(_) => Err(format!("sendmail: {}: {said}", output.status).into()),
    }
}
