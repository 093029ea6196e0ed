//! Who waits, who does not, and what a restart, a crash and damage leave.

use std::fs;

use postrider_engine::events::Said;
use tempfile::TempDir;

use super::*;
use crate::events::given::{address, now, pass, rcpt, told};

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn settings(home: &TempDir) -> GreylistSettings {
    GreylistSettings { now, ..GreylistSettings::new(home.path()) }
}

fn greylist(home: &TempDir) -> Greylist {
    Greylist::new(settings(home)).unwrap()
}

async fn waits(list: &mut Greylist, ip: &str, to: &str) -> bool {
    let told = told::<RcptTo>(list, rcpt(ip, to)).await;
    assert!(told.as_ref().is_none_or(|told| told.starts_with("451 4.7.1 Greylisted")), "{told:?}");
    told.is_some()
}

#[tokio::test]
async fn a_stranger_waits_until_the_delay_is_over_and_is_known_from_then_on() {
    let home = tempfile::tempdir().unwrap();
    let mut list = greylist(&home);
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    pass(minutes(4));
    assert!(waits(&mut list, "192.0.2.7", "b@x").await, "too early");
    pass(minutes(1));
    assert!(!waits(&mut list, "192.0.2.99", "B@X").await, "another host of the same network came again");
    pass(Duration::from_secs(35 * 86_400));
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await, "known");
    assert!(waits(&mut list, "192.0.2.7", "c@x").await, "another recipient");
    assert!(waits(&mut list, "198.51.100.1", "b@x").await, "another network");
    pass(Duration::from_secs(37 * 86_400));
    assert!(waits(&mut list, "192.0.2.7", "b@x").await, "forgotten");
}

#[tokio::test]
async fn whoever_comes_again_too_late_is_a_stranger() {
    let home = tempfile::tempdir().unwrap();
    let mut list = greylist(&home);
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    pass(Duration::from_secs(2 * 86_400 + 1));
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
}

#[tokio::test]
async fn a_network_that_came_again_often_enough_waits_no_more() {
    let home = tempfile::tempdir().unwrap();
    let mut list = Greylist::new(GreylistSettings { successes: 2, ..settings(&home) }).unwrap();
    for to in ["a@x", "b@x"] {
        assert!(waits(&mut list, "192.0.2.7", to).await);
        pass(minutes(6));
        assert!(!waits(&mut list, "192.0.2.7", to).await);
    }
    assert!(!waits(&mut list, "192.0.2.8", "c@x").await);
    assert!(waits(&mut list, "192.0.3.8", "c@x").await);
}

#[tokio::test]
async fn what_is_known_survives_a_restart_and_so_does_who_waits() {
    let home = tempfile::tempdir().unwrap();
    let mut list = greylist(&home);
    let quoted = Said { sender: Some(None), recipient: Some(address("\"a 100%\"@x")), ..rcpt("2001:db8::1", "b@x") };
    assert!(told::<RcptTo>(&mut list, quoted.clone()).await.is_some());
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    pass(minutes(6));
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await);
    drop(list);
    let mut list = greylist(&home);
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await);
    assert!(told::<RcptTo>(&mut list, quoted).await.is_none());
    assert!(!home.path().join("greylist.new").exists());
}

#[tokio::test]
async fn a_crash_forgets_at_most_what_came_within_the_last_second() {
    let home = tempfile::tempdir().unwrap();
    let mut list = greylist(&home);
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    pass(Duration::from_secs(1));
    assert!(waits(&mut list, "192.0.2.7", "c@x").await);
    assert!(waits(&mut list, "192.0.2.7", "d@x").await);
    let crashed = fs::read(home.path().join("greylist")).unwrap();
    drop(list);
    // The last line was on its way when the power went.
    fs::write(home.path().join("greylist"), [&crashed[..], b"0a1b2c3d W 12"].concat()).unwrap();
    pass(minutes(6));
    let mut list = greylist(&home);
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await && !waits(&mut list, "192.0.2.7", "c@x").await);
    assert!(waits(&mut list, "192.0.2.7", "d@x").await);
    assert_eq!(aside(&home), 0, "a torn end is no damage");
}

