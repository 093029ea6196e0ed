//! Files of a pickup folder while the daemon is killed, while the disk is full, and while the daemon is down: each is one mail.
//!
//! Rule: what counts as sent is a file that was renamed into the folder, and a call of sendmail that has ended with 0. Mail
//! ends in mailboxes, where a delivery that is repeated is seen to be one: so there is no window, and twice is always a fault.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use postrider::{
    rules::{Address, Content, Envelope},
    sinks::pickup::{put, PutError},
    Draft,
};
use tempfile::TempDir;

use crate::{
    account::Account,
    daemon::{
        home::Home,
        load::{content, hash, Promise},
        process::Daemon,
        seconds,
        sink::Taken,
        within,
    },
    space::Disk,
};

const OCTETS: usize = 6000;
/// Mails in one mailbox: a delivery that may be a repetition looks through all that is there.
const MAILS_A_BOX: usize = 500;

/// A daemon with a pickup folder, and the mailboxes in which its mail ends.
struct Post {
    home: Home,
    pickup: PathBuf,
    mail: PathBuf,
    _folder: TempDir,
}

impl Post {
    /// Everything but mailboxes lies in `folder`, else in one of its own.
    fn new(folder: Option<&Path>, spool: &str) -> Self {
        let own = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.unwrap_or(own.path());
        let (pickup, mail) = (folder.join("pickup"), own.path().join("mail"));
        fs::create_dir(&pickup).expect("folders can be made");
        let rest = format!(
            "[send]\nsocket = {:?}\n[maildir]\nusers = \"any\"\nline_ends = \"crlf\"\nfolder = \"{}/{{user}}\"\n\
             [[pickup]]\nfolder = {pickup:?}\nrest = \"0 s\"\nscan = \"200 ms\"\n\
             [[route]]\ndomain = \"live.example\"\nto = \"maildir\"\nretry = [\"200 ms\"]",
            own.path().join("send"),
            mail.display(),
        );
        let home = Home::with_spool_in(&folder.join("spool"), spool, &rest);
        Post { home, pickup, mail, _folder: own }
    }

    /// What is in mailboxes.
    fn account(&self) -> Account {
        let files = files(&self.mail).into_iter().flat_map(|user| files(&user.join("new")));
        let read = |path: PathBuf| Taken { content: fs::read(path).expect("mail can be read"), ..Taken::default() };
        let mut account = Account::default();
        account.take(files.map(read).collect());
        account
    }

    /// Files that lie there, and claims.
    fn left(&self) -> usize {
        let is_whole = |path: &PathBuf| path.is_file() && !name(path).starts_with('.');
        [self.pickup.clone(), self.pickup.join(".claimed")].iter().flat_map(|at| files(at)).filter(is_whole).count()
    }

    fn bad(&self) -> Vec<PathBuf> {
        files(&self.home.spool().join("badmail"))
    }

    /// A clean run to the end: all is there, and nothing comes that was there before.
    fn finish(&self, daemon: Daemon, promises: &[Promise]) -> Account {
        let is_done = within(Duration::from_secs(150), || self.left() == 0 && self.account().has_all(promises));
        sleep(Duration::from_secs(1)); // for what would come twice
        let (left, account, code) = (self.left(), self.account(), daemon.drain());
        account.settle(promises);
        assert_eq!(account.repeated(), Vec::<&str>::new(), "mailed twice");
        assert!(is_done, "{left} files are left\n{}", self.home.log_tail());
        assert_eq!(self.bad(), Vec::<PathBuf>::new(), "kept as bad mail");
        assert_eq!(code, Some(0), "{}", self.home.log_tail());
        account
    }

    /// Names in mailboxes.
    fn mails(&self) -> usize {
        files(&self.mail).iter().map(|user| files(&user.join("new")).len()).sum()
    }

    /// Kills a new daemon, different in each round: every second one after a time, the others in the midst of their work.
    fn kill_one(&self, round: usize) {
        let (daemon, odd) = (self.home.start(), hash(format!("{round} {:?}", Instant::now()).as_bytes()));
        if round.is_multiple_of(2) {
            sleep(Duration::from_millis(odd % 200));
        } else {
            let goal = self.mails() + usize::try_from(odd % 300).expect("a small number");
            within(Duration::from_secs(3), || self.mails() > goal);
        }
        daemon.kill();
    }

