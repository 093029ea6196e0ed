//! Deliveries into a drop folder: what the files are, and what a crash or a failure at any step leaves.

mod domains;

use std::{cell::Cell, fs, io, panic::AssertUnwindSafe, path::Path, sync::Arc};

use postrider_engine::{After, Draft, DropPlace, Moment, Origin, QueueId, Target};
use tempfile::TempDir;

use super::{
    deliver::{run, Job, Trouble},
    *,
};
use crate::{
    mailfile::{
        faults::{DiesBefore, Fails, STEPS},
        Done, Step, Watch,
    },
    relay::tests::{mail, spool::Spool},
};

const TEXT: &str = "Subject: hi\r\n\r\n.dot\r\nHello.\r\n";
const FILE: &str =
    "x-sender: a@x.org\r\nx-receiver: r0@y.org\r\nx-receiver: r1@y.org\r\nSubject: hi\r\n\r\n.dot\r\nHello.\r\n";

fn place(path: &Path) -> DropPlace {
    DropPlace::new(path).unwrap()
}

struct Home(TempDir, DropSettings);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = DropSettings::new(place(folder.path()), Origin { spool: 7, first: QueueId(1) });
        Home(folder, settings)
    }

    /// All names, also those that readers pass over.
    fn names(&self) -> Vec<String> {
        fs::read_dir(self.0.path()).unwrap().map(|name| name.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn only(&self) -> String {
        let names = self.names();
        assert_eq!(names.len(), 1, "{names:?}");
        assert!(!names[0].starts_with('.'), "{names:?}");
        fs::read_to_string(self.0.path().join(&names[0])).unwrap()
    }

    fn put(&self, watch: &dyn Watch) -> Result<Done, Trouble> {
        run(&self.1, &job(mail(2, TEXT)), &mut Known::default(), watch)
    }
}

fn job(mut draft: Draft) -> Job {
    draft.envelope.arrived = Moment(1_000_000);
    let to = draft.envelope.recipients.iter().map(|(no, to)| (no, to.address.clone())).collect();
    Job { draft: Arc::new(draft), id: QueueId(3), domain: String::new(), to }
}

#[test]
fn a_file_has_the_envelope_in_front_and_the_mail_as_it_came() {
    let home = Home::new();
    assert_eq!(home.put(&Unwatched).unwrap(), Done::Now);
    assert_eq!(home.only(), FILE);
    assert!(home.names()[0].starts_with("1000.S0000000000000007Q00000003R0N2H"), "{:?}", home.names());
}

#[test]
fn a_route_may_leave_the_envelope_out_and_the_null_sender_is_written() {
    let mut home = Home::new();
    home.1.envelope = false;
    home.put(&Unwatched).unwrap();
    assert_eq!(home.only(), TEXT);
    let home = Home::new();
    let mut draft = mail(1, TEXT);
    draft.envelope.sender = None;
    run(&home.1, &job(draft), &mut Known::default(), &Unwatched).unwrap();
    assert!(home.only().starts_with("x-sender: <>\r\nx-receiver: r0@y.org\r\n"));
}

#[test]
fn a_crash_at_any_step_leaves_nothing_or_all_and_the_repetition_makes_it_one() {
    for step in STEPS {
        let home = Home::new();
        let end = std::panic::catch_unwind(AssertUnwindSafe(|| home.put(&DiesBefore(step))));
        assert!(end.is_err(), "{step:?}");
        let whole = home.names().iter().filter(|name| !name.starts_with('.')).count();
        let there = matches!(step, Step::Keep | Step::Tell);
        assert_eq!(whole, usize::from(there), "{step:?}");
        assert_eq!(home.put(&Unwatched).unwrap(), if there { Done::Before } else { Done::Now }, "{step:?}");
        assert_eq!(home.only(), FILE, "{step:?}");
    }
}

#[test]
fn a_step_that_fails_leaves_nothing_and_the_next_attempt_delivers() {
    for step in [Step::Open, Step::Create, Step::Write, Step::Sync, Step::Publish, Step::Keep] {
        let home = Home::new();
        for (kind, reply) in [(io::ErrorKind::Other, "451 4.3.0"), (io::ErrorKind::StorageFull, "452 4.3.1")] {
            let trouble = home.put(&Fails(step, Cell::new(false), kind)).unwrap_err();
            let Outcome::Deferred(why) = trouble.outcome(false) else { panic!("{step:?}: {trouble}") };
            assert!(why.scope == Scope::Hop && why.reply.to_string().starts_with(reply), "{step:?}: {why}");
            assert_eq!(home.names(), [""; 0], "{step:?}");
        }
        assert_eq!(home.put(&Unwatched).unwrap(), Done::Now, "{step:?}");
    }
}

#[test]
fn a_file_for_some_recipients_is_not_taken_for_one_for_others() {
    let home = Home::new();
    home.put(&Unwatched).unwrap();
    let mut some = job(mail(3, TEXT));
    assert_eq!(
        run(&home.1, &some, &mut Known::default(), &Unwatched).unwrap(),
        Done::Now,
        "a third recipient is to have it, too"
    );
    some.to.remove(1);
    assert_eq!(run(&home.1, &some, &mut Known::default(), &Unwatched).unwrap(), Done::Now);
    assert_eq!(home.names().len(), 3);
}

#[test]
fn a_trap_is_replaced_and_not_written_through() {
    let (home, elsewhere) = (Home::new(), Home::new());
    let victim = elsewhere.0.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    home.put(&Unwatched).unwrap();
    let name = home.names().remove(0);
    fs::remove_file(home.0.path().join(&name)).unwrap();
    std::os::unix::fs::symlink(&victim, home.0.path().join(name::hidden(&name))).unwrap();
    assert_eq!(home.put(&Unwatched).unwrap(), Done::Now);
    assert_eq!((home.only().as_str(), fs::read_to_string(&victim).unwrap().as_str()), (FILE, "precious"));
}

#[tokio::test]
async fn one_file_is_for_all_recipients_of_an_attempt_and_no_attempt_is_noted() {
    let (home, spool) = (Home::new(), Spool::default());
    let mut target = DropFolder::new(Arc::new(home.1.clone()));
    assert_eq!(target.deliver(spool.lend(mail(2, TEXT))).await, After::Reusable);
    spool.played().came_to(&[
        "0 delivered: 250 2.0.0 put into the drop folder",
        "1 delivered: 250 2.0.0 put into the drop folder",
    ]);
    assert_eq!(home.only(), FILE);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_a_hop_that_is_down() {
    let (home, spool) = (Home::new(), Spool::default());
    let settings = DropSettings { place: place(&home.0.path().join("none")), ..home.1.clone() };
    DropFolder::new(Arc::new(settings)).deliver(spool.lend(mail(1, TEXT))).await;
    spool.played().came_to(&[
        "0 deferred Hop: (ours) 451 4.3.0 the folder cannot be used: opening it: No such file or directory (os error 2)",
    ]);
}