fn aside(home: &TempDir) -> usize {
    let names = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("greylist.damaged-")).count()
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_what_can_be_read_of_it_is_used() {
    for (from, to) in [("postrider", "postfix  "), ("b@x", "c@x")] {
        let home = tempfile::tempdir().unwrap();
        let mut list = greylist(&home);
        for recipient in ["b@x", "d@x"] {
            assert!(waits(&mut list, "192.0.2.7", recipient).await);
        }
        drop(list);
        let text = fs::read_to_string(home.path().join("greylist")).unwrap();
        fs::write(home.path().join("greylist"), text.replacen(from, to, 1)).unwrap();
        pass(minutes(6));
        let mut list = greylist(&home);
        assert!(!waits(&mut list, "192.0.2.7", "d@x").await, "its line was whole");
        assert!(waits(&mut list, "192.0.2.7", "c@x").await, "nobody wrote this line");
        assert_eq!(aside(&home), 1);
    }
}

#[tokio::test]
async fn without_its_folder_it_works_from_memory_and_writes_when_it_can() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("sub");
    fs::write(&folder, "a file").unwrap();
    let settings = GreylistSettings { folder: folder.clone(), ..settings(&home) };
    let mut list = Greylist::new(settings.clone()).unwrap();
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    fs::remove_file(&folder).unwrap();
    pass(minutes(6));
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await);
    drop(list);
    assert!(!waits(&mut Greylist::new(settings).unwrap(), "192.0.2.7", "b@x").await);
}

#[tokio::test]
async fn two_of_them_never_write_into_one_folder() {
    let home = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (greylist(&home), greylist(&home));
    assert!(waits(&mut first, "192.0.2.7", "b@x").await);
    assert!(waits(&mut second, "192.0.2.7", "c@x").await);
    assert!(second.state.as_ref().is_some_and(|state| state.lines.is_none()));
}

#[tokio::test]
async fn the_clients_that_are_exempt_never_wait_and_who_is_refused_anyway_is_not_remembered() {
    let home = tempfile::tempdir().unwrap();
    let exempt = vec!["192.0.2.0/24".parse().unwrap()];
    let mut list = Greylist::new(GreylistSettings { exempt, ..settings(&home) }).unwrap();
    let mut known = rcpt("198.51.100.1", "b@x");
    known.caller.peer.identity = Some("me".into());
    let unknown = Said { native: Some(Reply::new(550, 1, 1, "no")), ..rcpt("198.51.100.1", "b@x") };
    for said in [rcpt("192.0.2.7", "b@x"), rcpt("no address", "b@x"), known, unknown] {
        assert_eq!(told::<RcptTo>(&mut list, said).await, None);
    }
    assert!(list.state.is_none());
}

#[tokio::test]
async fn strangers_never_push_out_whom_we_know_and_there_is_a_limit() {
    let home = tempfile::tempdir().unwrap();
    let mut list = Greylist::new(GreylistSettings { entries: 3, ..settings(&home) }).unwrap();
    assert!(waits(&mut list, "192.0.2.7", "b@x").await);
    pass(minutes(6));
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await);
    for n in 0..20 {
        assert!(waits(&mut list, &format!("10.0.{n}.1"), "b@x").await);
    }
    assert!(!waits(&mut list, "192.0.2.7", "b@x").await);
    assert_eq!(list.state.as_ref().unwrap().table.len(), 3 + 1 + 1);
}

#[tokio::test]
async fn the_file_is_written_anew_before_most_of_it_is_out_of_date() {
    let home = tempfile::tempdir().unwrap();
    let mut list = Greylist::new(GreylistSettings { entries: 1, ..settings(&home) }).unwrap();
    for n in 0..11_000 {
        pass(Duration::from_millis(100));
        assert!(waits(&mut list, "192.0.2.7", &format!("u{n}@x")).await);
    }
    drop(list);
    let lines = fs::read_to_string(home.path().join("greylist")).unwrap().lines().count();
    assert!(lines < 2000, "{lines}");
}

#[test]
fn settings_with_which_nobody_could_come_in_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let with = |change: &dyn Fn(&mut GreylistSettings)| {
        let mut settings = settings(&home);
        change(&mut settings);
        Greylist::new(settings).map(drop)
    };
    assert_eq!(with(&|settings| settings.delay = settings.retry_until), Err(GreylistError::Never));
    assert_eq!(with(&|settings| settings.entries = 0), Err(GreylistError::NoEntries));
}
