//! The process that has the engine, with a clock that stands still, and threads that call `send`.
//!
//! Rule: it is killed at any moment and started again with the same words: what it was and had to do is on disk.

use std::{
    fs::{self, File},
    io::{self, Read},
    thread,
    time::{Duration, Instant},
};

use postrider::{rules::Moment, End, Engine, SendError, Settings};

use super::{
    journal::{Ended, Journal},
    mail::MailId,
    part::Part,
    writer::{write_all, Way},
    Problem,
};

/// What all clocks show: the day on which the ancestor was repaired.
pub const STOPPED_AT: Moment = Moment(951_782_400_000);
/// The same for `faketime`.
pub const STOPPED_AT_IN_WORDS: &str = "2000-02-29 00:00:00";
/// What is taken is to be out by then. Each mail that comes out is a sync or two, and disks are shared.
const COMES_OUT: Duration = Duration::from_secs(300);
const DRAINS: Duration = Duration::from_secs(10);

/// Runs it until the harness closes its standard input, and everything has come out.
pub fn serve(part: &Part) -> Result<(), Problem> {
    let settings = Settings::from_toml(&settings(part))?;
    let engine = Engine::builder(settings).clock_stopped_at(STOPPED_AT).start()?;
    let writing = thread::Builder::new().spawn({
        let (part, engine) = (part.clone(), engine.clone());
        move || exit_unless(write_all(&part, &Sends(engine)).and_then(|()| Ok(drop(File::create(part.done())?))))
    })?;
    io::stdin().read_to_end(&mut Vec::new())?;
    if !part.done().exists() {
        return Err("the harness has gone away".into());
    }
    writing.join().map_err(|_| "the writers have panicked")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let begin = Instant::now();
        while engine.audit().await?.on_disk > 0 {
            if begin.elapsed() > COMES_OUT {
                return Err(format!("it does not come to rest: {:?}", engine.audit().await?).into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        match engine.drain(DRAINS).await {
            End::Drained => Ok(()),
            end => Err(format!("it did not end in order: {end:?}").into()),
        }
    })
}

/// The harness sees it by the exit code.
fn exit_unless(written: Result<(), Problem>) {
    if let Err(problem) = written {
        eprintln!("ancestors: {problem}");
        std::process::exit(2);
    }
}

fn settings(part: &Part) -> String {
    let folder = part.folder.display();
    // Whoever remembers fewer keys than there are mails refuses the rest.
    let most = part.all_mails() + 1000;
    format!(
        "hostname = \"stress.localhost\"\nlocal_domains = \"home.example\"\n\
         [listen]\nsockets = [\"127.0.0.1:0\"]\n[send]\nmost_remembered = {most}\n\
         [spool]\nfolder = \"{folder}/spool\"\nstage_from = \"64 KiB\"\nstage_from_when_short = \"64 KiB\"\n\
         [maildir]\nfolder = \"{folder}/mail/{{user}}\"\nusers = \"any\"\nline_ends = \"crlf\"\n"
    )
}

/// Where the mailboxes are.
pub fn mailboxes(part: &Part) -> io::Result<std::path::PathBuf> {
    let folder = part.folder.join("mail");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// By a call, in the process of the engine.
struct Sends(Engine);

impl Way for Sends {
    fn send(&self, mail: MailId, journal: &Journal) -> Result<Ended, Problem> {
        let mut sending = self.0.send(mail.noted(journal));
        if let Some(key) = mail.key() {
            sending = sending.key(key);
        }
        if mail.is_buffered() {
            sending = sending.buffered();
        }
        heard(sending.blocking().map(drop))
    }
}

/// What a writer knows then.
fn heard(answer: Result<(), SendError>) -> Result<Ended, Problem> {
    match answer {
        Ok(()) => Ok(Ended::Taken),
        Err(error) if error.is_perhaps_taken() => Ok(Ended::Unknown),
        Err(error) if error.is_temporary() => Ok(Ended::Refused),
        Err(error) => Err(error.into()),
    }
}
