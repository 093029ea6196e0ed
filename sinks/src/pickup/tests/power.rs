//! Power is lost at every call on the disk, with any subset of the changes of names that were not synced, and each file is
//! mailed once or kept as bad mail.

use std::{io, path::Path};

use postrider_engine::{Files, LockError, OpenFile};

use super::*;
use crate::disk::faulty::FaultyFiles;

/// The files below a folder of another layer.
struct Below(FaultyFiles, &'static str);

impl Below {
    fn name(&self, name: &str) -> String {
        if name.is_empty() {
            self.1.into()
        } else {
            format!("{}/{name}", self.1)
        }
    }
}

impl Files for Below {
    fn make_folder(&self, name: &str) -> io::Result<()> {
        self.0.make_folder(&self.name(name))
    }
    fn lock(&self, name: &str) -> Result<Box<dyn Send>, LockError> {
        self.0.lock(&self.name(name))
    }
    fn create_new(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        self.0.create_new(&self.name(name))
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn OpenFile>> {
        self.0.open(&self.name(name))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(&self.name(from), &self.name(to))
    }
    fn unlink(&self, name: &str) -> io::Result<()> {
        self.0.unlink(&self.name(name))
    }
    fn sync_folder(&self, name: &str) -> io::Result<()> {
        self.0.sync_folder(&self.name(name))
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.0.list(&self.name(folder))
    }
    fn free_octets(&self) -> io::Result<u64> {
        self.0.free_octets()
    }
}

fn open(disk: &FaultyFiles) -> Option<PickupFolder> {
    let mut settings = PickupSettings::new("host.example");
    settings.rest = Duration::ZERO;
    let bad = BadMailFolder::on(Arc::new(Below(disk.clone(), "bad")), 7);
    PickupFolder::on(Arc::new(disk.clone()), Path::new("pickup"), settings, bad, at(0)).ok()
}

fn begin() -> FaultyFiles {
    let disk = FaultyFiles::new();
    for name in ["a.eml", "high/b.eml", "c.eml", "low/d.eml"] {
        disk.put(name, mail(&name.replace('/', "_")).as_bytes(), Moment(0));
    }
    disk.put("e.eml", b"Subject: nobody\n\ntext\n", Moment(0));
    disk
}

/// Three rounds; true: the disk has not crashed. `tells`: the engine answers; else it dies behind each commit.
fn run(disk: &FaultyFiles, engine: &mut Engine, tells: bool) -> bool {
    let Some(mut folder) = open(disk) else { return false };
    for second in 0..3 {
        let round = folder.round(at(second * 100));
        // What a crashed disk gave is in the process that dies with it.
        if disk.has_crashed() {
            return false;
        }
        let settled = engine.take(round);
        if tells {
            folder.settle(settled, at(second * 100));
        }
    }
    !disk.has_crashed()
}

/// A row of choices that looks like chance.
fn chance(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |most| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % most as u64).unwrap()
    }
}

fn check(disk: &FaultyFiles, engine: &Engine, what: &str) {
    let mut subjects = engine.subjects();
    subjects.sort();
    assert_eq!(subjects, ["a.eml", "c.eml", "high_b.eml", "low_d.eml"], "{what}");
    let names = disk.names();
    let (bad, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.starts_with("bad/"));
    assert_eq!(others, Vec::<&String>::new(), "{what}");
    let ends: Vec<_> = bad.iter().map(|name| name.rsplit_once('.').unwrap().1).collect();
    assert_eq!(ends, ["eml", "json"], "{what}: {bad:?}");
}

#[test]
fn power_lost_at_every_call_mails_each_file_once() {
    let whole = begin();
    assert!(run(&whole, &mut Engine::default(), true));
    let calls = whole.calls();
    assert!(calls > 40, "{calls}");
    for call in 1..=calls {
        for seed in 0..15 {
            for tells in [true, false] {
                let (disk, mut engine) = (begin(), Engine::default());
                disk.crash_at(call);
                run(&disk, &mut engine, tells);
                let again = disk.after_power_loss(&mut chance(seed * 1000 + call));
                assert!(run(&again, &mut engine, true));
                check(&again, &engine, &format!("call {call} of {calls}, seed {seed}, tells {tells}"));
            }
        }
    }
}

#[test]
fn a_kill_at_every_call_mails_each_file_once_and_a_second_loss_of_power_too() {
    let calls = {
        let whole = begin();
        run(&whole, &mut Engine::default(), true);
        whole.calls()
    };
    for call in 1..=calls {
        let (disk, mut engine) = (begin(), Engine::default());
        disk.crash_at(call);
        run(&disk, &mut engine, false);
        let killed = disk.after_kill();
        for second in 1..=calls {
            let (twice, mut engine) = (killed.after_kill(), engine.clone());
            twice.crash_at(second);
            run(&twice, &mut engine, true);
            let again = twice.after_power_loss(&mut chance(call * 100 + second));
            assert!(run(&again, &mut engine, true));
            check(&again, &engine, &format!("calls {call} and {second}"));
        }
    }
}

#[test]
fn nothing_is_mailed_while_folders_cannot_be_synced() {
    let (disk, mut engine) = (begin(), Engine::default());
    disk.trouble(crate::disk::faulty::Trouble { syncs_fail: true, ..Default::default() });
    let mut folder = open(&disk).unwrap();
    let round = folder.round(at(0));
    assert!(round.mails.is_empty() && round.again.is_some());
    disk.trouble(Default::default());
    for second in [100, 200, 300] {
        let settled = engine.take(folder.round(at(second)));
        folder.settle(settled, at(second));
    }
    drop(folder);
    check(&disk, &engine, "when it can be synced again");
}

#[test]
fn a_doubtful_claim_that_cannot_be_opened_is_not_made_bad_mail_without_its_octets() {
    let disk = begin();
    drop(open(&disk).unwrap().round(at(0)));
    let late = |seconds: u64| at(8 * 86_400 + seconds);
    let mut settings = PickupSettings::new("host.example");
    settings.rest = Duration::ZERO;
    let bad = BadMailFolder::on(Arc::new(Below(disk.clone(), "bad")), 7);
    let mut folder = PickupFolder::on(Arc::new(disk.clone()), Path::new("pickup"), settings, bad, late(0)).unwrap();
    let bad = |end: &str| disk.names().iter().filter(|name| name.starts_with("bad/") && name.ends_with(end)).count();
    let before = bad(".eml");
    disk.trouble(crate::disk::faulty::Trouble { opens_fail: true, ..Default::default() });
    folder.round(late(0));
    assert_eq!((bad(".json"), folder.waiting.len()), (before, 4));
    disk.trouble(Default::default());
    folder.round(late(100));
    assert_eq!((bad(".json"), bad(".eml"), folder.waiting.len()), (before + 4, before + 4, 0));
}
