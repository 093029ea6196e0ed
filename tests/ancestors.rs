//! The stress programs of `examples/ancestors`, in short runs: what the engine is spared, and that the harness sees the
//! failure where the ancestor's design has it.
//!
//! Rule: a program is judged by what a person would look at: its exit code and its last line.

// What it unwraps is the test failing.
#![allow(clippy::expect_used)]

use std::{path::Path, process::Command};

/// The exit code, and the last line of what it printed.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let (code, said) = run_all(arguments);
    (code, said.last().cloned().unwrap_or_default())
}

/// The exit code, and the lines that it printed.
fn run_all(arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let test = std::env::current_exe().expect("this test has a path");
    let profile = test.parent().and_then(Path::parent).expect("it lies in the folder `deps` of its profile");
    let program = profile.join("examples/ancestors");
    assert!(program.exists(), "{} is missing: cargo build --example ancestors", program.display());
    let output = Command::new(program).args(arguments).output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), said.lines().map(str::to_owned).collect())
}

#[test]
fn a_mail_in_the_hands_of_a_late_sink_is_neither_delivered_nor_gone() {
    let (code, line) = run(&["kb836549", "--mails", "200"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("kb836549: 200 mails, "), "{line}");
}

#[test]
fn the_design_of_the_ancestor_fails_in_the_same_harness() {
    let (code, line) = run(&["kb836549", "--naive", "--mails", "200"]);
    assert_eq!(code, Some(1), "{line}");
    assert!(line.starts_with("naive: lost ") && line.contains(" of 200; first: "), "{line}");
}

#[test]
fn with_one_thread_the_design_of_the_ancestor_passes_and_that_is_why_it_was_trusted() {
    let (code, line) = run(&["kb836549", "--naive", "--mails", "60", "--workers", "1"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("naive: lost 0, duplicated 0, damaged 0 of 60"), "{line}");
}

#[test]
fn threads_that_send_at_once_lose_nothing_though_their_engine_is_killed() {
    let (code, line) = run(&["q181697", "--processes", "1", "--mails", "60", "--kills", "6", "--seconds", "60"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("q181697: 240 mails of 1 processes with 4 threads each, "), "{line}");
    assert!(!line.contains(", 0 kills of the engine"), "{line}");
}

#[test]
fn processes_that_send_at_once_lose_nothing_whoever_of_them_is_killed() {
    let (code, line) = run(&["q181697", "--processes", "3", "--mails", "40", "--kills", "8", "--seconds", "60"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("q181697: 480 mails of 3 processes with 4 threads each, "), "{line}");
}

#[test]
fn library_socket_pickup_and_sendmail_at_once_lose_nothing_whoever_of_them_is_killed() {
    let (code, said) = run_all(&["q181697", "--mails", "30", "--kills", "8", "--seconds", "60"]);
    let line = said.last().expect("it says something");
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("q181697: 480 mails of 4 processes with 4 threads each, "), "{line}");
    for way in ["library ", "connect ", "pickup ", "sendmail "] {
        assert!(said.iter().any(|line| line.starts_with(way) && line.contains(" 120 begun")), "{way}: {said:?}");
    }
    let down = "while the engine was down ";
    let waited = said.iter().find_map(|line| line.strip_prefix(down)).expect("it says how many");
    assert!(!waited.starts_with("0 "), "no call of sendmail met an engine that is down: {waited}");
}

#[test]
fn without_the_command_nothing_is_run() {
    let (code, said) = run_all(&["q181697", "--postrider", "/nosuch/postrider"]);
    assert_eq!((code, said.iter().any(|line| line.contains("begun"))), (Some(2), false), "{said:?}");
}

#[test]
fn names_made_from_the_clock_lose_mail_in_the_same_harness() {
    let (code, line) = run(&["q181697", "--naive", "--mails", "60"]);
    assert_eq!(code, Some(1), "{line}");
    assert!(line.starts_with("naive: lost ") && line.contains(" of 960"), "{line}");
}

#[test]
fn with_one_writer_they_pass_and_that_is_why_they_were_trusted() {
    let (code, line) = run(&["q181697", "--naive", "--processes", "1", "--threads", "1", "--mails", "200"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("naive: lost 0, duplicated 0, damaged 0 of 200"), "{line}");
}

/// Few copies of each input: what is shown is that it is seen, not how rare it is.
const FEW: [&str; 7] = ["q214685", "--long", "1", "--every", "499", "--flips", "2"];

#[test]
fn each_conversion_comes_to_what_it_comes_to_alone_while_pools_and_engines_come_and_go() {
    let (code, line) = run(&[&FEW[..], &["--seconds", "3"]].concat());
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("q214685: ") && line.contains(" on 64 threads, while "), "{line}");
    assert!(!line.contains("while 0 pools") && !line.contains("and 0 engines"), "{line}");
}

#[test]
fn a_converter_that_is_shut_down_at_each_use_loses_what_others_convert() {
    let (code, line) = run(&[&FEW[..], &["--naive"]].concat());
    assert_eq!(code, Some(1), "{line}");
    assert!(line.starts_with("naive: lost ") && line.contains(", crashed 0 of "), "{line}");
    assert!(!line.starts_with("naive: lost 0,") && !line.contains(", damaged 0,"), "{line}");
}

#[test]
fn with_one_thread_it_converts_as_it_should_and_that_is_why_it_was_sold() {
    let (code, line) = run(&[&FEW[..], &["--naive", "--threads", "1"]].concat());
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("naive: lost 0, damaged 0, crashed 0 of "), "{line}");
}

#[test]
fn what_it_does_not_know_is_an_error_and_nothing_is_run() {
    assert_eq!(run(&["kb836549", "--nosuch"]).0, Some(2));
    assert_eq!(run(&["kb836549", "--workers", "0"]).0, Some(2));
    assert_eq!(run(&["q181697", "--kills", "some"]).0, Some(2));
    assert_eq!(run(&["q181697-part", "engine"]).0, Some(2));
    assert_eq!(run(&["q214685", "--every", "0"]).0, Some(2));
    assert_eq!(run(&["q214685", "--seed"]).0, Some(2));
    assert_eq!(run(&["nosuch"]).0, Some(2));
    assert_eq!(run(&[]).0, Some(0));
}
