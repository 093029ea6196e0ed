//! The examples of programs that send: each is run as a person would run it, against a peer that tells what it took.
//!
//! Rule: an example is judged from outside: by its exit code, its answers, and what arrived.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

mod http;
mod outbox;
mod program;
mod refusals;
mod services;
mod systems;
mod threads;
