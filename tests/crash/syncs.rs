//! Every promise follows a sync: read from a trace of the daemon's system calls.

use std::{collections::HashMap, time::Duration};

use crate::daemon::{
    home::{route, Home},
    load::{Kind, Load, Promise},
    sink::Sink,
    within,
};

const CALLS: &str = "trace=fdatasync,fsync,pwrite64,pwritev,pwritev2,sendto,sendmsg,writev,write";
const KIND: Kind = Kind { threads: 4, mails: 120, domain: "live.example", octets: 2000 };

/// A system call: where in the trace it began and where it had returned.
struct Call<'a> {
    name: &'a str,
    descriptor: &'a str,
    /// What was written, as strace shows it.
    octets: &'a str,
    began: usize,
    returned: usize,
}

/// The calls of a trace, in the order of their beginning.
fn calls(trace: &str) -> Vec<Call<'_>> {
    let (mut calls, mut open): (Vec<Call>, HashMap<&str, usize>) = (Vec::new(), HashMap::new());
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if text.starts_with("<... ") {
            if let Some(call) = open.remove(thread) {
                calls[call].returned = number;
            }
            continue;
        }
        let Some((name, rest)) = text.split_once('(') else { continue };
        let unfinished = text.ends_with("<unfinished ...>");
        if unfinished {
            open.insert(thread, calls.len());
        }
        let descriptor = rest.split([',', ')', ' ']).next().unwrap_or("");
        let returned = if unfinished { usize::MAX } else { number };
        calls.push(Call { name, descriptor, octets: rest, began: number, returned });
    }
    calls
}

fn is_sync(call: &Call) -> bool {
    matches!(call.name, "fdatasync" | "fsync")
}

fn is_write(call: &Call) -> bool {
    matches!(call.name, "pwrite64" | "pwritev" | "pwritev2")
}

/// Between the write of this mail and its 250 a sync of the same file began and returned. Otherwise: what is missing.
fn check(promise: &Promise, calls: &[Call]) -> Result<(), String> {
    let mark = format!("X-Test-Id: {}\\r", promise.id);
    let said = format!("queued as {}\\r", promise.queued_as);
    let promised = calls.iter().find(|call| !is_write(call) && !is_sync(call) && call.octets.contains(&said));
    let promised = promised.ok_or_else(|| format!("no call says {said:?}"))?;
    let written = calls.iter().find(|call| is_write(call) && call.octets.contains(&mark));
    let written = written.ok_or_else(|| format!("no call writes {mark:?}"))?;
    let between = |call: &Call| call.began > written.returned && call.returned < promised.began;
    let synced = calls.iter().any(|call| is_sync(call) && call.descriptor == written.descriptor && between(call));
    let (from, until) = (written.returned, promised.began);
    synced.then_some(()).ok_or_else(|| format!("no sync of {} in lines {from} to {until}", written.descriptor))
}

#[test]
#[ignore = "needs strace; .ci/run runs it"]
fn every_promise_follows_a_sync() {
    let sink = Sink::start();
    let home = Home::new("segment_size = \"1 MiB\"", &route("*", sink.port, ""));
    let out = home.path("trace").display().to_string();
    let installed = std::process::Command::new("strace").arg("-V").output().is_ok();
    assert!(installed, "strace is not installed (.ci/packages installs it)");
    let daemon = home.start_under(&["strace", "-f", "-s", "1000000", "-e", CALLS, "-e", "signal=none", "-o", &out]);
    let sent = Load::start(daemon.address, "s", &KIND).wait();
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    assert_eq!(sent.promises.len(), KIND.mails, "refused: {:?}", sent.refusals);
    let trace = String::from_utf8_lossy(&std::fs::read(&out).expect("strace has written")).into_owned();
    let calls = calls(&trace);
    let broken: Vec<_> = sent.promises.iter().filter_map(|promise| check(promise, &calls).err()).collect();
    let syncs = calls.iter().filter(|call| is_sync(call)).count();
    println!("{} promises, {} calls, {syncs} syncs", sent.promises.len(), calls.len());
    assert!(broken.is_empty(), "{} promises without a sync: {:?} …", broken.len(), broken.first());
    // The check is worth something only if it misses the syncs when there are none.
    let without: Vec<Call> = calls.into_iter().filter(|call| !is_sync(call)).collect();
    assert!(sent.promises.iter().all(|promise| check(promise, &without).is_err()), "it does not see a missing sync");
}

#[test]
#[ignore = "needs strace; .ci/run runs it"]
fn a_mail_in_a_mailbox_is_synced_before_it_is_seen_and_its_name_after() {
    const CALLS: &str = "trace=fsync,fdatasync,write,renameat2";
    let home = Home::new("", "[maildir]\nusers = \"any\"\n[[route]]\ndomain = \"live.example\"\nto = \"maildir\"");
    let out = home.path("trace").display().to_string();
    let daemon = home.start_under(&["strace", "-f", "-y", "-e", CALLS, "-e", "signal=none", "-o", &out]);
    let kind = Kind { threads: 1, mails: 1, ..KIND };
    assert_eq!(Load::start(daemon.address, "s", &kind).wait().promises.len(), 1);
    let mailbox = home.spool().join("mail/s-0/new");
    let came = within(Duration::from_secs(10), || std::fs::read_dir(&mailbox).is_ok_and(|names| names.count() == 1));
    assert!(came, "{}", home.log_tail());
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    let trace = String::from_utf8_lossy(&std::fs::read(&out).expect("strace has written")).into_owned();
    let calls = calls(&trace);
    let place = |test: &dyn Fn(&Call) -> bool| calls.iter().rposition(test).expect("it was traced");
    let written = place(&|call| call.name == "write" && call.descriptor.contains("/s-0/tmp/"));
    let synced = place(&|call| is_sync(call) && call.descriptor.contains("/s-0/tmp/"));
    let published = place(&|call| call.name == "renameat2" && call.octets.contains("/s-0/new"));
    let kept = place(&|call| is_sync(call) && call.descriptor.ends_with("/s-0/new>"));
    for (before, after) in [(written, synced), (synced, published), (published, kept)] {
        let (before, after) = (&calls[before], &calls[after]);
        assert!(before.returned < after.began, "{}({}) before {}", before.name, before.descriptor, after.name);
    }
}
