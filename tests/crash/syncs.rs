//! Every promise follows a sync: read from a trace of the daemon's system calls.

use std::{collections::HashMap, time::Duration};

use crate::daemon::{
    home::{route, Home},
    load::{content, Kind, Load, Promise},
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

#[test]
#[ignore = "needs strace; .ci/run runs it"]
fn a_file_of_a_pickup_folder_is_claimed_for_good_before_it_is_mailed_and_removed_when_it_is() {
    const CALLS: &str = "trace=fsync,fdatasync,pwrite64,pwritev,pwritev2,renameat,renameat2,unlinkat";
    let (sink, folder) = (Sink::start(), tempfile::tempdir().expect("a temporary folder"));
    let (pickup, hidden) = (folder.path().join("pickup"), folder.path().join("hidden"));
    let settings = format!("[[pickup]]\nfolder = {pickup:?}\nrest = \"0 s\"\nscan = \"200 ms\"\n");
    let home = Home::new("segment_size = \"1 MiB\"", &(settings + &route("*", sink.port, "")));
    let out = home.path("trace").display().to_string();
    let arguments = ["strace", "-f", "-y", "-s", "1000000", "-e", CALLS, "-e", "signal=none", "-o", &out];
    let daemon = home.start_under(&arguments);
    let above = b"x-sender: <a@from.example>\r\nx-receiver: <b@live.example>\r\n".to_vec();
    std::fs::write(&hidden, [above, content("p-0", 2000)].concat()).expect("files can be written");
    std::fs::rename(&hidden, pickup.join("file.eml")).expect("files can be renamed");
    assert!(sink.next(Duration::from_secs(20)).is_some(), "it is mailed\n{}", home.log_tail());
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    let trace = String::from_utf8_lossy(&std::fs::read(&out).expect("strace has written")).into_owned();
    let calls = calls(&trace);
    let after = |before: usize, what: &str, test: &dyn Fn(&Call) -> bool| {
        let (from, begin) = (calls[before].returned, before);
        let found = calls[begin..].iter().position(|call| call.began > from && test(call));
        begin + found.unwrap_or_else(|| panic!("no {what} behind {}({})", calls[begin].name, calls[begin].octets))
    };
    let is_claim = |call: &Call| call.octets.contains("-file.eml\"");
    let syncs = |folder: &'static str| move |call: &Call| is_sync(call) && call.descriptor.ends_with(folder);
    let claimed = calls.iter().position(|call| call.name.starts_with("renameat") && is_claim(call)).expect("a claim");
    let is_here = after(claimed, "sync of the claims", &syncs("/pickup/.claimed>"));
    let is_gone_there = after(is_here, "sync of the folder", &syncs("/pickup>"));
    let written =
        after(is_gone_there, "write of the mail", &|call| is_write(call) && call.octets.contains("X-Test-Id"));
    let first = calls.iter().position(|call| is_write(call) && call.octets.contains("X-Test-Id"));
    assert_eq!(first, Some(written), "the mail is written before its claim is for good");
    let segment = calls[written].descriptor;
    let kept = after(written, "sync of the mail", &|call| is_sync(call) && call.descriptor == segment);
    let removed = after(kept, "removal of the claim", &|call| call.name == "unlinkat" && is_claim(call));
    let first = calls.iter().position(|call| call.name == "unlinkat" && is_claim(call));
    assert_eq!(first, Some(removed), "the claim is removed before the mail is on disk");
    after(removed, "sync of the removal", &syncs("/pickup/.claimed>"));
}
