//! The daemon between real mail programs: each pair of a program that sends and one that takes is a test.
//!
//! `cargo test --release --test interop -- --ignored --test-threads=1`, as `.ci/run` does it. Cargo does
//! not build the daemon for one test target: `cargo build --release --package postrider-cli` comes first. A program that is not
//! installed is a failure: `.ci/packages` and `.ci/roots` install all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

#[path = "../daemon/mod.rs"]
mod daemon;

mod asking;
mod downgrade;
mod exchangers;
mod faults;
mod gate;
mod lmtp;
mod mail;
mod mailboxes;
mod opensmtpd;
mod pairs;
mod peers;
mod real_exchangers;
mod reports;
mod senders;
mod sendmail;
