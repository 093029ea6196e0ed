//! The daemon ends while files wait, in order or by `kill -9`: each file is mailed once.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use crate::{
    daemon::{mails, Home},
    left, mail, put, until, AT_SIGHT,
};

fn put_all(home: &Home, numbers: std::ops::Range<usize>) {
    numbers.for_each(|number| put(home, &format!("{number:05}.eml"), mail(&format!("number {number}"))));
}

/// How many are delivered by now.
fn count(home: &Home) -> usize {
    mails(&home.path("drop")).len()
}

/// Waits until so many are delivered and nothing more comes; fails if one is missing or came twice.
fn each_once(home: &Home, all: usize) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    until(home, "all mails", || (count(home) >= all && left(home).is_empty()).then_some(()));
    std::thread::sleep(Duration::from_secs(1)); // for what would come twice
    for mail in home.delivered(all) {
        let subject = mail.lines().find(|line| line.starts_with("Subject: number ")).unwrap();
        *counts.entry(subject.to_owned()).or_default() += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "came more than once: {twice:?}");
    assert_eq!(counts.len(), all, "{}", home.log_tail());
    assert!(!home.path("spool/badmail").exists() || fs::read_dir(home.path("spool/badmail")).unwrap().count() == 0);
}

#[test]
fn interrupted_with_2000_files_waiting_it_ends_in_order_and_the_next_start_mails_the_rest() {
    const ALL: usize = 2000;
    let mut home = Home::with_pickup_and(AT_SIGHT);
    put_all(&home, 0..ALL);
    home.start();
    until(&home, "the first mails", || (count(&home) > 0).then_some(()));
    assert_eq!(home.interrupt(), Some(0), "{}", home.log_tail());
    let (before, waiting) = (count(&home), left(&home).len());
    assert!(before < ALL, "it was done before it was interrupted");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!((count(&home), left(&home).len()), (before, waiting), "something works on");
    home.start();
    each_once(&home, ALL);
    println!("{before} were delivered and {waiting} files waited when it ended");
}

#[test]
fn killed_ten_times_over_3000_files_it_mails_each_once() {
    const LIVES: usize = 10;
    const EACH: usize = 300;
    let mut home = Home::with_pickup_and(AT_SIGHT);
    let (mut claims_cut, begin) = (Vec::new(), Instant::now());
    for life in 0..LIVES {
        put_all(&home, life * EACH..(life + 1) * EACH);
        let before = count(&home);
        let mut daemon = home.spawn();
        // Some lives end when files are claimed, others when the first of their mails are delivered, others by the clock.
        match life % 3 {
            0 => until(&home, "a claim", || (claims(&home) > 0).then_some(())),
            1 => until(&home, "a delivery", || (count(&home) > before).then_some(())),
            _ => std::thread::sleep(Duration::from_millis(40 * life as u64)),
        }
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        claims_cut.push(claims(&home));
    }
    assert!(claims_cut.iter().any(|claims| *claims > 0), "no kill came between a claim and its end: {claims_cut:?}");
    home.start();
    each_once(&home, LIVES * EACH);
    println!("claims that were there behind each kill: {claims_cut:?}; {:?}", begin.elapsed());
}

fn claims(home: &Home) -> usize {
    let names = fs::read_dir(home.path("pickup/.claimed")).into_iter().flatten();
    names.filter(|name| name.as_ref().unwrap().file_name() != ".lock").count()
}