    /// Sends by `postrider sendmail`; its exit code.
    fn sendmail(&self, id: &str) -> Option<i32> {
        let mut call = self.home.sendmail(&["-i", "-f", "sender@from.example", &recipient(id)]);
        let mut call = call.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be started");
        let mut input = call.stdin.take().expect("its input is a pipe");
        input.write_all(&content(id, OCTETS)).expect("it reads its input");
        drop(input);
        call.wait_with_output().expect("it ends").status.code()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(names) = fs::read_dir(folder) else { return Vec::new() };
    names.map(|name| name.expect("the folder can be read").path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("names are text")
}

/// The program and the number of a mail say whose mailbox it comes into.
fn recipient(id: &str) -> String {
    let (program, number) = id.split_once('-').expect("it has both");
    let number: usize = number.parse().expect("it is a number");
    format!("{program}x{}@live.example", number / MAILS_A_BOX)
}

fn promise(id: &str) -> Promise {
    Promise { id: id.to_owned(), queued_as: String::new(), sum: hash(&content(id, OCTETS)) }
}

/// The mail as the library puts it there.
fn draft(id: &str) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Address::parse("sender@from.example").ok();
    envelope.recipients.add(Address::parse(&recipient(id)).expect("an address"));
    Draft::new(envelope, Content::new(content(id, OCTETS)))
}

/// A file as programs write it, under a name that is passed over.
fn hidden(pickup: &Path, id: &str) -> PathBuf {
    let path = pickup.join(format!(".{id}.tmp"));
    let above = format!("x-sender: <sender@from.example>\r\nx-receiver: <{}>\r\n", recipient(id));
    fs::write(&path, [above.as_bytes(), &content(id, OCTETS)].concat()).expect("files can be written");
    path
}

/// Sends it.
fn show(hidden: &Path, id: &str) -> Promise {
    fs::rename(hidden, hidden.with_file_name(format!("{id}.eml"))).expect("files can be renamed");
    promise(id)
}

/// One program that sends so many, every second by the library.
fn write(pickup: &Path, program: usize, mails: usize) -> Vec<Promise> {
    let one = |number| {
        let id = format!("f{program}-{number}");
        match number % 2 {
            0 => show(&hidden(pickup, &id), &id),
            _ => {
                put(pickup, &draft(&id)).expect("files can be put there");
                promise(&id)
            }
        }
    };
    (0..mails).map(one).collect()
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn kill_nine_while_a_pickup_folder_is_emptied_and_each_file_is_one_mail() {
    const PROGRAMS: usize = 4;
    const MAILS: usize = 1500;
    let (post, begin, mut rounds) = (Post::new(None, "segment_size = \"4 MiB\""), Instant::now(), 0);
    let promises: Vec<Promise> = thread::scope(|scope| {
        let pickup = post.pickup.as_path();
        let programs: Vec<_> =
            (0..PROGRAMS).map(|program| scope.spawn(move || write(pickup, program, MAILS))).collect();
        while rounds < 25 || !programs.iter().all(|program| program.is_finished()) {
            post.kill_one(rounds);
            rounds += 1;
        }
        programs.into_iter().flat_map(|program| program.join().expect("a program ends")).collect()
    });
    let before = post.account().mails();
    let account = post.finish(post.home.start(), &promises);
    let took = seconds(begin.elapsed());
    println!("{rounds} kills in {took}: {} files, {before} were mails before the last start", promises.len());
    assert_eq!((promises.len(), account.mails()), (PROGRAMS * MAILS, PROGRAMS * MAILS));
    assert!(before > 100, "the daemon was killed before it could do anything");
}

#[test]
#[ignore = "needs half a minute; .ci/run runs it"]
fn what_gathers_while_the_daemon_is_down_is_mailed_once_by_files_and_by_sendmail() {
    const FILES: usize = 1000;
    const PROGRAMS: usize = 8;
    const CALLS: usize = 25;
    let post = Post::new(None, "segment_size = \"4 MiB\"");
    let mut promises = write(&post.pickup, 0, FILES);
    let call = |program: usize, number: usize| {
        let id = format!("s{program}-{number}");
        assert_eq!(post.sendmail(&id), Some(0), "sendmail goes to the folder");
        promise(&id)
    };
    promises.extend(thread::scope(|scope| {
        let program = |program| scope.spawn(move || (0..CALLS).map(|number| call(program, number)).collect::<Vec<_>>());
        let programs: Vec<_> = (0..PROGRAMS).map(program).collect();
        programs.into_iter().flat_map(|program| program.join().expect("a program ends")).collect::<Vec<_>>()
    }));
    assert_eq!(post.left(), FILES + PROGRAMS * CALLS, "all of it waits");
    (0..8).for_each(|round| post.kill_one(round));
    let (left, account) = (post.left(), post.finish(post.home.start(), &promises));
    println!("8 kills: {} waited, {left} after them, {} in mailboxes", promises.len(), account.mails());
    assert_eq!(account.mails(), promises.len());
}

/// Fills the disk to the last octet, for so long at least; whoever removes the file makes room.
fn fill(disk: &Disk, time: Duration) -> PathBuf {
    let (path, begin) = (disk.path().join("filler"), Instant::now());
    let mut file = fs::File::create(&path).expect("files can be made");
    while file.write_all(&[0; 4096]).is_ok() || begin.elapsed() < time {}
    path
}

#[test]
#[ignore = "needs root, for a small tmpfs; .ci/run runs it"]
fn a_full_disk_keeps_files_in_the_pickup_folder_and_they_are_mailed_once_when_there_is_space() {
    const FILES: usize = 600;
    let disk = Disk::mount("24m");
    let post = Post::new(Some(disk.path()), "segment_size = \"256 KiB\"\nmin_free = \"512 KiB\"");
    let ids: Vec<String> = (0..FILES).map(|number| format!("f-{number}")).collect();
    let hidden: Vec<PathBuf> = ids.iter().map(|id| hidden(&post.pickup, id)).collect();
    let mut daemon = post.home.start();
    let filler = fill(&disk, Duration::ZERO);
    assert!(disk.free() < 4096, "the disk is full");
    let mut promises: Vec<Promise> = hidden.iter().zip(&ids).map(|(hidden, id)| show(hidden, id)).collect();
    let claimed = || files(&post.pickup.join(".claimed")).len() > FILES / 2;
    assert!(within(Duration::from_secs(10), claimed), "they are claimed\n{}", post.home.log_tail());
    sleep(Duration::from_secs(3)); // they are tried again and again
    let (mails, left) = (post.account().mails(), post.left());
    println!("on a full disk: {mails} of {FILES} became mails, {left} files wait");
    assert!(mails + left >= FILES && left > 0, "a file is gone that is no mail");
    assert!(matches!(put(&post.pickup, &draft("never-1")), Err(PutError::NoSpace(_))), "there is no space for another");
    assert_eq!(post.sendmail("never-2"), Some(71), "a full disk is no reason for the folder");
    assert_eq!(files(&post.pickup).iter().filter(|path| name(path).ends_with(".tmp")).count(), 0, "nothing half");
    assert!(daemon.runs(), "{}", post.home.log_tail());
    fs::remove_file(filler).expect("there is space again");
    promises.extend(write(&post.pickup, 1, 50));
    let begin = Instant::now();
    let account = post.finish(daemon, &promises);
    println!("{} mails {} after there was space", account.mails(), seconds(begin.elapsed()));
    assert_eq!(account.mails(), promises.len(), "what was refused is not there");
}

#[test]
#[ignore = "needs root, for a small tmpfs; .ci/run runs it"]
fn kill_nine_on_a_disk_that_is_full_by_turns_loses_no_file_and_mails_none_twice() {
    const ROUNDS: usize = 10;
    const FILES: usize = 150;
    let disk = Disk::mount("24m");
    let post = Post::new(Some(disk.path()), "segment_size = \"256 KiB\"\nmin_free = \"512 KiB\"");
    let ids: Vec<String> = (0..ROUNDS * FILES).map(|number| format!("f-{number}")).collect();
    let hidden: Vec<PathBuf> = ids.iter().map(|id| hidden(&post.pickup, id)).collect();
    let mut sent = hidden.iter().zip(&ids).map(|(hidden, id)| show(hidden, id));
    let mut promises = Vec::new();
    for round in 0..ROUNDS {
        let daemon = post.home.start(); // twice on a disk that is full
        let _ = fs::remove_file(disk.path().join("filler"));
        let odd = |of: u64| Duration::from_millis(hash(format!("{of} {:?}", Instant::now()).as_bytes()) % of);
        promises.extend(sent.by_ref().take(FILES));
        sleep(odd(40)); // the disk is full in the midst of it
        let filler = fill(&disk, odd(300));
        // Every second time there is space again before the kill.
        if round % 2 == 1 {
            fs::remove_file(&filler).expect("there is space again");
            sleep(odd(300));
        }
        daemon.kill();
        let _ = (round % 4 != 2).then(|| fs::remove_file(filler));
    }
    let (before, account) = (post.mails(), post.finish(post.home.start(), &promises));
    println!("{ROUNDS} kills: {} files, {before} were mails before the last start", account.mails());
    assert_eq!(account.mails(), ROUNDS * FILES);
    assert!(before > 0, "the daemon was killed before it could do anything");
}
