//! What the daemon promises, tested on the whole process: killed, ended, crowded, without space, traced.
//!
//! `cargo test --release --test crash -- --ignored --test-threads=1`, as `.ci/run` does it. Cargo does
//! not build the daemon for one test target: `cargo build --release --package postrider-cli` comes first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

#[path = "../daemon/mod.rs"]
mod daemon;

mod account;
mod crowds;
mod folders;
mod kills;
mod mailboxes;
mod programs;
mod reloads;
mod space;
mod starts;
mod syncs;
