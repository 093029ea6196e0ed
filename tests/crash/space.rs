//! A disk that is full of mail which nobody wants: new mail is refused, the old is reported, the space comes back.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::daemon::{
    client::{Answer, Client},
    free_port,
    home::{route, Home},
    load::{content, Kind, Load},
    process::Daemon,
    seconds,
    sink::{Sink, Taken},
    within,
};

/// Long enough to fill the disk, even on a busy machine.
const GIVE_UP: Duration = Duration::from_secs(30);

/// A small disk of its own.
pub struct Disk(TempDir);

impl Disk {
    /// Mounts it.
    pub fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "postrider-test"]).arg(folder.path());
        let status = mount.status().expect("there is a program `mount`");
        assert!(status.success(), "a tmpfs of its own needs root and the right to mount");
        Disk(folder)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Octets that are free.
    pub fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(self.path()).expect("the disk is mounted");
        disk.f_bavail * disk.f_frsize
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn send(daemon: &Daemon, id: &str) -> Answer {
    let mut client = Client::connect(daemon.address).expect("the daemon listens");
    let to = format!("{id}@dead.example");
    client.send(&format!("{id}@from.example"), &[&to], &content(id, 6000)).expect("the daemon answers")
}

/// Sends until the disk is full; what was taken, and what was said then.
fn fill(daemon: &Daemon) -> (Vec<String>, Vec<String>) {
    let kind = Kind { threads: 20, mails: usize::MAX, domain: "dead.example", octets: 6000 };
    let sent = Load::start(daemon.address, "full", &kind).wait();
    (sent.promises.into_iter().map(|promise| promise.id).collect(), sent.refusals)
}

/// Whose mail a report is about: it goes to its sender, from nobody.
fn reported(report: &Taken) -> String {
    assert!(report.sender.starts_with("<>"), "a report has the null sender, not {:?}", report.sender);
    let text = String::from_utf8_lossy(&report.content);
    let head = text.get(..2000).unwrap_or(&text);
    assert!(head.contains("multipart/report") && text.contains("Action: failed"), "{head}");
    let to = report.recipients.first().expect("a report has a recipient");
    to.trim_start_matches('<').split('@').next().unwrap_or("").to_owned()
}

fn home(disk: &Disk, retry: &str, live: u16) -> Home {
    let spool: PathBuf = disk.path().join("spool");
    let settings = "segment_size = \"256 KiB\"\nmin_free = \"512 KiB\"";
    let give_up = GIVE_UP.as_secs();
    let expires = format!("retry = [\"{retry}\"]\nthen = \"{retry}\"\ngive_up = \"{give_up} s\"\njitter = 0");
    Home::with_spool_in(&spool, settings, &(route("dead.example", free_port(), &expires) + &route("*", live, "")))
}

#[test]
#[ignore = "needs root, for a small tmpfs; .ci/run runs it"]
fn a_full_disk_refuses_new_mail_and_empties_itself() {
    all_expire("15 s");
}

/// Each retry of each mail is a fact that takes space, long before any mail gives space back.
#[test]
#[ignore = "needs root, for a small tmpfs; .ci/run runs it"]
fn a_full_disk_bears_the_retries_of_the_mail_that_fills_it() {
    all_expire("2 s");
}

/// The disk is filled with mail for a dead hop, which is tried this often until it expires.
fn all_expire(retry: &str) {
    let (disk, sink, begin) = (Disk::mount("12m"), Sink::start(), Instant::now());
    let home = home(&disk, retry, sink.port);
    let mut daemon = home.start();
    let empty = disk.free();
    let (mut waiting, refusals) = fill(&daemon);
    let full_after = begin.elapsed();
    println!("{} mails in {}, then {:?}", waiting.len(), seconds(full_after), refusals.first());
    assert!(refusals.iter().all(|refusal| refusal.starts_with("452 4.3.1")), "{refusals:?}");
    assert!(refusals.len() == 20 && full_after < GIVE_UP, "all of them were queued when the disk was full");
    assert!(waiting.len() >= 1000, "the disk was full after {} mails", waiting.len());
    let mut reports = HashSet::new();
    let mut twice = Vec::new();
    let all = within(Duration::from_secs(120), || {
        let new = sink.taken().iter().map(reported).filter(|id| !reports.insert(id.clone())).collect::<Vec<_>>();
        twice.extend(new);
        waiting.iter().all(|id| reports.contains(id)) || !daemon.runs()
    });
    assert!(daemon.runs(), "{} were reported when the daemon ended\n{}", reports.len(), home.log_tail());
    waiting.retain(|id| !reports.contains(id));
    assert!(all, "{} were never reported: {:?}\n{}", waiting.len(), waiting.first(), home.log_tail());
    assert!(twice.is_empty(), "reported twice: {twice:?}");
    println!("all reported after {}", seconds(begin.elapsed()));
    assert!(within(Duration::from_secs(10), || send(&daemon, "again").is_ok()), "new mail is taken again");
    let back = within(Duration::from_secs(10), || disk.free() + (2 << 20) > empty);
    assert!(back, "{} KiB were free, {} KiB are now", empty >> 10, disk.free() >> 10);
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
