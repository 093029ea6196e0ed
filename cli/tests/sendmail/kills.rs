//! The daemon is killed again and again while programs call: each call that returned 0 is one mail, and no other call made two.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::daemon::Home;

const CALLS: usize = 200;
const AT_ONCE: usize = 8;

/// The numbers of the mails, each with how often it is there.
fn counted(mails: &[String]) -> HashMap<usize, usize> {
    let mut counts = HashMap::new();
    for mail in mails {
        let number = mail.lines().find_map(|line| line.strip_prefix("Subject: mail ")).unwrap().parse().unwrap();
        *counts.entry(number).or_default() += 1;
    }
    counts
}

/// Takes numbers, and calls once for each; the numbers of the calls that returned 0, and whether the mail went to the pickup folder.
fn call_all(home: &Home, next: &AtomicUsize) -> Vec<(usize, bool)> {
    let mut good = Vec::new();
    loop {
        let number = next.fetch_add(1, SeqCst);
        if number >= CALLS {
            return good;
        }
        let mail = format!("Subject: mail {number}\n\n{}", "text\n".repeat(number * 20));
        let ended = home.send(&["-i", "-v", "x@b.example"], mail);
        if ended.code == 0 {
            good.push((number, ended.out.starts_with("waits")));
        }
    }
}

/// Kills the daemon until the calls are done; how often.
fn kill_until(home: &Home, done: &AtomicBool) -> u64 {
    let mut kills = 0;
    while !done.load(SeqCst) {
        let mut daemon = home.spawn();
        sleep(Duration::from_millis(30 + 37 * (kills % 7)));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        kills += 1;
    }
    kills
}

fn all(home: &Home) -> HashMap<usize, usize> {
    counted(&home.delivered(0))
}

#[test]
fn whatever_call_returned_0_is_one_mail_however_often_the_daemon_is_killed() {
    let mut home = Home::with_pickup();
    let (next, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (good, kills) = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| call_all(&home, &next))).collect();
        let killer = scope.spawn(|| kill_until(&home, &done));
        let good: Vec<_> = callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
        done.store(true, SeqCst);
        (good, killer.join().unwrap())
    });
    assert!(kills >= 3 && good.len() > CALLS / 2, "{kills} kills, {} calls were good", good.len());
    let waited = good.iter().filter(|(_, waits)| *waits).count();
    let good: Vec<usize> = good.into_iter().map(|(number, _)| number).collect();
    home.start();
    let ends = Instant::now() + Duration::from_secs(30);
    while !good.iter().all(|number| all(&home).contains_key(number)) {
        assert!(
            Instant::now() < ends,
            "lost: {:?}",
            good.iter().filter(|n| !all(&home).contains_key(n)).collect::<Vec<_>>()
        );
        sleep(Duration::from_millis(100));
    }
    sleep(Duration::from_secs(1)); // for what would come twice
    let counts = all(&home);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    println!("{kills} kills, {} of {CALLS} calls were good, {waited} waited in the pickup folder", good.len());
}
