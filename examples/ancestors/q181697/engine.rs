//! The process that has the engine, with a clock that stands still, and threads that call `send`.
//!
//! Rule: it is killed at any moment and started again with the same words: what it was and had to do is on disk.

use std::{
    fs::{self, File},
    future::Future,
    io::{self, Read},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use postrider::{rules::Moment, End, Engine, Flush, Settings};

use super::{part::Part, sends::Sends, writer::write_all, Problem, LOOKS};

/// What all clocks show: the day on which the ancestor was repaired.
pub const STOPPED_AT: Moment = Moment(951_782_400_000);
/// The same for `faketime`.
pub const STOPPED_AT_IN_WORDS: &str = "2000-02-29 00:00:00";
const DRAINS: Duration = Duration::from_secs(10);
/// So often whoever waits is asked to go out: the moment for which it waits never comes.
const FLUSHES: Duration = Duration::from_millis(200);
/// But so many times as long as asking them all takes, so that it is not what the engine does most.
const IDLE: u32 = 20;

/// What the harness says when no process has anything left to send.
pub const FINISH: &str = "finish";

/// Runs it until the harness says that, and everything has come out.
pub fn serve(part: &Part) -> Result<(), Problem> {
    let settings = Settings::load(Some(&part.settings()))?;
    let engine = Engine::builder(settings).clock_stopped_at(STOPPED_AT).start()?;
    let writing = thread::Builder::new().spawn({
        let (part, engine) = (part.clone(), engine.clone());
        move || exit_unless(write_here(&part, engine))
    })?;
    let flushing = engine.clone();
    thread::Builder::new().spawn(move || flush(&flushing))?;
    let mut word = String::new();
    io::stdin().read_to_string(&mut word)?;
    if word != FINISH {
        return Err("the harness has gone away".into());
    }
    writing.join().map_err(|_| "the writers have panicked")?;
    wait_for(come_to_rest(part, &engine))??;
    match wait_for(engine.drain(DRAINS))? {
        End::Drained => Ok(()),
        end => Err(format!("it did not end in order: {end:?}").into()),
    }
}

fn write_here(part: &Part, engine: Engine) -> Result<(), Problem> {
    write_all(part, &Sends(move |mail| engine.send(mail)))?;
    File::create(part.done())?;
    Ok(())
}

/// Until the engine is gone.
fn flush(engine: &Engine) {
    loop {
        let begin = Instant::now();
        match wait_for(engine.flush(Flush::All)) {
            Ok(Ok(_)) => thread::sleep(FLUSHES.max(begin.elapsed() * IDLE)),
            _ => return,
        }
    }
}

/// However long that takes: the harness sees whether something goes on. Each question goes through all that is there. A file
/// is a mail before it is gone, so the folder is looked at first.
async fn come_to_rest(part: &Part, engine: &Engine) -> Result<(), Problem> {
    loop {
        let begin = Instant::now();
        if no_file_is_left(part)? && engine.audit().await?.on_disk == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOKS.max(begin.elapsed() * IDLE)).await;
    }
}

/// Neither a file that was put there nor one that is claimed.
fn no_file_is_left(part: &Part) -> io::Result<bool> {
    let pickup = part.pickup();
    let folders = [pickup.join("high"), pickup.join("low"), pickup, part.claims()];
    folders.iter().try_fold(true, |is_empty, folder| Ok(is_empty && files(folder)? == 0))
}

/// How many are there; those in the making have hidden names.
pub fn files(folder: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        count += usize::from(entry.file_type()?.is_file() && !entry.file_name().as_encoded_bytes().starts_with(b"."));
    }
    Ok(count)
}

fn wait_for<T>(work: impl Future<Output = T>) -> io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

/// The harness sees it by the exit code.
fn exit_unless(written: Result<(), Problem>) {
    if let Err(problem) = written {
        eprintln!("ancestors: {problem}");
        std::process::exit(2);
    }
}

/// Writes the settings for the engine and for its command, and makes what is to be there before it.
pub fn prepare(part: &Part) -> io::Result<()> {
    fs::create_dir_all(mailboxes(part))?;
    fs::create_dir_all(part.pickup())?;
    fs::write(part.settings(), settings(part))
}

fn settings(part: &Part) -> String {
    let folder = part.folder.display();
    // Whoever remembers fewer keys than there are mails refuses the rest; a call of sendmail has a key of its own.
    let most = 2 * part.all_mails() + 1000;
    format!(
        "hostname = \"stress.localhost\"\nlocal_domains = \"home.example\"\n\
         [listen]\nsockets = [\"127.0.0.1:0\"]\n[send]\nmost_remembered = {most}\nsocket = \"{}\"\n\
         [spool]\nfolder = \"{folder}/spool\"\nstage_from = \"64 KiB\"\nstage_from_when_short = \"64 KiB\"\n\
         [maildir]\nfolder = \"{folder}/mail/{{user}}\"\nusers = \"any\"\nline_ends = \"crlf\"\n\
         [[pickup]]\nfolder = \"{}\"\nrest = \"0 s\"\nscan = \"200 ms\"\n",
        part.socket().display(),
        part.pickup().display()
    )
}

/// Where the mailboxes are.
pub fn mailboxes(part: &Part) -> PathBuf {
    part.folder.join("mail")
}
