//! Deliveries into Maildirs in a temporary folder.

mod crashes;
mod hostile;
mod quotas;
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use postrider_engine::{Address, Content, Draft, Envelope, LocalUsers, Moment, Origin, QueueId, RcptNo, Users};
use tempfile::TempDir;

use super::{
    deliver::{Delivery, Done, Job, Unwatched, Watch},
    quota::Usages,
    MaildirSettings, Place, Trouble,
};

/// A folder for mail, and how it is delivered there.
struct Home {
    folder: TempDir,
    settings: MaildirSettings,
    usages: Usages,
}

impl Home {
    /// Everybody has a mailbox; the spool is new.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(&folder.path().join("mail/{user}"), "host.example").unwrap();
        let origin = Origin { spool: 7, first: QueueId(1) };
        let settings = MaildirSettings::new(place, LocalUsers::new(Users::Any), origin);
        Home { folder, settings, usages: Usages::default() }
    }

    /// From now on mails below this number were in the spool before.
    fn restarted(&mut self) {
        self.settings.origin.first = QueueId(1000);
        self.usages = Usages::default();
    }

    fn deliver(&mut self, job: &Job) -> Result<Done, Trouble> {
        self.deliver_watched(job, &Unwatched)
    }

    fn deliver_watched(&mut self, job: &Job, watch: &dyn Watch) -> Result<Done, Trouble> {
        Delivery { settings: &self.settings, usages: &mut self.usages, watch }.run(job)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("mail").join(name)
    }

    /// The names in a folder, `ann/new`.
    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(names) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    /// The only file in a folder.
    fn only(&self, folder: &str) -> String {
        let names = self.names(folder);
        assert_eq!(names.len(), 1, "{folder}: {names:?}");
        fs::read_to_string(self.path(folder).join(&names[0])).unwrap()
    }

    /// A reader moves the only file of `new` to another place.
    fn moves(&self, to: &str, flags: &str) {
        let name = self.names("ann/new").remove(0);
        fs::create_dir_all(self.path(to)).unwrap();
        fs::rename(self.path("ann/new").join(&name), self.path(to).join(name + flags)).unwrap();
    }
}

/// The same outcome, in a word.
fn word(end: Result<Done, Trouble>) -> String {
    match end {
        Ok(done) => format!("{done:?}"),
        Err(trouble) => trouble.outcome_reply(),
    }
}

impl Trouble {
    fn outcome_reply(&self) -> String {
        match self.outcome() {
            postrider_engine::Outcome::Failed(why) => format!("failed {}", why.reply),
            postrider_engine::Outcome::Deferred(why) => format!("deferred {}", why.reply),
            other => panic!("{other:?}"),
        }
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// A mail from `bob@example.net` to this address.
fn job_with(content: Content, id: u64, to: &str) -> Job {
    let mut envelope = Envelope::default();
    (envelope.sender, envelope.arrived) = (Some(address("bob@example.net")), Moment(1_000_000));
    let to = address(to);
    let no = envelope.recipients.add(to.clone());
    Job { draft: Arc::new(Draft::new(envelope, content)), id: QueueId(id), no, address: to, tried: false }
}

fn job(id: u64, to: &str) -> Job {
    job_with(Content::new("Subject: hi\r\n\r\nHello.\r\n"), id, to)
}

const HELLO: &str = "Return-Path: <bob@example.net>\nDelivered-To: ann@example.org\nSubject: hi\n\nHello.\n";

#[test]
fn a_mail_comes_into_new_with_its_path_on_top() {
    let mut home = Home::new();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
    assert_eq!(home.only("ann/new"), HELLO);
    assert_eq!(home.names("ann/new"), ["1000.S0000000000000007Q00000003R0.host.example"]);
    assert_eq!(home.names("ann"), ["cur", "new", "tmp"]);
    assert_eq!(home.names("ann/tmp"), [""; 0]);
}

#[test]
fn lines_end_as_the_settings_say_and_a_null_sender_is_one() {
    let mut home = Home::new();
    home.settings.line_ends = super::LineEnds::CrLf;
    let mut mail = job(3, "ann+x@example.org");
    let mut draft = Draft::clone(&mail.draft);
    draft.envelope.sender = None;
    mail.draft = Arc::new(draft);
    home.deliver(&mail).unwrap();
    let content = "Return-Path: <>\r\nDelivered-To: ann+x@example.org\r\nSubject: hi\r\n\r\nHello.\r\n";
    assert_eq!(home.only("ann/new"), content);
}

#[test]
fn folders_and_files_have_the_mode_of_the_settings_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let mut home = Home::new();
    home.settings.mode = 0o777;
    home.deliver(&job(3, "ann@example.org")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for folder in ["", "ann", "ann/new", "ann/cur", "ann/tmp"] {
        assert_eq!(mode(&home.path(folder)), 0o777, "{folder}");
    }
    let file = home.path("ann/new").join(&home.names("ann/new")[0]);
    assert_eq!(mode(&file), 0o666);
}

#[test]
fn folders_and_files_are_given_to_their_owner() {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        return; // nobody else may give files away
    }
    let mut home = Home::new();
    home.settings.owner = Some(super::Owner { uid: 4711, gid: 4712 });
    home.deliver(&job(3, "ann@example.org")).unwrap();
    let file = format!("ann/new/{}", home.names("ann/new")[0]);
    for path in ["ann", "ann/new", "ann/cur", "ann/tmp", &file] {
        let is = fs::metadata(home.path(path)).unwrap();
        assert_eq!((is.uid(), is.gid()), (4711, 4712), "{path}");
    }
}

#[test]
fn each_recipient_has_a_file_of_its_own_also_in_one_mailbox() {
    let mut home = Home::new();
    for no in 0..3 {
        let mail = Job { no: RcptNo(no), ..job(3, "ann@example.org") };
        assert_eq!(word(home.deliver(&mail)), "Now");
    }
    assert_eq!(home.names("ann/new").len(), 3);
}
